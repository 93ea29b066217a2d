/* Protects: files as microscopes write them give the numbers, scales and times that were written, in every type, version and
 * byte order; of several images the right one is taken; headers that lie cost neither memory nor time. */
#include "folder.h"
#include "microscope.h"
#include "movies.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <lctem/source.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
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

TestSuite(microscope, .init = setup, .fini = teardown);

static struct lct_source *open_with(const struct lct_source_params *params)
{
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    cr_assert_eq(lct_source_open(&s, path, params, &err), LCT_OK, "%s", err.text);
    return s;
}

static enum lct_status refused(const struct lct_source_params *params, const char *word)
{
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    const enum lct_status status = lct_source_open(&s, path, params, &err);
    cr_assert_null(s);
    cr_assert(strstr(err.text, word), "\"%s\" has no \"%s\"", err.text, word);
    return status;
}

static bool has_warning(const struct lct_source *s, const char *word)
{
    const struct lct_source_info *info = lct_source_info(s);
    for (size_t i = 0; i < info->n_warnings; i++)
        if (strstr(info->warnings[i], word))
            return true;
    return false;
}

/* Every pixel, the frames from last to first so that order cannot matter. `modulo`: 0, or of the values. */
static void check_content(struct lct_source *s, const struct micro *m, int modulo)
{
    struct lct_image image = { 0 };
    struct lct_err err = { 0 };
    const struct lct_source_info *info = lct_source_info(s);
    cr_assert(info->width == m->width && info->height == m->height && info->n_frames == m->frames, "%d x %d x %ld",
        info->width, info->height, info->n_frames);
    cr_assert_eq(lct_image_init(&image, m->width, m->height, &err), LCT_OK);
    for (int f = m->frames - 1; f >= 0; f--) {
        cr_assert_eq(lct_source_read(s, f, &image, NULL, &err), LCT_OK, "%s", err.text);
        for (int y = 0; y < m->height; y++)
            for (int x = 0; x < m->width; x++) {
                const double value = micro_value(m, x, y, f), wanted = modulo ? fmod(value, modulo) : value;
                cr_assert_eq((double)image.px[y * m->width + x], wanted, "%c%d (%d, %d) of frame %d: %g, wanted %g",
                    m->kind, 8 * m->bytes, x, y, f, (double)image.px[y * m->width + x], wanted);
            }
    }
    cr_assert_eq(lct_source_read(s, m->frames, &image, NULL, &err), LCT_END);
    lct_image_finish(&image);
}

// clang-format off
static const struct { char kind; int bytes; const char *dtype, *raw; } types[] = {
    { 'u', 1, "uint8", "u8" }, { 'i', 1, "int8", "i8" }, { 'u', 2, "uint16", "u16" }, { 'i', 2, "int16", "i16" },
    { 'u', 4, "uint32", "u32" }, { 'i', 4, "int32", "i32" }, { 'f', 4, "float32", "f32" }, { 'f', 8, "float64", "f64" },
    { 'u', 8, "uint64", NULL }, { 'i', 8, "int64", NULL }, { 'f', 2, "float16", NULL },
};
// clang-format on
enum { N_RAW = 8, N_DM = 10, N_TYPES = 11 };

Test(microscope, mrc_of_every_mode_and_order)
{
    for (int i = 0; i < 2 * N_TYPES; i++) {
        const struct micro m = { .width = 7,
            .height = 5,
            .frames = 3,
            .kind = types[i / 2].kind,
            .bytes = types[i / 2].bytes,
            .big = i % 2,
            .pixel_nm = 0.05 };
        if (m.bytes > 4 || (m.bytes == 4 && m.kind != 'f'))
            continue; /* no such mode */
        micro_write_mrc(path, &m, m.kind == 'u' ? 1 : 2);
        struct lct_source *s = open_with(NULL);
        cr_assert_str_eq(lct_source_info(s)->format, "mrc");
        cr_assert_str_eq(lct_dtype_name(lct_source_info(s)->dtype), types[i / 2].dtype);
        cr_assert_float_eq(lct_source_info(s)->pixel_size_nm, 0.05, 1e-8); /* floats in the header */
        check_content(s, &m, 0);
        lct_source_close(&s);
    }
    for (int width = 6; width < 8; width++) {
        micro_write_mrc_nibbles(path, width, 5, 3);
        struct lct_source *s = open_with(NULL);
        check_content(s, &(struct micro){ .width = width, .height = 5, .frames = 3, .kind = 'u', .bytes = 1 }, 16);
        cr_assert_eq(lct_source_info(s)->bits, 4);
        lct_source_close(&s);
    }
}

