/* umbrella.h -- the rejection-free walk under weights; private to the room */
#ifndef LCT_MC_UMBRELLA_H
#define LCT_MC_UMBRELLA_H

#include "engine.h"
#include <lctem/mc_barrier.h>

/** A walk over q = first .. last under exp(-weight(q)); time and events fall into bins. */
struct lct_mc_umbrella {
    enum lct_mc_order order;
    long first, last, zero; /**< zero: core sites at q = 0 */
    double *weight;         /**< [last - first + 1] the energy in kT that is taken off at q */
    double lesson;          /**< taken off the weight at q at each event there: what is visited much becomes dear; 0: measure */
    double *time, *visits;  /**< [last - first + 1] added to */
};

/** Let the rejection-free `engine` make `events` selections. An event from q to q' is done with probability
 *  min(1, exp(weight(q') - weight(q))): detailed balance then holds for the Boltzmann weight times exp(weight). LCT_E_LIMIT. */
LCT_MUST_CHECK enum lct_status lct_mc_umbrella_walk(
    struct lct_mc_engine *engine, const struct lct_mc_umbrella *umbrella, uint64_t events, struct lct_err *err);

#endif
