/* encoder.h -- pictures into a video file; the one door to FFmpeg for writing */
#ifndef LCTEM_ENCODER_H
#define LCTEM_ENCODER_H

#include <lctem/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lct_encoder_params {
    int width, height;  /**< px, even */
    double fps;         /**< announced rate, > 0 */
    int ticks_per_s;    /**< times are given in 1 / ticks_per_s; 0: in 1 / fps, at a constant rate */
    const char *preset; /**< x264's: "ultrafast", "veryfast", ... */
    double crf;         /**< x264's quality, 0 (lossless) .. 51 */
    int chroma_offset;  /**< -12 .. 12 on the quality of colours; below 0: finer. For thin lines over grey */
    int keyframe_every; /**< 0: the encoder's choice */
    bool in_order;      /**< packets leave in the order of the frames */
    bool full_range;    /**< grey of 0 .. 255; else colour of BT.601, 16 .. 235 */
    bool index_first;   /**< the file can be played while it is loaded */
    bool any_codec;     /**< MPEG-4 part 2 where FFmpeg has no x264; else that is a fault */
    int threads;        /**< the bytes depend on it */
    const char *note;   /**< comment in the file; NULL: none */
};

struct lct_encoder; /* opaque; one thread at a time */

/** Begin the file `part`; the ending of `path`, which stands in messages, chooses the container (mp4 where it has none that is
 *  known). LCT_E_FORMAT: no encoder, or one that refuses the size. LCT_E_OUTPUT: cannot be created. */
LCT_MUST_CHECK enum lct_status lct_encoder_open(struct lct_encoder **out, const char *path, const char *part,
    const struct lct_encoder_params *params, struct lct_err *err);

/** Planes to fill: luma of width x height, the two of chroma half of it each way; `stride` bytes from row to row. Borrowed until
 *  lct_encoder_send. */
struct lct_encoder_planes {
    unsigned char *plane[3];
    ptrdiff_t stride[3];
};
LCT_MUST_CHECK enum lct_status lct_encoder_planes(
    struct lct_encoder *encoder, struct lct_encoder_planes *out, struct lct_err *err);

/** Encode them as the frame at `time`, rising; `duration` in the same units (of the last frame it counts), 0: not said. */
LCT_MUST_CHECK enum lct_status lct_encoder_send(
    struct lct_encoder *encoder, int64_t time, int64_t duration, struct lct_err *err);

/** Write what is left and close the file. LCT_E_OUTPUT: disk full or the like. */
LCT_MUST_CHECK enum lct_status lct_encoder_finish(struct lct_encoder *encoder, struct lct_err *err);

/** Free; closes a file that is not finished; accepts NULL inside; writes NULL. The file stays. */
void lct_encoder_destroy(struct lct_encoder **encoder);

/** Was a file created (which has to be removed after a fault)? */
bool lct_encoder_began(const struct lct_encoder *encoder);

#endif
