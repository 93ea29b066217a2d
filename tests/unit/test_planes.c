/* Protects: frames that are read some at a time are those that were asked for, in whatever order, in every layout; a file that shrinks
 * meanwhile loses only what is no longer there; pages of a TIFF whose directories are copies are found, others are not taken for
 * such. */
#include "folder.h"
#include "microscope.h"
#include "movies.h"

#include <criterion/criterion.h>
#include <lctem/source.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>
#include <unistd.h>

static char *path;

static void setup(void)
{
    folder_make();
    path = movies_path(folder, "movie");
}

static void teardown(void)
{
    folder_remove();
    free(path);
}

TestSuite(planes, .init = setup, .fini = teardown);

static struct lct_source *open_with(const char *raw)
{
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    const struct lct_source_params params = { .raw = raw, .threads = 1 };
    cr_assert_eq(lct_source_open(&s, path, &params, &err), LCT_OK, "%s", err.text);
    return s;
}

static bool is_frame(struct lct_source *s, const struct micro *m, int modulo, int f, struct lct_err *err)
{
    struct lct_image image = { 0 };
    cr_assert_eq(lct_image_init(&image, m->width, m->height, NULL), LCT_OK);
    const enum lct_status status = lct_source_read(s, f, &image, NULL, err);
    cr_assert(status == LCT_OK || status == LCT_E_INPUT, "%d", status);
    for (int i = 0; status == LCT_OK && i < m->width * m->height; i++) {
        const double value = micro_value(m, i % m->width, i / m->width, f);
        cr_assert_eq((double)image.px[i], modulo ? fmod(value, modulo) : value, "frame %d, pixel %d: %g", f, i,
            (double)image.px[i]);
    }
    lct_image_finish(&image);
    return status == LCT_OK;
}

/* Forwards, which is what is read ahead; with steps, backwards, to and fro. */
static void check_orders(const struct micro *m, int modulo, const char *raw)
{
    static const struct {
        int first, step, n;
    } walks[] = { { 0, 1, 60 }, { 0, 3, 20 }, { 59, 59, 60 }, { 5, 37, 60 }, { 58, 1, 4 } };
    struct lct_source *s = open_with(raw);
    struct lct_err err = { 0 };
    cr_assert_eq(lct_source_info(s)->n_frames, m->frames);
    for (size_t w = 0; w < sizeof walks / sizeof *walks; w++)
        for (int i = 0; i < walks[w].n; i++)
            cr_assert(is_frame(s, m, modulo, (walks[w].first + i * walks[w].step) % m->frames, &err), "%s", err.text);
    lct_source_close(&s);
}

Test(planes, frames_in_any_order_are_the_same)
{
    static const struct {
        char kind;
        int bytes;
        bool big;
    } types[] = { { 'u', 1, false }, { 'i', 1, false }, { 'u', 2, false }, { 'i', 2, true }, { 'f', 2, false },
        { 'f', 4, false }, { 'f', 4, true } };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct micro m = { .width = 201,
            .height = 99,
            .frames = 60,
            .kind = types[i].kind,
            .bytes = types[i].bytes,
            .big = types[i].big };
        micro_write_mrc(path, &m, types[i].kind == 'u' ? 1 : 2);
        check_orders(&m, 0, NULL);
        if (m.big || (m.kind == 'f' && m.bytes == 2))
            continue;
        micro_write_ser(path, &m, true, 1); /* a head before each frame, the lowest row first */
        check_orders(&m, 0, NULL);
        micro_write_dm(path, &m, 4);
        check_orders(&m, 0, NULL);
    }
    for (int width = 200; width <= 201; width++) { /* 201: a row ends in half a byte */
        const struct micro m = { .width = width, .height = 99, .frames = 60, .kind = 'u', .bytes = 1 };
        micro_write_mrc_nibbles(path, m.width, m.height, m.frames);
        check_orders(&m, 16, NULL);
    }
}

Test(planes, a_file_that_shrinks_loses_what_is_gone)
{
    const struct micro m = { .width = 256, .height = 256, .frames = 40, .kind = 'u', .bytes = 2 };
    struct lct_err err = { 0 };
    micro_write_mrc(path, &m, 0);
    struct lct_source *s = open_with(NULL);
    for (int f = 0; f < 10; f++)
        cr_assert(is_frame(s, &m, 0, f, &err), "%s", err.text);
    cr_assert_eq(truncate(path, 1024 + 41 * (off_t)65536), 0); /* 20 frames and a half */
    for (int f = 10; f < 20; f++)
        cr_assert(is_frame(s, &m, 0, f, &err), "%s", err.text);
    for (int f = 20; f < 40; f++) {
        cr_assert_not(is_frame(s, &m, 0, f, &err), "frame %d", f);
        cr_assert(strstr(err.text, "cut off"), "%s", err.text);
    }
    cr_assert(is_frame(s, &m, 0, 3, &err), "%s", err.text);
    lct_source_close(&s);
}

