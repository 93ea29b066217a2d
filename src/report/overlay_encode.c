#include <lctem/overlay.h>

#include <lctem/clones.h>

#include "part.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TICKS_PER_S = 90000, KEYFRAME_EVERY = 50 };

struct lct_overlay {
    struct lct_overlay_layout layout;
    struct lct_overlay_params params;
    char *path, *part;
    AVFormatContext *file;
    AVCodecContext *codec;
    AVStream *stream;
    AVFrame *picture;
    AVPacket *packet;
    uint32_t *drawn;  /* lct_overlay_append's frame */
    long n_frames;
    double first_time_s;
    int64_t last_pts, step; /* ticks */
};

static enum lct_status fail_av(const struct lct_overlay *overlay, int code, struct lct_err *err)
{
    if (code == AVERROR(ENOMEM))
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for the video", overlay->path);
    const int in_file = overlay->file && overlay->file->pb ? overlay->file->pb->error : 0;
    return part_fail(overlay->path, AVUNERROR(in_file < 0 ? in_file : code), err);
}

static void release(struct lct_overlay *overlay)
{
    if (overlay->file && overlay->file->pb)
        avio_closep(&overlay->file->pb);
    avcodec_free_context(&overlay->codec);
    avformat_free_context(overlay->file);
    av_frame_free(&overlay->picture);
    av_packet_free(&overlay->packet);
    free(overlay->drawn);
    free(overlay->part);
    free(overlay->path);
    free(overlay);
}

static void configure(AVCodecContext *codec, const struct lct_overlay *overlay)
{
    codec->width = overlay->layout.width;
    codec->height = overlay->layout.height;
    codec->pix_fmt = AV_PIX_FMT_YUV420P;
    codec->time_base = (AVRational){ 1, TICKS_PER_S };
    codec->framerate = av_d2q(isnan(overlay->params.fps) ? 25.0 : overlay->params.fps, 100000);
    codec->color_range = AVCOL_RANGE_MPEG;
    codec->colorspace = AVCOL_SPC_SMPTE170M;
    codec->color_primaries = AVCOL_PRI_SMPTE170M;
    codec->color_trc = AVCOL_TRC_SMPTE170M;
    codec->gop_size = KEYFRAME_EVERY; /* frames are looked at one by one: seeking must be quick */
    codec->max_b_frames = 0;          /* then packets leave in the order of the frames */
    codec->thread_count = 1;          /* the number of threads would change the bytes */
    codec->flags |= AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_GLOBAL_HEADER;
    if (codec->codec_id == AV_CODEC_ID_H264) {
        av_opt_set(codec->priv_data, "preset", "ultrafast", 0);
        av_opt_set_double(codec->priv_data, "crf", overlay->params.quality, 0);
    } else {
        codec->time_base = (AVRational){ 1, 1000 }; /* MPEG-4 part 2 counts in 16 bits */
        codec->flags |= AV_CODEC_FLAG_QSCALE;
        codec->global_quality = FF_QP2LAMBDA * (1 + overlay->params.quality / 5);
    }
}

static enum lct_status open_codec(struct lct_overlay *overlay, struct lct_err *err)
{
    const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
    if (!codec)
        codec = avcodec_find_encoder(AV_CODEC_ID_MPEG4);
    if (!codec)
        return lct_fail(err, LCT_E_FORMAT, "%s: this FFmpeg encodes neither H.264 (libx264) nor MPEG-4; install "
                                           "libavcodec with libx264", overlay->path);
    overlay->codec = avcodec_alloc_context3(codec);
    if (!overlay->codec)
        return fail_av(overlay, AVERROR(ENOMEM), err);
    configure(overlay->codec, overlay);
    const int code = avcodec_open2(overlay->codec, codec, NULL);
    if (code < 0)
        return lct_fail(err, LCT_E_FORMAT, "%s: %s refuses %d x %d px (%s); choose another max_side", overlay->path,
            codec->name, overlay->layout.width, overlay->layout.height, av_err2str(code));
    return LCT_OK;
}

