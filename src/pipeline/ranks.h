/* ranks.h -- the second pass over several processes
 *
 * Frames are dealt out a few at a time, rank after rank. A rank reads and segments its frames by itself; then it waits for the state of
 * the tracker from the rank before, follows the particles through its frames, and hands the state on; measures its frames by itself;
 * waits for its turn to write, appends its rows behind those of the rank before, and hands the turn on. So the bytes are those of one
 * process, every checkpoint is one that a run of any number of processes goes on from, and no picture goes from process to process. */
#ifndef LCTEM_PIPELINE_RANKS_H
#define LCTEM_PIPELINE_RANKS_H

#include "run.h"

/* Rank 0, once its plan is in the folder and its room is made (`status`: how that went): lead the others through the pass. When it comes
 * back, the run is as one that was interrupted behind its last frame: what is left is drawn and summed up alone. The fault of
 * any rank is that of all. */
LCT_MUST_CHECK enum lct_status ranks_lead(struct run *run, enum lct_status status, struct lct_err *err);

/* Rank 0, where there is nothing to share: let the others go. Returns `status`, or the fault of another rank. */
LCT_MUST_CHECK enum lct_status ranks_dismiss(struct run *run, enum lct_status status, struct lct_err *err);

/* Another rank, with its movie open (`status`: how that went): wait for what rank 0 says, and take its plan. LCT_END: nothing is to
 * be done. */
LCT_MUST_CHECK enum lct_status ranks_hear(struct run *run, enum lct_status status, struct lct_err *err);

/* Another rank, with its room made (`status`): take part in the pass. */
LCT_MUST_CHECK enum lct_status ranks_help(struct run *run, enum lct_status status, struct lct_err *err);

#endif
