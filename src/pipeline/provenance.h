/* provenance.h -- run.json: what was done to which bytes, with what, and what came of it */
#ifndef LCTEM_PIPELINE_PROVENANCE_H
#define LCTEM_PIPELINE_PROVENANCE_H

#include "input.h"
#include "journal.h"
#include "plan.h"

#include <lctem/analyze.h>

struct provenance {
    const char *dir;
    const struct lct_recipe *recipe;
    const struct lct_analyze_hooks *hooks;
    const struct movie *movie;
    const struct plan *plan; /* NULL, or plan->n 0: not made yet */
    const struct input *input;
    const struct journal *journal;
    const struct laps *laps;
    int threads;
    double started_s;   /* since 1970; NaN: no clock */
    const char *status; /* running, complete, interrupted, failed */
    const char *reason; /* of a fault; NULL: none */
    char recipe_sha256[LCT_SHA256_TEXT];
    long frames_done;
    struct lct_analysis found;
};

/* Write <dir>/run.json, whole or not at all. */
LCT_MUST_CHECK enum lct_status provenance_write(const struct provenance *p, struct lct_err *err);

/* Say what the user should know about movie and plan before trusting the numbers. */
void provenance_warn(const struct movie *movie, const struct plan *plan, const struct lct_log *log);

#endif
