#include <lctem/overlay.h>

#include <lctem/clones.h>

#include "part.h"

#include <lctem/encoder.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TICKS_PER_S = 90000, KEYFRAME_EVERY = 1, CHROMA_OFFSET = -12, BLOCK = 64 };

struct lct_overlay {
    struct lct_overlay_layout layout;
    struct lct_overlay_params params;
    char *path, *part;
    struct lct_encoder *encoder;
    uint32_t *drawn; /* lct_overlay_append's frame */
    long n_frames;
    double first_time_s;
    int64_t last_pts, step; /* ticks */
};

static void release(struct lct_overlay *overlay)
{
    lct_encoder_destroy(&overlay->encoder);
    free(overlay->drawn);
    free(overlay->part);
    free(overlay->path);
    free(overlay);
}

static enum lct_status open_encoder(struct lct_overlay *overlay, struct lct_err *err)
{
    /* Whole pictures: frames are looked at one by one, and noise hides what a search for motion would find. */
    const struct lct_encoder_params params = { .width = overlay->layout.width,
        .height = overlay->layout.height,
        .fps = isnan(overlay->params.fps) ? 25.0 : overlay->params.fps,
        .ticks_per_s = TICKS_PER_S,
        .preset = "ultrafast",
        .crf = overlay->params.quality,
        .chroma_offset = CHROMA_OFFSET,
        .keyframe_every = KEYFRAME_EVERY,
        .in_order = true,
        .index_first = true,
        .any_codec = true,
        .threads = 1 };
    return lct_encoder_open(&overlay->encoder, overlay->path, overlay->part, &params, err);
}

enum lct_status lct_overlay_create(struct lct_overlay **out, const char *path, const struct lct_overlay_layout *layout,
    const struct lct_overlay_params *params, struct lct_err *err)
{
    struct lct_overlay_layout same;
    enum lct_status status = lct_overlay_layout_make(&same, layout->frame_width, layout->frame_height, params, err);
    if (status != LCT_OK)
        return status;
    if (same.width != layout->width || same.height != layout->height)
        return lct_fail(err, LCT_E_ARG, "%s: the layout was made with other parameters", path);
    struct lct_overlay *overlay = calloc(1, sizeof *overlay);
    if (!overlay)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for the video", path);
    overlay->layout = *layout;
    overlay->params = *params;
    overlay->step = llround(TICKS_PER_S / (isnan(params->fps) ? 10.0 : params->fps));
    overlay->path = strdup(path);
    overlay->part = part_name(path);
    if (!overlay->path || !overlay->part)
        status = lct_fail(err, LCT_E_LIMIT, "%s: no memory for the video", path);
    if (status == LCT_OK)
        status = open_encoder(overlay, err);
    if (status != LCT_OK) {
        lct_overlay_destroy(&overlay);
        return status;
    }
    *out = overlay;
    return LCT_OK;
}

static inline int red(uint32_t c)
{
    return (int)(c >> 16 & 255);
}
static inline int green(uint32_t c)
{
    return (int)(c >> 8 & 255);
}
static inline int blue(uint32_t c)
{
    return (int)(c & 255);
}

/* Two rows of a block without colour? Then its luma is a multiple of the lowest byte, and its chroma is the middle. */
static inline bool is_grey(const uint32_t *a, const uint32_t *b, size_t n)
{
    uint32_t colour = 0;
    for (size_t x = 0; x < n; x++)
        colour |= (a[x] ^ a[x] >> 8) | (b[x] ^ b[x] >> 8);
    return (colour & 0xFFFF) == 0;
}

static inline void grey_luma(const uint32_t *in, size_t n, uint8_t *luma)
{
    for (size_t x = 0; x < n; x++)
        luma[x] = (uint8_t)((((in[x] & 255) * 220 + 128) >> 8) + 16);
}

static inline void colour_luma(const uint32_t *in, size_t n, uint8_t *luma)
{
    for (size_t x = 0; x < n; x++)
        luma[x] = (uint8_t)(((66 * red(in[x]) + 129 * green(in[x]) + 25 * blue(in[x]) + 128) >> 8) + 16);
}

static inline void chroma(const uint32_t *a, const uint32_t *b, size_t n, uint8_t *u, uint8_t *v)
{
    for (size_t x = 0; x < n / 2; x++) {
        const uint32_t p = a[2 * x], q = a[2 * x + 1], s = b[2 * x], t = b[2 * x + 1];
        const int r = red(p) + red(q) + red(s) + red(t), g = green(p) + green(q) + green(s) + green(t);
        const int bl = blue(p) + blue(q) + blue(s) + blue(t);
        /* 131584 = 128.5 * 1024: the middle, and rounding, of sums of four at 8 bits */
        u[x] = (uint8_t)((-38 * r - 74 * g + 112 * bl + 131584) >> 10);
        v[x] = (uint8_t)((112 * r - 94 * g - 18 * bl + 131584) >> 10);
    }
}

