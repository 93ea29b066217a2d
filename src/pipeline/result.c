#include "result.h"

#include "rims.h"

#include <lctem/own_level.h>
#include <lctem/rim_edge.h>
#include <lctem/seam.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SEAM_BLURS =
    0.2; /* error of the border between two particles where it is seen: films of known truth */
static const double GUESS_SHARE = 0.15; /* of a core: with a larger sigma its edge is a guess */

enum lct_status result_init(
    struct result *out, const struct plan *plan, const struct lct_overlay_layout *layout, struct lct_err *err)
{
    struct result r = { 0 };
    enum lct_status status = lct_image_init(&r.plane, plan->width, plan->height, err);
    const size_t n = (size_t)plan->width * (size_t)plan->height;
    r.phase = calloc(n, sizeof *r.phase);
    r.weak = calloc(n, sizeof *r.weak);
    r.labels = calloc(n, sizeof *r.labels);
    r.page = calloc((size_t)plan->grid.width * (size_t)plan->grid.height, sizeof *r.page);
    r.columns = malloc((size_t)plan->grid.width * sizeof *r.columns);
    r.picture = layout ? calloc((size_t)layout->width * (size_t)layout->height, sizeof *r.picture) : NULL;
    if (status == LCT_OK && (!r.phase || !r.weak || !r.labels || !r.page || !r.columns || (layout && !r.picture)))
        status = lct_fail(err, LCT_E_LIMIT, "no memory for the results of a frame");
    if (status != LCT_OK) {
        result_finish(&r);
        return status;
    }
    *out = r;
    return LCT_OK;
}

static void drop_outlines(struct result *r)
{
    for (size_t i = 0; r->outlines && i < 2 * r->n_particles; i++)
        lct_outline_finish(&r->outlines[i]);
    for (size_t i = 0; r->rims && i < r->n_particles; i++)
        lct_rim_finish(&r->rims[i]);
    free(r->rims);
    for (size_t i = 0; r->bands && i < r->n_particles; i++)
        band_finish(&r->bands[i]);
    free(r->bands);
    r->bands = NULL;
    free(r->outlines);
    free(r->rows);
    free(r->particles);
    free(r->lattices);
    r->lattices = NULL;
    r->outlines = NULL;
    r->rims = NULL;
    r->rows = NULL;
    r->particles = NULL;
    r->n_particles = 0;
}

void result_finish(struct result *result)
{
    drop_outlines(result);
    free(result->events);
    lct_image_finish(&result->plane);
    free(result->phase);
    free(result->mask);
    free(result->weak);
    free(result->labels);
    free(result->page);
    free(result->columns);
    free(result->picture);
    sketch_finish(&result->sketch);
    sketch_finish(&result->packed_rims);
    *result = (struct result){ 0 };
}

enum lct_status result_segment(struct result *result, const struct plan *plan, const struct window *window,
    struct lct_mask_work *work, struct lct_err *err)
{
    const enum lct_status status = window_mean(window, result->k, &result->plane, err);
    if (status != LCT_OK)
        return status;
    if (plan->no_particle) {
        memset(result->phase, LCT_LIQUID, lct_image_count(&result->plane));
        return LCT_OK;
    }
    lct_segment_frame(&result->plane, &plan->levels, &plan->segment, work, result->phase);
    result->n_strong =
        lct_segment_weak(&result->plane, &plan->levels, &plan->segment, work, result->phase, result->weak);
    return LCT_OK;
}

/* Pixels whose neighbour to the right or below is of another phase, and that neighbour. */
static void mark_edges(const uint8_t *phase, int width, int height, uint8_t *edge)
{
    memset(edge, 0, (size_t)width * (size_t)height);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const size_t i = (size_t)y * (size_t)width + (size_t)x;
            const size_t right = x + 1 < width ? i + 1 : i, down = y + 1 < height ? i + (size_t)width : i;
            if (phase[i] != phase[right])
                edge[i] = edge[right] = 1;
            if (phase[i] != phase[down])
                edge[i] = edge[down] = 1;
        }
}

