/* umbrella.h -- the rejection-free walk under a bias, with what free energies are made of; private to the room */
#ifndef LCT_MC_UMBRELLA_H
#define LCT_MC_UMBRELLA_H

#include "engine.h"
#include <lctem/mc_barrier.h>

/** What a walk has seen at each q, in attempts of the biased walk. */
struct lct_mc_seen {
    double *time, *visits;
    double *up, *down; /**< time x unbiased rate from there to q + 1, to q - 1; core order only */
};

/** Sites that hold core where the start has none, or none where the start has core. */
struct lct_mc_deviants {
    const uint8_t *start; /**< occupancy; NULL: anything goes */
    uint32_t *site;       /**< [n_extra + n_missing], room for one more than may be, the caller's */
    long n_extra, n_missing;
};

struct lct_mc_umbrella {
    long first, last, zero;      /**< q; zero: core sites at q = 0 */
    const double *weight;        /**< core order: [last - first + 1] kT taken off at q */
    struct lct_mc_deviants kept; /**< core order: only states with extra core or with missing core, never both */
    long strays;                 /**< exposed order: at most so many extra */
    double softening_kt;         /**< exposed order: how much weaker core-core bonds are in this walk's model */
    long core_bonds;             /**< exposed order: core-core bonds minus those at the start; 0 at first */
    double whole;                /**< exposed order: time with all of those bonds; added to */
    struct lct_mc_seen seen;     /**< added to */
    long trips;                  /**< times that first and last were reached in turn */
    int side;                    /**< which of them was last: -1, 1; 0: none yet */
};

/** Let the rejection-free `engine` make `events` events, with q the core sites beyond zero. Exchanges from q to q' have their rates times
 *  exp((weight(q') - weight(q)) / 2): detailed balance then holds for the Boltzmann weight times exp(weight), and nothing is rejected.
 *  Moves beyond first .. last have rate zero. LCT_E_LIMIT. */
LCT_MUST_CHECK enum lct_status lct_mc_umbrella_core(
    struct lct_mc_engine *engine, struct lct_mc_umbrella *umbrella, uint64_t events, struct lct_err *err);

/** The same with q the exposed core sites, plain rates of a model whose core-core bonds are softened; each configuration counts with
 *  exp(softening x core_bonds), which gives back the averages of the model itself. Moves beyond first .. last are undone. */
LCT_MUST_CHECK enum lct_status lct_mc_umbrella_exposed(
    struct lct_mc_engine *engine, struct lct_mc_umbrella *umbrella, uint64_t events, struct lct_err *err);

#endif