/* What the 16 bits stand for: sign, exponent, mantissa. */
static double half_value(int h)
{
    const int exponent = h >> 10 & 31, mantissa = h & 1023;
    const double size = exponent == 31 ? (mantissa ? NAN : INFINITY)
        : exponent == 0                ? ldexp(mantissa, -24)
                                       : ldexp(1024 + mantissa, exponent - 25);
    return h & 0x8000 ? -size : size;
}

Test(microscope, every_half_float)
{
    const struct micro m = { .width = 256, .height = 256, .frames = 1, .kind = 'f', .bytes = 2 };
    micro_write_mrc(path, &m, 0);
    size_t n;
    unsigned char *bytes = movies_read_bytes(path, &n);
    cr_assert_eq(n, 1024 + 2 * 65536);
    for (int h = 0; h < 65536; h++) {
        bytes[1024 + 2 * h] = (unsigned char)(h & 255);
        bytes[1024 + 2 * h + 1] = (unsigned char)(h >> 8);
    }
    movies_write_bytes(path, bytes, n);
    free(bytes);
    struct lct_source *s = open_with(NULL);
    struct lct_image image = { 0 };
    cr_assert_eq(lct_image_init(&image, 256, 256, NULL), LCT_OK);
    cr_assert_eq(lct_source_read(s, 0, &image, NULL, NULL), LCT_OK);
    for (int h = 0; h < 65536; h++) {
        const double want = half_value(h), got = (double)image.px[h];
        cr_assert(isnan(want) ? isnan(got) : want == got && !signbit(want) == !signbit(got), "0x%04x is %g, not %g",
            (unsigned)h, got, want);
    }
    lct_image_finish(&image);
    lct_source_close(&s);
}

Test(microscope, mrc_takes_fei_numbers_and_refuses_nonsense)
{
    struct micro m = { .width = 4, .height = 4, .frames = 2, .kind = 'f', .bytes = 4, .pixel_nm = 7 };
    micro_write_mrc(path, &m, 0);
    micro_add_fei(path, 0.25, 0.5, 2e19);
    struct lct_source *s = open_with(NULL);
    const struct lct_source_info *info = lct_source_info(s);
    check_content(s, &m, 0);
    cr_assert_float_eq(info->pixel_size_nm, 0.25, 1e-12);
    cr_assert_float_eq(info->pixel_size_y_nm, 0.5, 1e-12);
    cr_assert_float_eq(info->frame_time_s, 0.5, 1e-12);
    cr_assert_float_eq(info->dose_e_per_nm2_s, 40, 1e-9); /* 2e19 e/m2 = 20 e/nm2 in half a second */
    lct_source_close(&s);
    m.pixel_nm = -1;
    micro_write_mrc(path, &m, 0);
    s = open_with(NULL);
    cr_assert(isnan(lct_source_info(s)->pixel_size_nm) && has_warning(s, "not believed"));
    lct_source_close(&s);
    m = (struct micro){ .width = 4, .height = 4, .frames = 2, .kind = 'i', .bytes = 1 };
    micro_write_mrc(path, &m, 0); /* neither stamp nor range: MRC2014's habit, and a word about it */
    s = open_with(NULL);
    cr_assert(has_warning(s, "signed"));
    check_content(s, &m, 0);
    lct_source_close(&s);
}

Test(microscope, ser_of_every_type_and_version)
{
    for (int i = 0; i < 2 * N_RAW; i++) {
        const struct micro m = { .width = 7,
            .height = 5,
            .frames = 3,
            .kind = types[i / 2].kind,
            .bytes = types[i / 2].bytes,
            .pixel_nm = 0.05,
            .announced = 5 };
        micro_write_ser(path, &m, i % 2, 40);
        struct lct_source *s = open_with(NULL);
        const struct lct_source_info *info = lct_source_info(s);
        cr_assert_str_eq(info->format, "ser");
        cr_assert_str_eq(lct_dtype_name(info->dtype), types[i / 2].dtype);
        cr_assert_float_eq(info->pixel_size_nm, 0.05, 1e-12);
        cr_assert_float_eq(info->frame_time_s, 40, 1e-9);
        cr_assert(has_warning(s, "room for 5 images, 3 were recorded"));
        check_content(s, &m, 0);
        lct_source_close(&s);
    }
    const struct micro fast = { .width = 2, .height = 2, .frames = 5, .kind = 'u', .bytes = 2 };
    micro_write_ser(path, &fast, true, 0.3); /* whole seconds say nothing of such frames */
    struct lct_source *s = open_with(NULL);
    cr_assert(isnan(lct_source_info(s)->frame_time_s) && isnan(lct_source_info(s)->pixel_size_nm));
    lct_source_close(&s);
}

