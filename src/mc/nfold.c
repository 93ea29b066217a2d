/* Rejection-free (n-fold way: A. B. Bortz, M. H. Kalos, J. L. Lebowitz, J. Comput. Phys. 17 (1975) 10) on the clock of attempts: the
 * number of attempts until one is accepted is geometric, the accepted move is chosen in proportion.
 * The lists and the moves; the walk itself is in nfold_run.c. */
#include "nfold.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double *accept_of(const struct lct_mc_engine *e, unsigned class)
{
    const struct nfold *f = e->own;
    return f->dry ? e->state.rates->dry[class] : e->state.rates->accept[class];
}

static double rate_of(const struct lct_mc_engine *e, unsigned class, unsigned type)
{
    return e->state.rates->p_type[type - 1] * accept_of(e, class)[type - 1];
}

static void set_rates(struct lct_mc_engine *e)
{
    struct nfold *f = e->own;
    for (unsigned k = 0; k < e->state.rates->n_lists; k++)
        pool_rate(&f->pool, k, e->state.rates->list_rate[k][f->dry]);
}

static inline void list_site(struct nfold *f, unsigned list, uint32_t i)
{
    if (list == 0)
        pool_count(&f->pool, 0, f->pool.count[0] + 1);
    else if (list != LCT_MC_UNLISTED)
        f->site_place[i] = pool_add(&f->pool, list, i);
}

static inline void unlist_site(struct nfold *f, unsigned list, uint32_t i)
{
    if (list == 0) {
        pool_count(&f->pool, 0, f->pool.count[0] - 1);
    } else if (list != LCT_MC_UNLISTED) {
        const uint32_t place = f->site_place[i];
        f->site_place[pool_remove(&f->pool, list, place)] = place;
    }
}

static inline void file_bond(struct nfold *f, const struct lct_mc_rates *r, size_t b, unsigned class)
{
    const unsigned before = f->bond_class[b];
    const unsigned was = before == NO_CLASS ? LCT_MC_UNLISTED : r->swap_list[before];
    const unsigned now = class == NO_CLASS ? LCT_MC_UNLISTED : r->swap_list[class];
    f->bond_class[b] = (uint16_t)class;
    if (was == now)
        return;
    if (was != LCT_MC_UNLISTED) {
        const uint32_t place = f->bond_place[b];
        f->bond_place[pool_remove(&f->pool, was, place)] = place;
    }
    if (now != LCT_MC_UNLISTED)
        f->bond_place[b] = pool_add(&f->pool, now, (uint32_t)b);
}

/* Bring the bond from i along d to j up to date. */
static void update_bond(struct lct_mc_engine *e, uint32_t i, int d, uint32_t j)
{
    const struct lct_mc_state *s = &e->state;
    const int half = s->model->lattice.half;
    const size_t b = d < half ? (size_t)i * (size_t)half + (size_t)d : (size_t)j * (size_t)half + (size_t)(d - half);
    const uint32_t class = lct_mc_swap_class(s->rates, d, s->holds[i], s->holds[j], s->class[i], s->class[j]);
    file_bond(e->own, s->rates, b, class == LCT_MC_NO_SWAP ? NO_CLASS : class);
}

/* A bond between two sites that still hold what they held: its class moves with the difference of the neighbourhoods. */
static inline void shift_bond(struct lct_mc_engine *e, uint32_t i, int d, uint32_t j, int shift)
{
    const struct lct_mc_state *s = &e->state;
    struct nfold *f = e->own;
    const int half = s->model->lattice.half;
    const size_t b = d < half ? (size_t)i * (size_t)half + (size_t)d : (size_t)j * (size_t)half + (size_t)(d - half);
    const bool first = s->holds[i] == LCT_MC_CORE || s->holds[j] == LCT_MC_EMPTY; /* the order of lct_mc_swap_class */
    file_bond(f, s->rates, b, (unsigned)(f->bond_class[b] + (first ? shift : -shift)));
}

/* All bonds of a site that holds something else than before. */
static void update_bonds(struct lct_mc_engine *e, uint32_t i)
{
    const struct lct_mc_lattice *l = &e->state.model->lattice;
    const uint32_t *row = l->neighbour + (size_t)i * (size_t)l->stencil;
    for (int d = 0; d < l->stencil; d++)
        if (row[d] != LCT_MC_NO_SITE)
            update_bond(e, i, d, row[d]);
}

