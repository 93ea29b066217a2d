/* overlay.h -- the movie with what was found in it drawn on top: drawing a frame, and encoding a video */
#ifndef LCTEM_OVERLAY_H
#define LCTEM_OVERLAY_H

#include <lctem/contour.h>
#include <lctem/err.h>
#include <lctem/image.h>
#include <stddef.h>
#include <stdint.h>

struct lct_overlay_params {
    double pixel_size_nm; /**< nm per px of the frames, for the scale bar; NaN: the bar is in px. Default NaN */
    double fps;           /**< constant frames per second of the video, 0.1 .. 240; NaN: play at the frames' own times.
                               Default NaN */
    double speed;         /**< with the frames' own times: seconds of the film in one second of video, > 0. Default 1 */
    int max_side_px; /**< larger frames are scaled down so that the longer side is this, 64 .. 4096. Default 1024 */
    int quality; /**< 0 (lossless) .. 51; x264's constant rate factor. Default 35: grain is coarser than in the movie, contours are not */
};

struct lct_overlay_params lct_overlay_defaults(void);

/** Where a particle's number is drawn: its centroid, px of the frame. NaN: not drawn. */
struct lct_overlay_label {
    int particle;
    double x_px, y_px;
};

/** What is drawn; everything is borrowed. */
struct lct_overlay_frame {
    const struct lct_image *image;
    double lo, hi; /**< grey values shown black and white; if they are not finite or lo >= hi the frame is mid-grey. NaN
                        pixels are mid-grey as well */
    const struct lct_outline *outlines; /**< n_outlines: cores are drawn solid, outer edges dashed */
    size_t n_outlines;
    const struct lct_overlay_label *labels;
    size_t n_labels;
    long frame;    /**< number in the movie; negative: not shown */
    double time_s; /**< time stamp; NaN: not shown */
};

/** Size of the drawn frames, from that of the movie's: even, at least 16 x 16, small movies magnified. A plain value, to be
 *  shared by all threads that draw. */
struct lct_overlay_layout {
    int width, height;             /**< px of the drawn frame */
    int frame_width, frame_height; /**< px of the movie's frame */
    double zoom;                   /**< drawn px per frame px */
    double nm_per_px;              /**< of the movie's frame; NaN: not known */
};

/** Lay out frames of width x height px. LCT_E_ARG: a size below 1 or a parameter out of its range. */
LCT_MUST_CHECK enum lct_status lct_overlay_layout_make(struct lct_overlay_layout *out, int width, int height,
    const struct lct_overlay_params *params, struct lct_err *err);

/** Draw one frame into `xrgb` (layout->width * layout->height values 0x00RRGGBB, row-major, owned by the caller). Pure: any
 *  number of threads may draw at once. LCT_E_ARG: the image has not the layout's size. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_overlay_draw(const struct lct_overlay_frame *frame,
    const struct lct_overlay_layout *layout, uint32_t *xrgb, struct lct_err *err);

struct lct_overlay; /* an MP4 file that is being written; one thread at a time */

/** Begin `path` (MP4; H.264, or MPEG-4 part 2 where FFmpeg has no x264). Until lct_overlay_finish the file is called
 *  `<path>.part`. The bytes depend on the frames and parameters only.
 *  LCT_E_ARG: parameter out of range. LCT_E_OUTPUT: cannot be written. LCT_E_FORMAT: FFmpeg has no encoder for it. */
LCT_MUST_CHECK enum lct_status lct_overlay_create(struct lct_overlay **out, const char *path,
    const struct lct_overlay_layout *layout, const struct lct_overlay_params *params, struct lct_err *err);

/** Append a drawn frame (as from lct_overlay_draw with the same layout). `time_s`: the frame's time in the movie, where
 *  params.fps is NaN; a time that is NaN or not later than the one before follows it at the last known interval.
 *  LCT_E_OUTPUT: disk full or the like. */
LCT_MUST_CHECK enum lct_status lct_overlay_encode(
    struct lct_overlay *overlay, const uint32_t *xrgb, double time_s, struct lct_err *err);

/** Draw and encode in one call. */
LCT_MUST_CHECK enum lct_status lct_overlay_append(
    struct lct_overlay *overlay, const struct lct_overlay_frame *frame, struct lct_err *err);

/** Write what is left, give the file its name, free; writes NULL. On a fault the file stays `<path>.part`.
 *  LCT_E_NODATA: no frame was appended (no file is left). LCT_E_OUTPUT: disk full or the like. */
LCT_MUST_CHECK enum lct_status lct_overlay_finish(struct lct_overlay **overlay, struct lct_err *err);

/** Give up: close and remove the `.part` file, free; accepts NULL inside; writes NULL. */
void lct_overlay_destroy(struct lct_overlay **overlay);

#endif
