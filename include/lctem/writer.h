/* writer.h -- a movie going out: H.264 video, 16-bit multi-page TIFF, PNG sequence */
#ifndef LCTEM_WRITER_H
#define LCTEM_WRITER_H

#include <lctem/err.h>
#include <stdint.h>

struct lct_writer_params {
    int width, height;    /**< px; video wants even numbers */
    double fps;           /**< frames per second */
    double crf;           /**< video: quality, 0 (lossless) .. 51; 18-23 is usual */
    double pixel_size_nm; /**< written where the format has a place for it; 0 or NaN: not known */
    int bits;             /**< of a sample: 8, or 16 (TIFF and PNG) */
};

struct lct_writer; /* opaque; for one thread */

/** Begin a movie; the ending of `path` chooses the format: .mp4 .mkv .mov, .tif .tiff, or a printf pattern ("f%05d.png").
 *  Until it is closed the file is called `<path>.part`; each PNG has its name once it is whole.
 *  LCT_E_ARG: unknown ending, bad size or pattern. LCT_E_FORMAT: no H.264 encoder. LCT_E_OUTPUT: cannot be created. */
LCT_MUST_CHECK enum lct_status lct_writer_open(
    struct lct_writer **out, const char *path, const struct lct_writer_params *params, struct lct_err *err);

/** Append a frame: width * height samples of `bits` bits, row-major, borrowed. LCT_E_OUTPUT: disk full or the like. */
LCT_MUST_CHECK enum lct_status lct_writer_frame(struct lct_writer *writer, const uint16_t *samples, struct lct_err *err);

/** Finish the file, give it its name and free; writes NULL; accepts NULL inside (then LCT_OK). LCT_E_OUTPUT: disk full or the like;
 *  no file is left. */
LCT_MUST_CHECK enum lct_status lct_writer_close(struct lct_writer **writer, struct lct_err *err);

/** Give up: remove what is not finished, free; writes NULL; accepts NULL inside. PNGs that are whole stay. */
void lct_writer_abandon(struct lct_writer **writer);

#endif
