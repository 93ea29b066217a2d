#include "avpicture.h"

#include <libavutil/log.h>
#include <libavutil/mem.h>
#include <libavutil/pixdesc.h>
#include <string.h>

/* In one piece, by FFmpeg: the fragments of a damaged MP4 of two kilobytes asked for 2 GiB. */
enum { MAX_ALLOC_BYTES = (1 << 30) - 1 };

static bool is_rgb(const AVPixFmtDescriptor *desc)
{
    return desc->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL);
}

static bool is_xyz(const AVPixFmtDescriptor *desc)
{
    return strncmp(desc->name, "xyz12", 5) == 0;
}

/* Component that carries the luma: the first one, except in XYZ, where it is Y. */
static int luma_of(const AVPixFmtDescriptor *desc)
{
    return is_xyz(desc) ? 1 : 0;
}

void lct_picture_tame(void)
{
    if (av_log_get_level() != AV_LOG_QUIET)
        av_log_set_level(AV_LOG_QUIET);
    av_max_alloc(MAX_ALLOC_BYTES);
}

enum lct_status lct_picture_describe(struct lct_source_info *info, const AVFrame *picture, struct lct_err *err)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(picture->format);
    if (!desc || desc->flags & (AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER) || desc->nb_components < 1)
        return lct_fail(err, LCT_E_FORMAT,
            "pixels of type %s are not supported; convert the movie with ffmpeg -pix_fmt gray16le",
            desc ? desc->name : "unknown");
    const enum lct_status status = lct_check_size((uint64_t)picture->width, (uint64_t)picture->height, err);
    if (status != LCT_OK)
        return status;
    const int depth = desc->flags & AV_PIX_FMT_FLAG_PAL ? 8 : desc->comp[luma_of(desc)].depth;
    info->width = picture->width;
    info->height = picture->height;
    info->bits = depth;
    info->channels = desc->flags & AV_PIX_FMT_FLAG_PAL ? 3 : desc->nb_components;
    info->dtype = desc->flags & AV_PIX_FMT_FLAG_FLOAT ? (depth == 16 ? LCT_DTYPE_F16 : LCT_DTYPE_F32)
        : depth <= 8                                  ? LCT_DTYPE_U8
        : depth <= 16                                 ? LCT_DTYPE_U16
                                                      : LCT_DTYPE_U32;
    return LCT_OK;
}

/* The whole sample sits in the low bits of one or two bytes of this machine's order: no need for FFmpeg's general loop. */
static bool is_plain(const AVPixFmtDescriptor *desc, const AVComponentDescriptor *comp)
{
    const unsigned odd = AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BE;
    return !(desc->flags & odd) && comp->shift == 0 && (comp->depth == 8 || (comp->depth > 8 && comp->depth <= 16));
}

static void plain_row(const AVFrame *picture, const AVComponentDescriptor *comp, int y, struct lct_image *out)
{
    const uint8_t *src = picture->data[comp->plane] + (ptrdiff_t)y * picture->linesize[comp->plane] + comp->offset;
    float *dst = out->px + (size_t)y * (size_t)out->width;
    const size_t bytes = comp->depth == 8 ? 1 : 2;
    lct_samples_to_float(
        dst, (size_t)out->width, src, (size_t)comp->step / bytes, bytes == 1 ? LCT_DTYPE_U8 : LCT_DTYPE_U16, false);
}

/* One component of one row, whatever its packing; float samples come out as their bits. */
static void component_row(const AVFrame *picture, const AVPixFmtDescriptor *desc, int component, int y, uint32_t *dst)
{
    const uint8_t *data[4] = { picture->data[0], picture->data[1], picture->data[2], picture->data[3] };
    av_read_image_line2(dst, data, picture->linesize, desc, 0, y, component, picture->width, 0, sizeof *dst);
}

/* Indices into 256 words of ARGB in this machine's order. */
static void palette_row(const AVFrame *picture, int y, float *dst)
{
    const uint8_t *index = picture->data[0] + (ptrdiff_t)y * picture->linesize[0];
    for (int x = 0; x < picture->width; x++) {
        uint32_t argb;
        memcpy(&argb, picture->data[1] + 4 * (size_t)index[x], sizeof argb);
        dst[x] = lct_grey((float)(argb >> 16 & 255), (float)(argb >> 8 & 255), (float)(argb & 255));
    }
}

static float as_float(const AVPixFmtDescriptor *desc, uint32_t raw)
{
    if (!(desc->flags & AV_PIX_FMT_FLAG_FLOAT))
        return (float)raw;
    float x;
    if (desc->comp[0].depth == 16) {
        const uint16_t half = (uint16_t)raw;
        lct_samples_to_float(&x, 1, &half, 1, LCT_DTYPE_F16, false);
    } else {
        memcpy(&x, &raw, sizeof x);
    }
    return x;
}

static void grey_row(const AVFrame *picture, const AVPixFmtDescriptor *desc, int y, float *dst, uint32_t *scratch)
{
    const size_t w = (size_t)picture->width;
    if (desc->flags & AV_PIX_FMT_FLAG_PAL) {
        palette_row(picture, y, dst);
        return;
    }
    if (!is_rgb(desc)) {
        component_row(picture, desc, luma_of(desc), y, scratch);
        /* the one grey type of FFmpeg whose zero is white */
        const bool inverted = picture->format == AV_PIX_FMT_MONOWHITE;
        for (size_t x = 0; x < w; x++)
            dst[x] = inverted ? 1 - (float)scratch[x] : as_float(desc, scratch[x]);
        return;
    }
    for (int c = 0; c < 3; c++)
        component_row(picture, desc, c, y, scratch + (size_t)c * w);
    for (size_t x = 0; x < w; x++)
        dst[x] =
            lct_grey(as_float(desc, scratch[x]), as_float(desc, scratch[w + x]), as_float(desc, scratch[2 * w + x]));
}

/* Packed 8-bit RGB is what screen recorders write: worth its own loop. */
static void rgb8_row(const AVFrame *picture, const AVPixFmtDescriptor *desc, int y, float *dst)
{
    const uint8_t *p[3];
    for (int c = 0; c < 3; c++)
        p[c] = picture->data[desc->comp[c].plane] + (ptrdiff_t)y * picture->linesize[desc->comp[c].plane]
            + desc->comp[c].offset;
    const ptrdiff_t step = desc->comp[0].step;
    for (ptrdiff_t x = 0; x < picture->width; x++)
        dst[x] = lct_grey(p[0][x * step], p[1][x * step], p[2][x * step]);
}

enum lct_status lct_picture_to_grey(
    const AVFrame *picture, struct lct_image *out, uint32_t *scratch, struct lct_err *err)
{
    struct lct_source_info info = { 0 };
    const enum lct_status status = lct_picture_describe(&info, picture, err);
    if (status != LCT_OK)
        return status;
    if (info.width != out->width || info.height != out->height)
        return lct_fail(err, LCT_E_FORMAT, "the size changes from %d x %d to %d x %d px; cut the movie there",
            out->width, out->height, info.width, info.height);
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(picture->format);
    const AVComponentDescriptor *luma = &desc->comp[luma_of(desc)];
    const bool plain = is_plain(desc, luma), rgb8 = plain && is_rgb(desc) && luma->depth == 8;
    for (int y = 0; y < out->height; y++) {
        float *dst = out->px + (size_t)y * (size_t)out->width;
        if (plain && !is_rgb(desc))
            plain_row(picture, luma, y, out);
        else if (rgb8)
            rgb8_row(picture, desc, y, dst);
        else
            grey_row(picture, desc, y, dst, scratch);
    }
    return LCT_OK;
}
