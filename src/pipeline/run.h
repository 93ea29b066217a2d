/* run.h -- one run of analyze, and the steps that its second pass takes for a few frames at a time */
#ifndef LCTEM_PIPELINE_RUN_H
#define LCTEM_PIPELINE_RUN_H

#include "crack_report.h"
#include "laps.h"
#include "masks.h"
#include "outputs.h"
#include "rims.h"
#include "session.h"

#include <lctem/analyze.h>

/* The second pass. */
struct run {
    const struct lct_recipe *recipe;
    const struct lct_analyze_hooks *hooks;
    int threads;
    struct movie movie;
    struct plan plan;
    struct window *window;
    struct lct_track *track;
    struct lct_mask_work *work; /* threads */
    struct result *results;     /* slots; frame k lives in slot k % slots */
    long chunk, slots;          /* frames that are worked on together, and those frames with what is looked ahead */
    long first, segmented;      /* first frame of the present step; frames below this are segmented */
    struct lattices_plan lattices;
    struct lattices_work **lattices_work; /* threads */
    struct lct_overlay_layout layout;
    struct outputs outputs;
    struct session session;
    struct laps laps;
    double track_s; /* spent in the present step */
    struct crack_report cracks;
    bool has_after;
    struct lct_after after;
    double layer_px; /* thickness of a layer of the shell; NaN: not known */
    struct rims_sample rims_sample;
    struct masks masks;          /* made elsewhere */
    bool has_masks, only_masks;  /* only: there is no movie */
    long next;                   /* first frame that is not finished */
    const struct lct_comm *comm; /* processes that share the frames; NULL: alone */
    bool sharing;                /* in the pass that they share: nothing is drawn there */
};

/* Memory for the second pass, once there is a plan. */
LCT_MUST_CHECK enum lct_status run_make_room(struct run *run, struct lct_err *err);
void run_finish(struct run *run);

/* The second pass for frames first .. first + count - 1 (count <= run->chunk), step by step. Segmenting needs the frames and the
 * plan only, and so does measuring once the labels are known; identities and files need the steps before to be done for all frames
 * before. */
LCT_MUST_CHECK enum lct_status run_segment(struct run *run, long first, long count, struct lct_err *err);
LCT_MUST_CHECK enum lct_status run_track(struct run *run, long count, struct lct_err *err);
LCT_MUST_CHECK enum lct_status run_measure(struct run *run, long count, struct lct_err *err);
LCT_MUST_CHECK enum lct_status run_track_and_measure(
    struct run *run, long count, struct lct_err *err); /* both, side by side */
LCT_MUST_CHECK enum lct_status run_write(struct run *run, long count, struct lct_err *err);

/* All of them for all frames that are left, after the overlay of those that an interrupted run has finished. */
LCT_MUST_CHECK enum lct_status run_second_pass(struct run *run, struct lct_err *err);

/* A run's outputs from the mark on (from the beginning: NULL); `draws`: with the overlay. */
LCT_MUST_CHECK enum lct_status run_open_outputs(
    struct run *run, const struct outputs_mark *mark, bool draws, struct lct_err *err);

/* What follows the second pass: facets, profiles, cracks, which need the whole life of a particle; with the tables closed,
 * concentrations, stages and plots; with everything there, the page about it. */
LCT_MUST_CHECK enum lct_status run_measure_shapes(struct run *run, struct lct_err *err);
LCT_MUST_CHECK enum lct_status run_conclude(struct run *run, struct lct_err *err);
LCT_MUST_CHECK enum lct_status run_make_report(struct run *run, struct lct_err *err);

#endif
