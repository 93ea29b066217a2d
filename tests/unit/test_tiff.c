/* Protects: a TIFF of any layout gives the numbers that were written; scales are taken where a microscope wrote them and
 * nowhere else; damage is an error or a shorter movie, never a crash. */
#include "folder.h"
#include "movies.h"

#include <criterion/criterion.h>
#include <lctem/source.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>
#include <unistd.h>

TestSuite(tiff, .init = folder_make, .fini = folder_remove);

static float grey(const struct movie_tiff *w, int x, int y, int p)
{
    const float r = (float)movies_ramp(w, x, y, p, 0);
    if (w->samples < 3)
        return r;
    const float g = (float)movies_ramp(w, x, y, p, 1), b = (float)movies_ramp(w, x, y, p, 2);
    return g + 0.299f * (r - g) + 0.114f * (b - g);
}

static struct lct_source *open_source(const char *path)
{
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    cr_assert_eq(lct_source_open(&s, path, NULL, &err), LCT_OK, "%s", err.text);
    return s;
}

/* Every pixel of every page, the pages from last to first so that order cannot matter. */
static void check_content(const char *path, const struct movie_tiff *w, const char *what)
{
    struct lct_source *s = open_source(path);
    const struct lct_source_info *info = lct_source_info(s);
    const int pages = w->pages ? w->pages : 1;
    cr_assert_eq(info->n_frames, pages, "%s", what);
    cr_assert(info->width == w->width && info->height == w->height, "%s", what);
    cr_assert_null(lct_source_truncated(s), "%s: %s", what, lct_source_truncated(s));
    struct lct_image image = { 0 };
    struct lct_err err = { 0 };
    cr_assert_eq(lct_image_init(&image, w->width, w->height, &err), LCT_OK);
    for (int p = pages - 1; p >= 0; p--) {
        cr_assert_eq(lct_source_read(s, p, &image, NULL, &err), LCT_OK, "%s: %s", what, err.text);
        for (int y = 0; y < w->height; y++)
            for (int x = 0; x < w->width; x++)
                cr_assert(image.px[y * w->width + x] == grey(w, x, y, p), "%s: page %d, x %d, y %d: %g, not %g", what,
                    p, x, y, (double)image.px[y * w->width + x], (double)grey(w, x, y, p));
    }
    cr_assert_eq(lct_source_read(s, pages, &image, NULL, &err), LCT_END);
    lct_image_finish(&image);
    lct_source_close(&s);
    cr_assert_null(s);
}

Test(tiff, gives_the_numbers_of_every_type_layout_and_compression)
{
    // clang-format off
    static const struct { int bits, format; } types[] = {
        { 1, 1 }, { 4, 1 }, { 8, 1 }, { 8, 2 }, { 10, 1 }, { 12, 1 }, { 12, 2 }, { 14, 1 }, { 16, 1 }, { 16, 2 }, { 24, 1 },
        { 32, 1 }, { 32, 2 }, { 64, 1 }, { 64, 2 }, { 16, 3 }, { 32, 3 }, { 64, 3 },
    };
    // clang-format on
    static const int compressions[] = { COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE,
        COMPRESSION_PACKBITS, COMPRESSION_ZSTD, COMPRESSION_LZMA };
    char *path = movies_path(folder, "a.tif");
    int n = 0;
    for (size_t t = 0; t < sizeof types / sizeof *types; t++)
        for (size_t c = 0; c < sizeof compressions / sizeof *compressions; c++)
            for (int layout = 0; layout < 16; layout++) {
                const struct movie_tiff w = { .width = 37,
                    .height = 18,
                    .pages = 3,
                    .bits = types[t].bits,
                    .format = types[t].format,
                    .compression = compressions[c],
                    .tiled = layout & 1,
                    .planar = layout & 2,
                    .samples = layout & 2 || layout & 4 ? 3 : 1,
                    .big = layout & 8,
                    .swapped = layout & 4 };
                char what[120];
                snprintf(what, sizeof what, "%d bits, format %d, compression %d, layout %d", w.bits, w.format,
                    w.compression, layout);
                if (!movies_write_tiff(path, &w))
                    continue;
                check_content(path, &w, what);
                n++;
            }
    cr_assert_geq(n, 18 * 4 * 16, "only %d variants could be written", n);
    free(path);
}

Test(tiff, undoes_the_predictors)
{
    char *path = movies_path(folder, "p.tif");
    const struct movie_tiff integer = {
        .width = 20, .height = 9, .bits = 16, .compression = COMPRESSION_LZW, .predictor = 2
    };
    const struct movie_tiff real = {
        .width = 20, .height = 9, .bits = 32, .format = 3, .compression = COMPRESSION_LZW, .predictor = 3
    };
    cr_assert(movies_write_tiff(path, &integer));
    check_content(path, &integer, "predictor 2");
    cr_assert(movies_write_tiff(path, &real));
    check_content(path, &real, "predictor 3");
    free(path);
}

