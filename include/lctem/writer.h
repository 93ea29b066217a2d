/* writer.h -- a movie going out: H.264 video, multi-page TIFF, MRC stack, PNG sequence */
#ifndef LCTEM_WRITER_H
#define LCTEM_WRITER_H

#include <lctem/err.h>
#include <stdint.h>

struct lct_writer_params {
    int width, height;      /**< px; video wants even numbers */
    double fps;             /**< frames per second */
    double crf;             /**< video: quality, 0 (lossless) .. 51; 18-23 is usual */
    double pixel_size_nm;   /**< written where the format has a place for it; 0 or NaN: not known */
    double pixel_size_y_nm; /**< 0 or NaN: as pixel_size_nm */
    int bits;               /**< of a sample: 8, 16 (TIFF, PNG, MRC), or 32 (TIFF and MRC: floats) */
    long
        expected_frames; /**< 0: not known; a TIFF that may pass 4 GB becomes a BigTIFF, one that is not known as well */
    const char *note;    /**< one line put into the file, at most 79 characters; borrowed; NULL: none */
};

struct lct_writer; /* opaque; for one thread */

/** Begin a movie; the ending of `path` chooses the format: .mp4 .mkv .mov, .tif .tiff, .mrc .mrcs, or a printf pattern ("f%05d.png").
 *  Until it is closed the file is called `<path>.part`; each PNG has its name once it is whole.
 *  LCT_E_ARG: unknown ending, bad size or pattern. LCT_E_FORMAT: no H.264 encoder. LCT_E_OUTPUT: cannot be created. */
LCT_MUST_CHECK enum lct_status lct_writer_open(
    struct lct_writer **out, const char *path, const struct lct_writer_params *params, struct lct_err *err);

/** Append a frame: width * height samples of 8 or 16 bits, row-major, borrowed. LCT_E_OUTPUT: disk full or the like. */
LCT_MUST_CHECK enum lct_status lct_writer_frame(
    struct lct_writer *writer, const uint16_t *samples, struct lct_err *err);

/** The same with floats, for `bits` 32. */
LCT_MUST_CHECK enum lct_status lct_writer_floats(struct lct_writer *writer, const float *samples, struct lct_err *err);

/** The samples that this path can take of `wanted` (8, 16 or 32 bits): as many bits, or the most its format has. 0: no known ending. */
int lct_writer_bits(const char *path, int wanted);

/** Finish the file, give it its name and free; writes NULL; accepts NULL inside (then LCT_OK). LCT_E_OUTPUT: disk full or the like;
 *  no file is left. */
LCT_MUST_CHECK enum lct_status lct_writer_close(struct lct_writer **writer, struct lct_err *err);

/** Give up: remove what is not finished, free; writes NULL; accepts NULL inside. PNGs that are whole stay. */
void lct_writer_abandon(struct lct_writer **writer);

#endif
