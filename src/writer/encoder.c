#include <lctem/encoder.h>

#include "format.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <stdlib.h>
#include <string.h>

struct lct_encoder {
    char *path;
    AVRational base; /* of the times that are given */
    AVFormatContext *file;
    AVCodecContext *codec;
    AVStream *stream;
    AVFrame *picture;
    AVPacket *packet;
    int64_t duration; /* of the last frame */
};

static enum lct_status fail_av(const struct lct_encoder *e, int code, struct lct_err *err)
{
    if (code == AVERROR(ENOMEM))
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for the video", e->path);
    const int in_file = e->file && e->file->pb ? e->file->pb->error : 0;
    return writer_fail(e->path, AVUNERROR(in_file < 0 ? in_file : code), err);
}

void lct_encoder_destroy(struct lct_encoder **encoder)
{
    struct lct_encoder *e = *encoder;
    *encoder = NULL;
    if (!e)
        return;
    if (e->file && e->file->pb)
        avio_closep(&e->file->pb);
    avcodec_free_context(&e->codec);
    avformat_free_context(e->file);
    av_frame_free(&e->picture);
    av_packet_free(&e->packet);
    free(e->path);
    free(e);
}

bool lct_encoder_began(const struct lct_encoder *encoder)
{
    return encoder->file && encoder->file->pb;
}

static void configure(struct lct_encoder *e, const struct lct_encoder_params *p)
{
    AVCodecContext *codec = e->codec;
    codec->width = p->width;
    codec->height = p->height;
    codec->pix_fmt = AV_PIX_FMT_YUV420P; /* what every player and reader knows */
    codec->time_base = e->base;
    codec->framerate = av_d2q(p->fps, 1000000);
    codec->color_range = p->full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    if (!p->full_range) {
        codec->colorspace = AVCOL_SPC_SMPTE170M;
        codec->color_primaries = AVCOL_PRI_SMPTE170M;
        codec->color_trc = AVCOL_TRC_SMPTE170M;
    }
    if (p->keyframe_every > 0)
        codec->gop_size = p->keyframe_every;
    if (p->in_order)
        codec->max_b_frames = 0;
    codec->thread_count = p->threads;
    codec->flags |= AV_CODEC_FLAG_BITEXACT;
    if (e->file->oformat->flags & AVFMT_GLOBALHEADER)
        codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (codec->codec_id == AV_CODEC_ID_H264) {
        av_opt_set(codec->priv_data, "preset", p->preset, 0);
        av_opt_set_double(codec->priv_data, "crf", p->crf, 0);
        av_opt_set_int(codec->priv_data, "chromaoffset", p->chroma_offset, 0);
    } else {
        codec->time_base = (AVRational){ 1, 1000 }; /* MPEG-4 part 2 counts in 16 bits */
        codec->flags |= AV_CODEC_FLAG_QSCALE;
        codec->global_quality = FF_QP2LAMBDA * (1 + (int)p->crf / 5);
    }
}

static enum lct_status open_codec(struct lct_encoder *e, const struct lct_encoder_params *p, struct lct_err *err)
{
    const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
    if (!codec && p->any_codec)
        codec = avcodec_find_encoder(AV_CODEC_ID_MPEG4);
    if (!codec)
        return lct_fail(err, LCT_E_FORMAT,
            "%s: this FFmpeg does not encode H.264; install libavcodec with libx264, or write .tif or .png", e->path);
    e->codec = avcodec_alloc_context3(codec);
    if (!e->codec)
        return fail_av(e, AVERROR(ENOMEM), err);
    configure(e, p);
    const int code = avcodec_open2(e->codec, codec, NULL);
    return code < 0 ? lct_fail(err, LCT_E_FORMAT, "%s: %s refuses %d x %d px (%s); choose another size", e->path,
               codec->name, p->width, p->height, av_err2str(code))
                    : LCT_OK;
}

static enum lct_status open_buffers(struct lct_encoder *e, struct lct_err *err)
{
    e->picture = av_frame_alloc();
    e->packet = av_packet_alloc();
    e->stream = avformat_new_stream(e->file, NULL);
    if (!e->picture || !e->packet || !e->stream)
        return fail_av(e, AVERROR(ENOMEM), err);
    e->picture->format = e->codec->pix_fmt;
    e->picture->width = e->codec->width;
    e->picture->height = e->codec->height;
    const int code = av_frame_get_buffer(e->picture, 0);
    return code < 0 ? fail_av(e, code, err) : LCT_OK;
}

