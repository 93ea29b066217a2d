/* Protects: the picture, the labels and the truth tables are the same geometry; the noise is Poisson at the stated dose; the
 * same seed gives the same bytes on any number of threads; a bad scene is refused with its line. */
#include "../../src/phantom/camera.h"
#include "../../src/phantom/polygon.h"
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/file.h>
#include <lctem/image.h>
#include <lctem/phantom.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(phantom, .init = folder_make, .fini = folder_remove);

static const char *write_scene(const char *text)
{
    static char path[64];
    snprintf(path, sizeof path, "%s/scene.yaml", folder);
    cr_assert(eq(int, lct_file_write(path, text, strlen(text), NULL), LCT_OK));
    return path;
}

static struct lct_phantom *scene_of(const char *text)
{
    struct lct_phantom *p = NULL;
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_phantom_create(&p, write_scene(text), &err), LCT_OK), "%s", err.text);
    return p;
}

static const char two_touching[] =
    "frames: 6\nfps: 1\nwidth_px: 200\nheight_px: 160\npixel_size_nm: 0.1\nseed: 5\n"
    "background: {film: 0.03, liquid: 0.02, slow: 0.02, gradient: 0.1}\n"
    "drift: {wander_px: 1.5, jitter_px: 0.2}\nlattice: {disorder: 0.5}\n"
    "imaging: {flicker: 0.01, read: 0.01, gain: 0.01, hot: 1e-4, spread_nyquist: 0.6}\n"
    "particles:\n"
    "  - {name: A, x_nm: 6.5, y_nm: 8, rotation_deg: 7, height_nm: [[0, 3], [5, 4]], shell_nm: 1.5,\n"
    "     cracks: [{facet: 1, position_nm: 0.3, width_nm: [[0, 0], [5, 2]]}, {facet: 2, position_nm: 1.9, width_nm: "
    "1.2}]}\n"
    "  - {name: B, x_nm: 14, y_nm: 8.3, rotation_deg: 12, height_nm: 2.5, shell_nm: 1.5, scale: [[0, 1], [5, 0.5]]}\n";

/* Closed form: the sum over the pixels of the covered part is the area of the polygon, to float rounding. */
Test(phantom, coverage_sums_to_the_area_of_the_polygon)
{
    enum { W = 61, H = 47 };
    static float rows[(W + 2) * H], plane[W * H];
    for (int k = 0; k < 40; k++) {
        struct polygon p;
        polygon_square(&p, 28.3 + 0.37 * k, 21.1, 40);
        for (int i = 0; i < 3 + k % 7; i++) {
            const double a = 0.1 * k + 2 * M_PI * i / (3 + k % 7);
            const struct half_plane h = { cos(a), sin(a), cos(a) * 28.3 + sin(a) * 21.1 + 3 + 0.3 * k };
            polygon_clip(&p, h);
        }
        memset(rows, 0, sizeof rows);
        polygon_coverage_add(&p, 1, W, H, rows);
        polygon_coverage_sum(rows, W, H, plane);
        struct polygon frame = p; /* what lies inside the frame */
        polygon_clip(&frame, (struct half_plane){ -1, 0, 0.5 });
        polygon_clip(&frame, (struct half_plane){ 1, 0, W - 0.5 });
        polygon_clip(&frame, (struct half_plane){ 0, -1, 0.5 });
        polygon_clip(&frame, (struct half_plane){ 0, 1, H - 0.5 });
        double sum = 0;
        for (int i = 0; i < W * H; i++) {
            cr_assert(plane[i] > -1e-5F && plane[i] < 1 + 1e-5F);
            sum += (double)plane[i];
        }
        cr_assert(epsilon_eq(dbl, sum, polygon_area(&frame, NULL, NULL), 1e-3));
    }
}

/* A half-covered pixel column: a rectangle whose edges cut pixels at known fractions. */
Test(phantom, coverage_of_a_rectangle_is_exact_in_every_pixel)
{
    enum { W = 8, H = 6 };
    float rows[(W + 2) * H] = { 0 }, plane[W * H];
    const struct polygon p = { .n = 4, .x = { 1.25, 5, 5, 1.25 }, .y = { 1, 1, 3.25, 3.25 } };
    polygon_coverage_add(&p, 1, W, H, rows);
    polygon_coverage_sum(rows, W, H, plane);
    const float across[W] = { 0, 0.25F, 1, 1, 1, 0.5F, 0, 0 }, down[H] = { 0, 0.5F, 1, 0.75F, 0, 0 };
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            cr_assert(epsilon_eq(flt, plane[y * W + x], across[x] * down[y], 1e-6F));
}

