#include <lctem/order.h>

#include <lctem/stats.h>

#include <math.h>

enum { CELLS = LCT_SPECTRUM_CELLS * LCT_SPECTRUM_CELLS, LEAST_CELLS = 24 };
static const double USUAL = 0.75;      /* quantile of the powers */
static const double LEAST_FRAC = 0.25; /* of the usual power: half the amplitude */
static const double LEAST_SNR2 = 9.0;  /* of the usual power over noise */

/* Power of the star in a cell, freed of what noise adds, and the noise. */
static double power_of(const struct lct_spectrum_cells *cells, size_t n, int i, double *noise)
{
    double power = 0;
    *noise = 0;
    for (size_t j = 0; j < n; j++) {
        const double re = (double)cells[j].re[i], im = (double)cells[j].im[i], own = (double)cells[j].noise[i];
        power += re * re + im * im - own;
        *noise += own;
    }
    return power;
}

/* Chance that a cell lies on the other side of the limit than it seems, from the error of its amplitude. */
static double doubt(double power, double limit, double noise, size_t n)
{
    const double sd = sqrt(0.5 * noise / (double)n), apart = sqrt(fmax(0.0, power)) - sqrt(limit);
    return 0.5 * erfc(fabs(apart) / (sd * sqrt(2.0)));
}

double lct_order_share_sd(double noise_sd, double places)
{
    return fmax(noise_sd, 0.5 / (places + 1.0));
}

struct lct_order lct_order_measure(const struct lct_spectrum_cells *cells, size_t n)
{
    struct lct_order none = { .frac = (double)NAN, .frac_sd = (double)NAN, .amplitude = (double)NAN };
    double sorted[CELLS], noise, usual_noise = 0;
    size_t count = 0;
    for (int i = 0; n > 0 && i < CELLS; i++)
        if (cells[0].weight[i] > 0.0F) {
            sorted[count++] = power_of(cells, n, i, &noise);
            usual_noise += noise;
        }
    if (count < LEAST_CELLS)
        return none;
    const double usual = lct_stats_quantile(sorted, count, USUAL), limit = LEAST_FRAC * usual;
    if (!(usual > LEAST_SNR2 * usual_noise / (double)count))
        return none;
    double all = 0, ordered = 0, variance = 0, squares = 0;
    for (int i = 0; i < CELLS; i++) {
        const double w = (double)cells[0].weight[i];
        if (w <= 0)
            continue;
        const double power = power_of(cells, n, i, &noise), p = doubt(power, limit, noise, n);
        all += w;
        ordered += power >= limit ? w : 0.0;
        variance += w * w * p * (1 - p);
        squares += w * w;
    }
    const double together = cells[0].together;
    return (struct lct_order){ .frac = ordered / all,
        .frac_sd = lct_order_share_sd(sqrt(together * variance) / all, all * all / (together * squares)),
        .amplitude = 2.0 * sqrt(usual) };
}
