#include "lattices.h"

#include "core_weights.h"

#include <lctem/clones.h>
#include <lctem/fft.h>
#include <lctem/moire_run.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_SIDE = 32 };
static const double SMOOTH_NM =
    0.8; /* of the local amplitudes: the nearest wave, a Moire vector away, leaks in with e^-29 */
static const double WIDE_NM = 1.5;       /* the same where noise does not let the narrower one tell anything */
static const double LATTICE_FRAC = 0.35; /* of the median amplitude: with less around it a vortex means nothing */
static const double LEAST_CORE = 4.0;    /* widths of the fading in the diameter of a core that can be measured */

struct lattices_work {
    struct lct_spectrum *spectrum;
    struct core_weights *weights;
    struct lct_extent cut; /* of the frame, what was loaded */
    struct lct_spectrum_cells cells[6];
};

enum lct_status lattices_plan_make(struct lattices_plan *out, const struct plan *plan, struct lct_scale scale,
    const struct lct_recipe *recipe, struct lct_err *err)
{
    struct lattices_plan p = { 0 };
    const enum lct_status status = lct_moire_params_make(&p.params, recipe, err);
    if (status != LCT_OK)
        return status;
    p.params.peaks.max_waves = 24;
    p.params.peaks.min_cycles = 4.0; /* what is coarser is the core's own shading */
    if (isfinite(scale.nm_per_px) && !plan->no_particle) {
        p.margin_px = plan->bin;
        p.metric = lct_metric_pixels(scale.nm_per_px, scale.nm_per_px_y);
        /* a hexagon of that area, corner to corner, room to grow, and room around it in the transform */
        const double across = 1.4 * 1.25 * 1.2 * sqrt(plan->levels.largest_core_px) * plan->bin;
        const int least = plan->grid.width < plan->grid.height ? plan->grid.width : plan->grid.height;
        p.side_px = across < least ? lct_fft_good_size((int)across) : least;
        p.side_px = p.side_px > least ? least : p.side_px;
        p.side_px = p.side_px < LEAST_SIDE ? 0 : p.side_px;
    }
    *out = p;
    return LCT_OK;
}

void lattices_work_destroy(struct lattices_work **work)
{
    if (!*work)
        return;
    lct_spectrum_destroy(&(*work)->spectrum);
    core_weights_destroy(&(*work)->weights);
    free(*work);
    *work = NULL;
}

enum lct_status lattices_work_create(struct lattices_work **out, const struct lattices_plan *plan, struct lct_err *err)
{
    *out = NULL;
    if (plan->side_px == 0)
        return LCT_OK;
    struct lattices_work *w = calloc(1, sizeof *w);
    if (!w)
        return lct_fail(err, LCT_E_LIMIT, "lattices: no memory");
    enum lct_status status = core_weights_create(&w->weights, plan->side_px, plan->margin_px, err);
    if (status == LCT_OK)
        status = lct_spectrum_create(&w->spectrum, plan->side_px, plan->side_px, err);
    if (status != LCT_OK)
        lattices_work_destroy(&w);
    *out = w;
    return status;
}

static void clip(struct lct_extent *box, const struct lct_image *frame)
{
    box->x0 = box->x0 < 0 ? 0 : box->x0;
    box->y0 = box->y0 < 0 ? 0 : box->y0;
    box->x1 = box->x1 >= frame->width ? frame->width - 1 : box->x1;
    box->y1 = box->y1 >= frame->height ? frame->height - 1 : box->y1;
}

/* Pixels that an outline in px of the frame may hold, and what lies next to them. */
static struct lct_extent around(const struct lct_outline *outline, int margin, const struct lct_image *frame)
{
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    for (size_t r = 0; r < outline->n_rings; r++)
        for (size_t i = 0; i < outline->rings[r].n; i++) {
            const double x = outline->rings[r].x_px[i], y = outline->rings[r].y_px[i];
            x0 = x < x0 ? x : x0;
            x1 = x > x1 ? x : x1;
            y0 = y < y0 ? y : y0;
            y1 = y > y1 ? y : y1;
        }
    if (!(x1 >= x0))
        return (struct lct_extent){ 0, 0, -1, -1 };
    struct lct_extent box = { (int)floor(x0) - margin, (int)floor(y0) - margin, (int)ceil(x1) + margin,
        (int)ceil(y1) + margin };
    clip(&box, frame);
    return box;
}

LCT_CLONES static int count_of(const uint16_t *row, int n, uint16_t label)
{
    int count = 0;
    for (int x = 0; x < n; x++)
        count += row[x] == label;
    return count;
}

