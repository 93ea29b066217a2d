/* Protects: light that grows is found without any level, and what moves is none of it; a slow blotch of light is found through the particle that lies in it, its shape is followed between the cells, and a particle
 * alone makes none; and what is left of it is told by how well maps foretell each other, not by how much was found. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/light.h>
#include <lctem/random.h>
#include <math.h>
#include <shapes.h>
#include <stdlib.h>

enum { W = 320, H = 256 };
static const struct lct_segment_params PARAMS = { .min_core_px = 75.0, .hole_px = 75.0 };
static const struct lct_levels LEVELS = {
    .shell = 0.86, .core = 0.74, .has_shell = true, .noise_sd = 0.004, .blur_px = 2.5
};

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
                cr_expect(fabs((double)row[x] - with * blotch(x, y)) < 0.0035, "%d, %d: %.4f, true %.4f", x, y,
                    (double)row[x], with * blotch(x, y));
        }
        lct_image_finish(&plane);
    }
}

/* Film and particle cancel between two planes. A particle that shrinks by 1 px in between looks like light until places
 * are given; what then is left is noise: 0.004 sqrt 2 over 9000 samples of some 10 px each, in 28 waves. */
Test(light, growth_is_seen_without_levels)
{
    struct lct_image plane[2];
    uint8_t *place[2];
    for (int k = 0; k < 2; k++) {
        plane[k] = shape_plane(W, H);
        shape_add_particle(&plane[k], 160, 128, 50 - k, 70 - k, &LEVELS);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                const double film = 1.0 + 0.02 * sin(0.5 * x) * cos(0.4 * y);
                plane[k].px[y * W + x] *= (float)(film * (1.0 + k * 2.0 * blotch(x, y)));
            }
        shape_add_noise(&plane[k], LEVELS.noise_sd, 7 + (uint64_t)k);
        place[k] = malloc((size_t)W * H);
        cr_assert(ne(ptr, place[k], NULL));
        cr_assert(eq(int, lct_light_places(place[k], &plane[k], &LEVELS, &PARAMS, NULL), LCT_OK));
    }
    double worst[2] = { 0.0, 0.0 };
    for (int known = 0; known < 2; known++) {
        const struct lct_light_view before = { &plane[0], known ? place[0] : NULL },
                                    after = { &plane[1], known ? place[1] : NULL };
        struct lct_light_map map;
        float row[W];
        cr_assert(eq(int, lct_light_growth(&map, &before, &after, NULL), LCT_OK));
        for (int y = 5; y < H; y += 30) {
            lct_light_row(&map, W, H, y, row);
            for (int x = 5; x < W; x += 10)
                worst[known] = fmax(worst[known], fabs((double)row[x] - 2.0 * blotch(x, y)));
        }
    }
    cr_expect(worst[0] < 0.02, "%.4f without places", worst[0]);
    cr_expect(worst[1] < 0.0025 && worst[1] < worst[0], "%.4f with places, %.4f without", worst[1], worst[0]);
    for (int k = 0; k < 2; k++) {
        lct_image_finish(&plane[k]);
        free(place[k]);
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

enum { MAPS = 12, STEPS = 40, TRIES = 4, COUNT = LCT_LIGHT_CELLS * LCT_LIGHT_CELLS };

/* Light that grows and fades in straight lines is all taken out, however strong. With two maps nothing tells. */
Test(light, nothing_is_left_of_straight_lines)
{
    struct lct_light_map maps[MAPS];
    for (int k = 0; k < MAPS; k++)
        for (int i = 0; i < COUNT; i++)
            maps[k].off[i] = 0.03f * (float)(i % 7 - 3) + 0.004f * (float)(i % 5 - 2) * (float)k;
    cr_expect(lct_light_left(maps, MAPS) < 1e-6);
    double square = 0.0;
    for (int i = 0; i < COUNT; i++)
        square += 0.5 * (pow((double)maps[0].off[i], 2.0) + pow((double)maps[1].off[i], 2.0)) / COUNT;
    cr_expect(epsilon_eq(dbl, lct_light_left(maps, 2), sqrt(square), 1e-9));
    cr_expect(lct_light_left(maps, 0) == 0.0);
}

/* Noise of the maps, new in each: a map misses its neighbours' line by sqrt 1.5 of it, and half of that variance is taken.
 * 10 x 256 values: known to 2 %, three sigmas of that. */
Test(light, noise_of_the_maps_is_left)
{
    struct lct_random r = lct_random_start(5, 0, 0);
    struct lct_light_map maps[MAPS];
    for (int k = 0; k < MAPS; k++)
        for (int i = 0; i < COUNT; i++)
            maps[k].off[i] = (float)(0.002 * lct_random_normal(&r));
    cr_expect(epsilon_eq(dbl, lct_light_left(maps, MAPS), 0.002 * sqrt(0.75), 0.0001));
}

/* A random walk in each cell; maps are means over 40 steps of it. What straight lines between the maps miss, against what is said. The
 * mean over phases is h/8 in the middle of a film and h/3 in the half map beyond its ends; 4 x 256 walks: 2 %. */
Test(light, what_lines_between_maps_miss_of_a_random_walk)
{
    struct lct_random r = lct_random_start(6, 0, 0);
    double said = 0.0, missed = 0.0;
    for (int t = 0; t < TRIES; t++) {
        static float walk[MAPS * STEPS][COUNT];
        static struct lct_light_map maps[MAPS];
        for (int k = 0; k < MAPS * STEPS; k++)
            for (int i = 0; i < COUNT; i++)
                walk[k][i] = (k ? walk[k - 1][i] : 0.0f) + (float)(1e-4 * lct_random_normal(&r));
        for (int k = 0; k < MAPS; k++)
            for (int i = 0; i < COUNT; i++) {
                maps[k].off[i] = 0.0f;
                for (int j = 0; j < STEPS; j++)
                    maps[k].off[i] += walk[k * STEPS + j][i] / STEPS;
            }
        for (int k = 0; k < MAPS * STEPS; k++)
            for (int i = 0; i < COUNT; i++) {
                const double at = fmin(fmax((k + 0.5) / STEPS - 0.5, 0.0), MAPS - 1.0);
                const int from = (int)at, to = from + 1 < MAPS ? from + 1 : from;
                const double line =
                    (double)maps[from].off[i] + (at - from) * ((double)maps[to].off[i] - (double)maps[from].off[i]);
                missed += pow((double)walk[k][i] - line, 2.0) / ((double)MAPS * STEPS * COUNT * TRIES);
            }
        said += pow(lct_light_left(maps, MAPS), 2.0) / TRIES;
    }
    cr_expect(
        sqrt(said / missed) > 0.9 && sqrt(said / missed) < 1.1, "said %.5f, missed %.5f", sqrt(said), sqrt(missed));
}
