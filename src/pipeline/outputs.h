/* outputs.h -- the files of a run's folder, opened together, filled frame by frame, closed together */
#ifndef LCTEM_PIPELINE_OUTPUTS_H
#define LCTEM_PIPELINE_OUTPUTS_H

#include "result.h"

#include <lctem/labels.h>

struct outputs {
    const char *dir;
    struct lct_table *areas, *drift, *frames, *events, *lattice, *moire;
    struct lct_labels *labels;
    struct lct_overlay *overlay;
    long n_events, n_flagged;
};

/* Create the folder and begin all files. LCT_E_OUTPUT: cannot be written, or holds results already and neither force nor resume. */
LCT_MUST_CHECK enum lct_status outputs_open(struct outputs *out, const char *dir, const struct movie *movie,
    const struct plan *plan, const struct lct_overlay_layout *layout, bool force, struct lct_err *err);

/* Append everything of one frame. */
LCT_MUST_CHECK enum lct_status outputs_add(struct outputs *outputs, const struct movie *movie, const struct plan *plan,
    const struct result *result, struct lct_err *err);

/* Append events of the tracker; their places are on the planes of the frame that was given last, `k`. */
LCT_MUST_CHECK enum lct_status outputs_add_events(struct outputs *outputs, const struct movie *movie, const struct plan *plan,
    long k, const struct lct_event *events, size_t n, struct lct_err *err);

/* Push tables to the disk. */
LCT_MUST_CHECK enum lct_status outputs_flush(struct outputs *outputs, struct lct_err *err);

/* Finish all files under their names. */
LCT_MUST_CHECK enum lct_status outputs_close(struct outputs *outputs, struct lct_err *err);

/* Give up: close what is open, keep the tables and what can be gone on with. Accepts a zeroed or closed struct. */
void outputs_abandon(struct outputs *outputs);

#endif
