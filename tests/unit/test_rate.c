/* Protects: a slope's sigma and a correlation's significance know that neighbouring frames are alike. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/rate.h>
#include <lctem/random.h>
#include <math.h>
#include <stdlib.h>

enum { N = 75 };

/* Gaussian numbers that remember: x[i] = phi x[i-1] + g. */
static void remember(double *x, size_t n, double phi, struct lct_random *s)
{
    double last = 0.0;
    for (size_t i = 0; i < n + 200; i++) {
        last = phi * last + lct_random_normal(s);
        if (i >= 200)
            x[i - 200] = phi < 1.0 ? last : (i == 200 ? last = 0.0 : last);
    }
}

Test(rate, a_straight_line_has_its_slope)
{
    double x[10], y[10];
    struct lct_rate r;
    for (int i = 0; i < 10; i++) {
        x[i] = 0.2 * i;
        y[i] = 3.0 - 2.5 * x[i];
    }
    y[4] = (double)NAN;
    cr_assert(eq(int, lct_rate_fit(x, y, 10, &r, NULL), LCT_OK));
    cr_assert(epsilon_eq(dbl, r.rate, -2.5, 1e-12));
    cr_assert(epsilon_eq(dbl, r.rate_sd, 0.0, 1e-12));
    cr_assert(eq(sz, r.n, 9));
    cr_assert(eq(int, lct_rate_fit(x, y, 2, &r, NULL), LCT_E_NODATA));
    double local[10];
    y[4] = 3.0 - 2.5 * x[4];
    lct_rate_local(x, y, 10, 0.8, local);
    for (int i = 0; i < 10; i++)
        cr_assert(epsilon_eq(dbl, local[i], -2.5, 1e-12));
    lct_rate_local(x, y, 10, 0.1, local); /* one point is no line */
    cr_assert(isnan(local[5]));
}

Test(rate, sigma_covers_although_noise_remembers)
{
    struct lct_random s = lct_random_start(11, 0, 0);
    double x[N], y[N];
    int covered = 0;
    enum { TRIES = 400 };
    for (int i = 0; i < N; i++)
        x[i] = i;
    for (int k = 0; k < TRIES; k++) {
        struct lct_rate r;
        remember(y, N, 0.8, &s);
        cr_assert(eq(int, lct_rate_fit(x, y, N, &r, NULL), LCT_OK));
        covered += fabs(r.rate) < 2.0 * r.rate_sd;
    }
    /* independent residuals would cover 50 %; 95 % are wanted, and a sample of 75 that remembers 10 steps gives a little less */
    cr_assert(covered > 0.88 * TRIES && covered <= TRIES, "%d", covered);
}

Test(correlation, student_p_has_its_known_values)
{
    static const double rows[][3] = { { 0, 3, 1 }, { 12.706204736, 1, 0.05 }, { 4.302652730, 2, 0.05 },
        { 2.085963447, 20, 0.05 }, { 63.656741162, 1, 0.01 }, { 2.845339710, 20, 0.01 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_assert(epsilon_eq(dbl, lct_student_p(rows[i][0], rows[i][1]), rows[i][2], 1e-9), "row %zu", i);
}

Test(correlation, finds_sign_and_lag)
{
    struct lct_random s = lct_random_start(5, 0, 0);
    double g[N + 4], x[N], y[N];
    for (int i = 0; i < N + 4; i++)
        g[i] = lct_random_normal(&s);
    for (int i = 0; i < N; i++) {
        x[i] = g[i + 4];
        y[i] = -g[i + 1]; /* y at i is minus x at i - 3: y comes 3 behind */
    }
    struct lct_correlation c;
    cr_assert(eq(int, lct_correlation_scan(x, y, N, 10, &c, NULL), LCT_OK));
    cr_assert(eq(long, c.lag, 3));
    cr_assert(epsilon_eq(dbl, c.r, -1.0, 1e-12));
    cr_assert(c.significant);
    cr_assert(eq(int, lct_correlation_at(x, y, N, 0, &c, NULL), LCT_OK));
    cr_assert(c.n_eff > 0.4 * N && !c.significant, "%g %g", c.n_eff, c.p_value);
    cr_assert(c.r_low < c.r && c.r < c.r_high);
}

Test(correlation, strangers_are_rarely_called_friends)
{
    static const double phis[] = { 0.0, 0.9, 0.97, 1.0 }; /* 1: random walks, the classic trap */
    enum { TRIES = 600 };
    double x[N], y[N];
    for (size_t k = 0; k < sizeof phis / sizeof *phis; k++) {
        struct lct_random s = lct_random_start(77, (uint32_t)k, 0);
        int called = 0, scanned = 0;
        for (int i = 0; i < TRIES; i++) {
            struct lct_correlation c;
            remember(x, N, phis[k], &s);
            remember(y, N, phis[k], &s);
            cr_assert(eq(int, lct_correlation_at(x, y, N, 0, &c, NULL), LCT_OK));
            called += c.significant;
            if (i < TRIES / 4 && lct_correlation_scan(x, y, N, 15, &c, NULL) == LCT_OK)
                scanned += c.significant;
        }
        /* at 1 %: 6 of 600 expected; 16 is more than four sigma above */
        cr_assert(called <= 16, "phi %g: %d of %d", phis[k], called, TRIES);
        cr_assert(scanned <= 9, "phi %g: %d of %d at the strongest lag", phis[k], scanned, TRIES / 4);
    }
}

/* Facets are no series: the same pairs in another order say the same, and a trend along the list costs nothing. */
Test(correlation, independent_pairs_all_count)
{
    double x[12], y[12], u[12], v[12];
    for (int i = 0; i < 12; i++) {
        x[i] = i < 8 ? 0.0 : 0.1 * i;
        y[i] = 2.0 * x[i] + (i % 2 ? 0.1 : -0.1);
    }
    for (int i = 0; i < 12; i++) {
        u[i] = x[(5 * i) % 12];
        v[i] = y[(5 * i) % 12];
    }
    struct lct_correlation c, d, series;
    cr_assert(eq(int, lct_correlation_independent(x, y, 12, &c, NULL), LCT_OK));
    cr_assert(eq(int, lct_correlation_independent(u, v, 12, &d, NULL), LCT_OK));
    cr_assert(eq(int, lct_correlation_at(x, y, 12, 0, &series, NULL), LCT_OK));
    cr_assert(c.n_eff == 12.0 && c.significant && series.n_eff < 12.0);
    cr_assert(epsilon_eq(dbl, c.r, d.r, 1e-12));
    cr_assert(epsilon_eq(dbl, c.p_value, d.p_value, 1e-12));
    cr_assert(epsilon_eq(dbl, c.r, series.r, 1e-15));
    cr_assert(epsilon_eq(dbl, c.p_value, lct_student_p(c.r * sqrt(10.0 / (1.0 - c.r * c.r)), 10.0), 1e-12));
    cr_assert(eq(int, lct_correlation_independent(x, y, 7, &c, NULL), LCT_E_NODATA));
}

Test(correlation, needs_pairs_that_change)
{
    double x[N] = { 0 }, y[N];
    struct lct_correlation c = { .r = 7 };
    for (int i = 0; i < N; i++)
        y[i] = i;
    cr_assert(eq(int, lct_correlation_at(x, y, N, 0, &c, NULL), LCT_E_NODATA));
    cr_assert(eq(int, lct_correlation_at(y, y, 7, 0, &c, NULL), LCT_E_NODATA));
    cr_assert(eq(int, lct_correlation_at(y, y, N, N - 3, &c, NULL), LCT_E_NODATA));
    cr_assert(eq(dbl, c.r, 7));
}
