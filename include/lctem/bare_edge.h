/* bare_edge.h -- how wide the blur of a bare core edge looks in a movie */
#ifndef LCTEM_BARE_EDGE_H
#define LCTEM_BARE_EDGE_H

#include <lctem/segment.h>

/** Set levels->bare_rims to what the rims of bare core edges are wide in the planes of a movie: a fifth of the mean widths below 1.25 false
 *  rims are smaller [equations S2]. Kept where there are too few, or none that can be of bare edges. Levels and edge_shift must be final.
 *  LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_bare_edges_learn(struct lct_levels *levels, const struct lct_planes *planes,
    const struct lct_segment_params *segment, struct lct_err *err);

#endif
