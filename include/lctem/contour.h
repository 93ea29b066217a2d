/* contour.h -- closed outlines in image coordinates */
#ifndef LCTEM_CONTOUR_H
#define LCTEM_CONTOUR_H

#include <lctem/err.h>
#include <lctem/image.h>
#include <stdbool.h>
#include <stddef.h>

enum lct_phase { LCT_LIQUID = 0, LCT_CORE = 1, LCT_SHELL = 2 };

/** A closed ring of n points (the last is joined to the first). Outer rings turn counter-clockwise as seen on the screen,
 *  holes clockwise. Coordinates in px of the frame they were found in. */
struct lct_ring {
    double *x_px, *y_px; /**< n values each, owned by the outline that holds the ring */
    size_t n;
    bool hole;
};

/** All rings of one phase of one particle in one frame. For LCT_SHELL the rings bound the whole particle (core + shell). */
struct lct_outline {
    int particle;
    enum lct_phase phase;
    struct lct_ring *rings; /**< n_rings, owned */
    size_t n_rings;
    double shared_px; /**< of its length, where another particle begins */
};

/** Corners that are enough to stay within `tolerance_px` of a ring: their indices, rising, into `corner` (room for ring->n); returns
 *  their number, at least min(3, ring->n). Pure. */
size_t lct_ring_thin(const struct lct_ring *ring, double tolerance_px, size_t *corner);

void lct_outline_finish(struct lct_outline *outline);

#endif