/* The labels are made point by point from half planes, the truth by clipping and inclusion-exclusion. The number of pixel
 * centres in a region differs from its area by at most about half a pixel for each pixel of outline, with random sign:
 * 1 px2 for every 10 px of outline is a bound that a missing crack (10 px wide) breaks. */
Test(phantom, truth_areas_equal_an_independent_rasterisation)
{
    struct lct_phantom *p = scene_of(two_touching);
    struct lct_phantom_scratch *scratch = NULL;
    static uint16_t labels[200 * 160];
    cr_assert(eq(int, lct_phantom_scratch_create(&scratch, p, NULL), LCT_OK));
    for (long f = 0; f < 6; f++) {
        double count[5] = { 0 };
        cr_assert(eq(int, lct_phantom_labels(p, f, scratch, labels, NULL), LCT_OK));
        for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
            count[labels[i]]++;
        for (size_t i = 0; i < 2; i++) {
            struct lct_phantom_truth t;
            cr_assert(eq(int, lct_phantom_truth_at(p, f, i, scratch, &t, NULL), LCT_OK));
            cr_assert(epsilon_eq(dbl, count[2 * i + 1], t.core_area_nm2 * 100, 30));
            cr_assert(epsilon_eq(dbl, count[2 * i + 2], t.shell_area_nm2 * 100, 50));
        }
    }
    lct_phantom_scratch_destroy(&scratch);
    lct_phantom_destroy(&p);
}

/* The same scene in two languages: as a scene file for the phantom, and as these numbers, of which nothing of the phantom knows. */
struct plate {
    double x, y, rotation_deg, height[6], shell;
    int crack; /* facet, or -1 */
    double position, width;
};

static bool in_hexagon(const struct plate *h, double x, double y, double more)
{
    for (int k = 0; k < 6; k++) {
        const double a = (h->rotation_deg + 60 * k) * M_PI / 180; /* counter-clockwise as seen, y down */
        if ((x - h->x) * cos(a) - (y - h->y) * sin(a) > h->height[k] + more)
            return false;
    }
    return true;
}

static bool in_crack(const struct plate *h, double x, double y)
{
    if (h->crack < 0)
        return false;
    const double a = (h->rotation_deg + 60 * h->crack) * M_PI / 180, u = (x - h->x) * cos(a) - (y - h->y) * sin(a),
                 v = (x - h->x) * sin(a) + (y - h->y) * cos(a); /* clockwise along the facet */
    return u > h->height[h->crack] && fabs(v - h->position) < h->width / 2;
}

/* 12 x 12 points in each pixel: an outline of 400 px leaves 400 x 12 cut cells of 1/144 px, each wrong by 0.3 of itself with random sign,
 * 0.15 px in all. One pixel is 6 sigma, and less than a crack of a tenth of a nm. */
