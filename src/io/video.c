#include "avpicture.h"
#include "video.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libavutil/pixdesc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Containers of moving pictures. Left out on purpose: playlists and scripts (hls, dash, concat), which would open other
 * files or hosts; text that FFmpeg would render (tty, subtitles); devices; bare sound. */
static const char containers[] =
    "mov,matroska,avi,mpegts,mpeg,mpegvideo,h264,hevc,m4v,mjpeg,mjpeg_2000,flv,asf,gif,apng,"
    "ogg,nut,mxf,yuv4mpegpipe,ivf,obu,av1,dv,wtv,swf,rm,vc1,vc1test,dirac,dnxhd,y4m,cine,gxf,"
    "roq,smk,flic,nsv,nuv,bink,ser";

struct video {
    AVFormatContext *container;
    const AVInputFormat *format;
    AVCodecContext *decoder;
    AVStream *stream;
    AVPacket *packet;
    AVFrame *picture;
    struct video_index index;
    uint32_t *scratch;
    int threads;
    long at;         /* frame that `picture` holds, -1: none */
    bool from_start; /* decoding began at the first packet and counts on */
    bool draining, ended;
};

static const AVInputFormat *probe_format(const unsigned char *head, size_t n)
{
    unsigned char *copy = calloc(1, n + AVPROBE_PADDING_SIZE);
    if (!copy)
        return NULL;
    memcpy(copy, head, n);
    const AVProbeData data = { .filename = "", .buf = copy, .buf_size = (int)n };
    int score = AVPROBE_SCORE_RETRY;
    const AVInputFormat *format = av_probe_input_format2(&data, 1, &score);
    free(copy);
    return format;
}

static bool is_listed(const AVInputFormat *format)
{
    /* the first of a format's names ("mov,mp4,m4a,...") */
    char wanted[64];
    const size_t n = strcspn(format->name, ",");
    if (n + 3 > sizeof wanted)
        return false;
    wanted[0] = ',';
    memcpy(wanted + 1, format->name, n);
    wanted[n + 1] = '\0';
    for (const char *at = containers; at; at = strchr(at + 1, ',')) {
        const char *word = *at == ',' ? at + 1 : at;
        if (strncmp(word, wanted + 1, n) == 0 && (word[n] == ',' || word[n] == '\0'))
            return true;
    }
    return false;
}

static bool probe(const unsigned char *head, size_t n, const char *path)
{
    (void)path;
    if (!head)
        return false;
    lct_picture_tame();
    const AVInputFormat *format = probe_format(head, n);
    return format && is_listed(format);
}

static enum lct_status open_container(struct video *v, const char *path, struct lct_err *err)
{
    char *url = av_asprintf("file:%s", path); /* or a name with a colon would be taken for a protocol */
    AVDictionary *options = NULL;
    av_dict_set(&options, "protocol_whitelist", "file", 0);
    av_dict_set(&options, "format_whitelist", containers, 0);
    const int code = url ? avformat_open_input(&v->container, url, v->format, &options) : AVERROR(ENOMEM);
    av_dict_free(&options);
    av_free(url);
    if (!url)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    if (code == AVERROR(ENOMEM))
        return lct_fail(err, LCT_E_INPUT, "the header asks for more memory than there is; it is damaged");
    if (code < 0)
        return lct_fail(err, LCT_E_INPUT, "the video cannot be opened, its index is missing or damaged: %s",
            "was the recording or the copy broken off?");
    v->format = v->container->iformat;
    if (avformat_find_stream_info(v->container, NULL) < 0)
        return lct_fail(err, LCT_E_INPUT, "the video's streams cannot be made out; the file is damaged or cut off");
    return LCT_OK;
}

static enum lct_status find_stream(struct video *v, struct lct_err *err)
{
    v->stream = NULL;
    for (unsigned i = 0; i < v->container->nb_streams; i++) {
        AVStream *s = v->container->streams[i];
        const bool wanted = s->codecpar->codec_type == AVMEDIA_TYPE_VIDEO
            && !(s->disposition & AV_DISPOSITION_ATTACHED_PIC) && !v->stream;
        s->discard = wanted ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
        if (wanted)
            v->stream = s;
    }
    if (v->stream)
        return LCT_OK;
    if (v->container->nb_streams == 0)
        return lct_fail(err, LCT_E_INPUT, "there is no stream in it; the file is damaged or cut off");
    return lct_fail(err, LCT_E_FORMAT, "no moving pictures in it, only sound or data");
}

