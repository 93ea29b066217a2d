/* Protects: pictures reach the PNG file pixel by pixel, and the preview is composed from any frame. */
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/picture.h>
#include <math.h>
#include <png.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char path[64];

static void make_dir(void)
{
    folder_make();
    snprintf(path, sizeof path, "%s/picture.png", folder);
}

TestSuite(picture, .init = make_dir, .fini = folder_remove);

static void check_png(const struct lct_picture *want, bool grey)
{
    png_image image = { .version = PNG_IMAGE_VERSION };
    cr_assert(png_image_begin_read_from_file(&image, path));
    cr_assert(eq(int, (int)image.width, want->width));
    cr_assert(eq(int, (int)image.height, want->height));
    cr_assert(eq(int, (image.format & PNG_FORMAT_FLAG_COLOR) == 0, grey));
    image.format = PNG_FORMAT_RGB;
    unsigned char *rgb = malloc(PNG_IMAGE_SIZE(image));
    cr_assert(png_image_finish_read(&image, NULL, rgb, 0, NULL));
    for (int i = 0; i < want->width * want->height; i++) {
        const uint32_t got = (uint32_t)rgb[3 * i] << 16 | (uint32_t)rgb[3 * i + 1] << 8 | rgb[3 * i + 2];
        cr_assert(eq(u32, got, want->xrgb[i] & 0xFFFFFF), "pixel %d", i);
    }
    free(rgb);
}

Test(picture, colours_and_greys_come_back)
{
    struct lct_picture picture = { 0 };
    cr_assert(eq(int, lct_picture_init(&picture, 31, 17, NULL), LCT_OK));
    for (int grey = 0; grey < 2; grey++) {
        for (uint32_t i = 0; i < 31 * 17; i++)
            picture.xrgb[i] = grey ? i % 256 * 0x010101u : i * 2654435761u & 0xFFFFFF;
        cr_assert(eq(int, lct_picture_write(&picture, path, NULL), LCT_OK));
        check_png(&picture, grey == 1);
    }
    lct_picture_finish(&picture);
}

/* 1000 values 0 .. 999 and a hot pixel: the outer 0.2 % (two values) are left out at each end. */
Test(picture, range_forgets_hot_pixels)
{
    struct lct_image image = { 0 };
    double lo, hi;
    cr_assert(eq(int, lct_image_init(&image, 1000, 1, NULL), LCT_OK));
    for (int i = 0; i < 1000; i++)
        image.px[i] = (float)i;
    image.px[0] = 1e9f;
    image.px[500] = NAN;
    lct_picture_range(&image, &lo, &hi);
    cr_assert(lo > -60.0 && lo < 5.0 && hi > 990.0 && hi < 1060.0, "%g .. %g", lo, hi);
    for (int i = 0; i < 1000; i++)
        image.px[i] = NAN;
    lct_picture_range(&image, &lo, &hi);
    cr_assert(isnan(lo) && isnan(hi));
    lct_image_finish(&image);
}

Test(picture, preview_takes_any_frame)
{
    static const int sizes[][2] = { { 1, 1 }, { 512, 300 }, { 16384, 8 }, { 5, 900 } };
    static const char *const lines[] = { "levels: liquid 200", "" };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct lct_image image = { 0 };
        struct lct_picture picture = { 0 };
        cr_assert(eq(int, lct_image_init(&image, sizes[i][0], sizes[i][1], NULL), LCT_OK));
        image.px[0] = NAN;
        struct lct_preview preview = { .frame = { .image = &image, .lo = NAN, .hi = NAN, .time_s = NAN },
            .pixel_size_nm = NAN,
            .title = "movie.mp4",
            .lines = lines,
            .n_lines = 2 };
        cr_assert(eq(int, lct_preview_compose(&picture, &preview, NULL), LCT_OK));
        cr_assert(picture.width <= 2100, "%d px wide", picture.width);
        cr_assert(eq(u32, picture.xrgb[0] & 0xFFFFFF, 0xFFFFFF));
        lct_picture_finish(&picture);
        lct_image_finish(&image);
    }
}

Test(picture, refuses_with_a_remedy)
{
    struct lct_picture picture = { 0 };
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_picture_init(&picture, 0, 5, &err), LCT_E_ARG));
    cr_assert(picture.xrgb == NULL);
    cr_assert(eq(int, lct_preview_compose(&picture, &(struct lct_preview){ 0 }, &err), LCT_E_ARG));
    cr_assert(eq(int, lct_picture_init(&picture, 200, 200, NULL), LCT_OK));
    cr_assert(eq(int, lct_picture_write(&picture, "/nowhere/p.png", &err), LCT_E_OUTPUT));
    cr_assert(strstr(err.text, "/nowhere/p.png") && strstr(err.text, "folder"), "%s", err.text);
    /* A file-size limit is a full disk that a test can have. */
    for (uint32_t i = 0; i < 200 * 200; i++)
        picture.xrgb[i] = i * 2654435761u;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 3000, 3000 });
    cr_assert(eq(int, lct_picture_write(&picture, path, &err), LCT_E_OUTPUT));
    cr_assert(strstr(err.text, "space") != NULL, "%s", err.text);
    cr_assert(access(path, F_OK) != 0);
    lct_picture_finish(&picture);
}
