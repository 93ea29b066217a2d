#include "umbrella.h"

#include "nfold.h"

#include <math.h>

static enum lct_status fault(const struct nfold *f, struct lct_err *err)
{
    return f->pool.no_memory ? lct_fail(err, LCT_E_LIMIT, "lattice model: no memory for the lists of moves") : LCT_OK;
}

/* ---- what has left the start ---- */

/* A site that the last event has touched. */
static void compare(const struct lct_mc_state *s, struct lct_mc_deviants *k, uint32_t site)
{
    const bool core = s->holds[site] == LCT_MC_CORE, was = k->start[site] == LCT_MC_CORE;
    long *const count = was ? &k->n_missing : &k->n_extra;
    long i = 0;
    const long n = k->n_extra + k->n_missing;
    while (i < n && k->site[i] != site)
        i++;
    if (core != was && i == n) {
        k->site[n] = site;
        ++*count;
    } else if (core == was && i < n) {
        k->site[i] = k->site[n - 1];
        --*count;
    }
}

static void touch(const struct lct_mc_state *s, struct lct_mc_deviants *k, struct move m)
{
    const struct lct_mc_lattice *l = &s->model->lattice;
    const uint32_t half = (uint32_t)l->half, i = m.type ? m.site : m.site / half;
    compare(s, k, i);
    if (!m.type)
        compare(s, k, lct_mc_neighbour(l, i, (int)(m.site % half)));
}

/* Undo `m`, whose site held `was` before. */
static void undo(struct lct_mc_engine *e, struct move m, unsigned was)
{
    if (m.type && was && was != m.type) /* a flip */
        m.type = (uint8_t)was;
    lct_mc_nfold_change(e, m);
}

/* ---- q = core sites ---- */

static void count_trips(struct lct_mc_umbrella *u, long q)
{
    const int side = q == u->last ? 1 : q == u->first ? -1 : 0;
    if (side && side != u->side) {
        u->trips += u->side != 0;
        u->side = side;
    }
}

static void weigh(struct lct_mc_engine *e, const struct lct_mc_umbrella *u, long q)
{
    const double *w = u->weight + (q - u->first);
    const double gain[3] = { q > u->first ? exp((w[-1] - w[0]) / 2) : 0, 1, q < u->last ? exp((w[1] - w[0]) / 2) : 0 };
    lct_mc_nfold_weigh(e, gain);
}

/* Rates per attempt and site at which one site gives core away, or takes it. */
static double way_down(const struct lct_mc_engine *e, unsigned list)
{
    const double *rate = e->state.rates->list_type[list][((const struct nfold *)e->own)->dry];
    return rate[0] + rate[1];
}

static double way_up(const struct lct_mc_engine *e, unsigned list)
{
    return e->state.rates->list_type[list][((const struct nfold *)e->own)->dry][0];
}

/* With the start kept, an extra layer goes down by its own sites only, and what is missing comes back only where it was. */
static double way_back(const struct lct_mc_engine *e, const struct lct_mc_deviants *k)
{
    const struct lct_mc_state *s = &e->state;
    double rate = 0;
    for (long i = 0; i < k->n_extra + k->n_missing; i++) {
        const unsigned list = s->rates->site_list[s->class[k->site[i]]];
        if (list != LCT_MC_UNLISTED)
            rate += k->n_extra ? way_down(e, list) : way_up(e, list);
    }
    return rate;
}

/* The counts of the lists know how often core could come and go, whichever event is next: averages of rates instead of counts of
 * events (J.-S. Wang, R. H. Swendsen, J. Stat. Phys. 106 (2002) 245). */
static void see(const struct lct_mc_engine *e, struct lct_mc_umbrella *u, long q)
{
    const struct nfold *f = e->own;
    const struct lct_mc_rates *r = e->state.rates;
    const double time = 1 / f->total; /* mean of the wait: less scatter than a drawn one */
    double up = 0, down = 0;
    for (unsigned k = 0; k < r->n_site_lists; k++) {
        if (r->list_holds[k] == LCT_MC_CORE)
            down += f->pool.count[k] * way_down(e, k);
        else
            up += f->pool.count[k] * way_up(e, k);
    }
    if (u->kept.n_extra)
        down = way_back(e, &u->kept);
    if (u->kept.n_missing)
        up = way_back(e, &u->kept);
    const long i = q - u->first;
    u->seen.time[i] += time;
    u->seen.visits[i]++;
    u->seen.up[i] += time * up;
    u->seen.down[i] += time * down;
}

