/* Rejection-free (n-fold way: A. B. Bortz, M. H. Kalos, J. L. Lebowitz, J. Comput. Phys. 17 (1975) 10) on the clock of attempts: the
 * number of attempts until one is accepted is geometric, the accepted move is chosen in proportion.
 * The lists and the moves; the walk itself is in nfold_run.c. */
#include "nfold.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rate of the exchange that draws `type` at a site. */
static double rate_of(const struct lct_mc_engine *e, uint32_t site, unsigned type)
{
    const struct lct_mc_rates *r = e->state.rates;
    const struct nfold *f = e->own;
    const unsigned class = e->state.class[site];
    const double accept = (f->dry ? r->dry : r->accept)[class][type - 1];
    return r->p_type[type - 1] * accept * f->gain[1 + core_change(e->state.holds[site], type)];
}

static void set_rates(struct lct_mc_engine *e)
{
    const struct lct_mc_rates *r = e->state.rates;
    struct nfold *f = e->own;
    for (unsigned k = 0; k < r->n_site_lists; k++) {
        double rate = 0;
        for (unsigned t = 1; t <= 2; t++)
            rate += r->list_type[k][f->dry][t - 1] * f->gain[1 + core_change(r->list_holds[k], t)];
        pool_rate(&f->pool, k, rate);
    }
    for (unsigned k = r->n_site_lists; k < r->n_lists; k++)
        pool_rate(&f->pool, k, r->list_rate[k][f->dry]);
}

