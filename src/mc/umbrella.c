#include "umbrella.h"

#include "nfold.h"

#include <math.h>

static long order_of(const struct lct_mc_umbrella *u, long core, long exposed)
{
    return u->order == LCT_MC_ORDER_CORE ? core - u->zero : exposed;
}

static bool allowed(struct lct_mc_engine *e, const struct lct_mc_umbrella *u, long from, long to)
{
    if (to < u->first || to > u->last)
        return false;
    const double gain = u->weight[to - u->first] - u->weight[from - u->first];
    return gain >= 0 || stream_fine(&e->stream) < exp(gain);
}

/* Undo `m`, whose site held `was` before. */
static void undo(struct lct_mc_engine *e, struct move m, unsigned was, bool flip)
{
    if (flip)
        m.type = (uint8_t)was;
    lct_mc_nfold_change(e, m);
}

static void step(struct lct_mc_engine *e, const struct lct_mc_umbrella *u)
{
    struct nfold *f = e->own;
    struct lct_mc_state *s = &e->state;
    const long q = order_of(u, s->tally.core_sites, s->tally.exposed_core_sites);
    u->time[q - u->first] += 1 / f->total; /* mean of the wait: less scatter than a drawn one */
    u->visits[q - u->first]++;
    u->weight[q - u->first] -= u->lesson;
    const struct move m = lct_mc_nfold_choose(e);
    struct excursion *x = slot_of(f, m);
    const bool known = x->version == f->version && x->key == key_of(m);
    if (known && !allowed(e, u, q, order_of(u, x->core_sites, x->exposed_core_sites)))
        return;
    const bool flip = is_flip(s, m);
    const unsigned was = m.type ? s->holds[m.site] : 0;
    const uint64_t from = f->version;
    const bool returns = f->back_version && key_of(m) == key_of(f->back);
    lct_mc_nfold_change(e, m);
    *x = (struct excursion){ .version = from, .key = key_of(m), .core_sites = s->tally.core_sites,
        .exposed_core_sites = s->tally.exposed_core_sites };
    const bool done = known || allowed(e, u, q, order_of(u, x->core_sites, x->exposed_core_sites));
    if (!done) {
        undo(e, m, was, flip);
    } else {
        f->version = returns ? f->back_version : ++f->versions;
        f->back = m;
        f->back_version = flip ? 0 : from;
    }
    f->total = lct_mc_pool_total(&f->pool);
}

enum lct_status lct_mc_umbrella_walk(
    struct lct_mc_engine *engine, const struct lct_mc_umbrella *umbrella, uint64_t events, struct lct_err *err)
{
    struct nfold *f = engine->own;
    for (uint64_t k = 0; k < events && f->total > 0; k++)
        step(engine, umbrella);
    return f->pool.no_memory ? lct_fail(err, LCT_E_LIMIT, "lattice model: no memory for the lists of moves") : LCT_OK;
}