static enum lct_status open_decoder(struct video *v, struct lct_err *err)
{
    const AVCodecParameters *par = v->stream->codecpar;
    const AVCodec *codec = avcodec_find_decoder(par->codec_id);
    if (!codec)
        return lct_fail(err, LCT_E_FORMAT, "this FFmpeg has no decoder for %s; convert the movie elsewhere",
            avcodec_get_name(par->codec_id));
    v->decoder = avcodec_alloc_context3(codec);
    if (!v->decoder || avcodec_parameters_to_context(v->decoder, par) < 0)
        return lct_fail(err, LCT_E_LIMIT, "no memory for a decoder");
    /* two more than there are cores for: one is waited for in its order, and who takes the pictures keeps none of them waiting */
    v->decoder->thread_count = v->threads > 1 ? v->threads + 2 : v->threads;
    v->decoder->pkt_timebase = v->stream->time_base;
    v->decoder->max_pixels = LCT_MAX_AREA_PX;
    v->decoder->flags |= AV_CODEC_FLAG_BITEXACT;
    if (avcodec_open2(v->decoder, codec, NULL) < 0)
        return lct_fail(err, LCT_E_FORMAT, "the decoder for %s cannot be started", avcodec_get_name(par->codec_id));
    return LCT_OK;
}

static void shut(struct video *v)
{
    avcodec_free_context(&v->decoder);
    avformat_close_input(&v->container);
    v->stream = NULL;
}

/* Opening the file again is the one way back to the first packet that works for every container. */
static enum lct_status start(struct video *v, const char *path, struct lct_err *err)
{
    shut(v);
    enum lct_status status = open_container(v, path, err);
    if (status == LCT_OK)
        status = find_stream(v, err);
    if (status == LCT_OK)
        status = open_decoder(v, err);
    v->at = -1;
    v->from_start = true;
    v->draining = v->ended = false;
    return status;
}

/* Give the decoder its next packet. What it cannot use it skips; the frame is then missing, which `read` notices. */
static void feed(struct video *v)
{
    while (!v->draining) {
        if (av_read_frame(v->container, v->packet) < 0) {
            avcodec_send_packet(v->decoder, NULL);
            v->draining = true;
            return;
        }
        const bool ours = v->packet->stream_index == v->stream->index && !(v->packet->flags & AV_PKT_FLAG_CORRUPT);
        const int code = ours ? avcodec_send_packet(v->decoder, v->packet) : AVERROR_INVALIDDATA;
        av_packet_unref(v->packet);
        if (code >= 0)
            return;
    }
}

/* Frame number of the picture at hand. */
static long number(const struct video *v, long previous)
{
    const AVFrame *p = v->picture;
    if (v->index.by_pts)
        return video_index_find(&v->index, p->pts != AV_NOPTS_VALUE ? p->pts : p->best_effort_timestamp);
    return previous + 1;
}

/* Decode the next frame into v->picture; false: the movie is over. Frames that are in no list (before the first one that is
 * whole) are passed over. */
static bool advance(struct video *v)
{
    const long previous = v->at;
    while (!v->ended) {
        const int code = avcodec_receive_frame(v->decoder, v->picture);
        if (code == AVERROR(EAGAIN)) {
            feed(v);
        } else if (code == AVERROR_EOF) {
            v->ended = true;
        } else if (code >= 0) {
            const long n = number(v, previous);
            if (n >= 0) {
                v->at = n;
                return true;
            }
        }
    }
    return false;
}

static bool is_damaged(const AVFrame *picture)
{
    return picture->decode_error_flags || picture->flags & AV_FRAME_FLAG_CORRUPT;
}

/* Put decoder and file where frame `index` will come by. Falls back to the beginning. */
static enum lct_status go_to(struct video *v, long index, const char *path, struct lct_err *err)
{
    const struct video_key *key = v->index.by_pts ? video_index_key_before(&v->index, index) : NULL;
    const long key_frame = key ? video_index_find(&v->index, key->pts) : 0;
    const bool ahead = v->at >= 0 && v->at < index && !v->ended;
    if (ahead && (!key || key_frame <= v->at))
        return LCT_OK;
    if (!key)
        return v->at < 0 && v->from_start && !v->ended ? LCT_OK : start(v, path, err);
    if (avformat_seek_file(v->container, v->stream->index, INT64_MIN, key->dts, key->dts, 0) < 0)
        return start(v, path, err);
    avcodec_flush_buffers(v->decoder);
    v->at = -1;
    v->from_start = v->draining = v->ended = false;
    return LCT_OK;
}

/* Frames from the one at hand on, up to `index`; false: it never came. */
static bool decode_up_to(struct video *v, long index)
{
    while (v->at < index)
        if (!advance(v))
            return false;
    return v->at == index;
}

