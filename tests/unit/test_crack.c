/* Protects: a gap keeps its number while it wanders and flickers, noise and bare windows are no cracks, and going
 * through the same frames again gives the same numbers. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/crack.h>
#include <math.h>

static const double BLUR = 2.5;

static struct lct_crack_sighting at(int particle, double x, double width)
{
    /* as deep as a channel of that width is after smoothing by 1.28 blurs */
    return (struct lct_crack_sighting){ .particle = particle,
        .x_px = x,
        .width_px = width,
        .depth = erf(width / (2.0 * sqrt(2.0) * 1.28 * BLUR)),
        .side_px = 80.0 };
}

static struct lct_cracks *create(int reach)
{
    const struct lct_crack_params params = lct_crack_defaults(BLUR, reach);
    struct lct_cracks *c;
    cr_assert(lct_cracks_create(&c, &params, NULL) == LCT_OK);
    return c;
}

Test(crack, a_wandering_gap_is_one_and_a_new_one_after_a_pause)
{
    struct lct_cracks *c = create(0);
    for (long k = 0; k < 60; k++) {
        const struct lct_crack_sighting s[] = { at(1, 10.0 + 0.5 * (double)k, 12.0), at(1, 80.0, 9.0),
            at(2, 11.0 + 0.5 * (double)k, 12.0) };
        size_t ids[3];
        if (k % 7 == 3)
            continue;                              /* a frame in which nothing is seen */
        const size_t n = k < 20 || k > 40 ? 3 : 1; /* the others pause for longer than the patience */
        cr_assert(lct_cracks_frame(c, k, s, n, ids, NULL) == LCT_OK);
        cr_assert(eq(sz, ids[0], 0));
        if (n == 3)
            cr_assert(eq(sz, ids[1], k < 20 ? 1u : 3u));
    }
    cr_assert(eq(sz, lct_cracks_count(c), 5));
    const struct lct_crack first = lct_cracks_get(c, 0);
    cr_assert(eq(int, (int)first.kind, LCT_CRACK_CRACK));
    cr_assert(eq(long, first.first, 0L));
    cr_assert(eq(long, first.last, 58L));                  /* frame 59 shows nothing */
    cr_assert(epsilon_eq(dbl, first.width_px, 12.0, 0.7)); /* a bin of the histogram */
    lct_cracks_destroy(&c);
    cr_assert(c == NULL);
}

Test(crack, noise_and_windows_are_none)
{
    struct lct_cracks *c = create(7);
    for (long k = 0; k < 30; k++) {
        struct lct_crack_sighting s[4] = { at(1, 10.0, 12.0), at(1, 60.0, 40.0), at(1, 120.0, 12.0),
            at(1, 180.0, 12.0) };
        s[2].depth *= 0.5; /* pale, but far from the liquid: grain */
        size_t ids[4];
        cr_assert(lct_cracks_frame(c, k, s, k < 5 ? 4 : 3, ids, NULL) == LCT_OK);
    }
    static const enum lct_crack_kind kinds[] = { LCT_CRACK_CRACK, LCT_CRACK_WINDOW, LCT_CRACK_NOISE, LCT_CRACK_NOISE };
    for (size_t i = 0; i < 4; i++)
        cr_assert(eq(int, (int)lct_cracks_get(c, i).kind, (int)kinds[i]), "%zu", i);
    lct_cracks_destroy(&c);
}

Test(crack, nonsense_is_refused)
{
    struct lct_crack_params params = lct_crack_defaults(BLUR, 1);
    struct lct_cracks *c;
    params.jump_px = 0.0;
    cr_assert(eq(int, lct_cracks_create(&c, &params, NULL), LCT_E_ARG));
    params = lct_crack_defaults(0.0, 1);
    cr_assert(eq(int, lct_cracks_create(&c, &params, NULL), LCT_E_ARG));
}
