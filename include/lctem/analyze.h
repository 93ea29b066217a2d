/* analyze.h -- the whole chain: a movie in, tables, labels, overlay and plots out */
#ifndef LCTEM_ANALYZE_H
#define LCTEM_ANALYZE_H

#include <lctem/after.h>
#include <lctem/comm.h>
#include <lctem/crack_stats.h>
#include <lctem/err.h>
#include <lctem/log.h>
#include <lctem/progress.h>
#include <lctem/recipe.h>

/** What surrounds a run: the caller's, all may be NULL. */
struct lct_analyze_hooks {
    const struct lct_progress *progress;
    const struct lct_log *log;         /**< warnings and remarks */
    const char *command;               /**< the command line, for run.json */
    const char *version;               /**< of the program */
    const struct lct_options *options; /**< over the recipe: written as recipe.yaml */
    lct_clock_fn *clock;               /**< for the times in run.json */
    void *clock_context;
    const struct lct_comm
        *comm; /**< processes that share the frames, all called with the same and seeing the same folders; rank 0 makes
                                         plan, overlay and report; the others get no results. NULL: this one alone */
};

enum { LCT_ANALYSIS_CRACK_ROWS = 9 };

/** What a run found, in short. */
struct lct_analysis {
    long n_frames;
    int n_particles;
    long n_flagged; /**< frames with a flag */
    long n_events;
    struct lct_crack_summary
        cracks[LCT_ANALYSIS_CRACK_ROWS]; /**< of the movie, then of its first particles with facets or cracks */
    int n_crack_rows;
    bool has_after; /**< stages and concentrations were found */
    struct lct_after after;
};

/** Analyze `movie` into folder `recipe->output`, which is created; an existing one with results is not touched without force or
 *  resume. Writes the files that SPEC names; tables grow while it runs.
 *  LCT_E_ARG, LCT_E_INPUT, LCT_E_FORMAT, LCT_E_OUTPUT, LCT_E_LIMIT as everywhere; LCT_E_CANCELLED: stopped by the caller. */
LCT_MUST_CHECK enum lct_status lct_analyze(struct lct_analysis *out, const char *movie, const struct lct_recipe *recipe,
    const struct lct_analyze_hooks *hooks, struct lct_err *err);

#endif