static enum lct_status missing_frame(struct lct_source *source, struct video *v, long index, struct lct_err *err)
{
    if (!v->ended)
        return lct_fail(err, LCT_E_INPUT, "frame %ld cannot be decoded; leave it out with --frames", index);
    lct_source_cut(
        source, v->at + 1, "it ends after frame %ld, %ld frames were announced", v->at, source->info.n_frames);
    return LCT_END;
}

static enum lct_status read_video(
    struct lct_source *source, long index, struct lct_image *out, double *time_s, struct lct_err *err)
{
    struct video *v = source->state;
    enum lct_status status = LCT_OK;
    if (v->at != index || !v->picture->buf[0]) {
        status = go_to(v, index, source->info.path, err);
        if (status == LCT_OK && !decode_up_to(v, index) && !v->from_start) {
            /* the container led us astray: once more, from the beginning */
            status = start(v, source->info.path, err);
            if (status == LCT_OK)
                decode_up_to(v, index);
        }
        if (status != LCT_OK)
            return status;
        if (v->at != index)
            return missing_frame(source, v, index, err);
    }
    if (is_damaged(v->picture)) {
        if (index < source->info.n_frames - 1)
            return lct_fail(err, LCT_E_INPUT, "frame %ld is damaged; leave it out with --frames", index);
        lct_source_cut(source, index, "its last frame (%ld) is incomplete", index);
        return LCT_END;
    }
    status = lct_picture_to_grey(v->picture, out, v->scratch, err);
    if (status == LCT_OK && v->index.by_pts)
        *time_s = (double)(v->index.pts[index] - v->index.pts[0]) * av_q2d(v->stream->time_base);
    if (status == LCT_E_FORMAT) {
        char where[32];
        snprintf(where, sizeof where, "frame %ld", index);
        return lct_fail_in(err, status, where);
    }
    return status;
}

static void note_dictionary(struct lct_source *source, const AVDictionary *dictionary)
{
    const AVDictionaryEntry *entry = NULL;
    while ((entry = av_dict_get(dictionary, "", entry, AV_DICT_IGNORE_SUFFIX)))
        lct_source_note(source, entry->key, entry->value, SIZE_MAX);
    entry = av_dict_get(dictionary, "comment", NULL, 0);
    if (entry)
        lct_source_take_note(source, entry->value);
}

/* Frame interval: what most frames keep, which the median is; the rate in the header is the fallback. */
static double frame_time(const struct video *v)
{
    const double tick_s = av_q2d(v->stream->time_base);
    const struct video_index *x = &v->index;
    const AVRational rate = v->stream->avg_frame_rate.num > 0 ? v->stream->avg_frame_rate : v->stream->r_frame_rate;
    if (x->by_pts && x->n > 1) {
        const double mean_s = (double)(x->pts[x->n - 1] - x->pts[0]) * tick_s / (double)(x->n - 1);
        const double rate_s = rate.num > 0 && rate.den > 0 ? av_q2d(av_inv_q(rate)) : NAN;
        /* the header's fraction is exact where the times are rounded to the container's ticks */
        return fabs(rate_s - mean_s) * (double)(x->n - 1) <= 1.5 * tick_s ? rate_s : mean_s;
    }
    return rate.num > 0 && rate.den > 0 ? av_q2d(av_inv_q(rate)) : NAN;
}

/* Does the file hold less than its header announced? */
static void check_whole(struct lct_source *source, const struct video *v)
{
    struct lct_source_info *info = &source->info;
    const AVFormatContext *c = v->container;
    const double there_s = info->duration_s;
    const double announced_s = v->stream->duration != AV_NOPTS_VALUE
        ? (double)v->stream->duration * av_q2d(v->stream->time_base)
        : c->duration != AV_NOPTS_VALUE && c->nb_streams == 1
            && c->duration_estimation_method == AVFMT_DURATION_FROM_STREAM
        ? (double)c->duration / AV_TIME_BASE
        : NAN;
    if (v->index.broken)
        lct_source_cut(source, info->n_frames, "the rest of the file is missing or unreadable after %ld whole frames%s",
            info->n_frames, v->stream->nb_frames > info->n_frames ? ", more were announced" : "");
    else if (v->stream->nb_frames > info->n_frames + v->index.hidden)
        lct_source_cut(source, info->n_frames, "%ld frames are there, %lld were announced", info->n_frames,
            (long long)v->stream->nb_frames);
    else if (announced_s - there_s > 1.5 * info->frame_time_s + 0.002 && v->index.hidden == 0
        && v->stream->nb_frames == 0)
        lct_source_cut(source, info->n_frames, "%ld frames are there (%.6g s), %.6g s were announced", info->n_frames,
            there_s, announced_s);
}

