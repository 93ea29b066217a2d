/* seam.h -- where one particle ends and the next begins, and the gap between them that is too narrow to be cut */
#ifndef LCTEM_SEAM_H
#define LCTEM_SEAM_H

#include <lctem/image.h>
#include <lctem/outline.h>
#include <lctem/segment.h>
#include <stdint.h>

/** The border of two particles, px of the plane. */
struct lct_seam {
    bool seen;        /**< liquid between them shows as a pale line; else nothing below but the length is set */
    double length_px; /**< 0: they do not touch */
    double place_px;  /**< of the middle of the line from the border of the labels, towards the second */
    double width_px;  /**< of the liquid between them */
};

struct lct_seam_pair {
    int first, second;     /**< particles */
    struct lct_extent box; /**< holds the first */
};

/** Film that was taken out of the plane. Under a gap that stays, the gap itself was taken for film: it is put back. */
struct lct_seam_film {
    const struct lct_image *film; /**< NULL: none */
    int x_px, y_px;               /**< of its pixel (0, 0) in the plane */
};

/** Two rims that nearly touch leave a gap narrower than the blur. Thresholds do not see it, but a blur keeps the sum of the light: the
 *  mean profile across the border of the pair in `labels` (width * height of `plane`), over the border's length, rises
 *  above the shell beside it by as much as the gap is wide, where the gap is [equations A4]. Pure. */
struct lct_seam lct_seam_find(const uint16_t *labels, const struct lct_image *plane, const struct lct_seam_film *film,
    const struct lct_levels *levels, const struct lct_seam_pair *pair);

#endif
