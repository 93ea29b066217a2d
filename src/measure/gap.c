#include <lctem/gap.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>

static const double SMOOTH_BLURS = 0.8;  /* sd along the outline before gaps are looked for */
static const double WINDOW_BLURS = 14.0; /* to either side: the level of the rim around a place */
static const double MOST_BASE = 0.3;     /* a rim is no paler than that: where it seems so, it is missing */
static const double MOST_NOISE = 0.2;    /* nor does it scatter more: where it seems to, it is bare in part */
static const double TAIL_BLURS = 1.5;    /* beyond its ends, a gap's blur still counts */
static const double SHOULDER_BLURS =
    4.0; /* from there to this far the rim beside a gap is looked at: fringes make it darker */
static const double MOST_SHOULDER = 0.06;
static const double LEVEL_SD = 0.05; /* error of depth 1 from the levels, relative */
static const double BESIDE = 1.6;    /* the rim of one frame has few places to compare with: movies with known truth */
static const double WALL_SD_BLURS = 0.1;   /* error of the place of each wall */
static const double WIDE_VOID_BLURS = 4.0; /* what is narrower may pass for rim in places */
static const double VOID_EDGE_BLURS = 0.1; /* error of each of its two edges */
enum {
    MAX_WINDOW = 64,
    MAX_KERNEL = 16,
    MEDIAN_RAYS = 4
}; /* the median over a window hardly differs from one ray to the next */

struct lct_gap_params lct_gap_defaults(void)
{
    return (struct lct_gap_params){ .least_depth = 0.35, .least_snr = 3.5, .end_depth = 0.15 };
}

/* Depth along the outline. */
struct depth {
    size_t n;
    double *raw, *smooth; /* n: 0 the rim around, 1 liquid; NaN counts as rim */
    double noise;         /* robust sd of `smooth` */
    double *scratch;      /* n */
};

static size_t wrap(long i, size_t n)
{
    const long m = (long)n;
    return (size_t)((i % m + m) % m);
}

static double base_near(const struct lct_rim *rim, size_t i, long reach)
{
    double seen[2 * MAX_WINDOW + 1];
    size_t n = 0;
    for (long d = -reach; d <= reach; d++) {
        const double u = rim->points[wrap((long)i + d, rim->n)].liquid;
        if (isfinite(u))
            seen[n++] = u;
    }
    return n ? fmin(lct_stats_median(seen, n), MOST_BASE) : 0.0;
}

static void smooth(struct depth *d, double sd)
{
    double share[MAX_KERNEL + 1] = { 0 }, weight = 0.0;
    const long n = (long)d->n, far = (long)fmin(fmin(ceil(3.0 * sd), MAX_KERNEL), (double)n - 1.0);
    for (long k = 0; k <= far; k++) {
        share[k] = exp(-0.5 * (double)(k * k) / (sd * sd));
        weight += k == 0 ? share[k] : 2.0 * share[k];
    }
    for (long i = 0; i < n; i++) {
        double sum = share[0] * d->raw[i];
        for (long k = 1; k <= far; k++)
            sum += share[k] * (d->raw[i >= k ? i - k : i - k + n] + d->raw[i + k < n ? i + k : i + k - n]);
        d->smooth[i] = sum / weight;
    }
}

static void measure_depth(struct depth *d, const struct lct_rim *rim, double blur_px)
{
    const double per_blur = blur_px / rim->spacing_px, sd = SMOOTH_BLURS * per_blur;
    const long reach = (long)fmin(fmin(ceil(WINDOW_BLURS * per_blur), MAX_WINDOW), 0.25 * (double)rim->n);
    double base = 0.0;
    for (size_t i = 0; i < d->n; i++) {
        const double u = rim->points[i].liquid;
        if (i % MEDIAN_RAYS == 0)
            base = base_near(rim, i, reach);
        d->raw[i] = isfinite(u) ? (u - base) / (1.0 - base) : 0.0;
    }
    smooth(d, sd);
    for (size_t i = 0; i < d->n; i++)
        d->scratch[i] = d->smooth[i];
    d->noise = fmin(lct_stats_mad_sd(d->scratch, d->n, NULL), MOST_NOISE);
}

