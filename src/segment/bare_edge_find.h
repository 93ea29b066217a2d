/* bare_edge_find.h -- rims that are no shell: what the blur makes of a core's bare edge; and the steps before they are settled */
#ifndef LCTEM_BARE_EDGE_FIND_H
#define LCTEM_BARE_EDGE_FIND_H

#include <lctem/bare_edge.h>

/* Find the shell that is, in the mean over some blurs along the edge, no wider than the blur makes a bare core's edge look [S2].
 * Uses the last of work->bits, and work->cells. */
void bare_edge_find(const struct lct_levels *levels, struct lct_mask_work *work, const uint64_t *core,
    const uint64_t *shell, uint64_t *bare);

/* Cores and shells as their levels alone have them, holes and specks settled, rims not. What is at least as dark as half way between core and
 * liquid is left in work->bits[LCT_MASK_BITS - 3]; the plane behind it is spoilt. Number of cores. */
int segment_by_level(const struct lct_image *plane, const struct lct_levels *levels,
    const struct lct_segment_params *params, struct lct_mask_work *work, uint64_t *core, uint64_t *shell);

#endif