/* The bonds of a site whose neighbourhood has changed. Where both ends have seen the same change nothing happens; where both have seen
 * different ones, the lower site does the work. One test without short cuts: its outcome is hard to foretell. */
static inline void shift_bonds_of(struct lct_mc_engine *e, uint32_t i, int stencil)
{
    const struct nfold *f = e->own;
    const struct lct_mc_lattice *l = &e->state.model->lattice;
    const uint32_t *row = l->neighbour + (size_t)i * (size_t)stencil, *view = f->view;
    const uint32_t own = view[i], n_sites = l->n_sites;
    for (int d = 0; d < stencil; d++) {
        const uint32_t j = row[d] < n_sites ? row[d] : n_sites;
        const uint32_t its = view[j], differs = own ^ its;
        const bool due = ((differs & VIEW_HOLDS) != 0) & (differs >= VIEW_SHIFT) & !(its & VIEW_CHANGED)
            & ((its < VIEW_SHIFT) | (i < j));
        if (due)
            shift_bond(e, i, d, j, view_shift(own) - view_shift(its));
    }
}

/* A loop of known length for the stencil that is used most. */
static void shift_bonds(struct lct_mc_engine *e, uint32_t i)
{
    const int stencil = e->state.model->lattice.stencil;
    if (stencil == 8)
        shift_bonds_of(e, i, 8);
    else
        shift_bonds_of(e, i, stencil);
}

/* ---- events ---- */

struct around {
    uint32_t site[MAX_AROUND];
    uint16_t class[MAX_AROUND]; /* before */
    int n;
};

/* The changed site and its neighbours, each once: remember their classes and take the exposed ones off the count. */
static void gather(struct lct_mc_engine *e, struct around *a, uint32_t i)
{
    struct lct_mc_state *s = &e->state;
    const struct nfold *f = e->own;
    const struct lct_mc_lattice *l = &s->model->lattice;
    const uint32_t *row = l->neighbour + (size_t)i * (size_t)l->stencil;
    const int before = a->n;
    for (int d = -1; d < l->stencil; d++) {
        const uint32_t j = d < 0 ? i : row[d];
        bool known = j == LCT_MC_NO_SITE;
        /* two neighbourhoods overlap; one repeats itself only where an axis has two sites */
        for (int k = 0, n = f->narrow ? a->n : before; k < n && !known; k++)
            known = a->site[k] == j;
        if (known)
            continue;
        a->site[a->n] = j;
        a->class[a->n++] = s->class[j];
        s->tally.exposed_core_sites -= state_exposed(s, j);
    }
}

static void settle(struct lct_mc_engine *e, const struct around *a, uint32_t i, uint32_t other)
{
    struct lct_mc_state *s = &e->state;
    struct nfold *f = e->own;
    for (int k = 0; k < a->n; k++) {
        const uint32_t j = a->site[k];
        const unsigned was = a->class[k], now = s->class[j];
        s->tally.exposed_core_sites += state_exposed(s, j);
        f->view[j] = s->holds[j] + (uint32_t)(s->rates->key[now] - s->rates->key[was]) * VIEW_SHIFT;
        const unsigned from = s->rates->site_list[was], to = s->rates->site_list[now];
        if (from != to) {
            unlist_site(f, from, j);
            list_site(f, to, j);
        }
    }
    f->view[i] = s->holds[i] | VIEW_CHANGED;
    f->view[other] = s->holds[other] | VIEW_CHANGED;
    update_bonds(e, i);
    if (other != i)
        update_bonds(e, other);
    for (int k = 0; k < a->n; k++)
        if (f->view[a->site[k]] >= VIEW_SHIFT)
            shift_bonds(e, a->site[k]);
    for (int k = 0; k < a->n; k++)
        f->view[a->site[k]] = s->holds[a->site[k]];
}

