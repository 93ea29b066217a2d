/* pen.h -- outlines drawn straight into pixels */
#ifndef LCTEM_REPORT_PEN_H
#define LCTEM_REPORT_PEN_H

#include "canvas.h"

/** Pixels that are drawn on, and the part of them that may be touched: left, top, right, bottom (behind the last). */
struct pen_paper {
    uint32_t *xrgb;
    int width;
    int clip[4];
    uint8_t *near; /**< as many bytes as pixels, all 0 before and after */
};

/** Draw the rings over a dark rim; points that are not finite are left out. */
void pen_rings(const struct pen_paper *paper, const struct lct_outline *outline, const struct canvas_view *view,
    const struct canvas_line *line);

#endif
