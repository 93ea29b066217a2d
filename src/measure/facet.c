#include <lctem/facet.h>

#include "chord.h"

#include <math.h>

enum { ROUNDS = 5 };
static const double NEAR_SLOPE =
    0.30934;                        /* tan of 0.3 rad: an edge this close to a facet's direction may be the facet's */
static const double MIDDLE = 0.5;   /* of an edge: what its height is the mean of */
static const double COVERED = 0.75; /* of the middle: what the outline must have there */
static const double SHORT_EDGE_BLURS = 4.5; /* a corner of 60 degrees, rounded by the blur, looks like an edge of 3.5 */
static const double MAX_TILT_RAD = 0.35, SETTLED_PX = 1e-3;

struct lct_facet_params lct_facet_defaults(double blur_px)
{
    return (struct lct_facet_params){ .blur_px = blur_px, .min_edge_px = (double)NAN, .min_share = 0.02 };
}

void lct_facet_turn_to(struct lct_facet *facet, double angle_deg)
{
    facet->angle_deg = angle_deg - 360.0 * floor(angle_deg / 360.0);
    const double a = facet->angle_deg * M_PI / 180.0;
    facet->nx = cos(a);
    facet->ny = -sin(a);
}

/* Height and position of a point over a facet. */
struct over {
    double h, t;
};

static struct over over_facet(const struct lct_facet_set *set, const struct lct_facet *f, double x, double y)
{
    const double dx = x - set->x_px, dy = y - set->y_px;
    return (struct over){ dx * f->nx + dy * f->ny, dy * f->nx - dx * f->ny };
}

struct centroid {
    double area, x, y;
};

static struct centroid centroid_of(const struct lct_ring *r)
{
    double area = 0.0, mx = 0.0, my = 0.0;
    for (size_t i = 0, j = r->n - 1; i < r->n; j = i++) {
        const double xi = r->x_px[i] - r->x_px[0], yi = r->y_px[i] - r->y_px[0];
        const double xj = r->x_px[j] - r->x_px[0], yj = r->y_px[j] - r->y_px[0];
        const double cross = xi * yj - xj * yi;
        area += 0.5 * cross;
        mx += cross * (xi + xj) / 6.0;
        my += cross * (yi + yj) / 6.0;
    }
    return (struct centroid){ area, r->x_px[0] + mx / area, r->y_px[0] + my / area };
}

/* The outer ring round the largest area: pieces that have come off are no part of the polygon. */
static const struct lct_ring *main_ring(const struct lct_outline *o)
{
    const struct lct_ring *best = NULL;
    double largest = 0.0;
    if (o->n_rings == 1 && !o->rings[0].hole && o->rings[0].n >= 3)
        return &o->rings[0]; /* as it is nearly always: nothing to compare, and this is asked for every facet */
    for (size_t k = 0; k < o->n_rings; k++) {
        const struct lct_ring *r = &o->rings[k];
        const double area = r->hole || r->n < 3 ? 0.0 : centroid_of(r).area;
        if (area > largest) {
            largest = area;
            best = r;
        }
    }
    return best;
}

/* Integrals of an edge over a stretch [from, to] of positions: of 1, h, t, h t, t t, h h. */
struct sums {
    double w, h, t, ht, tt, hh;
};

/* What the segment a-b adds, cut to the stretch; `sign` is +1 where it runs along the facet's positions. Parts below
 * the floor are another side of the particle. */
static void add_segment(struct sums *s, struct over a, struct over b, double from, double to, double floor_h)
{
    if (a.h < floor_h || b.h < floor_h || a.t == b.t)
        return;
    const double lo = fmax(fmin(a.t, b.t), from), hi = fmin(fmax(a.t, b.t), to);
    if (!(hi > lo))
        return;
    const double slope = (b.h - a.h) / (b.t - a.t), mid = 0.5 * (lo + hi);
    const double h = a.h + slope * (mid - a.t), third = (hi - lo) * (hi - lo) / 12.0;
    const double w = b.t > a.t ? hi - lo : lo - hi;
    s->w += w;
    s->h += w * h;
    s->t += w * mid;
    s->ht += w * (h * mid + slope * third);
    s->tt += w * (mid * mid + third);
    s->hh += w * (h * h + slope * slope * third);
}