Test(phantom, truth_equals_a_rasterisation_that_knows_nothing_of_it)
{
    enum { W = 320, H = 220, FINE = 12 };
    static const struct plate plates[2] = { { 10.3, 10.8, 13, { 5, 5.5, 4.7, 5, 5.2, 4.9 }, 2.1, 4, 0.7, 1.3 },
        { 20.9, 11.4, 29, { 4.4, 4.4, 4.4, 4.4, 4.4, 4.4 }, 1.8, 0, -0.4, 0.9 } };
    struct lct_phantom *p =
        scene_of("frames: 1\nfps: 1\nwidth_px: 320\nheight_px: 220\npixel_size_nm: 0.1\nparticles:\n"
                 "  - {name: A, x_nm: 10.3, y_nm: 10.8, rotation_deg: 13, height_nm: 5, shell_nm: 2.1, facets: "
                 "[{facet: 1, height_nm: 5.5},"
                 " {facet: 2, height_nm: 4.7}, {facet: 4, height_nm: 5.2}, {facet: 5, height_nm: 4.9}],"
                 " cracks: [{facet: 4, position_nm: 0.7, width_nm: 1.3}]}\n"
                 "  - {name: B, x_nm: 20.9, y_nm: 11.4, rotation_deg: 29, height_nm: 4.4, shell_nm: 1.8,"
                 " cracks: [{facet: 0, position_nm: -0.4, width_nm: 0.9}]}\n");
    double count[5] = { 0 };
    for (int i = 0; i < W * FINE; i++)
        for (int j = 0; j < H * FINE; j++) {
            const double x = ((i + 0.5) / FINE - 0.5) * 0.1, y = ((j + 0.5) / FINE - 0.5) * 0.1;
            int label = 0;
            for (int k = 0; label == 0 && k < 2;
                 k++) /* cores go before shells, and the first plate before the second */
                label = in_hexagon(&plates[k], x, y, 0) ? 2 * k + 1 : 0;
            for (int k = 0; label == 0 && k < 2; k++)
                label = in_hexagon(&plates[k], x, y, plates[k].shell) && !in_crack(&plates[k], x, y) ? 2 * k + 2 : 0;
            count[label] += 1.0 / (FINE * FINE);
        }
    struct lct_phantom_scratch *scratch = NULL;
    cr_assert(eq(int, lct_phantom_scratch_create(&scratch, p, NULL), LCT_OK));
    for (size_t k = 0; k < 2; k++) {
        struct lct_phantom_truth t;
        cr_assert(eq(int, lct_phantom_truth_at(p, 0, k, scratch, &t, NULL), LCT_OK));
        cr_assert(lt(dbl, fabs(count[2 * k + 1] - 100 * t.core_area_nm2), 1), "core %zu: %g px", k,
            count[2 * k + 1] - 100 * t.core_area_nm2);
        cr_assert(lt(dbl, fabs(count[2 * k + 2] - 100 * t.shell_area_nm2), 1), "shell %zu: %g px", k,
            count[2 * k + 2] - 100 * t.shell_area_nm2);
    }
    lct_phantom_scratch_destroy(&scratch);
    lct_phantom_destroy(&p);
}

/* Another dose than the scene's, as --dose gives it: the counted electrons follow. */
Test(phantom, another_dose_can_be_given)
{
    struct lct_phantom *p =
        scene_of("frames: 1\nfps: 2\npixel_size_nm: 0.1\nimaging: {dose_e_per_nm2_s: 1e5, dqe: 0.5}\n");
    cr_assert(epsilon_eq(dbl, lct_phantom_info(p).counted_e_per_px, 250, 1e-9));
    cr_assert(eq(int, lct_phantom_expose(p, 0, 2e4, 0, NULL), LCT_OK));
    cr_assert(epsilon_eq(dbl, lct_phantom_info(p).counted_e_per_px, 50, 1e-9));
    cr_assert(eq(int, lct_phantom_expose(p, 0, -1, 0, NULL), LCT_E_ARG));
    lct_phantom_destroy(&p);
}

/* Regular hexagon of height h: 2 sqrt(3) h^2; its shell of thickness s: 2 sqrt(3) ((h + s)^2 - h^2). */
Test(phantom, truth_of_a_hexagon_is_the_closed_form)
{
    struct lct_phantom *p =
        scene_of("frames: 2\nfps: 1\npixel_size_nm: 0.1\n"
                 "particles:\n  - {name: A, x_nm: 20, y_nm: 21, rotation_deg: 11, height_nm: 6, shell_nm: 2,\n"
                 "     cracks: [{facet: 3, position_nm: 0, width_nm: [[0, 0], [0.5, 0], [0.6, 1]]}]}\n");
    struct lct_phantom_scratch *scratch = NULL;
    struct lct_phantom_truth t;
    cr_assert(eq(int, lct_phantom_scratch_create(&scratch, p, NULL), LCT_OK));
    cr_assert(eq(int, lct_phantom_truth_at(p, 0, 0, scratch, &t, NULL), LCT_OK));
    cr_assert(epsilon_eq(dbl, t.core_area_nm2, 2 * sqrt(3) * 36, 1e-9));
    cr_assert(epsilon_eq(dbl, t.shell_area_nm2, 2 * sqrt(3) * (64 - 36), 1e-9));
    cr_assert(epsilon_eq(dbl, t.x_px, 200, 1e-9));
    cr_assert(epsilon_eq(dbl, t.y_px, 210, 1e-9));
    /* an open crack takes width x thickness away */
    cr_assert(eq(int, lct_phantom_truth_at(p, 1, 0, scratch, &t, NULL), LCT_OK));
    cr_assert(epsilon_eq(dbl, t.shell_area_nm2, 2 * sqrt(3) * (64 - 36) - 1 * 2, 1e-9));
    lct_phantom_scratch_destroy(&scratch);
    lct_phantom_destroy(&p);
}

