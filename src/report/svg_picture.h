/* svg_picture.h -- gnuplot's SVG as pixels */
#ifndef LCTEM_REPORT_SVG_PICTURE_H
#define LCTEM_REPORT_SVG_PICTURE_H

#include <lctem/err.h>
#include <lctem/picture.h>

/** Draw the SVG that gnuplot wrote at `path`, `width` px wide. A PNG of these pixels takes a fifth of the time of one by gnuplot,
 *  which works through the plot again and packs with all of libpng's care. `out` is initialised here, only on LCT_OK.
 *  LCT_E_NODATA: there is something in it that our scripts do not draw, so gnuplot has to make the PNG. LCT_E_INPUT: cannot be
 *  read. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status svg_picture_draw(
    struct lct_picture *out, const char *path, int width, struct lct_err *err);

#endif
