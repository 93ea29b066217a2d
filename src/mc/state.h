/* state.h -- a configuration with its neighbourhood classes and counts, shared by both engines; private to the room */
#ifndef LCT_MC_STATE_H
#define LCT_MC_STATE_H

#include <lctem/mc_engine.h>

#include "rates.h"
#include "stream.h"

struct lct_mc_state {
    const struct lct_mc_model *model;
    const struct lct_mc_rates *rates;
    uint8_t *holds;  /**< [n_sites], owned */
    uint16_t *class; /**< [n_sites] see rates.h, owned */
    double reservoir_left;
    long onset_level; /**< a core of more sites than this has begun to grow */
    long burst_level; /**< half-way from the start to the target */
    struct lct_mc_tally tally;
};

LCT_MUST_CHECK enum lct_status lct_mc_state_init(
    struct lct_mc_state *out, const struct lct_mc_model *model, const uint8_t *occupancy, struct lct_err *err);
void lct_mc_state_finish(struct lct_mc_state *state);

/** Take another configuration; clocks and reservoir stay. */
void lct_mc_state_set(struct lct_mc_state *state, const uint8_t *occupancy);

/** Let site i hold `what`: its class, those of its neighbours, the counts of sites and the reservoir follow; the count of exposed
 *  sites is the caller's to update (lct_mc_is_exposed before and after), since a swap sets two sites. */
static inline void state_put(struct lct_mc_state *s, uint32_t i, unsigned what)
{
    const struct lct_mc_lattice *l = &s->model->lattice;
    const int w = s->rates->width;
    const int was = s->holds[i], now = (int)what;
    const int per_neighbour =
        ((now == LCT_MC_CORE) - (was == LCT_MC_CORE)) * w + (now == LCT_MC_SHELL) - (was == LCT_MC_SHELL);
    s->holds[i] = (uint8_t)what;
    s->class[i] = (uint16_t)(s->class[i] + (now - was) * w * w);
    const int32_t *step = l->step[l->kind[i]];
    for (int d = 0; d < l->stencil; d++)
        if (step[d])
            s->class[i + (uint32_t)step[d]] = (uint16_t)(s->class[i + (uint32_t)step[d]] + per_neighbour);
}

static inline bool state_exposed(const struct lct_mc_state *s, uint32_t i)
{
    return s->rates->filled[s->class[i]] < s->model->lattice.degree[s->model->lattice.kind[i]];
}

/** Let `clock` pass `attempts` in the present configuration. */
static inline void state_wait(struct lct_mc_state *s, uint64_t attempts)
{
    s->tally.clock += attempts;
    if (s->tally.exposed_core_sites > 0)
        s->tally.exposed_clock += (double)attempts;
}

/** After a move: note exposure and onset, given the counts before it. */
static inline void state_note(struct lct_mc_state *s, long core_before, long exposed_before)
{
    struct lct_mc_tally *t = &s->tally;
    if (core_before <= s->onset_level && t->core_sites > s->onset_level) {
        t->onset = t->clock;
        t->onset_crack = exposed_before > 0 ? t->exposed_since : t->clock;
        t->onset_exposed_clock = exposed_before > 0 ? t->exposed_before : t->exposed_clock;
    }
    if (core_before < s->burst_level && t->core_sites >= s->burst_level) {
        t->burst = t->clock;
        t->burst_crack = exposed_before > 0 ? t->exposed_since : t->clock;
    }
    if (exposed_before == 0 && t->exposed_core_sites > 0) {
        t->exposed_since = t->clock;
        t->exposed_before = t->exposed_clock;
        if (t->first_exposure == UINT64_MAX)
            t->first_exposure = t->clock;
    }
}

/** The exchange that draws `type` at site i: does it insert core, or take it out? Counts and reservoir follow. */
static inline void state_account(struct lct_mc_state *s, unsigned was, unsigned now)
{
    const int core = (now == LCT_MC_CORE) - (was == LCT_MC_CORE);
    s->tally.core_sites += core;
    s->tally.shell_sites += (now == LCT_MC_SHELL) - (was == LCT_MC_SHELL);
    s->reservoir_left -= core;
}

#endif
