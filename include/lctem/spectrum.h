/* spectrum.h -- plane waves in a picture: found in the windowed power spectrum, fitted by maximum likelihood */
#ifndef LCTEM_SPECTRUM_H
#define LCTEM_SPECTRUM_H

#include <lctem/err.h>
#include <lctem/image.h>
#include <stdbool.h>
#include <stddef.h>

/** One plane wave 2 Re(c exp(2 pi i g.(r - r0))), r0 the middle of what was loaded. Of the pair g, -g the one with gx >= 0
 *  is given. */
struct lct_wave {
    double gx, gy;                 /**< cycles per px, right and down */
    double cov_xx, cov_xy, cov_yy; /**< covariance of (gx, gy) from the noise around the peak [equations L1] */
    double re, im;                 /**< c */
    double snr;                    /**< |c| over the rms noise of its estimate */
    double noise;                  /**< mean power of the noise around its peak; 0: not looked at yet */
    bool ok; /**< false: the fit ran away; nothing else counts then, unless it is said elsewhere */
};

/** Plans, weights and scratch for planes of one size; one per thread. */
struct lct_spectrum;

/** For planes of up to width x height px, at least 32 x 32. LCT_E_ARG: smaller. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_spectrum_create(
    struct lct_spectrum **out, int width, int height, struct lct_err *err);
void lct_spectrum_destroy(struct lct_spectrum **spectrum);

/** Transform a plane of exactly the size of the plan: a quadratic background is taken off, the borders fade out.
 *  Pixels that are not finite count as background. LCT_E_ARG: other size. LCT_E_NODATA: no finite pixel, or all the
 *  same. */
LCT_MUST_CHECK enum lct_status lct_spectrum_load(
    struct lct_spectrum *spectrum, const struct lct_image *plane, struct lct_err *err);

/** The same, but pixels with ignore[y*width+x] != 0 (NULL: none) are left out: burnt-in bars, pillar boxes, what nobody
 *  knows. The box of the others is loaded, and fades out towards them. LCT_E_NODATA, too: fewer than 32 px are left along
 *  a side. */
LCT_MUST_CHECK enum lct_status lct_spectrum_load_without(
    struct lct_spectrum *spectrum, const struct lct_image *plane, const unsigned char *ignore, struct lct_err *err);

/** The same for a part of a plane: `weights` (width x height of a box whose top-left pixel is x0, y0, row-major,
 *  0..1, fading out smoothly) says how much each pixel counts; the box must fit into the plan and lie inside the
 *  plane. LCT_E_NODATA: weights that sum to less than 64 px. */
struct lct_spectrum_region {
    int x0, y0, width, height;
    const float *weights;
};
LCT_MUST_CHECK enum lct_status lct_spectrum_load_region(struct lct_spectrum *spectrum, const struct lct_image *plane,
    const struct lct_spectrum_region *region, struct lct_err *err);

/** Which peaks count. */
struct lct_spectrum_params {
    double false_alarms; /**< peaks that pure noise would give in a whole spectrum; 0.001 */
    double min_cycles;   /**< waves with fewer periods across the plane are background; 3 */
    size_t max_waves;    /**< the strongest are kept; 48, at most LCT_SPECTRUM_WAVES */
};
enum { LCT_SPECTRUM_WAVES = 64 };
struct lct_spectrum_params lct_spectrum_defaults(void);

/** Find the waves of the loaded plane, strongest first, into `waves` (room for params->max_waves), placed to about a
 *  tenth of the resolution: a start for lct_spectrum_fit. Side lobes of a stronger wave are no waves. Returns their
 *  number. */
size_t lct_spectrum_find(
    const struct lct_spectrum *spectrum, const struct lct_spectrum_params *params, struct lct_wave *waves);

/** Best peak within `radius` (in units of the resolution) of a place where one is expected, as a start for a fit:
 *  `wave` gets place and snr. Returns the power over the noise around it, 0 outside of the spectrum. */
double lct_spectrum_probe(
    const struct lct_spectrum *spectrum, double gx, double gy, double radius, struct lct_wave *wave);

/** Fit n <= LCT_SPECTRUM_WAVES waves together, from the places they hold: weighted least squares, each freed of what
 *  leaks into it from its neighbours [equations L1]. */
void lct_spectrum_fit(struct lct_spectrum *spectrum, struct lct_wave *waves, size_t n);

/** The part of a plane that holds some waves: a box and the weights of a region in it (width x height, owned; NULL:
 *  they are all over the plane, or too dim for their place to be told). */
struct lct_spectrum_domain {
    int x0, y0, width, height;
    float *weights;
};
void lct_spectrum_domain_finish(struct lct_spectrum_domain *domain);

/** Where in a plane that was loaded whole are these waves (the first three count, members of one star)? The brightest
 *  connected part. Waves of a crystal that is turned by more than a degree or two against it are no part of it.
 *  LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_spectrum_domain(struct lct_spectrum *spectrum, const struct lct_wave *waves,
    size_t n, struct lct_spectrum_domain *out, struct lct_err *err);

/** Local complex amplitude of a wave in cells of the loaded box, smoothed by a Gaussian: its own frequency taken out,
 *  so that arg z is the phase left over and 2 |z| the amplitude of the fringes, as in struct lct_gpa. Row-major;
 *  cells outside of a region are 0. */
enum { LCT_SPECTRUM_CELLS = 32 };
struct lct_spectrum_cells {
    double gx, gy;         /**< cycles per px, right and down */
    double step_x, step_y; /**< px; cell (i, k) lies in the middle of px i step_x .. (i + 1) step_x of the loaded box */
    double together;       /**< cells that vary together because of the smoothing */
    float re[LCT_SPECTRUM_CELLS * LCT_SPECTRUM_CELLS], im[LCT_SPECTRUM_CELLS * LCT_SPECTRUM_CELLS];
    float noise[LCT_SPECTRUM_CELLS * LCT_SPECTRUM_CELLS]; /**< mean |z|^2 of the noise alone */
    float weight[LCT_SPECTRUM_CELLS
        * LCT_SPECTRUM_CELLS]; /**< px of the region in the cell; 0: the cell does not count */
};

/** Cells of n <= LCT_SPECTRUM_WAVES fitted waves of the loaded plane or region into out[n]. */
void lct_spectrum_local(struct lct_spectrum *spectrum, const struct lct_wave *waves, size_t n, double sigma_px,
    struct lct_spectrum_cells *out);

/** Period, px, at which a broad ring is brightest: the halo of a disordered material. The maximum of squared radius
 *  times mean power, spots left out, which the falling background does not pull inwards [equations L10]. NaN: no ring
 *  stands out on both sides. */
double lct_spectrum_halo(const struct lct_spectrum *spectrum);

/** Resolution, cycles per px, along x and y: one period more or less across what was loaded. */
void lct_spectrum_resolution(const struct lct_spectrum *spectrum, double *x, double *y);

/** Logarithm of power over noise, zero frequency in the middle, into `out` (initialised here): for looking at. */
LCT_MUST_CHECK enum lct_status lct_spectrum_image(
    const struct lct_spectrum *spectrum, struct lct_image *out, struct lct_err *err);

#endif
