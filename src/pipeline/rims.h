/* rims.h -- the rims of a frame, packed for the spool until the whole movie is known */
#ifndef LCTEM_PIPELINE_RIMS_H
#define LCTEM_PIPELINE_RIMS_H

#include "sketch.h"

#include <lctem/gap.h>
#include <lctem/rim.h>

struct movie;
struct plan;

/* Square px of the sample, in the place of the region: there lengths along the outline are right in every direction. */
struct rims_sample {
    double x_px, y_px; /* where the region begins */
    double stretch;    /* of y */
    double blur_px;    /* sd of an edge */
};
struct rims_sample rims_sample_of(const struct plan *plan, const struct movie *movie);

/* The rim of one particle, px of the sample. */
struct rim_record {
    int particle;
    double side_px; /* a sixth of the circumference of a hexagon with the core's area */
    struct lct_rim rim;
    struct lct_gap *gaps; /* n_gaps, owned */
    size_t n_gaps;
};

/* Those of a frame. */
struct rims {
    struct rim_record *records; /* n, owned */
    size_t n;
};

/* Move a measured result's rims to the sample, find their gaps, and replace the bytes by those of both. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status rims_pack(
    struct sketch *packed, struct result *result, const struct rims_sample *sample, struct lct_err *err);

/* LCT_E_INPUT: bytes that no rims are made of. */
LCT_MUST_CHECK enum lct_status rims_unpack(struct rims *out, const struct sketch *packed, struct lct_err *err);

void rims_finish(struct rims *rims);

#endif
