/* Protects: the generator is the published one, streams depend on nothing but their address, and the distributions are right. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/random.h>
#include <math.h>

/* Known answer for key 0, counter 0 from the authors of Philox4x32-10 (Salmon et al., SC11). */
Test(random, gives_the_published_numbers)
{
    static const uint32_t expected[] = { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 };
    struct lct_random r = lct_random_start(0, 0, 0);
    for (int i = 0; i < 4; i++)
        cr_assert(eq(u32, lct_random_u32(&r), expected[i]));
}

Test(random, a_stream_depends_on_its_address_only)
{
    struct lct_random a = lct_random_start(1, 2, 3), b = lct_random_start(1, 2, 3);
    for (int i = 0; i < 100; i++)
        cr_assert(eq(u32, lct_random_u32(&a), lct_random_u32(&b)));
    const struct lct_random others[] = { lct_random_start(2, 2, 3), lct_random_start(1, 3, 3),
        lct_random_start(1, 2, 4), lct_random_start(1ULL << 32 | 1, 2, 3), lct_random_start(1, 2, 1ULL << 32 | 3) };
    for (int i = 0; i < 5; i++) {
        struct lct_random r = others[i], first = lct_random_start(1, 2, 3);
        cr_assert(ne(u32, lct_random_u32(&r), lct_random_u32(&first)), "%d", i);
    }
}

enum { N = 200000 };

/* Mean and variance of N draws: bounds are 5 standard errors, sd/sqrt(N) and sd^2 sqrt((kurtosis - 1)/N). */
static void expect_moments(
    double (*draw)(struct lct_random *, double), double parameter, double mean, double var, double kurtosis)
{
    struct lct_random r = lct_random_start(42, 0, (uint64_t)(parameter * 1000));
    double sum = 0, squares = 0;
    for (int i = 0; i < N; i++) {
        const double x = draw(&r, parameter) - mean;
        sum += x;
        squares += x * x;
    }
    cr_assert(epsilon_eq(dbl, sum / N, 0.0, 5.0 * sqrt(var / N)), "mean at %g", parameter);
    cr_assert(epsilon_eq(dbl, squares / N, var, 5.0 * var * sqrt((kurtosis - 1.0) / N)), "variance at %g", parameter);
}

static double uniform(struct lct_random *r, double unused)
{
    (void)unused;
    return lct_random_double(r);
}

static double normal(struct lct_random *r, double unused)
{
    (void)unused;
    return lct_random_normal(r);
}

static double below(struct lct_random *r, double n)
{
    return lct_random_below(r, (uint32_t)n);
}

Test(random, uniform_and_normal_have_their_moments)
{
    expect_moments(uniform, 0, 0.5, 1.0 / 12.0, 1.8);
    expect_moments(normal, 0, 0.0, 1.0, 3.0);
    expect_moments(below, 6, 2.5, 35.0 / 12.0, 1.74);
}

Test(random, poisson_has_mean_and_variance_of_its_parameter)
{
    static const double means[] = { 0.01, 0.5, 3.0, 9.99, 10.0, 12.5, 80.0, 1000.0, 1e6, 2e9 };
    for (int i = 0; i < 10; i++)
        expect_moments(lct_random_poisson, means[i], means[i], means[i], 3.0 + 1.0 / means[i]);
    struct lct_random r = lct_random_start(0, 0, 0);
    cr_assert(eq(dbl, lct_random_poisson(&r, 0.0), 0.0));
    cr_assert(eq(dbl, lct_random_poisson(&r, -1.0), 0.0));
    cr_assert(eq(dbl, lct_random_poisson(&r, (double)NAN), 0.0));
}

/* Pearson's chi^2 over k = 0..29 at mean 10 (the border between the two methods) and just below; 99.99 % quantile of chi^2 with 29
 * degrees of freedom: 65. */
Test(random, poisson_has_the_right_shape)
{
    for (double mean = 9.9; mean < 10.2; mean += 0.2) {
        struct lct_random r = lct_random_start(7, 1, 0);
        double counts[30] = { 0 }, p = exp(-mean), chi2 = 0;
        for (int i = 0; i < N; i++)
            counts[(int)fmin(29.0, lct_random_poisson(&r, mean))]++;
        for (int k = 0; k < 29; k++) {
            chi2 += (counts[k] - N * p) * (counts[k] - N * p) / (N * p);
            p *= mean / (k + 1);
        }
        cr_assert(lt(dbl, chi2, 65.0), "mean %g", mean);
    }
}
