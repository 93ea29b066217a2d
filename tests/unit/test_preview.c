/* Protects: what the preview shows of a frame is true, wherever in the movie it is; the picture does not depend on the number of
 * threads; what is burnt in counts as no liquid; nothing is overwritten unasked; a frame that is not there is refused. */
#include "../../src/pipeline/preview_views.h"
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/file.h>
#include <lctem/phantom.h>
#include <lctem/preview.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FRAMES = 60 };

static char movie[64], picture[64];
static struct lct_phantom *phantom;
static struct lct_options options;
static struct lct_recipe recipe;

static const char scene[] =
    "frames: 60\nfps: 5\nwidth_px: 240\nheight_px: 200\npixel_size_nm: 0.1\nseed: 5\n"
    "background: {film: 0.01, liquid: 0.005, gradient: 0.1}\ndrift: {x_px: [[0, 0], [12, 6]]}\n"
    "particles:\n"
    "  - {name: A, x_nm: 7, y_nm: 10, rotation_deg: 7, height_nm: [[0, 3], [12, 4]], shell_nm: 1.5}\n"
    "  - {name: B, x_nm: 18, y_nm: 10, rotation_deg: 12, height_nm: [[0, 3.5], [12, 2.5]], shell_nm: 1.2}\n";

static void make_movie(void)
{
    char path[64];
    struct lct_err err = { 0 };
    folder_make();
    snprintf(path, sizeof path, "%s/scene.yaml", folder);
    snprintf(movie, sizeof movie, "%s/movie.tif", folder);
    snprintf(picture, sizeof picture, "%s/look.png", folder);
    cr_assert(eq(int, lct_file_write(path, scene, strlen(scene), NULL), LCT_OK));
    cr_assert(eq(int, lct_phantom_create(&phantom, path, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, lct_phantom_film(phantom, movie, 2, NULL, NULL, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, lct_recipe_init(&options, &recipe, LCT_CMD_PREVIEW, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, lct_options_set(&options, "output", picture, LCT_ORIGIN_USER, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, lct_options_set(&options, "pixel_size", "0.1", LCT_ORIGIN_USER, &err), LCT_OK), "%s", err.text);
    recipe.threads = 2;
}

static void remove_movie(void)
{
    lct_phantom_destroy(&phantom);
    lct_options_finish(&options);
    folder_remove();
}
TestSuite(preview, .init = make_movie, .fini = remove_movie);

/* A whole run is asked for 2 % of a core and 6 % of a shell on films like this; the preview, with the levels of 25 frames, gets
 * half as much again. Centroids: 1 px, a tenth of the distance at which one would be taken for the other. */
static void expect_truth(const struct lct_preview_found *found, long frame)
{
    struct lct_phantom_scratch *scratch = NULL;
    cr_assert(eq(int, lct_phantom_scratch_create(&scratch, phantom, NULL), LCT_OK));
    cr_assert(eq(long, found->frame, frame));
    cr_assert(eq(sz, found->n_particles, 2), "frame %ld", frame);
    for (size_t i = 0; i < 2; i++) {
        const struct lct_preview_particle *p = &found->particles[i];
        struct lct_phantom_truth truth;
        cr_assert(eq(int, lct_phantom_truth_at(phantom, frame, i, scratch, &truth, NULL), LCT_OK));
        cr_assert(eq(int, p->number, (int)i + 1)); /* from left to right */
        cr_expect(fabs(p->core_px2 * 0.01 - truth.core_area_nm2) < 0.03 * truth.core_area_nm2,
            "frame %ld, %zu: core %g, true %g", frame, i, p->core_px2 * 0.01, truth.core_area_nm2);
        cr_expect(fabs(p->shell_px2 * 0.01 - truth.shell_area_nm2) < 0.09 * truth.shell_area_nm2,
            "frame %ld, %zu: shell %g, true %g", frame, i, p->shell_px2 * 0.01, truth.shell_area_nm2);
        cr_expect(hypot(p->x_px - truth.x_px, p->y_px - truth.y_px) < 1.0, "frame %ld, %zu: at %g, %g, true %g, %g",
            frame, i, p->x_px, p->y_px, truth.x_px, truth.y_px);
    }
    lct_phantom_scratch_destroy(&scratch);
}

/* The first and the last frame have neighbours on one side only; 31 has a full stretch. */
Test(preview, tells_the_truth_at_both_ends_and_in_the_middle)
{
    const long frames[] = { 0, 31, FRAMES - 1 };
    recipe.force = true;
    for (size_t k = 0; k < 3; k++) {
        struct lct_preview_found found = { 0 };
        struct lct_err err = { 0 };
        recipe.frame = frames[k];
        cr_assert(eq(int, lct_preview_make(&found, movie, &recipe, NULL, &err), LCT_OK), "%s", err.text);
        expect_truth(&found, frames[k]);
        cr_expect(found.first >= 0 && found.last < FRAMES && found.last - found.first <= 24);
        cr_expect(fabs(found.time_s - 0.2 * (double)frames[k]) < 1e-6);
        lct_preview_found_finish(&found);
        cr_expect(eq(ptr, found.particles, NULL));
    }
}

/* Places are those of the whole frame, whatever part of it is looked at. */
Test(preview, a_region_and_a_step_keep_places_and_numbers)
{
    struct lct_preview_found found = { 0 };
    struct lct_err err = { 0 };
    recipe.roi = (struct lct_rect){ 6, 4, 228, 190 };
    recipe.frames = (struct lct_range){ 3, 50, 4 };
    recipe.frame = 31;
    cr_assert(eq(int, lct_preview_make(&found, movie, &recipe, NULL, &err), LCT_OK), "%s", err.text);
    expect_truth(&found, 31);
    lct_preview_found_finish(&found);
}

Test(preview, the_picture_is_the_same_on_any_number_of_threads)
{
    char *bytes[2];
    size_t n[2];
    recipe.frame = 20;
    recipe.force = true;
    for (int k = 0; k < 2; k++) {
        struct lct_preview_found found = { 0 };
        recipe.threads = k ? 7 : 1;
        cr_assert(eq(int, lct_preview_make(&found, movie, &recipe, NULL, NULL), LCT_OK));
        cr_assert(eq(int, lct_file_read(&bytes[k], &n[k], picture, 1 << 26, NULL), LCT_OK));
        lct_preview_found_finish(&found);
    }
    cr_assert(n[0] == n[1] && memcmp(bytes[0], bytes[1], n[0]) == 0);
    cr_expect(n[0] > 8 && memcmp(bytes[0], "\x89PNG", 4) == 0);
    free(bytes[0]);
    free(bytes[1]);
}

/* A pillar box is filled up with liquid of exactly 1: counted, it would be a spike among the greys, and no noise at all. */
Test(preview, greys_are_those_of_the_scene)
{
    enum { W = 32, BOX = 10, BIN = 2 };
    static unsigned char ignore[BIN * W * BIN * W];
    static float px[W * W];
    static uint8_t phase[W * W]; /* LCT_LIQUID */
    for (int i = 0; i < BIN * W * BIN * W; i++)
        ignore[i] = i % (BIN * W) < BIN * BOX;
    for (int i = 0; i < W * W; i++)
        px[i] = i % W < BOX ? 1.0F : i % 2 ? 1.02F : 0.98F;
    struct plan plan = { .levels = { .shell = 0.85, .core = 0.7, .noise_sd = 0.01, .has_shell = true },
        .bin = BIN,
        .grid = { .width = BIN * W, .height = BIN * W },
        .ignore = ignore };
    const struct result result = { .plane = { .width = W, .height = W, .px = px }, .phase = phase };
    struct preview_views views;
    for (int boxed = 0; boxed < 2; boxed++) {
        double sum = 0.0;
        plan.ignore = boxed ? ignore : NULL;
        cr_assert(eq(int, preview_views_make(&views, &plan, &result, &result.plane, NULL), LCT_OK));
        for (int b = 0; b < LCT_PREVIEW_BINS; b++)
            sum += views.levels.histogram[b];
        cr_assert(eq(dbl, sum, boxed ? W * (W - BOX) : W * W));
        cr_assert(epsilon_eq(dbl, views.levels.noise_sd, boxed ? 0.02 : 0.02 * sqrt((W - BOX) / (double)W), 1e-6));
        preview_views_finish(&views);
    }
}

static void refuse(enum lct_status status, const char *words)
{
    struct lct_preview_found found = { .frame = 77 };
    struct lct_err err = { 0 };
    cr_expect(eq(int, lct_preview_make(&found, movie, &recipe, NULL, &err), status), "%s", err.text);
    cr_expect(strstr(err.text, words) != NULL, "%s", err.text);
    cr_expect(eq(long, found.frame, 77)); /* untouched */
}

Test(preview, refuses_frames_that_are_not_there_and_pictures_that_are)
{
    recipe.frame = FRAMES;
    refuse(LCT_E_ARG, "0 to 59");
    recipe.frames = (struct lct_range){ 1, -1, 2 };
    recipe.frame = 2;
    refuse(LCT_E_ARG, "steps");
    cr_expect(access(picture, F_OK) != 0);
    cr_assert(eq(int, lct_file_write(picture, "mine", 4, NULL), LCT_OK));
    recipe.frame = 3;
    refuse(LCT_E_OUTPUT, "--force");
}

static bool stop_at_once(void *context, const char *stage, long done, long total)
{
    (void)context;
    (void)stage;
    (void)done;
    (void)total;
    return false;
}

Test(preview, stops_when_asked_and_leaves_no_picture)
{
    const struct lct_progress progress = { .report = stop_at_once };
    struct lct_preview_found found;
    cr_expect(eq(int, lct_preview_make(&found, movie, &recipe, &progress, NULL), LCT_E_CANCELLED));
    cr_expect(access(picture, F_OK) != 0);
}
