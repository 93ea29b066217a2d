#include "rates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double metropolis(double energy_change_kt)
{
    return energy_change_kt <= 0 ? 1 : exp(-energy_change_kt);
}

/* Binding of a site of type t in a neighbourhood, chemical term included: the energy falls by this when t comes. */
static double binding(const struct lct_mc_model *m, int t, int core, int shell)
{
    return m->bond[t][LCT_MC_CORE] * core + m->bond[t][LCT_MC_SHELL] * shell + m->chemical[t];
}

/* Acceptance of the exchange that draws `type` at a site that holds `holds`. */
static double exchange(const struct lct_mc_model *m, int holds, int type, int core, int shell)
{
    const struct lct_mc_params *p = &m->params;
    if (type == LCT_MC_SHELL && p->shell_conserved)
        return 0;
    if (holds == LCT_MC_EMPTY)
        return metropolis(-binding(m, type, core, shell));
    if (holds == type)
        return metropolis(binding(m, type, core, shell));
    if (!p->flips)
        return 0;
    /* the two directions of a flip are drawn with different shares; Hastings' ratio keeps the balance */
    const double share = type == LCT_MC_CORE ? p->core_share : 1 - p->core_share;
    const double bias = log((1 - share) / share);
    return metropolis(binding(m, holds, core, shell) - binding(m, type, core, shell) - bias);
}

static void fill_sites(struct lct_mc_rates *r, const struct lct_mc_model *m)
{
    const int w = r->width;
    for (int holds = 0; holds < 3; holds++)
        for (int core = 0; core < w; core++)
            for (int shell = 0; shell < w; shell++) {
                const int c = (holds * w + core) * w + shell;
                r->filled[c] = holds == LCT_MC_CORE ? (uint8_t)(core + shell) : UINT8_MAX;
                r->key[c] = core * r->span + shell;
                if (core + shell >= w) /* no such neighbourhood */
                    continue;
                for (int type = 1; type <= 2; type++) {
                    r->accept[c][type - 1] = exchange(m, holds, type, core, shell);
                    r->dry[c][type - 1] = type == LCT_MC_CORE && holds != LCT_MC_CORE ? 0 : r->accept[c][type - 1];
                }
            }
}

/* Energy change when first <-> second change places: linear in the difference of their neighbourhoods; each loses the other as a
 * neighbour it had, `times` over [equations MC3]. */
static double swap_energy(const struct lct_mc_model *m, int first, int second, int core, int shell, int times)
{
    const double(*e)[3] = m->bond;
    return (e[first][1] - e[second][1]) * core + (e[first][2] - e[second][2]) * shell
        + times * (e[first][first] + e[second][second] - 2 * e[first][second]);
}

static void fill_swaps(struct lct_mc_rates *r, const struct lct_mc_model *m, unsigned index, int times)
{
    static const int pair[3][2] = { { LCT_MC_CORE, LCT_MC_EMPTY }, { LCT_MC_SHELL, LCT_MC_EMPTY },
        { LCT_MC_CORE, LCT_MC_SHELL } };
    const int z = r->width - 1;
    double *out = r->swap_accept + (size_t)index * 3 * (size_t)(r->span * r->span);
    for (int kind = 0; kind < 3; kind++)
        for (int core = -z; core <= z; core++)
            for (int shell = -z; shell <= z; shell++)
                *out++ = kind == 2 && !m->params.core_shell_swaps
                    ? 0
                    : metropolis(swap_energy(m, pair[kind][0], pair[kind][1], core, shell, times));
}

/* Core before shell before empty. */
static void order_pairs(struct lct_mc_rates *r)
{
    const int square = r->span * r->span;
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            const int kind = a + b == 3 ? 2 : a + b - 1;
            r->pair_class[a][b] = a == b ? 0 : kind * square + square / 2;
            r->pair_sign[a][b] = b == LCT_MC_CORE || a == LCT_MC_EMPTY ? -1 : 1;
        }
}

/* Number of different multiplicities; fills the first class of each direction. */
static unsigned index_multiplicities(struct lct_mc_rates *r, const struct lct_mc_lattice *l, int *times)
{
    unsigned n = 0;
    for (int d = 0; d < l->stencil; d++) {
        unsigned k = 0;
        while (k < n && times[k] != l->multiplicity[d])
            k++;
        if (k == n)
            times[n++] = l->multiplicity[d];
        r->direction_class[d] = k * 3 * (uint32_t)(r->span * r->span);
    }
    return n;
}

static uint16_t new_list(struct lct_mc_rates *r, double rate[2][2], unsigned holds)
{
    const unsigned k = r->n_lists++;
    memcpy(r->list_type[k], rate, sizeof r->list_type[k]);
    for (int dry = 0; dry < 2; dry++)
        r->list_rate[k][dry] = rate[dry][0] + rate[dry][1];
    r->list_holds[k] = (uint8_t)holds;
    return (uint16_t)k;
}

