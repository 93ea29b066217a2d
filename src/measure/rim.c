#include <lctem/rim.h>
#include <lctem/sampling.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_RAYS = 4096,
    MAX_SAMPLES = 128,
    MAX_WINDOW = 64,
    MAX_REACH = 16, /* of the smoothing: RAY_BLURS asks for nine */
    MEDIAN_RAYS = 4
};                                      /* the median over a window hardly differs from one ray to the next */
static const double RAY_BLURS = 0.5;    /* of outline between two rays */
static const double SAMPLE_BLURS = 0.4; /* between two samples of a ray */
static const double SMOOTH_BLURS = 1.5; /* sd along the outline that the rays' directions are smoothed by */
static const double EDGE_BLURS = 1.6;   /* nearer to an edge, its blur is felt */
static const double WINDOW_BLURS = 9.0; /* to either side: more than half a wide gap, less than half a facet */
static const double REACH_RIMS = 2.5;   /* how far a ray looks, in rims of the mean thickness */
static const double LEAST_BAND_BLURS = 0.3;
static const double BARE_BLURS = 6.0; /* of outline without rim, at least: then the core is bare */
static const double DEEP_BLURS = 4.0; /* how far out it is looked at there */
static const double VOID_BLURS = 4.0; /* of outline that a void takes at least */

/* Rays of one particle while they are made. */
struct rays {
    const struct lct_image *plane;
    const struct lct_levels *levels;
    size_t n;
    int samples;             /* per ray */
    double step_px;          /* between samples */
    double typical_px;       /* thickness of the rim where nothing better is known */
    double *x, *y, *nx, *ny; /* n each: start, outward normal */
    float *liquid;           /* n * samples: (grey - shell) / (liquid - shell) */
    double *thickness;       /* n; as in lct_rim_point */
};

void lct_rim_finish(struct lct_rim *rim)
{
    free(rim->points);
    *rim = (struct lct_rim){ 0 };
}

static const struct lct_ring *largest_ring(const struct lct_outline *o)
{
    const struct lct_ring *best = NULL;
    for (size_t k = 0; k < o->n_rings; k++)
        if (!o->rings[k].hole && (!best || o->rings[k].n > best->n))
            best = &o->rings[k];
    return best;
}

static double ring_length(const struct lct_ring *r)
{
    double length = 0.0;
    for (size_t i = 0, j = r->n - 1; i < r->n; j = i++)
        length += hypot(r->x_px[i] - r->x_px[j], r->y_px[i] - r->y_px[j]);
    return length;
}

/* n points at equal distances along the ring. */
static void resample(const struct lct_ring *r, double length, size_t n, double *x, double *y)
{
    double at = 0.0;
    size_t k = 0;
    for (size_t i = 0; i < r->n && k < n; i++) {
        const size_t j = (i + 1) % r->n;
        const double piece = hypot(r->x_px[j] - r->x_px[i], r->y_px[j] - r->y_px[i]);
        for (; k < n && (double)k * length / (double)n <= at + piece; k++) {
            const double u = piece > 0.0 ? ((double)k * length / (double)n - at) / piece : 0.0;
            x[k] = r->x_px[i] + u * (r->x_px[j] - r->x_px[i]);
            y[k] = r->y_px[i] + u * (r->y_px[j] - r->y_px[i]);
        }
        at += piece;
    }
    for (; k < n; k++) { /* rounding at the very end */
        x[k] = r->x_px[0];
        y[k] = r->y_px[0];
    }
}

/* `d` lies within one turn of the ring. */
static double wrapped(const double *v, size_t n, size_t i, long d)
{
    const long at = (long)i + d, m = (long)n;
    return v[at < 0 ? at + m : at >= m ? at - m : at];
}

/* Smooth start points and take the normals from what is left: a counter-clockwise ring has its outside on the right. */
static void aim(struct rays *r, double spacing_px, double *sx, double *sy)
{
    const double sd = SMOOTH_BLURS * r->levels->blur_px / spacing_px;
    const long reach = (long)fmin(fmin(ceil(3.0 * sd), MAX_REACH), (double)r->n - 1.0);
    double share[MAX_REACH + 1], weight = 0.0;
    for (long d = 0; d <= reach; d++) {
        share[d] = exp(-0.5 * pow((double)d / sd, 2.0));
        weight += d == 0 ? share[d] : 2.0 * share[d];
    }
    for (size_t i = 0; i < r->n; i++) {
        sx[i] = share[0] * r->x[i];
        sy[i] = share[0] * r->y[i];
        for (long d = 1; d <= reach; d++) {
            sx[i] += share[d] * (wrapped(r->x, r->n, i, -d) + wrapped(r->x, r->n, i, d));
            sy[i] += share[d] * (wrapped(r->y, r->n, i, -d) + wrapped(r->y, r->n, i, d));
        }
        sx[i] /= weight;
        sy[i] /= weight;
    }
    for (size_t i = 0; i < r->n; i++) {
        const double tx = wrapped(sx, r->n, i, 1) - wrapped(sx, r->n, i, -1);
        const double ty = wrapped(sy, r->n, i, 1) - wrapped(sy, r->n, i, -1), t = hypot(tx, ty);
        r->nx[i] = t > 0.0 ? -ty / t : 0.0;
        r->ny[i] = t > 0.0 ? tx / t : 0.0;
    }
    memcpy(r->x, sx, r->n * sizeof *sx);
    memcpy(r->y, sy, r->n * sizeof *sy);
}

