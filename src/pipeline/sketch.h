/* sketch.h -- what the overlay shows of a frame, packed so small that it can be kept and drawn again by a resumed run */
#ifndef LCTEM_PIPELINE_SKETCH_H
#define LCTEM_PIPELINE_SKETCH_H

#include "band.h"
#include "plan.h"

#include <lctem/overlay.h>

/* Outlines, numbers, and the plane along the outlines. Coordinates are rounded to 1/64 px, and the overlay is always drawn from them, so that a first drawing and
 * a later one are the same. */
struct sketch {
    unsigned char *bytes; /* n, owned */
    size_t n, capacity;
};

struct result;

/* A sketch unpacked: the particles of a frame. */
enum { SKETCH_BORDER = 1, SKETCH_CONTACT = 2 };
struct sketch_shapes {
    struct lct_outline *outlines;     /* 2 n: core and whole particle, px of the frame as recorded */
    struct lct_overlay_label *labels; /* n: identity and centroid */
    unsigned *flags;                  /* n */
    struct band *bands;               /* n: the plane along the core's outline */
    size_t n;
};
/* Without bands, these are empty, and half of the time is saved. `number` of the frame in the movie is for the words of
 * a fault. LCT_E_INPUT: bytes that no sketch is made of, or no memory. */
LCT_MUST_CHECK enum lct_status sketch_unpack(
    struct sketch_shapes *out, const struct sketch *sketch, bool with_bands, long number, struct lct_err *err);
void sketch_shapes_finish(struct sketch_shapes *shapes);

/* Replace the sketch by that of a measured result. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status sketch_pack(struct sketch *sketch, const struct result *result, struct lct_err *err);

/* Where and when a sketch is drawn. */
struct sketch_place {
    const struct plan *plan;
    const struct lct_overlay_layout *layout;
    const struct lct_image *frame; /* as recorded */
    long k, number;                /* of the frame in the run and in the movie */
};

/* Draw frame and sketch into `picture`, as lct_overlay_draw. Pure. LCT_E_INPUT: bytes that no sketch is made of. */
LCT_MUST_CHECK enum lct_status sketch_draw(
    const struct sketch *sketch, const struct sketch_place *place, uint32_t *picture, struct lct_err *err);

void sketch_finish(struct sketch *sketch);

#endif
