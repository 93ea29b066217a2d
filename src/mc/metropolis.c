/* Metropolis, attempt by attempt. One 32-bit word per attempt picks the site (D. Lemire, ACM TOMACS 29 (2019) 3: the high half of
 * word x n_sites) and thins out, by the low half, the attempts on sites in uniform surroundings: where all neighbours hold what the
 * site holds, swaps are null and no exchange is accepted with more than a known, tiny probability. An attempt that passes with
 * probability k / K is then accepted with a K / k: the product is a, exactly. All others take the long way each time. */
#include "engine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 2048 };
enum { VOID, CORE_BULK, SHELL_BULK, BUSY, N_KINDS };

struct metropolis {
    uint8_t *kind;                       /* [n_sites] of the surroundings */
    uint32_t low;                        /* low halves below this would be biased: draw again */
    uint32_t limit[N_KINDS];             /* low halves up to this take the long way */
    double passed[N_KINDS];              /* probability of that, the biased ones apart */
    uint64_t core_below, exchange_below; /* a word below: exchange that draws core, exchange */
    uint64_t words[BATCH / 2];
    unsigned used; /* 32-bit words of them */
};

static unsigned kind_of(const struct lct_mc_state *s, uint32_t i)
{
    const struct lct_mc_rates *r = s->rates;
    const unsigned class = s->class[i];
    const unsigned holds = s->holds[i], degree = s->model->lattice.degree[s->model->lattice.kind[i]], full = degree;
    const unsigned w = (unsigned)r->width;
    if (holds == LCT_MC_EMPTY)
        return class == 0 ? VOID : BUSY;
    if (holds == LCT_MC_CORE)
        return class == (w + full) * w ? CORE_BULK : BUSY;
    return class == 2 * w * w + full ? SHELL_BULK : BUSY;
}

/* Largest acceptance over the exchanges at a site of this kind, whatever its number of neighbours. */
static double largest_acceptance(const struct lct_mc_state *s, unsigned kind)
{
    const struct lct_mc_rates *r = s->rates;
    const unsigned w = (unsigned)r->width;
    double most = 0;
    for (uint32_t i = 0; i < s->model->lattice.n_sites; i++) {
        const unsigned full = s->model->lattice.degree[s->model->lattice.kind[i]];
        const unsigned class = kind == VOID ? 0 : kind == CORE_BULK ? (w + full) * w : 2 * w * w + full;
        for (int type = 0; type < 2; type++)
            if (r->p_type[type] > 0)
                most = fmax(most, r->accept[class][type]);
    }
    return most;
}

static uint64_t scaled(double probability)
{
    return probability >= 1 ? UINT64_MAX : (uint64_t)ldexp(probability, 64);
}

static enum lct_status open_metropolis(struct lct_mc_engine *e, struct lct_err *err)
{
    const uint32_t n = e->state.model->lattice.n_sites;
    struct metropolis *m = calloc(1, sizeof *m);
    e->own = m;
    if (!m || !(m->kind = malloc(n)))
        return lct_fail(err, LCT_E_LIMIT, "lattice model: no memory for %u sites", n);
    const uint64_t values = (uint64_t)1 << 32;
    const uint64_t per_site = values / n;
    m->low = (uint32_t)(values % n);
    for (unsigned k = 0; k < N_KINDS; k++) {
        uint64_t pass = per_site;
        if (k != BUSY) {
            const double wanted = ceil(largest_acceptance(&e->state, k) * (double)per_site);
            pass = wanted < (double)per_site ? (uint64_t)wanted : per_site;
            pass = pass ? pass : 1;
        }
        m->limit[k] = pass == per_site ? UINT32_MAX : (uint32_t)(m->low + pass * n - 1);
        m->passed[k] = (double)pass / (double)per_site;
    }
    m->core_below = scaled(e->state.rates->p_type[0]);
    m->exchange_below = e->state.rates->p_swap > 0 ? scaled(1 - e->state.rates->p_swap) : UINT64_MAX;
    return LCT_OK;
}

