/* window.h -- weights that let a picture fade out before a Fourier transform */
#ifndef LCTEM_WINDOW_H
#define LCTEM_WINDOW_H

#include <lctem/err.h>

/** Rectangle of pixels: columns x .. x+width-1, rows y .. y+height-1. */
struct lct_box {
    int x, y, width, height;
};

/** Tukey weights at n samples: a cosine rise over `taper_frac`/2 of the length at each end (0: rectangle, 1: Hann), never
 *  exactly zero at the first sample. `out` has n values and belongs to the caller. */
void lct_window_tukey(float *out, int n, double taper_frac);

/** Smallest box that holds every pixel with ignore[y*width+x] == 0; an empty box (0 x 0) if there is none.
 *  `ignore` NULL: the whole plane. */
struct lct_box lct_window_active(const unsigned char *ignore, int width, int height);

/** Weights of a plane, `out[y*width+x]` in 0..1: zero on ignored pixels, rising smoothly to 1 within about 3*soft_px of them.
 *  `ignore` as above. LCT_E_ARG: a size below 1. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_window_around(
    float *out, const unsigned char *ignore, int width, int height, int soft_px, struct lct_err *err);

#endif
