#include "shapes_plot.h"

#include <lctem/plot_shapes.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Instants in a contour map; particles that get pictures; columns of time and rows of position in a kymograph. */
enum { INSTANTS = 24, PARTICLES = 8, LEAST_FRAMES = 10, TIMES = 360, HALF_ROWS = 60, ROWS = 2 * HALF_ROWS + 1 };
static const double THIN_PX = 0.1;

struct gathered {
    const struct shapes_particle *particle;
    struct lct_outline core[INSTANTS], first, last;
    double time[INSTANTS];
    size_t n;
    float *sum, *count; /* facets x ROWS x n_times */
    size_t n_times;
};

struct shapes_plots {
    const struct shapes *shapes;
    struct gathered particles[PARTICLES];
    int n;
    double step_px; /* of the rows */
};

void shapes_plots_destroy(struct shapes_plots **plots)
{
    for (int i = 0; *plots && i < (*plots)->n; i++) {
        struct gathered *g = &(*plots)->particles[i];
        for (size_t k = 0; k < g->n; k++)
            lct_outline_finish(&g->core[k]);
        lct_outline_finish(&g->first);
        lct_outline_finish(&g->last);
        free(g->sum);
        free(g->count);
    }
    free(*plots);
    *plots = NULL;
}

static size_t cells(const struct gathered *g)
{
    return (size_t)g->particle->set.n * ROWS * g->n_times;
}

enum lct_status shapes_plots_create(struct shapes_plots **out, const struct shapes *shapes, struct lct_err *err)
{
    struct shapes_plots *p = calloc(1, sizeof *p);
    *out = NULL;
    if (!p)
        return lct_fail(err, LCT_E_LIMIT, "no memory for the pictures of the shapes");
    p->shapes = shapes;
    p->step_px = shapes_profile_step_px(shapes);
    for (int i = 0; i < shapes->n_particles && p->n < PARTICLES; i++) {
        const struct shapes_particle *q = shapes->particles[i];
        if (!q || q->frames < LEAST_FRAMES)
            continue;
        struct gathered *g = &p->particles[p->n++];
        const long life = q->last - q->first + 1;
        *g = (struct gathered){ .particle = q, .n_times = (size_t)(life < TIMES ? life : TIMES) };
        g->sum = calloc(cells(g) + 1, sizeof *g->sum);
        g->count = calloc(cells(g) + 1, sizeof *g->count);
        if (!g->sum || !g->count) {
            shapes_plots_destroy(&p);
            return lct_fail(err, LCT_E_LIMIT, "no memory for the pictures of the shapes");
        }
    }
    *out = p;
    return LCT_OK;
}

static struct gathered *gathered_of(struct shapes_plots *p, const struct shapes_particle *particle)
{
    for (int i = 0; i < p->n; i++)
        if (p->particles[i].particle == particle)
            return &p->particles[i];
    return NULL;
}

/* Without the points that nobody would see missing. */
static bool copy_ring(struct lct_ring *to, const struct lct_ring *from)
{
    size_t *corner = malloc((from->n + 1) * sizeof *corner);
    const size_t n = corner ? lct_ring_thin(from, THIN_PX, corner) : 0;
    *to = (struct lct_ring){ .n = n,
        .hole = from->hole,
        .x_px = malloc((n + 1) * sizeof *to->x_px),
        .y_px = malloc((n + 1) * sizeof *to->y_px) };
    const bool ok = corner && to->x_px && to->y_px;
    for (size_t i = 0; ok && i < n; i++) {
        to->x_px[i] = from->x_px[corner[i]];
        to->y_px[i] = from->y_px[corner[i]];
    }
    free(corner);
    return ok;
}

static bool copy_outline(struct lct_outline *to, const struct lct_outline *from)
{
    struct lct_outline made = { .particle = from->particle, .phase = from->phase };
    made.rings = calloc(from->n_rings + 1, sizeof *made.rings);
    bool ok = made.rings != NULL;
    for (size_t r = 0; ok && r < from->n_rings; r++)
        ok = copy_ring(&made.rings[made.n_rings++], &from->rings[r]);
    if (!ok)
        lct_outline_finish(&made);
    else
        *to = made;
    return ok;
}

static double time_of(const struct shapes *s, long k)
{
    const double time_s = s->plan->frames[k].time_s;
    return isfinite(time_s) ? time_s : (double)movie_frame(s->movie, k);
}

enum lct_status shapes_plots_view(struct shapes_plots *plots, const struct shapes_view *view, struct lct_err *err)
{
    struct gathered *g = gathered_of(plots, view->particle);
    if (!g || view->core->n_rings == 0)
        return LCT_OK;
    const long first = g->particle->first, life = g->particle->last - first;
    /* the instants are spread over its life, the first and the last frame among them */
    const long now = (view->k - first) * (INSTANTS - 1) / (life > 0 ? life : 1);
    const long before = view->k > first ? (view->k - first - 1) * (INSTANTS - 1) / (life > 0 ? life : 1) : -1;
    if (view->k < first || now == before || g->n == INSTANTS)
        return LCT_OK;
    bool ok = copy_outline(&g->core[g->n], view->core);
    if (ok)
        g->time[g->n++] = time_of(plots->shapes, view->k);
    if (ok && view->k == first)
        ok = copy_outline(&g->first, view->whole);
    if (ok && view->k == g->particle->last)
        ok = copy_outline(&g->last, view->whole);
    return ok ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory for the pictures of the shapes");
}

