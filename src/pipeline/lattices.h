/* lattices.h -- lattice spacings and Moire inside the cores of a frame */
#ifndef LCTEM_PIPELINE_LATTICES_H
#define LCTEM_PIPELINE_LATTICES_H

#include "plan.h"

#include <lctem/moire.h>

/* What all frames share. */
struct lattices_plan {
    struct lct_moire_params params;
    struct lct_metric metric;
    int side_px;   /* of the square that a core is cut out with; 0: nothing is measured */
};
LCT_MUST_CHECK enum lct_status lattices_plan_make(struct lattices_plan *out, const struct plan *plan, struct lct_scale scale,
    const struct lct_recipe *recipe, struct lct_err *err);

/* Scratch of one thread. */
struct lattices_work;
LCT_MUST_CHECK enum lct_status lattices_work_create(
    struct lattices_work **out, const struct lattices_plan *plan, struct lct_err *err);
void lattices_work_destroy(struct lattices_work **work);

/* Measure the core of `particle` in a frame as recorded; `page` holds the labels of its pixels. False: too small, nothing measured. */
LCT_MUST_CHECK enum lct_status lattices_measure(const struct lattices_plan *plan, struct lattices_work *work,
    const struct lct_image *frame, const uint16_t *page, int particle, struct lct_moire *out, struct lct_err *err);

#endif
