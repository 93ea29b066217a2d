/* rim_order.h -- how much of the rim over each facet is crystalline: where its layers are seen */
#ifndef LCTEM_RIM_ORDER_H
#define LCTEM_RIM_ORDER_H

#include <lctem/facet.h>
#include <lctem/rim.h>

/** The rim over one facet in one frame. NaN: not told, since there is too little of a rim, or the layers of the whole particle are too
 *  faint in this frame. */
struct lct_rim_order {
    double frac,
        frac_sd; /**< share of the rim, along the facet, whose layers reach half of their usual amplitude; sd from noise */
    double amplitude; /**< of the layers along this facet, grey values; told also where they are faint */
};

/** From the fringes of the rays (lct_rim_find_fringes with layers `layer_px` apart) [equations R8]. `open[i]` (rim->n of them): nonzero
 *  where ray i leads through a gap; those, bare rays, and rims too thin for two layers are no part of the rim here. `edges` and `out` have
 *  set->n entries. The usual amplitude is that of the whole particle: the upper quartile. Pure. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_rim_order_measure(const struct lct_rim *rim, const unsigned char *open,
    double layer_px, const struct lct_facet_set *set, const struct lct_facet_edge *edges, struct lct_rim_order *out,
    struct lct_err *err);

/** Nothing measured: all NaN. */
struct lct_rim_order lct_rim_order_none(void);

#endif