Test(microscope, ser_notes_the_emi_beside_it)
{
    char *ser = movies_path(folder, "run_1.ser"), *emi = movies_path(folder, "run.emi");
    static const char text[] =
        "JK\0\2<ObjectInfo><ExperimentalDescription><Root><Data><Label>High tension</Label><Value>200</Value>"
        "<Unit>kV</Unit></Data><Data><Label>Mode</Label><Value> TEM</Value><Unit></Unit></Data></Root>"
        "</ExperimentalDescription></ObjectInfo>";
    micro_write_ser(ser, &(struct micro){ .width = 2, .height = 2, .frames = 1, .kind = 'u', .bytes = 2 }, true, 1);
    movies_write_bytes(emi, text, sizeof text - 1);
    free(path);
    path = ser;
    struct lct_source *s = open_with(NULL);
    const struct lct_source_info *info = lct_source_info(s);
    int found = 0;
    for (size_t i = 0; i < info->n_metadata; i++)
        found += (!strcmp(info->metadata[i].key, "High tension") && !strcmp(info->metadata[i].value, "200 kV"))
            || (!strcmp(info->metadata[i].key, "Mode") && !strcmp(info->metadata[i].value, "TEM"));
    cr_assert_eq(found, 2);
    lct_source_close(&s);
    free(emi);
}

Test(microscope, dm_of_every_type_version_and_order)
{
    for (int i = 0; i < 4 * N_DM; i++) {
        const struct micro m = { .width = 7,
            .height = 5,
            .frames = i % 4 == 3 ? 1 : 3,
            .kind = types[i / 4].kind,
            .bytes = types[i / 4].bytes,
            .big = i % 2,
            .pixel_nm = 0.05 };
        micro_write_dm(path, &m, i / 2 % 2 ? 3 : 4);
        struct lct_source *s = open_with(NULL);
        const struct lct_source_info *info = lct_source_info(s);
        cr_assert_str_eq(info->format, "dm");
        cr_assert_str_eq(lct_dtype_name(info->dtype), types[i / 4].dtype);
        cr_assert_float_eq(info->pixel_size_nm, 0.05, 1e-12);
        cr_assert_float_eq(info->pixel_size_y_nm, 0.1, 1e-12);
        cr_assert(m.frames == 1 || fabs(info->frame_time_s - 0.25) < 1e-12);
        cr_assert_float_eq(info->dose_e_per_nm2_s, 300, 1e-9);
        check_content(s, &m, 0);
        lct_source_close(&s);
    }
}

Test(microscope, dm_data_sets_are_chosen_by_name_or_number)
{
    const struct micro m = { .width = 7, .height = 5, .frames = 3, .kind = 'u', .bytes = 2 };
    micro_write_dm(path, &m, 4);
    static const char *const names[] = { "movie", "1", NULL };
    for (int i = 0; i < 3; i++) {
        struct lct_source *s = open_with(&(struct lct_source_params){ .dataset = names[i] });
        check_content(s, &m, 0);
        lct_source_close(&s);
    }
    struct lct_source *s =
        open_with(&(struct lct_source_params){ .dataset = "small" }); /* the thumbnail, when asked for */
    cr_assert_eq(lct_source_info(s)->width, 4);
    lct_source_close(&s);
    cr_assert_eq(refused(&(struct lct_source_params){ .dataset = "line" }, "a spectrum"), LCT_E_FORMAT);
    cr_assert_eq(refused(&(struct lct_source_params){ .dataset = "7" }, "no such data set"), LCT_E_ARG);
    cr_assert_eq(refused(&(struct lct_source_params){ .dataset = "film" }, "no such data set"), LCT_E_ARG);
}

Test(microscope, dm_tags_are_bounded)
{
    micro_write_dm_nested(path, 60);
    cr_assert_eq(refused(NULL, "no image"), LCT_E_FORMAT);
    micro_write_dm_nested(path, 100000);
    cr_assert_eq(refused(NULL, "deep"), LCT_E_INPUT);
}