/* Rings turn counter-clockwise as seen on the screen, against the positions: an edge that faces outwards runs
 * backwards, and counts. */
static struct sums stretch_sums(const struct lct_facet_set *set, const struct lct_facet *f, const struct lct_ring *ring,
    double from, double to, double floor_h)
{
    struct sums s = { 0 };
    struct over b = over_facet(set, f, ring->x_px[ring->n - 1], ring->y_px[ring->n - 1]);
    for (size_t i = 0; i < ring->n; i++) {
        const struct over a = over_facet(set, f, ring->x_px[i], ring->y_px[i]);
        add_segment(&s, a, b, from, to, floor_h);
        b = a;
    }
    return s;
}

/* Spread a segment over the columns of a profile: width covered and area under it. */
static void add_to_columns(
    struct over a, struct over b, double from, double step, size_t n, double *width, double *area)
{
    const double lo = (fmin(a.t, b.t) - from) / step, hi = (fmax(a.t, b.t) - from) / step;
    if (a.t == b.t || !(hi > 0.0) || !(lo < (double)n))
        return;
    const size_t first = lo > 0.0 ? (size_t)lo : 0, last = hi < (double)n ? (size_t)hi : n - 1;
    for (size_t k = first; k <= last; k++) {
        struct sums s = { 0 };
        add_segment(&s, a, b, from + (double)k * step, from + (double)(k + 1) * step, -(double)INFINITY);
        width[k] += s.w;
        area[k] += s.h;
    }
}

void lct_facet_profile(const struct lct_facet_set *set, int facet, const struct lct_outline *outline,
    const struct lct_facet_columns *columns, double *width_px, double *height_px)
{
    const struct lct_facet *f = &set->facet[facet];
    const struct lct_ring *ring = main_ring(outline);
    for (size_t k = 0; k < columns->n; k++)
        width_px[k] = height_px[k] = 0.0;
    struct over b = { 0 };
    for (size_t i = 0; ring && i <= ring->n; i++) {
        const struct over a = over_facet(set, f, ring->x_px[i % ring->n], ring->y_px[i % ring->n]);
        if (i > 0 && a.h >= columns->floor_px && b.h >= columns->floor_px)
            add_to_columns(a, b, columns->from_px, columns->step_px, columns->n, width_px, height_px);
        b = a;
    }
    for (size_t k = 0; k < columns->n; k++)
        height_px[k] = width_px[k] > COVERED * columns->step_px ? height_px[k] / width_px[k] : (double)NAN;
}

double lct_facet_floor(const struct lct_facet_set *set, int facet, const struct lct_outline *outline)
{
    const struct lct_ring *ring = main_ring(outline);
    if (!ring)
        return (double)NAN;
    const struct centroid c = centroid_of(ring);
    return over_facet(set, &set->facet[facet], c.x, c.y).h;
}

/* First heights: the mean distance of those parts of the outline that run along a facet; the farthest out where none
 * do. */
static void first_heights(
    const struct lct_facet_set *set, const struct lct_ring *ring, double chord_px, double height[LCT_FACET_MAX])
{
    double weight[LCT_FACET_MAX] = { 0 }, sum[LCT_FACET_MAX] = { 0 };
    struct chord c = chord_begin(ring, chord_px);
    while (chord_next(&c))
        for (int k = 0; k < set->n; k++) {
            const struct over a = over_facet(set, &set->facet[k], chord_x(&c, c.from), chord_y(&c, c.from));
            const struct over b = over_facet(set, &set->facet[k], chord_x(&c, c.to), chord_y(&c, c.to));
            if (!(a.t > b.t) || fabs(a.h - b.h) > NEAR_SLOPE * (a.t - b.t))
                continue;
            weight[k] += c.step_px;
            sum[k] += c.step_px * 0.5 * (a.h + b.h);
        }
    for (int k = 0; k < set->n; k++) {
        height[k] = weight[k] > 0.0 ? sum[k] / weight[k] : -(double)INFINITY;
        for (size_t i = 0; !(weight[k] > 0.0) && i < ring->n; i++)
            height[k] = fmax(height[k], over_facet(set, &set->facet[k], ring->x_px[i], ring->y_px[i]).h);
    }
}

