/* A sequence of grey PNG files, named by a printf pattern. */
#include "format.h"

#include <lctem/png_file.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sequence {
    char *pattern;
    struct lct_writer_params p;
    int next;
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
    free(s->note);
    free(s);
}

static enum lct_status png_sequence_open(
    void **state, const char *path, const char *part, const struct lct_writer_params *p, struct lct_err *err)
{
    (void)part;
    if (!is_pattern(path))
        return lct_fail(
            err, LCT_E_ARG, "%s: a PNG sequence needs one number in its name; name it as in frame%%05d.png", path);
    struct sequence *s = calloc(1, sizeof *s);
    if (!s)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    s->p = *p;
    s->pattern = strdup(path);
    s->note = p->note ? strdup(p->note) : NULL;
    if (!s->pattern || (p->note && !s->note)) {
        sequence_free(s);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    }
    *state = s;
    return LCT_OK;
}

struct plane {
    const uint16_t *samples;
    int width, bits;
};

static void pack_row(void *context, int y, unsigned char *row)
{
    const struct plane *plane = context;
    const size_t width = (size_t)plane->width;
    const uint16_t *from = plane->samples + (size_t)y * width;
    for (size_t x = 0; x < width; x++)
        if (plane->bits == 16) {
            row[2 * x] = (unsigned char)(from[x] >> 8);
            row[2 * x + 1] = (unsigned char)(from[x] & 255);
        } else
            row[x] = (unsigned char)from[x];
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* is_pattern has looked at it */
static enum lct_status png_sequence_frame(void *state, const void *samples, struct lct_err *err)
{
    struct sequence *s = state;
    char *path = NULL;
    if (asprintf(&path, s->pattern, s->next) < 0)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", s->pattern);
    const struct lct_png what = { .width = s->p.width,
        .height = s->p.height,
        .bits = s->p.bits,
        .channels = 1,
        .level = 3,
        .pixel_size_nm = s->p.pixel_size_nm,
        .pixel_size_y_nm = s->p.pixel_size_y_nm,
        .note = s->note };
    struct plane plane = { samples, s->p.width, s->p.bits };
    const enum lct_status status = lct_png_write(path, &what, pack_row, &plane, err);
    free(path);
    s->next++;
    return status;
}
#pragma GCC diagnostic pop

static enum lct_status png_sequence_close(void *state, struct lct_err *err)
{
    (void)err;
    sequence_free(state);
    return LCT_OK;
}

const struct writer_format writer_png = { "png", " .png ", 16, false, png_sequence_open, png_sequence_frame,
    png_sequence_close };
