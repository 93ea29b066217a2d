#include "outputs.h"

#include "moire_tables.h"
#include "order_tables.h"
#include "shape_tables.h"

#include <lctem/parallel.h>
#include <lctem/file.h>

#include <math.h>
#include <stdlib.h>

static enum lct_status open_table(struct lct_table **out, const char *dir, const struct lct_table_spec *spec,
    const long long *keep_bytes, struct lct_err *err)
{
    return keep_bytes ? lct_table_reopen(out, dir, spec, *keep_bytes, err) : lct_table_create(out, dir, spec, err);
}

static enum lct_status open_labels(
    struct outputs *o, const struct outputs_params *p, const struct outputs_mark *mark, struct lct_err *err)
{
    const struct lct_labels_params params = { .width = p->plan->grid.width,
        .height = p->plan->grid.height,
        .scale = p->movie->scale,
        .expected_pages = p->plan->n };
    char *path = lct_file_join(p->dir, "labels.tif");
    if (!path)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", p->dir);
    const enum lct_status status = mark ? lct_labels_reopen(&o->labels, path, &params, mark->pages, mark->labels, err)
                                        : lct_labels_create(&o->labels, path, &params, err);
    free(path);
    return status;
}

static enum lct_status open_overlay(struct outputs *o, const struct outputs_params *p, struct lct_err *err)
{
    struct lct_overlay_params params = lct_overlay_defaults();
    params.pixel_size_nm = p->movie->scale.nm_per_px;
    if (!isfinite(p->plan->frames[0].time_s))
        params.fps = 10.0;
    char *path = lct_file_join(p->dir, "overlay.mp4");
    if (!path)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", p->dir);
    const enum lct_status status = lct_overlay_create(&o->overlay, path, p->layout, &params, err);
    free(path);
    return status;
}

enum lct_status outputs_open(
    struct outputs *out, const struct outputs_params *params, const struct outputs_mark *mark, struct lct_err *err)
{
    struct outputs o = { .dir = params->dir };
    if (mark) {
        o.n_events = mark->n_events;
        o.n_flagged = mark->n_flagged;
        o.n_particles = mark->n_particles;
        o.watch = mark->watch;
    }
    enum lct_status status = open_table(&o.areas, o.dir, &tables_areas, mark ? &mark->areas : NULL, err);
    if (status == LCT_OK)
        status = open_table(&o.drift, o.dir, &tables_drift, mark ? &mark->drift : NULL, err);
    if (status == LCT_OK)
        status = open_table(&o.frames, o.dir, &tables_frames, mark ? &mark->frames : NULL, err);
    if (status == LCT_OK)
        status = open_table(&o.events, o.dir, &tables_events, mark ? &mark->events : NULL, err);
    if (status == LCT_OK)
        status = open_table(&o.lattice, o.dir, &moire_tables_lattice, mark ? &mark->lattice : NULL, err);
    if (status == LCT_OK)
        status = open_table(&o.moire, o.dir, &moire_tables_moire, mark ? &mark->moire : NULL, err);
    if (status == LCT_OK)
        status = open_table(&o.contours, o.dir, &shape_tables_contours, mark ? &mark->contours : NULL, err);
    if (status == LCT_OK)
        status = open_table(&o.order, o.dir, &order_tables_order, mark ? &mark->order : NULL, err);
    if (status == LCT_OK)
        status = open_labels(&o, params, mark, err);
    if (status == LCT_OK)
        status = spool_open(&o.spool, params->spool, mark ? mark->spool : 0, err);
    if (status == LCT_OK)
        status = spool_open(&o.rims, params->rims, mark ? mark->rims : 0, err);
    if (status == LCT_OK && params->layout)
        status = open_overlay(&o, params, err);
    if (status != LCT_OK) {
        outputs_abandon(&o);
        return status;
    }
    *out = o;
    return LCT_OK;
}

enum lct_status outputs_redraw(
    struct outputs *outputs, const struct plan *plan, const struct result *result, struct lct_err *err)
{
    return lct_overlay_encode(outputs->overlay, result->picture, plan->frames[result->k].time_s, err);
}

static enum lct_status add_contours(struct outputs *outputs, const struct movie *movie, const struct plan *plan,
    const struct result *result, struct lct_err *err)
{
    const struct plan_frame *f = &plan->frames[result->k];
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < 2 * result->n_particles; i++) {
        const struct shape_place place = { .frame = movie_frame(movie, result->k),
            .time_s = f->time_s,
            .particle = result->outlines[i].particle,
            .dx_px = movie->roi.x_px - f->dx_px,
            .dy_px = movie->roi.y_px - f->dy_px };
        status = shape_tables_write_contour(outputs->contours, &place, &result->outlines[i], movie->scale, err);
    }
    return status;
}

