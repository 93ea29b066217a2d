#include "video.h"

#include <stdlib.h>
#include <string.h>

/* VP8 keeps pictures that are never shown as packets of their own: bit 4 of the first byte says "show". */
static bool is_hidden(const AVPacket *packet, const AVStream *stream)
{
    return stream->codecpar->codec_id == AV_CODEC_ID_VP8 && packet->size > 0 && !(packet->data[0] & 0x10);
}

bool video_packet_counts(const AVPacket *packet, const AVStream *stream)
{
    return packet->stream_index == stream->index && packet->size > 0
        && !(packet->flags & (AV_PKT_FLAG_DISCARD | AV_PKT_FLAG_CORRUPT)) && !is_hidden(packet, stream);
}

static int compare_times(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int compare_keys(const void *a, const void *b)
{
    return compare_times(&((const struct video_key *)a)->pts, &((const struct video_key *)b)->pts);
}

/* Room for one more element; the capacity doubles whenever n is a power of two. */
static bool grow(void *array, size_t n, size_t size)
{
    if (n & (n - 1))
        return true;
    void *old, *grown;
    memcpy(&old, array, sizeof old);
    const size_t capacity = n ? 2 * n : 1;
    if (capacity > SIZE_MAX / size || !(grown = realloc(old, capacity * size)))
        return false;
    memcpy(array, &grown, sizeof grown);
    return true;
}

static bool add(struct video_index *index, const AVPacket *packet)
{
    if (packet->pts == AV_NOPTS_VALUE)
        index->by_pts = false;
    if (!grow(&index->pts, (size_t)index->n, sizeof *index->pts))
        return false;
    index->pts[index->n++] = packet->pts;
    if (packet->flags & AV_PKT_FLAG_KEY && packet->pts != AV_NOPTS_VALUE) {
        if (!grow(&index->keys, index->n_keys, sizeof *index->keys))
            return false;
        const int64_t dts = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
        index->keys[index->n_keys++] = (struct video_key){ packet->pts, dts };
    }
    return true;
}

static void sort(struct video_index *index)
{
    if (index->n > 1)
        qsort(index->pts, (size_t)index->n, sizeof *index->pts, compare_times);
    if (index->n_keys > 1)
        qsort(index->keys, index->n_keys, sizeof *index->keys, compare_keys);
    for (long i = 1; i < index->n && index->by_pts; i++)
        index->by_pts = index->pts[i] != index->pts[i - 1];
}

enum lct_status video_index_scan(
    struct video_index *out, AVFormatContext *container, int stream, AVPacket *packet, struct lct_err *err)
{
    *out = (struct video_index){ .by_pts = true };
    bool fits = true;
    int code;
    while (fits && (code = av_read_frame(container, packet)) >= 0) {
        if (packet->stream_index == stream && packet->flags & AV_PKT_FLAG_CORRUPT)
            out->broken = true;
        if (video_packet_counts(packet, container->streams[stream]))
            fits = add(out, packet);
        else if (packet->stream_index == stream && !(packet->flags & AV_PKT_FLAG_CORRUPT))
            out->hidden++;
        av_packet_unref(packet);
    }
    if (!fits)
        return lct_fail(err, LCT_E_LIMIT, "no memory for the index of %ld frames", out->n);
    if (code != AVERROR_EOF || (container->pb && container->pb->error))
        out->broken = true;
    sort(out);
    return LCT_OK;
}

void video_index_finish(struct video_index *index)
{
    free(index->pts);
    free(index->keys);
    *index = (struct video_index){ 0 };
}

void video_index_start_at(struct video_index *index, int64_t pts)
{
    const long first = video_index_find(index, pts);
    if (first <= 0)
        return;
    index->n -= first;
    memmove(index->pts, index->pts + first, (size_t)index->n * sizeof *index->pts);
}

long video_index_find(const struct video_index *index, int64_t pts)
{
    const int64_t *found =
        index->by_pts && index->n > 0 ? bsearch(&pts, index->pts, (size_t)index->n, sizeof pts, compare_times) : NULL;
    return found ? (long)(found - index->pts) : -1;
}

const struct video_key *video_index_key_before(const struct video_index *index, long i)
{
    size_t n = 0;
    while (n < index->n_keys && index->keys[n].pts <= index->pts[i])
        n++;
    /* One key frame further back than seems needed: with open groups of pictures or a rolling refresh the frames
     * right behind a key frame still lean on what was before it. */
    return n >= 3 ? &index->keys[n - 2] : NULL;
}
