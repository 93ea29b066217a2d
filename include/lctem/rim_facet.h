/* rim_facet.h -- the rim over each facet of a particle: how thick, how much of it missing, and where along the facet a
 * place is */
#ifndef LCTEM_RIM_FACET_H
#define LCTEM_RIM_FACET_H

#include <lctem/area.h>
#include <lctem/facet.h>
#include <lctem/rim.h>
#include <lctem/rim_order.h>

/** The rim over one facet in one frame; square px of the sample. */
struct lct_rim_facet {
    double thickness_px, thickness_sd_px; /**< over the middle half of the edge, gaps and voids left out; NaN: too
                                             little of a rim there */
    double fringe_snr;                    /**< how well layers are seen along the middle half: 1 is chance */
    double layers;                        /**< of the rim, where fringes show them; NaN: they do not */
    double exposed_frac;        /**< share of the edge that has no rim; NaN: the facet has vanished, or neither rim nor
                                             liquid can be seen over a quarter of it */
    struct lct_rim_order order; /**< how much of the rim shows its layers; left to lct_rim_order_measure */
};

/** `open[i]` (rim->n of them): nonzero where ray i leads through a gap. `inner` and `outer`: errors of the core's edge
 * and of the particle's. Pure. [equations R4] */
struct lct_rim_facet lct_rim_facet_measure(const struct lct_rim *rim, const unsigned char *open,
    const struct lct_facet_set *set, int facet, const struct lct_facet_edge *edge, const struct lct_edge_error *inner,
    const struct lct_edge_error *outer);

/** Nothing measured: all NaN. */
struct lct_rim_facet lct_rim_facet_none(void);

/** Set `layers`: thickness over `layer_px`, rounded, where the fringes stand 3 times above chance [equations R7]. */
void lct_rim_facet_count_layers(struct lct_rim_facet *rim, double layer_px);

/** Where a place in the rim is with respect to the facets. */
struct lct_rim_place {
    int facet;            /**< -1: over none */
    double position_px;   /**< along the facet from the middle of the core's edge, clockwise round the particle */
    double position_frac; /**< the same in half lengths of the edge, -1 to 1 */
};

/** `edges` has set->n entries. Pure. */
struct lct_rim_place lct_rim_place_find(
    const struct lct_facet_set *set, const struct lct_facet_edge *edges, double x_px, double y_px);

#endif
