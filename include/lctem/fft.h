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

/** The same for waves that are long along x: only the first `columns` (1 .. width/2+1) of a spectrum are wanted, and those behind
 *  them are 0 where it goes back. Forward leaves there what nobody wants. LCT_E_ARG: there are not so many. */
LCT_MUST_CHECK enum lct_status lct_fft_create_band(
    struct lct_fft **out, int width, int height, int columns, struct lct_err *err);
void lct_fft_destroy(struct lct_fft **fft);

/** Aligned memory for a real plane (width*height) or a spectrum ((width/2+1)*height); free with lct_fft_free. NULL: no memory. */
float *lct_fft_alloc_real(const struct lct_fft *fft);
float complex *lct_fft_alloc_spectrum(const struct lct_fft *fft);
void lct_fft_free(void *memory);

/** `in` is kept. */
void lct_fft_forward(const struct lct_fft *fft, float *in, float complex *out);
/** `in` is destroyed. */
void lct_fft_inverse(const struct lct_fft *fft, float complex *in, float *out);

/** The inverse in two steps, for who wants a few rows of the plane: all columns in place, then one stripe at a time, the rows
 *  LCT_FFT_STRIPE * stripe and what follows; those of `in` are destroyed. Each stripe once. */
enum { LCT_FFT_STRIPE = 8 };
void lct_fft_inverse_columns(const struct lct_fft *fft, float complex *in);
void lct_fft_inverse_stripe(const struct lct_fft *fft, int stripe, float complex *in, float *out);
/** Stripes in a plane; the last one may have fewer rows. */
int lct_fft_stripes(const struct lct_fft *fft);

/** Smallest size >= n that factors into 2, 3, 5 and 7. */
int lct_fft_good_size(int n);

#endif
