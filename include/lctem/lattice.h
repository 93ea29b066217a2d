/* lattice.h -- reciprocal vectors with their errors, and families of them that one lattice makes */
#ifndef LCTEM_LATTICE_H
#define LCTEM_LATTICE_H

#include <lctem/spectrum.h>

/** A reciprocal vector, 1/nm, x right and y UP, with its covariance. |g| = 1/d. */
struct lct_vector {
    double x, y;
    double xx, xy, yy;
};

/** From cycles per px to 1/nm: g_nm = m g_px, m row-major. Turns y upwards; holds the pixel size of both directions and, where it
 *  is known, the distortion of the scan. */
struct lct_metric {
    double m[4];
};
struct lct_metric lct_metric_pixels(double nm_per_px, double nm_per_px_y);
struct lct_vector lct_metric_apply(const struct lct_metric *metric, const struct lct_wave *wave);
/** Frequency in px of a vector; only gx and gy are set. LCT_E_ARG is not needed: a singular metric gives NaN. */
void lct_metric_invert(const struct lct_metric *metric, double x, double y, double *gx, double *gy);

double lct_vector_spacing_nm(const struct lct_vector *g, double *sd_nm); /**< 1/|g|; sd may be NULL */
double lct_vector_angle_deg(
    const struct lct_vector *g); /**< counter-clockwise from +x, in [0, 180): g and -g are one */
struct lct_vector lct_vector_turn(const struct lct_vector *g, double angle_rad);
/** a + sign b, errors independent. */
struct lct_vector lct_vector_add(const struct lct_vector *a, const struct lct_vector *b, double sign);

/** Peaks that a rotation by 360/fold degrees carries into each other. */
struct lct_lattice {
    struct lct_vector g; /**< all members turned onto the first and averaged; its angle is in [0, 360/fold) */
    int fold;            /**< 6, 4 or 2 (a single row of planes) */
    int member[3];       /**< indices of the peaks, n_members of them */
    int n_members;
    double
        chi2; /**< how well they fit each other, 2 (n_members - 1) degrees of freedom; above 1 per degree the covariance is widened by it */
    double strength; /**< sum of the members' squared snr */
};

/** How far peaks of one family may lie from where symmetry wants them. */
struct lct_lattice_params {
    double distortion_frac; /**< of |g|; 0.01 */
    double slack_per_nm;    /**< plus this; half a bin of the transform is sensible */
};

/** Sort n peaks into families, the strongest first, each peak in one family; `out` has room for n. Returns their number. */
size_t lct_lattice_group(const struct lct_vector *peaks, const double *snr, size_t n,
    const struct lct_lattice_params *params, struct lct_lattice *out);

/** Average the members (their indices and the fold are set already): fills g, chi2, strength. [equations L2] */
void lct_lattice_fit(struct lct_lattice *lattice, const struct lct_vector *peaks, const double *snr);

/** Vector k of the star, k = 0 .. fold - 1. */
struct lct_vector lct_lattice_star(const struct lct_lattice *lattice, int k);

#endif
