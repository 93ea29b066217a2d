/* Protects: a facet that has shrunk to nothing stays away, what is seen of its corner is not taken for it, and one that
 * was hidden while it was long comes back. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/facet_life.h>

static const double FRAME = 0.2, SD = 0.03;

static struct lct_facet_life_params params(void)
{
    return lct_facet_life_defaults(1.1, 1.0);
}

/* A facet that sinks by 0.2 nm/s and shrinks by 0.4 nm/s from 5 nm on, for as long as its edge is seen. Returns the
 * frame in which it is lost. */
static int shrink(struct lct_facet_life *life, double to_length)
{
    const struct lct_facet_life_params p = params();
    for (int k = 0;; k++) {
        const struct lct_facet_sighting s = { k * FRAME, 8.0 - 0.2 * k * FRAME, SD, 5.0 - 0.4 * k * FRAME };
        if (s.length < to_length)
            return k;
        cr_assert(lct_facet_life_follow(life, &p, &s), "%d", k);
    }
}

/* Is an edge `after` s after the facet was lost, `above` its line, taken for it? */
static bool back(double lost_length, double after, double above, double length)
{
    struct lct_facet_life life = { 0 };
    const struct lct_facet_life_params p = params();
    const int k = shrink(&life, lost_length);
    const double time = k * FRAME + after;
    const struct lct_facet_sighting s = { time, 8.0 - 0.2 * time + above, SD, length };
    return lct_facet_life_follow(&life, &p, &s);
}

Test(facet_life, short_edges_are_corners)
{
    struct lct_facet_life life = { 0 };
    const struct lct_facet_life_params p = params();
    const struct lct_facet_sighting corner = { 0.0, 8.0, SD, 1.0 }, edge = { 0.2, 8.0, SD, 1.2 };
    cr_assert(not(lct_facet_life_follow(&life, &p, &corner)));
    cr_assert(lct_facet_life_follow(&life, &p, &edge));
}

Test(facet_life, what_has_shrunk_to_nothing_is_not_reborn)
{
    cr_assert(back(1.2, 0.4, 0.0, 1.2));       /* it flickers: still on its line */
    cr_assert(not(back(1.2, 0.4, -0.6, 1.2))); /* its corner is not */
    cr_assert(not(back(1.2, 3.0, 0.0, 1.2)));  /* nor is anything after a long while, wherever it is */
    cr_assert(back(1.2, 3.0, -1.0, 2.5));      /* but no corner is as long as that: a facet has grown there */
}

Test(facet_life, what_was_hidden_comes_back)
{
    cr_assert(back(3.0, 10.0, -1.0, 1.5));
    cr_assert(back(3.0, 10.0, 1.0, 3.0));
}

/* A corner that sinks does so in small steps: the line that was left is held against all of them. */
Test(facet_life, a_sinking_corner_is_not_followed)
{
    struct lct_facet_life life = { 0 };
    const struct lct_facet_life_params p = params();
    const int lost = shrink(&life, 1.2);
    for (int k = lost + 2; k < lost + 60; k++) {
        const struct lct_facet_sighting s = { k * FRAME, 8.0 - 0.2 * lost * FRAME - 1.0 * (k - lost) * FRAME, SD, 1.3 };
        cr_assert(not(lct_facet_life_follow(&life, &p, &s)), "%d", k - lost);
    }
}
