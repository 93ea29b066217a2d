/* preview_views.h -- what the small pictures of a preview are made of */
#ifndef LCTEM_PIPELINE_PREVIEW_VIEWS_H
#define LCTEM_PIPELINE_PREVIEW_VIEWS_H

#include "result.h"

#include <lctem/picture.h>

struct preview_views {
    struct lct_preview_levels levels;
    struct lct_image power; /* no pixels: the frame is too small for a spectrum */
};

/* Histogram of result->plane with the plan's levels; spectrum of the part of `frame` around its largest particle.
 * LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status preview_views_make(struct preview_views *out, const struct plan *plan,
    const struct result *result, const struct lct_image *frame, struct lct_err *err);
void preview_views_finish(struct preview_views *views);

#endif