/* Where the lines of all facets cut the line of facet i; false: they leave nothing of it. */
static bool edge_of(const struct lct_facet_set *set, const double *height, int i, double *start, double *end)
{
    const struct lct_facet *f = &set->facet[i];
    *start = -(double)INFINITY;
    *end = (double)INFINITY;
    for (int j = 0; j < set->n; j++) {
        const struct lct_facet *g = &set->facet[j];
        const double along = g->ny * f->nx - g->nx * f->ny, across = g->nx * f->nx + g->ny * f->ny;
        if (j == i || fabs(along) < 1e-3)
            continue;
        const double t = (height[j] - height[i] * across) / along;
        if (along > 0.0)
            *end = fmin(*end, t);
        else
            *start = fmax(*start, t);
    }
    return *end > *start;
}

/* A polygon that is open on one side (facets on one half of a particle only) ends with the outline. */
static void close_edge(const struct lct_facet_set *set, const struct lct_facet *f, const struct lct_ring *ring,
    double floor_h, double *start, double *end)
{
    if (isfinite(*start) && isfinite(*end))
        return;
    double lo = (double)INFINITY, hi = -(double)INFINITY;
    for (size_t i = 0; i < ring->n; i++) {
        const struct over p = over_facet(set, f, ring->x_px[i], ring->y_px[i]);
        if (p.h < floor_h)
            continue;
        lo = fmin(lo, p.t);
        hi = fmax(hi, p.t);
    }
    *start = fmax(*start, lo);
    *end = fmin(*end, hi);
}

static void set_sd(struct lct_facet_edge *e, double window, const struct lct_edge_error *error, double origin_sd)
{
    const double noise = error->noise_px * sqrt(fmin(1.0, error->noise_length_px / window));
    const double film = error->film_px * sqrt(fmin(1.0, error->film_length_px / window));
    e->noise_sd_px = noise;
    e->height_sd_px = hypot(hypot(noise, film), hypot(error->common_px, origin_sd));
}

static bool measure_edge(struct lct_facet_edge *e, const struct lct_facet_set *set, const struct lct_facet *f,
    const struct lct_ring *ring, double floor_h)
{
    const double middle = 0.5 * (e->start_px + e->end_px), half = 0.5 * MIDDLE * (e->end_px - e->start_px);
    const struct sums s = stretch_sums(set, f, ring, middle - half, middle + half, floor_h);
    if (!(s.w > COVERED * 2.0 * half))
        return false;
    const double h = s.h / s.w, t = s.t / s.w, tt = s.tt / s.w - t * t, ht = s.ht / s.w - h * t;
    e->height_px = h;
    e->tilt_rad = tt > 0.0 ? fmin(fmax(atan(ht / tt), -MAX_TILT_RAD), MAX_TILT_RAD) : 0.0;
    e->roughness_px = sqrt(fmax(0.0, s.hh / s.w - h * h - (tt > 0.0 ? ht * ht / tt : 0.0)));
    return true;
}

void lct_facet_corners(const struct lct_facet_set *set, struct lct_facet_edge *edges)
{
    double height[LCT_FACET_MAX];
    for (int i = 0; i < set->n; i++)
        height[i] = edges[i].height_px;
    for (int i = 0; i < set->n; i++) {
        double start, end;
        if (!edges[i].present || !edge_of(set, height, i, &start, &end) || !isfinite(start) || !isfinite(end))
            continue;
        edges[i].start_px = start;
        edges[i].end_px = end;
    }
}