void lct_mc_nfold_weigh(struct lct_mc_engine *e, const double gain[3])
{
    memcpy(((struct nfold *)e->own)->gain, gain, 3 * sizeof *gain);
    set_rates(e);
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

static inline void file_bond(struct nfold *f, const struct lct_mc_rates *r, struct bond *bond, unsigned class)
{
    const unsigned was = bond->list, now = r->swap_list[class];
    bond->class = (uint16_t) class;
    if (was == now)
        return;
    bond->list = (uint16_t)now;
    if (was != LCT_MC_UNLISTED) {
        const uint32_t place = bond->place;
        f->bond[pool_remove(&f->pool, was, place)].place = place;
    }
    if (now != LCT_MC_UNLISTED)
        bond->place = pool_add(&f->pool, now, (uint32_t)(bond - f->bond));
}

/* The lower half of the directions belongs to the bond's own site. */
static inline struct bond *bond_of(struct nfold *f, unsigned half, uint32_t i, unsigned d, uint32_t j)
{
    return f->bond + (d < half ? (size_t)i * half + d : (size_t)j * half + d - half);
}

/* The loops of an event are compiled twice: with the length for the stencil that is used most, and with any. */
#define WITH_STENCIL static inline __attribute__((always_inline))

/* The bonds of a site that holds something else than before: those that were or are not null. */
WITH_STENCIL void update_bonds(struct lct_mc_engine *e, uint32_t i, unsigned directions, int stencil)
{
    const struct lct_mc_state *s = &e->state;
    const struct lct_mc_lattice *l = &s->model->lattice;
    const int32_t *step = l->step[l->kind[i]];
    for (; directions; directions &= directions - 1) {
        const int d = __builtin_ctz(directions);
        const uint32_t j = i + (uint32_t)step[d];
        const uint32_t class = lct_mc_swap_class(s->rates, d, s->holds[i], s->holds[j], s->class[i], s -> class[j]);
        file_bond(e->own, s->rates, bond_of(e->own, (unsigned)stencil / 2, i, (unsigned)d, j), class);
    }
}

/* The bonds of a ring's site that shift: both ends hold what they held, the class moves with the difference of the neighbourhoods. */
WITH_STENCIL void shift_bonds(
    struct lct_mc_engine *e, const struct lct_mc_ring_site *ring, uint32_t i, int keys, int stencil)
{
    const struct lct_mc_state *s = &e->state;
    struct nfold *f = e->own;
    const struct lct_mc_lattice *l = &s->model->lattice;
    const int32_t *step = l->step[l->kind[i]], *sign = s->rates->pair_sign[s->holds[i]];
    for (unsigned directions = f->differs[i] & ring->due; directions; directions &= directions - 1) {
        const unsigned d = (unsigned)__builtin_ctz(directions);
        const uint32_t j = i + (uint32_t)step[d];
        struct bond *bond = bond_of(f, (unsigned)stencil / 2, i, d, j);
        file_bond(f, s->rates, bond, (unsigned)(bond->class + sign[s->holds[j]] * ring->shift[d] * keys));
    }
}

/* Which neighbours of i hold something else; they are told. */
WITH_STENCIL unsigned compare_neighbours(struct lct_mc_engine *e, uint32_t i, int stencil)
{
    const struct lct_mc_state *s = &e->state;
    const struct lct_mc_lattice *l = &s->model->lattice;
    uint16_t *differs = ((struct nfold *)e->own)->differs;
    const int32_t *step = l->step[l->kind[i]];
    unsigned mask = 0;
    for (int d = 0; d < stencil; d++) {
        if (!step[d])
            continue;
        const uint32_t j = i + (uint32_t)step[d];
        const unsigned back = (unsigned)(d < stencil / 2 ? d + stencil / 2 : d - stencil / 2),
                       other = s->holds[i] != s->holds[j];
        differs[j] = (uint16_t)((differs[j] & ~(1U << back)) | other << back);
        mask |= other << d;
    }
    differs[i] = (uint16_t)mask;
    return mask;
}

/* ---- events ---- */

/* A site is of another class: the lists of sites and the count of exposed ones follow. */
static inline void reclass(struct lct_mc_engine *e, uint32_t i, unsigned now)
{
    struct lct_mc_state *s = &e->state;
    const unsigned was = s->class[i];
    s->tally.exposed_core_sites -= state_exposed(s, i);
    s->class[i] = (uint16_t)now;
    s->tally.exposed_core_sites += state_exposed(s, i);
    const unsigned from = s->rates->site_list[was], to = s->rates->site_list[now];
    if (from != to) {
        unlist_site(e->own, from, i);
        list_site(e->own, to, i);
    }
}

/* The sites around a move, `classes` and `keys` being what the first end's new tenant changes in its neighbours. */
WITH_STENCIL void pass_ring(
    struct lct_mc_engine *e, const struct lct_mc_ring *ring, const uint32_t ends[2], int classes, int keys, int stencil)
{
    struct lct_mc_state *s = &e->state;
    const struct lct_mc_lattice *l = &s->model->lattice;
    for (const struct lct_mc_ring_site *r = ring->site; r < ring->site + ring->n; r++) {
        const uint32_t end = ends[r->end];
        const int32_t step = l->step[l->kind[end]][r->direction];
        if (!step) /* cut off by a border */
            continue;
        const uint32_t i = end + (uint32_t)step;
        reclass(e, i, (unsigned)(s->class[i] + r->change * classes));
        shift_bonds(e, r, i, keys, stencil);
    }
}

WITH_STENCIL void refile_end(struct lct_mc_engine *e, uint32_t i, unsigned before, int stencil)
{
    update_bonds(e, i, before | compare_neighbours(e, i, stencil), stencil);
}

/* The sites and lists follow; what depends on the counts comes behind. */
WITH_STENCIL void move_with(struct lct_mc_engine *e, struct move m, int stencil)
{
    struct lct_mc_state *s = &e->state;
    const struct nfold *f = e->own;
    const struct lct_mc_lattice *l = &s->model->lattice;
    const struct lct_mc_rates *r = s->rates;
    const uint32_t half = (uint32_t)stencil / 2, i = m.type ? m.site : m.site / half, d = m.type ? half : m.site % half;
    const uint32_t j = m.type ? i : i + (uint32_t)l->step[l->kind[i]][d];
    const unsigned was = s->holds[i], now = !m.type ? s->holds[j] : was == m.type ? LCT_MC_EMPTY : m.type;
    const int core = (now == LCT_MC_CORE) - (was == LCT_MC_CORE), shell = (now == LCT_MC_SHELL) - (was == LCT_MC_SHELL);
    const int classes = core * r->width + shell, square = r->width * r->width, tenant = ((int)now - (int)was) * square;
    const int mutual = m.type ? 0 : l->multiplicity[d] * classes; /* what the ends change in each other */
    const unsigned before = f->differs[i], before_j = f->differs[j];
    s->holds[i] = (uint8_t)now;
    reclass(e, i, (unsigned)(s->class[i] + tenant - mutual));
    if (m.type) {
        state_account(s, was, now);
    } else {
        s->holds[j] = (uint8_t)was;
        reclass(e, j, (unsigned)(s->class[j] - tenant + mutual));
    }
    pass_ring(
        e, &r->ring[lattice_parity(l, i)][d], (const uint32_t[2]){ i, j }, classes, core * r->span + shell, stencil);
    refile_end(e, i, before, stencil);
    if (!m.type)
        refile_end(e, j, before_j, stencil);
}

void lct_mc_nfold_change(struct lct_mc_engine *e, struct move m)
{
    struct lct_mc_state *s = &e->state;
    struct nfold *f = e->own;
    const long core = s->tally.core_sites, exposed = s->tally.exposed_core_sites;
    const int stencil = s->model->lattice.stencil;
    if (stencil == 8)
        move_with(e, m, 8);
    else
        move_with(e, m, stencil);
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
    const unsigned k = m.type ? s->rates->site_list[s->class[m.site]] : f->bond[m.site].list;
    *without = *rate = 0;
    if (k == LCT_MC_UNLISTED) /* too improbable for a double */
        return k;
    *without = (f->pool.count[k] - 1) * f->pool.rate[k];
    *rate = f->pool.rate[k];
    if (m.type) {
        *rate = rate_of(e, m.site, m.type);
        *without += rate_of(e, m.site, 3U - m.type);
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
    const double core = rate_of(e, item, 1), shell = rate_of(e, item, 2);
    const bool both = core > 0 && shell > 0;
    const bool is_core = both ? stream_fine(&e->stream) * (core + shell) < core : core > 0;
    return (struct move){ item, is_core ? LCT_MC_CORE : LCT_MC_SHELL };
}

static struct move any_of(struct lct_mc_engine *e, unsigned list)
{
    const struct lct_mc_pool *p = &((const struct nfold *)e->own)->pool;
    return move_of(
        e, list, list == 0 ? find_void(e, LCT_MC_NO_SITE) : p->item[list][stream_below(&e->stream, p->count[list])]);
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
    const double rest = m.type ? rate_of(e, m.site, 3U - m.type) : 0;
    if (rest > 0 && stream_fine(&e->stream) * without < rest)
        return (struct move){ m.site, (uint8_t)(3 - m.type) };
    if (k == 0)
        return move_of(e, k, find_void(e, m.site));
    const uint32_t place = m.type ? f->site_place[m.site] : f->bond[m.site].place;
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
    for (size_t b = 0; b < (size_t)l->n_sites * (size_t)l->half; b++)
        f->bond[b] = (struct bond){ .class = (uint16_t)s->rates->n_swap_classes, .list = LCT_MC_UNLISTED };
    memset(f->differs, 0, l->n_sites * sizeof *f->differs);
    for (uint32_t i = 0; i < l->n_sites; i++) {
        list_site(f, s->rates->site_list[s->class[i]], i);
        if (s->class[i] == 0)
            continue; /* empty among empties, whatever the border: no bond that counts, and most sites are that */
        update_bonds(e, i, compare_neighbours(e, i, l->stencil) & ((1U << l->half) - 1), l->stencil);
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
    free(f->bond);
    free(f->differs);
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
    f->gain[0] = f->gain[1] = f->gain[2] = 1;
    f->site_place = calloc(n, sizeof *f->site_place);
    f->bond = calloc(bonds, sizeof *f->bond);
    f->differs = calloc(n, sizeof *f->differs);
    f->memory = calloc(MEMORY, sizeof *f->memory);
    if (!f->site_place || !f->bond || !f->differs || !f->memory)
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
                || (k != LCT_MC_UNLISTED && f->site_place[i] < f->pool.count[k]
                    && f->pool.item[k][f->site_place[i]] == i);
            const double p = listed ? rate_of(e, i, type) / l->n_sites : 0;
            if (p > 0 && n++ < capacity)
                out[n - 1] = (struct lct_mc_move){ i, LCT_MC_NO_SITE, s->holds[i] == type ? 0 : (uint8_t)type, p };
        }
    for (unsigned k = s->rates->n_site_lists; k < f->pool.n_classes; k++)
        for (uint32_t m = 0; m < f->pool.count[k]; m++) {
            const uint32_t b = f->pool.item[k][m], i = b / (uint32_t)l->half;
            const uint32_t j = lct_mc_neighbour(l, i, (int)(b % (uint32_t)l->half));
            const double p = f->pool.rate[k] / l->n_sites;
            if (p > 0 && n++ < capacity)
                out[n - 1] = (struct lct_mc_move){ i, j, s->holds[j], p };
        }
    return n;
}

const struct lct_mc_engine_ops lct_mc_nfold = { "rejection-free", open_nfold, close_nfold, rebuild, lct_mc_nfold_run,
    moves };
