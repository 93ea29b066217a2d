/* change_point.h -- instants at which several curves bend or jump together */
#ifndef LCTEM_CHANGE_POINT_H
#define LCTEM_CHANGE_POINT_H

#include <lctem/err.h>
#include <stdbool.h>
#include <stddef.h>

/** Curves over one time base; borrowed. */
struct lct_curve_bundle {
    size_t n_times, n_curves;
    const double *times_s;       /**< rising */
    const double *const *values; /**< n_curves rows of n_times */
    const double *sd;            /**< n_curves: scatter of each; smaller ones are raised to the floor */
};

struct lct_change_params {
    double floor_frac;   /**< a bend that moves no curve by more than this share of the largest range is none; 0.0025 */
    double min_length_s; /**< of a segment; NaN: a hundredth of the movie, and five frames at least */
    int max_changes;     /**< 1 to 40; 24 */
    double window_s;     /**< the time of a change is sought this far to both sides; NaN: 6 % of the movie */
};
struct lct_change_params lct_change_defaults(void);

struct lct_change {
    double time_s, sd_s;
    int n_curves; /**< curves that say so; 0: the time is that of the segmentation, sd half of the shorter neighbour */
};

/** Piecewise straight lines through all curves with common breaks: the best places by dynamic programming, their number by the
 *  Bayesian information criterion [K2], each time refined as below. `*changes` is for the caller to free.
 *  LCT_E_ARG: params. LCT_E_NODATA: fewer than ten times. LCT_E_LIMIT. */
LCT_MUST_CHECK enum lct_status lct_change_find(struct lct_change **changes, size_t *n,
    const struct lct_curve_bundle *bundle, const struct lct_change_params *params, struct lct_err *err);

/** Time of one change near `change->time_s` (here the bundle's sd is the floor: a move that is not seen), from all curves of the bundle within [from_s, to_s] [K3]: each curve's own bend
 *  (or jump) with its own sigma; then their mean with the scatter between curves as a random effect, which is part of sd_s: a
 *  change is as sharp as the curves agree. Unchanged (but n_curves 0) if no curve bends there. LCT_E_LIMIT. */
LCT_MUST_CHECK enum lct_status lct_change_refine(struct lct_change *change, const struct lct_curve_bundle *bundle,
    double from_s, double to_s, double window_s, struct lct_err *err);

#endif