void lct_mc_nfold_change(struct lct_mc_engine *e, struct move m)
{
    struct lct_mc_state *s = &e->state;
    struct nfold *f = e->own;
    struct around a = { .n = 0 };
    const long core = s->tally.core_sites, exposed = s->tally.exposed_core_sites;
    if (m.type) {
        const unsigned was = s->holds[m.site], now = was == m.type ? LCT_MC_EMPTY : m.type;
        gather(e, &a, m.site);
        state_put(s, m.site, now);
        state_account(s, was, now);
        settle(e, &a, m.site, m.site);
    } else {
        const struct lct_mc_lattice *l = &s->model->lattice;
        const uint32_t i = m.site / (uint32_t)l->half, d = m.site % (uint32_t)l->half;
        const uint32_t j = l->neighbour[(size_t)i * (size_t)l->stencil + d];
        const unsigned was_i = s->holds[i], was_j = s->holds[j];
        gather(e, &a, i);
        gather(e, &a, j);
        state_put(s, i, was_j);
        state_put(s, j, was_i);
        settle(e, &a, i, j);
    }
    s->tally.events++;
    state_note(s, core, exposed);
    if (f->dry != (s->reservoir_left < 1)) {
        f->dry = !f->dry;
        set_rates(e);
    }
}

/* The list whose weight holds the way back of `m` (just done), and what that list would weigh without it. */
unsigned lct_mc_nfold_way_back(const struct lct_mc_engine *e, struct move m, double *without, double *rate)
{
    const struct nfold *f = e->own;
    const struct lct_mc_state *s = &e->state;
    const unsigned k = m.type ? s->rates->site_list[s->class[m.site]] : s->rates->swap_list[f->bond_class[m.site]];
    *without = *rate = 0;
    if (k == LCT_MC_UNLISTED) /* too improbable for a double */
        return k;
    *without = (f->pool.count[k] - 1) * f->pool.rate[k];
    *rate = f->pool.rate[k];
    if (m.type) {
        *rate = rate_of(e, s->class[m.site], m.type);
        *without += rate_of(e, s->class[m.site], 3U - m.type);
    }
    return k;
}

/* ---- choosing ---- */

static uint32_t find_void(struct lct_mc_engine *e, uint32_t except)
{
    for (;;) {
        const uint32_t i = stream_below(&e->stream, e->state.model->lattice.n_sites);
        if (e->state.class[i] == 0 && i != except)
            return i;
    }
}

static struct move move_of(struct lct_mc_engine *e, unsigned list, uint32_t item)
{
    if (list >= e->state.rates->n_site_lists)
        return (struct move){ item, 0 };
    const unsigned class = e->state.class[item];
    const double core = rate_of(e, class, 1), shell = rate_of(e, class, 2);
    const bool both = core > 0 && shell > 0;
    const bool is_core = both ? stream_fine(&e->stream) * (core + shell) < core : core > 0;
    return (struct move){ item, is_core ? LCT_MC_CORE : LCT_MC_SHELL };
}

static struct move any_of(struct lct_mc_engine *e, unsigned list)
{
    const struct lct_mc_pool *p = &((const struct nfold *)e->own)->pool;
    return move_of(e, list,
        list == 0 ? find_void(e, LCT_MC_NO_SITE) : p->item[list][stream_below(&e->stream, p->count[list])]);
}

struct move lct_mc_nfold_choose(struct lct_mc_engine *e)
{
    const struct nfold *f = e->own;
    return any_of(e, lct_mc_pool_pick(&f->pool, stream_fine(&e->stream) * f->total, UINT_MAX, 0));
}

/* Any move but the way back of `m`, which has just been done. */
struct move lct_mc_nfold_choose_other(struct lct_mc_engine *e, struct move m)
{
    const struct nfold *f = e->own;
    double without, rate;
    const unsigned own = lct_mc_nfold_way_back(e, m, &without, &rate);
    const double total = lct_mc_pool_total_with(&f->pool, own, without);
    const unsigned k = lct_mc_pool_pick(&f->pool, stream_fine(&e->stream) * total, own, without);
    if (k != own)
        return any_of(e, k);
    /* the site's exchange of the other type, or another item of the list */
    const double rest = m.type ? rate_of(e, e->state.class[m.site], 3U - m.type) : 0;
    if (rest > 0 && stream_fine(&e->stream) * without < rest)
        return (struct move){ m.site, (uint8_t)(3 - m.type) };
    if (k == 0)
        return move_of(e, k, find_void(e, m.site));
    const uint32_t place = m.type ? f->site_place[m.site] : f->bond_place[m.site];
    const uint32_t i = stream_below(&e->stream, f->pool.count[k] - 1);
    return move_of(e, k, f->pool.item[k][i < place ? i : i + 1]);
}