/* Variance of the difference of two frames of a flat scene = 2 mean, in counts, from 1 e/px to 1000 e/px. With n = 65536
 * pixels the variance is known to sqrt(2/n) = 0.55 % and the mean to 1/sqrt(n mean); 4 sigma of each. */
Test(phantom, noise_is_poisson_at_the_stated_dose)
{
    const double doses[] = { 1, 8, 15.5, 16.5, 40, 300, 1000 };
    for (size_t k = 0; k < sizeof doses / sizeof *doses; k++) {
        char text[256];
        snprintf(text, sizeof text,
            "frames: 2\nfps: 2\nwidth_px: 256\nheight_px: 256\npixel_size_nm: 0.1\n"
            "imaging: {dose_e_per_nm2_s: %.9g, dqe: 0.5, level: 100}\n",
            doses[k] * 2 / 0.5 * 100);
        struct lct_phantom *p = scene_of(text);
        struct lct_phantom_scratch *scratch = NULL;
        struct lct_image a = { 0 }, b = { 0 };
        cr_assert(epsilon_eq(dbl, lct_phantom_info(p).counted_e_per_px, doses[k], 1e-9));
        cr_assert(eq(int, lct_phantom_scratch_create(&scratch, p, NULL), LCT_OK));
        cr_assert(eq(int, lct_image_init(&a, 256, 256, NULL), LCT_OK));
        cr_assert(eq(int, lct_image_init(&b, 256, 256, NULL), LCT_OK));
        cr_assert(eq(int, lct_phantom_render(p, 0, true, scratch, &a, NULL), LCT_OK));
        cr_assert(eq(int, lct_phantom_render(p, 1, true, scratch, &b, NULL), LCT_OK));
        double mean = 0, variance = 0;
        const double n = 65536, unit = doses[k] / 100;
        for (size_t i = 0; i < 65536; i++) {
            const double x = (double)a.px[i] * unit, y = (double)b.px[i] * unit;
            cr_assert(epsilon_eq(dbl, x, round(x), 1e-3)); /* counts are whole */
            mean += (x + y) / (2 * n);
            variance += (x - y) * (x - y) / (2 * n);
        }
        cr_assert(epsilon_eq(dbl, mean / doses[k], 1, 4 / sqrt(2 * n * doses[k])), "mean at %g", doses[k]);
        cr_assert(
            epsilon_eq(dbl, variance / doses[k], 1, 4 * sqrt((2 + 1 / doses[k]) / n)), "variance at %g", doses[k]);
        lct_image_finish(&a);
        lct_image_finish(&b);
        lct_phantom_scratch_destroy(&scratch);
        lct_phantom_destroy(&p);
    }
}

/* The blur's own transfer at Nyquist and at half of it, on cosines along x. */
Test(phantom, blur_has_the_stated_mtf)
{
    enum { W = 64, H = 8 };
    float plane[W * H], line[2 * W];
    const double frequency[] = { 0.5, 0.25, 0.125 };
    for (size_t k = 0; k < 3; k++) {
        for (int i = 0; i < W * H; i++)
            plane[i] = (float)cos(2 * M_PI * frequency[k] * (i % W));
        camera_spread(plane, W, H, 0.4, line);
        const double c = cos(M_PI * frequency[k]), want = 0.4 + 0.6 * c * c;
        for (int x = 8; x < 56; x++)
            cr_assert(epsilon_eq(dbl, (double)plane[3 * W + x], want * cos(2 * M_PI * frequency[k] * x), 1e-5));
    }
}

