/* Protects: particles of different thickness keep their edges, and what one differs from the others does not become film or light. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/film.h>
#include <lctem/light.h>
#include <lctem/own_level.h>
#include <math.h>
#include <shapes.h>
#include <stdlib.h>

enum { W = 320, H = 192, PLANES = 4, LEFT = 90, RIGHT = 230, MIDDLE = 96 };
static const struct lct_segment_params PARAMS = { .min_core_px = 75.0, .hole_px = 75.0 };
static const struct lct_levels LEVELS = {
    .shell = 0.87, .core = 0.76, .has_shell = true, .noise_sd = 0.004, .blur_px = 2.5
};
static const double OWN =
    0.008; /* the left core is so much paler, the right one darker; a tenth of the step to the shell */

/* The particle on the right moves by `moved`. */
static struct lct_image pair(double moved)
{
    struct lct_image plane = shape_plane(W, H);
    struct lct_levels pale = LEVELS, dark = LEVELS;
    pale.core += OWN;
    dark.core -= OWN;
    shape_add_particle(&plane, LEFT, MIDDLE, 40, 60, &pale);
    shape_add_particle(&plane, RIGHT + moved, MIDDLE, 36, 56, &dark);
    return plane;
}

/* 4000 and 3200 px inside a core against a prior of 4 x 79 px a plane: 7 and 9 % of the difference are lost; 4 px from the edge its tail
 * is left, on the mean some 5 %. */
Test(own_level, each_core_is_followed_and_has_its_own)
{
    struct lct_image planes[PLANES];
    struct lct_own_levels own;
    for (int k = 0; k < PLANES; k++)
        planes[k] = pair(4.0 * k);
    cr_assert(
        eq(int, lct_own_levels_find(&own, &(struct lct_planes){ planes, PLANES, 1 }, &LEVELS, &PARAMS, NULL), LCT_OK));
    cr_expect(eq(int, own.n, 2));
    for (int k = 0; k < PLANES; k++) {
        const struct lct_own_view view = lct_own_view_of(&own, k);
        const double left = view.share[view.name[MIDDLE * W + LEFT]], right = view.share[view.name[MIDDLE * W + RIGHT]];
        cr_expect(fabs(LEVELS.core * (left - 1.0) - OWN) < 0.2 * OWN, "left %g", left);
        cr_expect(fabs(LEVELS.core * (right - 1.0) + OWN) < 0.2 * OWN, "right %g", right);
        cr_expect(eq(u8, view.name[0], 0));
        lct_image_finish(&planes[k]);
    }
    lct_own_levels_finish(&own);
}

/* There is no film and no light: what either finds in the middle of a core is less than a quarter of what the core differs. */
Test(own_level, is_no_film_and_no_light)
{
    struct lct_image planes[PLANES], film = shape_plane(W, H);
    struct lct_own_levels own;
    struct lct_light_map light;
    float row[W];
    for (int k = 0; k < PLANES; k++)
        planes[k] = pair(0.0);
    cr_assert(eq(
        int, lct_film_estimate(&film, &(struct lct_planes){ planes, PLANES, 1 }, &LEVELS, &PARAMS, 0.0, NULL), LCT_OK));
    cr_assert(
        eq(int, lct_own_levels_find(&own, &(struct lct_planes){ planes, PLANES, 1 }, &LEVELS, &PARAMS, NULL), LCT_OK));
    const struct lct_own_view view = lct_own_view_of(&own, 0);
    cr_assert(eq(int, lct_light_estimate(&light, &planes[0], &LEVELS, &PARAMS, &view, NULL), LCT_OK));
    lct_light_row(&light, W, H, MIDDLE, row);
    static const int at[] = { LEFT, RIGHT };
    for (int i = 0; i < 2; i++) {
        const double most = 0.25 * OWN / LEVELS.core;
        cr_expect(
            fabs((double)film.px[MIDDLE * W + at[i]] - 1.0) < most, "film %g", (double)film.px[MIDDLE * W + at[i]]);
        cr_expect(fabs((double)row[at[i]]) < most, "light %g", (double)row[at[i]]);
    }
    for (int k = 0; k < PLANES; k++)
        lct_image_finish(&planes[k]);
    lct_image_finish(&film);
    lct_own_levels_finish(&own);
}

/* Radius of a disc of core, from its area; the labels are those of the common levels, the edges of its own. */
static double radius(
    const struct lct_image *plane, const uint16_t *labels, const struct lct_levels *levels, int particle)
{
    const struct lct_extent box = { particle == 1 ? 20 : 165, 25, particle == 1 ? 160 : 300, 167 };
    const struct lct_levels own = lct_levels_of_particle(levels, plane, labels, particle, box);
    struct lct_outline outline = { 0 };
    cr_assert(eq(int, lct_outline_trace(&outline, labels, plane, &own, particle, LCT_CORE, box, NULL), LCT_OK));
    const double area = lct_outline_enclosed(&outline).area_px2;
    lct_outline_finish(&outline);
    return sqrt(area / M_PI);
}

/* Common levels would set the edges OWN / 2 off, 0.2 px of this slope (0.11 / (2.5 sqrt(2 pi)) a px); its own leave a twentieth
 * for the prior, and what lies beyond a pixel's reach of the labels, a tenth. A curved edge in a blur of 2.5 px: 0.08 px outward. */
Test(own_level, edges_lie_half_way_to_the_particles_own)
{
    struct lct_image plane = pair(0.0);
    uint8_t *phase = malloc(W * H);
    uint16_t *labels = malloc(W * H * sizeof *labels);
    cr_assert(phase && labels);
    struct lct_mask_work work;
    cr_assert(eq(int, lct_mask_work_init(&work, W, H, NULL), LCT_OK));
    lct_segment_frame(&plane, &LEVELS, &PARAMS, &work, phase);
    for (int i = 0; i < W * H; i++)
        labels[i] = (uint16_t)(phase[i] == LCT_LIQUID ? 0 : 2 * (i % W < 160 ? 1 : 2) - (phase[i] == LCT_CORE));
    cr_expect(fabs(radius(&plane, labels, &LEVELS, 1) - 40.0) < 0.1, "%g", radius(&plane, labels, &LEVELS, 1));
    cr_expect(fabs(radius(&plane, labels, &LEVELS, 2) - 36.0) < 0.1, "%g", radius(&plane, labels, &LEVELS, 2));
    /* a label that holds none of the phase's inside says nothing */
    const struct lct_levels none =
        lct_levels_of_particle(&LEVELS, &plane, labels, 7, (struct lct_extent){ 0, 0, W - 1, H - 1 });
    cr_expect(none.core == LEVELS.core && none.shell == LEVELS.shell);
    lct_mask_work_finish(&work);
    lct_image_finish(&plane);
    free(phase);
    free(labels);
}
