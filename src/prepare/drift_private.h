/* drift_private.h -- the plan that drift.c makes and drift_follow.c uses */
#ifndef LCT_DRIFT_PRIVATE_H
#define LCT_DRIFT_PRIVATE_H

#include <lctem/drift.h>
#include <lctem/fft.h>
#include <lctem/window.h>
#include <complex.h>
#include <math.h>
#include <stdbool.h>

/* What a checkpoint keeps besides the reference. */
struct drift_memory {
    unsigned long long magic, count;
    double last[2];    /* px of the working grid */
    double origin_var; /* variance of the first frame's own place, working px^2 */
    long frames;       /* weight of the reference */
    long anchored;
};

struct lct_drift {
    struct lct_drift_params params;
    int width, height;       /* of a frame */
    struct lct_box box;      /* the part of it that is picture */
    int bin;                 /* px of the frame in one of the working grid: 1, 2, 4, ... */
    int cols, rows;          /* working grid */
    int fft_cols, fft_rows;  /* ... padded */
    double finest, coarsest; /* band, working px */
    float *window;           /* cols * rows */
    double spread;           /* how much the window correlates neighbouring coefficients: factor on variances */
    struct lct_fft *fft;
    int n_kx, n_ky;           /* kept: kx = 0 .. n_kx-1, ky = -n_ky .. n_ky; the row of ky is ky + n_ky */
    float *band;              /* n_kx * (2 n_ky + 1): 0, or how often the coefficient counts (1 or 2) */
    float *guard;             /* the same for wavelengths above the band */
    float complex *reference; /* mean of the aligned spectra */
    struct drift_memory memory;
    float complex *product;  /* scratch of follow: frame x conj(reference), kept coefficients */
    float complex *spectrum; /* the same, laid out for the inverse transform */
    float *correlation;      /* fft_cols * fft_rows */
    bool *stripe_done;       /* per stripe of its rows: transformed back */
    float complex *ramp;     /* twice n_kx + 2 n_ky + 1 phase factors */
};

static inline size_t drift_count(const struct lct_drift *d)
{
    return (size_t)d->n_kx * (size_t)(2 * d->n_ky + 1);
}

/* Phase factors of one shift. */
static inline size_t ramp_count(const struct lct_drift *d)
{
    return (size_t)(d->n_kx + 2 * d->n_ky + 1);
}

/* Sums over rows of n kept coefficients (drift_sums.c). A ramp holds their phase factors along x, `turn` is that of the row. */

/* product = frame x conj(reference); returns the sum of its size in the band. */
double drift_multiply(
    const float complex *frame, const float complex *reference, const float *band, size_t n, float complex *product);

/* to += share * (frame x ramp x turn - to) */
void drift_blend(
    const float complex *frame, const float complex *ramp, float complex turn, float share, int n, float complex *to);

/* Sums of band x product x ramp times 1, k, k^2. */
struct drift_moments {
    double re[3], im[3];
};
struct drift_moments drift_row_moments(
    const float complex *product, const float complex *ramp, const float *band, int n);

/* Sums of the square of what is out of phase, band x Im(product x ramp x turn), times 1, k, k^2. */
struct drift_residue {
    double v[3];
};
struct drift_residue drift_row_residue(
    const float complex *product, const float complex *ramp, const float *band, float complex turn, int n);

/* Row of the transform that holds ky. */
static inline size_t drift_fft_row(const struct lct_drift *d, int ky)
{
    return (size_t)(ky < 0 ? ky + d->fft_rows : ky);
}

#endif