static void close_metropolis(struct lct_mc_engine *e)
{
    struct metropolis *m = e->own;
    if (m)
        free(m->kind);
    free(m);
    e->own = NULL;
}

static enum lct_status rebuild(struct lct_mc_engine *e, struct lct_err *err)
{
    (void)err;
    struct metropolis *m = e->own;
    m->used = BATCH;
    for (uint32_t i = 0; i < e->state.model->lattice.n_sites; i++)
        m->kind[i] = (uint8_t)kind_of(&e->state, i);
    return LCT_OK;
}

/* Exposed sites among i and its neighbours; doubles on a tiny lattice cancel, since both counts have them. */
static long exposed_around(const struct lct_mc_state *s, uint32_t i)
{
    const struct lct_mc_lattice *l = &s->model->lattice;
    const int32_t *step = l->step[l->kind[i]];
    long n = state_exposed(s, i);
    for (int d = 0; d < l->stencil; d++) {
        bool seen = step[d] == 0;
        for (int e = 0; e < d && !seen; e++)
            seen = step[e] == step[d];
        n += !seen && state_exposed(s, i + (uint32_t)step[d]);
    }
    return n;
}

static void put(struct lct_mc_engine *e, uint32_t i, unsigned what)
{
    struct lct_mc_state *s = &e->state;
    struct metropolis *m = e->own;
    const struct lct_mc_lattice *l = &s->model->lattice;
    const int32_t *step = l->step[l->kind[i]];
    const long before = exposed_around(s, i);
    state_put(s, i, what);
    s->tally.exposed_core_sites += exposed_around(s, i) - before;
    m->kind[i] = (uint8_t)kind_of(s, i);
    for (int d = 0; d < l->stencil; d++)
        if (step[d])
            m->kind[i + (uint32_t)step[d]] = (uint8_t)kind_of(s, i + (uint32_t)step[d]);
}

static bool accepted(struct lct_mc_engine *e, double acceptance)
{
    return acceptance >= 1 || (acceptance > 0 && stream_fine(&e->stream) < acceptance);
}

/* An exchange at site i that draws `type`; true if it was done. */
static bool exchange(struct lct_mc_engine *e, uint32_t i, unsigned type, double passed)
{
    struct lct_mc_state *s = &e->state;
    double(*table)[2] = s->reservoir_left >= 1 ? s->rates->accept : s->rates->dry;
    if (!accepted(e, table[s->class[i]][type - 1] / passed))
        return false;
    const unsigned was = s->holds[i], now = was == type ? LCT_MC_EMPTY : type;
    put(e, i, now);
    state_account(s, was, now);
    return true;
}

static bool swap(struct lct_mc_engine *e, uint32_t i)
{
    struct lct_mc_state *s = &e->state;
    const struct lct_mc_lattice *l = &s->model->lattice;
    const int d = (int)stream_below(&e->stream, (uint32_t)l->stencil);
    const uint32_t j = lct_mc_neighbour(l, i, d);
    if (j == LCT_MC_NO_SITE)
        return false;
    const uint32_t class = lct_mc_swap_class(s->rates, d, s->holds[i], s->holds[j], s->class[i], s -> class[j]);
    if (!accepted(e, s->rates->swap_accept[class]))
        return false;
    const unsigned a = s->holds[i], b = s->holds[j];
    put(e, i, b);
    put(e, j, a);
    return true;
}

/* The long way of the attempt whose word gave this site and low half. */
static bool attempt(struct lct_mc_engine *e, uint32_t i, uint32_t low)
{
    struct metropolis *m = e->own;
    double passed = m->passed[m->kind[i]];
    if (low < m->low) { /* a word that would bias the choice of the site: another, without thinning */
        i = stream_below(&e->stream, e->state.model->lattice.n_sites);
        passed = 1;
    }
    const uint64_t word = stream_word(&e->stream);
    if (word < m->exchange_below || m->exchange_below == UINT64_MAX)
        return exchange(e, i, word < m->core_below ? LCT_MC_CORE : LCT_MC_SHELL, passed);
    return swap(e, i);
}

