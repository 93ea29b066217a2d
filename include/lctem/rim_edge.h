/* rim_edge.h -- how far the layers of a rim move the edges beside them */
#ifndef LCTEM_RIM_EDGE_H
#define LCTEM_RIM_EDGE_H

#include <lctem/image.h>
#include <lctem/rim.h>

/** Lengths in px of the frame as recorded. */
struct lct_rim_edge_params {
    double dx_px, dy_px; /**< what is added to the rim's places to be in the frame */
    double spacing_px;   /**< between layers; > 0 */
    double smoothing_px; /**< sd of the smoothing of the plane that the edges were found in */
    double blur_px;      /**< sd of an edge in that plane */
};

/** What areas lack because of the layers: to be added to them; square px of the frame. */
struct lct_rim_edge_shift {
    double core_px2, total_px2;
};

/** A wave that runs along an edge and ends there is smoothed away everywhere but at the edge, where it moves the crossing. Layers of the
 *  rim as lct_rim_find_fringes saw them along each ray, their phase taken at either edge, all rays of the rim together. A rim
 *  ends half way between two layers, where the wave has an extreme: its cosine counts, its sine is an error of the place [equations A3].
 *  Edges of a rim too thin for its layers to be seen move as well. Zero where fringes were not looked for anywhere, or are noise. Pure. */
struct lct_rim_edge_shift lct_rim_edge_shift_of(
    const struct lct_rim *rim, const struct lct_image *frame, const struct lct_rim_edge_params *params);

#endif
