/* checkpoint.h -- a trajectory on disk; private to the room */
#ifndef LCT_MC_CHECKPOINT_H
#define LCT_MC_CHECKPOINT_H

#include <lctem/mc_grow.h>

/** One row of growth.csv. */
struct lct_mc_growth_row {
    uint64_t step;
    struct lct_mc_counts counts;
};

/** All that is needed to go on. */
struct lct_mc_checkpoint {
    struct lct_mc_snapshot state; /**< state.occupancy: n_sites values, owned by the caller */
    uint64_t fingerprint;         /**< of model and run: another model is refused */
    uint64_t finished, end, next_fifth;
    struct lct_mc_growth_row *rows; /**< n_rows, owned by the caller */
    uint64_t n_rows;
};

LCT_MUST_CHECK enum lct_status lct_mc_checkpoint_write(
    const struct lct_mc_checkpoint *checkpoint, uint32_t n_sites, const char *path, struct lct_err *err);
/** Read into `out`, whose state.occupancy holds n_sites bytes; rows are allocated. LCT_E_NODATA: no such file. LCT_E_INPUT: no checkpoint of
 *  ours, or of another model. */
LCT_MUST_CHECK enum lct_status lct_mc_checkpoint_read(
    struct lct_mc_checkpoint *out, uint32_t n_sites, uint64_t fingerprint, const char *path, struct lct_err *err);

#endif
