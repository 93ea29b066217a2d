/* align.h -- frames of a movie moved onto the first one, in one go through the movie */
#ifndef LCTEM_PIPELINE_ALIGN_H
#define LCTEM_PIPELINE_ALIGN_H

#include "movie.h"

#include <lctem/progress.h>

struct align;

/* Reads some frames of the movie: what stands still in it (a burnt-in scale) is not followed, and the first ones are aligned with each
 * other. LCT_E_FORMAT: too small to be followed. */
LCT_MUST_CHECK enum lct_status align_create(
    struct align **out, struct movie *movie, const struct lct_progress *progress, struct lct_err *err);
void align_destroy(struct align **align);

/* Displacement of frame k of the run, which is `frame`; in order from 0. *lost: nothing in it to follow, the last one repeated. */
LCT_MUST_CHECK enum lct_status align_next(struct align *align, long k, const struct lct_image *frame, double *dx_px,
    double *dy_px, bool *lost, struct lct_err *err);

#endif
