/* plan.h -- what the files of this room share: the immutable plan and a thread's work space */
#ifndef PHANTOM_PLAN_H
#define PHANTOM_PLAN_H

#include "cells.h"
#include "geometry.h"
#include "lattice.h"
#include "scene.h"
#include <lctem/phantom.h>

struct lct_phantom {
    struct scene scene;
    uint64_t seed;
    int width, height;
    struct waves *core_waves, *rim_waves; /* one for each particle */
    struct cells cells;                   /* what the scene's `cells` points to */
    float *gain, *hot;                    /* planes: the camera's fixed pattern */
};

struct lct_phantom_scratch {
    struct layout layout;
    float *rows;                             /* coverage differences, (width + 2) * height */
    float *core, *shell, *mass, *soft, *tmp; /* planes; tmp has a margin for the blur */
    float *field;                            /* scratch of field_add */
    float *line;                             /* 2 * width */
    uint16_t *owner;                         /* which particle's lattice a pixel shows, from 1 */
};

static inline double phantom_time_s(const struct lct_phantom *p, long index)
{
    return (double)index / p->scene.fps;
}

#endif
