/* 8-bit grey H.264. */
#include "format.h"

#include <lctem/encoder.h>
#include <stdlib.h>
#include <string.h>

/* The encoder's bytes depend on its number of threads, so that it is the same on every machine. */
enum { ENCODER_THREADS = 2 };

struct video {
    struct lct_encoder *encoder;
    int width, height;
    int64_t next;
};

static enum lct_status video_open(
    void **state, const char *path, const char *part, const struct lct_writer_params *p, struct lct_err *err)
{
    if (p->bits != 8 || p->width % 2 || p->height % 2)
        return lct_fail(
            err, LCT_E_ARG, "%s: video has 8 bits a sample and even sizes; write .tif or .png instead", path);
    if (!(p->fps > 0))
        return lct_fail(err, LCT_E_ARG, "%s: video needs a frame rate", path);
    struct video *v = calloc(1, sizeof *v);
    if (!v)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    v->width = p->width;
    v->height = p->height;
    const struct lct_encoder_params params = { .width = p->width,
        .height = p->height,
        .fps = p->fps,
        .preset = "veryfast",
        .crf = p->crf,
        .full_range = true,
        .threads = ENCODER_THREADS,
        .note = p->note };
    const enum lct_status status = lct_encoder_open(&v->encoder, path, part, &params, err);
    if (status != LCT_OK)
        free(v);
    else
        *state = v;
    return status;
}

static enum lct_status video_frame(void *state, const void *data, struct lct_err *err)
{
    struct video *v = state;
    const uint16_t *samples = data;
    struct lct_encoder_planes out;
    const enum lct_status status = lct_encoder_planes(v->encoder, &out, err);
    if (status != LCT_OK)
        return status;
    for (int y = 0; y < v->height; y++)
        for (int x = 0; x < v->width; x++)
            out.plane[0][y * out.stride[0] + x] = (unsigned char)samples[(size_t)y * (size_t)v->width + (size_t)x];
    for (int plane = 1; plane <= 2; plane++)
        for (int y = 0; y < v->height / 2; y++)
            memset(out.plane[plane] + y * out.stride[plane], 128, (size_t)v->width / 2);
    return lct_encoder_send(v->encoder, v->next++, 0, err);
}

static enum lct_status video_close(void *state, struct lct_err *err)
{
    struct video *v = state;
    const enum lct_status status = lct_encoder_finish(v->encoder, err);
    lct_encoder_destroy(&v->encoder);
    free(v);
    return status;
}

const struct writer_format writer_video = { "video", " .mp4 .mkv .mov ", 8, true, video_open, video_frame,
    video_close };