static void read_plane(struct rays *r)
{
    const double span = 1.0 - r->levels->shell;
    double value[MAX_SAMPLES];
    for (size_t i = 0; i < r->n; i++) {
        const struct lct_image_line ray = { r->x[i], r->y[i], r->step_px * r->nx[i], r->step_px * r->ny[i],
            r->samples };
        lct_image_along(r->plane, &ray, value);
        for (int k = 0; k < r->samples; k++)
            r->liquid[i * (size_t)r->samples + (size_t)k] = (float)((value[k] - r->levels->shell) / span);
    }
}

/* First sample from `k` on where matter (or liquid) begins, sub-sample; the number of samples if it never does. */
static double crossing(const struct rays *r, size_t i, int k, bool into_liquid)
{
    const float *u = r->liquid + i * (size_t)r->samples;
    for (; k < r->samples; k++)
        if ((u[k] >= 0.5F) == into_liquid) {
            if (k == 0 || (u[k - 1] >= 0.5F) == into_liquid)
                return k;
            return k - 1 + ((double)u[k - 1] - 0.5) / (double)(u[k - 1] - u[k]);
        }
    return r->samples;
}

/* Where the rim ends along ray i, and how much liquid lies below it. */
static double outer_edge(const struct rays *r, size_t i, double *void_px)
{
    const int least = (int)ceil(r->levels->blur_px / r->step_px);
    const double first = crossing(r, i, 0, true);
    *void_px = 0.0;
    if (first >= r->samples)
        return (double)NAN;
    const double edge = EDGE_BLURS * r->levels->blur_px / r->step_px;
    const double again = crossing(r, i, (int)first + 1, false);
    const double second = again < r->samples ? crossing(r, i, (int)again + 1, true) : r->samples;
    if (first < edge) { /* liquid at the core: a void where a rim follows, else bare */
        if (second >= r->samples || second - again < least || again * r->step_px > 1.5 * r->typical_px)
            return 0.0;
        *void_px = again * r->step_px;
        return second * r->step_px;
    }
    return first * r->step_px;
}

static double median_near(const struct rays *r, size_t i, long reach)
{
    double seen[2 * MAX_WINDOW + 1];
    size_t n = 0;
    for (long d = -reach; d <= reach; d++) {
        const double t = wrapped(r->thickness, r->n, i, d);
        if (isfinite(t))
            seen[n++] = t;
    }
    return n ? lct_stats_median(seen, n) : (double)NAN;
}

/* A void is as long as a few blurs of outline at least: what is shorter is noise, and no void. */
static void drop_short_voids(struct lct_rim_point *points, size_t n, double spacing_px, double blur_px)
{
    const size_t least = (size_t)ceil(VOID_BLURS * blur_px / spacing_px);
    size_t start = 0;
    while (start < n && points[start].void_px > 0.0)
        start++;
    for (size_t k = 0; k < n;) {
        size_t count = 0;
        while (k + count < n && points[(start + k + count) % n].void_px > 0.0)
            count++;
        for (size_t i = 0; count < least && i < count; i++) {
            struct lct_rim_point *p = &points[(start + k + i) % n];
            p->thickness_px = p->void_px = 0.0;
        }
        k += count + 1;
    }
}

/* Mean of ray i between the blur of the rim's inner edge and that of its outer one. */
static double band_mean(const struct rays *r, size_t i, double inner_px, double outer_px)
{
    const double blur = r->levels->blur_px, from = inner_px + EDGE_BLURS * blur, to = outer_px - EDGE_BLURS * blur;
    if (!(to - from >= LEAST_BAND_BLURS * blur))
        return (double)NAN;
    const int a = (int)ceil(from / r->step_px), b = (int)fmin(floor(to / r->step_px), r->samples - 1);
    double sum = 0.0;
    for (int k = a; k <= b; k++)
        sum += (double)r->liquid[i * (size_t)r->samples + (size_t)k];
    return b >= a ? sum / (b - a + 1) : (double)NAN;
}

/* Where the core is bare for longer than a thin rim's noise makes it seem, there is liquid to be looked at, however thin
 * the rim beside it is. */
