#include <lctem/mc.h>

#include "rates.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct lct_mc_params lct_mc_defaults(void)
{
    return (struct lct_mc_params){
        .nx = 80,
        .ny = 80,
        .nz = 4,
        .periodic_x = true,
        .periodic_y = true,
        .periodic_z = true,
        .stencil = 8,
        .form = LCT_MC_INDICATOR,
        .eps_core = 10,
        .eps_shell = 6.7,
        .eps_interface = 6.7,
        .mu_core = -30,
        .mu_shell = -20,
        .swap_weight = 1,
        .exchange_weight = 50,
        .core_share = 0.5,
        .shell_conserved = false,
        .flips = false,
        .core_shell_swaps = true,
        .core_columns = 50,
        .shell_layers = 2,
        .cap_layers = 0,
        .reservoir_core = INFINITY,
        .target_core_sites = 400,
    };
}

static void printed(struct lct_mc_params *p)
{
    *p = lct_mc_defaults();
}

static void conserved_shell(struct lct_mc_params *p)
{
    printed(p);
    p->shell_conserved = true;
    p->core_share = 1;
}

static void metastable_shell(struct lct_mc_params *p)
{
    printed(p);
    p->mu_shell = -24.2;
}

static void crack_one_layer(struct lct_mc_params *p)
{
    conserved_shell(p);
    p->shell_layers = 1;
    p->mu_core = -23;
    p->exchange_weight = 1;
    p->swap_weight = 100;
}

static void crack_clean(struct lct_mc_params *p)
{
    crack_one_layer(p);
    p->eps_shell = p->eps_interface = 7;
    p->mu_core = -24;
    p->swap_weight = 50;
    p->core_shell_swaps = false;
}

static void healing(struct lct_mc_params *p)
{
    conserved_shell(p);
    p->eps_core = 8;
    p->eps_shell = p->eps_interface = 5.36;
    p->mu_core = -18.4;
    p->exchange_weight = 1;
    p->swap_weight = 300;
}

// clang-format off
static const struct lct_mc_preset presets[] = {
    { "printed", "the printed text, products read as indicators, all numbers fluctuating: the shell runs away, no persistence",
        printed },
    { "conserved-shell", "printed, but the number of shell sites is conserved (q1 = 1): persists 1e7 steps, bursts through a crack",
        conserved_shell },
    { "metastable-shell", "printed, but mu_shell = -24.2 instead of -20: twentyfold slower than bare, by steady growth",
        metastable_shell },
    { "crack-one-layer", "conserved, one shell layer instead of two, mu_core = -23 instead of -30, exchange : swap 1:100 instead of "
                         "50:1: wait of 1e4 steps, ratio about 20",
        crack_one_layer },
    { "crack-clean", "crack-one-layer with shell bonds 7 instead of 6.7, mu_core = -24, 1:50, core-shell swaps forbidden: shell area "
                     "unchanged, dear to open",
        crack_clean },
    { "healing", "conserved, bonds 8 and 5.36 instead of 10 and 6.7, mu_core = -18.4, exchange : swap 1:300: stepwise growth, "
                 "cracks heal",
        healing },
    { NULL, NULL, NULL },
};
// clang-format on

const struct lct_mc_preset *lct_mc_presets(void)
{
    return presets;
}

enum lct_status lct_mc_preset_find(const char *name, struct lct_mc_params *out, struct lct_err *err)
{
    char known[256] = "";
    for (const struct lct_mc_preset *p = presets; p->name; p++) {
        if (strcmp(p->name, name) == 0) {
            p->apply(out);
            return LCT_OK;
        }
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", p->name);
    }
    return lct_fail(err, LCT_E_ARG, "preset: there is no '%s'; take one of: %s", name, known);
}

