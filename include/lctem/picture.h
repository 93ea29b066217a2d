/* picture.h -- still pictures: PNG files, and the preview of a segmentation */
#ifndef LCTEM_PICTURE_H
#define LCTEM_PICTURE_H

#include <lctem/err.h>
#include <lctem/image.h>
#include <lctem/overlay.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A colour picture. */
struct lct_picture {
    int width, height;
    uint32_t *xrgb; /**< width * height values 0x00RRGGBB, row-major, owned */
};

/** Allocate a black picture. LCT_E_ARG: a size below 1. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_picture_init(struct lct_picture *out, int width, int height, struct lct_err *err);
/** Free the pixels; accepts a zeroed struct; leaves it zeroed. */
void lct_picture_finish(struct lct_picture *picture);

/** Display range of a frame: the 0.2 and 99.8 percent quantiles of its finite pixels, widened by 5 percent, so that hot
 *  pixels do not darken it. NaN, NaN: no finite pixel. */
void lct_picture_range(const struct lct_image *image, double *lo, double *hi);

/** A frame as a grey picture, one pixel each; NaN and frames without a range (see struct lct_overlay_frame): mid-grey. */
LCT_MUST_CHECK enum lct_status lct_picture_from_image(
    struct lct_picture *out, const struct lct_image *image, double lo, double hi, struct lct_err *err);

/** Write a PNG file (8-bit grey where all pixels are grey, else RGB); it appears under its name only when it is whole.
 *  LCT_E_OUTPUT: cannot be written. */
LCT_MUST_CHECK enum lct_status lct_picture_write(
    const struct lct_picture *picture, const char *path, struct lct_err *err);

/** The greys of a smoothed plane, on a scale where the liquid is 1. */
enum { LCT_PREVIEW_BINS = 96 };
struct lct_preview_levels {
    double shell, core, noise_sd;
    bool has_shell;
    double low, high;                   /**< range of the histogram */
    double histogram[LCT_PREVIEW_BINS]; /**< pixels in each bin */
};

/** What the preview shows; borrowed. */
struct lct_preview {
    struct lct_overlay_frame frame;
    const struct lct_image
        *plane; /**< smoothed and normalised, the same field in its own pixels; NULL: no probabilities */
    const struct lct_image
        *power; /**< square, log10 of power over noise, zero frequency in the middle; NULL: no spectrum */
    const struct lct_preview_levels *levels; /**< NULL: no particle */
    double pixel_size_nm;                    /**< NaN: scale bar in px */
    const char *title;                       /**< UTF-8, one line; NULL: none */
    const char *const *lines; /**< n_lines lines of text below the pictures: levels, areas, what was found */
    size_t n_lines;
};

/** Compose a title, the frame as recorded on the left, the same frame with the segmentation drawn on it on the right, below them
 *  probabilities, spectrum and levels (left out where plane, power and levels are all NULL), and the lines of text. Frames below 700 px are magnified twofold or more, above 1024 px scaled down.
 *  LCT_E_ARG: no image. LCT_E_LIMIT: no memory. `out` is initialised here, only on LCT_OK. */
LCT_MUST_CHECK enum lct_status lct_preview_compose(
    struct lct_picture *out, const struct lct_preview *preview, struct lct_err *err);

#endif
