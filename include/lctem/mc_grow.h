/* mc_grow.h -- trajectories: rows at fixed steps, snapshots, checkpoints that go on bit for bit */
#ifndef LCTEM_MC_GROW_H
#define LCTEM_MC_GROW_H

#include <lctem/err.h>
#include <lctem/mc_engine.h>
#include <lctem/mc_ensemble.h>
#include <lctem/progress.h>
#include <lctem/table.h>
#include <stdbool.h>
#include <stdint.h>

/** growth.csv */
extern const struct lct_table_spec lct_mc_growth_table;

/** A configuration worth a picture; called by several threads at once, never twice for one name. */
struct lct_mc_frame {
    uint64_t replica, step;
    const uint8_t *occupancy; /**< n_sites, borrowed */
    struct lct_mc_counts counts;
};
typedef enum lct_status lct_mc_frame_fn(void *context, const struct lct_mc_frame *frame, struct lct_err *err);

struct lct_mc_grow_params {
    struct lct_mc_run run; /**< engine, seed, end of the run, threads */
    size_t replicas;
    bool shell;
    uint64_t every_steps; /**< between two rows; 100 */
    uint64_t
        snapshot_steps; /**< between two pictures, a multiple of every_steps; 0: at the start, at each fifth of the growth, at the end */
    const char *checkpoints; /**< folder for them (must exist); NULL: none */
    bool resume;             /**< go on from what is there */
};
struct lct_mc_grow_params lct_mc_grow_defaults(void);

/** How a trajectory ended. */
struct lct_mc_trajectory {
    enum lct_mc_end end;
    uint64_t steps;
    struct lct_mc_tally tally;
    struct lct_mc_counts counts;
};

/** Run the replicas; rows go to `table` ordered by replica and step, as soon as all before them are there; `out` (replicas values, the
 *  caller's) says how each ended. The same bytes on any number of threads, interrupted or not. LCT_E_CANCELLED, LCT_E_INPUT: a
 *  checkpoint of another model. */
LCT_MUST_CHECK enum lct_status lct_mc_grow(struct lct_mc_trajectory *out, const struct lct_mc_model *model,
    const struct lct_mc_grow_params *params, struct lct_table *table, const struct lct_progress *progress,
    lct_mc_frame_fn *frame, void *context, struct lct_err *err);

#endif
