#include <lctem/writer.h>

#include "format.h"
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct writer_format *const formats[] = { &writer_video, &writer_tiff, &writer_png, NULL };

struct lct_writer {
    const struct writer_format *format;
    void *state;
};

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
        return lct_fail(err, LCT_E_ARG, "%s: unknown ending; give .mp4, .mkv, .mov, .tif, .tiff or a pattern like f%%05d.png", path);
    if (params->width < 1 || params->height < 1 || params->width > 16384 || params->height > 16384)
        return lct_fail(err, LCT_E_ARG, "%s: frames of %d x %d px cannot be written", path, params->width, params->height);
    if (params->bits != 8 && params->bits != 16)
        return lct_fail(err, LCT_E_ARG, "%s: %d bits a sample; give 8 or 16", path, params->bits);
    struct lct_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    writer->format = format;
    const enum lct_status s = format->open(&writer->state, path, params, err);
    if (s != LCT_OK)
        free(writer);
    else
        *out = writer;
    return s;
}

enum lct_status lct_writer_frame(struct lct_writer *writer, const uint16_t *samples, struct lct_err *err)
{
    return writer->format->frame(writer->state, samples, err);
}

enum lct_status lct_writer_close(struct lct_writer **writer, struct lct_err *err)
{
    if (!*writer)
        return LCT_OK;
    const enum lct_status s = (*writer)->format->close((*writer)->state, err);
    free(*writer);
    *writer = NULL;
    return s;
}
