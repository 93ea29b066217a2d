/* Protects: a gap keeps its number while it wanders and flickers, one that heals and opens again, or heals while another opens beside
 * it, gets a new one, noise and bare windows are no cracks, the shell is open at what is bare, and going through the same frames
 * again gives the same numbers. */
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
        .width_sd_px = 1.5,
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

/* Width of a crack that opens and heals in 0.6 s each, 15 px wide between them, at 5 frames a second. */
static double width_at(double time_s, double opens_s, double heals_s)
{
    return fmax(0.0, fmin(15.0, 25.0 * fmin(time_s - opens_s, heals_s - time_s)));
}

/* Number of cracks when one is there from 1 s to 5 s, and another `apart_px` along the rim from `again_s` to 9 s; gaps
 * of less than 3 px are not seen, and two that touch are seen as one. */
static size_t cracks_of(double apart_px, double again_s)
{
    struct lct_cracks *c = create(0);
    for (long k = 0; k < 50; k++) {
        const double t = 0.2 * (double)k, w[2] = { width_at(t, 1.0, 5.0), width_at(t, again_s, 9.0) };
        struct lct_crack_sighting s[2];
        size_t ids[2], n = 0;
        for (int i = 0; i < 2; i++)
            if (w[i] > 3.0)
                s[n++] = at(1, 50.0 + apart_px * i, w[i]);
        if (n == 2 && apart_px < 15.0)
            s[0] = at(1, 50.0 + apart_px * w[1] / (w[0] + w[1]), w[0] + w[1]), n = 1;
        cr_assert(lct_cracks_frame(c, k, s, n, ids, NULL) == LCT_OK);
    }
    size_t cracks = 0;
    for (size_t id = 0; id < lct_cracks_count(c); id++)
        if (lct_cracks_owner(c, id) == id)
            cracks += lct_cracks_get(c, id).kind == LCT_CRACK_CRACK;
    lct_cracks_destroy(&c);
    return cracks;
}

Test(crack, one_that_opens_again_is_another)
{
    cr_assert(eq(sz, cracks_of(0.0, 5.4), 2));  /* 0.4 s after the first has healed */
    cr_assert(eq(sz, cracks_of(0.0, 5.0), 2));  /* at the same instant: it never quite closes */
    cr_assert(eq(sz, cracks_of(0.0, 3.0), 1));  /* while the first is wide open: nobody can tell */
    cr_assert(eq(sz, cracks_of(14.0, 4.4), 2)); /* as one closes the other opens beside it */
    cr_assert(eq(sz, cracks_of(30.0, 4.4), 2));
}

/* Rims grow and cracks go along them, for a while faster than 1.2 blurs in two frames, and back. */
Test(crack, one_that_moves_stays_one)
{
    for (int speed = 0; speed < 4; speed++) {
        struct lct_cracks *c = create(0);
        for (long k = 0; k < 30; k++) {
            struct lct_crack_sighting s = at(1, speed * (k < 15 ? (double)k : 15.0 - 0.5 * ((double)k - 15.0)), 12.0);
            s.y_px = 3.0 * (double)k;
            s.along_x = 1.0;
            size_t id;
            cr_assert(lct_cracks_frame(c, k, &s, 1, &id, NULL) == LCT_OK);
            cr_assert(eq(sz, id, 0), "%d px a frame, frame %ld", speed, k);
        }
        lct_cracks_destroy(&c);
    }
}

/* In noisy movies a grain near the crack is taken for it for a frame: no end, and its row stays with the crack. */
Test(crack, a_stray_sighting_is_no_end)
{
    struct lct_cracks *c = create(5);
    for (long k = 0; k < 40; k++) {
        const struct lct_crack_sighting s = at(1, k == 20 ? 58.0 : 50.0, k == 20 ? 6.0 : 14.0);
        size_t id;
        cr_assert(lct_cracks_frame(c, k, &s, 1, &id, NULL) == LCT_OK);
        cr_assert(eq(sz, lct_cracks_owner(c, id), 0));
    }
    cr_assert(eq(long, lct_cracks_get(c, 0).last, 39L));
    lct_cracks_destroy(&c);
}