Test(tiff, reads_one_pixel_and_sixteen_thousand_in_a_row)
{
    char *path = movies_path(folder, "s.tif");
    const struct movie_tiff one = { .width = 1, .height = 1, .bits = 16 },
                            wide = { .width = 16384, .height = 3, .bits = 16 };
    cr_assert(movies_write_tiff(path, &one));
    check_content(path, &one, "1 x 1");
    cr_assert(movies_write_tiff(path, &wide));
    check_content(path, &wide, "16384 px");
    free(path);
}

/* A stack as ImageJ writes it beyond 4 GB: one directory, the other images right behind the first. */
static void write_hidden_stack(const char *path, int images, int there)
{
    char description[100];
    snprintf(description, sizeof description, "ImageJ=1.53\nimages=%d\nframes=%d\nunit=nm\nfinterval=0.25\n", images,
        images);
    /* the pages are made one by one, so that their samples can be laid behind a first page whose data come last */
    FILE *f = fopen(path, "wb");
    cr_assert_not_null(f);
    const uint32_t w = 5, h = 4, n = (uint32_t)strlen(description) + 1, ifd = 8, tags = 11,
                   text = ifd + 2 + tags * 12 + 4, ratio = text + n + n % 2, data = ratio + 8;
    const uint32_t entries[][4] = { { 256, 3, 1, w }, { 257, 3, 1, h }, { 258, 3, 1, 16 }, { 259, 3, 1, 1 },
        { 262, 3, 1, 1 }, { 270, 2, n, text }, { 273, 4, 1, data }, { 278, 3, 1, h }, { 279, 4, 1, w * h * 2 },
        { 282, 5, 1, ratio }, { 283, 5, 1, ratio } };
    fwrite("II\x2a\0\x08\0\0\0", 1, 8, f);
    fwrite(&(uint16_t){ (uint16_t)tags }, 2, 1, f);
    for (size_t i = 0; i < tags; i++) {
        fwrite(&(uint16_t){ (uint16_t)entries[i][0] }, 2, 1, f);
        fwrite(&(uint16_t){ (uint16_t)entries[i][1] }, 2, 1, f);
        fwrite(&entries[i][2], 4, 2, f);
    }
    fwrite(&(uint32_t){ 0 }, 4, 1, f);
    fwrite(description, 1, n, f);
    if (n % 2)
        fputc(0, f);
    fwrite((uint32_t[]){ 8, 1 }, 4, 2, f);
    for (int p = 0; p < there; p++)
        for (uint32_t i = 0; i < w * h; i++)
            fwrite(&(uint16_t){ (uint16_t)(1000 * p + (int)i) }, 2, 1, f);
    fclose(f);
}

Test(tiff, finds_images_that_imagej_hides_behind_one_directory)
{
    char *path = movies_path(folder, "stack.tif");
    for (int there = 6; there >= 4; there -= 2) {
        write_hidden_stack(path, 6, there);
        struct lct_source *s = open_source(path);
        const struct lct_source_info *info = lct_source_info(s);
        cr_assert_eq(info->n_frames, there);
        cr_assert_eq(lct_source_truncated(s) != NULL, there < 6);
        cr_assert_float_eq(info->pixel_size_nm, 0.125, 1e-12);
        cr_assert_float_eq(info->frame_time_s, 0.25, 1e-12);
        struct lct_image image = { 0 };
        cr_assert_eq(lct_image_init(&image, 5, 4, NULL), LCT_OK);
        for (int p = there - 1; p >= 0; p--) {
            cr_assert_eq(lct_source_read(s, p, &image, NULL, NULL), LCT_OK);
            for (int i = 0; i < 20; i++)
                cr_assert(image.px[i] == (float)(1000 * p + i));
        }
        lct_image_finish(&image);
        lct_source_close(&s);
    }
    free(path);
}

