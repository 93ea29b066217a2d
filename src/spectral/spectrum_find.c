#include "spectrum_private.h"

#include <lctem/clones.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>

enum { CANDIDATES = 512, RING_IN = 5, RING_OUT = 10, RING_MOST = 20 };
static const double START_SD = 0.15; /* of a place read off three powers, in units of the resolution */

struct lct_spectrum_params lct_spectrum_defaults(void)
{
    return (struct lct_spectrum_params){ .false_alarms = 1e-3, .min_cycles = 3.0, .max_waves = 48 };
}

/* The same along a line of bins. */
static double streak(const struct lct_spectrum *s, int kx, int ky, int dx, int dy)
{
    enum { NEAREST = 4, FARTHEST = 13 };
    float along[2 * (FARTHEST - NEAREST + 1)];
    size_t n = 0;
    for (int i = NEAREST; i <= FARTHEST; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            const int x = kx + sign * i * dx, y = ky + sign * i * dy;
            if (x * x + y * y > 6)
                along[n++] = spectrum_power_at(s, x, y);
        }
    return lct_stats_median_f(along, n) / M_LN2;
}

/* The ring of bins around a bin that shows the noise there. It widens with the peaks of a region that fills the
 * transform in part, and near zero frequency it shrinks, so that it stays off the background. Where bins lie closer
 * than the resolution every other one does. */
struct ring {
    int in2, out2, reach, stride;
};

static struct ring ring_around(const struct lct_spectrum *s, int kx, int ky)
{
    const double wide = fmin(s->zoom * RING_OUT, RING_MOST), narrow = fmin(s->zoom * RING_IN, 0.5 * wide);
    const double middle = sqrt((double)kx * kx + (double)ky * ky),
                 in = middle < 2 * narrow ? fmax(2.0, middle / 2) : narrow;
    return (struct ring){ (int)ceil(in * in), (int)(wide * wide), (int)wide, s->zoom > 1.4 ? 2 : 1 };
}

static bool in_ring(const struct ring *r, int kx, int ky, int dx, int dy)
{
    const int r2 = dx * dx + dy * dy, mx = kx + dx, my = ky + dy;
    return r2 >= r->in2 && r2 <= r->out2 && mx * mx + my * my > 6;
}

/* First column of row dy: a chequerboard. */
static int ring_left(const struct ring *r, int dy)
{
    return -r->reach + (r->stride > 1 && (dy + r->reach) % 2 != 0);
}

/* Median power over ln 2 in the ring. */
static double ring_noise(const struct lct_spectrum *s, int kx, int ky)
{
    float around[(2 * RING_MOST + 1) * (2 * RING_MOST + 1)];
    size_t n = 0;
    const struct ring ring = ring_around(s, kx, ky);
    for (int dy = -ring.reach; dy <= ring.reach; dy++)
        for (int dx = ring_left(&ring, dy); dx <= ring.reach; dx += ring.stride)
            if (in_ring(&ring, kx, ky, dx, dy))
                around[n++] = spectrum_power_at(s, kx + dx, ky + dy);
    return lct_stats_median_f(around, n) / M_LN2;
}

double spectrum_local_noise(const struct lct_spectrum *s, int kx, int ky)
{
    const double ring = ring_noise(s, kx, ky);
    /* a scan that shakes smears every peak along the slow direction: there the streak is the noise */
    const double line = fmax(streak(s, kx, ky, 1, 0), streak(s, kx, ky, 0, 1));
    return line > 3.0 * ring ? line : ring;
}

/* Does the noise stay below `limit`, all around and on either side? On a slope the side uphill counts. A median lies
 * below a limit where half of the values do: counting them is quicker than the medians. */
