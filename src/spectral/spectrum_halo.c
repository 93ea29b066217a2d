#include "spectrum_private.h"

#include <math.h>
#include <stdlib.h>

static const double CLIP = 5.0;       /* times the typical power of a ring: what is brighter is a spot */
static const double LEAST_RISE = 1.5; /* of radius times power over either side of the ring */
static const double NEAR = 1.25;      /* the place lies within this factor of where the ring stands out */

/* Powers of the half plane by their distance from the middle, each times `clip` of its ring at most; n rings.
 * `typical` NULL: their logarithms, so that spots count little. */
static void add_rings(const struct lct_spectrum *s, const double *typical, double *sum, double *count, int n)
{
    const int columns = spectrum_columns(s);
    for (int i = 0; i < n; i++)
        sum[i] = count[i] = 0;
    for (int row = 0; row < s->height; row++)
        for (int kx = 0; kx < columns; kx++) {
            const int ky = row <= s->height / 2 ? row : row - s->height,
                      ring = (int)(sqrt(spectrum_ring(s, kx, ky)) + 0.5);
            if (ring >= n)
                continue;
            const double power = (double)s->power[(size_t)row * (size_t)columns + (size_t)kx];
            sum[ring] += typical ? fmin(power, CLIP * typical[ring]) : log(power + 1e-30);
            count[ring] += 1;
        }
}

/* Mean power at each distance, spots left out, smoothed over about two bins; `profile` has n values, `scratch` 3 n. */
static void make_profile(const struct lct_spectrum *s, double *profile, double *scratch, int n)
{
    static const double taps[] = { 0.1995, 0.1760, 0.1210, 0.0648, 0.0270, 0.0088, 0.0022 }; /* Gaussian of sigma 2 */
    static const double euler = 0.57721566490153286; /* the mean logarithm lies this much below that of the mean */
    double *sum = scratch, *count = scratch + n, *typical = scratch + 2 * n;
    add_rings(s, NULL, sum, count, n);
    for (int i = 0; i < n; i++)
        typical[i] = count[i] > 0 ? exp(sum[i] / count[i] + euler) : 0.0;
    add_rings(s, typical, sum, count, n);
    for (int i = 0; i < n; i++) {
        double total = 0, weight = 0;
        for (int k = -6; k <= 6; k++)
            if (i + k >= 0 && i + k < n && count[i + k] > 0) {
                total += taps[abs(k)] * sum[i + k] / count[i + k];
                weight += taps[abs(k)];
            }
        profile[i] = weight > 0 ? total / weight : 0.0;
    }
}

/* Brightest ring of radius^exponent times power in first .. end - 1. */
static int brightest(const double *profile, int first, int end, double exponent)
{
    int best = first;
    for (int i = first; i < end; i++)
        best = profile[i] * pow(i, exponent) > profile[best] * pow(best, exponent) ? i : best;
    return best;
}

static bool stands_out(const double *profile, int first, int end, int best)
{
    double below = INFINITY, above = INFINITY;
    for (int i = first; i < best; i++)
        below = fmin(below, profile[i] * i);
    for (int i = best + 1; i < end; i++)
        above = fmin(above, profile[i] * i);
    return best > first && best < end - 1 && profile[best] * best > LEAST_RISE * fmax(below, above);
}

double lct_spectrum_halo(const struct lct_spectrum *spectrum)
{
    const struct lct_spectrum *s = spectrum;
    const int first = 8, n = s->n_rings * 7 / 10; /* to the side of the spectrum, not into its corners */
    double *profile = malloc(4 * (size_t)n * sizeof *profile), found = (double)NAN;
    if (!profile)
        return found;
    make_profile(s, profile, profile + n, n);
    const int ring = brightest(profile, first, n, 1.0);
    if (stands_out(profile, first, n, ring)) {
        /* on a background that falls the top of a broad ring is shifted inwards; times the squared radius, as
         * scattering curves are drawn since Kratky, it is not */
        const int low = (int)(ring / NEAR) > first ? (int)(ring / NEAR) : first,
                  high = (int)(ring * NEAR) < n ? (int)(ring * NEAR) : n;
        const int top = brightest(profile, low, high, 2.0);
        const int at = top > low && top < high - 1 ? top : ring;
        const double exponent = at == top ? 2.0 : 1.0, longest = s->width > s->height ? s->width : s->height;
        found = longest
            / (at
                + spectrum_top(profile[at - 1] * pow(at - 1, exponent), profile[at] * pow(at, exponent),
                    profile[at + 1] * pow(at + 1, exponent)));
    }
    free(profile);
    return found;
}
