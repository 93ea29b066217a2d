/* fft.h -- two-dimensional Fourier transforms of real planes; the one door to FFTW */
#ifndef LCTEM_FFT_H
#define LCTEM_FFT_H

#include <lctem/err.h>
#include <complex.h>
#include <stddef.h>

/** Plans for one size, made once; FFTW_ESTIMATE, so that the same input gives the same bytes on every run. A plan can be
 *  executed from several threads at once on different arrays from lct_fft_alloc_*. */
struct lct_fft;

/** Plans for width x height, real -> half-complex of (width/2+1) x height, and back (unnormalised: a round trip multiplies
 *  by width*height). Thread-safe. */
LCT_MUST_CHECK enum lct_status lct_fft_create(struct lct_fft **out, int width, int height, struct lct_err *err);
void lct_fft_destroy(struct lct_fft **fft);

/** Aligned memory for a real plane (width*height) or a spectrum ((width/2+1)*height); free with lct_fft_free. NULL: no memory. */
float *lct_fft_alloc_real(const struct lct_fft *fft);
float complex *lct_fft_alloc_spectrum(const struct lct_fft *fft);
void lct_fft_free(void *memory);

/** `in` is kept. */
void lct_fft_forward(const struct lct_fft *fft, float *in, float complex *out);
/** `in` is destroyed. */
void lct_fft_inverse(const struct lct_fft *fft, float complex *in, float *out);

/** Smallest size >= n that factors into 2, 3, 5 and 7. */
int lct_fft_good_size(int n);

#endif
