/* spectrum_private.h -- what the finding and the fitting of waves share */
#ifndef LCTEM_SPECTRAL_SPECTRUM_PRIVATE_H
#define LCTEM_SPECTRAL_SPECTRUM_PRIVATE_H

#include <lctem/fft.h>
#include <lctem/spectrum.h>
#include <lctem/window.h>
#include <math.h>

/* Sums over blocks keep what a wave looks like once its frequency is taken out, in little memory. */
enum { BLOCKS = 32, BLOCK_COUNT = BLOCKS * BLOCKS };

/* Real and imaginary parts apart: plain loops, which the compiler can do several at a time. */
struct blocks {
    double re[BLOCK_COUNT], im[BLOCK_COUNT];
};

/* Bins of a row that are looked at together. */
enum { STRETCH = 16 };

/* Plans of one size. */
struct spectrum_size {
    int width, height;
    struct lct_fft *fft;
};
enum { SPECTRUM_SIZES = 64 };

struct lct_spectrum {
    int most_width, most_height; /* planes that fit in */
    int full_width, full_height; /* the largest transform: whole planes */
    int width, height;           /* of the present transform; a region that is smaller takes a smaller one */
    int x0, y0;                  /* place of the loaded box in the plane */
    int used_x, used_y, used_width, used_height; /* of the box in the transform */
    struct spectrum_size size[SPECTRUM_SIZES];   /* those that were needed so far, the full one first */
    int n_sizes;
    struct lct_fft *fft; /* of the present size */
    float *data;         /* width * height: weight x (grey value - background) */
    float *weights;      /* width * height, as loaded; of the box alone, what lies around it is never looked at */
    bool whole;          /* `weights` are those of a whole plane, nothing left out */
    bool hann;           /* find peaks under a Hann window on top: the weights alone have edges */
    float complex *bins; /* of `data` */
    float *power;        /* (width / 2 + 1) * height, of what peaks are found in */
    float *ring_noise;   /* mean noise power by distance from the middle; n_rings */
    int n_rings;
    double ring_x, ring_y; /* rings that a bin is wide and high */
    float *ring_floor; /* the least of `ring_noise` that a stretch of a row meets that begins in this ring; n_rings */
    float *column;     /* 2 * width: a line of the spectrum, or a stripe of the plane */
    float *phases;     /* 2 * width for each wave, then 2 * height for each */
    double block_weight[BLOCK_COUNT];
    double weight_sum, weight2_sum; /* sums of w and w^2 */
    double find_weight2_sum;        /* the same under the window of `power` */
    double zoom; /* side of the transform over that of a uniform square as wide as the weights, at least 1 */
    double resolution_x, resolution_y; /* cycles per px: one period more or less across the weights */
    double centre_x, centre_y;         /* weighted, relative to the middle of the transform */
    double m1[3], m2[3];               /* second moments xx xy yy of w and of w^2 about the centre */
    struct blocks block[LCT_SPECTRUM_WAVES];
};

static inline int spectrum_columns(const struct lct_spectrum *s)
{
    return s->width / 2 + 1;
}

/* First pixel of block b of the loaded box along a side that is `used` px long and begins at `first`. */
static inline int spectrum_block(int b, int first, int used)
{
    return first + (b * used + BLOCKS - 1) / BLOCKS;
}

/* Distance in bins from zero frequency, in units where the shorter side has as many bins as the longer. */
static inline double spectrum_ring(const struct lct_spectrum *s, int kx, int ky)
{
    const double x = kx * s->ring_x, y = ky * s->ring_y;
    return x * x + y * y; /* squared: the caller may not need the root */
}

/* Sums and moments of s->weights, once they are set. */
void spectrum_sum_weights(struct lct_spectrum *s);

/* s->weights of a placed box of a plane: the borders fade out, and so does what lies around pixels that are left out (NULL: none). */
LCT_MUST_CHECK enum lct_status spectrum_weigh_plane(struct lct_spectrum *s, const unsigned char *ignore,
    int plane_width, const struct lct_box *box, struct lct_err *err);

/* Sums over blocks of data x exp(-2 pi i g.r) into s->block, for each wave. */
void spectrum_demodulate(struct lct_spectrum *s, const struct lct_wave *waves, size_t n);

/* Median power in a ring around a bin over ln 2: the mean noise power there. */
double spectrum_local_noise(const struct lct_spectrum *s, int kx, int ky);

/* Power at bin (kx, ky), either beyond the border by less than half a period. */
static inline float spectrum_power_at(const struct lct_spectrum *s, int kx, int ky)
{
    const int columns = spectrum_columns(s);
    if (kx < 0) { /* and then it may lie beyond the other border */
        kx = -kx;
        ky = -ky;
    }
    if (kx >= columns) {
        kx = s->width - kx;
        ky = -ky;
    }
    ky += ky < 0 ? s->height : ky >= s->height ? -s->height : 0;
    return s->power[(size_t)ky * (size_t)columns + (size_t)kx];
}

/* Top of a parabola through three logarithms, from the middle one. */
static inline double spectrum_top(double left, double middle, double right)
{
    const double a = log(left + 1e-300), b = log(middle + 1e-300), c = log(right + 1e-300), bend = a - 2 * b + c;
    return bend < 0 ? fmax(-0.6, fmin(0.6, 0.5 * (a - c) / bend)) : 0.0;
}

#endif
