#include "spectrum_private.h"

#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>

enum { CANDIDATES = 512, RING_IN = 5, RING_OUT = 10, RING_MOST = 20 };
static const double START_SD = 0.15; /* of a place read off three powers, in units of the resolution */

struct lct_spectrum_params lct_spectrum_defaults(void)
{
    return (struct lct_spectrum_params){ .false_alarms = 1e-3, .min_cycles = 3.0, .max_waves = 48 };
}

/* The same along a line of bins, if it is clearly brighter than the ring; else 0. */
static double streak(const struct lct_spectrum *s, int kx, int ky, int dx, int dy, double ring)
{
    enum { NEAREST = 4, FARTHEST = 13 };
    double along[2 * (FARTHEST - NEAREST + 1)];
    size_t n = 0;
    for (int i = NEAREST; i <= FARTHEST; i++)
        for (int sign = -1; sign <= 1; sign += 2)
            if (hypot(kx + sign * i * dx, ky + sign * i * dy) > 2.5)
                along[n++] = spectrum_power_at(s, kx + sign * i * dx, ky + sign * i * dy);
    const double line = lct_stats_median(along, n) / M_LN2;
    return line > 3.0 * ring ? line : 0.0;
}

/* Median power over ln 2 in a ring around a bin; of the half of it that lies towards (dx, dy), or of all for 0, 0. The ring widens
 * with the peaks of a region that fills the transform in part. */
static double ring_noise(const struct lct_spectrum *s, int kx, int ky, int towards_x, int towards_y)
{
    double around[(2 * RING_MOST + 1) * (2 * RING_MOST + 1)];
    size_t n = 0;
    const double wide = fmin(s->zoom * RING_OUT, RING_MOST), narrow = fmin(s->zoom * RING_IN, 0.5 * wide), middle = hypot(kx, ky);
    const int reach = (int)wide;
    /* near zero frequency the ring shrinks, so that it stays off the background */
    const double in = middle < 2 * narrow ? fmax(2.0, middle / 2) : narrow;
    for (int dy = -reach; dy <= reach; dy++)
        for (int dx = -reach; dx <= reach; dx++) {
            const int r2 = dx * dx + dy * dy, mx = kx + dx, my = ky + dy;
            if (r2 >= in * in && r2 <= wide * wide && mx * mx + my * my > 6 && dx * towards_x + dy * towards_y >= 0)
                around[n++] = spectrum_power_at(s, mx, my);
        }
    return lct_stats_median(around, n) / M_LN2;
}

double spectrum_local_noise(const struct lct_spectrum *s, int kx, int ky)
{
    const double ring = ring_noise(s, kx, ky, 0, 0);
    /* a scan that shakes smears every peak along the slow direction: there the streak is the noise */
    return fmax(ring, fmax(streak(s, kx, ky, 1, 0, ring), streak(s, kx, ky, 0, 1, ring)));
}

