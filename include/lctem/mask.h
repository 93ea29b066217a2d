/* mask.h -- binary planes: components, holes, distances, opening */
#ifndef LCTEM_MASK_H
#define LCTEM_MASK_H

#include <lctem/err.h>
#include <lctem/image.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A stretch of one row, x0 .. x1 inclusive. */
struct lct_mask_run {
    int32_t x0, x1, y;
    int32_t parent; /**< union-find over the runs */
};

/** A square of a plane, and a sum over some of its pixels. */
struct lct_mask_cell {
    double n, sum;
};

/** Scratch for the calls below on planes of one size; one per thread. */
enum { LCT_MASK_BITS = 6, LCT_MASK_CELL_PX = 4 };
struct lct_mask_work {
    int width, height;
    int32_t *label;                /**< width * height: the result of lct_mask_label */
    uint16_t *distance;            /**< width * height: the result of lct_mask_distance */
    uint8_t *plane;                /**< width * height, free for the caller: no call below touches it of its own */
    uint64_t *bits[LCT_MASK_BITS]; /**< planes of bits, as free */
    struct lct_mask_cell *cells;   /**< as many as squares of LCT_MASK_CELL_PX cover the plane, as free */
    struct lct_mask_run *runs;     /**< of the mask that is looked at */
    int32_t *area_px, *mark;       /**< by run: pixels of the piece whose root it is, and a note on it */
    size_t n_runs, runs_capacity;
    uint64_t *from, *reached, *widened; /**< planes of bits for the dilations, and rows widened by 0, 1, 2, ... px */
};
LCT_MUST_CHECK enum lct_status lct_mask_work_init(
    struct lct_mask_work *out, int width, int height, struct lct_err *err);
void lct_mask_work_finish(struct lct_mask_work *work);

/** Masks are planes of bits: lct_mask_words() words a row, pixel x in bit x % 64 of word x / 64, and 0 beyond the width. */
size_t lct_mask_words(int width);

/** Bytes (width * height) to bits and back: what is not 0; what equals `value`; 0 and 1. */
void lct_mask_pack(const struct lct_mask_work *work, const uint8_t *bytes, uint64_t *mask);
void lct_mask_pack_equal(const struct lct_mask_work *work, const uint8_t *bytes, uint8_t value, uint64_t *mask);
void lct_mask_unpack(const struct lct_mask_work *work, const uint64_t *mask, uint8_t *bytes);

/** What is not of the mask. `out` may be `mask`. */
void lct_mask_invert(const struct lct_mask_work *work, const uint64_t *mask, uint64_t *out);

/** The pixels of `plane` (of the size of the work) below `level`. */
void lct_mask_below(const struct lct_mask_work *work, const struct lct_image *plane, float level, uint64_t *mask);

/** Find the first stretch of set pixels of a row of `width` that begins at or after *x: *x .. *end - 1. */
bool lct_mask_next_run(const uint64_t *row, int width, int *x, int *end);

/** A connected piece of a mask. */
struct lct_piece {
    int32_t area_px;
    int32_t x0, y0, x1, y1; /**< bounding box, inclusive */
    double x_sum, y_sum;    /**< of its pixels; divided by the area: the centroid */
};

/** Label the 4-connected pieces of the mask in raster order: work->label is 0 outside, 1 .. n inside; pieces[0 .. n-1]
 *  (at most `max`; pieces beyond it keep label 0; NULL: not wanted). work->runs keeps the runs they are made of. Returns n. */
int lct_mask_label(struct lct_mask_work *work, const uint64_t *mask, struct lct_piece *pieces, int max);

/** Keep the 4-connected pieces of at least `min_area_px` pixels that share one with `seed` (NULL: all of them), clear the others.
 *  Returns how many are left. */
int lct_mask_keep(struct lct_mask_work *work, uint64_t *mask, const uint64_t *seed, double min_area_px);

/** Clear the pieces of the mask that are smaller than `share` of its largest. Returns the area of that one. */
int32_t lct_mask_keep_large(struct lct_mask_work *work, uint64_t *mask, double share);

/** Clear the pieces of the mask that are smaller than `share` of the largest one in the same piece of `within`, which holds all of
 *  the mask. Spoils work->label. */
void lct_mask_drop_specks(struct lct_mask_work *work, uint64_t *mask, const uint64_t *within, double share);

/** Fill the holes (4-connected background pieces that do not touch the border) of less than `max_area_px`. */
void lct_mask_fill_holes(struct lct_mask_work *work, uint64_t *mask, double max_area_px);

/** Chamfer distance (3-4 weights; thirds of a pixel, within 6 % of Euclid) of every pixel to the nearest one with
 *  `from[i] != 0`, into work->distance; saturates at 65 531. */
enum { LCT_CHAMFER_PX = 3 };
void lct_mask_distance(struct lct_mask_work *work, const uint8_t *from);

/** What lies within `radius_px` (at most LCT_MASK_MAX_RADIUS_PX; Euclid, pixel centres) of the mask. `out` may be `mask`. */
enum { LCT_MASK_MAX_RADIUS_PX = 40 };
void lct_mask_dilate(struct lct_mask_work *work, const uint64_t *mask, double radius_px, uint64_t *out);

/** What lies farther than `radius_px` from every pixel that is not of the mask; the plane's border does not count as an edge. `out`
 *  may be `mask`. */
void lct_mask_erode(struct lct_mask_work *work, const uint64_t *mask, double radius_px, uint64_t *out);

/** Opening by a disc of `radius_px`: what is narrower than 2 radii goes; the plane's border does not count as an edge. `out` may be
 *  `mask`. */
void lct_mask_open(struct lct_mask_work *work, const uint64_t *mask, double radius_px, uint64_t *out);

/** Closing by a disc, the opening of all that is not of the mask. `out` may be `mask`. */
void lct_mask_close(struct lct_mask_work *work, const uint64_t *mask, double radius_px, uint64_t *out);

#endif