static void watch_dislocations(
    struct outputs *outputs, const struct movie *movie, const struct plan *plan, const struct result *result, size_t i)
{
    const struct lattices_local *l = &result->lattices[i].local;
    const struct plan_frame *f = &plan->frames[result->k];
    const double nm_x = movie->scale.nm_per_px, nm_y = movie->scale.nm_per_px_y;
    for (size_t k = 0; k < l->n_dislocations; k++) {
        const struct lct_dislocation *d = &l->dislocations[k];
        const struct dislocation_seen seen = { .k = result->k,
            .number = movie_frame(movie, result->k),
            .time_s = f->time_s,
            .particle = result->particles[i].id,
            .x_nm = (d->x_px + movie->roi.x_px - f->dx_px) * nm_x,
            .y_nm = (d->y_px + movie->roi.y_px - f->dy_px) * nm_y,
            .bx_nm = d->bx_px * nm_x,
            .by_nm = d->by_px * nm_y };
        dislocation_watch_add(&outputs->watch, &seen);
    }
}

/* Events of the tracker; their places are on the planes of the frame that was given last, `k`. */
static enum lct_status add_events(struct outputs *outputs, const struct movie *movie, const struct plan *plan, long k,
    const struct lct_event *events, size_t n, struct lct_err *err)
{
    const struct plane_shift s = plan_shift(plan, k);
    for (size_t i = 0; i < n; i++) {
        const struct lct_event *e = &events[i];
        /* tracker's place -> sample: the whole pixels of the drift are in it already */
        const double x = (e->x_px - s.x) * plan->bin + 0.5 * (plan->bin - 1) + movie->roi.x_px;
        const double y = (e->y_px - s.y) * plan->bin + 0.5 * (plan->bin - 1) + movie->roi.y_px;
        const enum lct_status status = tables_write_event(outputs->events, e, movie_frame(movie, e->frame),
            plan->frames[e->frame].time_s, x, y, e->size_px2 * plan->bin * plan->bin, movie->scale, err);
        if (status != LCT_OK)
            return status;
        outputs->n_events++;
    }
    return LCT_OK;
}

/* The rows of one frame. */
static enum lct_status add_rows(struct outputs *outputs, const struct movie *movie, const struct plan *plan,
    const struct result *result, struct lct_err *err)
{
    const struct plan_frame *f = &plan->frames[result->k];
    const long number = movie_frame(movie, result->k);
    enum lct_status status = LCT_OK;
    bool flagged = f->ambiguous || f->no_drift || f->duplicate || f->no_liquid;
    for (size_t i = 0; status == LCT_OK && i < result->n_particles; i++) {
        struct area_row row = result->rows[i];
        row.cx_px += movie->roi.x_px;
        row.cy_px += movie->roi.y_px;
        row.x_px += movie->roi.x_px;
        row.y_px += movie->roi.y_px;
        flagged |= row.low_contrast;
        outputs->n_particles = row.particle > outputs->n_particles ? row.particle : outputs->n_particles;
        status = tables_write_area(outputs->areas, number, f->time_s, &row, movie->scale, err);
        const struct moire_place place = { number, f->time_s, row.particle, "core" };
        if (status == LCT_OK && result->lattices)
            status = moire_tables_write_lattice(outputs->lattice, &place, &result->lattices[i].moire, err);
        if (status == LCT_OK && result->lattices)
            status = moire_tables_write_moire(outputs->moire, &place, &result->lattices[i].moire, err);
        if (status == LCT_OK && result->lattices)
            status = order_tables_write(outputs->order, &place, &result->lattices[i].local, err);
        if (result->lattices)
            watch_dislocations(outputs, movie, plan, result, i);
    }
    if (status == LCT_OK)
        status = dislocation_watch_settle(&outputs->watch, result->k, outputs->events, &outputs->n_events, err);
    if (status == LCT_OK)
        status = add_contours(outputs, movie, plan, result, err);
    if (status == LCT_OK)
        status = tables_write_drift(outputs->drift, number, f, plan->drift_given, movie->scale, err);
    const double dose = movie->dose_e_per_nm2_s * f->time_s;
    if (status == LCT_OK)
        status = tables_write_frame(
            outputs->frames, number, f, plan->no_particle ? (double)NAN : 1.0 - plan->levels.core, dose, err);
    if (status == LCT_OK)
        status = spool_add(outputs->spool, &result->sketch, err);
    if (status == LCT_OK)
        status = spool_add(outputs->rims, &result->packed_rims, err);
    outputs->n_flagged += flagged;
    return status;
}

/* The files of a frame that have nothing to do with one another. */
enum { FILES_LABELS, FILES_ROWS, FILES };

struct adding {
    struct outputs *outputs;
    const struct movie *movie;
    const struct plan *plan;
    const struct result *const *results;
    size_t n;
};

static enum lct_status add_to(const struct adding *a, size_t files, const struct result *r, struct lct_err *err)
{
    if (files == FILES_LABELS)
        return lct_labels_append(a->outputs->labels, r->page, err);
    const enum lct_status status = add_events(a->outputs, a->movie, a->plan, r->k, r->events, r->n_events, err);
    return status == LCT_OK ? add_rows(a->outputs, a->movie, a->plan, r, err) : status;
}