static enum lct_status rebuild(struct lct_mc_engine *e, struct lct_err *err)
{
    struct nfold *f = e->own;
    const struct lct_mc_state *s = &e->state;
    const struct lct_mc_lattice *l = &s->model->lattice;
    f->dry = s->reservoir_left < 1;
    lct_mc_pool_clear(&f->pool);
    set_rates(e);
    for (uint32_t i = 0; i < l->n_sites; i++)
        f->view[i] = s->holds[i];
    f->view[l->n_sites] = VIEW_CHANGED;
    memset(f->bond_class, 0xff, (size_t)l->n_sites * (size_t)l->half * sizeof *f->bond_class);
    for (uint32_t i = 0; i < l->n_sites; i++) {
        list_site(f, s->rates->site_list[s->class[i]], i);
        for (int d = 0; d < l->half; d++) {
            const uint32_t j = l->neighbour[(size_t)i * (size_t)l->stencil + (size_t)d];
            if (j != LCT_MC_NO_SITE && s->holds[i] != s->holds[j])
                update_bond(e, i, d, j);
        }
    }
    f->total = lct_mc_pool_total(&f->pool);
    f->version = ++f->versions;
    f->back_version = 0;
    return f->pool.no_memory ? lct_fail(err, LCT_E_LIMIT, "lattice model: no memory for the lists of moves") : LCT_OK;
}

static void close_nfold(struct lct_mc_engine *e)
{
    struct nfold *f = e->own;
    if (!f)
        return;
    lct_mc_pool_finish(&f->pool);
    free(f->site_place);
    free(f->bond_class);
    free(f->bond_place);
    free(f->view);
    free(f->memory);
    free(f);
    e->own = NULL;
}

static enum lct_status open_nfold(struct lct_mc_engine *e, struct lct_err *err)
{
    const struct lct_mc_lattice *l = &e->state.model->lattice;
    const struct lct_mc_rates *r = e->state.rates;
    const size_t n = l->n_sites, bonds = n * (size_t)l->half;
    struct nfold *f = calloc(1, sizeof *f);
    e->own = f;
    if (!f)
        return lct_fail(err, LCT_E_LIMIT, "lattice model: no memory for an engine");
    f->stop = lct_mc_stop_never();
    f->narrow = l->nx <= 2 || l->ny <= 2 || l->nz <= 2;
    f->site_place = calloc(n, sizeof *f->site_place);
    f->bond_class = calloc(bonds, sizeof *f->bond_class);
    f->bond_place = calloc(bonds, sizeof *f->bond_place);
    f->view = calloc(n + 1, sizeof *f->view);
    f->memory = calloc(MEMORY, sizeof *f->memory);
    if (!f->site_place || !f->bond_class || !f->bond_place || !f->view || !f->memory)
        return lct_fail(err, LCT_E_LIMIT, "lattice model: no memory for %zu sites", n);
    return lct_mc_pool_init(&f->pool, r->n_lists, err);
}

static size_t moves(const struct lct_mc_engine *e, struct lct_mc_move *out, size_t capacity)
{
    const struct nfold *f = e->own;
    const struct lct_mc_state *s = &e->state;
    const struct lct_mc_lattice *l = &s->model->lattice;
    size_t n = 0;
    for (uint32_t i = 0; i < l->n_sites; i++)
        for (unsigned type = 1; type <= 2; type++) {
            const unsigned k = s->rates->site_list[s->class[i]];
            const bool listed = k == 0
                || (k != LCT_MC_UNLISTED && f->site_place[i] < f->pool.count[k] && f->pool.item[k][f->site_place[i]] == i);
            const double p = listed ? rate_of(e, s->class[i], type) / l->n_sites : 0;
            if (p > 0 && n++ < capacity)
                out[n - 1] = (struct lct_mc_move){ i, LCT_MC_NO_SITE, s->holds[i] == type ? 0 : (uint8_t)type, p };
        }
    for (unsigned k = s->rates->n_site_lists; k < f->pool.n_classes; k++)
        for (uint32_t m = 0; m < f->pool.count[k]; m++) {
            const uint32_t b = f->pool.item[k][m], i = b / (uint32_t)l->half;
            const uint32_t j = l->neighbour[(size_t)i * (size_t)l->stencil + b % (uint32_t)l->half];
            const double p = f->pool.rate[k] / l->n_sites;
            if (p > 0 && n++ < capacity)
                out[n - 1] = (struct lct_mc_move){ i, j, s->holds[j], p };
        }
    return n;
}

const struct lct_mc_engine_ops lct_mc_nfold = { "rejection-free", open_nfold, close_nfold, rebuild, lct_mc_nfold_run, moves };
