/* checkpoint.h -- what a run keeps in <dir>/.lctem so that it can be gone on with after any interruption */
#ifndef LCTEM_PIPELINE_CHECKPOINT_H
#define LCTEM_PIPELINE_CHECKPOINT_H

#include "dislocations.h"
#include "plan.h"

#include <lctem/track.h>

/* How far the files of a run have come when a frame is finished. */
struct outputs_mark {
    long long areas, drift, frames, events, lattice, moire, contours, labels, spool, rims; /* bytes */
    long pages, n_events, n_flagged;
    int n_particles;
    long long order;
    struct dislocation_watch watch;
};

/* State behind frame next - 1. */
struct checkpoint {
    long next;
    struct outputs_mark mark;
};

/* Files of the folder; also what is removed when the run is complete. */
#define CHECKPOINT_FOLDER ".lctem"
#define CHECKPOINT_PLAN "plan"
#define CHECKPOINT_STATE "state"
#define CHECKPOINT_SPOOL "spool"
#define CHECKPOINT_RIMS "rims"
#define CHECKPOINT_IDENTITY "identity"
#define CHECKPOINT_LOCK "lock"

/* The plan, and the words about a truncated movie (may be NULL). LCT_E_OUTPUT: cannot be written. */
LCT_MUST_CHECK enum lct_status checkpoint_save_plan(
    const char *folder, const struct plan *plan, const char *truncated, struct lct_err *err);

/* `truncated` is the caller's to free. LCT_E_INPUT: missing or damaged. */
LCT_MUST_CHECK enum lct_status checkpoint_load_plan(
    const char *folder, struct plan *plan, char **truncated, struct lct_err *err);

LCT_MUST_CHECK enum lct_status checkpoint_save(
    const char *folder, const struct checkpoint *checkpoint, const struct lct_track *track, struct lct_err *err);

/* Into a fresh tracker of the same size; `track` NULL: the marks only. LCT_E_INPUT: missing or damaged. */
LCT_MUST_CHECK enum lct_status checkpoint_load(
    const char *folder, struct checkpoint *checkpoint, struct lct_track *track, struct lct_err *err);

/* Is there a state to go on from? */
bool checkpoint_exists(const char *folder);

/* Remove all of it, the state first. Accepts a folder that is not there. */
void checkpoint_remove(const char *folder);

#endif