static enum lct_status check_numbers(const struct lct_mc_params *p, struct lct_err *err)
{
    const struct {
        const char *name;
        double value;
    } finite[] = { { "eps_core", p->eps_core }, { "eps_shell", p->eps_shell }, { "eps_interface", p->eps_interface },
        { "mu_core", p->mu_core }, { "mu_shell", p->mu_shell }, { "swap_weight", p->swap_weight },
        { "exchange_weight", p->exchange_weight }, { "core_share", p->core_share } };
    for (size_t i = 0; i < sizeof finite / sizeof *finite; i++)
        if (!(fabs(finite[i].value) <= 1e6))
            return lct_fail(
                err, LCT_E_ARG, "%s: %g is not a number between -1e6 and 1e6", finite[i].name, finite[i].value);
    if (p->swap_weight < 0 || p->exchange_weight < 0)
        return lct_fail(err, LCT_E_ARG, "%s: %g is negative; weights are shares of the attempts, 0 or more",
            p->swap_weight < 0 ? "swap_weight" : "exchange_weight",
            p->swap_weight < 0 ? p->swap_weight : p->exchange_weight);
    if (p->swap_weight + p->exchange_weight <= 0)
        return lct_fail(err, LCT_E_ARG, "swap_weight and exchange_weight are both 0: no move is left; raise one");
    if (p->core_share < 0 || p->core_share > 1)
        return lct_fail(err, LCT_E_ARG, "core_share: %g; give a share between 0 and 1", p->core_share);
    if (p->flips && (p->core_share <= 0 || p->core_share >= 1 || p->shell_conserved))
        return lct_fail(
            err, LCT_E_ARG, "flips: need shell_conserved no and core_share between 0 and 1 (both ways must be drawn)");
    if (isnan(p->reservoir_core) || p->reservoir_core < 0)
        return lct_fail(
            err, LCT_E_ARG, "reservoir_core: %g is not a number of units, 0 or more, or inf", p->reservoir_core);
    if (p->target_core_sites < 1)
        return lct_fail(err, LCT_E_ARG, "target_core_sites: %ld is below 1", p->target_core_sites);
    return LCT_OK;
}

static enum lct_status check_lattice(const struct lct_mc_params *p, struct lct_err *err)
{
    if (p->nx < 1 || p->ny < 1 || p->nz < 1)
        return lct_fail(err, LCT_E_ARG, "size: %dx%dx%d; each length must be 1 or more", p->nx, p->ny, p->nz);
    if (p->nx > 4096 || p->ny > 4096 || p->nz > 256 || (long)p->nx * p->ny * p->nz > 1L << 26)
        return lct_fail(
            err, LCT_E_ARG, "size: %dx%dx%d; at most 4096 x 4096 x 256 and %ld sites", p->nx, p->ny, p->nz, 1L << 26);
    if (p->stencil != 6 && p->stencil != 8 && p->stencil != 12)
        return lct_fail(
            err, LCT_E_ARG, "stencil: %d; there are 8 (in plane and along z), 6 (in plane), 12 (hcp)", p->stencil);
    if (p->stencil == 12 && p->periodic_z && p->nz % 2)
        return lct_fail(err, LCT_E_ARG,
            "stencil: 12 stacks layers ABAB and does not close over %d layers; take an even number or open z "
            "(periodic=xy)",
            p->nz);
    if ((int)p->form < 0 || p->form > LCT_MC_LITERAL_MU)
        return lct_fail(err, LCT_E_ARG, "form: %d is no form", (int)p->form);
    return LCT_OK;
}

static enum lct_status check_start(const struct lct_mc_params *p, struct lct_err *err)
{
    if (p->core_columns < 1 || p->core_columns > p->nx * p->ny)
        return lct_fail(err, LCT_E_ARG, "core_columns: %d; between 1 and the %d columns of the lattice",
            p->core_columns, p->nx * p->ny);
    if (p->shell_layers < 0 || p->cap_layers < 0)
        return lct_fail(err, LCT_E_ARG, "%s: %d is negative", p->shell_layers < 0 ? "shell_layers" : "cap_layers",
            p->shell_layers < 0 ? p->shell_layers : p->cap_layers);
    if (p->cap_layers >= p->nz || 2 * p->cap_layers >= p->nz)
        return lct_fail(
            err, LCT_E_ARG, "cap_layers: 2 x %d layers leave no core in a lattice of %d", p->cap_layers, p->nz);
    const struct lct_mc_hexagon h = lct_mc_hexagon_of(p->core_columns);
    const long wide = h.a + 1 + 2L * p->shell_layers, high = h.b + 1 + 2L * p->shell_layers;
    if (wide > p->nx || high > p->ny)
        return lct_fail(err, LCT_E_ARG,
            "size: %d core columns with %d shell layers need %ld x %ld columns, the lattice has %d x %d; give a larger "
            "size or fewer core_columns",
            p->core_columns, p->shell_layers, wide, high, p->nx, p->ny);
    return LCT_OK;
}

