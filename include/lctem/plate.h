/* plate.h -- thickness of core and plate from a side view: a plate seen edge-on */
#ifndef LCTEM_PLATE_H
#define LCTEM_PLATE_H

#include <lctem/err.h>
#include <lctem/image.h>
#include <stdbool.h>

/** A line across a plate, px of the image, and the width over which it is averaged. */
struct lct_plate_line {
    double x0_px, y0_px, x1_px, y1_px;
    double width_px;
};

/** What a line says. Places are px along the line from its first point; sd is one standard deviation. */
struct lct_plate {
    bool has_core;                    /**< the core stands out from the covers */
    double core_px, core_sd_px;       /**< NaN without a core */
    double plate_px, plate_sd_px;     /**< core and both covers */
    double edge_px[4], edge_sd_px[4]; /**< outer, inner, inner, outer; inner ones NaN without a core */
    double blur_px;                   /**< sd of the edges */
    double tilt_deg;                  /**< of the plate against the line; thicknesses are those across the plate */
    double outside, cover, core;      /**< grey levels, in the middle of the line */
    size_t n;                         /**< points of the profile */
};

/** Average the image along the line and fit a plate with edges blurred alike: a box for the plate and one for the core
 * in it [equations T1]. Contrast may have either sign. The lean of the plate against the line is measured from strips
 * of the width and taken out. LCT_E_ARG: line outside the image, shorter than 8 px, or width below 1. LCT_E_NODATA:
 * nothing like a plate on the line. LCT_E_LIMIT: no memory. `out` is written only on LCT_OK. */
LCT_MUST_CHECK enum lct_status lct_plate_measure(
    struct lct_plate *out, const struct lct_image *image, const struct lct_plate_line *line, struct lct_err *err);

/** Find a line across the middle of the largest elongated object that is darker than its surroundings (brighter, with
 * `bright`). LCT_E_NODATA: no such object. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_plate_find(
    struct lct_plate_line *out, const struct lct_image *image, bool bright, struct lct_err *err);

#endif