static enum lct_status open_buffers(struct lct_overlay *overlay, struct lct_err *err)
{
    overlay->picture = av_frame_alloc();
    overlay->packet = av_packet_alloc();
    if (!overlay->picture || !overlay->packet)
        return fail_av(overlay, AVERROR(ENOMEM), err);
    overlay->picture->format = AV_PIX_FMT_YUV420P;
    overlay->picture->width = overlay->layout.width;
    overlay->picture->height = overlay->layout.height;
    const int code = av_frame_get_buffer(overlay->picture, 0);
    return code < 0 ? fail_av(overlay, code, err) : LCT_OK;
}

static enum lct_status open_file(struct lct_overlay *overlay, struct lct_err *err)
{
    int code = avformat_alloc_output_context2(&overlay->file, NULL, "mp4", overlay->part);
    if (code < 0)
        return fail_av(overlay, code, err);
    overlay->stream = avformat_new_stream(overlay->file, NULL);
    if (!overlay->stream)
        return fail_av(overlay, AVERROR(ENOMEM), err);
    overlay->file->flags |= AVFMT_FLAG_BITEXACT; /* no date, no version */
    overlay->stream->time_base = overlay->codec->time_base;
    code = avcodec_parameters_from_context(overlay->stream->codecpar, overlay->codec);
    if (code >= 0)
        code = avio_open(&overlay->file->pb, overlay->part, AVIO_FLAG_WRITE);
    if (code < 0)
        return fail_av(overlay, code, err);
    AVDictionary *options = NULL;
    av_dict_set(&options, "movflags", "+faststart", 0);
    code = avformat_write_header(overlay->file, &options);
    av_dict_free(&options);
    return code < 0 ? fail_av(overlay, code, err) : LCT_OK;
}

enum lct_status lct_overlay_create(struct lct_overlay **out, const char *path, const struct lct_overlay_layout *layout,
    const struct lct_overlay_params *params, struct lct_err *err)
{
    struct lct_overlay_layout same;
    enum lct_status status =
        lct_overlay_layout_make(&same, layout->frame_width, layout->frame_height, params, err);
    if (status != LCT_OK)
        return status;
    if (same.width != layout->width || same.height != layout->height)
        return lct_fail(err, LCT_E_ARG, "%s: the layout was made with other parameters", path);
    struct lct_overlay *overlay = calloc(1, sizeof *overlay);
    if (!overlay)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for the video", path);
    /* FFmpeg's log is the process's, and a library does not print. */
    av_log_set_level(AV_LOG_QUIET);
    overlay->layout = *layout;
    overlay->params = *params;
    overlay->step = llround(TICKS_PER_S / (isnan(params->fps) ? 10.0 : params->fps));
    overlay->path = strdup(path);
    overlay->part = part_name(path);
    if (!overlay->path || !overlay->part)
        status = lct_fail(err, LCT_E_LIMIT, "%s: no memory for the video", path);
    if (status == LCT_OK)
        status = open_codec(overlay, err);
    if (status == LCT_OK)
        status = open_buffers(overlay, err);
    if (status == LCT_OK)
        status = open_file(overlay, err);
    if (status != LCT_OK) {
        lct_overlay_destroy(&overlay);
        return status;
    }
    *out = overlay;
    return LCT_OK;
}

static inline int red(uint32_t c) { return (int)(c >> 16 & 255); }
static inline int green(uint32_t c) { return (int)(c >> 8 & 255); }
static inline int blue(uint32_t c) { return (int)(c & 255); }

/* BT.601 in 8-bit fixed point, the same on every machine; chroma is the mean of 2 x 2 px. */
LCT_CLONES static void to_yuv(const uint32_t *xrgb, AVFrame *out)
{
    const size_t width = (size_t)out->width;
    for (int y = 0; y < out->height; y++) {
        const uint32_t *in = xrgb + (size_t)y * width;
        uint8_t *luma = out->data[0] + (ptrdiff_t)y * out->linesize[0];
        for (size_t x = 0; x < width; x++)
            luma[x] = (uint8_t)(((66 * red(in[x]) + 129 * green(in[x]) + 25 * blue(in[x]) + 128) >> 8) + 16);
    }
    for (int y = 0; y < out->height / 2; y++) {
        const uint32_t *a = xrgb + 2 * (size_t)y * width, *b = a + width;
        uint8_t *u = out->data[1] + (ptrdiff_t)y * out->linesize[1];
        uint8_t *v = out->data[2] + (ptrdiff_t)y * out->linesize[2];
        for (size_t x = 0; x < width / 2; x++) {
            const uint32_t p = a[2 * x], q = a[2 * x + 1], s = b[2 * x], t = b[2 * x + 1];
            const int r = red(p) + red(q) + red(s) + red(t), g = green(p) + green(q) + green(s) + green(t);
            const int bl = blue(p) + blue(q) + blue(s) + blue(t);
            /* 131584 = 128.5 * 1024: the middle, and rounding, of sums of four at 8 bits */
            u[x] = (uint8_t)((-38 * r - 74 * g + 112 * bl + 131584) >> 10);
            v[x] = (uint8_t)((112 * r - 94 * g - 18 * bl + 131584) >> 10);
        }
    }
}

