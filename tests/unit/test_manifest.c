/* Protects: sample files of other programs give the numbers that independent readers found in them (MANIFEST.tsv). RGB rows
 * list numbers per channel: there only shape and type are compared, and the mean where the channels are alike. Rows in zip
 * archives are left to whoever unpacks them. Skipped where the sample data are missing. */
#include "movies.h"

#include <criterion/criterion.h>
#include <lctem/source.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_NAME, SHAPE = 7, DTYPE, PIXEL, EXPECTED, COLUMNS = 12 };

struct found {
    double min, max, sum, count;
    float first, second, mid, last;
};

static struct found measure(struct lct_source *s, const char *name)
{
    const struct lct_source_info *info = lct_source_info(s);
    struct found f = { .min = INFINITY, .max = -INFINITY };
    struct lct_image image = { 0 };
    struct lct_err err = { 0 };
    cr_assert_eq(lct_image_init(&image, info->width, info->height, &err), LCT_OK);
    const size_t area = lct_image_count(&image), total = area * (size_t)info->n_frames;
    for (long i = 0; i < info->n_frames; i++) {
        cr_assert_eq(lct_source_read(s, i, &image, NULL, &err), LCT_OK, "%s: %s", name, err.text);
        for (size_t k = 0; k < area; k++) {
            f.min = fmin(f.min, (double)image.px[k]);
            f.max = fmax(f.max, (double)image.px[k]);
            f.sum += (double)image.px[k];
            const size_t at = (size_t)i * area + k;
            f.first = at == 0 ? image.px[k] : f.first;
            f.second = at == 1 ? image.px[k] : f.second;
            f.mid = at == total / 2 ? image.px[k] : f.mid;
            f.last = at == total - 1 ? image.px[k] : f.last;
        }
    }
    f.count = (double)total;
    lct_image_finish(&image);
    return f;
}

static void compare(const char *expected, const char *key, double value, double tolerance, const char *name)
{
    const char *at = strstr(expected, key);
    if (!at)
        return;
    const double wanted = strtod(at + strlen(key), NULL);
    cr_assert_float_eq(value, wanted, tolerance * fabs(wanted) + 1e-9, "%s: %s%.10g, wanted %.10g", name, key, value, wanted);
}

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* Frames, height, width [, samples] from "(7, 3, 167, 439) ..." */
static int parse_shape(const char *text, long *dims)
{
    int n = 0;
    char *end;
    for (const char *at = text + 1; *text == '(' && n < 5; at = end + 1) {
        dims[n++] = strtol(at, &end, 10);
        if (*end != ',')
            break;
        if (end[1] == ')')
            break;
    }
    return n;
}

static void check_row(const char *data, char *cells[COLUMNS])
{
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    char *path = movies_path(data, cells[FILE_NAME]);
    const enum lct_status status = lct_source_open(&s, path, NULL, &err);
    free(path);
    if (strstr(cells[FILE_NAME], "shapes_hyper") || strstr(cells[FILE_NAME], "multi_size")) {
        cr_assert_eq(status, LCT_E_FORMAT, "%s", cells[FILE_NAME]);
        return;
    }
    cr_assert_eq(status, LCT_OK, "%s", err.text);
    const struct lct_source_info *info = lct_source_info(s);
    long dims[5] = { 0 };
    int n = parse_shape(cells[SHAPE], dims);
    const bool colour = info->channels >= 3, palette = strstr(cells[SHAPE], "mode=P"), map = strstr(cells[SHAPE], "photo=3 ");
    if (colour && !palette && !map && !strstr(cells[SHAPE], "yuv"))
        n--;
    if (n >= 2) {
        cr_assert_eq(info->height, dims[n - 2], "%s", cells[FILE_NAME]);
        cr_assert_eq(info->width, dims[n - 1], "%s", cells[FILE_NAME]);
        long frames = 1;
        for (int i = 0; i < n - 2; i++)
            frames *= dims[i];
        if (!strstr(cells[SHAPE], "n_frames"))
            cr_assert_eq(info->n_frames, frames, "%s", cells[FILE_NAME]);
        /* PIL calls signed 16 bit "int32" */
        if (!strstr(cells[SHAPE], "mode=I"))
            cr_assert_str_eq(lct_dtype_name(info->dtype), cells[DTYPE], "%s", cells[FILE_NAME]);
    }
    /* JPEG decoders may differ by a step in some pixels */
    const bool lossy = ends_with(cells[FILE_NAME], ".jpg");
    if (!palette && !colour && strstr(cells[EXPECTED], "mean=")) {
        const struct found f = measure(s, cells[FILE_NAME]);
        const double tolerance = lossy ? 1e-5 : 5e-7; /* single pixels are printed with seven digits */
        compare(cells[EXPECTED], "min=", f.min, tolerance, cells[FILE_NAME]);
        compare(cells[EXPECTED], "max=", f.max, tolerance, cells[FILE_NAME]);
        compare(cells[EXPECTED], "mean=", f.sum / f.count, tolerance, cells[FILE_NAME]);
        compare(cells[EXPECTED], "sum=", f.sum, tolerance, cells[FILE_NAME]);
        compare(cells[EXPECTED], "first=", (double)f.first, lossy ? 0.01 : tolerance, cells[FILE_NAME]);
        compare(cells[EXPECTED], "second=", (double)f.second, lossy ? 0.01 : tolerance, cells[FILE_NAME]);
        compare(cells[EXPECTED], "mid=", (double)f.mid, lossy ? 0.01 : tolerance, cells[FILE_NAME]);
        compare(cells[EXPECTED], "last=", (double)f.last, lossy ? 0.01 : tolerance, cells[FILE_NAME]);
    }
    /* "h264,640,424,yuvj420p,24000/1001,480" */
    int width, height, frames;
    if (sscanf(cells[SHAPE], "h264,%d,%d,%*[^,],%*[^,],%d", &width, &height, &frames) == 3)
        cr_assert(info->width == width && info->height == height && info->n_frames == frames, "%s", cells[FILE_NAME]);
    lct_source_close(&s);
}

