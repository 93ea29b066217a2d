/* segment_by_level.h -- the part of the segmentation that comes before rims are settled */
#ifndef LCTEM_SEGMENT_BY_LEVEL_H
#define LCTEM_SEGMENT_BY_LEVEL_H

#include <lctem/segment.h>

/* Cores and shells as their levels alone have them, holes and specks settled, rims not. What is at least as dark as half way between core and
 * liquid is left in work->bits[LCT_MASK_BITS - 3]; the plane behind it is spoilt. Number of cores. */
int segment_by_level(const struct lct_image *plane, const struct lct_levels *levels,
    const struct lct_segment_params *params, struct lct_mask_work *work, uint64_t *core, uint64_t *shell);

#endif
