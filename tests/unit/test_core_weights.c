/* Protects: the weights of a core's pixels rise from nothing at its soft edge as a cosine over the fade, wherever in the frame the core
 * lies and however coarse its labels are; the ends of the box count as an edge, and another particle is as far outside as the liquid. */
#include "../../src/pipeline/core_weights.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { W = 160, H = 120, SIDE = 128, CORE = 3 };
static const double NM = 0.05, SOFT_NM = 0.4;

static double rise(double inside_nm)
{
    const double t = (inside_nm - SOFT_NM) / CORE_WEIGHTS_FADE_NM;
    return t <= 0.0 ? 0.0 : t >= 1.0 ? 1.0 : 0.5 - 0.5 * cos(M_PI * t);
}

/* Between two cells a straight line stands for the cosine: off by h^2 / 8 times its largest second derivative. */
static double line_error(int step_px)
{
    return pow(step_px * NM * M_PI / CORE_WEIGHTS_FADE_NM, 2.0) / 16.0;
}

static struct core_weights *create(int step_px)
{
    struct core_weights *w;
    cr_assert(eq(int, core_weights_create(&w, SIDE, step_px, NULL), LCT_OK));
    return w;
}

static const float *make(struct core_weights *w, const uint16_t *labels, struct lct_extent cut)
{
    const struct core_weights_page page = { labels, W, CORE };
    return core_weights_make(w, &page, &cut, NM);
}

/* A core from column x0 to x1 all the way down, between a shell on the left and another core on the right. */
static void draw_band(uint16_t *labels, int x0, int x1)
{
    for (int i = 0; i < W * H; i++)
        labels[i] = i % W < x0 ? CORE + 1 : i % W <= x1 ? CORE : CORE + 2;
}

static void draw_disc(uint16_t *labels, int x, int y, double radius_px)
{
    for (int i = 0; i < W * H; i++)
        labels[i] = hypot(i % W - x, i / W - y) <= radius_px ? CORE : 0;
}

Test(core_weights, rise_as_a_cosine_behind_the_soft_edge)
{
    static const int steps[] = { 1, 2, 3, 4 };
    static uint16_t labels[W * H];
    const struct lct_extent cut = { 10, 0, 10 + SIDE - 1, H - 1 };
    enum { FIRST = 34, LAST = 129 }; /* at borders of the cells of all steps, counted from the left of the box */
    draw_band(labels, FIRST, LAST);
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
        struct core_weights *w = create(steps[s]);
        const float *weight = make(w, labels, cut) + (size_t)(H / 2) * SIDE;
        for (int x = cut.x0; x <= cut.x1; x++) {
            const int from_left = x - FIRST + 1, from_right = LAST + 1 - x;
            const double inside_nm = NM * (from_left < from_right ? from_left : from_right);
            cr_assert(epsilon_eq(dbl, weight[x - cut.x0], rise(inside_nm), line_error(steps[s]) + 1e-6),
                "column %d in cells of %d px", x, steps[s]);
        }
        cr_assert(eq(flt, weight[FIRST - cut.x0 - steps[s]], 0.0F)); /* of the shell */
        cr_assert(eq(flt, weight[LAST - cut.x0 + steps[s]], 0.0F));  /* of the other particle */
        cr_assert(eq(flt, weight[(FIRST + LAST) / 2 - cut.x0], 1.0F));
        core_weights_destroy(&w);
    }
}

Test(core_weights, the_ends_of_the_box_are_an_edge_that_is_not_soft)
{
    static uint16_t labels[W * H];
    const struct lct_extent cut = { 7, 11, 7 + 89, 11 + 69 };
    const int width = cut.x1 - cut.x0 + 1, height = cut.y1 - cut.y0 + 1;
    struct core_weights *w = create(1);
    draw_band(labels, 0, W - 1);
    const float *weight = make(w, labels, cut);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const double across = fmin(x, width - 1 - x), down = fmin(y, height - 1 - y);
            const double expected = rise(SOFT_NM + NM * (0.5 + fmin(across, down)));
            cr_assert(epsilon_eq(dbl, weight[y * width + x], expected, 1e-6), "%d, %d", x, y);
        }
    core_weights_destroy(&w);
}