/* The core's pixels: their number, and the box that holds them and one more all around, at most `most` px on a side
 * about its middle. */
static long find_core(
    const struct lct_image *frame, const uint16_t *page, uint16_t label, int most, struct lct_extent *box)
{
    int x0 = frame->width, x1 = -1, y0 = frame->height, y1 = -1;
    long n = 0;
    for (int y = box->y0; y <= box->y1; y++) {
        const uint16_t *row = page + (size_t)y * (size_t)frame->width;
        const int found = count_of(row + box->x0, box->x1 - box->x0 + 1, label);
        if (found == 0)
            continue;
        n += found;
        y0 = y < y0 ? y : y0;
        y1 = y;
        int left = box->x0, right = box->x1;
        while (left < x0 && row[left] != label)
            left++;
        while (right > x1 && row[right] != label)
            right--;
        x0 = left < x0 ? left : x0;
        x1 = right > x1 ? right : x1;
    }
    const int width = x1 - x0 + 3 < most ? x1 - x0 + 3 : most, height = y1 - y0 + 3 < most ? y1 - y0 + 3 : most;
    const int left = (x0 + x1 + 1 - width) / 2, top = (y0 + y1 + 1 - height) / 2;
    *box = (struct lct_extent){ left, top, left + width - 1, top + height - 1 };
    clip(box, frame);
    return n;
}

struct lct_spectrum *lattices_spectrum(struct lattices_work *work)
{
    return work->spectrum;
}

enum lct_status lattices_load(const struct lattices_plan *plan, struct lattices_work *work,
    const struct lct_image *frame, const struct lattices_core *core, struct lct_err *err)
{
    const double nm_per_px = 1.0 / hypot(plan->metric.m[0], plan->metric.m[2]);
    struct lct_extent cut = around(core->outline, plan->margin_px, frame);
    const struct core_weights_page page = { core->page, frame->width, (uint16_t)(2 * core->particle - 1) };
    const long n = find_core(frame, core->page, page.label, plan->side_px, &cut);
    const double across_nm = 2.0 * sqrt((double)n / M_PI) * nm_per_px;
    const double least_nm = LEAST_CORE * CORE_WEIGHTS_FADE_NM;
    if (across_nm < least_nm)
        return lct_fail(
            err, LCT_E_NODATA, "the core is too small, %.3g nm; %.3g nm are needed", across_nm, least_nm);
    const struct lct_spectrum_region region = { cut.x0, cut.y0, cut.x1 - cut.x0 + 1, cut.y1 - cut.y0 + 1,
        core_weights_make(work->weights, &page, &cut, nm_per_px) };
    work->cut = cut;
    return lct_spectrum_load_region(work->spectrum, frame, &region, err);
}

/* Waves of the two lattices. */
struct stars {
    struct lct_wave wave[6];
    size_t n_core, n_cover;
};

/* Fitted waves of that name, at most three. */
static size_t fitted_star(const struct lct_moire *m, const char *name, struct lct_wave star[3])
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_peaks && n < 3; i++)
        if (name[0] && strcmp(m->peaks[i].assigned, name) == 0)
            star[n++] = m->peaks[i].wave;
    return n;
}

/* The three waves of a hexagonal star, where they should be: a dislocation splits the peaks of two of them. Returns
 * their power over noise, 0 if the pixels are too coarse for one of them. */
static double ideal_star(const struct lattices_plan *plan, struct lct_spectrum *spectrum, const struct lct_vector *g,
    struct lct_wave star[3])
{
    double sum = 0;
    for (int k = 0; k < 3; k++) {
        const struct lct_vector v = lct_vector_turn(g, k * M_PI / 3);
        double gx, gy;
        lct_metric_invert(&plan->metric, v.x, v.y, &gx, &gy);
        const double power = lct_spectrum_probe(spectrum, gx, gy, 1.0, &star[k]);
        if (power <= 0)
            return 0.0;
        star[k].gx = gx;
        star[k].gy = gy;
        sum += power;
    }
    return sum;
}

/* Of {11-20} and {10-10} of the first lattice the star that pixels and microscope show better. */
static size_t hexagonal_star(
    const struct lattices_plan *plan, struct lct_spectrum *spectrum, const struct lct_moire *m, struct lct_wave star[3])
{
    struct lct_wave ten[3];
    const struct lct_vector side = lct_vector_turn(&m->g1, M_PI / 6),
                            g10 = { .x = side.x / sqrt(3.0), .y = side.y / sqrt(3.0) };
    const double fine = ideal_star(plan, spectrum, &m->g1, star), coarse = ideal_star(plan, spectrum, &g10, ten);
    if (coarse > fine)
        memcpy(star, ten, sizeof ten);
    return fmax(fine, coarse) > 0 ? 3 : 0;
}

