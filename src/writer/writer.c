#include <lctem/file.h>
#include <lctem/writer.h>

#include "format.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum lct_status writer_fail(const char *path, int why, struct lct_err *err)
{
    return lct_file_unwritable(path, why, err);
}

static const struct writer_format *const formats[] = { &writer_video, &writer_tiff, &writer_mrc, &writer_png, NULL };

struct lct_writer {
    const struct writer_format *format;
    void *state;
    char *path, *part; /* part NULL: the format makes many files */
};

static void writer_free(struct lct_writer *writer)
{
    free(writer->path);
    free(writer->part);
    free(writer);
}

static const struct writer_format *find_format(const char *path)
{
    const char *dot = strrchr(path, '.');
    char padded[16];
    if (!dot || strlen(dot) > 6)
        return NULL;
    snprintf(padded, sizeof padded, " %s ", dot);
    for (size_t i = 0; formats[i]; i++)
        if (strcasestr(formats[i]->endings, padded))
            return formats[i];
    return NULL;
}

enum lct_status lct_writer_open(
    struct lct_writer **out, const char *path, const struct lct_writer_params *params, struct lct_err *err)
{
    const struct writer_format *format = find_format(path);
    if (!format)
        return lct_fail(err, LCT_E_ARG,
            "%s: unknown ending; give .mp4, .mkv, .mov, .tif, .tiff, .mrc or a pattern like f%%05d.png", path);
    if (params->width < 1 || params->height < 1 || params->width > 16384 || params->height > 16384)
        return lct_fail(
            err, LCT_E_ARG, "%s: frames of %d x %d px cannot be written", path, params->width, params->height);
    if ((params->bits != 8 && params->bits != 16 && params->bits != 32) || params->bits > format->most_bits)
        return lct_fail(err, LCT_E_ARG, "%s: %d bits a sample; give 8%s%s", path, params->bits,
            format->most_bits > 8 ? ", 16" : "", format->most_bits > 16 ? ", 32" : "");
    struct lct_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    writer->format = format;
    writer->path = strdup(path);
    enum lct_status s = LCT_OK;
    if (!writer->path || (format->one_file && asprintf(&writer->part, "%s.part", path) < 0)) {
        writer->part = NULL;
        s = lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    }
    if (s == LCT_OK)
        s = format->open(&writer->state, path, writer->part, params, err);
    if (s != LCT_OK)
        writer_free(writer);
    else
        *out = writer;
    return s;
}

enum lct_status lct_writer_frame(struct lct_writer *writer, const uint16_t *samples, struct lct_err *err)
{
    return writer->format->frame(writer->state, samples, err);
}

enum lct_status lct_writer_floats(struct lct_writer *writer, const float *samples, struct lct_err *err)
{
    return writer->format->frame(writer->state, samples, err);
}

int lct_writer_bits(const char *path, int wanted)
{
    const struct writer_format *format = find_format(path);
    return !format ? 0 : wanted < format->most_bits ? wanted : format->most_bits;
}

enum lct_status lct_writer_close(struct lct_writer **writer, struct lct_err *err)
{
    if (!*writer)
        return LCT_OK;
    struct lct_writer *w = *writer;
    enum lct_status s = w->format->close(w->state, err);
    if (w->part && s == LCT_OK && lct_file_replace(w->part, w->path) != 0)
        s = writer_fail(w->path, errno, err);
    if (w->part && s != LCT_OK)
        remove(w->part);
    writer_free(w);
    *writer = NULL;
    return s;
}

void lct_writer_abandon(struct lct_writer **writer)
{
    struct lct_writer *w = *writer;
    if (!w)
        return;
    const enum lct_status ignored = w->format->close(w->state, NULL);
    (void)ignored;
    if (w->part)
        remove(w->part);
    writer_free(w);
    *writer = NULL;
}