bool lct_facet_centroid(const struct lct_facet_set *set, const struct lct_facet_edge *edges, double *x_px, double *y_px)
{
    double x[2 * LCT_FACET_MAX], y[2 * LCT_FACET_MAX], area = 0.0, mx = 0.0, my = 0.0;
    int n = 0;
    for (int i = 0; i < set->n; i++) {
        const struct lct_facet *f = &set->facet[i];
        for (int k = 0; edges[i].present && k < 2; k++) { /* counter-clockwise: from the end of an edge to its start */
            const double t = k == 0 ? edges[i].end_px : edges[i].start_px;
            x[n] = edges[i].height_px * f->nx - t * f->ny;
            y[n++] = edges[i].height_px * f->ny + t * f->nx;
        }
    }
    for (int i = 0, j = n - 1; i < n; j = i++) {
        const double cross = x[i] * y[j] - x[j] * y[i];
        area += 0.5 * cross;
        mx += cross * (x[i] + x[j]) / 6.0;
        my += cross * (y[i] + y[j]) / 6.0;
    }
    if (n < 6 || !isfinite(area) || !(area > 0.0))
        return false;
    *x_px = set->x_px + mx / area;
    *y_px = set->y_px + my / area;
    return true;
}

double lct_facet_least_edge_px(const struct lct_facet_params *params)
{
    return isfinite(params->min_edge_px) ? params->min_edge_px : SHORT_EDGE_BLURS * params->blur_px;
}

struct lct_facet_edge lct_facet_absent_edge(double height_px)
{
    const double none = (double)NAN;
    return (struct lct_facet_edge){ false, height_px, none, none, none, none, none, none };
}

/* One round: each edge between the corners that the heights make; their means into `next`. */
static void measure_edges(const struct lct_facet_set *set, const struct lct_ring *ring, double shortest_px,
    const double *height, double *next, struct lct_facet_edge *edges)
{
    const struct centroid c = centroid_of(ring);
    for (int i = 0; i < set->n; i++) {
        const struct lct_facet *f = &set->facet[i];
        const double floor_h = over_facet(set, f, c.x, c.y).h;
        struct lct_facet_edge *e = &edges[i];
        const bool left = edge_of(set, height, i, &e->start_px, &e->end_px);
        if (left)
            close_edge(set, f, ring, floor_h, &e->start_px, &e->end_px);
        e->present = left && e->end_px - e->start_px >= shortest_px && measure_edge(e, set, f, ring, floor_h);
        next[i] = e->present ? e->height_px : height[i];
    }
}

void lct_facet_measure(const struct lct_facet_set *set, const struct lct_outline *outline,
    const struct lct_facet_params *params, const struct lct_edge_error *error, struct lct_facet_edge *edges)
{
    double height[LCT_FACET_MAX];
    const struct lct_ring *ring = main_ring(outline);
    const double shortest = lct_facet_least_edge_px(params);
    for (int i = 0; i < set->n; i++)
        edges[i] = lct_facet_absent_edge((double)NAN);
    if (!ring)
        return;
    first_heights(set, ring, 2.0 * params->blur_px, height);
    double moved = (double)INFINITY;
    for (int round = 0; moved > SETTLED_PX && round < ROUNDS; round++) {
        double next[LCT_FACET_MAX];
        measure_edges(set, ring, shortest, height, next, edges);
        moved = 0.0;
        for (int i = 0; i < set->n; i++) {
            moved = fmax(moved, fabs(next[i] - height[i]));
            height[i] = next[i];
        }
    }
    for (int i = 0; i < set->n; i++) {
        if (edges[i].present)
            set_sd(&edges[i], MIDDLE * (edges[i].end_px - edges[i].start_px), error, set->origin_sd_px);
        else
            edges[i] = lct_facet_absent_edge(height[i]);
    }
}
