/* spectrum_private.h -- what the finding and the fitting of waves share */
#ifndef LCTEM_SPECTRAL_SPECTRUM_PRIVATE_H
#define LCTEM_SPECTRAL_SPECTRUM_PRIVATE_H

#include <lctem/fft.h>
#include <lctem/spectrum.h>

/* Sums over blocks keep what a wave looks like once its frequency is taken out, in little memory. */
enum { BLOCKS = 32, BLOCK_COUNT = BLOCKS * BLOCKS };

struct lct_spectrum {
    int most_width, most_height; /* planes that fit in */
    int width, height;           /* of the transform */
    int x0, y0;                  /* place of the loaded box in the plane, less its place in the transform */
    int used_x, used_y, used_width, used_height; /* of the box in the transform */
    struct lct_fft *fft;
    float *data;                 /* width * height: weight x (grey value - background) */
    float *fade;                 /* most_width + most_height: the border weights of a whole plane */
    float *weights;              /* width * height, as loaded */
    bool whole;                  /* `weights` are those of a whole plane */
    bool hann;                   /* find peaks under a Hann window on top: the weights alone have edges */
    float complex *bins;         /* of `data` */
    float *power;                /* (width / 2 + 1) * height, of what peaks are found in */
    float *ring_noise;           /* mean noise power by distance from the middle; n_rings */
    int n_rings;
    float ring_floor;            /* below this nothing is a peak: the quick way past most bins */
    float *column;               /* 2 * width: a line of the spectrum, or a stripe of the plane */
    float *phases;               /* 2 * width for each wave, then 2 * height for each */
    double block_weight[BLOCK_COUNT];
    double weight_sum, weight2_sum; /* sums of w and w^2 */
    double find_weight2_sum;     /* the same under the window of `power` */
    double zoom;                 /* side of the transform over that of a uniform square as wide as the weights, at least 1 */
    double centre_x, centre_y;   /* weighted, relative to the middle of the transform */
    double m1[3], m2[3];         /* second moments xx xy yy of w and of w^2 about the centre */
    double complex block[LCT_SPECTRUM_WAVES][BLOCK_COUNT];
};

static inline int spectrum_columns(const struct lct_spectrum *s)
{
    return s->width / 2 + 1;
}

/* Distance in bins from zero frequency, in units where the shorter side has as many bins as the longer. */
static inline double spectrum_ring(const struct lct_spectrum *s, int kx, int ky)
{
    const double longest = s->width > s->height ? s->width : s->height;
    const double x = kx * longest / s->width, y = ky * longest / s->height;
    return x * x + y * y; /* squared: the caller may not need the root */
}

/* Median power in a ring around a bin over ln 2: the mean noise power there. */
double spectrum_local_noise(const struct lct_spectrum *s, int kx, int ky);

/* Power at bin (kx, ky), both may be negative. */
double spectrum_power_at(const struct lct_spectrum *s, int kx, int ky);

#endif