static void find_stars(
    const struct lattices_plan *plan, struct lct_spectrum *spectrum, const struct lct_moire *m, struct stars *s)
{
    const struct lct_moire_params *p = &plan->params;
    if (p->hexagonal_11)
        s->n_core = m->has_g1 ? hexagonal_star(plan, spectrum, m, s->wave) : 0;
    else
        s->n_core = fitted_star(m, p->name1, s->wave);
    if (p->hexagonal_11 && m->has_g2 && ideal_star(plan, spectrum, &m->g2, s->wave + s->n_core) > 0)
        s->n_cover = 3;
    else
        s->n_cover = fitted_star(m, p->name2, s->wave + s->n_core);
}

/* Phase vortices of a star of three, in px of the frame. */
static void find_dislocations(
    struct lct_spectrum_cells *cells, const struct lct_extent *cut, double sigma_px, struct lattices_local *out)
{
    enum { SIDE = LCT_SPECTRUM_CELLS };
    struct lct_gpa star[3];
    for (int j = 0; j < 3; j++)
        star[j] = (struct lct_gpa){ cells[j].gx, cells[j].gy, { .px = cells[j].re, .width = SIDE, .height = SIDE },
            { .px = cells[j].im, .width = SIDE, .height = SIDE } };
    const double sigma_cells = sigma_px / sqrt(cells[0].step_x * cells[0].step_y);
    const size_t n =
        lct_gpa_star_dislocations(star, sigma_cells, LATTICE_FRAC, out->dislocations, LATTICES_DISLOCATIONS);
    out->n_dislocations = n < LATTICES_DISLOCATIONS ? n : LATTICES_DISLOCATIONS;
    for (size_t i = 0; i < out->n_dislocations; i++) {
        struct lct_dislocation *d = &out->dislocations[i];
        d->x_px = cut->x0 + (d->x_px + 0.5) * cells[0].step_x - 0.5;
        d->y_px = cut->y0 + (d->y_px + 0.5) * cells[0].step_y - 0.5;
    }
}

/* Shares of order and vortices, smoothed by `smooth_nm`. */
static void look_around(const struct lattices_plan *plan, struct lattices_work *w, const struct stars *s,
    double smooth_nm, struct lattices_local *out)
{
    const double sigma_px = smooth_nm * hypot(plan->metric.m[0], plan->metric.m[2]);
    lct_spectrum_local(w->spectrum, s->wave, s->n_core + s->n_cover, sigma_px, w->cells);
    *out = (struct lattices_local){ .core = lct_order_measure(w->cells, s->n_core),
        .cover = lct_order_measure(w->cells + s->n_core, s->n_cover),
        .smooth_nm = smooth_nm };
    if (s->n_core == 3 && isfinite(out->core.frac))
        find_dislocations(w->cells, &w->cut, sigma_px, out);
}

static void measure_local(
    const struct lattices_plan *plan, struct lattices_work *w, const struct lct_moire *m, struct lattices_local *out)
{
    struct stars s = { 0 };
    find_stars(plan, w->spectrum, m, &s);
    look_around(plan, w, &s, SMOOTH_NM, out);
    if ((s.n_core > 0 && isnan(out->core.frac)) || (s.n_cover > 0 && isnan(out->cover.frac)))
        look_around(plan, w, &s, WIDE_NM, out);
}

enum lct_status lattices_measure(const struct lattices_plan *plan, struct lattices_work *work,
    const struct lct_image *frame, const struct lattices_core *core, struct lattices_found *out, struct lct_err *err)
{
    struct lct_err why = { 0 };
    const enum lct_status status = lattices_load(plan, work, frame, core, &why);
    memset(out, 0, sizeof *out);
    lct_moire_conclude(&out->moire, NULL, &plan->params);
    out->local.core = out->local.cover = lct_order_measure(NULL, 0);
    out->local.smooth_nm = (double)NAN;
    if (status == LCT_OK) {
        lct_moire_measure(work->spectrum, &plan->metric, &plan->params, &out->moire);
        measure_local(plan, work, &out->moire, &out->local);
    }
    if (status != LCT_OK && status != LCT_E_NODATA)
        return lct_fail(err, status, "%s", why.text);
    return LCT_OK;
}