/* What a peak has to rise above: on a slope, the noise uphill of it. */
static double uphill_noise(const struct lct_spectrum *s, int kx, int ky)
{
    static const int halves[4][2] = { { 1, 0 }, { -1, 0 }, { 0, 1 }, { 0, -1 } };
    double most = spectrum_local_noise(s, kx, ky);
    for (int i = 0; i < 4; i++)
        most = fmax(most, ring_noise(s, kx, ky, halves[i][0], halves[i][1]));
    return most;
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

static bool is_top(const struct lct_spectrum *s, int kx, int ky, double power)
{
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            const double other = spectrum_power_at(s, kx + dx, ky + dy);
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

/* Could it be a side lobe of a stronger peak? Twice the ideal, since that is what grain and bent lattices make of it. */
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

/* Tops of the spectrum above `threshold` times the noise of their ring. */
static size_t collect(const struct lct_spectrum *s, double min_ring2, double threshold, struct candidate *out)
{
    const int columns = spectrum_columns(s);
    size_t n = 0;
    for (int row = 0; row < s->height; row++) {
        const int ky = row <= s->height / 2 ? row : row - s->height;
        const float *power = s->power + (size_t)row * (size_t)columns;
        for (int kx = 0; kx < columns; kx++) {
            if (power[kx] < s->ring_floor || (kx == 0 && ky <= 0))
                continue;
            const double r2 = spectrum_ring(s, kx, ky);
            const int ring = (int)(sqrt(r2) + 0.5);
            if (r2 < min_ring2 || ring >= s->n_rings || (double)power[kx] < threshold * (double)s->ring_noise[ring])
                continue;
            if (!is_top(s, kx, ky, (double)power[kx]))
                continue;
            if (n == CANDIDATES) { /* keep the stronger half */
                qsort(out, n, sizeof *out, by_power);
                n = CANDIDATES / 2;
            }
            out[n++] = (struct candidate){ kx, ky, (double)power[kx] };
        }
    }
    qsort(out, n, sizeof *out, by_power);
    return n;
}

/* Top of a parabola through three logarithms. */
static double top(double left, double middle, double right)
{
    const double a = log(left + 1e-300), b = log(middle + 1e-300), c = log(right + 1e-300), bend = a - 2 * b + c;
    return bend < 0 ? fmax(-0.6, fmin(0.6, 0.5 * (a - c) / bend)) : 0.0;
}

static struct lct_wave start_at(const struct lct_spectrum *s, int kx, int ky, double power, double noise)
{
    const double x = kx + top(spectrum_power_at(s, kx - 1, ky), power, spectrum_power_at(s, kx + 1, ky));
    const double y = ky + top(spectrum_power_at(s, kx, ky - 1), power, spectrum_power_at(s, kx, ky + 1));
    const double sd_x = START_SD / s->used_width, sd_y = START_SD / s->used_height;
    return (struct lct_wave){ .gx = x / s->width, .gy = y / s->height, .cov_xx = sd_x * sd_x, .cov_yy = sd_y * sd_y,
        .snr = sqrt(power / noise), .ok = true };
}

size_t lct_spectrum_find(const struct lct_spectrum *spectrum, const struct lct_spectrum_params *params, struct lct_wave *waves)
{
    const struct lct_spectrum *s = spectrum;
    struct candidate found[CANDIDATES];
    const double cells = 0.5 * s->width * s->height;
    const double threshold = log(cells / params->false_alarms);
    const double longest = s->width > s->height ? s->width : s->height;
    const double used = s->width > s->height ? s->used_width : s->used_height;
    const double least_ring = params->min_cycles * longest / used;
    const size_t n = collect(s, least_ring * least_ring, threshold, found);
    const size_t most = params->max_waves < LCT_SPECTRUM_WAVES ? params->max_waves : LCT_SPECTRUM_WAVES;
    struct candidate accepted[LCT_SPECTRUM_WAVES];
    size_t kept = 0;
    for (size_t i = 0; i < n && kept < most; i++) {
        bool lobe_of_other = false;
        for (size_t k = 0; k < kept && !lobe_of_other; k++)
            lobe_of_other = is_lobe(s, &found[i], &accepted[k]);
        if (lobe_of_other)
            continue;
        const double noise = spectrum_local_noise(s, found[i].kx, found[i].ky);
        if (found[i].power < threshold * noise || found[i].power < threshold * uphill_noise(s, found[i].kx, found[i].ky))
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
            const double power = hypot((kx - fx) / unit_x, (ky - fy) / unit_y) <= radius + 0.7
                ? spectrum_power_at(s, kx, ky) : 0.0;
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

/* Mean logarithm of the power at each distance from the middle, smoothed over about two bins: `profile` has n values. */
static void log_profile(const struct lct_spectrum *s, double *profile, double *scratch, int n)
{
    static const double taps[] = { 0.1995, 0.1760, 0.1210, 0.0648, 0.0270, 0.0088, 0.0022 }; /* Gaussian of sigma 2 */
    double *sum = scratch, *count = scratch + n;
    for (int i = 0; i < 2 * n; i++)
        scratch[i] = 0;
    for (int row = 0; row < s->height; row++)
        for (int kx = 0; kx < spectrum_columns(s); kx++) {
            const int ky = row <= s->height / 2 ? row : row - s->height;
            const int ring = (int)(sqrt(spectrum_ring(s, kx, ky)) + 0.5);
            if (ring < n) {
                sum[ring] += log(spectrum_power_at(s, kx, ky) + 1e-30);
                count[ring] += 1;
            }
        }
    for (int i = 0; i < n; i++)
        sum[i] = count[i] > 0 ? exp(sum[i] / count[i]) : 0.0;
    for (int i = 0; i < n; i++) {
        double total = 0, weight = 0;
        for (int k = -6; k <= 6; k++)
            if (i + k >= 0 && i + k < n) {
                total += taps[abs(k)] * sum[i + k];
                weight += taps[abs(k)];
            }
        profile[i] = i * total / weight;
    }
}

double lct_spectrum_halo(const struct lct_spectrum *spectrum)
{
    static const double least_rise = 1.5;
    const struct lct_spectrum *s = spectrum;
    const int first = 8, n = s->n_rings * 7 / 10; /* to the side of the spectrum, not into its corners */
    double *profile = malloc(3 * (size_t)n * sizeof *profile), found = (double)NAN;
    if (!profile)
        return found;
    log_profile(s, profile, profile + n, n);
    int best = first;
    double below = INFINITY, above = INFINITY;
    for (int i = first; i < n; i++)
        best = profile[i] > profile[best] ? i : best;
    for (int i = first; i < n; i++) {
        double *side = i < best ? &below : &above;
        *side = fmin(*side, i == best ? INFINITY : profile[i]);
    }
    if (best > first && best < n - 1 && profile[best] > least_rise * fmax(below, above)) {
        const double longest = s->width > s->height ? s->width : s->height;
        found = longest / (best + top(profile[best - 1], profile[best], profile[best + 1]));
    }
    free(profile);
    return found;
}
