/* Protects: quantiles, moments and lines against closed forms, NaN left out, and order of the input without influence. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/random.h>
#include <lctem/stats.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

Test(stats, quantiles_agree_with_sorting)
{
    struct lct_random r = lct_random_start(3, 0, 0);
    for (size_t n = 1; n < 200; n += 1 + n / 7) {
        for (int kind = 0; kind < 3; kind++) {
            double x[200], sorted[200];
            float f[200];
            for (size_t i = 0; i < n; i++) {
                /* distinct values, many ties, already in order */
                sorted[i] = kind == 0 ? lct_random_double(&r) : kind == 1 ? lct_random_below(&r, 4) : (double)i;
                f[i] = (float)sorted[i];
            }
            memcpy(x, sorted, sizeof x);
            qsort(sorted, n, sizeof *sorted, ascending);
            for (int q = 0; q <= 10; q++) {
                const double at = q / 10.0 * (double)(n - 1);
                const size_t k = (size_t)at;
                const double next = k + 1 < n ? sorted[k + 1] : sorted[k];
                const double expected = sorted[k] + (at - floor(at)) * (next - sorted[k]);
                cr_assert(epsilon_eq(dbl, lct_stats_quantile(x, n, q / 10.0), expected, 1e-14));
                cr_assert(epsilon_eq(dbl, lct_stats_quantile_f(f, n, q / 10.0), expected, 1e-7));
            }
        }
    }
}

Test(stats, nan_does_not_count)
{
    double x[] = { (double)NAN, 3, 1, (double)NAN, 2 };
    cr_assert(eq(dbl, lct_stats_median(x, 5), 2.0));
    double y[] = { (double)NAN, 3, 1, (double)NAN, 2 };
    const struct lct_moments m = lct_stats_moments(y, 5);
    cr_assert(eq(sz, m.n, 3));
    cr_assert(eq(dbl, m.mean, 2.0));
    cr_assert(eq(dbl, m.variance, 1.0));
    double none[] = { (double)NAN };
    cr_assert(isnan(lct_stats_median(none, 1)));
    cr_assert(isnan(lct_stats_median(none, 0)));
    cr_assert(isnan(lct_stats_moments(none, 1).mean));
    cr_assert(isnan(lct_stats_quantile(x, 5, 1.5)));
}

/* Of N normal numbers the MAD has a relative standard error of 1.17/sqrt(N) (efficiency 37 %): 5 of them. */
Test(stats, mad_is_the_standard_deviation_of_normal_numbers)
{
    enum { N = 20000 };
    static double x[N];
    struct lct_random r = lct_random_start(5, 0, 0);
    for (int i = 0; i < N; i++)
        x[i] = 7.0 + 3.0 * lct_random_normal(&r);
    for (int i = 0; i < N / 20; i++)
        x[i] = 1e6; /* wild ones: they push it by about 5 % / 0.32 at most */
    double median;
    const double sd = lct_stats_mad_sd(x, N, &median);
    cr_assert(epsilon_eq(dbl, median, 7.2, 0.3));
    cr_assert(sd > 3.0 && sd < 3.5, "%g", sd);
    double y[] = { 1, 2, 3, 4, 5 };
    cr_assert(epsilon_eq(dbl, lct_stats_mad_sd(y, 5, NULL), 1.4826022185, 1e-9));
}

Test(stats, rounding_is_no_distance)
{
    const double long_way = 0.1 * 3.0; /* not 0.3 */
    cr_assert(ne(dbl, long_way, 0.3));
    cr_assert(eq(dbl, lct_stats_between(0.3, long_way), 0.0));
    cr_assert(eq(dbl, lct_stats_between(2.0, 0.5), -1.5));
    cr_assert(ne(dbl, lct_stats_between(1.0, 1.0 + 1e-12), 0.0));
}

