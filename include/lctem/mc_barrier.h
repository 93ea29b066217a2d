/* mc_barrier.h -- free energies F(q) over the moves of the model, by rejection-free sampling under flat weights */
#ifndef LCTEM_MC_BARRIER_H
#define LCTEM_MC_BARRIER_H

#include <lctem/err.h>
#include <lctem/mc.h>
#include <lctem/progress.h>
#include <lctem/table.h>
#include <stdint.h>

/** What q counts. */
enum lct_mc_order {
    LCT_MC_ORDER_CORE,    /**< core sites beyond the start: a new layer (q > 0), dissolution (q < 0) */
    LCT_MC_ORDER_EXPOSED, /**< exposed core sites: the opening of the shell */
};

/** How F is sampled: from the start's q outwards, in windows that overlap by half. In each, weights are learnt until all its q see about as
 *  many events, then time is measured under fixed weights: F(q) = weight(q) - ln time(q); windows are joined where they overlap. Each
 *  run does all of this by itself, so that the scatter of the runs holds every error but the finite length that they share. */
struct lct_mc_barrier_params {
    enum lct_mc_order order;
    long first, last;        /**< range of q; moves beyond are refused */
    int width;               /**< values of q in a window, >= 2; 4 */
    int rounds;              /**< of learning in each window; 0: no weights and one window (brute force) */
    uint64_t round_events;   /**< events per round */
    int runs;                /**< independent runs; the sigma comes from their scatter; >= 2 */
    uint64_t run_events;     /**< events that measure, per run, shared by the windows */
    uint64_t seed;
    int threads;
};
struct lct_mc_barrier_params lct_mc_barrier_defaults(enum lct_mc_order order);

/** F at one q, in kT, 0 at q = 0; NaN where no event fell. */
struct lct_mc_barrier_point {
    long q;
    double free_energy_kt, free_energy_sd_kt;
    double visits; /**< events, all runs together */
};

/** Sample F(q) from `start` (n_sites values). `out`: last - first + 1 points, the caller's. The model's own number conservation decides
 *  the ensemble: with exchange_weight 0 it is canonical. LCT_E_ARG: a range without the start's q. LCT_E_CANCELLED. */
LCT_MUST_CHECK enum lct_status lct_mc_barrier_run(struct lct_mc_barrier_point *out, const struct lct_mc_model *model,
    const uint8_t *start, const struct lct_mc_barrier_params *params, const struct lct_progress *progress, struct lct_err *err);

/** barrier.csv */
extern const struct lct_table_spec lct_mc_barrier_table;

/** F at another chemical potential of core, for ORDER_CORE: F(q) - (mu - mu0) q. Probability that, from q = 0, +width is reached before
 *  -width, for a walker that diffuses on F [equations MC5]. */
double lct_mc_growth_probability(
    const struct lct_mc_barrier_point *points, long first, long last, long width, double mu_change_kt);

/** The change of mu_core at which that is one half. LCT_E_NODATA: F is not known on -width .. width. */
LCT_MUST_CHECK enum lct_status lct_mc_coexistence(const struct lct_mc_barrier_point *points, long first, long last, long width,
    double *mu_change_kt, struct lct_err *err);

/** F of "any core site exposed" against "none": -ln(P(q > 0) / P(q = 0)); ORDER_EXPOSED. */
double lct_mc_opening_cost(const struct lct_mc_barrier_point *points, long first, long last);

#endif
