/* Protects: a movie that is written again holds the same numbers, or says how they were changed, and keeps its pixel size and frame
 * time in every format; binning and aligning do what their names say; nothing is overwritten or left half done. */
#include "folder.h"
#include "microscope.h"
#include "movies.h"

#include <criterion/criterion.h>
#include <lctem/convert.h>
#include <lctem/source.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(convert, .init = folder_make, .fini = folder_remove);

/* Convert `from` to `to` with the settings in `words` ("bin=2"), ended by NULL. */
static enum lct_status convert(
    const char *from, const char *to, const char *const *words, struct lct_converted *found, char *text)
{
    struct lct_options options = { 0 };
    struct lct_recipe recipe;
    struct lct_err err = { 0 };
    cr_assert_eq(lct_recipe_init(&options, &recipe, LCT_CMD_CONVERT, &err), LCT_OK, "%s", err.text);
    char *argv[16] = { (char *)"-o", (char *)to };
    int argc = 2, left = 0;
    for (; words && *words; words++)
        argv[argc++] = (char *)*words;
    cr_assert_eq(lct_options_parse(&options, argc, argv, &left, &err), LCT_OK, "%s", err.text);
    cr_assert_eq(lct_recipe_check(&recipe, &err), LCT_OK);
    const enum lct_status status = lct_convert(found, from, &recipe, NULL, NULL, &err);
    lct_options_finish(&options);
    if (text)
        strcpy(text, err.text);
    else
        cr_assert_eq(status, LCT_OK, "%s", err.text);
    return status;
}

static struct lct_image *read_all(const char *path, struct lct_source **source)
{
    struct lct_err err = { 0 };
    cr_assert_eq(lct_source_open(source, path, NULL, &err), LCT_OK, "%s", err.text);
    const struct lct_source_info *info = lct_source_info(*source);
    struct lct_image *all = calloc((size_t)info->n_frames, sizeof *all);
    for (long i = 0; i < info->n_frames; i++) {
        cr_assert_eq(lct_image_init(&all[i], info->width, info->height, &err), LCT_OK);
        cr_assert_eq(lct_source_read(*source, i, &all[i], NULL, &err), LCT_OK, "%s", err.text);
    }
    return all;
}

static void free_all(struct lct_image *all, struct lct_source **source)
{
    for (long i = 0; i < lct_source_info(*source)->n_frames; i++)
        lct_image_finish(&all[i]);
    free(all);
    lct_source_close(source);
}

Test(convert, formats_keep_numbers_and_calibration)
{
    // clang-format off
    static const struct { char kind; int bytes; const char *to, *dtype; double tolerance; } rows[] = {
        { 'u', 1, "a.tif", "uint8", 0 }, { 'u', 2, "a.tif", "uint16", 0 }, { 'f', 4, "a.tif", "float32", 0 },
        { 'i', 2, "a.tif", "float32", 0 }, { 'u', 1, "a.mrc", "uint16", 0 }, { 'u', 2, "a.mrc", "uint16", 0 },
        { 'f', 8, "a.mrc", "float32", 0 }, { 'u', 1, "a%03d.png", "uint8", 0 }, { 'u', 2, "a%03d.png", "uint16", 0 },
        { 'u', 1, "a.mp4", "uint8", 12 }, { 'u', 1, "a.mkv", "uint8", 12 }, /* H.264 at a quality that keeps the noise */
    };
    // clang-format on
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct micro m = {
            .width = 32, .height = 26, .frames = 4, .kind = rows[i].kind, .bytes = rows[i].bytes, .pixel_nm = 0.03
        };
        char *from = movies_path(folder, "in"), *to = movies_path(folder, rows[i].to);
        struct lct_converted found;
        micro_write_dm(from, &m, 4);
        convert(from, to, (const char *const[]){ "--force", NULL }, &found, NULL);
        cr_assert(
            found.n_frames == 4 && found.width == 32 && found.height == 26 && found.grey_step == 1, "%s", rows[i].to);
        struct lct_source *s = NULL;
        struct lct_image *all = read_all(to, &s);
        const struct lct_source_info *info = lct_source_info(s);
        cr_assert_eq(info->n_frames, 4, "%s", to);
        cr_assert_str_eq(lct_dtype_name(info->dtype), rows[i].dtype, "%s", rows[i].to);
        cr_assert_float_eq(info->pixel_size_nm, 0.03, 1e-8, "%s: %.12g", rows[i].to, info->pixel_size_nm);
        cr_assert_float_eq(info->pixel_size_y_nm, 0.06, 1e-8, "%s: %.12g", rows[i].to, info->pixel_size_y_nm);
        cr_assert_float_eq(info->frame_time_s, 0.25, 1e-6, "%s: %.12g", rows[i].to, info->frame_time_s);
        for (int f = 0; f < 4; f++)
            for (int k = 0; k < 32 * 26; k++)
                cr_assert_float_eq((double)all[f].px[k], micro_value(&m, k % 32, k / 32, f), rows[i].tolerance + 1e-12,
                    "%s: %g", rows[i].to, (double)all[f].px[k]);
        free_all(all, &s);
        free(from);
        free(to);
    }
}

