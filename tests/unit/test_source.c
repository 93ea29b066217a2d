/* Protects: sequences are read in natural order with their gaps told; every reader of the table refuses what is not whole
 * with status 3 or 4 and never crashes; text, sound and playlists are no movies. */
#include "folder.h"
#include "microscope.h"
#include "movies.h"

#include <criterion/criterion.h>
#include <lctem/source.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(source, .init = folder_make, .fini = folder_remove);

static enum lct_status try_open(const char *path, char *text)
{
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    const enum lct_status status = lct_source_open(&s, path, NULL, &err);
    cr_assert((status == LCT_OK) == (s != NULL));
    cr_assert(status == LCT_OK || (err.code == status && *err.text && !strchr(err.text, '\n')), "%s", err.text);
    if (text)
        strcpy(text, err.text);
    lct_source_close(&s);
    return status;
}

static void write_text(const char *name, const char *text)
{
    char *path = movies_path(folder, name);
    movies_write_bytes(path, text, strlen(text));
    free(path);
}

Test(source, refuses_what_is_no_movie)
{
    // clang-format off
    static const struct { const char *name, *content; enum lct_status status; } rows[] = {
        { "empty.mp4", "", LCT_E_INPUT },
        { "note.txt", "hello, this is a note\n", LCT_E_FORMAT },
        { "ansi.ans", "\x1b[1;31mred\x1b[0m plain text\n", LCT_E_FORMAT },
        { "sub.srt", "1\n00:00:01,000 --> 00:00:02,000\nhello\n\n", LCT_E_FORMAT },
        { "list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:9,\na.ts\n#EXT-X-ENDLIST\n", LCT_E_FORMAT },
        { "list.ffconcat", "ffconcat version 1.0\nfile a.mp4\n", LCT_E_FORMAT },
        { "page.html", "<!DOCTYPE html><html><body>404</body></html>", LCT_E_FORMAT },
        { "x.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n", LCT_E_FORMAT },
        { "zero.tif", "II*", LCT_E_FORMAT },
    };
    // clang-format on
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_text(rows[i].name, rows[i].content);
        char *path = movies_path(folder, rows[i].name);
        cr_assert_eq(try_open(path, NULL), rows[i].status, "%s", rows[i].name);
        free(path);
    }
    cr_assert_eq(try_open("/nowhere/at/all.mp4", NULL), LCT_E_INPUT);
    cr_assert_eq(try_open("/dev/null", NULL), LCT_E_INPUT);
    cr_assert_eq(try_open("http://localhost/a.mp4", NULL), LCT_E_INPUT);
    char *hollow = movies_path(folder, "hollow");
    cr_assert_eq(mkdir(hollow, 0700), 0);
    cr_assert_eq(try_open(hollow, NULL), LCT_E_INPUT);
    free(hollow);
    cr_assert_eq(try_open("", NULL), LCT_E_ARG);
}

Test(source, survives_noise)
{
    static const char *const starts[] = { "", "II*\0\x08\0\0\0", "MM\0*\0\0\0\x08", "II+\0\x08\0\0\0\x10\0\0\0",
        "\x89PNG\r\n\x1a\n", "BM", "\xff\xd8\xff\xe0", "\0\0\0\030ftypisom", "\x1a\x45\xdf\xa3", "RIFF\0\0\0\0AVI LIST",
        "GIF89a", "\0\0\1\xba", "II\x97\x01\x20\x02\x22\x41\0\0", "\0\0\0\3\0\0\x10\0\0\0\0\1\1\1\0\0\0\1",
        "\0\0\0\4\0\0\0\0\0\0\x10\0\0\0\0\1\1\1\0\0\0\0\0\0\0\1", "\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0" };
    static const size_t lengths[] = { 0, 8, 8, 12, 8, 2, 4, 12, 4, 16, 6, 4, 10, 18, 26, 16 };
    char *path = movies_path(folder, "noise");
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        for (int round = 0; round < 20; round++) {
            unsigned char bytes[3000];
            for (size_t k = 0; k < sizeof bytes; k++)
                bytes[k] = (unsigned char)((seed = seed * 1664525u + 1013904223u) >> (round % 3 ? 24 : 30));
            memcpy(bytes, starts[i], lengths[i]);
            movies_write_bytes(path, bytes, sizeof bytes);
            const enum lct_status status = try_open(path, NULL);
            cr_assert(status == LCT_OK || status == LCT_E_INPUT || status == LCT_E_FORMAT, "start %zu round %d: %d", i,
                round, status);
        }
    free(path);
}

