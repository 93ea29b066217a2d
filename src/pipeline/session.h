/* session.h -- the folder of a run: who may write into it, what is known about the run, and where it can be gone on with */
#ifndef LCTEM_PIPELINE_SESSION_H
#define LCTEM_PIPELINE_SESSION_H

#include "checkpoint.h"
#include "provenance.h"

struct session {
    const char *dir;
    char *folder;      /* <dir>/.lctem */
    int lock;          /* descriptor; -1: none */
    bool begun;        /* the folder is ours: run.json is written whatever happens */
    bool resumes;      /* there is a plan and a state of this very run */
    bool was_complete; /* nothing is left to do */
    char *identity;    /* input and recipe as lines "key: value" */
    char *truncated;   /* why the movie is shorter than announced; NULL: it is not */
    struct input input;
    struct journal journal;
    struct lct_log log; /* into the journal */
    struct provenance facts;
};

struct session_params {
    const struct lct_recipe *recipe;
    const struct lct_analyze_hooks *hooks;
    const struct movie *movie;
    const struct laps *laps;
    int threads;
};

/* Make or enter the folder of the run. Everything in `params`, and the session itself, must stay where it is.
 * LCT_E_OUTPUT: cannot be written, holds results that are not ours to touch, or another run is at work there.
 * LCT_E_ARG: cannot be resumed, for recipe or input differ: says which. */
LCT_MUST_CHECK enum lct_status session_begin(
    struct session *out, const struct session_params *params, struct lct_err *err);

/* Make the folder, and see that nothing in it would be lost. LCT_E_OUTPUT: cannot be made, or holds results and neither force nor resume
 * is given. */
LCT_MUST_CHECK enum lct_status session_check_folder(
    const char *dir, const struct lct_recipe *recipe, struct lct_err *err);

/* The folder of a run that another process has begun: only session_path and session_load_plan may be used, and session_finish. */
LCT_MUST_CHECK enum lct_status session_visit(struct session *out, const struct lct_recipe *recipe, struct lct_err *err);

/* The plan is made (or loaded by session_load_plan): warn, and keep it. */
LCT_MUST_CHECK enum lct_status session_planned(struct session *session, const struct plan *plan, struct lct_err *err);
LCT_MUST_CHECK enum lct_status session_load_plan(struct session *session, struct plan *plan, struct lct_err *err);

/* Everything is done but the report, which shows run.json as it will be: write it as complete. What a resumed run needs stays until
 * session_end, so that a report that is not finished is made again. */
LCT_MUST_CHECK enum lct_status session_complete(struct session *session, struct lct_err *err);

/* Close the books: run.json says how it ended; what was kept for resuming goes when the run is complete. Returns `status`, or why
 * run.json could not be written. */
enum lct_status session_end(struct session *session, enum lct_status status, struct lct_err *err);

/* Path of a file in the checkpoint's folder; caller frees. NULL: no memory. */
char *session_path(const struct session *session, const char *name);

void session_finish(struct session *session);

#endif
