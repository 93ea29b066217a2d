/* static_mask.h -- what never changes in a movie: pillar boxes, burnt-in scale bars and text */
#ifndef LCTEM_STATIC_MASK_H
#define LCTEM_STATIC_MASK_H

#include <lctem/err.h>
#include <lctem/image.h>
#include <stddef.h>

/** Values of a mask; 0 is picture. */
enum lct_static_kind {
    LCT_STATIC_PICTURE = 0,
    LCT_STATIC_BORDER = 1, /**< rows or columns of one grey at the edge: a letter or pillar box */
    LCT_STATIC_BURNT = 2,  /**< a bar, text: pixels that stay still where the picture has noise, and a seam of 2 px */
};

struct lct_static_mask; /* mean and variance of each pixel so far: 8 bytes a pixel */

LCT_MUST_CHECK enum lct_status lct_static_mask_create(
    struct lct_static_mask **out, int width, int height, struct lct_err *err);
void lct_static_mask_destroy(struct lct_static_mask **mask);

/** Take a frame into account. Give 8 to 30 frames spread over the movie, without duplicates; fewer than 8 tell borders only.
 *  LCT_E_ARG: another size. */
LCT_MUST_CHECK enum lct_status lct_static_mask_add(
    struct lct_static_mask *mask, const struct lct_image *frame, struct lct_err *err);

struct lct_static_report {
    size_t border_px, burnt_px;   /**< pixels of each kind */
    int left, right, top, bottom; /**< widths of the borders, px */
};

/** Decide: `out[y*width+x]` gets an enum lct_static_kind. Where more than a quarter of the picture seems to stand still (a
 *  picture without noise, clipped) that is no ink, and nothing is called burnt in; borders never eat more than three quarters.
 *  Pure. LCT_E_NODATA: no frame was given. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_static_mask_find(
    const struct lct_static_mask *mask, unsigned char *out, struct lct_static_report *report, struct lct_err *err);

#endif
