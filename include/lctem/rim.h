/* rim.h -- the rim of shell around a core, ray by ray: is it there, how thick is it, is there a void below it */
#ifndef LCTEM_RIM_H
#define LCTEM_RIM_H

#include <lctem/contour.h>
#include <lctem/err.h>
#include <lctem/image.h>
#include <lctem/segment.h>
#include <stddef.h>

/** One ray from the core's edge outwards. Places in px of the plane. */
struct lct_rim_point {
    double x_px, y_px; /**< half way through the rim */
    double step_px;    /**< length of outline it stands for, half way through the rim */
    double
        liquid; /**< 0 rim, 1 liquid: mean grey well inside where the rim should be; NaN: the rim is too thin to tell */
    double thickness_px; /**< from the core's edge to the rim's outer edge, void included; 0: bare; NaN: another
                            particle follows */
    double void_px;      /**< liquid between core and rim along the ray; 0: none */
};

/** The rim of one particle: n points counter-clockwise as seen on the screen, the last joined to the first. Owned. */
struct lct_rim {
    struct lct_rim_point *points;
    size_t n;
    double spacing_px; /**< of the rays along the core's edge */
};

/** Rays from the largest outer ring of `core` (px of the plane) into `plane`, two per blur of outline. How thick the
 * rim should be at a place is the median of what is seen within `levels->blur_px * 9` to either side, so that a gap
 * does not count [equations R1]. `shell_px2` is the particle's shell area. No points: no shell phase, no ring, or no
 * shell. Pure. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_rim_trace(struct lct_rim *out, const struct lct_outline *core, double shell_px2,
    const struct lct_image *plane, const struct lct_levels *levels, struct lct_err *err);

/** Set step_px of all points from their places. */
void lct_rim_measure_steps(struct lct_rim *rim);

/** Accepts a zeroed struct; leaves it zeroed. */
void lct_rim_finish(struct lct_rim *rim);

#endif
