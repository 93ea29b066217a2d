/* Protects: windows are symmetric and bounded, zero where the picture is hidden, and the active box is the smallest one. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/window.h>
#include <math.h>

Test(window, tukey_is_symmetric_and_has_its_two_limits)
{
    float w[33];
    for (int i = 0; i <= 4; i++) {
        lct_window_tukey(w, 33, i / 4.0);
        for (int k = 0; k < 33; k++) {
            cr_assert(eq(flt, w[k], w[32 - k]));
            cr_assert(w[k] > 0 && w[k] <= 1);
            if (i == 0)
                cr_assert(eq(flt, w[k], 1));
            if (i == 4) /* Hann at half samples */
                cr_assert(epsilon_eq(dbl, (double)w[k], 0.5 - 0.5 * cos(2 * M_PI * (k + 0.5) / 33), 1e-6));
        }
    }
}

Test(window, active_box_is_the_smallest)
{
    unsigned char ignore[8 * 6];
    for (int i = 0; i < 48; i++)
        ignore[i] = 1;
    struct lct_box b = lct_window_active(ignore, 8, 6);
    cr_assert(eq(int, b.width, 0));
    ignore[2 * 8 + 3] = ignore[4 * 8 + 6] = 0;
    b = lct_window_active(ignore, 8, 6);
    cr_assert(b.x == 3 && b.y == 2 && b.width == 4 && b.height == 3);
    b = lct_window_active(NULL, 8, 6);
    cr_assert(b.x == 0 && b.y == 0 && b.width == 8 && b.height == 6);
}

Test(window, is_zero_on_a_hole_and_one_far_from_it)
{
    enum { N = 64 };
    unsigned char ignore[N * N] = { 0 };
    float w[N * N];
    ignore[20 * N + 30] = 2; /* any nonzero value counts */
    cr_assert(eq(int, lct_window_around(w, ignore, N, N, 4, NULL), LCT_OK));
    cr_assert(eq(flt, w[20 * N + 30], 0));
    for (int y = 0; y < N; y++)
        for (int x = 0; x < N; x++) {
            cr_assert(w[y * N + x] >= 0 && w[y * N + x] <= 1.00001f);
            if (hypot(x - 30, y - 20) > 12 * sqrt(2))
                cr_assert(epsilon_eq(flt, w[y * N + x], 1, 1e-5));
            if (hypot(x - 30, y - 20) < 2)
                cr_assert(w[y * N + x] < 0.3f);
        }
}

Test(window, refuses_no_pixels)
{
    cr_assert(eq(int, lct_window_around(NULL, NULL, 0, 4, 1, NULL), LCT_E_ARG));
}
