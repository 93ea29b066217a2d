/* Protects: sample files of other programs give the numbers that independent readers found in them (MANIFEST.tsv): shape, type, pixel
 * size, frame time, statistics and some pixels; what is no image (archives, spectra, complex numbers, blocks of patterns) is
 * refused with status 4 and a reason. RGB rows list numbers per channel: there only shape and type are compared. Skipped where the
 * sample data are missing. */
#include "folder.h"
#include "movies.h"

#include <criterion/criterion.h>
#include <lctem/source.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_NAME, SHAPE = 7, DTYPE, PIXEL, EXPECTED, COLUMNS = 12 };

/* Above this nothing is believed. */
#define MAX_PIXEL_NM 1e5

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
    cr_assert_float_eq(
        value, wanted, tolerance * fabs(wanted) + 1e-9, "%s: %s%.10g, wanted %.10g", name, key, value, wanted);
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

/* Columns 0-4 of a file's row that is no image: of these kinds nothing is read. */
static bool is_no_image(char *cells[COLUMNS])
{
    static const char *const endings[] = { ".zip", ".mat", ".xz", ".emi", ".blo" };
    static const char *const shapes[] = { "Complex", "Signal1D", "EELSSpectrum" };
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ends_with(cells[FILE_NAME], endings[i]))
            return true;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (strncmp(cells[SHAPE], shapes[i], strlen(shapes[i])) == 0)
            return true;
    return strstr(cells[FILE_NAME], "shapes_hyper") || strstr(cells[FILE_NAME], "multi_size");
}

/* Number behind `key` in the part of `text` that begins with `axis`; NaN: none. *unit: what stands behind "unit=" there. */
static double axis_scale(const char *text, const char *axis, char unit[16])
{
    const char *at = strstr(text, axis), *scale = at ? strstr(at, "scale=") : NULL,
               *word = at ? strstr(at, "unit=") : NULL;
    unit[0] = '\0';
    if (!scale || !word)
        return NAN;
    sscanf(word, "unit=%15[^;]", unit);
    return strtod(scale + 6, NULL);
}

static double unit_size(const char *unit)
{
    static const struct {
        const char *name;
        double size;
    } units[] = { { "nm", 1 }, { "\xc2\xb5m", 1e3 }, { "\xce\xbcm", 1e3 }, { "um", 1e3 }, { "micron", 1e3 },
        { "pm", 1e-3 }, { "A", 0.1 }, { "s", 1 } };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(unit, units[i].name) == 0)
            return units[i].size;
    return NAN;
}

static void expect(double value, double wanted, const char *what, const char *name)
{
    if (isnan(wanted))
        cr_assert(isnan(value), "%s: %s %g, wanted none", name, what, value);
    else
        cr_assert_float_eq(value, wanted, 1e-6 * fabs(wanted), "%s: %s %.9g, wanted %.9g", name, what, value, wanted);
}

static void check_scales(const struct lct_source_info *info, char *cells[COLUMNS])
{
    char unit[16];
    const char *text = cells[PIXEL], *name = cells[FILE_NAME];
    double a, b;
    if (sscanf(text, "voxel_A=(%lf, %lf", &a, &b) == 2) {
        expect(info->pixel_size_nm, a > 0 ? 0.1 * a : NAN, "pixel size", name);
    } else if (sscanf(text, "xres=(%lf, %lf)", &a, &b) == 2 && strstr(text, "'unit': '")) {
        sscanf(strstr(text, "'unit': '"), "'unit': '%15[^']", unit);
        const double x = unit_size(unit) * b / a;
        expect(info->pixel_size_nm, x > MAX_PIXEL_NM ? NAN : x, "pixel size", name); /* a printer's resolution */
    } else if (strstr(text, "scale=")) {
        double x = axis_scale(text, "x:", unit);
        x *= unit_size(unit);
        double y = axis_scale(text, "y:", unit);
        y *= unit_size(unit);
        if (strstr(name, "Acquisition_18") || strstr(name, "Si100"))
            x = y =
                strstr(name, "Si100") ? 0.25 : 0.012246525; /* "X" and "R_x" there; units that reader did not know */
        const bool nonsense =
            x > MAX_PIXEL_NM; /* a diffraction pattern whose reciprocal scale stands where nm should */
        expect(info->pixel_size_nm, nonsense ? NAN : x, "pixel size along x", name);
        expect(info->pixel_size_y_nm, nonsense ? NAN : y, "pixel size along y", name);
        const double time_s = axis_scale(text, "Time:", unit) * unit_size(unit);
        if (!isnan(time_s))
            expect(info->frame_time_s, time_s, "frame time", name);
    }
}

/* Only one of several data sets in a file has the sum that the row gives. */
static bool is_the_one(struct lct_source *s, char *cells[COLUMNS])
{
    const char *at = strstr(cells[EXPECTED], "sum=");
    if (!at || lct_source_info(s)->n_datasets < 2)
        return true;
    const double wanted = strtod(at + 4, NULL);
    return fabs(measure(s, cells[FILE_NAME]).sum - wanted) <= 1e-6 * fabs(wanted) + 1e-9;
}