static void describe_times(struct lct_source *source, struct video *v)
{
    struct lct_source_info *info = &source->info;
    const struct video_index *x = &v->index;
    info->n_frames = x->n;
    info->frame_time_s = frame_time(v);
    info->duration_s = info->frame_time_s * (double)x->n;
    if (x->by_pts && x->n > 1)
        info->duration_s = (double)(x->pts[x->n - 1] - x->pts[0]) * av_q2d(v->stream->time_base) + info->frame_time_s;
    lct_source_note(source, "container", v->format->long_name ? v->format->long_name : v->format->name, SIZE_MAX);
    lct_source_note(source, "codec", avcodec_get_name(v->stream->codecpar->codec_id), SIZE_MAX);
    if (v->decoder->codec && av_get_pix_fmt_name(v->picture->format))
        lct_source_note(source, "pixel_format", av_get_pix_fmt_name(v->picture->format), SIZE_MAX);
    note_dictionary(source, v->container->metadata);
    note_dictionary(source, v->stream->metadata);
    if (!x->by_pts)
        lct_source_warn(source, "the container has no usable time for each frame; times follow from the frame rate");
}

/* The first frame tells the size and the type of the pixels, which headers get wrong, and where the movie really begins. */
static enum lct_status decode_first(struct lct_source *source, struct video *v, struct lct_err *err)
{
    enum lct_status status = start(v, source->info.path, err);
    if (status != LCT_OK)
        return status;
    if (!advance(v))
        return lct_fail(err, LCT_E_INPUT, "not one frame can be decoded; the file is damaged or cut off");
    if (v->index.by_pts && v->at > 0) {
        lct_source_warn(source, "the first %ld frames lean on pictures that are not in the file; left out", v->at);
        video_index_start_at(&v->index, v->index.pts[v->at]);
        v->at = 0;
    }
    status = lct_picture_describe(&source->info, v->picture, err);
    if (status != LCT_OK)
        return status;
    const int raw_bits = v->stream->codecpar->bits_per_raw_sample;
    if (raw_bits > 0 && raw_bits < source->info.bits)
        source->info.bits = raw_bits;
    v->scratch = calloc((size_t)source->info.width, 3 * sizeof *v->scratch);
    return v->scratch ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory");
}

static enum lct_status open_video(
    struct lct_source *source, const struct lct_source_params *params, struct lct_err *err)
{
    lct_picture_tame();
    struct video *v = calloc(1, sizeof *v);
    if (!v)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    source->state = v;
    v->threads = params->threads;
    v->packet = av_packet_alloc();
    v->picture = av_frame_alloc();
    if (!v->packet || !v->picture)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    enum lct_status status = open_container(v, source->info.path, err);
    if (status == LCT_OK)
        status = find_stream(v, err);
    if (status == LCT_OK)
        status = video_index_scan(&v->index, v->container, v->stream->index, v->packet, err);
    if (status == LCT_OK && v->index.n == 0)
        status = lct_fail(err, LCT_E_INPUT, "not one whole frame in it; the file is cut off");
    if (status == LCT_OK)
        status = decode_first(source, v, err);
    if (status != LCT_OK)
        return status;
    describe_times(source, v);
    check_whole(source, v);
    return LCT_OK;
}

static void close_video(struct lct_source *source)
{
    struct video *v = source->state;
    if (!v)
        return;
    shut(v);
    video_index_finish(&v->index);
    av_packet_free(&v->packet);
    av_frame_free(&v->picture);
    free(v->scratch);
    free(v);
    source->state = NULL;
}

static void say_version(lct_version_fn *say, void *context, const char *library, unsigned version)
{
    char text[32];
    snprintf(
        text, sizeof text, "%u.%u.%u", AV_VERSION_MAJOR(version), AV_VERSION_MINOR(version), AV_VERSION_MICRO(version));
    say(context, library, text);
}

static void versions(lct_version_fn *say, void *context)
{
    say(context, "FFmpeg", av_version_info());
    say_version(say, context, "libavformat", avformat_version());
    say_version(say, context, "libavcodec", avcodec_version());
    say_version(say, context, "libavutil", avutil_version());
}

const struct lct_reader lct_reader_video = {
    .name = "video",
    .still = false,
    .probe = probe,
    .open = open_video,
    .read = read_video,
    .close = close_video,
    .versions = versions,
};
