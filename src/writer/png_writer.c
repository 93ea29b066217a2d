/* The one door to png.h for writing: a sequence of grey PNG files, named by a printf pattern. */
#include "format.h"

#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sequence {
    char *pattern;
    struct lct_writer_params p;
    int next;
    png_byte *row;
    char *note; /* NULL: none */
};

/* Exactly one %d, %Nd or %0Nd: the pattern becomes a format string. */
static int is_pattern(const char *path)
{
    const char *mark = strchr(path, '%');
    if (!mark || strchr(mark + 1, '%'))
        return 0;
    const size_t digits = strspn(mark + 1, "0123456789");
    return digits <= 2 && mark[1 + digits] == 'd';
}

static void sequence_free(struct sequence *s)
{
    free(s->pattern);
    free(s->row);
    free(s->note);
    free(s);
}

static enum lct_status png_sequence_open(
    void **state, const char *path, const char *part, const struct lct_writer_params *p, struct lct_err *err)
{
    (void)part;
    if (!is_pattern(path))
        return lct_fail(err, LCT_E_ARG, "%s: a PNG sequence needs one number in its name, as in frame%%05d.png", path);
    struct sequence *s = calloc(1, sizeof *s);
    if (s) {
        s->pattern = strdup(path);
        s->row = calloc((size_t)p->width, 2);
        s->note = p->note ? strdup(p->note) : NULL;
        s->p = *p;
    }
    if (!s || !s->pattern || !s->row || (p->note && !s->note)) {
        if (s)
            sequence_free(s);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    }
    *state = s;
    return LCT_OK;
}

static void write_rows(png_structp png, struct sequence *s, const uint16_t *samples)
{
    const size_t width = (size_t)s->p.width;
    for (int y = 0; y < s->p.height; y++) {
        const uint16_t *from = samples + (size_t)y * width;
        for (size_t x = 0; x < width; x++) {
            if (s->p.bits == 16) {
                s->row[2 * x] = (png_byte)(from[x] >> 8);
                s->row[2 * x + 1] = (png_byte)(from[x] & 255);
            } else {
                s->row[x] = (png_byte)from[x];
            }
        }
        png_write_row(png, s->row);
    }
}

static void on_error(png_structp png, png_const_charp text)
{
    (void)text;
    png_longjmp(png, 1); /* libpng's own handler prints */
}

static void on_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static int write_png(FILE *file, struct sequence *s, const uint16_t *samples)
{
    char key[] = "Comment";
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return 0;
    }
    png_init_io(png, file);
    png_set_compression_level(png, 3);
    png_set_IHDR(png, info, (png_uint_32)s->p.width, (png_uint_32)s->p.height, s->p.bits, PNG_COLOR_TYPE_GRAY,
        PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (s->p.pixel_size_nm > 0)
        png_set_sCAL(png, info, PNG_SCALE_METER, s->p.pixel_size_nm * 1e-9,
            (s->p.pixel_size_y_nm > 0 ? s->p.pixel_size_y_nm : s->p.pixel_size_nm) * 1e-9);
    if (s->note)
        png_set_text(png, info, &(png_text){ .compression = PNG_TEXT_COMPRESSION_NONE, .key = key, .text = s->note }, 1);
    png_write_info(png, info);
    write_rows(png, s, samples);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return 1;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* is_pattern has looked at it */
static enum lct_status png_sequence_frame(void *state, const void *samples, struct lct_err *err)
{
    struct sequence *s = state;
    const size_t room = strlen(s->pattern) + 128;
    char *path = malloc(room), *part = malloc(room + sizeof ".part");
    if (!path || !part) {
        free(path);
        free(part);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", s->pattern);
    }
    snprintf(path, room, s->pattern, s->next);
    snprintf(part, room + sizeof ".part", "%s.part", path);
    FILE *file = fopen(part, "wb");
    enum lct_status status = LCT_OK;
    const int written = file && write_png(file, s, samples);
    if (!file)
        status = lct_fail(err, LCT_E_OUTPUT, "%s: %s", path, strerror(errno));
    else if (fclose(file) != 0 || !written || rename(part, path) != 0) {
        status = lct_fail(err, LCT_E_OUTPUT, "%s: cannot be written; is the disk full?", path);
        remove(part);
    }
    free(path);
    free(part);
    s->next++;
    return status;
}
#pragma GCC diagnostic pop

static enum lct_status png_sequence_close(void *state, struct lct_err *err)
{
    struct sequence *s = state;
    (void)err;
    sequence_free(s);
    return LCT_OK;
}

const struct writer_format writer_png = { "png", " .png ", 16, false, png_sequence_open, png_sequence_frame, png_sequence_close };
