/* core_weights.h -- how much each pixel of a core counts: less towards its outline, and nothing beyond */
#ifndef LCTEM_PIPELINE_CORE_WEIGHTS_H
#define LCTEM_PIPELINE_CORE_WEIGHTS_H

#include <lctem/image.h>
#include <lctem/outline.h>

/* Over which the weights rise: two Moire periods, so that the outline makes no waves. */
#define CORE_WEIGHTS_FADE_NM 1.2

/* Scratch of one thread, for boxes of at most `side_px` each way whose labels come in squares of `step_px`. */
struct core_weights;
LCT_MUST_CHECK enum lct_status core_weights_create(
    struct core_weights **out, int side_px, int step_px, struct lct_err *err);
void core_weights_destroy(struct core_weights **weights);

/* Labels of a frame's pixels; width * height. */
struct core_weights_page {
    const uint16_t *labels;
    int width;
    uint16_t label; /* of the core */
};

/* Weights of the pixels of `cut`, which lies in the frame, row by row; they belong to `weights` until the next call. */
const float *core_weights_make(struct core_weights *weights, const struct core_weights_page *page,
    const struct lct_extent *cut, double nm_per_px);

#endif
