#include "shapes.h"

#include <lctem/outline.h>

#include <math.h>

static const double SMOOTH_S =
    1.0; /* to either side: half of what a layer takes, at the growth and etching that is seen */
enum { LAG_UNKNOWN = 5, LEAST_LAG = 3, MOST_LAG = LCT_ROBUST_POINTS / 2 - 1 };
/* Centroid of a hexagon whose sides err by 1 each, along any direction. */
static const double CENTROID_SHARE = 0.58;

long shapes_lag(const struct shapes *shapes)
{
    const double frames = SMOOTH_S / shapes->movie->scale.s_per_frame;
    if (!isfinite(frames))
        return LAG_UNKNOWN;
    return (long)fmin(fmax(round(frames), LEAST_LAG), MOST_LAG);
}

double shapes_series_at(const struct shapes_series *series, double lag, double in_mean, double *gain)
{
    double share[LCT_ROBUST_POINTS], own = (double)INFINITY, sum = 0.0;
    const struct lct_robust_points points = { series->x, series->y, series->sd, series->n };
    const double value = lct_robust_line_at(&points, lag + 1.0, share);
    for (size_t i = 0; i < series->n; i++) {
        sum += share[i] * share[i] * series->sd[i] * series->sd[i];
        if (series->x[i] == 0.0)
            own = series->sd[i];
    }
    /* neighbouring means share frames */
    *gain = isfinite(own) && own > 0.0 ? fmin(1.0, sqrt(sum * in_mean) / own) : 1.0;
    return value;
}

/* The first frames of a particle. */
static bool wants_start(const struct shapes *s, long k)
{
    for (int i = 0; i < s->n_particles; i++) {
        const struct shapes_particle *p = s->particles[i];
        if (p && k >= p->first && k <= p->first + shapes_lag(s))
            return true;
    }
    return false;
}

static enum lct_status take_start(struct shapes *s, void *context, const struct shapes_view *view, struct lct_err *err)
{
    (void)context;
    (void)err;
    struct shapes_particle *p = view->particle;
    const long after = view->k - p->first;
    const struct lct_enclosed core = lct_outline_enclosed(view->core);
    if (after < 0 || after > shapes_lag(s) || !(core.area_px2 > 0.0))
        return LCT_OK;
    struct lct_facet_edge edges[LCT_FACET_MAX];
    const struct lct_edge_error error = shapes_edge_error(s, view->k, LCT_CORE);
    double before[2], then[2], noise = 0.0, x = core.x_px, y = core.y_px;
    lct_facet_measure(&p->set, view->core, &s->params, &error, edges);
    const bool closed = lct_facet_centroid(&p->set, edges, &before[0], &before[1]);
    shapes_refine(s, view, edges);
    for (int i = 0; i < p->set.n; i++)
        noise = edges[i].present ? fmax(noise, edges[i].noise_sd_px) : noise;
    if (closed && lct_facet_centroid(&p->set, edges, &then[0], &then[1])) {
        x += then[0] - before[0]; /* the outline's own centroid, as far as it is no polygon, moved as its polygon is */
        y += then[1] - before[1];
    }
    for (int k = 0; k < 2; k++) {
        struct shapes_series *series = &p->start[k];
        if (series->n == LCT_ROBUST_POINTS)
            return LCT_OK;
        series->x[series->n] = (double)after;
        series->y[series->n] = k == 0 ? x : y;
        series->sd[series->n++] = noise > 0.0 ? CENTROID_SHARE * noise : 1.0;
    }
    return LCT_OK;
}

enum lct_status shapes_find_origins(struct shapes *shapes, struct lct_err *err)
{
    static const struct shapes_walk starts = { .visit = take_start, .wants = wants_start, .with_bands = true };
    const enum lct_status status = shapes_each(shapes, &starts, err);
    for (int i = 0; status == LCT_OK && i < shapes->n_particles; i++) {
        struct shapes_particle *p = shapes->particles[i];
        if (!p || p->start[0].n == 0)
            continue;
        double gain;
        const double lag = (double)shapes_lag(shapes), in_mean = plan_frames_in_mean(shapes->plan, p->first);
        p->set.x_px = shapes_series_at(&p->start[0], lag, in_mean, &gain);
        p->set.y_px = shapes_series_at(&p->start[1], lag, in_mean, &gain);
        p->set.origin_sd_px = gain * p->start[0].sd[0];
    }
    return status;
}