/* The data set of the row, or NULL: it is no image. */
static struct lct_source *open_row(const char *data, char *cells[COLUMNS])
{
    char *path = movies_path(data, cells[FILE_NAME]), number[8];
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    const bool wanted = !is_no_image(cells);
    enum lct_status status = lct_source_open(&s, path, NULL, &err);
    cr_assert(status == LCT_OK || status == LCT_E_FORMAT, "%s", err.text);
    cr_assert(status == LCT_OK || strlen(err.text) > strlen(path) + 10, "no reason: %s", err.text);
    if (status == LCT_OK && !(wanted && is_the_one(s, cells))) {
        bool found = false;
        for (int i = 0; i < 16 && !found; i++) {
            lct_source_close(&s);
            snprintf(number, sizeof number, "%d", i);
            status = lct_source_open(&s, path, &(struct lct_source_params){ .dataset = number }, &err);
            found = wanted ? status == LCT_OK && is_the_one(s, cells) : status == LCT_E_FORMAT;
        }
        cr_assert(found, "%s: no data set for the row %s %s", path, cells[SHAPE], cells[EXPECTED]);
    }
    cr_assert_eq(status == LCT_OK, wanted, "%s: %s", path, err.text);
    free(path);
    return s;
}

static void check_shape(const struct lct_source_info *info, char *cells[COLUMNS])
{
    const char *shape = strrchr(cells[SHAPE], '(');
    const char *text =
        strncmp(cells[SHAPE], "Signal", 6) == 0 || strncmp(cells[SHAPE], "Base", 4) == 0 ? shape : cells[SHAPE];
    const bool colour = info->channels >= 3 && text == cells[SHAPE],
               padded = strstr(cells[FILE_NAME], "03_Scanning_Preview");
    const bool one_plane = strstr(text, "mode=P") || strstr(text, "photo=3 ") || strstr(text, "yuv");
    long dims[5] = { 0 };
    const int n = parse_shape(text, dims) - (colour && !one_plane);
    if (n < 2)
        return;
    cr_assert_eq(info->height, dims[n - 2], "%s", cells[FILE_NAME]);
    cr_assert_eq(info->width, dims[n - 1], "%s", cells[FILE_NAME]);
    long frames = 1;
    for (int i = 0; i < n - 2; i++)
        frames *= dims[i];
    if (!strstr(text, "n_frames"))
        cr_assert_eq(
            info->n_frames, padded ? 5 : frames, "%s", cells[FILE_NAME]); /* room for 200 images, 5 were recorded */
    /* PIL calls signed 16 bit "int32"; that reader turns all of Velox into float64, and has four fields for a colour */
    const bool other_word = strstr(text, "mode=I") || strstr(cells[FILE_NAME], "_Micro.emd")
        || strstr(cells[FILE_NAME], "emd/rsciio_fei") || cells[DTYPE][0] == '[';
    cr_assert(other_word || strcmp(lct_dtype_name(info->dtype), cells[DTYPE]) == 0, "%s: %s", cells[FILE_NAME],
        lct_dtype_name(info->dtype));
}

static void check_row(const char *data, char *cells[COLUMNS])
{
    struct lct_source *s = open_row(data, cells);
    if (!s)
        return;
    const struct lct_source_info *info = lct_source_info(s);
    check_shape(info, cells);
    check_scales(info, cells);
    /* JPEG decoders may differ by a step in some pixels */
    const bool lossy = ends_with(cells[FILE_NAME], ".jpg"), padded = strstr(cells[FILE_NAME], "03_Scanning_Preview");
    if (!strstr(cells[SHAPE], "mode=P") && info->channels < 3 && strstr(cells[EXPECTED], "mean=")) {
        const struct found f = measure(s, cells[FILE_NAME]);
        const double tolerance = lossy ? 1e-5 : 5e-7; /* single pixels are printed with seven digits */
        compare(cells[EXPECTED], "max=", f.max, tolerance, cells[FILE_NAME]);
        compare(cells[EXPECTED], "sum=", f.sum, tolerance, cells[FILE_NAME]);
        compare(cells[EXPECTED], "first=", (double)f.first, lossy ? 0.01 : tolerance, cells[FILE_NAME]);
        /* Acquisition_18 says which axis is y; that reader showed it lying on its side */
        if (!strstr(cells[FILE_NAME], "Acquisition_18")) {
            compare(cells[EXPECTED], "second=", (double)f.second, lossy ? 0.01 : tolerance, cells[FILE_NAME]);
            if (!padded)
                compare(cells[EXPECTED], "mid=", (double)f.mid, lossy ? 0.01 : tolerance, cells[FILE_NAME]);
        }
        if (!padded) { /* that reader fills the room for 195 images with zeros */
            compare(cells[EXPECTED], "min=", f.min, tolerance, cells[FILE_NAME]);
            compare(cells[EXPECTED], "mean=", f.sum / f.count, tolerance, cells[FILE_NAME]);
            compare(cells[EXPECTED], "last=", (double)f.last, lossy ? 0.01 : tolerance, cells[FILE_NAME]);
        }
    }
    /* "h264,640,424,yuvj420p,24000/1001,480" */
    int width, height, frames;
    if (sscanf(cells[SHAPE], "h264,%d,%d,%*[^,],%*[^,],%d", &width, &height, &frames) == 3)
        cr_assert(info->width == width && info->height == height && info->n_frames == frames, "%s", cells[FILE_NAME]);
    lct_source_close(&s);
}

static bool is_left_out(const char *name)
{
    bool has_emd = false;
    for (const char *const *format = lct_source_formats(); *format; format++)
        has_emd = has_emd || strcmp(*format, "emd") == 0;
    return strcmp(name, "file") == 0 || *name == '\0' || (ends_with(name, ".emd") && !has_emd);
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
        if (is_left_out(cells[FILE_NAME]))
            continue;
        check_row(data, cells);
        rows++;
    }
    fclose(f);
    cr_assert_geq(rows, 160, "only %d rows", rows);
}

static void check_real_sequence(
    const char *data, const char *archive, const char *inside, long frames, size_t warnings, double mean)
{
    folder_make();
    char *images = movies_path(folder, inside);
    if (!movies_run("tar -xJf '%s/movies/%s' -C '%s'", data, archive, folder)) {
        folder_remove();
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
    folder_remove();
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
