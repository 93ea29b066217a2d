/* Protects: EMD files of Velox and of NCEM, plain or packed, with their axes in any order, give the numbers, the scales and the times
 * that were written; of several images the one that can be read, or that was asked for. */
#include "folder.h"
#include "emd_file.h"
#include "movies.h"

#include <criterion/criterion.h>
#include <lctem/source.h>
#include <stdlib.h>
#include <string.h>

static char *path;

static void setup(void)
{
    folder_make();
    path = movies_path(folder, "movie.emd");
}

static void teardown(void)
{
    folder_remove();
    free(path);
}

TestSuite(emd, .init = setup, .fini = teardown);

static void check(const struct micro *m, const char *dataset, const char *dtype, double frame_time_s, double pixel_y_nm)
{
    struct lct_source *s = NULL;
    struct lct_image image = { 0 };
    struct lct_err err = { 0 };
    cr_assert_eq(
        lct_source_open(&s, path, &(struct lct_source_params){ .dataset = dataset }, &err), LCT_OK, "%s", err.text);
    const struct lct_source_info *info = lct_source_info(s);
    cr_assert_str_eq(info->format, "emd");
    cr_assert(info->width == m->width && info->height == m->height && info->n_frames == m->frames, "%d x %d x %ld",
        info->width, info->height, info->n_frames);
    cr_assert_str_eq(lct_dtype_name(info->dtype), dtype);
    cr_assert_float_eq(info->pixel_size_nm, 0.05, 1e-9);
    cr_assert_float_eq(info->pixel_size_y_nm, pixel_y_nm, 1e-9);
    cr_assert(m->frames == 1 || info->frame_time_s == frame_time_s, "%g", info->frame_time_s);
    cr_assert_eq(lct_image_init(&image, m->width, m->height, &err), LCT_OK);
    for (int f = m->frames - 1; f >= 0; f--) {
        cr_assert_eq(lct_source_read(s, f, &image, NULL, &err), LCT_OK, "%s", err.text);
        for (int k = 0; k < m->width * m->height; k++)
            cr_assert_eq(
                (double)image.px[k], micro_value(m, k % m->width, k / m->width, f), "pixel %d of frame %d", k, f);
    }
    cr_assert_eq(lct_source_read(s, m->frames, &image, NULL, &err), LCT_END);
    lct_image_finish(&image);
    lct_source_close(&s);
}

Test(emd, velox)
{
    for (int i = 0; i < 4; i++) {
        const struct micro m = { .width = 7, .height = 5, .frames = i % 2 ? 1 : 4, .kind = 'u', .bytes = 2 };
        emd_write_velox(path, &m, i / 2);
        check(&m, NULL, "uint16", 0.5, 0.05);
        check(&m, "HAADF", "uint16", 0.5, 0.05);
        check(&m, "0", "uint16", 0.5, 0.05);
    }
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    cr_assert_eq(lct_source_open(&s, path, &(struct lct_source_params){ .dataset = "DPC" }, &err), LCT_E_FORMAT);
    cr_assert(strstr(err.text, "complex"), "%s", err.text);
}

Test(emd, ncem_in_any_order_of_axes)
{
    static const char *const orders[] = { "zyx", "xyz", "yxz", "zxy", "yx", "xy" };
    const size_t n = sizeof orders / sizeof *orders;
    for (size_t i = 0; i < 2 * n; i++) {
        const char *order = orders[i % n];
        const struct micro m = { .width = 7, .height = 5, .frames = order[2] ? 3 : 1, .kind = 'f', .bytes = 4 };
        emd_write_ncem(path, &m, order, i >= n);
        check(&m, NULL, "float32", 0.25, 0.1);
    }
}

Test(emd, survives_being_cut_off, .timeout = 60)
{
    const struct micro m = { .width = 7, .height = 5, .frames = 4, .kind = 'u', .bytes = 2 };
    emd_write_velox(path, &m, true);
    size_t n;
    unsigned char *bytes = movies_read_bytes(path, &n);
    for (size_t k = 0; k < n; k += k < 600 ? 7 : 101) {
        struct lct_source *s = NULL;
        struct lct_err err = { 0 };
        movies_write_bytes(path, bytes, k);
        const enum lct_status status = lct_source_open(&s, path, NULL, &err);
        cr_assert(status == LCT_E_INPUT || status == LCT_E_FORMAT, "cut at %zu: %d %s", k, status, err.text);
    }
    free(bytes);
}
