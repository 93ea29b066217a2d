/* rims.h -- the rims of a frame, packed for the spool until the whole movie is known */
#ifndef LCTEM_PIPELINE_RIMS_H
#define LCTEM_PIPELINE_RIMS_H

#include "sketch.h"

#include <lctem/rim.h>

/* The rim of one particle, px of the sample. */
struct rim_record {
    int particle;
    double side_px; /* a sixth of the circumference of a hexagon with the core's area */
    struct lct_rim rim;
};

/* Those of a frame. */
struct rims {
    struct rim_record *records; /* n, owned */
    size_t n;
};

/* Replace the bytes by those of a measured result's rims. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status rims_pack(struct sketch *packed, const struct result *result, struct lct_err *err);

/* LCT_E_INPUT: bytes that no rims are made of. */
LCT_MUST_CHECK enum lct_status rims_unpack(struct rims *out, const struct sketch *packed, struct lct_err *err);

void rims_finish(struct rims *rims);

#endif
