/* Protects: free energies by weighted walks are those of enumeration, of brute force, and of the one closed form there is. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/mc_barrier.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SITES = 9, STATES = 19683 };

static struct lct_mc_params small(void)
{
    struct lct_mc_params p = lct_mc_defaults();
    p.nx = p.ny = 3;
    p.nz = 1;
    p.core_columns = 1;
    p.shell_layers = 0;
    p.eps_core = 1.6;
    p.eps_shell = 0.6;
    p.eps_interface = 0.8;
    p.mu_core = -6;
    p.mu_shell = -2;
    p.exchange_weight = 5;
    return p;
}

/* What p allows of a configuration, given the start. */
static bool allowed(const struct lct_mc_barrier_params *p, const uint8_t *o, const uint8_t *start)
{
    long extra = 0, missing = 0;
    for (int i = 0; i < SITES; i++) {
        extra += o[i] == LCT_MC_CORE && start[i] != LCT_MC_CORE;
        missing += o[i] != LCT_MC_CORE && start[i] == LCT_MC_CORE;
    }
    return !p->keep_start || (p->order == LCT_MC_ORDER_CORE ? !(extra && missing) : extra <= p->strays);
}

/* F(q) - F(first) by summing over all configurations. */
static void enumerate(
    const struct lct_mc_model *m, const struct lct_mc_barrier_params *p, const uint8_t *start, double *f)
{
    double z[64] = { 0 };
    for (long s = 0; s < STATES; s++) {
        uint8_t o[SITES];
        long rest = s;
        for (int i = 0; i < SITES; i++, rest /= 3)
            o[i] = (uint8_t)(rest % 3);
        const struct lct_mc_counts c = lct_mc_count(m, o);
        const long q = p->order == LCT_MC_ORDER_CORE ? c.core_sites - 1 : c.exposed_core_sites;
        if (q >= p->first && q <= p->last && allowed(p, o, start))
            z[q - p->first] += exp(-lct_mc_energy(m, o));
    }
    for (long q = p->first; q <= p->last; q++)
        f[q - p->first] = -log(z[q - p->first] / z[-p->first]);
}

/* 4 sigma on a Student's t of 15 degrees is exceeded in one of 900 bins, hence 5 for all of them; the floor of 0.01 kT stands for
 * runs that happen to agree. The weights alone (Wang-Landau) are off by 0.1. */
static void compare(const struct lct_mc_model *m, const struct lct_mc_barrier_params *p, const char *what)
{
    uint8_t start[SITES];
    double exact[64];
    struct lct_mc_barrier_point points[64];
    struct lct_mc_barrier out = { .points = points };
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_mc_start(m, false, start, NULL), LCT_OK));
    enumerate(m, p, start, exact);
    const long q0 = lct_mc_count(m, start).exposed_core_sites;
    cr_assert(ge(long, q0, 0));
    cr_assert(eq(int, lct_mc_barrier_run(&out, m, start, p, NULL, &err), LCT_OK), "%s", err.text);
    for (long q = p->first; q <= p->last; q++) {
        const struct lct_mc_barrier_point *b = &points[q - p->first];
        cr_log_info(
            "%s q %ld: %g exact %g sd %g", what, q, b->free_energy_kt, exact[q - p->first], b->free_energy_sd_kt);
        cr_assert(lt(dbl, fabs(b->free_energy_kt - exact[q - p->first]), 5 * b->free_energy_sd_kt + 0.01),
            "%s, q = %ld: %g, exact %g", what, q, b->free_energy_kt, exact[q - p->first]);
    }
}

Test(mc_barrier, free_energy_is_that_of_enumeration)
{
    struct lct_mc_params params = small();
    for (int k = 0; k < 6; k++) {
        const bool exposed = k == 3 || k == 5;
        params.flips = k == 1;
        params.periodic_x = k != 2;
        struct lct_mc_model m;
        cr_assert(eq(int, lct_mc_model_init(&m, &params, NULL), LCT_OK));
        struct lct_mc_barrier_params p = lct_mc_barrier_defaults(exposed ? LCT_MC_ORDER_EXPOSED : LCT_MC_ORDER_CORE);
        p.first = exposed ? 0 : -1;
        p.last = k == 5 ? 2 : exposed ? 3 : 8; /* exposed: beyond, the walk seldom comes */
        p.keep_start = k >= 4;
        p.strays = 2;
        p.runs = 16;
        p.rounds = 12;
        p.round_events = 1500;
        p.run_events = 60000;
        compare(&m, &p, exposed ? "exposed" : "core");
        lct_mc_model_finish(&m);
    }
}