void shapes_plots_profile(
    struct shapes_plots *plots, const struct shapes_view *view, int facet, double x_px, double height_px)
{
    struct gathered *g = gathered_of(plots, view->particle);
    const long row = lround(x_px / plots->step_px) + HALF_ROWS;
    if (!g || row < 0 || row >= ROWS)
        return;
    const long life = g->particle->last - g->particle->first + 1;
    const size_t t = (size_t)((view->k - g->particle->first) * (long)g->n_times / life);
    const size_t at = ((size_t)facet * ROWS + (size_t)row) * g->n_times + t;
    g->sum[at] += (float)height_px;
    g->count[at] += 1.0f;
}

static enum lct_status write_contours(
    const struct shapes *s, const struct gathered *g, const struct lct_plot_axes *axes, struct lct_err *err)
{
    const double nm = s->movie->scale.nm_per_px, scale = isfinite(nm) ? nm : 1.0;
    const struct lct_contour_map map = { .particle = g->particle->set.particle,
        .n = g->n,
        .cores = g->core,
        .times = g->time,
        .first = &g->first,
        .last = &g->last,
        .scale = scale,
        .scale_y = scale }; /* y is stretched to square px already */
    return g->n ? lct_plot_contours(s->dir, &map, axes, err) : LCT_OK;
}

/* Sums to means above the height at which the facet began; rows that are empty at both ends go. */
static void finish_facet(
    struct lct_kymograph_facet *out, const struct shapes *s, struct gathered *g, int i, double step_px)
{
    const double nm = s->movie->scale.nm_per_px, scale = isfinite(nm) ? nm : 1.0;
    long low = ROWS, high = -1;
    float *const sum = g->sum + (size_t)i * ROWS * g->n_times;
    const float *const count = g->count + (size_t)i * ROWS * g->n_times;
    for (long r = 0; r < ROWS; r++)
        for (size_t t = 0; t < g->n_times; t++) {
            const size_t at = (size_t)r * g->n_times + t;
            if (count[at] > 0.0f) {
                low = r < low ? r : low;
                high = r;
                sum[at] = (float)(((double)(sum[at] / count[at]) - g->particle->first_height_px[i]) * scale);
            } else {
                sum[at] = NAN;
            }
        }
    low = high < 0 ? HALF_ROWS : low;
    high = high < 0 ? HALF_ROWS : high;
    *out = (struct lct_kymograph_facet){ .facet = i,
        .angle_deg = g->particle->set.facet[i].angle_deg,
        .hkil = g->particle->hkil[i][0] ? g->particle->hkil[i] : NULL,
        .first = (double)(low - HALF_ROWS) * step_px * scale,
        .step = step_px * scale,
        .n_positions = (size_t)(high - low + 1),
        .change = sum + (size_t)low * g->n_times };
}

static enum lct_status write_kymograph(
    const struct shapes *s, struct gathered *g, double step_px, const struct lct_plot_axes *axes, struct lct_err *err)
{
    struct lct_kymograph_facet facets[LCT_FACET_MAX];
    const int n = g->particle->set.n;
    const double first = time_of(s, g->particle->first), last = time_of(s, g->particle->last);
    double layer = (double)NAN;
    for (int i = 0; i < n; i++) {
        finish_facet(&facets[i], s, g, i, step_px);
        if (isfinite(g->particle->spacing_nm[i]))
            layer = fmin(isnan(layer) ? (double)INFINITY : layer, g->particle->spacing_nm[i]);
    }
    const struct lct_kymograph k = { .particle = g->particle->set.particle,
        .n_times = g->n_times,
        .n_facets = (size_t)n,
        .first_time = first,
        .time_step = g->n_times > 1 ? (last - first) / (double)(g->n_times - 1) : 1.0,
        .layer = layer,
        .facets = facets };
    return n > 0 ? lct_plot_kymograph(s->dir, &k, axes, err) : LCT_OK;
}

enum lct_status shapes_plots_write(struct shapes_plots *plots, struct lct_err *err)
{
    const struct shapes *s = plots->shapes;
    const struct lct_plot_axes axes = { .length_unit = isfinite(s->movie->scale.nm_per_px) ? "nm" : "px",
        .timed = isfinite(s->plan->frames[0].time_s) };
    enum lct_status status = LCT_OK;
    for (int i = 0; status == LCT_OK && i < plots->n; i++) {
        status = write_contours(s, &plots->particles[i], &axes, err);
        if (status == LCT_OK)
            status = write_kymograph(s, &plots->particles[i], plots->step_px, &axes, err);
    }
    return status;
}
