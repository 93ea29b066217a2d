/* Protects: from a file to tables and pictures: what is written, what is refused, calibration, distortion; and the accuracy on the stills
 * with known truth, where they are at hand. */
#include "folder.h"
#include "movies.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/map_file.h>
#include <lctem/moire_run.h>
#include <lctem/random.h>
#include <lctem/table.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double deg = M_PI / 180;

TestSuite(moire_run, .init = folder_make, .fini = folder_remove);

/* Two lattices of 0.15 and 0.19 nm at 0.05 nm per px, `twist_deg` apart; x stretched by `stretch`. */
static char *make_still(double twist_deg, double stretch, double px_nm)
{
    enum { N = 256 };
    struct lct_image image = { 0 };
    struct lct_random r = lct_random_start(4, 0, 0);
    cr_assert(eq(int, lct_image_init(&image, N, N, NULL), LCT_OK));
    for (int y = 0; y < N; y++)
        for (int x = 0; x < N; x++) {
            double a = 0, b = 0;
            for (int k = 0; k < 3; k++) {
                const double ta = (20 + 60 * k) * deg, tb = ta + twist_deg * deg, u = 0.05 * x / stretch, v = 0.05 * y;
                a += cos(2 * M_PI * (cos(ta) * u - sin(ta) * v) / 0.15);
                b += cos(2 * M_PI * (cos(tb) * u - sin(tb) * v) / 0.19);
            }
            image.px[y * N + x] = (float)(1000 * ((1 + 0.2 * a) * (1 + 0.2 * b) + 0.2 * lct_random_normal(&r)));
        }
    char *path = movies_path(folder, "still.tif");
    const struct lct_map map = { "still", &image };
    cr_assert(eq(int, lct_maps_write(path, &map, 1, px_nm, NULL), LCT_OK));
    lct_image_finish(&image);
    return path;
}

static enum lct_status run(
    const char *path, const char *const *settings, struct lct_moire_result *out, struct lct_err *err)
{
    struct lct_options options;
    struct lct_recipe recipe;
    cr_assert(eq(int, lct_recipe_init(&options, &recipe, LCT_CMD_MOIRE, NULL), LCT_OK));
    for (; *settings; settings += 2)
        cr_assert(eq(int, lct_options_set(&options, settings[0], settings[1], LCT_ORIGIN_USER, err), LCT_OK), "%s",
            err->text);
    const enum lct_status status = lct_moire_run(out, path, &recipe, NULL, NULL, err);
    lct_options_finish(&options);
    return status;
}
#define SETTINGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

Test(moire_run, a_still_becomes_tables_and_pictures)
{
    struct lct_moire_result r;
    struct lct_err err = { 0 };
    char *still = make_still(3, 1, 0.05), *out = movies_path(folder, "out");
    const char *const settings[] = { "d1", "0.151", "d2", "0.189", "output", out, "maps", "yes", NULL };
    cr_assert(eq(int, run(still, settings, &r, &err), LCT_OK), "%s", err.text);
    cr_assert(epsilon_eq(dbl, r.moire.twist_deg, 3, 5 * r.moire.twist_sd_deg));
    cr_assert(eq(int, r.moire.agrees, LCT_VERDICT_NO));
    const char *const files[] = { "lattice.csv", "lattice.json", "moire.csv", "moire.json", "spectrum.png",
        "spectrum.svg", "maps.tif", "dislocations.csv" };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        size_t n;
        char *path = movies_path(out, files[i]);
        free(movies_read_bytes(path, &n));
        cr_assert(gt(sz, n, 50), "%s", files[i]);
        free(path);
    }
    struct lct_csv csv;
    char *table = movies_path(out, "moire.csv");
    double moire;
    cr_assert(eq(int, lct_csv_read(&csv, table, NULL), LCT_OK));
    cr_assert(eq(sz, csv.n_rows, 1));
    cr_assert(eq(int, lct_csv_number(&csv, 0, (size_t)lct_csv_column(&csv, "moire_nm"), &moire, NULL), LCT_OK));
    cr_assert(epsilon_eq(dbl, moire, r.moire.moire_nm, 1e-8));
    lct_csv_finish(&csv);
    cr_assert(eq(int, run(still, settings, &r, &err), LCT_E_OUTPUT)); /* not twice into one folder */
    free(table);
    free(out);
    free(still);
}