Test(core_weights, go_with_the_core_and_not_with_the_frame)
{
    enum { STEP = 3, DX = 41, DY = 17, ACROSS = 90 };
    static uint16_t here[W * H], there[W * H];
    const struct lct_extent cut = { 2, 3, 2 + ACROSS - 1, 3 + ACROSS - 1 },
                            moved = { cut.x0 + DX, cut.y0 + DY - 8, cut.x1 + DX, cut.y1 + DY - 8 };
    struct core_weights *one = create(STEP), *other = create(STEP);
    draw_disc(here, 46, 47, 38.0);
    draw_disc(there, 46 + DX, 47 + DY - 8, 38.0);
    const float *a = make(one, here, cut), *b = make(other, there, moved);
    cr_assert(eq(int, memcmp(a, b, sizeof *a * ACROSS * ACROSS), 0));
    core_weights_destroy(&one);
    core_weights_destroy(&other);
}

Test(core_weights, of_a_mirrored_core_are_mirrored)
{
    enum { ACROSS = 101, X = 80, Y = 60 };
    static uint16_t labels[W * H], mirrored[W * H];
    const struct lct_extent cut = { X - ACROSS / 2, Y - ACROSS / 2, X + ACROSS / 2, Y + ACROSS / 2 };
    struct core_weights *one = create(1), *other = create(1);
    draw_disc(labels, X - 7, Y + 4, 30.0);
    draw_disc(mirrored, X + 7, Y + 4, 30.0);
    const float *a = make(one, labels, cut), *b = make(other, mirrored, cut);
    for (int y = 0; y < ACROSS; y++)
        for (int x = 0; x < ACROSS; x++)
            cr_assert(eq(flt, a[y * ACROSS + x], b[y * ACROSS + ACROSS - 1 - x]), "%d, %d", x, y);
    core_weights_destroy(&one);
    core_weights_destroy(&other);
}

Test(core_weights, lie_between_zero_and_one_and_outside_there_are_none)
{
    static uint16_t labels[W * H];
    const struct lct_extent cut = { 16, 0, 16 + 119, 119 };
    struct core_weights *w = create(1);
    draw_disc(labels, 80, 60, 45.3);
    const float *weight = make(w, labels, cut);
    double sum = 0.0, expected = 0.0;
    for (int y = 0; y < 120; y++)
        for (int x = 0; x < 120; x++) {
            const float here = weight[y * 120 + x];
            const bool inside = labels[y * W + x + cut.x0] == CORE;
            cr_assert(here >= 0.0F && here <= 1.0F && (inside || here == 0.0F), "%d, %d: %g", x, y, here);
            sum += here;
            expected += rise(NM * (45.3 + 0.5 - hypot(x + cut.x0 - 80.0, y - 60.0)));
        }
    /* distances are within 6 % of Euclid: over a rise of 24 px that moves the circle by half a pixel at most */
    cr_assert(fabs(sum / expected - 1.0) < 2.0 * 0.5 / 30.0, "%g for %g", sum, expected);
    core_weights_destroy(&w);
}

Test(core_weights, of_a_box_smaller_than_a_cell_are_of_one_piece)
{
    enum { STEP = 4 };
    static uint16_t labels[W * H];
    struct core_weights *w = create(STEP), *fresh = create(STEP);
    draw_band(labels, 0, W - 1);
    make(w, labels, (struct lct_extent){ 0, 0, SIDE - 1, H - 1 }); /* what it leaves behind must not be seen */
    for (int side = 1; side <= 2 * STEP; side++) {
        const struct lct_extent cut = { 20, 30, 20 + side - 1, 30 + side - 1 };
        const float *weight = make(w, labels, cut), *same = make(fresh, labels, cut);
        cr_assert(eq(int, memcmp(weight, same, sizeof *weight * (size_t)(side * side)), 0));
        for (int i = 0; i < side * side && side <= STEP; i++)
            cr_assert(eq(flt, weight[i], weight[0]));
        cr_assert(weight[0] > 0.0F && weight[0] < 0.1F, "%g", weight[0]);
    }
    core_weights_destroy(&w);
    core_weights_destroy(&fresh);
}

Test(core_weights, of_no_core_are_nothing)
{
    static uint16_t labels[W * H];
    struct core_weights *w = create(2);
    const float *weight = make(w, labels, (struct lct_extent){ 0, 0, 63, 63 });
    for (int i = 0; i < 64 * 64; i++)
        cr_assert(eq(flt, weight[i], 0.0F));
    core_weights_destroy(&w);
    cr_assert(zero(ptr, w));
    core_weights_destroy(&w); /* of nothing is nothing */
}
