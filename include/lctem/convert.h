/* convert.h -- a movie written again in another format, with what is known about its scale and its times */
#ifndef LCTEM_CONVERT_H
#define LCTEM_CONVERT_H

#include <lctem/err.h>
#include <lctem/log.h>
#include <lctem/progress.h>
#include <lctem/recipe.h>

/** What was written. */
struct lct_converted {
    long n_frames;
    int width, height, bits;                             /**< px; bits of a sample, 32: floats */
    double pixel_size_nm, pixel_size_y_nm, frame_time_s; /**< NaN: not known */
    double grey_offset, grey_step; /**< value in the movie = grey_offset + grey_step * value in the file; 0, 1 unless
                                                        the format has too few bits */
};

/** Write the frames of `movie` that `recipe` asks for (frames, roi, bin, align, pixel_size, frame_time) to recipe->output, whose ending
 *  chooses the format, see writer.h. Samples keep their type where the format has it; binned or aligned ones become floats in TIFF
 *  and MRC. Where a format has fewer bits, the range of the movie is spread over them and said in the file. The memory of a few
 *  frames. Sizes of a video are even: a last odd row or column is left out.
 *  LCT_E_ARG: no output, or settings that do not fit the movie. LCT_E_OUTPUT: exists (give force), or cannot be written.
 *  LCT_E_INPUT, LCT_E_FORMAT: the movie cannot be read. LCT_E_CANCELLED: nothing is left but whole PNGs. */
LCT_MUST_CHECK enum lct_status lct_convert(struct lct_converted *out, const char *movie,
    const struct lct_recipe *recipe, const struct lct_progress *progress, const struct lct_log *log,
    struct lct_err *err);

#endif
