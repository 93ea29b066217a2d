/* reproduce.h -- the paper's numbers beside ours: one row for each that can be computed */
#ifndef LCTEM_REPRODUCE_H
#define LCTEM_REPRODUCE_H

#include <lctem/err.h>
#include <lctem/log.h>
#include <lctem/mc_grow.h>
#include <lctem/progress.h>
#include <lctem/table.h>
#include <stdbool.h>
#include <stddef.h>

/** How our number stands to the paper's. */
enum lct_claim_verdict {
    LCT_CLAIM_AGREES,    /**< within 2 sigma of ours, somewhere in what the paper's words allow */
    LCT_CLAIM_DISAGREES, /**< not so, or it does not happen at all */
    LCT_CLAIM_UNKNOWN,   /**< the paper gives too little to compute it, or no number to hold ours against */
    LCT_CLAIM_VERDICTS
};
const char *lct_claim_verdict_text(enum lct_claim_verdict verdict); /**< "agrees" ... */

/** A row of reproduce.csv. Texts are borrowed: valid until the next row. NaN: no such number. */
struct lct_claim_row {
    const char *name;     /**< short and unique: "core_2_start" */
    const char *figure;   /**< of the paper: "2d", "eq. (4)" */
    const char *quantity; /**< in words */
    const char *unit;     /**< "" for counts */
    const char *said;     /**< the paper's words where they are not just the number; "" */
    double paper, paper_low,
        paper_high; /**< the number, and the range that its words or its digits allow; may be infinite */
    double ours, ours_sd;
    enum lct_claim_verdict verdict;
    const char *reading; /**< of the model's recipe, in words; "" for rows that have none */
    const char *command; /**< that makes ours; "" where there is nothing to run */
    const char *note;    /**< what to bear in mind; "" */
};

struct lct_reproduce_params {
    const char *output; /**< folder, made if missing */
    bool quick;         /**< every second frame, small ensembles */
    int threads;        /**< >= 1; the numbers do not depend on it */
};

/** The caller's; every member may be NULL. */
struct lct_reproduce_hooks {
    const struct lct_progress *progress;
    const struct lct_log *log;
    void (*row)(void *context, const struct lct_claim_row *row); /**< as soon as a row is known */
    lct_mc_frame_fn *picture; /**< gets the trajectory of figure 5a; called from several threads */
    void (*draw)(void *context, const char *folder, const char *script); /**< let gnuplot run a script there */
    void *context;
};

struct lct_reproduction {
    size_t n, count[LCT_CLAIM_VERDICTS];
};

/** reproduce.csv */
extern const struct lct_table_spec lct_reproduce_table;

/** Compute every row; write into the folder reproduce.csv, reproduction.md, `scenes/` and what the commands of the rows make
 *  (`film/`, `etching/`, `still/`, `pocket/`, `model/`), and `figures/` with gnuplot scripts and their data.
 *  LCT_E_OUTPUT: cannot be written. LCT_E_CANCELLED. Faults of the stages pass through. */
LCT_MUST_CHECK enum lct_status lct_reproduce_run(struct lct_reproduction *out,
    const struct lct_reproduce_params *params, const struct lct_reproduce_hooks *hooks, struct lct_err *err);

/** Verdict on ours +- sd against the range. `ours` NaN: it did not happen, which disagrees; a range of NaN: nothing to hold it
 *  against. */
enum lct_claim_verdict lct_claim_judge(double low, double high, double ours, double ours_sd);

#endif
