/* Protects: the sigmas of the areas are true: over films of known truth, two of them hold the true area in nearly all rows. */
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/analyze.h>
#include <lctem/file.h>
#include <lctem/phantom.h>
#include <lctem/table.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char scene[] =
    "frames: 48\nfps: 5\nwidth_px: 256\nheight_px: 192\npixel_size_nm: 0.1\nseed: 1\n"
    "imaging: {dose_e_per_nm2_s: 3e5, mass_thickness: 220, mtf_nyquist: 0.5, read: 0.01}\n"
    "background: {film: 0.02, liquid: 0.01, slow: 0.02, gradient: 0.1}\ndrift: {wander_px: 1, jitter_px: 0.05}\n"
    "particles:\n"
    "  - {name: A, x_nm: 7.5, y_nm: 9.5, rotation_deg: 7, height_nm: [[0, 3.6], [9, 4.2]], shell_nm: 2.328}\n"
    "  - {name: B, x_nm: 19, y_nm: 9.5, rotation_deg: 12, height_nm: 3.9, shell_nm: 1.746}\n";

TestSuite(coverage, .init = folder_make, .fini = folder_remove);

static void analyse(struct lct_phantom *phantom, const char *movie, const char *out)
{
    struct lct_options options;
    struct lct_recipe recipe;
    struct lct_analysis found;
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_phantom_film(phantom, movie, 2, NULL, NULL, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, lct_recipe_init(&options, &recipe, LCT_CMD_ANALYZE, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, lct_options_set(&options, "output", out, LCT_ORIGIN_USER, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, lct_options_set(&options, "pixel_size", "0.1", LCT_ORIGIN_USER, &err), LCT_OK), "%s", err.text);
    recipe.threads = 2;
    recipe.force = true;
    cr_assert(eq(int, lct_analyze(&found, movie, &recipe, NULL, &err), LCT_OK), "%s", err.text);
    lct_options_finish(&options);
}

struct tally {
    double rows, held[2], square[2];
};

/* Rows of areas.csv against the truth; particles are numbered from left to right, as the scene lists them. */
static void hold_against_truth(const struct lct_phantom *phantom, const char *out, struct tally *t)
{
    static const char *const names[] = { "frame", "particle", "core_area_nm2", "core_area_sd_nm2", "shell_area_nm2",
        "shell_area_sd_nm2" };
    char path[128];
    struct lct_csv csv;
    struct lct_phantom_scratch *scratch = NULL;
    snprintf(path, sizeof path, "%s/areas.csv", out);
    cr_assert(eq(int, lct_csv_read(&csv, path, NULL), LCT_OK));
    cr_assert(eq(int, lct_phantom_scratch_create(&scratch, phantom, NULL), LCT_OK));
    for (size_t r = 0; r < csv.n_rows; r++) {
        double v[6];
        struct lct_phantom_truth truth;
        for (int c = 0; c < 6; c++)
            cr_assert(eq(int, lct_csv_number(&csv, r, (size_t)lct_csv_column(&csv, names[c]), &v[c], NULL), LCT_OK));
        cr_assert(eq(int, lct_phantom_truth_at(phantom, (long)v[0], (size_t)v[1] - 1, scratch, &truth, NULL), LCT_OK));
        const double z[2] = { (v[2] - truth.core_area_nm2) / v[3], (v[4] - truth.shell_area_nm2) / v[5] };
        for (int k = 0; k < 2; k++) {
            t->held[k] += fabs(z[k]) <= 2.0;
            t->square[k] += z[k] * z[k];
        }
        t->rows += 1.0;
    }
    lct_phantom_scratch_destroy(&scratch);
    lct_csv_finish(&csv);
}

/* Errors of one particle are alike through its movie, so that four films of two particles hold eight independent ones: a share of 0.95
 * is seen as 0.8 to 1, and the rms of error over sigma as 0.4 to 1.6 about 1. */
Test(coverage, two_sigmas_hold_the_truth)
{
    char path[64], movie[64], out[64];
    struct tally t = { 0 };
    snprintf(path, sizeof path, "%s/scene.yaml", folder);
    snprintf(movie, sizeof movie, "%s/movie.tif", folder);
    snprintf(out, sizeof out, "%s/out", folder);
    cr_assert(eq(int, lct_file_write(path, scene, strlen(scene), NULL), LCT_OK));
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct lct_phantom *phantom = NULL;
        struct lct_err err = { 0 };
        cr_assert(eq(int, lct_phantom_create(&phantom, path, &err), LCT_OK), "%s", err.text);
        lct_phantom_reseed(phantom, seed);
        analyse(phantom, movie, out);
        hold_against_truth(phantom, out, &t);
        lct_phantom_destroy(&phantom);
    }
    cr_assert(t.rows > 370.0, "%.0f rows", t.rows);
    for (int k = 0; k < 2; k++) {
        const double share = t.held[k] / t.rows, pull = sqrt(t.square[k] / t.rows);
        cr_expect(share >= 0.8, "%s: %.2f of the rows within two sigmas", k ? "shell" : "core", share);
        cr_expect(pull > 0.4 && pull < 1.6, "%s: error over sigma %.2f", k ? "shell" : "core", pull);
    }
}
