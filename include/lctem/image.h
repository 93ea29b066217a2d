/* image.h -- one float32 plane, and the scale that turns pixels into nanometres */
#ifndef LCTEM_IMAGE_H
#define LCTEM_IMAGE_H

#include <lctem/err.h>
#include <stddef.h>

/** A plane of float pixels, row-major `px[y * width + x]`, x to the right, y down, pixel centres at
 *  integers, origin at the centre of the top-left pixel. NaN marks a pixel that is not known. */
struct lct_image {
    int width, height;
    float *px; /**< width * height values, owned */
};

/** Pixels <-> nanometres and frames <-> seconds. NaN: not known; lengths then stay in px. */
struct lct_scale {
    double nm_per_px;   /**< along x */
    double nm_per_px_y; /**< along y; equal to nm_per_px for square pixels */
    double s_per_frame;
};

/** Allocate a zeroed plane of width x height. `out->px` must be NULL or owned by nobody.
 *  LCT_E_ARG: a size below 1. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_image_init(struct lct_image *out, int width, int height, struct lct_err *err);

/** Free the pixels; accepts a zeroed struct; leaves it zeroed. */
void lct_image_finish(struct lct_image *image);

/** Standard deviation of the pixels; NaN pixels make it NaN. */
double lct_image_sd(const struct lct_image *image);

/** Number of pixels. */
static inline size_t lct_image_count(const struct lct_image *image)
{
    return (size_t)image->width * (size_t)image->height;
}

#endif
