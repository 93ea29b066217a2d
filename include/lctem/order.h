/* order.h -- how much of a region is crystalline */
#ifndef LCTEM_ORDER_H
#define LCTEM_ORDER_H

#include <lctem/spectrum.h>

/** NaN: not measured, since the fringes are too faint to tell their places. */
struct lct_order {
    double frac, frac_sd; /**< share of the region whose fringes reach half of their usual amplitude there; its sd */
    double amplitude;     /**< that usual amplitude: the upper quartile, grey values */
};

/** Standard deviation of a share that noise alone would leave uncertain by `noise_sd`, told from so many places that
 * are independent of each other: half of a place is not seen even where none (or all) of them are ordered, as in Wilson's
 * interval for 0 of n (J. Am. Stat. Assoc. 22 (1927) 209), z = 1. */
double lct_order_share_sd(double noise_sd, double places);

/** From the cells of n members of one star, whose powers are added [equations L12]. Pure. */
struct lct_order lct_order_measure(const struct lct_spectrum_cells *cells, size_t n);

#endif
