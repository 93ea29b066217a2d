/* mask.h -- binary planes: components, holes, distances, opening */
#ifndef LCTEM_MASK_H
#define LCTEM_MASK_H

#include <lctem/err.h>
#include <stddef.h>
#include <stdint.h>

/** A stretch of one row, x0 .. x1 inclusive. */
struct lct_mask_run {
    int32_t x0, x1, y;
    int32_t parent; /**< union-find over the runs */
};

/** Scratch for the calls below on planes of one size; one per thread. */
struct lct_mask_work {
    int width, height;
    int32_t *label;            /**< width * height: the result of lct_mask_label */
    uint16_t *distance;        /**< width * height: the result of lct_mask_distance */
    uint8_t *plane, *spare;    /**< planes that are free for the caller: no call below touches them of its own */
    struct lct_mask_run *runs; /**< of the mask that is looked at */
    int32_t *area_px, *mark;   /**< by run: pixels of the piece whose root it is, and a note on it */
    size_t n_runs, runs_capacity;
    uint64_t *bits, *bits_out, *bits_row; /**< planes of bits for the dilations, and rows widened by 0, 1, 2, ... px */
};
LCT_MUST_CHECK enum lct_status lct_mask_work_init(struct lct_mask_work *out, int width, int height, struct lct_err *err);
void lct_mask_work_finish(struct lct_mask_work *work);

/** A connected piece of a mask. */
struct lct_piece {
    int32_t area_px;
    int32_t x0, y0, x1, y1; /**< bounding box, inclusive */
    double x_sum, y_sum;    /**< of its pixels; divided by the area: the centroid */
};

/** Label the 4-connected pieces of mask != 0 in raster order: work->label is 0 outside, 1 .. n inside; pieces[0 .. n-1]
 *  (at most `max`; pieces beyond it keep label 0; NULL: not wanted). work->runs keeps the runs they are made of. Returns n. */
int lct_mask_label(struct lct_mask_work *work, const uint8_t *mask, struct lct_piece *pieces, int max);

/** Keep the 4-connected pieces of at least `min_area_px` pixels that share one with `seed` (NULL: all of them), clear the others.
 *  Returns how many are left. */
int lct_mask_keep(struct lct_mask_work *work, uint8_t *mask, const uint8_t *seed, double min_area_px);

/** Clear the pieces of the mask that are smaller than `share` of the largest one in the same piece of `within`. */
void lct_mask_drop_specks(struct lct_mask_work *work, uint8_t *mask, const uint8_t *within, double share);

/** Fill the holes (4-connected background pieces that do not touch the border) of less than `max_area_px`. */
void lct_mask_fill_holes(struct lct_mask_work *work, uint8_t *mask, double max_area_px);

/** Chamfer distance (3-4 weights; thirds of a pixel, within 6 % of Euclid) of every pixel to the nearest one with
 *  `from[i] != 0`, into work->distance; saturates at 65 531. */
enum { LCT_CHAMFER_PX = 3 };
void lct_mask_distance(struct lct_mask_work *work, const uint8_t *from);

/** What lies within `radius_px` (at most LCT_MASK_MAX_RADIUS_PX; Euclid, pixel centres) of the mask. `out` may be `mask`. */
enum { LCT_MASK_MAX_RADIUS_PX = 40 };
void lct_mask_dilate(struct lct_mask_work *work, const uint8_t *mask, double radius_px, uint8_t *out);

/** Opening by a disc of `radius_px`: what is narrower than 2 radii goes; the plane's border does not count as an edge. `out` may be
 *  `mask`. */
void lct_mask_open(struct lct_mask_work *work, const uint8_t *mask, double radius_px, uint8_t *out);

#endif
