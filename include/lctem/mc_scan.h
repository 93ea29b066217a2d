/* mc_scan.h -- a grid over any parameters of the lattice model: which reading gives which of the paper's results */
#ifndef LCTEM_MC_SCAN_H
#define LCTEM_MC_SCAN_H

#include <lctem/err.h>
#include <lctem/mc_ensemble.h>
#include <lctem/progress.h>
#include <stddef.h>

enum { LCT_MC_SCAN_AXES = 8 };

/** One axis: a key and the values it takes, as text. */
struct lct_mc_axis {
    char *key;
    char **values; /**< n, owned */
    size_t n;
};

/** Read "KEY=a,b,c", "KEY=A:B:STEP" (both ends in) or "KEY=A:B:*FACTOR". LCT_E_ARG: not of this form, or more than 10 000 values. */
LCT_MUST_CHECK enum lct_status lct_mc_axis_init(struct lct_mc_axis *out, const char *text, struct lct_err *err);
void lct_mc_axis_finish(struct lct_mc_axis *axis);

/** What a point of the map gives. */
struct lct_mc_scan_point {
    struct lct_mc_waiting bare, shell;
    struct lct_mc_estimate ratio; /**< of means */
    double attempts, events;
    /** which of the paper's results hold within a factor: persistence (mean onset with shell) 3e3 .. 3e4 steps, ratio 12 .. 33,
     *  exposure cost before the productive crack 2 .. 4 kT, shell area 0.75 .. 1.25 of the start */
    bool persists, ratio_twenty, cost_three, shell_unchanged;
};

/** What the n passages of one point (replicas of both kinds) say together. */
void lct_mc_scan_summarise(
    struct lct_mc_scan_point *out, const struct lct_mc_passage *passages, size_t n, uint64_t seed);

/** Columns of scan.csv behind those of the axes. */
extern const struct lct_column lct_mc_scan_columns[];
enum { LCT_MC_SCAN_COLUMNS = 24 };
void lct_mc_scan_cells(const struct lct_mc_scan_point *point, struct lct_cell cells[LCT_MC_SCAN_COLUMNS]);

#endif