Test(mc_barrier, brute_force_agrees_where_it_converges)
{
    struct lct_mc_params params = small();
    params.mu_core = -5;
    params.eps_core = 1.2;
    struct lct_mc_model m;
    cr_assert(eq(int, lct_mc_model_init(&m, &params, NULL), LCT_OK));
    struct lct_mc_barrier_params p = lct_mc_barrier_defaults(LCT_MC_ORDER_CORE);
    p.first = -1;
    p.last = 4; /* beyond, brute force sees too little */
    p.rounds = 0;
    p.runs = 16;
    p.run_events = 100000;
    compare(&m, &p, "brute force");
    lct_mc_model_finish(&m);
}

/* A bare crystal: 88 places where a core site costs 36.7 - 20 = 16.7 kT, others 1e-5 of them: F(1) = 16.7 - ln 88 = 12.2227. */
Test(mc_barrier, first_site_of_a_new_layer_costs_what_it_must)
{
    struct lct_mc_params params = lct_mc_defaults();
    params.mu_core = -36.7;
    params.core_share = 1;
    params.shell_conserved = true;
    struct lct_mc_model m;
    cr_assert(eq(int, lct_mc_model_init(&m, &params, NULL), LCT_OK));
    uint8_t *start = malloc(m.lattice.n_sites);
    cr_assert(eq(int, lct_mc_start(&m, false, start, NULL), LCT_OK));
    struct lct_mc_barrier_params p = lct_mc_barrier_defaults(LCT_MC_ORDER_CORE);
    p.first = -3;
    p.last = 3;
    p.rounds = 15;
    p.run_events = 200000;
    struct lct_mc_barrier_point points[7];
    struct lct_mc_barrier out = { .points = points };
    cr_assert(eq(int, lct_mc_barrier_run(&out, &m, start, &p, NULL, NULL), LCT_OK));
    const struct lct_mc_barrier_point *one = &points[4];
    cr_log_info("F(1) = %g +- %g", one->free_energy_kt, one->free_energy_sd_kt);
    cr_assert(lt(dbl, one->free_energy_sd_kt, 0.05));
    /* 6 sigma of Student's t with 7 degrees: 1 in 1900; the other places and rough starts are worth 3e-5 */
    cr_assert(lt(dbl, fabs(one->free_energy_kt - (16.7 - log(88))), 6 * one->free_energy_sd_kt + 1e-4));
    free(start);
    lct_mc_model_finish(&m);
}

/* On a straight slope F = a q with equal rates the walker is a biased coin: growth is as likely as dissolution when the slope is gone. */
Test(mc_barrier, coexistence_is_where_growth_and_dissolution_balance)
{
    double link[20];
    for (long q = -10; q < 10; q++)
        link[q + 10] = 0.7 * ((double)q + 0.5);
    cr_assert(lt(dbl, lct_mc_growth_probability(link, 10, 0), 0.01));
    cr_assert(lt(dbl, fabs(lct_mc_coexistence(link, 10) - 0.7), 1e-9));
    link[0] = (double)NAN;
    cr_assert(isnan(lct_mc_coexistence(link, 10)));
}

Test(mc_barrier, refuses_a_range_without_the_start)
{
    struct lct_mc_params params = small();
    struct lct_mc_model m;
    cr_assert(eq(int, lct_mc_model_init(&m, &params, NULL), LCT_OK));
    uint8_t start[SITES] = { 1 };
    struct lct_mc_barrier_params p = lct_mc_barrier_defaults(LCT_MC_ORDER_EXPOSED);
    struct lct_mc_barrier_point points[64];
    struct lct_mc_barrier out = { .points = points };
    p.first = 2;
    cr_assert(eq(int, lct_mc_barrier_run(&out, &m, start, &p, NULL, NULL), LCT_E_ARG));
    p.first = 0;
    p.last = 0;
    cr_assert(eq(int, lct_mc_barrier_run(&out, &m, start, &p, NULL, NULL), LCT_E_ARG));
    p.last = 4;
    p.runs = 1;
    cr_assert(eq(int, lct_mc_barrier_run(&out, &m, start, &p, NULL, NULL), LCT_E_ARG));
    lct_mc_model_finish(&m);
}