/* Mean depth of the rim beside the gap that ends `tail` rays outside from .. from + count - 1. */
static double shoulder(
    const struct depth *d, const struct lct_rim *rim, size_t from, size_t count, long tail, double blur_px)
{
    const long far = (long)ceil(SHOULDER_BLURS * blur_px / rim->spacing_px);
    double sum = 0.0, n = 0.0;
    for (long k = tail + 1; k <= far; k++) {
        const double sides[2] = { d->raw[wrap((long)from - k, d->n)],
            d->raw[wrap((long)(from + count) - 1 + k, d->n)] };
        for (int i = 0; i < 2; i++)
            if (sides[i] < MOST_BASE) { /* not another gap */
                sum += sides[i];
                n += 1.0;
            }
    }
    return n > 0.0 ? fmin(fmax(sum / n, -MOST_SHOULDER), MOST_SHOULDER) : 0.0;
}

/* Scatter of the width that `count` rays would seem to have where there is no gap: grain and fringes of the rim itself,
 * however long their stretches are. */
static double width_scatter(const struct depth *d, const struct lct_rim *rim, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++) {
        double sum = 0.0;
        for (size_t k = 0; k < count; k++) {
            const size_t j = (i + k) % d->n;
            sum += d->smooth[j] < MOST_BASE ? d->raw[j] * rim->points[j].step_px : (double)NAN;
        }
        if (isfinite(sum))
            d->scratch[n++] = sum;
    }
    const struct lct_moments m = lct_stats_moments(d->scratch, n);
    return n > 1 ? BESIDE * sqrt(m.variance + m.mean * m.mean) : 0.0;
}

/* The gap over the rays from .. from + count - 1 (not wrapped yet). */
static struct lct_gap sum_up(
    const struct depth *d, const struct lct_rim *rim, size_t from, size_t count, double blur_px)
{
    const long tail = (long)ceil(TAIL_BLURS * blur_px / rim->spacing_px);
    const double base = shoulder(d, rim, from, count, tail, blur_px);
    struct lct_gap g = { .first = from % d->n, .n_rays = count };
    double x = 0.0, y = 0.0, weight = 0.0;
    for (long k = -tail; k < (long)count + tail; k++) {
        const size_t i = wrap((long)from + k, d->n);
        const struct lct_rim_point *p = &rim->points[i];
        const double w = fmax(d->smooth[i], 0.0) * p->step_px;
        g.width_px += (d->raw[i] - base) / (1.0 - base) * p->step_px;
        g.depth = fmax(g.depth, d->smooth[i]);
        x += w * p->x_px;
        y += w * p->y_px;
        weight += w;
    }
    g.x_px = x / weight;
    g.y_px = y / weight;
    g.width_px = fmax(g.width_px, 0.0);
    g.width_sd_px = hypot(hypot(width_scatter(d, rim, count + 2 * (size_t)tail), LEVEL_SD * g.width_px),
        sqrt(2.0) * WALL_SD_BLURS * blur_px);
    g.snr = d->noise > 0.0 ? g.depth / d->noise : HUGE_VAL;
    return g;
}

static size_t collect(struct lct_gap *out, const struct depth *d, const struct lct_rim *rim, double blur_px,
    const struct lct_gap_params *params)
{
    const double least = fmax(params->least_depth, params->least_snr * d->noise);
    const double end = fmin(fmax(params->end_depth, d->noise), least);
    size_t start = 0, n = 0;
    while (start < d->n && d->smooth[start] > end)
        start++; /* begin on the rim, so that no gap is cut in two */
    if (start == d->n)
        start = 0; /* none: one gap goes all round */
    for (size_t k = 0; k < d->n;) {
        size_t count = 0;
        double deepest = 0.0;
        while (k + count < d->n && d->smooth[(start + k + count) % d->n] > end) {
            deepest = fmax(deepest, d->smooth[(start + k + count) % d->n]);
            count++;
        }
        if (deepest >= least)
            out[n++] = sum_up(d, rim, start + k, count, blur_px);
        k += count + 1;
    }
    return n;
}

