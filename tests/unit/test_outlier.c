/* Protects: a hot pixel becomes the median of its neighbours and nothing else changes; fringes, noise and counted electrons
 * stay; NaN is filled from near by and left where nothing is known. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/outlier.h>
#include <math.h>
#include <string.h>

enum { N = 96 };
static float px[N * N], before[N * N];
static struct lct_image image = { N, N, px };
static unsigned seed;

/* xorshift: a dozen lines are no reason for a library */
static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return (seed + 0.5) / 4294967296.0;
}

static float noise(double sd)
{
    return (float)(sd * sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform()));
}

static struct lct_outlier_report repair(void)
{
    memcpy(before, px, sizeof px);
    const struct lct_outlier_params p = lct_outlier_defaults();
    struct lct_outlier_report r = { 0 };
    cr_assert(eq(int, lct_outlier_repair(&image, &p, &r, NULL), LCT_OK));
    return r;
}

static int changed(void)
{
    int n = 0;
    for (int i = 0; i < N * N; i++)
        n += memcmp(&px[i], &before[i], sizeof *px) != 0;
    return n;
}

Test(outlier, becomes_the_median_of_its_neighbours)
{
    for (int i = 0; i < N * N; i++)
        px[i] = (float)(i % N); /* a ramp: the median of the 8 neighbours is the pixel's own old value */
    px[10 * N + 20] = 500;
    px[50 * N + 60] = -500;
    const struct lct_outlier_report r = repair();
    cr_assert(eq(sz, r.repaired, 2));
    cr_assert(eq(int, changed(), 2));
    cr_assert(eq(flt, px[10 * N + 20], 20));
    cr_assert(eq(flt, px[50 * N + 60], 60));
}

Test(outlier, spares_noise_and_fringes)
{
    /* periods from just above two pixels up; the noise alone would give 8 sigma beyond 24 neighbours never */
    static const double periods[] = { 1.49, 2.1, 2.58, 3.3, 6.6 };
    for (size_t k = 0; k < sizeof periods / sizeof *periods; k++) {
        seed = 77 + (unsigned)k;
        for (int y = 0; y < N; y++)
            for (int x = 0; x < N; x++) {
                double v = 0;
                for (int a = 0; a < 3; a++)
                    v += cos(2 * M_PI * (x * cos(a * M_PI / 3 + 0.2) + y * sin(a * M_PI / 3 + 0.2)) / periods[k]);
                px[y * N + x] = (float)(100 + 15 * v) + noise(5);
            }
        cr_assert(eq(sz, repair().repaired, 0));
        cr_assert(eq(int, changed(), 0));
    }
}

Test(outlier, finds_hot_pixels_in_noise)
{
    seed = 5;
    for (int i = 0; i < N * N; i++)
        px[i] = 100 + noise(5);
    for (int i = 0; i < 5; i++)
        px[(15 + 15 * i) * N + 20 + 10 * i] = 250;
    const struct lct_outlier_report r = repair();
    cr_assert(eq(sz, r.repaired, 5));
    cr_assert(epsilon_eq(dbl, r.noise, 5, 0.5));
}

Test(outlier, leaves_counted_electrons)
{
    for (int i = 0; i < N * N; i++)
        px[i] = (i % N) % 7 == 3 && (i / N) % 7 == 2;
    const struct lct_outlier_report r = repair();
    cr_assert(r.suppressed);
    cr_assert(eq(int, changed(), 0));
}

Test(outlier, fills_the_unknown_from_near_by_only)
{
    for (int i = 0; i < N * N; i++)
        px[i] = 7;
    px[3 * N + 4] = NAN;
    px[0] = INFINITY;
    for (int y = 40; y < 50; y++)
        for (int x = 40; x < 50; x++)
            px[y * N + x] = NAN;
    const struct lct_outlier_report r = repair();
    cr_assert(eq(flt, px[3 * N + 4], 7));
    cr_assert(eq(flt, px[0], 7));
    cr_assert(isnan(px[45 * N + 45]));
    cr_assert(eq(sz, r.unknown, 16)); /* a rim of 3 of the 10 x 10 hole is filled */
    cr_assert(eq(sz, r.filled, 86));
}

Test(outlier, survives_tiny_and_empty_pictures)
{
    for (int w = 1; w <= 3; w++)
        for (int h = 1; h <= 3; h++) {
            float small[9] = { 1, 2, 3, 4, 500, 6, 7, 8, NAN };
            struct lct_image im = { w, h, small };
            const struct lct_outlier_params p = lct_outlier_defaults();
            struct lct_outlier_report r = { 0 };
            cr_assert(eq(int, lct_outlier_repair(&im, &p, &r, NULL), LCT_OK));
        }
    for (int i = 0; i < N * N; i++)
        px[i] = NAN;
    cr_assert(eq(sz, repair().unknown, N * N));
}

Test(outlier, refuses_bad_parameters)
{
    struct lct_outlier_report r = { .repaired = 42 };
    struct lct_outlier_params p = lct_outlier_defaults();
    p.threshold = 0;
    cr_assert(eq(int, lct_outlier_repair(&image, &p, &r, NULL), LCT_E_ARG));
    p = lct_outlier_defaults();
    p.reach_px = 4;
    cr_assert(eq(int, lct_outlier_repair(&image, &p, &r, NULL), LCT_E_ARG));
    cr_assert(eq(sz, r.repaired, 42));
}