Test(stats, variance_survives_a_large_offset)
{
    double x[] = { 1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4 };
    cr_assert(epsilon_eq(dbl, lct_stats_moments(x, 4).variance, 5.0 / 3.0, 1e-9));
    float f[] = { 1, 2, 3, 4 };
    cr_assert(epsilon_eq(dbl, lct_stats_moments_f(f, 4).variance, 5.0 / 3.0, 1e-12));
}

/* x = 0..3, y = 1, 3, 2, 5 by hand: slope 1.1, intercept 1.1, residuals -0.1, 0.8, -1.3, 0.6: chi2 2.7, s2 1.35, Sxx 5. */
Test(stats, a_line_by_hand)
{
    const double x[] = { 0, 1, 2, 3, (double)NAN }, y[] = { 1, 3, 2, 5, 9 };
    struct lct_line line;
    cr_assert(eq(int, lct_stats_line(x, y, NULL, 5, &line, NULL), LCT_OK));
    cr_assert(epsilon_eq(dbl, line.slope, 1.1, 1e-12));
    cr_assert(epsilon_eq(dbl, line.intercept, 1.1, 1e-12));
    cr_assert(epsilon_eq(dbl, line.chi2, 2.7, 1e-12));
    cr_assert(epsilon_eq(dbl, line.slope_sd, sqrt(1.35 / 5.0), 1e-12));
    cr_assert(epsilon_eq(dbl, line.intercept_sd, sqrt(1.35 * (0.25 + 2.25 / 5.0)), 1e-12));
    cr_assert(eq(sz, line.n, 4));
}

Test(stats, weights_are_as_good_as_repeated_points)
{
    /* Weight 4 (sd 1/2) is the same as four points of weight 1. */
    const double x[] = { 0, 1, 2 }, y[] = { 0, 2, 3 }, sd[] = { 1, 0.5, 1 };
    const double x6[] = { 0, 1, 1, 1, 1, 2 }, y6[] = { 0, 2, 2, 2, 2, 3 }, sd6[] = { 1, 1, 1, 1, 1, 1 };
    struct lct_line a, b;
    cr_assert(eq(int, lct_stats_line(x, y, sd, 3, &a, NULL), LCT_OK));
    cr_assert(eq(int, lct_stats_line(x6, y6, sd6, 6, &b, NULL), LCT_OK));
    cr_assert(epsilon_eq(dbl, a.slope, b.slope, 1e-12));
    cr_assert(epsilon_eq(dbl, a.intercept_sd, b.intercept_sd, 1e-12));
}

Test(stats, no_line_through_one_place)
{
    const double x[] = { 1, 1, 1 }, y[] = { 1, 2, 3 };
    struct lct_line line = { .n = 77 };
    cr_assert(eq(int, lct_stats_line(x, y, NULL, 3, &line, NULL), LCT_E_NODATA));
    cr_assert(eq(int, lct_stats_line(x, y, NULL, 1, &line, NULL), LCT_E_NODATA));
    cr_assert(eq(sz, line.n, 77));
}

/* Tables: 0.5, 0.8413447460685429, 0.9772498680518208 are one standard deviation apart. */
Test(stats, quantiles_of_the_normal_distribution)
{
    const double p[] = { 0.5, 0.8413447460685429, 0.9772498680518208 };
    for (int k = 0; k < 3; k++) {
        cr_assert(epsilon_eq(dbl, lct_stats_normal_quantile(p[k]), k, 1e-12));
        cr_assert(epsilon_eq(dbl, lct_stats_normal_quantile(1.0 - p[k]), -k, 1e-12));
    }
}

Test(stats, without_takes_off_what_is_independent)
{
    cr_assert(epsilon_eq(dbl, lct_stats_without(5.0, 3.0), 4.0, 1e-15));
    cr_assert(eq(dbl, lct_stats_without(5.0, 0.0), 5.0));
    cr_assert(eq(dbl, lct_stats_without(3.0, 5.0), 0.0));
}