enum lct_status result_impose(
    struct result *result, const struct plan *plan, double reach_px, struct lct_mask_work *work, struct lct_err *err)
{
    const struct plane_shift s = plan_shift(plan, result->k);
    const int w = plan->width, h = plan->height;
    uint8_t *mask = malloc((size_t)w * (size_t)h);
    if (!mask)
        return lct_fail(err, LCT_E_LIMIT, "no memory for the mask of a frame");
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const long xf = lround((x + s.fx) * plan->bin + 0.5 * (plan->bin - 1)),
                       yf = lround((y + s.fy) * plan->bin + 0.5 * (plan->bin - 1));
            const long xc = xf < 0 ? 0 : xf >= plan->grid.width ? plan->grid.width - 1 : xf;
            const long yc = yf < 0 ? 0 : yf >= plan->grid.height ? plan->grid.height - 1 : yf;
            mask[(size_t)y * (size_t)w + (size_t)x] = result->mask[yc * plan->grid.width + xc];
        }
    mark_edges(mask, w, h, work->plane);
    lct_mask_distance(work, work->plane);
    for (size_t i = 0; i < (size_t)w * (size_t)h; i++)
        if ((double)work->distance[i] + LCT_CHAMFER_PX > reach_px * LCT_CHAMFER_PX)
            result->phase[i] = mask[i];
    free(mask);
    result->n_strong =
        lct_segment_weak(&result->plane, &plan->levels, &plan->segment, work, result->phase, result->weak);
    return LCT_OK;
}

void result_foresee(
    struct result *result, const struct result *later, const struct plan *plan, struct lct_mask_work *work)
{
    if (later->n_strong <= result->n_strong)
        return;
    const struct plane_shift a = plan_shift(plan, result->k), b = plan_shift(plan, later->k);
    const struct lct_segmented now = { &result->plane, result->phase, result->weak };
    const struct lct_segmented then = { &later->plane, later->phase, later->weak };
    lct_segment_foresee(&now, &then, b.x - a.x, b.y - a.y, &plan->levels, &plan->segment, work);
}

enum lct_status result_take_particles(
    struct result *result, const struct lct_track_particle *particles, size_t n, struct lct_err *err)
{
    drop_outlines(result);
    if (n == 0)
        return LCT_OK;
    result->particles = malloc(n * sizeof *result->particles);
    result->rows = calloc(n, sizeof *result->rows);
    result->outlines = calloc(2 * n, sizeof *result->outlines);
    result->rims = calloc(n, sizeof *result->rims);
    result->bands = calloc(n, sizeof *result->bands);
    if (!result->particles || !result->rows || !result->outlines || !result->rims || !result->bands)
        return lct_fail(err, LCT_E_LIMIT, "no memory for %zu particles", n);
    memcpy(result->particles, particles, n * sizeof *particles);
    result->n_particles = n;
    return LCT_OK;
}

enum lct_status result_take_events(struct result *result, const struct lct_event *events, size_t n, struct lct_err *err)
{
    free(result->events);
    result->n_events = 0;
    result->events = n > 0 ? malloc(n * sizeof *events) : NULL;
    if (n > 0 && !result->events)
        return lct_fail(err, LCT_E_LIMIT, "no memory for %zu events", n);
    if (n > 0)
        memcpy(result->events, events, n * sizeof *events);
    result->n_events = n;
    return LCT_OK;
}

/* From the plane, whose pixels lie on the whole pixels of the sample, to the frame as recorded. */
static void to_frame(const struct plan *plan, long k, double *x, double *y)
{
    const struct plane_shift s = plan_shift(plan, k);
    *x = (*x + s.fx) * plan->bin + 0.5 * (plan->bin - 1);
    *y = (*y + s.fy) * plan->bin + 0.5 * (plan->bin - 1);
}

static void outline_to_frame(struct lct_outline *o, const struct plan *plan, long k)
{
    for (size_t r = 0; r < o->n_rings; r++)
        for (size_t i = 0; i < o->rings[r].n; i++)
            to_frame(plan, k, &o->rings[r].x_px[i], &o->rings[r].y_px[i]);
}

static void fill_row(struct area_row *row, const struct lct_track_particle *p, const struct lct_area *area,
    const struct lct_enclosed *total, const struct plan *plan, long k)
{
    const double px2 = (double)plan->bin * plan->bin;
    *row = (struct area_row){ .particle = p->id,
        .core_px2 = area->core_px2 * px2,
        .core_sd_px2 = area->core_sd_px2 * px2,
        .shell_px2 = area->shell_px2 * px2,
        .shell_sd_px2 = area->shell_sd_px2 * px2,
        .total_px2 = area->total_px2 * px2,
        .total_sd_px2 = area->total_sd_px2 * px2,
        .core_common_sd_px2 = area->core_common_sd_px2 * px2,
        .total_common_sd_px2 = area->total_common_sd_px2 * px2,
        .core_shared_sd_px2 = area->core_shared_sd_px2 * px2,
        .total_shared_sd_px2 = area->total_shared_sd_px2 * px2,
        .core_light_sd_px2 = area->core_light_sd_px2 * px2,
        .total_light_sd_px2 = area->total_light_sd_px2 * px2,
        .cx_px = total->x_px,
        .cy_px = total->y_px,
        .border = p->border,
        .contact = p->contact,
        .low_contrast = area->core_sd_px2 > GUESS_SHARE * area->core_px2 };
    memcpy(row->parents, p->parents, sizeof row->parents);
    to_frame(plan, k, &row->cx_px, &row->cy_px);
    row->x_px = row->cx_px - plan->frames[k].dx_px;
    row->y_px = row->cy_px - plan->frames[k].dy_px;
}