static char *film(const struct lct_phantom *p, const char *name, int threads, size_t *n)
{
    char path[96], *bytes = NULL;
    struct lct_err err = { 0 };
    snprintf(path, sizeof path, "%s/%d%s", folder, threads, name);
    cr_assert(eq(int, lct_phantom_film(p, path, threads, NULL, NULL, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, lct_file_read(&bytes, n, path, 1 << 26, NULL), LCT_OK));
    return bytes;
}

Test(phantom, same_seed_gives_the_same_bytes_on_any_number_of_threads)
{
    struct lct_phantom *p = scene_of(two_touching);
    const char *names[] = { "m.mp4", "m.tif" };
    for (size_t k = 0; k < 2; k++) {
        size_t n1, n2, n7;
        char *one = film(p, names[k], 1, &n1), *two = film(p, names[k], 2, &n2), *seven = film(p, names[k], 7, &n7);
        cr_assert(n1 == n2 && n1 == n7 && memcmp(one, two, n1) == 0 && memcmp(one, seven, n1) == 0, "%s", names[k]);
        lct_phantom_reseed(p, 6);
        char *other = film(p, names[k], 2, &n2);
        cr_assert(n1 != n2 || memcmp(one, other, n1) != 0, "%s: another seed, the same film", names[k]);
        lct_phantom_reseed(p, 5);
        free(one);
        free(two);
        free(seven);
        free(other);
    }
    lct_phantom_destroy(&p);
}

static bool stop_after_a_batch(void *context, long done, long total)
{
    (void)context;
    (void)done;
    (void)total;
    return false;
}

/* Who interrupts a film must not find something that looks like one. */
Test(phantom, an_interrupted_film_leaves_nothing_behind)
{
    struct lct_phantom *p = scene_of(two_touching);
    const char *names[] = { "m.mp4", "m.tif" };
    for (size_t k = 0; k < 2; k++) {
        char path[96];
        for (int part = 0; part < 2; part++) {
            snprintf(path, sizeof path, "%s/%s%s", folder, names[k], part ? ".part" : "");
            if (part == 0)
                cr_assert(eq(int, lct_phantom_film(p, path, 1, stop_after_a_batch, NULL, NULL), LCT_E_CANCELLED));
            cr_expect(access(path, F_OK) != 0, "%s", path);
        }
    }
    lct_phantom_destroy(&p);
}

Test(phantom, bad_scenes_are_refused_with_their_line)
{
    // clang-format off
    static const struct { const char *text, *line, *word; } bad[] = {
        { "frames: 2\nfps: 1\n", ":1:", "pixel_size_nm" },
        { "frames: 2\nfps: 1\npixel_size_nm: 0\n", ":3:", "not between" },
        { "frames: 2\nfps: one\npixel_size_nm: 1\n", ":2:", "expected a number" },
        { "frames: 2.5\nfps: 1\npixel_size_nm: 1\n", ":1:", "whole" },
        { "frames: 2\nfps: 1\npixel_size_nm: 1\nimaging:\n  dosis: 5\n", ":5:", "no key 'dosis'" },
        { "frames: 2\nfps: 1\npixel_size_nm: 1\nimaging:\n  mode: grey\n", ":5:", "not one of" },
        { "frames: 2\nframes: 3\nfps: 1\npixel_size_nm: 1\n", ":2:", "twice" },
        { "frames: 2\nfps: 1\npixel_size_nm: 1\nparticles:\n  - {name: A, x_nm: 1, y_nm: 1}\n", ":5:", "height_nm" },
        { "frames: 2\nfps: 1\npixel_size_nm: 1\nparticles:\n  - {name: A, x_nm: 1, y_nm: 1, height_nm: [[2, 1], [1, 1]]}\n", ":5:", "ascend" },
        { "frames: 2\nfps: 1\npixel_size_nm: 1\nparticles:\n  - {name: A, x_nm: 1, y_nm: 1, height_nm: 2}\n"
          "  - {name: A, x_nm: 1, y_nm: 1, height_nm: 2}\n", ":6:", "taken" },
        { "frames: 2\nfps: 1\npixel_size_nm: 1\nparticles:\n  - {name: A, x_nm: 1, y_nm: 1, height_nm: 2,\n"
          "     cracks: [{facet: 6, position_nm: 0, width_nm: 1}]}\n", ":6:", "facet" },
        { "frames: 2\nfps: [1\n", ":", "not YAML" },
        { "", ":1:", "empty" },
    };
    // clang-format on
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct lct_phantom *p = NULL;
        struct lct_err err = { 0 };
        cr_assert(eq(int, lct_phantom_create(&p, write_scene(bad[i].text), &err), LCT_E_ARG), "case %zu", i);
        cr_assert(p == NULL);
        cr_assert(strstr(err.text, bad[i].line) && strstr(err.text, bad[i].word), "case %zu: %s", i, err.text);
    }
    struct lct_phantom *p = NULL;
    cr_assert(eq(int, lct_phantom_create(&p, "/nowhere/scene.yaml", NULL), LCT_E_INPUT));
}
