/* Protects: exact and re-encoded repeats are found from the first pair on, new frames are not, ignored and unknown pixels do
 * not count. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/duplicate.h>
#include <math.h>
#include <stdlib.h>

enum { W = 67, H = 40 };

static void fill(struct lct_image *im, unsigned seed, double sd)
{
    srand(seed);
    for (int i = 0; i < W * H; i++)
        im->px[i] = (float)(100 + sd * (rand() % 1000 / 500.0 - 1));
}

Test(duplicate, differences_are_means)
{
    float a[6] = { 1, 2, 3, 4, 5, NAN }, b[6] = { 2, 2, 5, 4, 9, 1 };
    const unsigned char ignore[6] = { 0, 0, 0, 0, 1, 0 };
    struct lct_image p = { 3, 2, a }, f = { 3, 2, b };
    struct lct_difference d = lct_duplicate_compare(&p, &f, NULL);
    cr_assert(epsilon_eq(dbl, d.mean_abs, 7.0 / 5, 1e-9));   /* |1| + 0 + |2| + 0 + |4|, the unknown left out */
    cr_assert(epsilon_eq(dbl, d.roughness, 16.0 / 4, 1e-9)); /* 0 + 3, 5 + 8 */
    d = lct_duplicate_compare(&p, &f, ignore);
    cr_assert(epsilon_eq(dbl, d.mean_abs, 3.0 / 4, 1e-9));
}

Test(duplicate, finds_repeats_and_nothing_else)
{
    struct lct_image p = { 0 }, f = { 0 };
    cr_assert(eq(int, lct_image_init(&p, W, H, NULL), LCT_OK));
    cr_assert(eq(int, lct_image_init(&f, W, H, NULL), LCT_OK));
    struct lct_duplicate_state state = { 0 };
    for (unsigned i = 0; i < 60; i++) {
        fill(&p, i, 20);
        fill(&f, i % 3 ? i + 1 : i, 20);
        for (int k = 0; k < W * H; k += 5)
            f.px[k] += i % 6 ? 0 : 1; /* every second repeat was encoded anew */
        cr_assert(eq(int, lct_duplicate_judge(&state, lct_duplicate_compare(&p, &f, NULL)), i % 3 == 0));
    }
    lct_image_finish(&p);
    lct_image_finish(&f);
}

Test(duplicate, says_nothing_about_unknown_frames)
{
    float a[4] = { NAN, NAN, NAN, NAN }, b[4] = { 1, 2, 3, 4 };
    struct lct_image p = { 2, 2, a }, f = { 2, 2, b };
    struct lct_duplicate_state state = { 0 };
    cr_assert(not(lct_duplicate_judge(&state, lct_duplicate_compare(&p, &f, NULL))));
    cr_assert(eq(int, state.n, 0));
}