static bool is_quiet(const struct lct_spectrum *s, int kx, int ky, double limit)
{
    int lead[3][3] = { 0 }; /* of those below over those above, left, middle, right of each third */
    const float least = (float)(limit * M_LN2);
    const struct ring ring = ring_around(s, kx, ky);
    for (int dy = -ring.reach; dy <= ring.reach; dy++)
        for (int dx = ring_left(&ring, dy); dx <= ring.reach; dx += ring.stride)
            if (in_ring(&ring, kx, ky, dx, dy))
                lead[(dy > 0) - (dy < 0) + 1][(dx > 0) - (dx < 0) + 1] +=
                    spectrum_power_at(s, kx + dx, ky + dy) <= least ? 1 : -1;
    int side[4] = { 0 };
    for (int i = 0; i < 3; i++) {
        side[0] += lead[i][0] + lead[i][1];
        side[1] += lead[i][1] + lead[i][2];
        side[2] += lead[0][i] + lead[1][i];
        side[3] += lead[1][i] + lead[2][i];
    }
    return side[0] >= 0 && side[1] >= 0 && side[2] >= 0 && side[3] >= 0;
}

struct candidate {
    int kx, ky;
    double power;
};

static int by_power(const void *a, const void *b)
{
    const struct candidate *p = a, *q = b;
    if (p->power != q->power)
        return p->power > q->power ? -1 : 1;
    return p->ky != q->ky ? (p->ky < q->ky ? -1 : 1) : (p->kx > q->kx) - (p->kx < q->kx);
}

static bool is_top(const struct lct_spectrum *s, int kx, int ky, float power)
{
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            const float other = spectrum_power_at(s, kx + dx, ky + dy);
            /* of two equal ones, one is on top */
            if (other > power || (other == power && (dy < 0 || (dy == 0 && dx < 0))))
                return false;
        }
    return true;
}

/* Amplitude that a Hann window leaves d bins from a peak, at most. */
static double lobe(double d)
{
    d = fabs(d);
    return d < 1.6 ? 1.0 : 1.0 / (d * (d * d - 1.0));
}

/* Could it be a side lobe of a stronger peak? Twice the ideal, since that is what grain and bent lattices make of
 * it. */
static bool is_lobe(const struct lct_spectrum *s, const struct candidate *c, const struct candidate *strong)
{
    const double zoom_x = (double)s->width / s->used_width, zoom_y = (double)s->height / s->used_height;
    for (int sign = -1; sign <= 1; sign += 2) {
        const double dx = (c->kx - sign * strong->kx) / zoom_x, dy = (c->ky - sign * strong->ky) / zoom_y;
        const double leak = 2.0 * lobe(dx) * lobe(dy);
        if (c->power < strong->power * leak * leak)
            return true;
    }
    return false;
}

struct candidates {
    struct candidate *all;
    size_t n;
    double min_ring2, threshold;
};

static int ring_of(const struct lct_spectrum *s, int kx, int ky)
{
    return (int)(sqrt(spectrum_ring(s, kx, ky)) + 0.5);
}

static void add_candidate(const struct lct_spectrum *s, int kx, int ky, float power, struct candidates *c)
{
    const int ring = ring_of(s, kx, ky);
    const bool twin = kx == 0 ? ky <= 0 : 2 * kx == s->width && ky < 0;
    if (twin || spectrum_ring(s, kx, ky) < c->min_ring2 || ring >= s->n_rings
        || (double)power < c->threshold * (double)s->ring_noise[ring] || !is_top(s, kx, ky, power))
        return;
    if (c->n == CANDIDATES) { /* keep the stronger half */
        qsort(c->all, c->n, sizeof *c->all, by_power);
        c->n = CANDIDATES / 2;
    }
    c->all[c->n++] = (struct candidate){ kx, ky, (double)power };
}

LCT_CLONES static bool any_from(const float *power, float least)
{
    int any = 0;
    for (int i = 0; i < STRETCH; i++)
        any |= power[i] >= least;
    return any;
}

/* Tops of the spectrum above `threshold` times the noise of their ring. Most bins are passed by for being below the
 * least noise of their stretch of the row. */
static void collect(const struct lct_spectrum *s, struct candidates *c)
{
    const int columns = spectrum_columns(s);
    for (int row = 0; row < s->height; row++) {
        const int ky = row <= s->height / 2 ? row : row - s->height;
        const float *power = s->power + (size_t)row * (size_t)columns;
        for (int from = 0; from < columns; from += STRETCH) {
            const int ring = ring_of(s, from, ky), end = from + STRETCH < columns ? from + STRETCH : columns;
            const float least = ring < s->n_rings ? (float)c->threshold * s->ring_floor[ring] : INFINITY;
            if (from + STRETCH <= columns && !any_from(power + from, least))
                continue;
            for (int kx = from; kx < end; kx++)
                if (power[kx] >= least)
                    add_candidate(s, kx, ky, power[kx], c);
        }
    }
    qsort(c->all, c->n, sizeof *c->all, by_power);
}