/* Take what the encoder has ready and write it. */
static enum lct_status drain(struct lct_overlay *overlay, struct lct_err *err)
{
    for (;;) {
        int code = avcodec_receive_packet(overlay->codec, overlay->packet);
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF)
            return LCT_OK;
        if (code >= 0) {
            overlay->packet->stream_index = overlay->stream->index;
            /* the container knows a frame's duration from the next one; this is the last one's */
            overlay->packet->duration =
                av_rescale_q(overlay->step, (AVRational){ 1, TICKS_PER_S }, overlay->codec->time_base);
            av_packet_rescale_ts(overlay->packet, overlay->codec->time_base, overlay->stream->time_base);
            code = av_interleaved_write_frame(overlay->file, overlay->packet);
        }
        if (code < 0 || overlay->file->pb->error < 0)
            return fail_av(overlay, code, err);
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
    int code = av_frame_make_writable(overlay->picture);
    if (code < 0)
        return fail_av(overlay, code, err);
    to_yuv(xrgb, overlay->picture);
    overlay->last_pts = next_pts(overlay, time_s);
    overlay->picture->pts =
        av_rescale_q(overlay->last_pts, (AVRational){ 1, TICKS_PER_S }, overlay->codec->time_base);
    overlay->n_frames++;
    code = avcodec_send_frame(overlay->codec, overlay->picture);
    return code < 0 ? fail_av(overlay, code, err) : drain(overlay, err);
}

enum lct_status lct_overlay_append(
    struct lct_overlay *overlay, const struct lct_overlay_frame *frame, struct lct_err *err)
{
    if (!overlay->drawn)
        overlay->drawn = malloc((size_t)overlay->layout.width * (size_t)overlay->layout.height * sizeof(uint32_t));
    if (!overlay->drawn)
        return fail_av(overlay, AVERROR(ENOMEM), err);
    const enum lct_status status = lct_overlay_draw(frame, &overlay->layout, overlay->drawn, err);
    return status != LCT_OK ? status : lct_overlay_encode(overlay, overlay->drawn, frame->time_s, err);
}

static enum lct_status complete(struct lct_overlay *overlay, struct lct_err *err)
{
    int code = avcodec_send_frame(overlay->codec, NULL);
    const enum lct_status status = code < 0 ? fail_av(overlay, code, err) : drain(overlay, err);
    if (status != LCT_OK)
        return status;
    /* The trailer reads the file again to move its index to the front: no use after a failed write. */
    avio_flush(overlay->file->pb);
    code = overlay->file->pb->error;
    if (code >= 0)
        code = av_write_trailer(overlay->file);
    if (code >= 0)
        code = overlay->file->pb->error;
    if (code < 0)
        return fail_av(overlay, code, err);
    code = avio_closep(&overlay->file->pb);
    return code < 0 ? fail_av(overlay, code, err) : part_keep(overlay->part, overlay->path, err);
}

enum lct_status lct_overlay_finish(struct lct_overlay **overlay, struct lct_err *err)
{
    if ((*overlay)->n_frames == 0) {
        const enum lct_status status =
            lct_fail(err, LCT_E_NODATA, "%s: no frame to write", (*overlay)->path);
        lct_overlay_destroy(overlay);
        return status;
    }
    const enum lct_status status = complete(*overlay, err);
    release(*overlay);
    *overlay = NULL;
    return status;
}

void lct_overlay_destroy(struct lct_overlay **overlay)
{
    if (!*overlay)
        return;
    if ((*overlay)->part && (*overlay)->file && (*overlay)->file->pb)
        unlink((*overlay)->part);
    release(*overlay);
    *overlay = NULL;
}
