/* background.h -- the illumination of the empty liquid, and frames brought to a common scale by it */
#ifndef LCTEM_BACKGROUND_H
#define LCTEM_BACKGROUND_H

#include <lctem/err.h>
#include <lctem/image.h>
#include <stdbool.h>
#include <stddef.h>

enum { LCT_BACKGROUND_MAX_TERMS = 10 }; /* a cubic in x and y */

/** Sign of the particles against the liquid. */
enum lct_contrast { LCT_CONTRAST_AUTO = 0, LCT_CONTRAST_DARK, LCT_CONTRAST_BRIGHT };

struct lct_background_params {
    int order;                  /**< of the polynomial in x and y, 0 .. 3; default 3 */
    enum lct_contrast contrast; /**< default auto: the sign of the longer tail */
};
struct lct_background_params lct_background_defaults(void);

/** Block means of a movie: `n_bins` groups of frames (in time), each `columns` x `rows` blocks of the field, row-major
 *  `mean[(bin * rows + row) * columns + column]`; NaN: nothing valid in that block. */
struct lct_blocks {
    int width, height; /**< of the frames, px */
    int block_px;      /**< edge of a block */
    int columns, rows;
    int n_bins;
    float *mean; /**< owned by the caller */
};

/** The liquid's level over the field, the same for the whole movie but for one offset per frame.
 *  ratio: level = exp(p(x,y) + o), a frame is divided by it. Otherwise (grey values that touch or cross zero, or bright
 *  particles): level = p(x,y) + o, and a frame is scaled to liquid 1 and particles below 1 by `range`. */
struct lct_background {
    int width, height, order;
    bool ratio;
    enum lct_contrast contrast;            /**< dark or bright, decided */
    double coef[LCT_BACKGROUND_MAX_TERMS]; /**< of x^i y^j with x, y in -1 .. 1, i + j <= order */
    double range;       /**< grey values between the liquid and the strongest particles; additive form only */
    double noise;       /**< robust sd of a block about the fit, in units of the normalised frame */
    double liquid_frac; /**< share of the blocks taken for liquid */
};

/** Size the grid for frames of width x height: blocks of 8 px, larger where there would be more than 64 in a row. */
void lct_blocks_plan(struct lct_blocks *blocks, int width, int height);

/** Mean of each block over its pixels (`ignore` != 0: left out, may be NULL; NaN never counts) into columns * rows floats. */
void lct_blocks_measure(
    const struct lct_blocks *blocks, const struct lct_image *frame, const unsigned char *ignore, float *mean);

/** Fit the background to the blocks of the whole movie, robustly: the order grows over the rounds, and what counts as
 *  liquid is found from the mode of the residuals and the spread on the side away from the particles, so that
 *  particles over a good part of the field, gradients and film grain do not pull it [equations B1].
 *  LCT_E_NODATA: no valid block, or a field without any grey at all. */
LCT_MUST_CHECK enum lct_status lct_background_fit(struct lct_background *out, const struct lct_blocks *blocks,
    const struct lct_background_params *params, struct lct_err *err);

/** How the light of one frame differs from that of the movie: o + x_slope x + y_slope y with x, y in -1 .. 1. */
struct lct_background_light {
    double offset; /**< NaN: the frame has no liquid to see */
    double x_slope, y_slope;
};

/** The light of one frame from its block means (one bin): robust as the fit of the movie; the slopes are 0 where too little liquid is
 *  seen, or it is seen on one side only [equations B2]. */
struct lct_background_light lct_background_light_of(
    const struct lct_background *background, const struct lct_blocks *grid, const float *mean);

/** Bring a frame to the common scale: liquid 1, particles below 1; NaN and ignored pixels become 1 (liquid). `out` takes the mean of
 *  bin x bin pixels, as lct_image_bin does; with a bin of 1 it may be the frame itself, else `line` has room for frame->width values. */
void lct_background_apply(const struct lct_background *background, struct lct_background_light light,
    const struct lct_image *frame, const unsigned char *ignore, int bin, float *line, struct lct_image *out);

#endif