static void look_at_bare(const struct rays *r, double spacing_px, struct lct_rim_point *points)
{
    const double blur = r->levels->blur_px;
    const size_t least = (size_t)ceil(BARE_BLURS * blur / spacing_px);
    size_t start = 0;
    while (start < r->n && points[start].thickness_px <= 0.0)
        start++;
    for (size_t k = 0; k < r->n;) {
        size_t count = 0;
        while (k + count < r->n && points[(start + k + count) % r->n].thickness_px <= 0.0)
            count++;
        for (size_t i = 0; count >= least && i < count; i++) {
            const size_t j = (start + k + i) % r->n;
            if (isnan(points[j].liquid))
                points[j].liquid = band_mean(r, j, 0.0, DEEP_BLURS * blur);
        }
        k += count + 1;
    }
}

static void fill_points(const struct rays *r, double spacing_px, struct lct_rim_point *points)
{
    const long reach =
        (long)fmin(fmin(ceil(WINDOW_BLURS * r->levels->blur_px / spacing_px), MAX_WINDOW), 0.25 * (double)r->n);
    for (size_t i = 0; i < r->n; i++)
        points[i].thickness_px = outer_edge(r, i, &points[i].void_px);
    drop_short_voids(points, r->n, spacing_px, r->levels->blur_px);
    double usual = 0.0;
    for (size_t i = 0; i < r->n; i++) {
        struct lct_rim_point *p = &points[i];
        if (i % MEDIAN_RAYS == 0)
            usual = median_near(r, i, reach);
        usual = usual > 0.0 ? usual : r->typical_px; /* bare all along, or another particle all along */
        const double middle = 0.5 * usual;
        p->x_px = r->x[i] + middle * r->nx[i];
        p->y_px = r->y[i] + middle * r->ny[i];
        p->liquid = band_mean(r, i, p->void_px, fmax(usual, p->void_px > 0.0 ? p->thickness_px : 0.0));
    }
    look_at_bare(r, spacing_px, points);
}

void lct_rim_measure_steps(struct lct_rim *rim)
{
    for (size_t i = 0; i < rim->n; i++) {
        const struct lct_rim_point *a = &rim->points[(i + rim->n - 1) % rim->n], *b = &rim->points[(i + 1) % rim->n];
        rim->points[i].step_px = 0.5 * hypot(b->x_px - a->x_px, b->y_px - a->y_px);
    }
}

static void measure(struct rays *r)
{
    double void_px;
    read_plane(r);
    for (size_t i = 0; i < r->n; i++)
        r->thickness[i] = outer_edge(r, i, &void_px);
}

enum lct_status lct_rim_trace(struct lct_rim *out, const struct lct_outline *core, double shell_px2,
    const struct lct_image *plane, const struct lct_levels *levels, struct lct_err *err)
{
    *out = (struct lct_rim){ 0 };
    const struct lct_ring *ring = largest_ring(core);
    if (!levels->has_shell || !ring || !(shell_px2 > 0.0) || plane->width < 2 || plane->height < 2)
        return LCT_OK;
    const double length = ring_length(ring), spacing = RAY_BLURS * levels->blur_px;
    struct rays r = { .plane = plane, .levels = levels, .step_px = SAMPLE_BLURS * levels->blur_px };
    r.n = (size_t)fmin(ceil(length / spacing), MAX_RAYS);
    if (r.n < 16)
        return LCT_OK;
    r.typical_px = 2.0 * shell_px2 / (length + sqrt(length * length + 4.0 * M_PI * shell_px2)); /* ring of that area */
    r.samples = (int)fmin(ceil((REACH_RIMS * r.typical_px + 4.0 * levels->blur_px) / r.step_px), MAX_SAMPLES);
    double *lines = malloc(7 * r.n * sizeof *lines);
    r.liquid = malloc(r.n * (size_t)r.samples * sizeof *r.liquid);
    struct lct_rim_point *points = malloc(r.n * sizeof *points);
    enum lct_status status = LCT_OK;
    if (lines && r.liquid && points) {
        r.x = lines;
        r.y = lines + r.n;
        r.nx = lines + 2 * r.n;
        r.ny = lines + 3 * r.n;
        r.thickness = lines + 4 * r.n;
        resample(ring, length, r.n, r.x, r.y);
        aim(&r, length / (double)r.n, lines + 5 * r.n, lines + 6 * r.n);
        measure(&r);
        fill_points(&r, length / (double)r.n, points);
        *out = (struct lct_rim){ .points = points, .n = r.n, .spacing_px = length / (double)r.n };
        lct_rim_measure_steps(out);
        points = NULL;
    } else {
        status = lct_fail(err, LCT_E_LIMIT, "rim: no memory for %zu rays", r.n);
    }
    free(points);
    free(lines);
    free(r.liquid);
    return status;
}