/* The pixel of the plane that is nearest to one of the recorded frame, along one axis. */
static long on_plane(const struct plan *plan, int at, double shift, int most)
{
    const long p = lround((at - 0.5 * (plan->bin - 1)) / plan->bin - shift);
    return p < 0 ? 0 : p >= most ? most - 1 : p;
}

/* The first x whose column of the plane is `column` or beyond; they rise with x. */
static int first_of_column(const struct result *r, int width, int column)
{
    int low = 0, high = width;
    while (low < high) {
        const int middle = (low + high) / 2;
        if (r->columns[middle] < column)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The columns that hold all labels of a row: [0], and up to [1]. Most of a row is liquid, which is passed four pixels at a
 * time. */
static void find_labels(const uint16_t *row, int width, int found[2])
{
    int from = 0, end = width;
    for (uint64_t four = 0; from + 4 <= end; from += 4) {
        memcpy(&four, row + from, sizeof four);
        if (four)
            break;
    }
    for (uint64_t four = 0; from + 4 <= end; end -= 4) {
        memcpy(&four, row + end - 4, sizeof four);
        if (four)
            break;
    }
    found[0] = from;
    found[1] = end;
}

/* Labels per pixel of the recorded frame. Where the plane is binned, several rows are the same. */
static void fill_page(struct result *r, const struct plan *plan)
{
    const struct plane_shift s = plan_shift(plan, r->k);
    const int w = plan->grid.width, h = plan->grid.height;
    for (int x = 0; x < w; x++)
        r->columns[x] = (int32_t)on_plane(plan, x, s.fx, plan->width);
    const uint16_t *before = NULL;
    for (int y = 0; y < h; y++) {
        const uint16_t *row = r->labels + on_plane(plan, y, s.fy, plan->height) * plan->width;
        uint16_t *out = r->page + (size_t)y * (size_t)w;
        if (row == before) {
            memcpy(out, out - w, (size_t)w * sizeof *out);
            continue;
        }
        int found[2];
        find_labels(row, plan->width, found);
        const int from = first_of_column(r, w, found[0]), end = first_of_column(r, w, found[1]);
        memset(out, 0, (size_t)w * sizeof *out);
        for (int x = from; x < end; x++)
            out[x] = row[r->columns[x]];
        before = row;
    }
}

/* The rim of particle i, while its outlines are on the pixels of the plane; kept in square px of the sample. */
static enum lct_status trace_rim(
    struct result *r, const struct plan *plan, size_t i, double shell_px2, struct lct_err *err)
{
    struct lct_rim *rim = &r->rims[i];
    const enum lct_status status = lct_rim_trace(rim, &r->outlines[2 * i], shell_px2, &r->plane, &plan->levels, err);
    rim->spacing_px *= plan->bin;
    for (size_t k = 0; k < rim->n; k++) {
        struct lct_rim_point *p = &rim->points[k];
        to_frame(plan, r->k, &p->x_px, &p->y_px);
        p->x_px -= plan->frames[r->k].dx_px;
        p->y_px -= plan->frames[r->k].dy_px;
        p->thickness_px *= plan->bin;
        p->void_px *= plan->bin;
    }
    return status;
}

/* What a gap too narrow to be cut, and the place of it, take from a particle or give it. */
static void settle_border(struct area_row *row, double more_px2, double sd_px2)
{
    row->total_px2 += more_px2;
    row->shell_px2 = fmax(0.0, row->total_px2 - row->core_px2);
    const double other = lct_stats_without(row->total_sd_px2, row->total_shared_sd_px2),
                 shell = lct_stats_without(row->shell_sd_px2, row->total_shared_sd_px2);
    row->total_shared_sd_px2 = fmin(row->total_shared_sd_px2, sd_px2);
    row->total_sd_px2 = hypot(other, row->total_shared_sd_px2);
    row->shell_sd_px2 = hypot(shell, row->total_shared_sd_px2);
}

/* Borders between particles that touch, where liquid between them is seen. */
static void find_seams(struct result *r, const struct plan *plan)
{
    const double px2 = (double)plan->bin * plan->bin;
    const struct plane_shift shift = plan_shift(plan, r->k);
    const struct lct_seam_film film = { plan->film.px ? &plan->film : NULL, shift.x, shift.y };
    for (size_t i = 0; i < r->n_particles; i++) {
        const struct lct_track_particle *p = &r->particles[i];
        const struct lct_extent box = { p->pixels.x0, p->pixels.y0, p->pixels.x1, p->pixels.y1 };
        for (size_t j = i + 1; p->contact && j < r->n_particles; j++) {
            if (!r->particles[j].contact)
                continue;
            const struct lct_seam_pair pair = { p->id, r->particles[j].id, box };
            const struct lct_seam s = lct_seam_find(r->labels, &r->plane, &film, &plan->levels, &pair);
            const double sd = SEAM_BLURS * plan->levels.blur_px * s.length_px;
            if (!s.seen)
                continue;
            settle_border(&r->rows[i], (s.place_px - 0.5 * s.width_px) * s.length_px * px2, sd * px2);
            settle_border(&r->rows[j], (-s.place_px - 0.5 * s.width_px) * s.length_px * px2, sd * px2);
        }
    }
}

enum lct_status result_measure(struct result *result, const struct plan *plan, struct lct_err *err)
{
    for (size_t i = 0; i < result->n_particles; i++) {
        const struct lct_track_particle *p = &result->particles[i];
        const struct lct_extent box = { p->pixels.x0, p->pixels.y0, p->pixels.x1, p->pixels.y1 };
        struct lct_outline *outlines = &result->outlines[2 * i];
        struct lct_enclosed enclosed[2];
        const struct lct_levels own = lct_levels_of_particle(&plan->levels, &result->plane, result->labels, p->id, box);
        for (int k = 0; k < 2; k++) {
            const enum lct_status status = lct_outline_trace(
                &outlines[k], result->labels, &result->plane, &own, p->id, k == 0 ? LCT_CORE : LCT_SHELL, box, err);
            if (status != LCT_OK)
                return status;
            enclosed[k] = lct_outline_enclosed(&outlines[k]);
        }
        enum lct_status status = trace_rim(result, plan, i, enclosed[1].area_px2 - enclosed[0].area_px2, err);
        if (status != LCT_OK)
            return status;
        for (int k = 0; k < 2; k++)
            outline_to_frame(&outlines[k], plan, result->k);
        status = band_cut(&result->bands[i], plan, result->k, &result->plane, outlines, err);
        if (status != LCT_OK)
            return status;
        const struct lct_area area = lct_area_measure(&enclosed[0], &enclosed[1], &plan->levels);
        fill_row(&result->rows[i], p, &area, &enclosed[1], plan, result->k);
    }
    find_seams(result, plan);
    fill_page(result, plan);
    return sketch_pack(&result->sketch, result, err);
}

/* What the layers of a rim take from the areas. */
static void take_out_layers(struct area_row *row, const struct lct_rim *rim, const struct lct_image *frame,
    const struct plan_frame *at, const struct plan *plan, double layer_px)
{
    const struct lct_rim_edge_params params = { .dx_px = at->dx_px,
        .dy_px = at->dy_px,
        .spacing_px = layer_px,
        .smoothing_px = plan->sigma_px * plan->bin,
        .blur_px = plan->levels.blur_px * plan->bin };
    const struct lct_rim_edge_shift shift = lct_rim_edge_shift_of(rim, frame, &params);
    row->core_px2 = fmax(0.0, row->core_px2 + shift.core_px2);
    row->total_px2 = fmax(0.0, row->total_px2 + shift.total_px2);
    row->shell_px2 = fmax(0.0, row->total_px2 - row->core_px2);
}

enum lct_status result_measure_rims(struct result *result, const struct plan *plan, const struct rims_sample *sample,
    double layer_px, const struct lct_image *frame, struct lct_err *err)
{
    const struct plan_frame *f = &plan->frames[result->k];
    for (size_t i = 0; layer_px > 0.0 && i < result->n_particles; i++) {
        lct_rim_find_fringes(&result->rims[i], frame, f->dx_px, f->dy_px, layer_px);
        take_out_layers(&result->rows[i], &result->rims[i], frame, f, plan, layer_px);
    }
    return rims_pack(&result->packed_rims, result, sample, err);
}

enum lct_status result_measure_lattices(struct result *result, const struct lattices_plan *plan,
    struct lattices_work *work, const struct lct_image *frame, struct lct_err *err)
{
    if (result->n_particles == 0 || plan->side_px == 0)
        return LCT_OK;
    result->lattices = malloc(result->n_particles * sizeof *result->lattices);
    if (!result->lattices)
        return lct_fail(err, LCT_E_LIMIT, "no memory for the lattices of %zu particles", result->n_particles);
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < result->n_particles; i++) {
        const struct lattices_core core = { result->particles[i].id, result->page, &result->outlines[2 * i] };
        status = lattices_measure(plan, work, frame, &core, &result->lattices[i], err);
    }
    return status;
}
