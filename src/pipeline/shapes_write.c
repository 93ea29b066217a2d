#include "shapes.h"

#include "shape_tables.h"

#include <math.h>
#include <stdlib.h>

static const double PROFILE_STEP_NM = 0.25, PROFILE_STEP_PX = 2.0;

struct writing {
    struct lct_table *facets, *profiles;
    double *columns; /* 2 n_columns */
    size_t n_columns;
};

static struct shape_place place_of(const struct shapes *s, const struct shapes_view *view)
{
    return (struct shape_place){ .frame = movie_frame(s->movie, view->k), .time_s = s->plan->frames[view->k].time_s,
        .particle = view->particle->set.particle };
}

/* Width of a profile's columns: a whole number of quarters of a nanometre, one pixel at least. */
static double profile_step_px(const struct shapes *s)
{
    const double nm = s->movie->scale.nm_per_px;
    return isfinite(nm) ? PROFILE_STEP_NM * ceil(nm / PROFILE_STEP_NM - 1e-9) / nm : PROFILE_STEP_PX;
}

/* Columns are centred on multiples of the step, so that their places are the same in all frames; none reaches into a corner. */
static enum lct_status write_profile(struct writing *w, const struct shapes *s, const struct shapes_view *view, int facet,
    const struct lct_facet_edge *edge, struct lct_err *err)
{
    const double step = profile_step_px(s), corner = s->params.blur_px;
    const double first = ceil((edge->start_px + corner) / step + 0.5), last = floor((edge->end_px - corner) / step - 0.5);
    if (!(last >= first))
        return LCT_OK;
    const size_t n = (size_t)(last - first) + 1;
    if (n > w->n_columns) {
        double *more = realloc(w->columns, 2 * n * sizeof *more);
        if (!more)
            return lct_fail(err, LCT_E_LIMIT, "no memory for a profile of %zu columns", n);
        w->columns = more;
        w->n_columns = n;
    }
    const struct lct_facet_set *set = &view->particle->set;
    const struct lct_facet_columns columns = { .from_px = (first - 0.5) * step, .step_px = step, .n = n,
        .floor_px = lct_facet_floor(set, facet, view->core) };
    lct_facet_profile(set, facet, view->core, &columns, w->columns + n, w->columns);
    const struct shape_place place = place_of(s, view);
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < n; i++)
        if (isfinite(w->columns[i]))
            status = shape_tables_write_profile(
                w->profiles, &place, facet, (first + (double)i) * step, w->columns[i], s->movie->scale.nm_per_px, err);
    return status;
}

static enum lct_status write_view(struct shapes *s, void *context, const struct shapes_view *view, struct lct_err *err)
{
    struct writing *w = context;
    struct shapes_particle *p = view->particle;
    struct lct_facet_edge edges[LCT_FACET_MAX];
    const struct lct_edge_error error = shapes_edge_error(s, view->k, LCT_CORE);
    const struct shape_place place = place_of(s, view);
    const double nm = s->movie->scale.nm_per_px;
    struct lct_rim_facet rims[LCT_FACET_MAX];
    lct_facet_measure(&p->set, view->core, &s->params, &error, edges);
    enum lct_status status = shapes_refine(s, view, edges, err);
    const struct cracks_view rim_view = { .k = view->k, .set = &p->set, .edges = edges, .inner = error,
        .outer = shapes_edge_error(s, view->k, LCT_SHELL) };
    if (status == LCT_OK)
        status = cracks_visit(s->cracks, &rim_view, rims, err);
    for (int i = 0; status == LCT_OK && i < p->set.n; i++) {
        const struct lct_facet_edge *e = &edges[i];
        const double height = e->present ? e->height_px : (double)NAN;
        if (isnan(p->first_height_px[i]))
            p->first_height_px[i] = height;
        const double change = height - p->first_height_px[i];
        const struct facet_row row = { .facet = i, .angle_deg = p->set.facet[i].angle_deg, .height_px = height,
            .height_sd_px = e->height_sd_px, .change_px = change, .layers = change * nm / p->spacing_nm[i],
            .start_px = e->start_px, .end_px = e->end_px, .shell_thickness_px = rims[i].thickness_px,
            .shell_thickness_sd_px = rims[i].thickness_sd_px, .exposed_frac = rims[i].exposed_frac, .hkil = p->hkil[i][0] ? p->hkil[i] : NULL,
            .border = view->flags & SKETCH_BORDER, .contact = view->flags & SKETCH_CONTACT };
        status = shape_tables_write_facet(w->facets, &place, &row, nm, err);
        if (status == LCT_OK && e->present)
            status = write_profile(w, s, view, i, e, err);
    }
    return status;
}

enum lct_status shapes_write(struct shapes *shapes, struct lct_err *err)
{
    struct writing w = { 0 };
    enum lct_status status = lct_table_create(&w.facets, shapes->dir, &shape_tables_facets, err);
    if (status == LCT_OK)
        status = lct_table_create(&w.profiles, shapes->dir, &shape_tables_profiles, err);
    if (status == LCT_OK)
        status = shapes_each(shapes, write_view, &w, err);
    if (status == LCT_OK)
        status = cracks_end(shapes->cracks, err);
    struct lct_err ignored;
    const enum lct_status closed = lct_table_close(&w.facets, status == LCT_OK ? err : &ignored);
    const enum lct_status also = lct_table_close(&w.profiles, status == LCT_OK && closed == LCT_OK ? err : &ignored);
    free(w.columns);
    return status != LCT_OK ? status : closed != LCT_OK ? closed : also;
}
