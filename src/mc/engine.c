#include "engine.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct lct_mc_stop lct_mc_stop_never(void)
{
    return (struct lct_mc_stop){ .core_at_least = LONG_MAX, .core_at_most = -1, .max_events = UINT64_MAX };
}

enum lct_status lct_mc_engine_create(struct lct_mc_engine **out, const struct lct_mc_model *model,
    enum lct_mc_engine_kind kind, uint64_t seed, uint64_t replica, const uint8_t *occupancy, struct lct_err *err)
{
    struct lct_mc_engine *e = calloc(1, sizeof *e);
    if (!e)
        return lct_fail(err, LCT_E_LIMIT, "lattice model: no memory for an engine");
    e->ops = kind == LCT_MC_METROPOLIS ? &lct_mc_metropolis : &lct_mc_nfold;
    lct_mc_stream_init(&e->stream, seed, replica, 0);
    enum lct_status status = lct_mc_state_init(&e->state, model, occupancy, err);
    if (status == LCT_OK)
        status = e->ops->open(e, err);
    if (status == LCT_OK)
        status = e->ops->rebuild(e, err);
    if (status == LCT_OK)
        *out = e;
    else
        lct_mc_engine_destroy(&e);
    return status;
}

void lct_mc_engine_destroy(struct lct_mc_engine **engine)
{
    struct lct_mc_engine *e = *engine;
    if (!e)
        return;
    e->ops->close(e);
    lct_mc_state_finish(&e->state);
    free(e);
    *engine = NULL;
}

enum lct_status lct_mc_engine_run(struct lct_mc_engine *engine, uint64_t until_attempts, const struct lct_mc_stop *stop,
    enum lct_mc_end *end, struct lct_err *err)
{
    if (engine_stops(&engine->state, stop, end))
        return LCT_OK;
    return engine->ops->run(engine, until_attempts, stop, end, err);
}

const struct lct_mc_tally *lct_mc_engine_tally(const struct lct_mc_engine *engine)
{
    return &engine->state.tally;
}

const uint8_t *lct_mc_engine_occupancy(const struct lct_mc_engine *engine)
{
    return engine->state.holds;
}

size_t lct_mc_engine_moves(const struct lct_mc_engine *engine, struct lct_mc_move *out, size_t capacity)
{
    return engine->ops->moves(engine, out, capacity);
}

enum lct_status lct_mc_engine_reset(struct lct_mc_engine *engine, const uint8_t *occupancy, struct lct_err *err)
{
    lct_mc_state_set(&engine->state, occupancy);
    engine->stream.used = STREAM_WORDS;
    return engine->ops->rebuild(engine, err);
}

enum lct_status lct_mc_engine_save(struct lct_mc_engine *engine, struct lct_mc_snapshot *out, struct lct_err *err)
{
    const struct lct_mc_state *s = &engine->state;
    memcpy(out->occupancy, s->holds, s->model->lattice.n_sites);
    out->seed = engine->stream.seed;
    out->replica = engine->stream.replica;
    out->random_counter = engine->stream.block;
    out->reservoir_left = s->reservoir_left;
    out->onset_level = s->onset_level;
    out->burst_level = s->burst_level;
    out->tally = s->tally;
    engine->stream.used = STREAM_WORDS;
    return engine->ops->rebuild(engine, err);
}

enum lct_status lct_mc_engine_resume(struct lct_mc_engine **out, const struct lct_mc_model *model,
    enum lct_mc_engine_kind kind, const struct lct_mc_snapshot *from, struct lct_err *err)
{
    for (uint32_t i = 0; i < model->lattice.n_sites; i++)
        if (from->occupancy[i] > LCT_MC_SHELL)
            return lct_fail(err, LCT_E_INPUT, "checkpoint: site %u holds %u, not 0, 1 or 2", i, from->occupancy[i]);
    struct lct_mc_engine *e = NULL;
    enum lct_status status = lct_mc_engine_create(&e, model, kind, from->seed, from->replica, from->occupancy, err);
    if (status != LCT_OK)
        return status;
    lct_mc_stream_init(&e->stream, from->seed, from->replica, from->random_counter);
    e->state.reservoir_left = from->reservoir_left;
    e->state.onset_level = from->onset_level;
    e->state.burst_level = from->burst_level;
    e->state.tally = from->tally;
    status = e->ops->rebuild(e, err);
    if (status == LCT_OK)
        *out = e;
    else
        lct_mc_engine_destroy(&e);
    return status;
}
