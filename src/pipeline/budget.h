/* budget.h -- how much memory a run takes, before it takes it; and how many threads and frames at once that allows */
#ifndef LCTEM_PIPELINE_BUDGET_H
#define LCTEM_PIPELINE_BUDGET_H

#include "plan.h"

#include <lctem/overlay.h>

enum {
    BUDGET_MAX_CHUNK = 16, /* frames that are worked on together */
    BUDGET_AHEAD = 6, /* frames segmented ahead of them: after so many, a gap that has begun to open is plain to see */
};

/* Frames by which the drift finds its bearings: results depend on their number, so that no limit changes it. */
enum { BUDGET_ANCHORS = 24 };
/* Frames and planes that the first pass keeps at once, at most; its results do not depend on them. */
enum { BUDGET_PASS_FRAMES = 24, BUDGET_PASS_PLANES = 4 };

/* So many of the frames, on so many threads. */
long budget_pass_frames(int threads);

/* Lower *threads (at least 1) to what fits in `limit_bytes` (0: what 1024 x 1024 px do with comfort, or as little as it takes).
 * plan: its grid and planes are known. LCT_E_LIMIT: even one thread needs more than the limit, or than the machine has; says how
 * much. */
LCT_MUST_CHECK enum lct_status budget_first_pass(
    const struct plan *plan, const struct movie *movie, uint64_t limit_bytes, int *threads, struct lct_err *err);

/* Bytes that the frames of the first pass may take until the second. */
size_t budget_store_bytes(uint64_t limit_bytes);

/* The same for the second pass, and the frames that it holds at once: 1 .. BUDGET_MAX_CHUNK. */
struct budget_share {
    int threads;
    long chunk;
};
LCT_MUST_CHECK enum lct_status budget_second_pass(const struct plan *plan, const struct movie *movie,
    const struct lct_overlay_layout *layout, uint64_t limit_bytes, struct budget_share *share, struct lct_err *err);

#endif