Test(tiff, believes_a_microscope_and_no_printer)
{
#define OME(x) "<?xml version=\"1.0\"?><OME><Image><Pixels SizeC=\"1\" SizeT=\"1\" " x "/></Image></OME>"
    static const struct {
        const char *description;
        double resolution;
        int unit;
        double pixel_nm, time_s;
    } rows[] = {
        { NULL, 72, RESUNIT_INCH, NAN, NAN },
        { NULL, 4800, RESUNIT_INCH, NAN, NAN },
        { NULL, 1e8, RESUNIT_CENTIMETER, 0.1, NAN },
        { "ImageJ=1.53\nunit=nm\n", 8, RESUNIT_NONE, 0.125, NAN },
        { "ImageJ=1.53\nunit=micron\nfinterval=0.5\n", 2000, RESUNIT_NONE, 0.5, 0.5 },
        { "ImageJ=1.53\nunit=\\u00B5m\n", 2000, RESUNIT_NONE, 0.5, NAN },
        { "ImageJ=1.53\nunit=pm\n", 0.02, RESUNIT_NONE, 0.05, NAN },
        { "ImageJ=1.53\nunit=A\n", 2, RESUNIT_NONE, 0.05, NAN },
        { "ImageJ=1.53\nunit=inch\n", 72, RESUNIT_INCH, NAN, NAN },
        { "ImageJ=1.53\nunit=micron\n", 0.002834, RESUNIT_NONE, NAN, NAN },
        { "ImageJ=1.53\nunit=furlong\n", 8, RESUNIT_NONE, NAN, NAN },
        { "ImageJ=1.53\nunit=nm\n", 0, 0, NAN, NAN },
        { OME("PhysicalSizeX=\"0.0005\" TimeIncrement=\"0.1\""), 72, RESUNIT_INCH, 0.5, 0.1 },
        { OME("PhysicalSizeX=\"5\" PhysicalSizeXUnit=\"\xc3\x85\" TimeIncrement=\"20\" TimeIncrementUnit=\"ms\""), 0, 0,
            0.5, 0.02 },
        { OME("PhysicalSizeX=\"-5\""), 0, 0, NAN, NAN },
    };
    char *path = movies_path(folder, "u.tif");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct movie_tiff w = { .width = 4,
            .height = 4,
            .description = rows[i].description,
            .resolution = rows[i].resolution,
            .resolution_unit = rows[i].unit };
        cr_assert(movies_write_tiff(path, &w));
        struct lct_source *s = open_source(path);
        const struct lct_source_info *info = lct_source_info(s);
        if (isnan(rows[i].pixel_nm))
            cr_assert(isnan(info->pixel_size_nm), "row %zu: %g", i, info->pixel_size_nm);
        else /* resolutions are kept as float: 2^-24 */
            cr_assert_float_eq(
                info->pixel_size_nm, rows[i].pixel_nm, 2e-7 * rows[i].pixel_nm, "row %zu: %g", i, info->pixel_size_nm);
        cr_assert(isnan(rows[i].time_s) ? isnan(info->frame_time_s) : fabs(info->frame_time_s - rows[i].time_s) < 1e-12,
            "row %zu", i);
        lct_source_close(&s);
    }
    free(path);
}

Test(tiff, names_the_page_of_another_size_and_refuses_many_samples)
{
    char *a = movies_path(folder, "a.tif");
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    TIFF *t = TIFFOpen(a, "w");
    for (uint32_t p = 0; p < 3; p++) {
        unsigned char row[16] = { 0 };
        TIFFSetField(t, TIFFTAG_IMAGEWIDTH, p == 2 ? 9 : 8);
        TIFFSetField(t, TIFFTAG_IMAGELENGTH, 1);
        TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, 8);
        TIFFSetField(t, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
        TIFFWriteScanline(t, row, 0, 0);
        TIFFWriteDirectory(t);
    }
    TIFFClose(t);
    cr_assert_eq(lct_source_open(&s, a, NULL, &err), LCT_E_FORMAT);
    cr_assert_not_null(strstr(err.text, "page 3"), "%s", err.text);
    cr_assert_null(s);
    const struct movie_tiff many = { .width = 8, .height = 8, .samples = 7 };
    cr_assert(movies_write_tiff(a, &many));
    cr_assert_eq(lct_source_open(&s, a, NULL, &err), LCT_E_FORMAT);
    cr_assert_null(s);
    free(a);
}

Test(tiff, survives_a_loop_of_directories)
{
    /* one directory of one entry that names itself as the next one */
    static const unsigned char loop[] = { 'I', 'I', 42, 0, 8, 0, 0, 0, 4, 0, 0, 1, 3, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 1,
        3, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0x11, 1, 4, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0x17, 1, 4, 0, 1, 0, 0, 0, 2, 0, 0, 0, 8,
        0, 0, 0 };
    char *path = movies_path(folder, "loop.tif");
    movies_write_bytes(path, loop, sizeof loop);
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    const enum lct_status status = lct_source_open(&s, path, NULL, &err);
    cr_assert(
        status == LCT_E_INPUT || status == LCT_E_FORMAT || (status == LCT_OK && lct_source_truncated(s)), "%d", status);
    lct_source_close(&s);
    free(path);
}