static struct lct_wave start_at(const struct lct_spectrum *s, int kx, int ky, double power, double noise)
{
    const double x =
        kx + spectrum_top((double)spectrum_power_at(s, kx - 1, ky), power, (double)spectrum_power_at(s, kx + 1, ky));
    const double y =
        ky + spectrum_top((double)spectrum_power_at(s, kx, ky - 1), power, (double)spectrum_power_at(s, kx, ky + 1));
    const double sd_x = START_SD / s->used_width, sd_y = START_SD / s->used_height;
    return (struct lct_wave){ .gx = x / s->width,
        .gy = y / s->height,
        .cov_xx = sd_x * sd_x,
        .cov_yy = sd_y * sd_y,
        .snr = sqrt(power / noise),
        .noise = noise,
        .ok = true };
}

size_t lct_spectrum_find(
    const struct lct_spectrum *spectrum, const struct lct_spectrum_params *params, struct lct_wave *waves)
{
    const struct lct_spectrum *s = spectrum;
    struct candidate found[CANDIDATES];
    const double cells = 0.5 * s->width * s->height;
    const double threshold = log(cells / params->false_alarms);
    const double longest = s->width > s->height ? s->width : s->height;
    const double used = s->width > s->height ? s->used_width : s->used_height;
    const double least_ring = params->min_cycles * longest / used;
    struct candidates candidates = { found, 0, least_ring * least_ring, threshold };
    collect(s, &candidates);
    const size_t most = params->max_waves < LCT_SPECTRUM_WAVES ? params->max_waves : LCT_SPECTRUM_WAVES;
    struct candidate accepted[LCT_SPECTRUM_WAVES];
    size_t kept = 0;
    for (size_t i = 0; i < candidates.n && kept < most; i++) {
        bool lobe_of_other = false;
        for (size_t k = 0; k < kept && !lobe_of_other; k++)
            lobe_of_other = is_lobe(s, &found[i], &accepted[k]);
        if (lobe_of_other)
            continue;
        if (!is_quiet(s, found[i].kx, found[i].ky, found[i].power / threshold))
            continue;
        const double noise = spectrum_local_noise(s, found[i].kx, found[i].ky);
        if (found[i].power < threshold * noise)
            continue;
        waves[kept] = start_at(s, found[i].kx, found[i].ky, found[i].power, noise);
        accepted[kept++] = found[i];
    }
    return kept;
}

double lct_spectrum_probe(
    const struct lct_spectrum *spectrum, double gx, double gy, double radius, struct lct_wave *wave)
{
    const struct lct_spectrum *s = spectrum;
    const double fx = gx * s->width, fy = gy * s->height;
    const double unit_x = (double)s->width / s->used_width, unit_y = (double)s->height / s->used_height;
    const int reach_x = (int)ceil(radius * unit_x), reach_y = (int)ceil(radius * unit_y);
    int best_x = 0, best_y = 0;
    double best = 0;
    if (!(fabs(gx) < 0.5 && fabs(gy) < 0.5))
        return 0.0;
    for (int ky = (int)floor(fy) - reach_y; ky <= (int)ceil(fy) + reach_y; ky++)
        for (int kx = (int)floor(fx) - reach_x; kx <= (int)ceil(fx) + reach_x; kx++) {
            const double off = hypot((kx - fx) / unit_x, (ky - fy) / unit_y);
            const double power = off <= radius + 0.7 ? (double)spectrum_power_at(s, kx, ky) : 0.0;
            if (power > best) {
                best = power;
                best_x = kx;
                best_y = ky;
            }
        }
    if (best <= 0)
        return 0.0;
    const double noise = spectrum_local_noise(s, best_x, best_y);
    *wave = start_at(s, best_x, best_y, best, noise);
    return best / noise;
}
