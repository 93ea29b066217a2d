/* chord.h -- directions along a ring: chords of one length from each of its points */
#ifndef LCTEM_MEASURE_CHORD_H
#define LCTEM_MEASURE_CHORD_H

#include <lctem/contour.h>

struct chord {
    const struct lct_ring *ring;
    double length_px; /* of ring between the two ends, at least */
    size_t from, to;  /* steps from the ring's first point; to - n is the same point as to */
    double run_px;    /* of ring between them */
    double step_px;   /* from its first end to the ring's next point: what it stands for */
};

/* Begin with a ring of at least three points. */
struct chord chord_begin(const struct lct_ring *ring, double length_px);

/* Next chord; false: all points have had theirs, or the ring is shorter than two chords. */
bool chord_next(struct chord *chord);

static inline double chord_x(const struct chord *c, size_t at)
{
    return c->ring->x_px[at % c->ring->n];
}
static inline double chord_y(const struct chord *c, size_t at)
{
    return c->ring->y_px[at % c->ring->n];
}

#endif