/* Walk over `n` words; stops behind the first attempt that changed something, and returns how many were used. */
static unsigned scan(struct lct_mc_engine *e, const uint64_t *words, unsigned first, unsigned n, bool *changed)
{
    const struct metropolis *m = e->own;
    const uint8_t *kind = m->kind;
    const uint64_t n_sites = e->state.model->lattice.n_sites;
    for (unsigned k = first; k < first + n; k++) {
        const uint64_t word = k & 1 ? words[k / 2] >> 32 : words[k / 2] & UINT32_MAX;
        const uint64_t product = word * n_sites;
        if ((uint32_t)product > m->limit[kind[product >> 32]])
            continue;
        if (attempt(e, (uint32_t)(product >> 32), (uint32_t)product)) {
            *changed = true;
            return k + 1 - first;
        }
    }
    return n;
}

static enum lct_status run(
    struct lct_mc_engine *e, uint64_t until, const struct lct_mc_stop *stop, enum lct_mc_end *end, struct lct_err *err)
{
    (void)err;
    struct metropolis *m = e->own;
    struct lct_mc_state *s = &e->state;
    *end = LCT_MC_END_CLOCK;
    while (s->tally.clock < until) {
        if (m->used == BATCH) {
            lct_mc_stream_fill(&e->stream, m->words, BATCH / 2);
            m->used = 0;
        }
        const uint64_t left = until - s->tally.clock;
        const unsigned n = left < BATCH - m->used ? (unsigned)left : BATCH - m->used;
        bool changed = false;
        const long core = s->tally.core_sites, exposed = s->tally.exposed_core_sites;
        const unsigned done = scan(e, m->words, m->used, n, &changed);
        m->used += done;
        s->tally.clock += done;
        s->tally.exposed_clock += exposed > 0 ? done : 0;
        if (!changed)
            continue;
        s->tally.events++;
        state_note(s, core, exposed);
        if (engine_stops(s, stop, end))
            return LCT_OK;
    }
    return LCT_OK;
}

static size_t moves(const struct lct_mc_engine *e, struct lct_mc_move *out, size_t capacity)
{
    const struct lct_mc_state *s = &e->state;
    const struct lct_mc_lattice *l = &s->model->lattice;
    double(*table)[2] = s->reservoir_left >= 1 ? s->rates->accept : s->rates->dry;
    size_t n = 0;
    for (uint32_t i = 0; i < l->n_sites; i++) {
        for (unsigned type = 1; type <= 2; type++) {
            const double p = s->rates->p_type[type - 1] * table[s->class[i]][type - 1] / l->n_sites;
            if (p > 0 && n++ < capacity)
                out[n - 1] = (struct lct_mc_move){ i, LCT_MC_NO_SITE, s->holds[i] == type ? 0 : (uint8_t)type, p };
        }
        for (int d = 0; d < l->stencil; d++) {
            const uint32_t j = lct_mc_neighbour(l, i, d);
            const uint32_t class = j == LCT_MC_NO_SITE
                ? s->rates->n_swap_classes
                : lct_mc_swap_class(s->rates, d, s->holds[i], s->holds[j], s->class[i], s -> class[j]);
            const double p = s->rates->p_swap * s->rates->swap_accept[class] / l->stencil / l->n_sites;
            if (p > 0 && n++ < capacity)
                out[n - 1] = (struct lct_mc_move){ i, j, s->holds[j], p };
        }
    }
    return n;
}

const struct lct_mc_engine_ops lct_mc_metropolis = { "metropolis", open_metropolis, close_metropolis, rebuild, run,
    moves };
