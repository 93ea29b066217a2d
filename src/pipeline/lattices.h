/* lattices.h -- lattice spacings and Moire inside the cores of a frame */
#ifndef LCTEM_PIPELINE_LATTICES_H
#define LCTEM_PIPELINE_LATTICES_H

#include "plan.h"

#include <lctem/gpa.h>
#include <lctem/moire.h>
#include <lctem/order.h>
#include <lctem/outline.h>

/* What all frames share. */
struct lattices_plan {
    struct lct_moire_params params;
    struct lct_metric metric;
    int side_px;   /* of the largest square that a core is cut out with; 0: nothing is measured */
    int margin_px; /* how far a label may lie outside of the outline: the side of the squares that labels come in */
};
LCT_MUST_CHECK enum lct_status lattices_plan_make(struct lattices_plan *out, const struct plan *plan,
    struct lct_scale scale, const struct lct_recipe *recipe, struct lct_err *err);

/* Scratch of one thread. */
struct lattices_work;
LCT_MUST_CHECK enum lct_status lattices_work_create(
    struct lattices_work **out, const struct lattices_plan *plan, struct lct_err *err);
void lattices_work_destroy(struct lattices_work **work);

/* Which core: `page` holds the labels of a frame's pixels, `outline` is that of the core, px of the frame. */
struct lattices_core {
    int particle;
    const uint16_t *page;
    const struct lct_outline *outline;
};

/* What a core shows from place to place. */
enum { LATTICES_DISLOCATIONS = 4 };
struct lattices_local {
    double smooth_nm;             /* sigma of the smoothing of local amplitudes */
    struct lct_order core, cover; /* the first lattice, and the second: the shell's, over the core */
    struct lct_dislocation dislocations[LATTICES_DISLOCATIONS]; /* of the first lattice; px of the frame */
    size_t n_dislocations;
};

/* What one core shows. */
struct lattices_found {
    struct lct_moire moire;
    struct lattices_local local;
};

/* Transform a core of a frame as recorded: the spectrum is then loaded. LCT_E_NODATA: too small, or nothing in it. */
LCT_MUST_CHECK enum lct_status lattices_load(const struct lattices_plan *plan, struct lattices_work *work,
    const struct lct_image *frame, const struct lattices_core *core, struct lct_err *err);
struct lct_spectrum *lattices_spectrum(struct lattices_work *work);

/* Measure a core in a frame as recorded. What is too small, or shows nothing, is not measured: no fault. */
LCT_MUST_CHECK enum lct_status lattices_measure(const struct lattices_plan *plan, struct lattices_work *work,
    const struct lct_image *frame, const struct lattices_core *core, struct lattices_found *out, struct lct_err *err);

#endif
