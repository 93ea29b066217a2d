/* The one door to libav* for writing: 8-bit grey H.264. */
#include "format.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The encoder's bytes depend on its number of threads, so that it is the same on every machine. */
enum { ENCODER_THREADS = 2 };

struct video {
    char *path, *part;
    struct lct_writer_params p;
    AVFormatContext *file;
    AVCodecContext *codec;
    AVFrame *frame;
    AVPacket *packet;
    AVStream *stream;
    int64_t next;
    int started;
};

static enum lct_status fault(const struct video *v, const char *what, int code, struct lct_err *err)
{
    char reason[128] = "";
    av_strerror(code, reason, sizeof reason);
    return lct_fail(err, LCT_E_OUTPUT, "%s: %s: %s", v->path, what, reason);
}

static void video_free(struct video *v)
{
    if (v->file && v->file->pb)
        avio_closep(&v->file->pb);
    avformat_free_context(v->file);
    avcodec_free_context(&v->codec);
    av_frame_free(&v->frame);
    av_packet_free(&v->packet);
    free(v->path);
    free(v->part);
    free(v);
}

static enum lct_status open_encoder(struct video *v, struct lct_err *err)
{
    const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
    if (!codec)
        return lct_fail(err, LCT_E_FORMAT, "%s: this libavcodec has no libx264; write .tif or .png instead", v->path);
    v->codec = avcodec_alloc_context3(codec);
    if (!v->codec)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", v->path);
    const AVRational rate = av_d2q(v->p.fps, 1000000);
    v->codec->width = v->p.width;
    v->codec->height = v->p.height;
    v->codec->time_base = av_inv_q(rate);
    v->codec->framerate = rate;
    v->codec->pix_fmt = AV_PIX_FMT_YUV420P; /* what every player and reader knows; full range is stated below */
    v->codec->color_range = AVCOL_RANGE_JPEG;
    v->codec->thread_count = ENCODER_THREADS;
    if (v->file->oformat->flags & AVFMT_GLOBALHEADER)
        v->codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    v->codec->flags |= AV_CODEC_FLAG_BITEXACT;
    av_opt_set(v->codec->priv_data, "preset", "veryfast", 0);
    av_opt_set_double(v->codec->priv_data, "crf", v->p.crf, 0);
    const int code = avcodec_open2(v->codec, codec, NULL);
    return code < 0 ? fault(v, "the H.264 encoder does not start", code, err) : LCT_OK;
}

static enum lct_status open_file(struct video *v, struct lct_err *err)
{
    v->stream = avformat_new_stream(v->file, NULL);
    v->frame = av_frame_alloc();
    v->packet = av_packet_alloc();
    if (!v->stream || !v->frame || !v->packet)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", v->path);
    v->stream->time_base = v->codec->time_base;
    v->stream->avg_frame_rate = v->codec->framerate;
    v->frame->format = v->codec->pix_fmt;
    v->frame->width = v->p.width;
    v->frame->height = v->p.height;
    int code = avcodec_parameters_from_context(v->stream->codecpar, v->codec);
    if (code >= 0)
        code = av_frame_get_buffer(v->frame, 0);
    if (code >= 0)
        code = avio_open(&v->file->pb, v->part, AVIO_FLAG_WRITE);
    if (code >= 0)
        code = avformat_write_header(v->file, NULL);
    if (code < 0)
        return fault(v, "cannot be created", code, err);
    v->started = 1;
    return LCT_OK;
}

static enum lct_status video_open(
    void **state, const char *path, const char *part, const struct lct_writer_params *p, struct lct_err *err)
{
    if (p->bits != 8 || p->width % 2 || p->height % 2)
        return lct_fail(err, LCT_E_ARG, "%s: video has 8 bits a sample and even sizes; write .tif or .png instead", path);
    if (!(p->fps > 0))
        return lct_fail(err, LCT_E_ARG, "%s: video needs a frame rate", path);
    struct video *v = calloc(1, sizeof *v);
    if (!v)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    av_log_set_level(AV_LOG_QUIET);
    v->path = strdup(path);
    v->part = strdup(part);
    v->p = *p;
    enum lct_status s = LCT_OK;
    if (!v->path || !v->part || avformat_alloc_output_context2(&v->file, NULL, NULL, path) < 0 || !v->file)
        s = lct_fail(err, LCT_E_LIMIT, "%s: no memory, or no such container", path);
    if (s == LCT_OK) {
        v->file->flags |= AVFMT_FLAG_BITEXACT; /* no dates in the file */
        if (p->note)
            av_dict_set(&v->file->metadata, "comment", p->note, 0);
        s = open_encoder(v, err);
    }
    if (s == LCT_OK)
        s = open_file(v, err);
    if (s != LCT_OK)
        video_free(v);
    else
        *state = v;
    return s;
}

static enum lct_status drain(struct video *v, const AVFrame *frame, struct lct_err *err)
{
    int code = avcodec_send_frame(v->codec, frame);
    while (code >= 0) {
        code = avcodec_receive_packet(v->codec, v->packet);
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF)
            return LCT_OK;
        if (code >= 0) {
            av_packet_rescale_ts(v->packet, v->codec->time_base, v->stream->time_base);
            v->packet->stream_index = v->stream->index;
            code = av_interleaved_write_frame(v->file, v->packet);
        }
    }
    return fault(v, "a frame cannot be written", code, err);
}

static enum lct_status video_frame(void *state, const void *data, struct lct_err *err)
{
    const uint16_t *samples = data;
    struct video *v = state;
    const int code = av_frame_make_writable(v->frame);
    if (code < 0)
        return fault(v, "no frame", code, err);
    for (int y = 0; y < v->p.height; y++)
        for (int x = 0; x < v->p.width; x++)
            v->frame->data[0][y * v->frame->linesize[0] + x] = (uint8_t)samples[(size_t)y * (size_t)v->p.width + (size_t)x];
    for (int plane = 1; plane <= 2; plane++)
        for (int y = 0; y < v->p.height / 2; y++)
            memset(v->frame->data[plane] + y * v->frame->linesize[plane], 128, (size_t)v->p.width / 2);
    v->frame->pts = v->next++;
    return drain(v, v->frame, err);
}

static enum lct_status video_close(void *state, struct lct_err *err)
{
    struct video *v = state;
    enum lct_status s = LCT_OK;
    if (v->started) {
        s = drain(v, NULL, err);
        const int code = av_write_trailer(v->file);
        if (s == LCT_OK && code < 0)
            s = fault(v, "cannot be finished", code, err);
    }
    video_free(v);
    return s;
}

const struct writer_format writer_video = { "video", " .mp4 .mkv .mov ", 8, true, video_open, video_frame, video_close };