/* Open and read all that is there; every outcome must be one of the promised ones. */
static void read_cut(const char *path, size_t n)
{
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    enum lct_status status = lct_source_open(&s, path, &(struct lct_source_params){ .threads = 1 }, &err);
    cr_assert(status == LCT_OK || status == LCT_E_INPUT || status == LCT_E_FORMAT, "%s cut at %zu: %d %s", path, n,
        status, err.text);
    if (status != LCT_OK)
        return;
    const struct lct_source_info *info = lct_source_info(s);
    cr_assert(info->width <= 64 && info->height <= 64);
    struct lct_image image = { 0 };
    cr_assert_eq(lct_image_init(&image, info->width, info->height, &err), LCT_OK);
    for (long i = 0; status != LCT_END; i++) {
        status = lct_source_read(s, i, &image, NULL, &err);
        cr_assert(status == LCT_OK || status == LCT_END || status == LCT_E_INPUT, "%s cut at %zu: %d %s", path, n,
            status, err.text);
        cr_assert_leq(i, 100);
    }
    lct_image_finish(&image);
    lct_source_close(&s);
}

static void cut_everywhere(const char *path, size_t step)
{
    size_t n;
    unsigned char *bytes = movies_read_bytes(path, &n);
    char *cut = movies_path(folder, "cut");
    for (size_t k = 0; k <= n; k += k + step > n && k < n ? n - k : step) {
        movies_write_bytes(cut, bytes, k);
        read_cut(cut, k);
    }
    free(cut);
    free(bytes);
}

Test(source, survives_files_cut_at_any_byte, .timeout = 120)
{
    char *path = movies_path(folder, "whole");
    const struct movie_tiff strips = { .width = 9, .height = 7, .pages = 2, .bits = 16 };
    const struct movie_tiff tiles = {
        .width = 20, .height = 20, .bits = 12, .compression = 5, .tiled = true, .big = true
    };
    cr_assert(movies_write_tiff(path, &strips));
    cut_everywhere(path, 1);
    cr_assert(movies_write_tiff(path, &tiles));
    cut_everywhere(path, 1);
    movies_write_bmp(path, 11, 5);
    cut_everywhere(path, 1);
    const struct micro m = { .width = 9, .height = 7, .frames = 3, .kind = 'u', .bytes = 2, .pixel_nm = 0.1 };
    micro_write_mrc(path, &m, 1);
    cut_everywhere(path, 7);
    micro_write_ser(path, &m, true, 30);
    cut_everywhere(path, 1);
    micro_write_dm(path, &m, 3);
    cut_everywhere(path, 1);
    micro_write_dm(path, &m, 4);
    cut_everywhere(path, 3);
    if (movies_run(
            "ffmpeg -y -f lavfi -i testsrc=size=32x32:rate=5:duration=1 -frames:v 1 -c:v png -f image2 '%s'", path))
        cut_everywhere(path, 1);
    if (movies_run(
            "ffmpeg -y -f lavfi -i testsrc=size=32x32:rate=5:duration=1 -frames:v 1 -c:v mjpeg -f image2 '%s'", path))
        cut_everywhere(path, 7);
    if (movies_run("ffmpeg -y -f lavfi -i testsrc=size=32x32:rate=5:duration=1 -pix_fmt gray -c:v libx264 -movflags "
                   "faststart -f mp4 '%s'",
            path))
        cut_everywhere(path, 7);
    if (movies_run("ffmpeg -y -f lavfi -i testsrc=size=32x32:rate=5:duration=1 -c:v ffv1 -f matroska '%s'", path))
        cut_everywhere(path, 31);
    free(path);
}

static void write_numbered(const char *fmt, int number)
{
    char name[64];
    snprintf(name, sizeof name, fmt, number);
    char *path = movies_path(folder, name);
    const struct movie_tiff w = { .width = 2, .height = 1, .bits = 16, .format = 1 };
    cr_assert(movies_write_tiff(path, &w));
    /* the first sample of the data is at byte 8: make it the file's number */
    FILE *f = fopen(path, "r+b");
    fseek(f, 8, SEEK_SET);
    fwrite(&(uint16_t){ (uint16_t)number }, 2, 1, f);
    fclose(f);
    free(path);
}

static void check_order(const char *path, const int *numbers, long n, size_t warnings)
{
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    cr_assert_eq(lct_source_open(&s, path, NULL, &err), LCT_OK, "%s", err.text);
    const struct lct_source_info *info = lct_source_info(s);
    cr_assert_eq(info->n_frames, n, "%s: %ld frames", path, info->n_frames);
    cr_assert_eq(info->n_warnings, warnings, "%s: %zu warnings", path, info->n_warnings);
    struct lct_image image = { 0 };
    cr_assert_eq(lct_image_init(&image, info->width, info->height, &err), LCT_OK);
    for (long i = n - 1; i >= 0; i--) {
        cr_assert_eq(lct_source_read(s, i, &image, NULL, &err), LCT_OK, "%s", err.text);
        cr_assert(image.px[0] == (float)numbers[i], "%s: frame %ld is %g", path, i, (double)image.px[0]);
    }
    lct_image_finish(&image);
    lct_source_close(&s);
}