enum lct_status lct_mc_check(const struct lct_mc_params *params, struct lct_err *err)
{
    enum lct_status status = check_lattice(params, err);
    if (status == LCT_OK)
        status = check_numbers(params, err);
    if (status == LCT_OK)
        status = check_start(params, err);
    return status;
}

static void apply_form(struct lct_mc_model *m)
{
    const struct lct_mc_params *p = &m->params;
    const bool bonds = p->form == LCT_MC_LITERAL || p->form == LCT_MC_LITERAL_EPS;
    const bool mu = p->form == LCT_MC_LITERAL || p->form == LCT_MC_LITERAL_MU;
    m->bond[1][1] = p->eps_core;
    m->bond[1][2] = m->bond[2][1] = p->eps_interface * (bonds ? 2 : 1);
    m->bond[2][2] = p->eps_shell * (bonds ? 4 : 1);
    m->chemical[1] = p->mu_core;
    m->chemical[2] = p->mu_shell * (mu ? 2 : 1);
}

enum lct_status lct_mc_model_init(struct lct_mc_model *out, const struct lct_mc_params *params, struct lct_err *err)
{
    enum lct_status status = lct_mc_check(params, err);
    if (status != LCT_OK)
        return status;
    struct lct_mc_model m = { .params = *params };
    apply_form(&m);
    status = lct_mc_lattice_init(&m.lattice, params, err);
    if (status == LCT_OK)
        status = lct_mc_rates_create(&m.rates, &m, err);
    if (status == LCT_OK)
        *out = m;
    else
        lct_mc_model_finish(&m);
    return status;
}

void lct_mc_model_finish(struct lct_mc_model *model)
{
    lct_mc_lattice_finish(&model->lattice);
    lct_mc_rates_destroy(&model->rates);
}

double lct_mc_energy(const struct lct_mc_model *model, const uint8_t *occupancy)
{
    const struct lct_mc_lattice *l = &model->lattice;
    double energy_kt = 0;
    for (uint32_t i = 0; i < l->n_sites; i++) {
        energy_kt -= model->chemical[occupancy[i]];
        for (int d = 0; d < l->half; d++) {
            const uint32_t j = lct_mc_neighbour(l, i, d);
            if (j != LCT_MC_NO_SITE)
                energy_kt -= model->bond[occupancy[i]][occupancy[j]];
        }
    }
    return energy_kt;
}

static bool is_exposed(const struct lct_mc_lattice *l, const uint8_t *occupancy, uint32_t i)
{
    const int32_t *step = l->step[l->kind[i]];
    for (int d = 0; d < l->stencil; d++)
        if (step[d] && occupancy[i + (uint32_t)step[d]] == LCT_MC_EMPTY)
            return true;
    return false;
}

struct lct_mc_counts lct_mc_count(const struct lct_mc_model *model, const uint8_t *occupancy)
{
    const struct lct_mc_lattice *l = &model->lattice;
    struct lct_mc_counts c = { 0 };
    for (uint32_t i = 0; i < l->n_sites;) {
        bool core = false, shell = false;
        for (int z = 0; z < l->nz; z++, i++) {
            if (occupancy[i] == LCT_MC_CORE) {
                core = true;
                c.core_sites++;
                c.exposed_core_sites += is_exposed(l, occupancy, i);
            } else if (occupancy[i] == LCT_MC_SHELL) {
                shell = true;
                c.shell_sites++;
            }
        }
        c.core_area_sites += core;
        c.shell_area_sites += shell && !core;
    }
    return c;
}
