#include <lctem/facet.h>

#include "chord.h"

#include <math.h>
#include <string.h>

enum { N = LCT_FACET_BINS, PEAK = 10, FLANK_FROM = 14, FLANK_TO = 24, APART = 20, KERNEL = 6 };
static const double CHORD_BLURS = 4.0;  /* longer than noise is alike, shorter than most edges */
static const double CHORD_SHARE = 0.04; /* of the outline: chords of a large particle may be longer */
static const double FRAME_SHARE = 0.03; /* of the outline that noise may line up in a single frame */
static const double STEEPNESS = 2.0;    /* density of a peak over that of its flanks; 1.4 for an ellipse of 2 : 1 */

void lct_facet_census_add(
    struct lct_facet_census *census, const struct lct_outline *outline, const struct lct_facet_params *params)
{
    for (size_t k = 0; k < outline->n_rings; k++) {
        const struct lct_ring *r = &outline->rings[k];
        if (r->hole || r->n < 3)
            continue;
        double length = 0.0;
        for (size_t i = 0, j = r->n - 1; i < r->n; j = i++)
            length += hypot(r->x_px[i] - r->x_px[j], r->y_px[i] - r->y_px[j]);
        struct chord c = chord_begin(r, fmax(CHORD_BLURS * params->blur_px, CHORD_SHARE * length));
        while (chord_next(&c)) {
            const double dx = chord_x(&c, c.to) - chord_x(&c, c.from), dy = chord_y(&c, c.to) - chord_y(&c, c.from);
            /* counter-clockwise on the screen: the outside lies to the right of the way, at (-dy, dx) in the image */
            const double deg = atan2(-dx, -dy) * 180.0 / M_PI;
            census->length_px[(int)(floor(deg + 720.0)) % N] += c.step_px;
        }
    }
    census->frames += 1.0;
}

static int wrap(int k)
{
    return (k % N + N) % N;
}

/* Gaussian of 2.5 degrees. */
static void smooth(const double *from, double *to)
{
    double kernel[2 * KERNEL + 1], sum = 0.0;
    for (int k = -KERNEL; k <= KERNEL; k++)
        sum += kernel[k + KERNEL] = exp(-0.5 * k * k / (2.5 * 2.5));
    for (int i = 0; i < N; i++) {
        to[i] = 0.0;
        for (int k = -KERNEL; k <= KERNEL; k++)
            to[i] += kernel[k + KERNEL] / sum * from[wrap(i + k)];
    }
}

struct peak {
    double angle_deg, excess, ratio, sd_deg;
};

/* What stands within PEAK degrees of bin p above its flanks. */
static struct peak weigh(const double *density, int p)
{
    double flank = 0.0, mass = 0.0, mean = 0.0, square = 0.0;
    for (int k = FLANK_FROM; k <= FLANK_TO; k++)
        flank += 0.5 * (density[wrap(p + k)] + density[wrap(p - k)]) / (FLANK_TO - FLANK_FROM + 1);
    for (int k = -PEAK; k <= PEAK; k++) {
        const double above = fmax(0.0, density[wrap(p + k)] - flank);
        mass += above;
        mean += above * k;
        square += above * k * k;
    }
    mean = mass > 0.0 ? mean / mass : 0.0;
    return (struct peak){ .angle_deg = p + 0.5 + mean,
        .excess = mass,
        .ratio = density[p] / flank,
        .sd_deg = mass > 0.0 ? sqrt(fmax(0.0, square / mass - mean * mean)) : 0.0 };
}

static bool is_peak(const double *density, int p)
{
    for (int k = 1; k <= APART; k++)
        if (density[wrap(p - k)] > density[p] || density[wrap(p + k)] >= density[p])
            return false;
    return density[p] > 0.0;
}

/* Rising angles; where there are more than fit, the weakest goes. */
static void insert(struct lct_facet_set *set, struct lct_facet f)
{
    if (set->n == LCT_FACET_MAX) {
        int weakest = 0;
        for (int i = 1; i < set->n; i++)
            if (set->facet[i].weight < set->facet[weakest].weight)
                weakest = i;
        if (f.weight <= set->facet[weakest].weight)
            return;
        memmove(&set->facet[weakest], &set->facet[weakest + 1], (size_t)(--set->n - weakest) * sizeof f);
    }
    int at = set->n;
    for (; at > 0 && set->facet[at - 1].angle_deg > f.angle_deg; at--)
        set->facet[at] = set->facet[at - 1];
    set->facet[at] = f;
    set->n++;
}

void lct_facet_find(
    struct lct_facet_set *out, const struct lct_facet_census *census, const struct lct_facet_params *params)
{
    double density[N], total = 0.0;
    smooth(census->length_px, density);
    for (int k = 0; k < N; k++)
        total += density[k];
    const double least = params->min_share + FRAME_SHARE / sqrt(fmax(1.0, census->frames));
    out->n = 0;
    for (int p = 0; p < N && total > 0.0; p++) {
        if (!is_peak(density, p))
            continue;
        const struct peak peak = weigh(density, p);
        if (peak.excess < least * total || !(peak.ratio >= STEEPNESS))
            continue;
        struct lct_facet f = { .angle_sd_deg = peak.sd_deg / sqrt(fmax(1.0, census->frames)),
            .weight = peak.excess / total };
        lct_facet_turn_to(&f, peak.angle_deg);
        insert(out, f);
    }
    if (out->n == 1)
        out->n = 0; /* one straight side makes no polygon; a round outline may have one by chance */
}
