/* outputs.h -- the files of a run's folder, opened together, filled frame by frame, closed together */
#ifndef LCTEM_PIPELINE_OUTPUTS_H
#define LCTEM_PIPELINE_OUTPUTS_H

#include "budget.h"
#include "checkpoint.h"
#include "result.h"
#include "spool.h"

#include <lctem/labels.h>

struct outputs {
    const char *dir;
    struct lct_table *areas, *drift, *frames, *events, *lattice, *moire, *contours, *order;
    struct lct_labels *labels;
    struct lct_overlay *overlay;
    struct spool *spool, *rims;
    long n_events, n_flagged;
    int n_particles;
    struct dislocation_watch watch;
    struct drawing { /* pictures on their way into the overlay */
        const uint32_t *picture[BUDGET_MAX_CHUNK];
        double time_s[BUDGET_MAX_CHUNK];
        size_t n;
        struct lct_aside *aside;
    } drawing;
};

/* Where the files lie and what they are to hold; all borrowed. */
struct outputs_params {
    const char *dir, *spool, *rims;
    const struct movie *movie;
    const struct plan *plan;
    const struct lct_overlay_layout *layout; /* NULL: no overlay */
};

/* Begin all files in the folder, which is there; or, with `mark`, go on with them behind it (but for the overlay, which begins anew:
 * see outputs_redraw). LCT_E_OUTPUT: cannot be written. LCT_E_INPUT: not the files that the mark was made of. */
LCT_MUST_CHECK enum lct_status outputs_open(
    struct outputs *out, const struct outputs_params *params, const struct outputs_mark *mark, struct lct_err *err);

/* Append a frame that is finished already to the overlay only. */
LCT_MUST_CHECK enum lct_status outputs_redraw(
    struct outputs *outputs, const struct plan *plan, const struct result *result, struct lct_err *err);

/* Append everything of the next n (at most BUDGET_MAX_CHUNK) frames, in their order; several files at a time. With more than one thread
 * the overlay, which takes longest, is still at work when this returns: the pictures stay as they are, and `outputs` where it is,
 * until outputs_settle. */
LCT_MUST_CHECK enum lct_status outputs_add(struct outputs *outputs, const struct movie *movie, const struct plan *plan,
    const struct result *const *results, size_t n, int threads, struct lct_err *err);

/* Wait for the overlay. */
LCT_MUST_CHECK enum lct_status outputs_settle(struct outputs *outputs, struct lct_err *err);

/* Push everything to the disk, and say how far it has come. */
LCT_MUST_CHECK enum lct_status outputs_flush(struct outputs *outputs, struct outputs_mark *mark, struct lct_err *err);

/* Finish all files under their names. */
LCT_MUST_CHECK enum lct_status outputs_close(struct outputs *outputs, struct lct_err *err);

/* Give up: close what is open, keep the tables and what can be gone on with. Accepts a zeroed or closed struct. */
void outputs_abandon(struct outputs *outputs);

#endif
