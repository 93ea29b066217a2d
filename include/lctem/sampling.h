/* sampling.h -- planes binned, smoothed and shifted */
#ifndef LCTEM_SAMPLING_H
#define LCTEM_SAMPLING_H

#include <lctem/err.h>
#include <lctem/image.h>

/** Mean of bin x bin pixels; `out` has floor(width / bin) x floor(height / bin) pixels, initialised by the caller.
 *  The centre of output pixel (0,0) lies at (bin - 1) / 2 of the input. */
void lct_image_bin(const struct lct_image *in, int bin, struct lct_image *out);

/** Add the bin pixels row[x bin] .. to sum[x], for x below n: a row's share of the above, before it is divided. */
void lct_row_add_binned(const float *row, int bin, int n, float *sum);

/** A sampled Gaussian, normalised to sum 1: taps[0] is the centre, taps[k] the weight at +-k px. */
enum { LCT_GAUSSIAN_MAX_TAPS = 64 };
struct lct_gaussian {
    int radius; /**< taps beyond it are left out: 3.5 sigma, at most LCT_GAUSSIAN_MAX_TAPS - 1 */
    float taps[LCT_GAUSSIAN_MAX_TAPS];
};
struct lct_gaussian lct_gaussian_make(double sigma_px);

/** Value between pixels, bilinear, the border pixels repeated outwards; the image is 2 x 2 px at least. */
double lct_image_at(const struct lct_image *image, double x_px, double y_px);

/** The same at `n` points of a straight line, (x_px, y_px) and then steps of (dx_px, dy_px), into out[0 .. n-1]; in floats, which
 *  is as much as the pixels are, for lines of up to some thousand pixels. */
struct lct_image_line {
    double x_px, y_px, dx_px, dy_px;
    int n;
};
void lct_image_along(const struct lct_image *image, const struct lct_image_line *line, double *out);

/** Smooth by a separable Gaussian, the border pixels repeated outwards. `scratch` has the size of `image`. */
void lct_image_smooth(struct lct_image *image, const struct lct_gaussian *gaussian, struct lct_image *scratch);

/** out(x, y) = in(x + dx_px, y + dy_px), bilinear, the border pixels repeated outwards; |shift| below 1 px costs one
 *  pass. `out` must not be `in`. */
void lct_image_shift(const struct lct_image *in, double dx_px, double dy_px, struct lct_image *out);

#endif
