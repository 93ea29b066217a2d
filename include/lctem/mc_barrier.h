/* mc_barrier.h -- free energies F(q) over the moves of the model, by rejection-free sampling under weights */
#ifndef LCTEM_MC_BARRIER_H
#define LCTEM_MC_BARRIER_H

#include <lctem/comm.h>
#include <lctem/err.h>
#include <lctem/mc.h>
#include <lctem/progress.h>
#include <lctem/table.h>
#include <stdbool.h>
#include <stdint.h>

/** What q counts. */
enum lct_mc_order {
    LCT_MC_ORDER_CORE,    /**< core sites beyond the start: a new layer (q > 0), dissolution (q < 0) */
    LCT_MC_ORDER_EXPOSED, /**< exposed core sites: the opening of the shell */
};

/** How F is sampled. Each run does all of this by itself, so that the scatter of the runs holds every error but their common length.
 *
 *  Core: one walk over the whole range of q under weights that make it flat, so that it comes back to q = 0 and forgets at which facet a
 *  layer had begun. From the walk only averages at given q are taken, of the rates up and down [equations MC6]:
 *  F(q + 1) - F(q) = -ln(<up>_q / <down>_{q + 1}); the weights are this estimate, learnt in rounds and then kept.
 *  With the start kept, growth and dissolution meet at q = 0 only and are two walks that share the run's events by their length.
 *
 *  Exposed: core leaves its place so seldom that time averages do not converge. The walk is made with core-core bonds that are weaker by
 *  `softening_kt` and each configuration counts with exp(softening x core-core bonds): the averages are those of the model [MC7]. The
 *  softening is found beforehand: about as much time open as covered. */
struct lct_mc_barrier_params {
    enum lct_mc_order order;
    long first, last; /**< range of q; moves beyond are refused */
    long width;       /**< coexistence: +width as likely as -width; 0: 12, or as wide as the range allows */
    bool
        keep_start; /**< core: only states in which the start has gained core or lost it, never both. Without that, a crystal of
                                  many columns finds other shapes of the same bonds, and F is that of all of them together */
    long strays;           /**< exposed, if keep_start: at most so many core sites away from where the start has core */
    int rounds;            /**< of learning; 0: no weights, no softening (brute force) */
    uint64_t round_events; /**< events per round */
    int runs;              /**< independent runs; the sigma comes from their scatter; >= 2 */
    uint64_t run_events;   /**< events that measure, per run */
    uint64_t seed;
    int threads;
    const struct lct_comm *comm; /**< processes that share the runs, all called with the same; NULL: this one alone */
};
struct lct_mc_barrier_params lct_mc_barrier_defaults(enum lct_mc_order order);

/** F at one q, in kT, 0 at q = 0; NaN where a run has seen nothing. */
struct lct_mc_barrier_point {
    long q;
    double free_energy_kt, free_energy_sd_kt; /**< mean and standard error of the runs */
    double
        link_kt; /**< core order: F(q) - ln(mean rate from q to q + 1): what the step up costs, per attempt and site; else NaN */
    double visits; /**< events, all runs together */
};

/** A number from independent runs, with its standard error. */
struct lct_mc_mean {
    double value, sd;
};

struct lct_mc_barrier {
    struct lct_mc_barrier_point *points; /**< last - first + 1, the caller's */
    long width;                          /**< of the coexistence */
    struct lct_mc_mean
        mu_change_kt; /**< core: what to add to mu_core so that growth is as likely as dissolution; NaN: not in the range */
    struct lct_mc_mean opening_kt; /**< exposed: F of any exposed core site against none, -ln(P(q > 0) / P(q = 0)) */
    double trips;        /**< core: ways from one end of the walk to the other, per run; of two walks the fewer */
    double softening_kt; /**< exposed */
};

/** Can this be run from that start? What lct_mc_barrier_run refuses is refused here, before anything is made. LCT_E_ARG. */
LCT_MUST_CHECK enum lct_status lct_mc_barrier_check(const struct lct_mc_model *model, const uint8_t *start,
    const struct lct_mc_barrier_params *params, struct lct_err *err);

/** Sample F(q) from `start` (n_sites values) into `out`. The model's own number conservation decides the ensemble: with exchange_weight 0
 *  it is canonical. Ranks other than 0 of params->comm help and get nothing. LCT_E_ARG: a range without the start's q.
 *  LCT_E_CANCELLED. */
LCT_MUST_CHECK enum lct_status lct_mc_barrier_run(struct lct_mc_barrier *out, const struct lct_mc_model *model,
    const uint8_t *start, const struct lct_mc_barrier_params *params, const struct lct_progress *progress,
    struct lct_err *err);

/** barrier.csv */
extern const struct lct_table_spec lct_mc_barrier_table;

/** Probability that, from q = 0, +width is reached before -width, if steps between neighbouring q are made at the mean rates
 *  [equations MC5]; `link_kt`: [2 width] of q = -width .. width - 1; at another mu_core, link(q) falls by (q + 1/2) mu_change. */
double lct_mc_growth_probability(const double *link_kt, long width, double mu_change_kt);

/** The change of mu_core at which that is one half; NaN if a link is not known. */
double lct_mc_coexistence(const double *link_kt, long width);

#endif
