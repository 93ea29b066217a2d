/* gpa.h -- geometric phase analysis: where a lattice is, how it is strained, and where it is dislocated */
#ifndef LCTEM_GPA_H
#define LCTEM_GPA_H

#include <lctem/err.h>
#include <lctem/image.h>
#include <stddef.h>

/** A reflection's complex amplitude at every pixel: 2 |z| is the local amplitude of its fringes, arg z the phase left
 *  over when the reference g is taken out. */
struct lct_gpa {
    double gx, gy;           /**< reference, cycles per px, right and down */
    struct lct_image re, im; /**< owned */
};

/** Take g out of `plane` and smooth by a Gaussian of `sigma_px` (1.5 to 18): details finer than that are lost, and
 *  waves nearer to g than about 1/(3 sigma) leak in. NaN pixels count as the mean. LCT_E_ARG: sigma, or g beyond half
 *  a cycle per px. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_gpa_map(
    struct lct_gpa *out, const struct lct_image *plane, double gx, double gy, double sigma_px, struct lct_err *err);
void lct_gpa_finish(struct lct_gpa *gpa);

/** Local amplitude of the fringes, grey values, into `out` of the same size. */
void lct_gpa_amplitude(const struct lct_gpa *gpa, struct lct_image *out);

/** Strain against the references, of the same size each, x right and y UP: positive is longer; rotation in rad,
 *  counter-clockwise. */
struct lct_strain {
    struct lct_image xx, yy, xy, rotation;
};
LCT_MUST_CHECK enum lct_status lct_strain_init(struct lct_strain *out, int width, int height, struct lct_err *err);
void lct_strain_finish(struct lct_strain *strain);

/** Strain from two reflections that are not parallel [equations L8]. LCT_E_ARG: parallel, or other sizes. */
LCT_MUST_CHECK enum lct_status lct_gpa_strain(
    const struct lct_gpa *a, const struct lct_gpa *b, struct lct_strain *out, struct lct_err *err);

/** An end of a half plane. */
struct lct_dislocation {
    double x_px, y_px;    /**< where the amplitudes vanish */
    int turns_a, turns_b; /**< of the two phases around it, counter-clockwise on the screen */
    double bx_px,
        by_px; /**< Burgers vector, right and UP, for a circuit counter-clockwise on the screen: g.b = -turns */
};

/** Phase vortices of both reflections, those of one core taken together. Where a lattice's amplitude stays below
 *  `least_frac` of its median there is no lattice and nothing is looked for. Pairs that cancel within 1.5 sigma are
 *  noise. Returns how many were written, at most `max`. [equations L9] */
size_t lct_gpa_dislocations(const struct lct_gpa *a, const struct lct_gpa *b, double sigma_px, double least_frac,
    struct lct_dislocation *out, size_t max);

/** The same for a star of three reflections, of which the third must bear out what the first two say: noise seldom
 *  does. A perfect dislocation of a hexagonal lattice turns two of the three. `out` needs room for all that the first
 *  two show. */
size_t lct_gpa_star_dislocations(
    const struct lct_gpa star[3], double sigma_px, double least_frac, struct lct_dislocation *out, size_t max);

#endif
