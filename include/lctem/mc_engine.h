/* mc_engine.h -- two engines for one process: Metropolis, attempt by attempt, and rejection-free, event by event */
#ifndef LCTEM_MC_ENGINE_H
#define LCTEM_MC_ENGINE_H

#include <lctem/err.h>
#include <lctem/mc.h>
#include <stdbool.h>
#include <stdint.h>

enum lct_mc_engine_kind { LCT_MC_REJECTION_FREE, LCT_MC_METROPOLIS };

struct lct_mc_engine; /* one trajectory; one thread at a time */

/** A trajectory of `model` (borrowed) whose random numbers are keyed by (seed, replica); starts from `occupancy`
 *  (model->lattice.n_sites values, copied) at clock 0. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_mc_engine_create(struct lct_mc_engine **out, const struct lct_mc_model *model,
    enum lct_mc_engine_kind kind, uint64_t seed, uint64_t replica, const uint8_t *occupancy, struct lct_err *err);
void lct_mc_engine_destroy(struct lct_mc_engine **engine);

/** Why a run ended. */
enum lct_mc_end {
    LCT_MC_END_CLOCK,     /**< `until` reached */
    LCT_MC_END_TARGET,    /**< core_sites >= stop->core_at_least */
    LCT_MC_END_DISSOLVED, /**< core_sites <= stop->core_at_most */
    LCT_MC_END_EVENTS,    /**< stop->max_events events done */
};

/** Where to stop before the clock says so. */
struct lct_mc_stop {
    long core_at_least;  /**< LONG_MAX: never */
    long core_at_most;   /**< -1: never */
    uint64_t max_events; /**< accepted moves since creation (both engines); UINT64_MAX: never */
};
struct lct_mc_stop lct_mc_stop_never(void);

/** Run until the clock (in attempts) is `until`, or a stop. The state is the one right after the event that stopped, or the one at
 *  `until`. LCT_E_LIMIT: no memory for a list of the rejection-free engine. */
LCT_MUST_CHECK enum lct_status lct_mc_engine_run(struct lct_mc_engine *engine, uint64_t until_attempts,
    const struct lct_mc_stop *stop, enum lct_mc_end *end, struct lct_err *err);

/** What the engine keeps count of while it runs; all clocks in attempts; UINT64_MAX: never happened. */
struct lct_mc_tally {
    uint64_t clock;  /**< attempts done */
    uint64_t events; /**< accepted moves */
    long core_sites, shell_sites, exposed_core_sites;
    uint64_t first_exposure; /**< first clock with an exposed core site */
    uint64_t exposed_since;  /**< clock at which the present exposure began */
    uint64_t onset;          /**< clock of the last rise of core_sites above its start value + onset_margin */
    uint64_t
        onset_crack; /**< clock at which the exposure through which that rise came had begun: the productive crack */
    uint64_t burst,
        burst_crack; /**< the same for the last rise to half-way between start and target: the growth that went through */
    double exposed_clock;       /**< attempts spent with an exposed core site */
    double exposed_before;      /**< the same, when the present exposure began */
    double onset_exposed_clock; /**< the same, when the productive crack of the onset opened: exposures that healed */
};
const struct lct_mc_tally *lct_mc_engine_tally(const struct lct_mc_engine *engine);

/** The configuration now; borrowed. */
const uint8_t *lct_mc_engine_occupancy(const struct lct_mc_engine *engine);

/** One move that the engine can make now, with its probability per attempt. */
struct lct_mc_move {
    uint32_t site, other; /**< other: LCT_MC_NO_SITE for an exchange with the liquid */
    uint8_t becomes;      /**< what `site` holds afterwards (a swap: what `other` holds now) */
    double probability;
};

/** List the moves as the engine sees them through its tables (for proofs): at most `capacity` are written, the number there is comes
 *  back. */
size_t lct_mc_engine_moves(const struct lct_mc_engine *engine, struct lct_mc_move *out, size_t capacity);

/** Put the engine in another configuration; the clock goes on. The state of the engine is then a function of configuration, clock,
 *  and random counter only. LCT_E_LIMIT. */
LCT_MUST_CHECK enum lct_status lct_mc_engine_reset(
    struct lct_mc_engine *engine, const uint8_t *occupancy, struct lct_err *err);

/** All that a resumed trajectory needs, beside the model. */
struct lct_mc_snapshot {
    uint64_t seed, replica, random_counter;
    double reservoir_left;
    long burst_level; /**< core sites half-way to the target */
    long onset_level; /**< core sites above which the growth has begun */
    struct lct_mc_tally tally;
    uint8_t *occupancy; /**< n_sites, the caller's */
};

/** Save into `out` (out->occupancy: the caller's n_sites bytes), and bring the engine into the state a resumed one has, so that the
 *  two go on alike bit for bit. LCT_E_LIMIT. */
LCT_MUST_CHECK enum lct_status lct_mc_engine_save(
    struct lct_mc_engine *engine, struct lct_mc_snapshot *out, struct lct_err *err);

/** A new engine that goes on from a snapshot. LCT_E_INPUT: the occupancy holds a value above 2. LCT_E_LIMIT. */
LCT_MUST_CHECK enum lct_status lct_mc_engine_resume(struct lct_mc_engine **out, const struct lct_mc_model *model,
    enum lct_mc_engine_kind kind, const struct lct_mc_snapshot *from, struct lct_err *err);

#endif
