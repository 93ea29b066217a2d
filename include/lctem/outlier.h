/* outlier.h -- repair of hot, dead and unknown pixels */
#ifndef LCTEM_OUTLIER_H
#define LCTEM_OUTLIER_H

#include <lctem/err.h>
#include <lctem/image.h>
#include <stdbool.h>
#include <stddef.h>

struct lct_outlier_params {
    double
        threshold; /**< a pixel must leave the range of the 24 pixels around by this many times the noise; > 0, default 8 */
    double spread; /**< ... and by that range itself, and by this many times the range of its 8 neighbours, which spares
                           fringes and edges; >= 0, default 2 */
    double
        max_frac; /**< more outliers than this share of the frame are the nature of the picture (counted electrons), not
                           faults, and stay; default 1e-3 */
    int reach_px; /**< an unknown (NaN) pixel is filled from known ones at most so far away; default 3 */
};
struct lct_outlier_params lct_outlier_defaults(void);

struct lct_outlier_report {
    size_t repaired; /**< hot and dead pixels that were replaced by the median of their neighbours */
    size_t filled;   /**< NaN pixels that were filled */
    size_t unknown;  /**< NaN pixels that are left */
    double noise;    /**< scale of the noise that was used: mean difference of neighbours x sqrt(pi)/2 */
    bool suppressed; /**< more than max_frac: nothing was repaired */
};

/** Repair `image` in place. Isolated pixels only: two that touch are left. Infinite values count as NaN.
 *  LCT_E_ARG: a parameter out of range. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_outlier_repair(struct lct_image *image, const struct lct_outlier_params *params,
    struct lct_outlier_report *report, struct lct_err *err);

#endif
