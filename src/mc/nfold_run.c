/* The walk of the rejection-free engine.
 *
 * Nearly all events are flicker: a move and, next, its reverse. From a configuration A many such excursions A -> B -> A start, each to
 * its own B. For an excursion seen before, everything that matters is known: the total rate in B, the rate of the way back, and that B
 * ends no run. Then the stay in B and the question whether the way back is taken are drawn without touching the lattice; the lattice
 * is changed only if B is left for elsewhere. This is the absorbing chain {A, B} solved trip by trip: the same process, exactly. */
#include "nfold.h"

#include <limits.h>
#include <math.h>

/* Do the move, with all that is remembered about it; true if the run ends there. */
static bool perform(struct lct_mc_engine *e, struct move m, const struct lct_mc_stop *stop, enum lct_mc_end *end)
{
    struct nfold *f = e->own;
    struct lct_mc_state *s = &e->state;
    const bool flip = is_flip(s, m);
    const bool dry = f->dry;
    const long core = s->tally.core_sites;
    const uint64_t from = f->version;
    const bool returns = f->back_version && key_of(m) == key_of(f->back) && f->back.type == m.type;
    lct_mc_nfold_change(e, m);
    f->total = lct_mc_pool_total(&f->pool);
    f->version = returns ? f->back_version : ++f->versions;
    f->back = m;
    f->back_version = flip ? 0 : from;
    if (engine_stops(s, stop, end))
        return true;
    /* a B with other reservoir rates, or whose way back would be an onset, is walked on the lattice every time */
    const long now = s->tally.core_sites;
    const bool falls =
        (core > s->onset_level && now <= s->onset_level) || (core >= s->burst_level && now < s->burst_level);
    if (flip || returns || dry != f->dry || falls)
        return false;
    double without, rate;
    const unsigned list = lct_mc_nfold_way_back(e, m, &without, &rate);
    if (rate < 0.25 * f->total) /* seldom comes back: not worth a place */
        return false;
    const double others = lct_mc_pool_total_with(&f->pool, list, without);
    *slot_of(f, m) = (struct excursion){ .version = from,
        .key = key_of(m),
        .total = others + rate,
        .elsewhere = others / (others + rate),
        .core_sites = now,
        .exposed_core_sites = s->tally.exposed_core_sites,
        .short_cut = true };
    return false;
}

/* log(1 - p). Below 1e-4 the next term of the series is under the last bit, and four products are quicker than a logarithm. */
static double log_of_rest(double p)
{
    return p < 1e-4 ? -p * (1 + p * (1.0 / 2 + p * (1.0 / 3 + p * (1.0 / 4)))) : log1p(-p);
}

/* Attempts up to and with the first accepted one. */
static uint64_t wait_for(struct lct_mc_engine *e, double total)
{
    const double p = total / e->state.model->lattice.n_sites;
    if (p >= 1)
        return 1;
    const double failures = floor(log(stream_positive(&e->stream)) / log_of_rest(p));
    return failures < 1e18 ? 1 + (uint64_t)failures : (uint64_t)1e18;
}

/* ---- running ---- */

enum outcome { GO_ON, TIME_UP, STOPPED };

/* An excursion that is remembered: stay in B, come back or go elsewhere. */
static enum outcome excursion(struct lct_mc_engine *e, struct move m, const struct excursion *x, uint64_t until,
    const struct lct_mc_stop *stop, enum lct_mc_end *end)
{
    struct lct_mc_state *s = &e->state;
    const struct excursion known = *x; /* performing may overwrite the place */
    const uint64_t stay = wait_for(e, known.total);
    const bool in_time = stay <= until - s->tally.clock;
    if (in_time && stream_fine(&e->stream) >= known.elsewhere) {
        const bool exposed = s->tally.exposed_core_sites > 0;
        s->tally.clock += stay;
        s->tally.events += 2;
        if (known.exposed_core_sites > 0)
            s->tally.exposed_clock += (double)stay;
        if (exposed && known.exposed_core_sites == 0) {
            s->tally.exposed_since = s->tally.clock;
            s->tally.exposed_before = s->tally.exposed_clock;
        }
        return s->tally.events >= stop->max_events && engine_stops(s, stop, end) ? STOPPED : GO_ON;
    }
    if (perform(e, m, stop, end))
        return STOPPED;
    if (!in_time) {
        state_wait(s, until - s->tally.clock);
        return TIME_UP;
    }
    state_wait(s, stay);
    return perform(e, lct_mc_nfold_choose_other(e, m), stop, end) ? STOPPED : GO_ON;
}

static enum outcome advance(
    struct lct_mc_engine *e, uint64_t until, const struct lct_mc_stop *stop, enum lct_mc_end *end)
{
    struct nfold *f = e->own;
    struct lct_mc_state *s = &e->state;
    const uint64_t left = until - s->tally.clock;
    const uint64_t wait = f->total > 0 ? wait_for(e, f->total) : UINT64_MAX;
    if (wait > left) { /* the wait has no memory: what is left of it is drawn anew by the next run */
        state_wait(s, left);
        return TIME_UP;
    }
    state_wait(s, wait);
    const struct move m = lct_mc_nfold_choose(e);
    const struct excursion *x = slot_of(f, m);
    if (x->version == f->version && x->key == key_of(m) && x->short_cut)
        return excursion(e, m, x, until, stop, end);
    return perform(e, m, stop, end) ? STOPPED : GO_ON;
}

enum lct_status lct_mc_nfold_run(
    struct lct_mc_engine *e, uint64_t until, const struct lct_mc_stop *stop, enum lct_mc_end *end, struct lct_err *err)
{
    struct nfold *f = e->own;
    if (stop->core_at_least != f->stop.core_at_least || stop->core_at_most != f->stop.core_at_most) {
        f->version = ++f->versions; /* what is remembered ended no run under the other stop only */
        f->back_version = 0;
        f->stop = *stop;
    }
    *end = LCT_MC_END_CLOCK;
    while (e->state.tally.clock < until) {
        const enum outcome o = advance(e, until, stop, end);
        if (f->pool.no_memory)
            return lct_fail(err, LCT_E_LIMIT, "lattice model: no memory for the lists of moves");
        if (o != GO_ON)
            break;
    }
    return LCT_OK;
}
