/* Protects: the mode lies in the crowd, and small linear systems are solved or refused. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/random.h>
#include <lctem/robust.h>
#include <math.h>

Test(robust, the_mode_is_where_the_values_crowd)
{
    double x[] = { 9, 1, 5.0, 5.1, 5.05, 7, 30, 2 };
    const double mode = lct_robust_mode(x, 8);
    cr_assert(mode >= 5.0 && mode <= 5.1, "%g", mode);
    double one[] = { 3 };
    cr_assert(eq(dbl, lct_robust_mode(one, 1), 3.0));
}

/* Needs a pivot: the first element is 0. Solution x = (1, 2, 3). */
Test(robust, small_systems_are_solved_and_singular_ones_refused)
{
    double a[] = { 0, 1, 1, 2, 0, 1, 1, 1, 0 }, b[] = { 5, 5, 3 };
    cr_assert(lct_linear_solve(a, b, 3));
    for (int i = 0; i < 3; i++)
        cr_assert(epsilon_eq(dbl, b[i], i + 1.0, 1e-14));
    double flat[] = { 1, 2, 2, 4 }, c[] = { 1, 2 };
    cr_assert(not(lct_linear_solve(flat, c, 2)));
    /* a straight line through points that all lie at 0.1: what elimination leaves of its slope is rounding */
    double s[4] = { 0 }, rhs[2] = { 0 };
    for (int i = 0; i < 37; i++) {
        const double t[2] = { 1.0, 0.1 };
        for (int k = 0; k < 4; k++)
            s[k] += 3.7 * t[k / 2] * t[k % 2];
        rhs[0] += 1.0;
    }
    cr_assert(not(lct_linear_solve(s, rhs, 2)));
}

/* Dark particles over almost half of the field must not pull the liquid's level: that is what the mode is for. */
Test(robust, the_mode_ignores_a_heavy_tail_on_one_side)
{
    enum { N = 2001 };
    static double x[N];
    static const double shares[] = { 0.0, 0.2, 0.4 };
    for (size_t s = 0; s < sizeof shares / sizeof *shares; s++) {
        const int dark = (int)(shares[s] * N);
        struct lct_random random = lct_random_start(5, (uint32_t)s, 0);
        for (int i = 0; i < N; i++) /* a triangular peak at 1, half width 0.05, and a wide floor below */
            x[i] = i < dark ? 0.3 + 0.6 * lct_random_double(&random)
                            : 0.95 + 0.05 * (lct_random_double(&random) + lct_random_double(&random));
        const double mode = lct_robust_mode(x, N);
        cr_assert(fabs(mode - 1.0) < 0.03, "share %g: %g", shares[s], mode); /* the peak's top is flat to 1/sqrt(N) */
    }
}

Test(robust, the_mode_of_few_and_of_equal_values)
{
    double two[] = { 4, 2 }, three[] = { 1, 10, 2 }, same[] = { 7, 7, 7, 7, 7 };
    cr_assert(eq(dbl, lct_robust_mode(two, 2), 3.0));
    cr_assert(eq(dbl, lct_robust_mode(three, 3), 1.5));
    cr_assert(eq(dbl, lct_robust_mode(same, 5), 7.0));
}

/* The matrix of the worst case in use: a cubic in x and y, 10 unknowns; residual against the given solution. */
Test(robust, a_cubics_normal_equations_are_solved)
{
    enum { M = 10 };
    double a[M * M], b[M] = { 0 };
    for (int i = 0; i < M; i++)
        for (int j = 0; j < M; j++)
            a[i * M + j] = 1.0 / (1 + i + j) + (i == j); /* Hilbert's matrix, made regular */
    for (int i = 0; i < M; i++)
        for (int j = 0; j < M; j++)
            b[i] += a[i * M + j] * (j - 4.5);
    cr_assert(lct_linear_solve(a, b, M));
    for (int i = 0; i < M; i++)
        cr_assert(epsilon_eq(dbl, b[i], i - 4.5, 1e-12));
}

/* A straight line with outliers: the line's own value, and shares that make a mean. */
Test(robust, a_line_is_not_bent_by_outliers)
{
    enum { N = 21 };
    double x[N], y[N], sd[N], share[N], sum = 0.0, lever = 0.0;
    for (int i = 0; i < N; i++) {
        x[i] = i - 10;
        y[i] = 3.0 + 0.25 * x[i] + 0.01 * ((i * 7) % 5 - 2);
        sd[i] = 0.02;
    }
    y[3] += 5.0;
    y[9] -= 2.0;
    y[10] += 4.0; /* the point itself may be wrong */
    const struct lct_robust_points points = { x, y, sd, N };
    cr_assert(epsilon_eq(dbl, lct_robust_line_at(&points, 11.0, share), 3.0, 0.02));
    for (int i = 0; i < N; i++) {
        sum += share[i];
        lever += share[i] * x[i];
    }
    cr_assert(fabs(sum - 1.0) < 1e-9 && fabs(lever) < 1e-9); /* what makes it exact on lines */
    const struct lct_robust_points none = { x, y, sd, 0 };
    cr_assert(isnan(lct_robust_line_at(&none, 11.0, share)));
}