Test(moire_run, a_known_spacing_gives_the_pixel_size)
{
    struct lct_moire_result r;
    struct lct_err err = { 0 };
    char *still = make_still(0, 1, NAN);
    cr_assert(eq(int, run(still, SETTINGS("d1", "0.15", "d2", "0.19"), &r, &err), LCT_E_ARG));
    cr_assert(ne(ptr, strstr(err.text, "--pixel-size"), NULL));
    /* a wrong size, put right within 10 %; then none at all, where the strongest lattice is meant */
    cr_assert(
        eq(int, run(still, SETTINGS("blind", "yes", "pixel_size", "0.052", "calibrate", "0.15"), &r, &err), LCT_OK),
        "%s", err.text);
    cr_assert(epsilon_eq(dbl, r.pixel_size_nm, 0.05, 5 * r.pixel_size_sd_nm));
    cr_assert(epsilon_eq(dbl, r.moire.d2_nm, 0.19, 1e-4));
    const double wrong = r.moire.peaks[0].g.x; /* the same picture again: nothing was remembered */
    cr_assert(
        eq(int, run(still, SETTINGS("blind", "yes", "pixel_size", "0.052", "calibrate", "0.15"), &r, &err), LCT_OK));
    cr_assert(eq(dbl, r.moire.peaks[0].g.x, wrong));
    cr_assert(eq(int, run(still, SETTINGS("pixel_size", "0.05", "calibrate", "0.4"), &r, &err), LCT_E_ARG));
    free(still);
}

/* x stretched by 2 %: without --affine the star is distorted, with it both lattices are regular and parallel again. */
Test(moire_run, a_distorted_scan_is_straightened)
{
    struct lct_moire_result r;
    struct lct_err err = { 0 };
    char *still = make_still(0, 1.02, 0.05);
    cr_assert(eq(int, run(still, SETTINGS("d1", "0.15", "d2", "0.19"), &r, &err), LCT_OK), "%s", err.text);
    cr_assert(ne(uint, r.moire.flags & LCT_MOIRE_DISTORTED, 0));
    cr_assert(eq(
        int, run(still, SETTINGS("d1", "0.15", "d2", "0.19", "affine", "yes", "calibrate", "0.15"), &r, &err), LCT_OK));
    cr_assert(eq(uint, r.moire.flags & LCT_MOIRE_DISTORTED, 0));
    cr_assert(epsilon_eq(dbl, r.moire.twist_deg, 0, 0.03));
    cr_assert(epsilon_eq(dbl, r.moire.d2_nm, 0.19, 5e-5));
    free(still);
}

/* Eight noisy frames of one lattice of 2.6 px, each a fraction of a pixel on, and where they have gone to. */
static char *make_drifting(char **drift)
{
    enum { N = 128, FRAMES = 8 };
    struct lct_image image[FRAMES] = { 0 };
    struct lct_map map[FRAMES];
    struct lct_random r = lct_random_start(5, 0, 0);
    *drift = movies_path(folder, "drift.csv");
    FILE *file = fopen(*drift, "w");
    cr_assert(ne(ptr, file, NULL));
    fprintf(file, "frame,dx_px,dy_px\n");
    for (int i = 0; i < FRAMES; i++) {
        const double dx = 0.37 * i, dy = -0.61 * i;
        fprintf(file, "%d,%g,%g\n", i, dx, dy);
        cr_assert(eq(int, lct_image_init(&image[i], N, N, NULL), LCT_OK));
        for (int y = 0; y < N; y++)
            for (int x = 0; x < N; x++)
                image[i].px[y * N + x] = (float)(100 + 10 * cos(2 * M_PI * ((x - dx) * 0.35 + (y - dy) * 0.16))
                    + 20 * lct_random_normal(&r));
        map[i] = (struct lct_map){ "frame", &image[i] };
    }
    fclose(file);
    char *path = movies_path(folder, "drifting.tif");
    cr_assert(eq(int, lct_maps_write(path, map, FRAMES, 0.05, NULL), LCT_OK));
    for (int i = 0; i < FRAMES; i++)
        lct_image_finish(&image[i]);
    return path;
}