/* BT.601 in 8-bit fixed point, the same on every machine; chroma is the mean of 2 x 2 px. Most of a frame has no colour,
 * and is seen to have none, block by block: the same numbers in half the time. Rows and columns are even. */
LCT_CLONES static void to_yuv(const uint32_t *xrgb, int columns, int rows, const struct lct_encoder_planes *out)
{
    const size_t width = (size_t)columns;
    for (int y = 0; y < rows; y += 2) {
        const uint32_t *a = xrgb + (size_t)y * width, *b = a + width;
        uint8_t *up = out->plane[0] + (ptrdiff_t)y * out->stride[0], *low = up + out->stride[0];
        uint8_t *u = out->plane[1] + (ptrdiff_t)(y / 2) * out->stride[1];
        uint8_t *v = out->plane[2] + (ptrdiff_t)(y / 2) * out->stride[2];
        for (size_t x = 0, n; x < width; x += n) {
            n = width - x < BLOCK ? width - x : BLOCK;
            if (is_grey(a + x, b + x, n)) {
                grey_luma(a + x, n, up + x);
                grey_luma(b + x, n, low + x);
                memset(u + x / 2, 128, n / 2);
                memset(v + x / 2, 128, n / 2);
            } else {
                colour_luma(a + x, n, up + x);
                colour_luma(b + x, n, low + x);
                chroma(a + x, b + x, n, u + x / 2, v + x / 2);
            }
        }
    }
}

static int64_t next_pts(struct lct_overlay *overlay, double time_s)
{
    if (overlay->n_frames == 0) {
        overlay->first_time_s = time_s;
        return 0;
    }
    if (isnan(overlay->params.fps)) {
        const double ticks = (time_s - overlay->first_time_s) / overlay->params.speed * TICKS_PER_S;
        /* A millisecond is the finest step that both encoders keep. */
        if (ticks < 1e15 && ticks >= (double)overlay->last_pts + TICKS_PER_S / 1000.0)
            overlay->step = llround(ticks) - overlay->last_pts;
        return overlay->last_pts + overlay->step;
    }
    /* from the frame's number, so that rounding does not add up */
    return llround((double)overlay->n_frames * TICKS_PER_S / overlay->params.fps);
}

enum lct_status lct_overlay_encode(
    struct lct_overlay *overlay, const uint32_t *xrgb, double time_s, struct lct_err *err)
{
    struct lct_encoder_planes planes;
    const enum lct_status status = lct_encoder_planes(overlay->encoder, &planes, err);
    if (status != LCT_OK)
        return status;
    to_yuv(xrgb, overlay->layout.width, overlay->layout.height, &planes);
    overlay->last_pts = next_pts(overlay, time_s);
    overlay->n_frames++;
    return lct_encoder_send(overlay->encoder, overlay->last_pts, overlay->step, err);
}

enum lct_status lct_overlay_append(
    struct lct_overlay *overlay, const struct lct_overlay_frame *frame, struct lct_err *err)
{
    if (!overlay->drawn)
        overlay->drawn = malloc((size_t)overlay->layout.width * (size_t)overlay->layout.height * sizeof(uint32_t));
    if (!overlay->drawn)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for the video", overlay->path);
    const enum lct_status status = lct_overlay_draw(frame, &overlay->layout, overlay->drawn, err);
    return status != LCT_OK ? status : lct_overlay_encode(overlay, overlay->drawn, frame->time_s, err);
}

enum lct_status lct_overlay_finish(struct lct_overlay **overlay, struct lct_err *err)
{
    if ((*overlay)->n_frames == 0) {
        const enum lct_status status = lct_fail(err, LCT_E_NODATA, "%s: no frame to write", (*overlay)->path);
        lct_overlay_destroy(overlay);
        return status;
    }
    enum lct_status status = lct_encoder_finish((*overlay)->encoder, err);
    if (status == LCT_OK)
        status = part_keep((*overlay)->part, (*overlay)->path, err);
    release(*overlay);
    *overlay = NULL;
    return status;
}

void lct_overlay_destroy(struct lct_overlay **overlay)
{
    if (!*overlay)
        return;
    if ((*overlay)->encoder && lct_encoder_began((*overlay)->encoder))
        unlink((*overlay)->part);
    release(*overlay);
    *overlay = NULL;
}
