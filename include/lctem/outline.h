/* outline.h -- sub-pixel outlines of labelled regions, and what they enclose */
#ifndef LCTEM_OUTLINE_H
#define LCTEM_OUTLINE_H

#include <lctem/contour.h>
#include <lctem/err.h>
#include <lctem/image.h>
#include <lctem/segment.h>
#include <stdint.h>

/** Labels as in labels.tif: 0 liquid, 2p-1 core of particle p, 2p its shell. */
static inline enum lct_phase lct_label_phase(uint16_t label)
{
    return label == 0 ? LCT_LIQUID : label % 2 ? LCT_CORE : LCT_SHELL;
}
static inline int lct_label_particle(uint16_t label)
{
    return (label + 1) / 2;
}

/** A rectangle of pixels, both corners inside. */
struct lct_extent {
    int x0, y0, x1, y1;
};

/** Trace the outline of one particle in `labels` (width * height of `plane`): phase LCT_CORE its core, LCT_SHELL the whole particle
 *  (core + shell). Between a pixel inside and its neighbour outside, the edge lies where the plane crosses the mid-level of
 *  the two phases that meet there; between two particles half way. `box` holds all pixels of the particle.
 *  Coordinates: px of the plane. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_outline_trace(struct lct_outline *out, const uint16_t *labels,
    const struct lct_image *plane, const struct lct_levels *levels, int particle, enum lct_phase phase,
    struct lct_extent box, struct lct_err *err);

/** Area, centroid and length of an outline, holes subtracted from the area [equations S3]. */
struct lct_enclosed {
    double area_px2, x_px, y_px, perimeter_px;
    double shared_px; /**< of the perimeter, where another particle begins */
    int turns;        /**< of the tangent, all the way along: outer rings less holes */
};
struct lct_enclosed lct_outline_enclosed(const struct lct_outline *outline);

#endif