/* Eight frames added up in place have a noise of 1/sqrt 8: the snr of the mean is 2.8 times that of a frame, within 15 % (the border that
 * is lost, and the scatter of the noise estimate). Without the drift the fringes would cancel. */
Test(moire_run, a_mean_of_frames_takes_the_drift_out)
{
    struct lct_moire_result one, mean;
    struct lct_err err = { 0 };
    char *drift, *path = make_drifting(&drift);
    cr_assert(eq(int, run(path, SETTINGS("blind", "yes"), &one, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, run(path, SETTINGS("blind", "yes", "average", "yes", "drift", drift), &mean, &err), LCT_OK), "%s",
        err.text);
    cr_assert(eq(int, (int)mean.n_frames, 8));
    cr_assert(epsilon_eq(dbl, mean.drift_px, 0.61 * 7, 1e-9));
    cr_assert(epsilon_eq(dbl, mean.moire.peaks[0].wave.snr / one.moire.peaks[0].wave.snr, sqrt(8), 0.15 * sqrt(8)));
    cr_assert(epsilon_eq(dbl, mean.moire.peaks[0].wave.gx, 0.35, 5 * sqrt(mean.moire.peaks[0].wave.cov_xx)));
    free(path);
    free(drift);
}

/* Two touching particles whose stars lie 1.6 degrees apart: each core has its own. */
Test(moire_run, the_core_of_one_particle)
{
    if (!movies_data())
        cr_skip_test("no sample data");
    char *path = movies_path(movies_data(), "truth/typical_102/movie.mp4");
    struct lct_moire_result r[2];
    struct lct_err err = { 0 };
    if (run(path, SETTINGS("pixel_size", "0.1", "particle", "1", "frames", "0:12"), &r[0], &err) == LCT_E_INPUT)
        cr_skip_test("no movie");
    cr_assert(eq(int, run(path, SETTINGS("pixel_size", "0.1", "particle", "2", "frames", "0:12"), &r[1], &err), LCT_OK),
        "%s", err.text);
    for (int i = 0; i < 2; i++) {
        cr_assert(epsilon_eq(dbl, r[i].moire.d1_nm, 0.14885, 3 * r[i].moire.d1_sd_nm));
        cr_assert(epsilon_eq(dbl, r[i].moire.d2_nm, 0.192295, 3 * r[i].moire.d2_sd_nm));
        cr_assert(lt(dbl, r[i].moire.d2_sd_nm, 2e-4));
    }
    const double apart = atan2(r[1].moire.g1.y, r[1].moire.g1.x) - atan2(r[0].moire.g1.y, r[0].moire.g1.x);
    cr_assert(epsilon_eq(dbl, fabs(remainder(apart, 60 * deg)) / deg, 1.6, 0.2));
    cr_assert(
        eq(int, run(path, SETTINGS("pixel_size", "0.1", "particle", "9", "frames", "0:12"), &r[0], &err), LCT_E_ARG));
    cr_assert(ne(ptr, strstr(err.text, "--particle 9"), NULL));
    free(path);
}

/* Is a peak of that spacing there, within one per cent? */
static bool has_spacing(const struct lct_moire *m, double d_nm)
{
    for (size_t i = 0; i < m->n_peaks; i++)
        if (fabs(lct_vector_spacing_nm(&m->peaks[i].g, NULL) / d_nm - 1.0) < 0.01)
            return true;
    return false;
}

/* A real recording with pillar boxes and a burnt-in bar, several grains side by side: the spacings read off it independently are all in
 * the mean, and nothing that the boxes' edges or the bar would make (waves along x or y). */
Test(moire_run, real_grains_beside_a_burnt_in_bar, .timeout = 120)
{
    static const double known_nm[] = { 0.165, 0.201, 0.270, 0.232 };
    if (!movies_data())
        cr_skip_test("no sample data");
    if (!movies_run("tar -xJf '%s/movies/nist_Case_02_first45.tar.xz' -C '%s'", movies_data(), folder))
        cr_skip_test("no tar, xz or movie");
    char *images = movies_path(folder, "nist_Case_02");
    struct lct_moire_result r;
    struct lct_err err = { 0 };
    cr_assert(
        eq(int, run(images, SETTINGS("blind", "yes", "average", "yes", "pixel_size", "0.0532"), &r, &err), LCT_OK),
        "%s", err.text);
    for (size_t i = 0; i < sizeof known_nm / sizeof *known_nm; i++)
        cr_assert(has_spacing(&r.moire, known_nm[i]), "%g nm", known_nm[i]);
    for (size_t i = 0; i < r.moire.n_peaks; i++) {
        const double angle = lct_vector_angle_deg(&r.moire.peaks[i].g);
        cr_assert(gt(dbl, fabs(remainder(angle, 90)), 2.0));
    }
    cr_assert(ne(int, r.moire.agrees, LCT_VERDICT_NONE));
    /* single frames show the brighter three, too, though bent grains split their spots */
    for (int k = 0; k < 45; k += 22) {
        char number[16];
        snprintf(number, sizeof number, "%d", k);
        cr_assert(
            eq(int, run(images, SETTINGS("blind", "yes", "frame", number, "pixel_size", "0.0532"), &r, &err), LCT_OK),
            "%s", err.text);
        for (size_t i = 0; i < 3; i++)
            cr_assert(has_spacing(&r.moire, known_nm[i]), "frame %d: %g nm", k, known_nm[i]);
    }
    free(images);
}

static double column(const struct lct_csv *csv, size_t row, const char *name)
{
    double x;
    cr_assert(eq(int, lct_csv_number(csv, row, (size_t)lct_csv_column(csv, name), &x, NULL), LCT_OK));
    return x;
}

/* D1 and D2 told to 1 %: the worst of the stills within 0.05, 0.1 and 0.3 %, nine tenths of the periods within 2 sigma. */
Test(moire_run, the_stills_with_known_truth)
{
    if (!movies_data())
        cr_skip_test("no sample data");
    char *dir = movies_path(movies_data(), "truth/moire_106"), *table = movies_path(dir, "truth_moire.csv");
    struct lct_csv csv;
    struct lct_err err = { 0 };
    if (lct_csv_read(&csv, table, NULL) != LCT_OK)
        cr_skip_test("no stills");
    size_t covered = 0;
    for (size_t i = 0; i < csv.n_rows; i++) {
        struct lct_moire_result r;
        char d1[32], d2[32], *path = movies_path(dir, csv.cells[i * csv.n_columns]);
        const double t1 = column(&csv, i, "D1_nm"), t2 = column(&csv, i, "D2_nm"), twist = column(&csv, i, "rot_deg");
        const double moire = lct_moire_twisted_nm(t1, t2, twist);
        snprintf(d1, sizeof d1, "%.6f", t1 * (i % 2 ? 1.01 : 0.99));
        snprintf(d2, sizeof d2, "%.6f", t2 * (i % 3 ? 1.01 : 0.99));
        cr_assert(eq(int, run(path, SETTINGS("d1", d1, "d2", d2), &r, &err), LCT_OK), "%s", err.text);
        cr_assert(epsilon_eq(dbl, r.moire.d1_nm, t1, 5e-4 * t1));
        cr_assert(epsilon_eq(dbl, r.moire.d2_nm, t2, 1e-3 * t2));
        cr_assert(epsilon_eq(dbl, r.moire.moire_nm, moire, 3e-3 * moire));
        cr_assert(epsilon_eq(dbl, r.moire.twist_deg, twist, 0.1));
        covered += fabs(r.moire.moire_nm - moire) <= 2 * r.moire.moire_sd_nm;
        free(path);
    }
    cr_assert(ge(sz, 10 * covered, 9 * csv.n_rows));
    lct_csv_finish(&csv);
    free(table);
    free(dir);
}