Test(manifest, samples_agree_with_independent_readers, .timeout = 120)
{
    const char *data = movies_data();
    if (!data)
        cr_skip_test("no sample data");
    char *path = movies_path(data, "MANIFEST.tsv");
    FILE *f = fopen(path, "r");
    free(path);
    cr_assert_not_null(f);
    static char line[1 << 16];
    int rows = 0;
    while (fgets(line, sizeof line, f)) {
        char *cells[COLUMNS] = { 0 };
        char *rest = line;
        for (int i = 0; i < COLUMNS; i++) {
            char *cell = strsep(&rest, "\t\n");
            cells[i] = cell ? cell : (char *)"";
        }
        static const char *const endings[] = { ".tif", ".png", ".jpg", ".bmp", ".mov", ".mp4", ".avi" };
        for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
            if (ends_with(cells[FILE_NAME], endings[i])) {
                check_row(data, cells);
                rows++;
            }
    }
    fclose(f);
    cr_assert_geq(rows, 40, "only %d rows", rows);
}

static void check_real_sequence(const char *data, const char *archive, const char *inside, long frames, size_t warnings, double mean)
{
    char *folder = movies_folder(), *images = movies_path(folder, inside);
    if (!movies_run("tar -xJf '%s/movies/%s' -C '%s'", data, archive, folder)) {
        movies_run("rm -rf '%s'", folder);
        cr_skip_test("no tar or xz");
    }
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    cr_assert_eq(lct_source_open(&s, images, NULL, &err), LCT_OK, "%s", err.text);
    const struct lct_source_info *info = lct_source_info(s);
    cr_assert_eq(info->n_frames, frames);
    cr_assert_eq(info->n_warnings, warnings);
    struct lct_image image = { 0 };
    cr_assert_eq(lct_image_init(&image, 640, 480, &err), LCT_OK);
    cr_assert_eq(lct_source_read(s, 0, &image, NULL, &err), LCT_OK, "%s", err.text);
    double sum = 0;
    for (size_t i = 0; i < lct_image_count(&image); i++)
        sum += (double)image.px[i];
    cr_assert_float_eq(sum / (double)lct_image_count(&image), mean, 1e-5 * mean); /* the three channels are alike */
    cr_assert(image.px[0] == 127.f);
    lct_image_finish(&image);
    lct_source_close(&s);
    movies_run("rm -rf '%s'", folder);
    free(folder);
    free(images);
}

Test(manifest, nist_movies_are_read_in_order, .timeout = 120)
{
    const char *data = movies_data();
    if (!data)
        cr_skip_test("no sample data");
    check_real_sequence(data, "nist_Case_01.tar.xz", "nist_Case_01", 40, 0, 131.13015);
    check_real_sequence(data, "nist_Case_02_first45.tar.xz", "nist_Case_02", 45, 2, 123.18533);
}