enum lct_status lct_gaps_find(struct lct_gap **out, size_t *n, const struct lct_rim *rim, double blur_px,
    const struct lct_gap_params *params, struct lct_err *err)
{
    *out = NULL;
    *n = 0;
    if (rim->n == 0)
        return LCT_OK;
    double *lines = malloc(3 * rim->n * sizeof *lines);
    struct lct_gap *gaps = malloc((rim->n / 2 + 1) * sizeof *gaps);
    if (!lines || !gaps) {
        free(lines);
        free(gaps);
        return lct_fail(err, LCT_E_LIMIT, "gaps: no memory for %zu rays", rim->n);
    }
    struct depth d = { .n = rim->n, .raw = lines, .smooth = lines + rim->n, .scratch = lines + 2 * rim->n };
    measure_depth(&d, rim, blur_px);
    *n = collect(gaps, &d, rim, blur_px, params);
    free(lines);
    if (*n == 0)
        free(gaps);
    else
        *out = gaps;
    return LCT_OK;
}

double lct_void_core_edge_px(const struct lct_levels *levels, double blur_px, double rim_px, double crossed_px)
{
    const double core = levels->core, shell = levels->shell, span = 1.0 - core;
    if (!levels->has_shell || !(crossed_px < rim_px))
        return crossed_px;
    const double rim = (1.0 - shell) / span * 0.5 * erfc((rim_px - crossed_px) / (sqrt(2.0) * blur_px));
    const double thin = crossed_px - blur_px * lct_stats_normal_quantile(0.5 * (shell - core) / span + rim);
    /* liquid is seen in a wide void: there the edge is that between core and liquid */
    return rim_px - thin < WIDE_VOID_BLURS * blur_px ? thin : crossed_px;
}

static struct lct_void sum_up_void(const struct lct_rim *rim, size_t from, size_t count, double blur_px)
{
    struct lct_void v = { 0 };
    for (size_t k = 0; k < count; k++) {
        const struct lct_rim_point *p = &rim->points[(from + k) % rim->n];
        const double area = p->void_px * p->step_px;
        v.length_px += p->step_px;
        v.area_px2 += area;
        v.x_px += area * p->x_px;
        v.y_px += area * p->y_px;
    }
    v.x_px /= v.area_px2;
    v.y_px /= v.area_px2;
    v.area_sd_px2 = sqrt(2.0) * VOID_EDGE_BLURS * blur_px * v.length_px;
    return v;
}

enum lct_status lct_voids_find(
    struct lct_void **out, size_t *n, const struct lct_rim *rim, double blur_px, struct lct_err *err)
{
    *out = NULL;
    *n = 0;
    size_t start = 0;
    while (start < rim->n && rim->points[start].void_px > 0.0)
        start++; /* begin where there is none, so that none is cut in two */
    if (start == rim->n)
        return LCT_OK;
    struct lct_void *voids = malloc((rim->n / 2 + 1) * sizeof *voids);
    if (!voids)
        return lct_fail(err, LCT_E_LIMIT, "voids: no memory for %zu rays", rim->n);
    for (size_t k = 0; k < rim->n;) {
        size_t count = 0;
        while (k + count < rim->n && rim->points[(start + k + count) % rim->n].void_px > 0.0)
            count++;
        if (count > 0)
            voids[(*n)++] = sum_up_void(rim, start + k, count, blur_px);
        k += count + 1;
    }
    if (*n == 0)
        free(voids);
    else
        *out = voids;
    return LCT_OK;
}