Test(microscope, raw_of_every_type)
{
    char text[64];
    for (int i = 0; i < 2 * N_RAW; i++) {
        const struct micro m = {
            .width = 7, .height = 5, .frames = 3, .kind = types[i / 2].kind, .bytes = types[i / 2].bytes, .big = i % 2
        };
        micro_write_mrc(path, &m, 0); /* whatever mode: what follows its header is what we want */
        snprintf(text, sizeof text, "7x5x3:%s%s@1024", types[i / 2].raw, m.bytes == 1 ? "" : m.big ? "be" : "le");
        struct lct_source *s = open_with(&(struct lct_source_params){ .raw = text });
        cr_assert_str_eq(lct_source_info(s)->format, "raw");
        cr_assert_eq(lct_source_info(s)->n_warnings, 0);
        check_content(s, &m, 0);
        lct_source_close(&s);
    }
    struct lct_source *s = open_with(&(struct lct_source_params){ .raw = "7x5:f64be@1024" });
    cr_assert_eq(lct_source_info(s)->n_frames, 3);
    lct_source_close(&s);
    s = open_with(&(struct lct_source_params){ .raw = "7x5x9:f64be@1024" });
    cr_assert_eq(lct_source_info(s)->n_frames, 3);
    cr_assert(strstr(lct_source_truncated(s), "3 frames are whole"));
    lct_source_close(&s);
}

Test(microscope, raw_refuses_what_it_cannot_understand)
{
    static const char *const wrong[] = { "", "7x5", "7x5x3", "7x5x3:", "7x5x3:u12", "x5x3:u8", "7x5x0:u8", "7x5x3:u8@",
        "7x5x3:u8@x", "7x5x3:u8le", "-7x5x3:u8", "7x5x3:u8 ", "99999999999999999999x5x3:u8", "7x5x3:u" };
    movies_write_bytes(path, "0123456789", 10);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert_eq(refused(&(struct lct_source_params){ .raw = wrong[i] }, "--raw"), LCT_E_ARG, "%s", wrong[i]);
    cr_assert_eq(refused(&(struct lct_source_params){ .raw = "7x5x3:u8" }, "no whole frame"), LCT_E_INPUT);
    cr_assert_eq(refused(&(struct lct_source_params){ .raw = "70000000x5x3:u8" }, "not supported"), LCT_E_FORMAT);
}

Test(microscope, raw_frames_of_a_folder_are_a_movie)
{
    for (int i = 8; i < 12; i++) {
        char name[32];
        const unsigned char bytes[6] = { (unsigned char)i, 1, 2, 3, 4, 5 };
        snprintf(name, sizeof name, "f%d.bin", i);
        char *one = movies_path(folder, name);
        movies_write_bytes(one, bytes, sizeof bytes);
        free(one);
    }
    free(path);
    path = movies_path(folder, "f%d.bin");
    struct lct_source *s = open_with(&(struct lct_source_params){ .raw = "3x2:u8" });
    struct lct_image image = { 0 };
    struct lct_err err = { 0 };
    cr_assert_eq(lct_source_info(s)->n_frames, 4);
    cr_assert_eq(lct_image_init(&image, 3, 2, &err), LCT_OK);
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(lct_source_read(s, i, &image, NULL, &err), LCT_OK, "%s", err.text);
        cr_assert_eq((int)image.px[0], 8 + i);
    }
    lct_image_finish(&image);
    lct_source_close(&s);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Nothing of a large file is read but what is asked for: a hole of 50 GB costs no more than a small file. */
static void first_and_last_frame_at_once(const struct lct_source_params *params, long frames)
{
    const double began_s = now_s();
    struct lct_source *s = open_with(params);
    const struct lct_source_info *info = lct_source_info(s);
    struct lct_image image = { 0 };
    struct lct_err err = { 0 };
    cr_assert_eq(info->n_frames, frames, "%ld", info->n_frames);
    cr_assert_eq(lct_image_init(&image, info->width, info->height, &err), LCT_OK);
    cr_assert_eq(lct_source_read(s, 0, &image, NULL, &err), LCT_OK, "%s", err.text);
    const double took_s = now_s() - began_s;
    cr_assert_lt(took_s, 1.0, "%g s", took_s);
    cr_assert_eq(lct_source_read(s, frames - 1, &image, NULL, &err), LCT_OK, "%s", err.text);
    lct_image_finish(&image);
    lct_source_close(&s);
}

Test(microscope, first_frame_of_50_gigabytes_in_a_second)
{
    const struct micro m = { .width = 2048, .height = 2048, .frames = 0, .announced = 6000, .kind = 'u', .bytes = 2 };
    const off_t data = 2 * (off_t)m.width * m.height * m.announced; /* 50.3 GB */
    micro_write_mrc(path, &m, 0);
    if (truncate(path, 1024 + data) != 0)
        cr_skip_test("no sparse files here");
    first_and_last_frame_at_once(NULL, m.announced);
    first_and_last_frame_at_once(&(struct lct_source_params){ .raw = "2048x2048:u16@1024" }, m.announced);
}