/* A wider gap opens close beside a crack that is about to close: neither is the other, in whatever order they come. */
Test(crack, a_neighbour_is_no_end)
{
    for (int swapped = 0; swapped < 2; swapped++) {
        struct lct_cracks *c = create(2);
        size_t ids[2];
        for (long k = 0; k < 40; k++) {
            struct lct_crack_sighting s[2] = { at(1, 50.0, k < 30 ? 8.0 * BLUR : 1.5 * BLUR), at(1, 55.0, 4.0 * BLUR) };
            s[0].along_x = s[1].along_x = 1.0;
            if (swapped && k >= 34) {
                const struct lct_crack_sighting t = s[0];
                s[0] = s[1];
                s[1] = t;
            }
            cr_assert(lct_cracks_frame(c, k, s, k < 34 ? 1 : 2, ids, NULL) == LCT_OK);
            cr_assert(eq(sz, ids[swapped && k >= 34], 0), "frame %ld, %d", k, swapped);
        }
        cr_assert(eq(sz, lct_cracks_count(c), 2));
        lct_cracks_destroy(&c);
    }
}

Test(crack, the_shell_is_open_at_cracks_and_windows_and_at_what_is_as_bare)
{
    const struct lct_crack_params p = lct_crack_defaults(BLUR, 7);
    const double wide_px = p.window_share * 80.0;
    const struct {
        enum lct_crack_kind kind;
        double width_px, depth;
        bool open;
    } cases[] = {
        { LCT_CRACK_CRACK, 3.0, 0.1, true }, /* its kind was found from all its sightings: one may be pale or narrow */
        { LCT_CRACK_WINDOW, 3.0, 0.1, true },
        { LCT_CRACK_NOISE, 12.0, 1.0, false },             /* narrow, however deep */
        { LCT_CRACK_NOISE, wide_px, p.least_share, true }, /* both limits are inside */
        { LCT_CRACK_NOISE, 0.999 * wide_px, 1.0, false },
        { LCT_CRACK_NOISE, 2.0 * wide_px, 0.999 * p.least_share, false }, /* a thin shell, not a bare one */
        { LCT_CRACK_NOISE, 2.0 * wide_px, (double)NAN, false },
        { LCT_CRACK_NOISE, (double)NAN, 1.0, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lct_crack_sighting s = at(1, 10.0, cases[i].width_px);
        s.depth = cases[i].depth;
        cr_assert(eq(int, lct_crack_is_open(&p, cases[i].kind, &s), cases[i].open), "case %zu", i);
        s.side_px *= 4.0; /* the same gap in a particle four times as large is no window */
        cr_assert(eq(int, lct_crack_is_open(&p, cases[i].kind, &s), cases[i].kind != LCT_CRACK_NOISE), "case %zu", i);
    }
}

Test(crack, what_is_no_number_makes_no_crack)
{
    struct lct_cracks *c = create(0);
    for (long k = 0; k < 9; k++) {
        struct lct_crack_sighting s[] = { at(1, 10.0, 12.0), at(1, 60.0, 12.0) };
        size_t ids[2];
        s[0].side_px = s[0].depth = (double)NAN;
        s[1].side_px = 0.0; /* all is wide on nothing */
        cr_assert(lct_cracks_frame(c, k, s, 2, ids, NULL) == LCT_OK);
    }
    cr_assert(eq(sz, lct_cracks_count(c), 2));
    cr_assert(eq(int, (int)lct_cracks_get(c, 0).kind, LCT_CRACK_NOISE));
    cr_assert(eq(int, (int)lct_cracks_get(c, 1).kind, LCT_CRACK_WINDOW));
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
