/* engine.h -- what each engine gives to mc_engine.h; private to the room */
#ifndef LCT_MC_ENGINE_PRIVATE_H
#define LCT_MC_ENGINE_PRIVATE_H

#include "state.h"

struct lct_mc_engine_ops {
    const char *name;
    /** Allocate what the engine needs beside state and stream. */
    enum lct_status (*open)(struct lct_mc_engine *engine, struct lct_err *err);
    void (*close)(struct lct_mc_engine *engine);
    /** Make everything that is not state, clock and block counter anew from these. */
    enum lct_status (*rebuild)(struct lct_mc_engine *engine, struct lct_err *err);
    enum lct_status (*run)(struct lct_mc_engine *engine, uint64_t until, const struct lct_mc_stop *stop,
        enum lct_mc_end *end, struct lct_err *err);
    size_t (*moves)(const struct lct_mc_engine *engine, struct lct_mc_move *out, size_t capacity);
};

struct lct_mc_engine {
    const struct lct_mc_engine_ops *ops;
    struct lct_mc_state state;
    struct lct_mc_stream stream;
    void *own;
};

extern const struct lct_mc_engine_ops lct_mc_metropolis, lct_mc_nfold;

/** Is this the end? Looked at after each event. */
static inline bool engine_stops(const struct lct_mc_state *s, const struct lct_mc_stop *stop, enum lct_mc_end *end)
{
    const struct lct_mc_tally *t = &s->tally;
    if (t->core_sites >= stop->core_at_least)
        *end = LCT_MC_END_TARGET;
    else if (t->core_sites <= stop->core_at_most)
        *end = LCT_MC_END_DISSOLVED;
    else if (t->events >= stop->max_events)
        *end = LCT_MC_END_EVENTS;
    else
        return false;
    return true;
}

#endif
