#include <lctem/order.h>
#include <lctem/rim_facet.h>
#include <lctem/rim_order.h>
#include <lctem/stats.h>

#include <complex.h>
#include <math.h>
#include <stdlib.h>

enum { LAGS = 4 };
static const double SMOOTH_LAYERS =
    1.4; /* sd along the facet that amplitudes are smoothed by: 0.8 nm for CdCl2, as in the core */
static const double REACH = 2.5;         /* of that sd */
static const double LEAST_SMOOTHS = 2.0; /* of rim that a facet's share is told from */
static const double USUAL = 0.75;        /* quantile of the powers */
static const double LEAST_FRAC = 0.25;   /* of the usual power: half the amplitude */
static const double LEAST_SNR2 = 9.0;    /* of the usual power over noise */

/* A ray that crosses the rim of a facet. */
struct cell {
    int facet;
    double along_px, step_px;
    double complex z;    /* its fringe, phases counted from the particle's origin along the facet's normal */
    double complex calm; /* the mean of its neighbours' */
    double gain;         /* variance of `calm` over that of a ray, were they independent */
};

struct lct_rim_order lct_rim_order_none(void)
{
    return (struct lct_rim_order){ (double)NAN, (double)NAN, (double)NAN };
}

static struct lct_rim_place place_of(
    const struct lct_rim *rim, size_t i, const struct lct_facet_set *set, const struct lct_facet_edge *edges)
{
    return lct_rim_place_find(set, edges, rim->points[i].x_px, rim->points[i].y_px);
}

/* The ray that a facet begins with, so that none is cut in two. */
static size_t first_ray(const struct lct_rim *rim, const struct lct_facet_set *set, const struct lct_facet_edge *edges)
{
    const int last = place_of(rim, rim->n - 1, set, edges).facet;
    size_t first = 0;
    while (first + 1 < rim->n && place_of(rim, first, set, edges).facet == last)
        first++;
    return first;
}

/* Layers lie in the same places all along a facet, wherever the rim's middle is. */
static size_t collect(const struct lct_rim *rim, const unsigned char *open, double layer_px,
    const struct lct_facet_set *set, const struct lct_facet_edge *edges, struct cell *cells)
{
    const size_t first = first_ray(rim, set, edges);
    size_t n = 0;
    for (size_t k = 0; k < rim->n; k++) {
        const size_t i = (first + k) % rim->n;
        const struct lct_rim_point *p = &rim->points[i];
        if (open[i] || (p->fringe[0] == 0.0 && p->fringe[1] == 0.0))
            continue;
        const struct lct_rim_place place = place_of(rim, i, set, edges);
        if (place.facet < 0 || fabs(place.position_frac) >= 1.0)
            continue;
        const struct lct_facet *f = &set->facet[place.facet];
        const double height = (p->x_px - set->x_px) * f->nx + (p->y_px - set->y_px) * f->ny;
        cells[n++] = (struct cell){ .facet = place.facet,
            .along_px = place.position_px,
            .step_px = p->step_px,
            .z = (p->fringe[0] + I * p->fringe[1]) * cexp(2.0 * M_PI * I * height / layer_px) };
    }
    return n;
}

/* Means over neighbours on the same facet; rays follow each other along it. */
static void smooth(struct cell *cells, size_t n, double sd_px)
{
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        struct cell *c = &cells[i];
        double complex sum = 0.0;
        double weights = 0.0, squares = 0.0;
        while (cells[from].facet != c->facet || fabs(cells[from].along_px - c->along_px) > REACH * sd_px)
            from++;
        for (size_t k = from; k < n && cells[k].facet == c->facet; k++) {
            const double off = (cells[k].along_px - c->along_px) / sd_px;
            if (k > i && fabs(off) > REACH)
                break;
            const double w = cells[k].step_px * exp(-0.5 * off * off);
            sum += w * cells[k].z;
            weights += w;
            squares += w * w;
        }
        c->calm = sum / weights;
        c->gain = squares / (weights * weights);
    }
}

