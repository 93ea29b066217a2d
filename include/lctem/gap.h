/* gap.h -- gaps in the rim of one particle in one frame, and voids below it */
#ifndef LCTEM_GAP_H
#define LCTEM_GAP_H

#include <lctem/err.h>
#include <lctem/rim.h>
#include <stddef.h>

struct lct_gap_params {
    double
        least_depth; /**< a gap must come this close to the liquid's level somewhere, 0 rim .. 1 liquid; default 0.35 */
    double least_snr; /**< and stand out of the rim's own scatter by this many sds; default 3.5 */
    double end_depth; /**< it ends where it is shallower than this, smoothed; default 0.15 */
};
struct lct_gap_params lct_gap_defaults(void);

/** A stretch of outline without rim, px of the plane. */
struct lct_gap {
    double x_px, y_px; /**< its middle, half way through the rim */
    double width_px;   /**< of a channel with straight sides that lets as much light through [equations R2] */
    double width_sd_px;
    double depth;         /**< deepest place, 0 rim .. 1 liquid */
    double snr;           /**< that depth over the rim's scatter */
    size_t first, n_rays; /**< rays of the rim that lead through it, the last joined to the first */
};

/** Find the gaps of a rim; `*out` gets *n of them in the order of the outline, caller frees (NULL for none). `blur_px`:
 * sd of an edge. Pure. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_gaps_find(struct lct_gap **out, size_t *n, const struct lct_rim *rim, double blur_px,
    const struct lct_gap_params *params, struct lct_err *err);

/** A stretch of outline where liquid lies between core and rim, px of the plane. */
struct lct_void {
    double x_px, y_px; /**< its middle, half way through the rim */
    double length_px;  /**< along the outline */
    double area_px2, area_sd_px2;
};

/** Height of a core's edge below a rim whose inner edge lies at `rim_px`, when the grey between core and shell is crossed
 * at `crossed_px`: liquid in a void that is thinner than the blur looks like more core that is missing. Without a void,
 * or below a rim that is farther in, it is where the crossing is. Pure. [equations R9] */
double lct_void_core_edge_px(const struct lct_levels *levels, double blur_px, double rim_px, double crossed_px);

/** Find the voids of a rim; as lct_gaps_find. */
LCT_MUST_CHECK enum lct_status lct_voids_find(
    struct lct_void **out, size_t *n, const struct lct_rim *rim, double blur_px, struct lct_err *err);

#endif