static enum lct_status open_file(
    struct lct_encoder *e, const char *part, const struct lct_encoder_params *p, struct lct_err *err)
{
    e->stream->time_base = e->codec->time_base;
    if (p->ticks_per_s == 0)
        e->stream->avg_frame_rate = e->codec->framerate;
    int code = avcodec_parameters_from_context(e->stream->codecpar, e->codec);
    if (code >= 0 && p->note)
        code = av_dict_set(&e->file->metadata, "comment", p->note, 0);
    if (code >= 0)
        code = avio_open(&e->file->pb, part, AVIO_FLAG_WRITE);
    if (code < 0)
        return fail_av(e, code, err);
    AVDictionary *options = NULL;
    if (p->index_first)
        av_dict_set(&options, "movflags", "+faststart", 0);
    code = avformat_write_header(e->file, &options);
    av_dict_free(&options);
    return code < 0 ? fail_av(e, code, err) : LCT_OK;
}

enum lct_status lct_encoder_open(struct lct_encoder **out, const char *path, const char *part,
    const struct lct_encoder_params *params, struct lct_err *err)
{
    struct lct_encoder *e = calloc(1, sizeof *e);
    if (!e)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for the video", path);
    /* FFmpeg's log is the process's, and a library does not print. */
    av_log_set_level(AV_LOG_QUIET);
    e->base = params->ticks_per_s > 0 ? (AVRational){ 1, params->ticks_per_s } : av_inv_q(av_d2q(params->fps, 1000000));
    e->path = strdup(path);
    enum lct_status status = e->path ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "%s: no memory for the video", path);
    const AVOutputFormat *container = av_guess_format(NULL, path, NULL);
    /* under the name that it has while it is written: to move the index, it is opened again */
    if (status == LCT_OK && avformat_alloc_output_context2(&e->file, container, container ? NULL : "mp4", part) < 0)
        status = lct_fail(err, LCT_E_LIMIT, "%s: no memory, or no such container", path);
    if (status == LCT_OK) {
        e->file->flags |= AVFMT_FLAG_BITEXACT; /* no date, no version */
        status = open_codec(e, params, err);
    }
    if (status == LCT_OK)
        status = open_buffers(e, err);
    if (status == LCT_OK)
        status = open_file(e, part, params, err);
    if (status != LCT_OK)
        lct_encoder_destroy(&e);
    else
        *out = e;
    return status;
}

/* Take what the encoder has ready and write it. */
static enum lct_status drain(struct lct_encoder *e, struct lct_err *err)
{
    for (;;) {
        int code = avcodec_receive_packet(e->codec, e->packet);
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF)
            return LCT_OK;
        if (code >= 0) {
            e->packet->stream_index = e->stream->index;
            /* the container knows a frame's duration from the next one; this is the last one's */
            if (e->duration > 0)
                e->packet->duration = av_rescale_q(e->duration, e->base, e->codec->time_base);
            av_packet_rescale_ts(e->packet, e->codec->time_base, e->stream->time_base);
            code = av_interleaved_write_frame(e->file, e->packet);
        }
        if (code < 0 || e->file->pb->error < 0)
            return fail_av(e, code, err);
    }
}

enum lct_status lct_encoder_planes(struct lct_encoder *encoder, struct lct_encoder_planes *out, struct lct_err *err)
{
    const int code = av_frame_make_writable(encoder->picture);
    if (code < 0)
        return fail_av(encoder, code, err);
    for (int i = 0; i < 3; i++) {
        out->plane[i] = encoder->picture->data[i];
        out->stride[i] = encoder->picture->linesize[i];
    }
    return LCT_OK;
}

enum lct_status lct_encoder_send(struct lct_encoder *encoder, int64_t time, int64_t duration, struct lct_err *err)
{
    encoder->duration = duration;
    encoder->picture->pts = av_rescale_q(time, encoder->base, encoder->codec->time_base);
    const int code = avcodec_send_frame(encoder->codec, encoder->picture);
    return code < 0 ? fail_av(encoder, code, err) : drain(encoder, err);
}

enum lct_status lct_encoder_finish(struct lct_encoder *encoder, struct lct_err *err)
{
    int code = avcodec_send_frame(encoder->codec, NULL);
    const enum lct_status status = code < 0 ? fail_av(encoder, code, err) : drain(encoder, err);
    if (status != LCT_OK)
        return status;
    /* The trailer reads the file again to move its index to the front: no use after a failed write. */
    avio_flush(encoder->file->pb);
    code = encoder->file->pb->error;
    if (code >= 0)
        code = av_write_trailer(encoder->file);
    if (code >= 0)
        code = encoder->file->pb->error;
    if (code < 0)
        return fail_av(encoder, code, err);
    code = avio_closep(&encoder->file->pb);
    return code < 0 ? fail_av(encoder, code, err) : LCT_OK;
}
