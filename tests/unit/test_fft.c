/* Protects: one wave lands in its one coefficient with the documented scale, a round trip multiplies by the number of pixels,
 * equal input gives equal bytes, and a size that cannot be is refused. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/fft.h>
#include <limits.h>
#include <math.h>
#include <string.h>

enum { W = 30, H = 21 };

static struct lct_fft *plan(void)
{
    struct lct_fft *fft = NULL;
    cr_assert(eq(int, lct_fft_create(&fft, W, H, NULL), LCT_OK));
    return fft;
}

Test(fft, puts_a_wave_into_one_coefficient)
{
    struct lct_fft *fft = plan();
    float *px = lct_fft_alloc_real(fft);
    float complex *f = lct_fft_alloc_spectrum(fft);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            px[y * W + x] = (float)cos(2 * M_PI * (3.0 * x / W + 5.0 * y / H));
    lct_fft_forward(fft, px, f);
    for (int ky = 0; ky < H; ky++)
        for (int kx = 0; kx <= W / 2; kx++) {
            const double expected = kx == 3 && ky == 5 ? W * H / 2.0 : 0; /* float: 1e-6 of the sum of |cos| */
            cr_assert(epsilon_eq(dbl, (double)cabsf(f[ky * (W / 2 + 1) + kx]), expected, 1e-3), "%d %d", kx, ky);
        }
    lct_fft_free(px);
    lct_fft_free(f);
    lct_fft_destroy(&fft);
    cr_assert(fft == NULL);
    lct_fft_destroy(&fft);
}

Test(fft, comes_back_times_the_number_of_pixels_and_keeps_its_input)
{
    struct lct_fft *fft = plan();
    float *px = lct_fft_alloc_real(fft), *back = lct_fft_alloc_real(fft), copy[W * H];
    float complex *f = lct_fft_alloc_spectrum(fft), *g = lct_fft_alloc_spectrum(fft);
    for (int i = 0; i < W * H; i++)
        copy[i] = px[i] = (float)((i * 37) % 101);
    lct_fft_forward(fft, px, f);
    lct_fft_forward(fft, px, g);
    cr_assert(eq(int, memcmp(copy, px, sizeof copy), 0));
    cr_assert(eq(int, memcmp(f, g, (W / 2 + 1) * H * sizeof *f), 0));
    lct_fft_inverse(fft, f, back);
    for (int i = 0; i < W * H; i++)
        cr_assert(epsilon_eq(dbl, (double)back[i] / (W * H), (double)copy[i], 1e-4));
    lct_fft_free(px);
    lct_fft_free(back);
    lct_fft_free(f);
    lct_fft_free(g);
    lct_fft_destroy(&fft);
}

/* A plane of waves with kx < COLUMNS: the band gives those columns, and back from them any row, as the whole transform does. */
Test(fft, takes_a_band_of_columns_and_gives_back_a_stripe)
{
    enum { COLUMNS = 4, STRIDE = W / 2 + 1 };
    struct lct_fft *whole = plan(), *band = NULL;
    cr_assert(eq(int, lct_fft_create_band(&band, W, H, COLUMNS, NULL), LCT_OK));
    float *px = lct_fft_alloc_real(whole), *back = lct_fft_alloc_real(whole);
    float complex *f = lct_fft_alloc_spectrum(whole), *g = lct_fft_alloc_spectrum(whole);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            px[y * W + x] = (float)(1 + cos(2 * M_PI * (3.0 * x / W + 5.0 * y / H)) + sin(2 * M_PI * x / W));
    lct_fft_forward(whole, px, f);
    lct_fft_forward(band, px, g);
    for (int i = 0; i < STRIDE * H; i++) {
        if (i % STRIDE < COLUMNS)
            cr_assert(epsilon_eq(dbl, (double)cabsf(f[i] - g[i]), 0.0, 1e-3), "%d", i);
        else
            g[i] = 0;
    }
    const int last = lct_fft_stripes(band) - 1; /* 21 rows: it has 5 */
    cr_assert(eq(int, last, 2));
    lct_fft_inverse_columns(band, g);
    lct_fft_inverse_stripe(band, last, g, back);
    for (int i = last * LCT_FFT_STRIPE * W; i < W * H; i++)
        cr_assert(epsilon_eq(dbl, (double)back[i] / (W * H), (double)px[i], 1e-4), "%d", i);
    lct_fft_free(px);
    lct_fft_free(back);
    lct_fft_free(f);
    lct_fft_free(g);
    lct_fft_destroy(&whole);
    lct_fft_destroy(&band);
}

Test(fft, rounds_sizes_up_to_small_factors)
{
    static const int rows[][2] = { { 1, 1 }, { 0, 1 }, { 11, 12 }, { 13, 14 }, { 512, 512 }, { 513, 525 },
        { 479, 480 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_assert(eq(int, lct_fft_good_size(rows[i][0]), rows[i][1]));
}

Test(fft, refuses_impossible_sizes)
{
    struct lct_fft *fft = NULL;
    cr_assert(eq(int, lct_fft_create(&fft, 0, 5, NULL), LCT_E_ARG));
    cr_assert(eq(int, lct_fft_create(&fft, 5, -1, NULL), LCT_E_ARG));
    cr_assert(eq(int, lct_fft_create(&fft, INT_MAX, INT_MAX, NULL), LCT_E_LIMIT));
    cr_assert(eq(int, lct_fft_create_band(&fft, W, H, 0, NULL), LCT_E_ARG));
    cr_assert(eq(int, lct_fft_create_band(&fft, W, H, W / 2 + 2, NULL), LCT_E_ARG));
    cr_assert(fft == NULL);
}