static enum lct_status add_files(void *context, size_t files, int worker, struct lct_err *err)
{
    (void)worker;
    const struct adding *a = context;
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < a->n; i++)
        status = add_to(a, files, a->results[i], err);
    return status;
}

static enum lct_status encode(void *context, struct lct_err *err)
{
    struct outputs *o = context;
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < o->drawing.n; i++)
        status = lct_overlay_encode(o->overlay, o->drawing.picture[i], o->drawing.time_s[i], err);
    return status;
}

static enum lct_status begin_overlay(struct outputs *o, const struct plan *plan, const struct result *const *results,
    size_t n, int threads, struct lct_err *err)
{
    const enum lct_status status = outputs_settle(o, err);
    if (status != LCT_OK || !o->overlay)
        return status;
    for (size_t i = 0; i < n; i++) {
        o->drawing.picture[i] = results[i]->picture;
        o->drawing.time_s[i] = plan->frames[results[i]->k].time_s;
    }
    o->drawing.n = n;
    return threads > 1 ? lct_aside_begin(&o->drawing.aside, encode, o, err) : encode(o, err);
}

enum lct_status outputs_settle(struct outputs *outputs, struct lct_err *err)
{
    return lct_aside_end(&outputs->drawing.aside, err);
}

enum lct_status outputs_add(struct outputs *outputs, const struct movie *movie, const struct plan *plan,
    const struct result *const *results, size_t n, int threads, struct lct_err *err)
{
    struct adding adding = { outputs, movie, plan, results, n };
    const enum lct_status status = begin_overlay(outputs, plan, results, n, threads, err);
    return status == LCT_OK ? lct_parallel_for(threads, FILES, add_files, &adding, err) : status;
}

enum lct_status outputs_flush(struct outputs *outputs, struct outputs_mark *mark, struct lct_err *err)
{
    struct outputs_mark m = { .n_events = outputs->n_events,
        .n_flagged = outputs->n_flagged,
        .n_particles = outputs->n_particles,
        .watch = outputs->watch };
    enum lct_status status = lct_table_flush(outputs->areas, &m.areas, err);
    if (status == LCT_OK)
        status = lct_table_flush(outputs->drift, &m.drift, err);
    if (status == LCT_OK)
        status = lct_table_flush(outputs->frames, &m.frames, err);
    if (status == LCT_OK)
        status = lct_table_flush(outputs->events, &m.events, err);
    if (status == LCT_OK)
        status = lct_table_flush(outputs->lattice, &m.lattice, err);
    if (status == LCT_OK)
        status = lct_table_flush(outputs->moire, &m.moire, err);
    if (status == LCT_OK)
        status = lct_table_flush(outputs->contours, &m.contours, err);
    if (status == LCT_OK)
        status = lct_table_flush(outputs->order, &m.order, err);
    if (status == LCT_OK)
        status = lct_labels_flush(outputs->labels, &m.pages, &m.labels, err);
    if (status == LCT_OK)
        status = spool_flush(outputs->spool, &m.spool, err);
    if (status == LCT_OK)
        status = spool_flush(outputs->rims, &m.rims, err);
    if (status == LCT_OK)
        *mark = m;
    return status;
}

enum lct_status outputs_close(struct outputs *outputs, struct lct_err *err)
{
    struct lct_table **tables[] = { &outputs->areas, &outputs->drift, &outputs->frames, &outputs->events,
        &outputs->lattice, &outputs->moire, &outputs->contours, &outputs->order };
    enum lct_status status = outputs_settle(outputs, err);
    if (status == LCT_OK)
        status = dislocation_watch_settle(&outputs->watch, -1, outputs->events, &outputs->n_events, err);
    for (size_t i = 0; status == LCT_OK && i < sizeof tables / sizeof *tables; i++)
        status = lct_table_close(tables[i], err);
    if (status == LCT_OK)
        status = lct_labels_finish(&outputs->labels, err);
    if (status == LCT_OK && outputs->overlay)
        status = lct_overlay_finish(&outputs->overlay, err);
    if (status == LCT_OK)
        spool_close(&outputs->spool);
    if (status == LCT_OK)
        spool_close(&outputs->rims);
    return status;
}

void outputs_abandon(struct outputs *outputs)
{
    struct lct_table **tables[] = { &outputs->areas, &outputs->drift, &outputs->frames, &outputs->events,
        &outputs->lattice, &outputs->moire, &outputs->contours, &outputs->order };
    (void)!outputs_settle(outputs, NULL);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (lct_table_close(tables[i], NULL) != LCT_OK)
            *tables[i] = NULL;
    lct_labels_destroy(&outputs->labels);
    lct_overlay_destroy(&outputs->overlay);
    spool_close(&outputs->spool);
    spool_close(&outputs->rims);
}
