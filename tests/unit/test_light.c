/* Protects: a slow blotch of light is found through the particle that lies in it, its shape is followed between the cells, and a particle
 * alone makes none. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/light.h>
#include <math.h>
#include <shapes.h>

enum { W = 320, H = 256 };
static const struct lct_segment_params PARAMS = { .min_core_px = 75.0, .hole_px = 75.0 };
static const struct lct_levels LEVELS = { .shell = 0.86, .core = 0.74, .has_shell = true, .noise_sd = 0.004, .blur_px = 2.5 };

static double blotch(double x, double y)
{
    return 0.02 * exp(-0.5 * (pow(x - 150, 2.0) + pow(y - 120, 2.0)) / (90.0 * 90.0));
}

/* Smoothing over three cells flattens a blotch of 90 px by (20 / 90)^2 = 5 %, the prior by less than 10 %; noise is 0.0002. */
Test(light, finds_a_blotch_across_a_particle)
{
    for (int with = 0; with < 2; with++) {
        struct lct_image plane = shape_plane(W, H);
        shape_add_particle(&plane, 160, 128, 50, 70, &LEVELS);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++)
                plane.px[y * W + x] *= (float)(1.0 + with * blotch(x, y));
        shape_add_noise(&plane, LEVELS.noise_sd, 7);
        struct lct_light_map map;
        cr_assert(eq(int, lct_light_estimate(&map, &plane, &LEVELS, &PARAMS, NULL, NULL), LCT_OK));
        float row[W];
        for (int y = 5; y < H; y += 30) {
            lct_light_row(&map, W, H, y, row);
            for (int x = 5; x < W; x += 10)
                cr_expect(fabs((double)row[x] - with * blotch(x, y)) < 0.0035, "%d, %d: %.4f, true %.4f", x, y, (double)row[x],
                    with * blotch(x, y));
        }
        lct_image_finish(&plane);
    }
}

/* Straight lines between the middles of the cells: at a middle the cell itself, half way the mean, flat beyond the last. */
Test(light, is_straight_between_middles)
{
    struct lct_light_map map = { { 0 } };
    for (int i = 0; i < LCT_LIGHT_CELLS * LCT_LIGHT_CELLS; i++)
        map.off[i] = (float)(i % LCT_LIGHT_CELLS) + 100.0f * (float)(i / LCT_LIGHT_CELLS);
    float row[160];
    lct_light_row(&map, 160, 161, 0, row);
    cr_expect(epsilon_eq(flt, row[0], 0.0f, 1e-4f));
    cr_expect(epsilon_eq(flt, row[159], 15.0f, 1e-3f));
    cr_expect(epsilon_eq(flt, 0.5f * (row[14] + row[15]), 1.0f, 1e-3f));
    cr_expect(epsilon_eq(flt, 0.5f * (row[19] + row[20]), 1.5f, 1e-3f));
    lct_light_row(&map, 160, 160, 159, row);
    cr_expect(epsilon_eq(flt, row[0], 1500.0f, 0.1f));
}
