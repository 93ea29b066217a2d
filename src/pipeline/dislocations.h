/* dislocations.h -- phase vortices followed from frame to frame: those that last are events */
#ifndef LCTEM_PIPELINE_DISLOCATIONS_H
#define LCTEM_PIPELINE_DISLOCATIONS_H

#include <lctem/err.h>
#include <lctem/table.h>

/* One that is seen in a frame; places drift-corrected. */
struct dislocation_seen {
    long k, number; /* frame of the run, and in the movie */
    double time_s;
    int particle;
    double x_nm, y_nm;
    double bx_nm, by_nm; /* Burgers vector, right and up */
};

/* One under watch: where it was seen first and last. */
struct dislocation_track {
    struct dislocation_seen first, last;
    long n;
};

/* Those under watch. No pointers: it goes into checkpoints as it is. */
enum { DISLOCATION_TRACKS = 32 };
struct dislocation_watch {
    struct dislocation_track track[DISLOCATION_TRACKS];
    int n;
};

/* Add what is seen; frames come in order. */
void dislocation_watch_add(struct dislocation_watch *watch, const struct dislocation_seen *seen);

/* Write those that have not been seen for a while by frame k, and have lasted, as events; forget the others. k
 * negative: the movie is over. `n_events` counts them. LCT_E_OUTPUT: cannot be written. */
LCT_MUST_CHECK enum lct_status dislocation_watch_settle(
    struct dislocation_watch *watch, long k, struct lct_table *events, long *n_events, struct lct_err *err);

#endif
