/* own_level.h -- the level of each core by itself: particles differ in thickness, and what a core is paler than the others is no film */
#ifndef LCTEM_OWN_LEVEL_H
#define LCTEM_OWN_LEVEL_H

#include <lctem/outline.h>
#include <lctem/segment.h>

enum { LCT_OWN_CORES = 63 };

/** The cores of a row of planes, named by what they overlap in the plane before; 0: none, or one too many. */
struct lct_own_levels {
    int n;                           /**< names in use: 1 .. n */
    double share[LCT_OWN_CORES + 1]; /**< level of each over the common level of cores; [0] is 1 */
    size_t pixels;                   /**< of a plane */
    uint8_t *name;                   /**< plane after plane; the object's */
};

/** Name the cores of the planes of a movie, and find the mean level of each over all
 *  planes, away from its edges; drawn towards the common level where little of it is seen [equations S8].
 *  LCT_E_LIMIT: no memory. To be finished with lct_own_levels_finish. */
LCT_MUST_CHECK enum lct_status lct_own_levels_find(struct lct_own_levels *out, const struct lct_planes *planes,
    const struct lct_levels *levels, const struct lct_segment_params *params, struct lct_err *err);
void lct_own_levels_finish(struct lct_own_levels *own);

/** One plane of it: the name of each pixel's core, and the share by name; borrowed. */
struct lct_own_view {
    const uint8_t *name;
    const double *share;
};
static inline struct lct_own_view lct_own_view_of(const struct lct_own_levels *own, int k)
{
    return (struct lct_own_view){ own->name + own->pixels * (size_t)k, own->share };
}

/** `levels` with the core's replaced by what the core of `particle` shows in this plane, well inside its label (all of it within `box`):
 *  its edges lie half way to that. Drawn towards the common level where little is seen, and kept within a quarter of the step to the
 *  next level. Pure. */
struct lct_levels lct_levels_of_particle(const struct lct_levels *levels, const struct lct_image *plane,
    const uint16_t *labels, int particle, struct lct_extent box);

#endif