/* The list of these rates [dry][type] among lists first .. r->n_lists - 1; a new one if there is none yet. */
static uint16_t list_of(struct lct_mc_rates *r, unsigned first, double rate[2][2], unsigned holds)
{
    if (rate[0][0] + rate[0][1] <= 0)
        return LCT_MC_UNLISTED;
    for (unsigned k = first; k < r->n_lists; k++)
        if (r->list_holds[k] == holds && memcmp(r->list_type[k], rate, sizeof r->list_type[k]) == 0)
            return (uint16_t)k;
    return new_list(r, rate, holds);
}

static enum lct_status make_lists(struct lct_mc_rates *r, struct lct_err *err)
{
    const size_t n = (size_t)r->n_site_classes + r->n_swap_classes;
    r->site_list = calloc(r->n_site_classes, sizeof *r->site_list);
    r->swap_list = calloc(r->n_swap_classes + 1, sizeof *r->swap_list);
    r->list_rate = calloc(n, sizeof *r->list_rate);
    r->list_type = calloc(n, sizeof *r->list_type);
    r->list_holds = calloc(n, sizeof *r->list_holds);
    if (!r->site_list || !r->swap_list || !r->list_rate || !r->list_type || !r->list_holds)
        return lct_fail(err, LCT_E_LIMIT, "lattice model: no memory for %zu classes of moves", n);
    for (unsigned c = 0; c < r->n_site_classes; c++) {
        const unsigned holds = c / (unsigned)(r->width * r->width);
        double rate[2][2];
        for (int t = 0; t < 2; t++) {
            rate[0][t] = r->p_type[t] * r->accept[c][t];
            rate[1][t] = r->p_type[t] * r->dry[c][t];
        }
        if (c == 0) /* a list of its own, even if nothing is ever inserted there */
            r->site_list[c] = new_list(r, rate, holds);
        else
            r->site_list[c] = list_of(r, 1, rate, holds);
    }
    r->n_site_lists = r->n_lists;
    for (unsigned c = 0; c < r->n_swap_classes; c++) { /* each bond is proposed from both of its ends */
        const double each = r->p_swap * 2 / (r->width - 1) * r->swap_accept[c];
        r->swap_list[c] = list_of(r, r->n_site_lists, (double[2][2]){ { each, 0 }, { each, 0 } }, LCT_MC_EMPTY);
    }
    r->swap_list[r->n_swap_classes] = LCT_MC_UNLISTED;
    return LCT_OK;
}

enum lct_status lct_mc_rates_create(struct lct_mc_rates **out, const struct lct_mc_model *model, struct lct_err *err)
{
    const struct lct_mc_params *p = &model->params;
    struct lct_mc_rates *r = calloc(1, sizeof *r);
    if (!r)
        goto no_memory;
    r->width = p->stencil + 1;
    r->span = 2 * p->stencil + 1;
    r->n_site_classes = 3 * (unsigned)(r->width * r->width);
    const double exchange_share = p->exchange_weight / (p->exchange_weight + p->swap_weight);
    r->p_type[0] = exchange_share * p->core_share;
    r->p_type[1] = exchange_share * (1 - p->core_share);
    r->p_swap = p->swap_weight / (p->exchange_weight + p->swap_weight);

    int times[LCT_MC_MAX_STENCIL];
    const unsigned n_times = index_multiplicities(r, &model->lattice, times);
    r->n_swap_classes = n_times * 3 * (unsigned)(r->span * r->span);
    r->accept = calloc(r->n_site_classes, sizeof *r->accept);
    r->dry = calloc(r->n_site_classes, sizeof *r->dry);
    r->filled = calloc(r->n_site_classes, sizeof *r->filled);
    r->key = calloc(r->n_site_classes, sizeof *r->key);
    r->swap_accept = calloc(r->n_swap_classes + 1, sizeof *r->swap_accept);
    if (!r->accept || !r->dry || !r->filled || !r->key || !r->swap_accept)
        goto no_memory;
    fill_sites(r, model);
    order_pairs(r);
    for (unsigned k = 0; k < n_times; k++)
        fill_swaps(r, model, k, times[k]);
    for (int parity = 0; parity < 2; parity++)
        for (int d = 0; d <= p->stencil / 2; d++)
            r->ring[parity][d] = lct_mc_ring_of(p, parity, d);
    if (make_lists(r, err) != LCT_OK) {
        lct_mc_rates_destroy(&r);
        return LCT_E_LIMIT;
    }
    *out = r;
    return LCT_OK;

no_memory:
    lct_mc_rates_destroy(&r);
    return lct_fail(err, LCT_E_LIMIT, "lattice model: no memory for the tables of acceptances");
}

void lct_mc_rates_destroy(struct lct_mc_rates **rates)
{
    struct lct_mc_rates *r = *rates;
    if (!r)
        return;
    free(r->accept);
    free(r->dry);
    free(r->filled);
    free(r->key);
    free(r->swap_accept);
    free(r->site_list);
    free(r->swap_list);
    free(r->list_rate);
    free(r->list_type);
    free(r->list_holds);
    free(r);
    *rates = NULL;
}
