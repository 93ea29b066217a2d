/* edge_profile.h -- what grey stands at an edge, learnt from the mean profile across all edges of its kind */
#ifndef LCTEM_EDGE_PROFILE_H
#define LCTEM_EDGE_PROFILE_H

#include <lctem/segment.h>

struct lct_edge_params {
    double smoothing_px; /**< sd of the smoothing that made the planes; > 0 */
    bool transmitted;    /**< grey is transmitted intensity: edges are soft in thickness, whose exponential is seen */
};

/** Mean profile across the edges of one kind, and the model that fits it. */
struct lct_edge_profile {
    long n;              /**< profiles in the mean; 0: too few, nothing below is set */
    double inner, outer; /**< levels on both sides, as they are beside the edge */
    double offset_px;    /**< of the edge from where the plane crosses lct_levels_edge; outward positive */
    double softness_px;  /**< sd of the edge before smoothing */
    double grey;         /**< of the model at the edge */
    double misfit;       /**< rms of profile - model over the step */
};

/** Mean profiles of every kind of edge over the planes of a movie, taken where the edge runs straight and both
 *  phases are free of other edges for some blurs, and fitted by a step that is soft in thickness and blurred by the smoothing
 *  [equations S6]. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_edge_profiles_fit(struct lct_edge_profile out[LCT_EDGE_KINDS],
    const struct lct_planes *planes, const struct lct_levels *levels, const struct lct_segment_params *segment,
    const struct lct_edge_params *params, struct lct_err *err);

/** Set levels->edge_shift from the profiles of all kinds of edge, counted from the mid-level of what lies beside such edges, be that the
 *  movie's level or not (plates are flat); where there are no shells, from that of the cores as a whole, which may be round. A kind whose
 *  fit does not hold keeps 0. */
LCT_MUST_CHECK enum lct_status lct_edge_profiles_learn(struct lct_levels *levels, const struct lct_planes *planes,
    const struct lct_segment_params *segment, const struct lct_edge_params *params, struct lct_err *err);

#endif