Test(source, reads_sequences_in_natural_order_and_tells_gaps)
{
    static const int numbers[] = { 1, 2, 9, 10, 11, 100 };
    for (size_t i = 0; i < 6; i++)
        write_numbered("img%d.tif", numbers[i]);
    char *glob = movies_path(folder, "img*.tif"), *pattern = movies_path(folder, "img%d.tif"),
         *two = movies_path(folder, "img%02d.tif"), *one = movies_path(folder, "img?.tif"),
         *none = movies_path(folder, "x*.tif");
    check_order(folder, numbers, 6, 3); /* two gaps, one sum */
    check_order(glob, numbers, 6, 3);
    check_order(pattern, numbers, 6, 3);
    check_order(two, numbers + 3, 3, 2);
    check_order(one, numbers, 3, 2);
    cr_assert_eq(try_open(none, NULL), LCT_E_INPUT);
    free(glob);
    free(pattern);
    free(two);
    free(one);
    free(none);
}

Test(source, names_the_file_of_a_sequence_that_is_bad)
{
    write_numbered("a%d.tif", 1);
    write_text("a2.tif", "II*\0garbage");
    char *other = movies_path(folder, "a3.tif");
    const struct movie_tiff w = { .width = 7, .height = 1 };
    cr_assert(movies_write_tiff(other, &w));
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    struct lct_image image = { 0 };
    cr_assert_eq(lct_source_open(&s, folder, NULL, &err), LCT_OK);
    cr_assert_eq(lct_image_init(&image, 2, 1, &err), LCT_OK);
    cr_assert_eq(lct_source_read(s, 0, &image, NULL, &err), LCT_OK);
    cr_assert_neq(lct_source_read(s, 1, &image, NULL, &err), LCT_OK);
    cr_assert_not_null(strstr(err.text, "a2.tif"));
    cr_assert_eq(lct_source_read(s, 2, &image, NULL, &err), LCT_E_FORMAT);
    cr_assert_not_null(strstr(err.text, "a3.tif"));
    cr_assert_eq(lct_source_read(s, 3, &image, NULL, &err), LCT_END);
    cr_assert_eq(lct_source_read(s, -1, &image, NULL, &err), LCT_E_ARG);
    lct_image_finish(&image);
    lct_source_close(&s);
    free(other);
}

Test(source, reads_bmp_with_the_first_row_on_top)
{
    char *path = movies_path(folder, "b.bmp");
    movies_write_bmp(path, 300, 4);
    struct lct_source *s = NULL;
    struct lct_image image = { 0 };
    cr_assert_eq(lct_source_open(&s, path, NULL, NULL), LCT_OK);
    cr_assert_eq(lct_image_init(&image, 300, 4, NULL), LCT_OK);
    cr_assert_eq(lct_source_read(s, 0, &image, NULL, NULL), LCT_OK);
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 300; x++)
            cr_assert(image.px[y * 300 + x] == (float)((x + y) % 256));
    lct_image_finish(&image);
    lct_source_close(&s);
    free(path);
}

Test(source, reads_png_of_every_kind)
{
    enum { GREY = 0, RGB = 2, PALETTE = 3, GREY_ALPHA = 4, RGB_ALPHA = 6 }; /* libpng's colour types */
    static const struct {
        int bits, type;
    } rows[] = { { 1, GREY }, { 2, GREY }, { 4, GREY }, { 8, GREY }, { 16, GREY }, { 8, RGB }, { 16, RGB },
        { 4, PALETTE }, { 8, PALETTE }, { 8, GREY_ALPHA }, { 16, GREY_ALPHA }, { 8, RGB_ALPHA }, { 16, RGB_ALPHA } };
    enum { W = 21, H = 9 };
    char *path = movies_path(folder, "a.png");
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        const int bits = rows[i / 2].bits, type = rows[i / 2].type;
        movies_write_png(path, W, H, bits, type, i % 2);
        struct lct_source *s = NULL;
        struct lct_image image = { 0 };
        cr_assert_eq(lct_source_open(&s, path, NULL, NULL), LCT_OK);
        cr_assert_eq(lct_image_init(&image, W, H, NULL), LCT_OK);
        for (int twice = 0; twice < 2; twice++)
            cr_assert_eq(lct_source_read(s, 0, &image, NULL, NULL), LCT_OK);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                const float r = (float)movies_png_sample(bits, x, y, 0), g = (float)movies_png_sample(bits, x, y, 1),
                            b = (float)movies_png_sample(bits, x, y, 2);
                const float grey = type == RGB || type == RGB_ALPHA ? g + 0.299f * (r - g) + 0.114f * (b - g) : r;
                cr_assert(image.px[y * W + x] == grey, "%d bits, type %d: %g, not %g", bits, type,
                    (double)image.px[y * W + x], (double)grey);
            }
        lct_image_finish(&image);
        lct_source_close(&s);
    }
    free(path);
}

Test(source, every_reader_of_the_table_has_a_name)
{
    size_t n = 0;
    for (const char *const *name = lct_source_formats(); *name; name++, n++)
        cr_assert(**name);
    cr_assert_geq(n, 5);
}