/* One event; one that would leave both extra and missing core is no event. */
static void step_core(struct lct_mc_engine *e, struct lct_mc_umbrella *u)
{
    struct lct_mc_deviants *k = &u->kept;
    const struct move m = lct_mc_nfold_choose(e);
    const unsigned was = e->state.holds[m.type ? m.site : 0];
    lct_mc_nfold_change(e, m);
    if (!k->start)
        return;
    touch(&e->state, k, m);
    if (k->n_extra && k->n_missing) {
        undo(e, m, was);
        touch(&e->state, k, m);
    }
}

enum lct_status lct_mc_umbrella_core(
    struct lct_mc_engine *e, struct lct_mc_umbrella *u, uint64_t events, struct lct_err *err)
{
    struct nfold *f = e->own;
    long q = e->state.tally.core_sites - u->zero;
    weigh(e, u, q);
    f->total = lct_mc_pool_total(&f->pool);
    for (uint64_t k = 0; k < events && f->total > 0; k++) {
        see(e, u, q);
        step_core(e, u);
        const long now = e->state.tally.core_sites - u->zero;
        if (now != q)
            weigh(e, u, now);
        q = now;
        count_trips(u, q);
        f->total = lct_mc_pool_total(&f->pool);
    }
    return fault(f, err);
}

/* ---- q = exposed core sites ---- */

static int core_neighbours(const struct lct_mc_state *s, uint32_t i)
{
    return s->class[i] / s->rates->width % s->rates->width;
}

/* Core-core bonds after the move, minus before. */
static int bonds_change(const struct lct_mc_state *s, struct move m)
{
    if (m.type)
        return core_change(s->holds[m.site], m.type) * core_neighbours(s, m.site);
    const struct lct_mc_lattice *l = &s->model->lattice;
    const uint32_t i = m.site / (uint32_t)l->half;
    const int d = (int)(m.site % (uint32_t)l->half);
    const uint32_t j = lct_mc_neighbour(l, i, d);
    if (s->holds[i] == LCT_MC_CORE)
        return core_neighbours(s, j) - l->multiplicity[d] - core_neighbours(s, i);
    if (s->holds[j] == LCT_MC_CORE)
        return core_neighbours(s, i) - l->multiplicity[d] - core_neighbours(s, j);
    return 0;
}

static void step_exposed(struct lct_mc_engine *e, struct lct_mc_umbrella *u)
{
    struct nfold *f = e->own;
    const struct lct_mc_state *s = &e->state;
    const long i = s->tally.exposed_core_sites - u->first;
    u->seen.time[i] += exp(u->softening_kt * (double)u->core_bonds) / f->total;
    u->seen.visits[i]++;
    u->whole += u->core_bonds >= 0 ? 1 / f->total : 0;
    const struct move m = lct_mc_nfold_choose(e);
    const unsigned was = s->holds[m.type ? m.site : 0];
    const int change = bonds_change(s, m);
    lct_mc_nfold_change(e, m);
    if (u->kept.start)
        touch(s, &u->kept, m);
    const long q = s->tally.exposed_core_sites;
    if (q > u->last || q < u->first || u->kept.n_extra > u->strays) {
        undo(e, m, was);
        if (u->kept.start)
            touch(s, &u->kept, m);
    } else {
        u->core_bonds += change;
    }
    f->total = lct_mc_pool_total(&f->pool);
}

enum lct_status lct_mc_umbrella_exposed(
    struct lct_mc_engine *e, struct lct_mc_umbrella *u, uint64_t events, struct lct_err *err)
{
    const struct nfold *f = e->own;
    for (uint64_t k = 0; k < events && f->total > 0; k++)
        step_exposed(e, u);
    return fault(f, err);
}
