/* Protects: masks made elsewhere are measured as they are, whatever their coding; particles are followed through them;
 * what does not fit together is refused in one clear line. */
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/analyze.h>
#include <lctem/file.h>
#include <lctem/labels.h>
#include <lctem/table.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { W = 160, H = 128, PAGES = 8 };
static const double CORE = 24.0, TOTAL = 34.0;

static char labels[64], film[64], out[64];

static void make_dir(void)
{
    folder_make();
    snprintf(labels, sizeof labels, "%s/labels.tif", folder);
    snprintf(film, sizeof film, "%s/film.tif", folder);
    snprintf(out, sizeof out, "%s/out", folder);
}

TestSuite(measure, .init = make_dir, .fini = folder_remove, .timeout = 120);

/* Two discs; the right-hand one wanders downwards. `value` of core and shell of the left and the right-hand one. */
struct stack {
    struct lct_labels *file;
    uint16_t page[W * H];
};

static void stack_open(struct stack *s, const char *path, int width, int pages, struct lct_scale scale)
{
    const struct lct_labels_params params = { .width = width, .height = H, .scale = scale, .expected_pages = pages };
    cr_assert(lct_labels_create(&s->file, path, &params, NULL) == LCT_OK);
}

static void stack_add(struct stack *s, const uint16_t value[4], int width, int p)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < width; x++) {
            const double left = hypot(x - 40.0, y - 60.0), right = hypot(x - 115.0, y - 62.0 - p);
            s->page[y * width + x] = left < CORE ? value[0]
                : left < TOTAL                   ? value[1]
                : right < CORE                   ? value[2]
                : right < TOTAL                  ? value[3]
                                                 : 0;
        }
}

static void write_masks(const char *path, const uint16_t value[4], int width, int pages)
{
    static struct stack s;
    stack_open(&s, path, width, pages, (struct lct_scale){ 0.1, 0.1, 0.5 });
    for (int p = 0; p < pages; p++) {
        stack_add(&s, value, width, p);
        cr_assert(lct_labels_append(s.file, s.page, NULL) == LCT_OK);
    }
    cr_assert(lct_labels_finish(&s.file, NULL) == LCT_OK);
}

/* The discs as a camera sees them, in a file that knows no scale. */
static void write_film(const char *path)
{
    static const uint16_t depth[4] = { 1000, 500, 1000, 500 };
    static struct stack s;
    stack_open(&s, path, W, PAGES, (struct lct_scale){ (double)NAN, (double)NAN, (double)NAN });
    uint32_t noise = 1;
    for (int p = 0; p < PAGES; p++) {
        stack_add(&s, depth, W, p);
        for (int i = 0; i < W * H; i++) {
            noise = noise * 1664525U + 1013904223U;
            s.page[i] = (uint16_t)(3000 - s.page[i] + (noise >> 26));
        }
        cr_assert(lct_labels_append(s.file, s.page, NULL) == LCT_OK);
    }
    cr_assert(lct_labels_finish(&s.file, NULL) == LCT_OK);
}

static enum lct_status run(
    const char *movie, long core_label, long shell_label, struct lct_analysis *found, struct lct_err *err)
{
    struct lct_options options;
    struct lct_recipe recipe;
    cr_assert(lct_recipe_init(&options, &recipe, LCT_CMD_ANALYZE | LCT_CMD_MEASURE, NULL) == LCT_OK);
    recipe.labels = strdup(labels);
    recipe.movie = movie ? strdup(movie) : NULL;
    recipe.output = strdup(out);
    recipe.core_label = core_label;
    recipe.shell_label = shell_label;
    recipe.force = true;
    recipe.threads = 2;
    const struct lct_analyze_hooks hooks = { .options = &options, .version = "test" };
    const enum lct_status status = lct_analyze(found, movie ? movie : labels, &recipe, &hooks, err);
    lct_options_finish(&options);
    return status;
}

