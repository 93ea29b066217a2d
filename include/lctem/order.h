/* order.h -- how much of a region is crystalline */
#ifndef LCTEM_ORDER_H
#define LCTEM_ORDER_H

#include <lctem/spectrum.h>

/** NaN: not measured, since the fringes are too faint to tell their places. */
struct lct_order {
    double frac,
        frac_sd;      /**< share of the region whose fringes reach half of their usual amplitude there; sd from noise */
    double amplitude; /**< that usual amplitude: the upper quartile, grey values */
};

/** From the cells of n members of one star, whose powers are added [equations L12]. Pure. */
struct lct_order lct_order_measure(const struct lct_spectrum_cells *cells, size_t n);

#endif