Test(convert, fewer_bits_are_a_stated_scale)
{
    const struct micro m = { .width = 16, .height = 16, .frames = 3, .kind = 'f', .bytes = 4, .pixel_nm = 0.03 };
    char *from = movies_path(folder, "in"), *to = movies_path(folder, "a%d.png");
    struct lct_converted found;
    micro_write_dm(from, &m, 4);
    convert(from, to, NULL, &found, NULL);
    cr_assert_eq(found.bits, 16);
    struct lct_source *s = NULL;
    struct lct_image *all = read_all(to, &s);
    for (int k = 0; k < 256; k++)
        cr_assert_float_eq(found.grey_offset + found.grey_step * (double)all[2].px[k],
            micro_value(&m, k % 16, k / 16, 2), 0.51 * found.grey_step); /* half a step of rounding */
    free_all(all, &s);
    free(from);
    free(to);
}

Test(convert, binned_pixels_are_means_and_larger)
{
    const struct micro m = { .width = 9, .height = 6, .frames = 5, .kind = 'u', .bytes = 2, .pixel_nm = 0.03 };
    char *from = movies_path(folder, "in"), *to = movies_path(folder, "a.tif");
    struct lct_converted found;
    micro_write_dm(from, &m, 3);
    convert(from, to, (const char *const[]){ "--bin", "2", "--frames", "1:5:2", NULL }, &found, NULL);
    struct lct_source *s = NULL;
    struct lct_image *all = read_all(to, &s);
    const struct lct_source_info *info = lct_source_info(s);
    cr_assert(info->n_frames == 2 && info->width == 4 && info->height == 3);
    cr_assert_float_eq(info->pixel_size_nm, 0.06, 1e-8);
    cr_assert_float_eq(info->frame_time_s, 0.5, 1e-9);
    for (int k = 0; k < 12; k++) {
        const int x = 2 * (k % 4), y = 2 * (k / 4);
        const double mean = (micro_value(&m, x, y, 3) + micro_value(&m, x + 1, y, 3) + micro_value(&m, x, y + 1, 3)
                                + micro_value(&m, x + 1, y + 1, 3))
            / 4;
        cr_assert_float_eq((double)all[1].px[k], mean, 1e-5);
    }
    free_all(all, &s);
    free(from);
    free(to);
}

/* A film of grain that moves by (2, -1) px a frame lies still afterwards, to a fraction of its contrast. */
Test(convert, aligned_frames_lie_still)
{
    enum { SIDE = 128, WIDE = 200, FRAMES = 8 };
    static unsigned char grain[WIDE][WIDE], movie[FRAMES][SIDE][SIDE];
    uint32_t seed = 5;
    for (int pass = 0; pass < 4; pass++) /* several px wide, as drift is measured on */
        for (int y = 1; y < WIDE - 1; y++)
            for (int x = 1; x < WIDE - 1; x++)
                grain[y][x] = (unsigned char)(pass == 0
                        ? (seed = seed * 1664525u + 1013904223u) >> 24
                        : (grain[y][x] * 2u + grain[y][x - 1] + grain[y][x + 1] + grain[y - 1][x] + grain[y + 1][x])
                            / 6u);
    for (int f = 0; f < FRAMES; f++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                movie[f][y][x] = grain[y + 20 + f][x + 30 - 2 * f];
    char *from = movies_path(folder, "in"), *to = movies_path(folder, "a.mrc");
    movies_write_bytes(from, movie, sizeof movie);
    struct lct_converted found;
    convert(from, to, (const char *const[]){ "--align", "--raw", "128x128x8:u8", NULL }, &found, NULL);
    struct lct_source *s = NULL;
    struct lct_image *all = read_all(to, &s);
    double before = 0, after = 0;
    for (int y = 20; y < SIDE - 20; y++)
        for (int x = 20; x < SIDE - 20; x++) {
            const double first = movie[0][y][x];
            before += (movie[7][y][x] - first) * (movie[7][y][x] - first);
            after += ((double)all[7].px[y * SIDE + x] - first) * ((double)all[7].px[y * SIDE + x] - first);
        }
    cr_assert_lt(after, 0.02 * before, "%g of %g left", after, before);
    free_all(all, &s);
    free(from);
    free(to);
}

Test(convert, refuses_and_leaves_nothing)
{
    const struct micro m = { .width = 9, .height = 6, .frames = 2, .kind = 'u', .bytes = 2 };
    char *from = movies_path(folder, "in"), *to = movies_path(folder, "a.tif"), text[512];
    char *nowhere = movies_path(folder, "no/such/folder/a.mrc"), *odd = movies_path(folder, "a.gif"),
         *part = movies_path(folder, "a.tif.part");
    struct lct_converted found;
    micro_write_dm(from, &m, 3);
    convert(from, to, NULL, &found, text);
    cr_assert_eq(convert(from, to, NULL, &found, text), LCT_E_OUTPUT);
    cr_assert(strstr(text, "--force"), "%s", text);
    cr_assert_eq(convert(from, odd, NULL, &found, text), LCT_E_ARG);
    cr_assert_eq(convert(from, nowhere, NULL, &found, text), LCT_E_OUTPUT);
    cr_assert_eq(convert(from, to, (const char *const[]){ "--force", "--bin", "9", NULL }, &found, text), LCT_E_ARG);
    cr_assert_eq(convert(from, to, (const char *const[]){ "--force", "--align", NULL }, &found, text), LCT_E_FORMAT);
    cr_assert(access(to, F_OK) == 0 && access(part, F_OK) != 0); /* what was there is still there */
    free(from);
    free(to);
    free(nowhere);
    free(odd);
    free(part);
}