/* Frame f of s is page p as written. */
static void check_page(struct lct_source *s, const struct movie_tiff *w, long f, int p)
{
    struct lct_image image = { 0 };
    struct lct_err err = { 0 };
    cr_assert_eq(lct_image_init(&image, w->width, w->height, &err), LCT_OK);
    cr_assert_eq(lct_source_read(s, f, &image, NULL, &err), LCT_OK, "%s", err.text);
    for (int i = 0; i < w->width * w->height; i++)
        cr_assert_eq(
            (double)image.px[i], movies_ramp(w, i % w->width, i / w->width, p, 0), "frame %ld, pixel %d", f, i);
    lct_image_finish(&image);
}

Test(planes, pages_with_copied_directories_are_found)
{
    static const int rows[] = { 1, 4, 33 };
    for (int i = 0; i < 24; i++) {
        const struct movie_tiff w = { .width = 37,
            .height = 33,
            .pages = 30,
            .bits = i % 2 ? 16 : 8,
            .strip_rows = rows[i % 3],
            .big = i / 6 % 2,
            .swapped = i / 12 % 2,
            .description = "words on the first page only",
            .resolution = 72 };
        cr_assert(movies_write_tiff(path, &w));
        struct lct_source *s = open_with(NULL);
        cr_assert_eq(lct_source_info(s)->n_frames, w.pages);
        cr_assert_null(lct_source_truncated(s));
        for (int p = 0; p < w.pages; p++)
            check_page(s, &w, p, p);
        lct_source_close(&s);
    }
}

static uint32_t word(const unsigned char *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* The value of a tag in the directory of a page of a little-endian TIFF; tag 0: the place of the next directory. */
static unsigned char *value_of(unsigned char *bytes, int page, unsigned tag)
{
    unsigned char *at = bytes + 4;
    for (int p = 0;; p++) {
        unsigned char *first = bytes + word(at) + 2;
        const unsigned n = word(first - 2) & 0xffff;
        at = first + (size_t)12 * n;
        for (unsigned i = 0; p == page && i < n; i++)
            if ((word(first + (size_t)12 * i) & 0xffff) == tag)
                return first + (size_t)12 * i + 8;
        if (p == page)
            return at;
    }
}

/* One page of thirty says something else: it is what it says. */
Test(planes, pages_with_other_directories_are_taken_at_their_word)
{
    enum { PAGES = 30, ODD = 17, FIRST_SAMPLES = 8 };
    const struct movie_tiff w = { .width = 37, .height = 33, .pages = PAGES, .bits = 8, .strip_rows = 33 };
    // clang-format off
    static const struct { unsigned tag; unsigned char value; long frames; int shown; } changes[] = {
        { TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE, PAGES, ODD }, /* numbers are taken as stored all the same */
        { TIFFTAG_STRIPOFFSETS, FIRST_SAMPLES, PAGES, 0 },           /* the first image once more */
        { TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_INT, PAGES - 1, ODD + 1 }, /* another type: no frame, the next one moves up */
        { 0, FIRST_SAMPLES, ODD + 1, ODD },                          /* no directory: the movie ends here */
        { 0, 0, ODD + 1, ODD },
    };
    // clang-format on
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        cr_assert(movies_write_tiff(path, &w));
        size_t n;
        unsigned char *bytes = movies_read_bytes(path, &n);
        memcpy(value_of(bytes, ODD, changes[i].tag), (const unsigned char[]){ changes[i].value, 0, 0, 0 }, 4);
        movies_write_bytes(path, bytes, n);
        free(bytes);
        struct lct_source *s = open_with(NULL);
        cr_assert_eq(lct_source_info(s)->n_frames, changes[i].frames, "%zu: %ld", i, lct_source_info(s)->n_frames);
        cr_assert_eq(lct_source_truncated(s) != NULL, changes[i].tag == 0 && changes[i].value, "%zu", i);
        for (int p = 0; p < ODD; p++)
            check_page(s, &w, p, p);
        check_page(s, &w, ODD, changes[i].shown);
        lct_source_close(&s);
    }
}