/* Variance of a ray's amplitude from what the smoothing takes away, and how far neighbours share it. */
static double noise_of(const struct cell *cells, size_t n)
{
    double power[LAGS + 1] = { 0.0 }, pairs[LAGS + 1] = { 0.0 };
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k <= LAGS && i + k < n && cells[i + k].facet == cells[i].facet; k++) {
            power[k] += creal((cells[i].z - cells[i].calm) * conj(cells[i + k].z - cells[i + k].calm));
            pairs[k]++;
        }
    double sum = power[0] / pairs[0];
    for (size_t k = 1; k <= LAGS && pairs[k] > 0.0; k++)
        sum += 2.0 * fmax(0.0, power[k] / pairs[k]);
    return sum;
}

static double power_of(const struct cell *c, double noise)
{
    return creal(c->calm * conj(c->calm)) - noise * c->gain;
}

/* Upper quartile of the powers; NaN: no more than noise makes. */
static double usual_power(const struct cell *cells, size_t n, double noise, double *sorted)
{
    double gain = 0.0;
    for (size_t i = 0; i < n; i++) {
        sorted[i] = power_of(&cells[i], noise);
        gain += cells[i].gain / (double)n;
    }
    const double usual = lct_stats_quantile(sorted, n, USUAL);
    return usual > LEAST_SNR2 * noise * gain ? usual : (double)NAN;
}

/* Share of one facet's rim above the limit. */
static struct lct_rim_order share(
    const struct cell *cells, size_t n, int facet, double noise, double limit, double sd_px)
{
    struct lct_rim_order out = lct_rim_order_none();
    const double together_px = 2.0 * sqrt(M_PI) * sd_px; /* that length varies together */
    double all = 0.0, ordered = 0.0, variance = 0.0, sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        const struct cell *c = &cells[i];
        if (c->facet != facet)
            continue;
        const double power = power_of(c, noise), sd = sqrt(0.5 * noise * c->gain);
        /* the chance that it lies on the other side of the limit than it seems */
        const double doubt = 0.5 * erfc(fabs(sqrt(fmax(0.0, power)) - sqrt(limit)) / (sd * sqrt(2.0)));
        all += c->step_px;
        sum += c->step_px * power;
        ordered += power >= limit ? c->step_px : 0.0;
        variance += c->step_px * together_px * doubt * (1.0 - doubt);
    }
    if (all < LEAST_SMOOTHS * sd_px)
        return out;
    out.amplitude = 2.0 * sqrt(fmax(0.0, sum / all));
    if (isfinite(limit)) {
        out.frac = ordered / all;
        out.frac_sd = lct_order_share_sd(sqrt(variance) / all, all / sd_px); /* what is shorter is not seen */
    }
    return out;
}

enum lct_status lct_rim_order_measure(const struct lct_rim *rim, const unsigned char *open, double layer_px,
    const struct lct_facet_set *set, const struct lct_facet_edge *edges, struct lct_rim_order *out, struct lct_err *err)
{
    for (int f = 0; f < set->n; f++)
        out[f] = lct_rim_order_none();
    if (rim->n == 0 || !(layer_px > 0.0))
        return LCT_OK;
    struct cell *cells = malloc(rim->n * sizeof *cells);
    double *sorted = malloc(rim->n * sizeof *sorted);
    enum lct_status status =
        cells && sorted ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "rim: no memory for %zu rays", rim->n);
    const size_t n = status == LCT_OK ? collect(rim, open, layer_px, set, edges, cells) : 0;
    if (n > 0) {
        const double sd_px = SMOOTH_LAYERS * layer_px;
        smooth(cells, n, sd_px);
        const double noise = noise_of(cells, n), limit = LEAST_FRAC * usual_power(cells, n, noise, sorted);
        for (int f = 0; f < set->n; f++)
            out[f] = share(cells, n, f, noise, limit, sd_px);
    }
    free(cells);
    free(sorted);
    return status;
}
