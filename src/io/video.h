/* video.h -- which frames a video file holds, by looking at its packets only; private to video*.c */
#ifndef LCTEM_IO_VIDEO_H
#define LCTEM_IO_VIDEO_H

#include "reader.h"

#include <libavformat/avformat.h>

/** Frames of a stream in the order in which they are shown. */
struct video_index {
    long n;       /**< frames */
    bool by_pts;  /**< every frame has a time of its own, all different: `pts` is valid and frames can be told by it */
    int64_t *pts; /**< n times in the stream's time base, ascending */
    struct video_key {
        int64_t pts, dts;
    } * keys; /**< where decoding can start, ascending */
    size_t n_keys;
    long hidden; /**< packets that are there but not shown: cut out by an edit list, or never meant to be seen */
    bool broken; /**< the last packet was incomplete, or reading stopped with an error */
};

/** Read all packets of `stream` (the rest of the file is skipped) and list its frames. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status video_index_scan(
    struct video_index *out, AVFormatContext *container, int stream, AVPacket *packet, struct lct_err *err);
void video_index_finish(struct video_index *index);

/** Drop what lies before the first frame that can be decoded (a recording that was cut at no key frame). */
void video_index_start_at(struct video_index *index, int64_t pts);

/** Frame shown at pts, -1: none. */
long video_index_find(const struct video_index *index, int64_t pts);

/** Key frame from which to decode frame `i`; NULL: from the beginning. */
const struct video_key *video_index_key_before(const struct video_index *index, long i);

/** Does the packet belong to the frames of `stream`? */
bool video_packet_counts(const AVPacket *packet, const AVStream *stream);

#endif