/* Every row of areas.csv: the particle, and its core and shell in nm2. */
static void check_areas(double core_nm2, double shell_nm2)
{
    struct lct_csv csv;
    char *path = lct_file_join(out, "areas.csv");
    cr_assert(lct_csv_read(&csv, path, NULL) == LCT_OK);
    cr_assert(eq(sz, csv.n_rows, 2u * PAGES));
    for (size_t r = 0; r < csv.n_rows; r++) {
        double v[3];
        const char *const names[] = { "particle", "core_area_nm2", "shell_area_nm2" };
        for (int k = 0; k < 3; k++)
            cr_assert(lct_csv_number(&csv, r, (size_t)lct_csv_column(&csv, names[k]), &v[k], NULL) == LCT_OK);
        cr_assert(eq(dbl, v[0], 1.0 + (double)(r % 2)));
        /* the smoothing of a mask's steps takes a curved edge in by sd^2/2r: 0.1 nm2 here; pixels of a disc add as much
         */
        cr_assert(epsilon_eq(dbl, v[1], core_nm2, 0.35), "row %zu: %g", r, v[1]);
        cr_assert(epsilon_eq(dbl, v[2], shell_nm2, 0.5), "row %zu: %g", r, v[2]);
    }
    lct_csv_finish(&csv);
    free(path);
}

Test(measure, masks_are_measured_whatever_their_coding)
{
    static const struct {
        uint16_t value[4];
        long core, shell;
        bool one_class;
    } rows[] = {
        { { 1, 2, 3, 4 }, 0, 0, false }, /* labels.tif of analyze */
        { { 1, 2, 1, 2 }, 0, 0, false }, /* classes */
        { { 7, 4, 7, 4 }, 7, 4, false }, /* classes of any number */
        { { 255, 255, 255, 255 }, 0, 0, true },
    };
    const double core = M_PI * CORE * CORE * 0.01, total = M_PI * TOTAL * TOTAL * 0.01;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lct_analysis found;
        struct lct_err err = { 0 };
        write_masks(labels, rows[i].value, W, PAGES);
        cr_assert(eq(int, run(NULL, rows[i].core, rows[i].shell, &found, &err), LCT_OK), "%zu: %s", i, err.text);
        cr_assert(eq(long, found.n_frames, (long)PAGES));
        cr_assert(eq(int, found.n_particles, 2));
        check_areas(rows[i].one_class ? total : core, rows[i].one_class ? 0.0 : total - core);
    }
}

Test(measure, what_does_not_fit_is_refused)
{
    static const uint16_t two[4] = { 1, 2, 3, 4 }, shells[4] = { 2, 2, 4, 4 };
    struct lct_analysis found;
    struct lct_err err = { 0 };
    write_masks(labels, two, W, PAGES);
    write_masks(film, two, W - 20, PAGES);
    cr_assert(eq(int, run(film, 0, 0, &found, &err), LCT_E_INPUT));
    cr_assert(strstr(err.text, "160 x 128 px do not fit") != NULL, "%s", err.text);
    write_masks(film, two, W, PAGES - 3);
    cr_assert(eq(int, run(film, 0, 0, &found, &err), LCT_E_INPUT));
    cr_assert(strstr(err.text, "labels of 8 frames") != NULL, "%s", err.text);
    cr_assert(eq(int, run(NULL, 9, 9, &found, &err), LCT_E_ARG));
    cr_assert(eq(int, run(NULL, 9, 8, &found, &err), LCT_E_NODATA));
    write_masks(labels, shells, W, PAGES);
    cr_assert(eq(int, run(NULL, 0, 0, &found, &err), LCT_E_NODATA));
}

/* Where neither user nor movie know the scale, the masks' own is taken: areas come in nm2, and times in s. */
Test(measure, masks_lend_their_scale)
{
    static const uint16_t two[4] = { 1, 2, 3, 4 };
    struct lct_analysis found;
    struct lct_err err = { 0 };
    write_masks(labels, two, W, PAGES);
    write_film(film);
    cr_assert(eq(int, run(film, 0, 0, &found, &err), LCT_OK), "%s", err.text);
    const double core = M_PI * CORE * CORE * 0.01, total = M_PI * TOTAL * TOTAL * 0.01;
    check_areas(core, total - core);
    char *path = lct_file_join(out, "run.json"), text[8192] = "";
    FILE *file = fopen(path, "r");
    cr_assert(file && fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    free(path);
    cr_assert(
        strstr(text, "\"pixel_size_from\": \"masks\"") && strstr(text, "\"frame_time_from\": \"masks\""), "%s", text);
}
