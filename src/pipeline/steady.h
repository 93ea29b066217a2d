/* steady.h -- what does not move is averaged over longer stretches of the movie than what does */
#ifndef LCTEM_PIPELINE_STEADY_H
#define LCTEM_PIPELINE_STEADY_H

#include "plan.h"

struct steady; /* means over blocks of plan->span frames, as many as a window needs; opaque */

LCT_MUST_CHECK enum lct_status steady_create(
    struct steady **out, const struct plan *plan, long chunk, struct lct_err *err);
void steady_destroy(struct steady **steady);

/* Frames before and after frame k that steady_blend(k) rests on. */
long steady_before(const struct plan *plan, long k);
long steady_after(const struct plan *plan, long k);

/* Take in the plane of frame k; frames come in order, from the first of a block on. */
void steady_add(struct steady *steady, long k, const struct lct_image *plane);

/* Blend the mean plane of frame k with the blocks around it, where they do not differ from it by more than the noise: the nearer the
 *  block, the greater its weight, so that a uniform motion does not lag. Pure, may run on several threads [equations S7]. */
LCT_MUST_CHECK enum lct_status steady_blend(
    const struct steady *steady, long k, struct lct_image *mean, struct lct_err *err);

#endif
