/* bare_edge_find.h -- rims that are no shell: what the blur makes of a core's bare edge */
#ifndef LCTEM_BARE_EDGE_FIND_H
#define LCTEM_BARE_EDGE_FIND_H

#include <lctem/bare_edge.h>

/* Find the shell that is, in the mean over some blurs along the edge, no wider than the blur makes a bare core's edge look [S2].
 * Uses the last of work->bits, and work->cells. */
void bare_edge_find(const struct lct_levels *levels, struct lct_mask_work *work, const uint64_t *core,
    const uint64_t *shell, uint64_t *bare);

#endif
