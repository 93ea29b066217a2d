/* layer.h -- whole layers that a facet gains or loses */
#ifndef LCTEM_LAYER_H
#define LCTEM_LAYER_H

#include <stdbool.h>

/** What is remembered of a facet from frame to frame; zeroed to begin with. */
struct lct_layer_follower {
    bool begun;
    bool unseen;            /**< frames without a height lie behind the last one that had it */
    int level;              /**< layers since the first frame */
    double time_s, layers;  /**< of the last frame */
    double crossed_s[2][3]; /**< when the height last passed 1/4, 1/2 and 3/4 of the next layer up [0] and down [1];
                               NaN: is below; -infinity: while nobody looked */
};

/** A layer that has come or gone. */
struct lct_layer_step {
    int sign;          /**< +1: added, -1: removed */
    double time_s;     /**< half of it was there */
    double duration_s; /**< twice the time from a quarter to three quarters of it; NaN: one of them was not seen */
};

/** Tell the follower the height of the next frame, in layers from the first one. A step counts when three quarters of
 * it are there; noise that passes the half and falls back does not. Returns whether there was a step; of several in one
 * frame, call again with the same numbers for the next. A NaN height is a frame in which nothing was measured: a layer
 * whose half came or went over such frames has no time, and is counted without being told. [equations FA5] */
bool lct_layer_follow(struct lct_layer_follower *follower, double time_s, double layers, struct lct_layer_step *step);

#endif
