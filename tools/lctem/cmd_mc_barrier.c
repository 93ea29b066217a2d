/* lctem mc barrier: free energy of the core's new layer, or of exposing the core */
#include "mc_settings.h"

#include <lctem/mc_barrier.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Bare: only core comes and goes. Exposed: the numbers stay, so that the shell is in equilibrium; unless --open. */
static void choose_ensemble(struct mc_call *c, bool exposed, bool shell)
{
    if (exposed && !c->settings.open) {
        c->params.exchange_weight = 0;
        if (c->params.swap_weight <= 0)
            c->params.swap_weight = 1;
    } else if (!shell) {
        c->params.shell_conserved = true;
        c->params.core_share = 1;
        c->params.flips = false;
    }
}

static enum lct_status read_params(const struct mc_call *c, struct lct_mc_barrier_params *p, struct lct_err *err)
{
    const struct mc_settings *s = &c->settings;
    p->seed = c->run.seed;
    p->threads = c->run.threads;
    if (s->rounds != LCT_OPTION_AUTO)
        p->rounds = (int)s->rounds;
    if (s->runs != LCT_OPTION_AUTO)
        p->runs = (int)s->runs;
    if (!isnan(s->events))
        p->run_events = (uint64_t)s->events;
    if (s->range && sscanf(s->range, "%ld:%ld", &p->first, &p->last) != 2)
        return lct_fail(err, LCT_E_ARG, "range: '%.40s' is not A:B", s->range);
    return LCT_OK;
}

static enum lct_status write_points(
    const struct mc_call *c, const struct lct_mc_barrier_point *points, size_t n, struct lct_err *err)
{
    struct lct_table *table = NULL;
    enum lct_status s = lct_table_create(&table, c->settings.output, &lct_mc_barrier_table, err);
    for (size_t i = 0; s == LCT_OK && i < n; i++) {
        const struct lct_cell cells[] = { lct_int(points[i].q), lct_num(points[i].free_energy_kt),
            lct_num(points[i].free_energy_sd_kt), lct_num(points[i].visits) };
        s = lct_table_row(table, cells, err);
    }
    const enum lct_status closed = lct_table_close(&table, s == LCT_OK ? err : NULL);
    return s == LCT_OK ? closed : s;
}

static void tell_core(const struct mc_call *c, struct lct_json *json, const struct lct_mc_barrier_params *p,
    const struct lct_mc_barrier_point *points)
{
    const long width = p->last < -p->first ? p->last : -p->first;
    double change = (double)NAN;
    const double here = lct_mc_growth_probability(points, p->first, p->last, width, 0);
    if (width < 1 || lct_mc_coexistence(points, p->first, p->last, width, &change, NULL) != LCT_OK)
        change = (double)NAN;
    lct_json_integer(json, "width", width);
    lct_json_number(json, "growth_probability", here);
    lct_json_number(json, "mu_core_coexistence_kt", c->params.mu_core + change);
    if (!c->settings.quiet)
        printf("F(1) = %.4g +- %.2g kT; from q = 0, +%ld before -%ld: %.3g; coexistence at mu_core = %.5g\n",
            points[1 - p->first].free_energy_kt, points[1 - p->first].free_energy_sd_kt, width, width, here,
            c->params.mu_core + change);
}

static enum lct_status report(const struct mc_call *c, const struct lct_mc_barrier_params *p,
    const struct lct_mc_barrier_point *points, struct lct_err *err)
{
    struct lct_json *json = NULL;
    const size_t n = (size_t)(p->last - p->first + 1);
    enum lct_status s = write_points(c, points, n, err);
    if (s == LCT_OK)
        s = mc_json_begin(&json, c, err);
    if (s != LCT_OK)
        return s;
    lct_json_text(json, "order", p->order == LCT_MC_ORDER_CORE ? "core" : "exposed");
    lct_json_text(json, "ensemble", c->params.exchange_weight > 0 ? "open" : "canonical");
    lct_json_integer(json, "runs", p->runs);
    lct_json_integer(json, "run_events", (long long)p->run_events);
    lct_json_integer(json, "rounds", p->rounds);
    if (p->order == LCT_MC_ORDER_CORE) {
        tell_core(c, json, p, points);
    } else {
        const double cost = lct_mc_opening_cost(points, p->first, p->last);
        lct_json_number(json, "opening_cost_kt", cost);
        if (!c->settings.quiet)
            printf("exposing any core site costs %.4g kT; F(1) = %.4g +- %.2g\n", cost, points[1 - p->first].free_energy_kt,
                points[1 - p->first].free_energy_sd_kt);
    }
    return mc_json_end(&json, c, (double)NAN, (double)(p->run_events * (uint64_t)p->runs), false, err);
}

enum lct_status cmd_mc_barrier(struct mc_call *c, struct lct_err *err)
{
    if (c->settings.shell == MC_SHELL_BOTH)
        return lct_fail(err, LCT_E_ARG, "shell: one free energy at a time; give yes or no");
    const bool shell = c->settings.shell != MC_SHELL_NO;
    const bool exposed = c->settings.order ? c->settings.order == 2 : shell;
    struct lct_mc_barrier_params p = lct_mc_barrier_defaults(exposed ? LCT_MC_ORDER_EXPOSED : LCT_MC_ORDER_CORE);
    choose_ensemble(c, exposed, shell);
    enum lct_status s = read_params(c, &p, err);
    if (s == LCT_OK)
        s = mc_call_folder(c, err);
    struct lct_mc_model model = { 0 };
    if (s == LCT_OK)
        s = lct_mc_model_init(&model, &c->params, err);
    if (s != LCT_OK)
        return s;
    uint8_t *start = malloc(model.lattice.n_sites);
    struct lct_mc_barrier_point *points = p.last >= p.first && p.last - p.first < 1000000
        ? calloc((size_t)(p.last - p.first + 1), sizeof *points)
        : NULL;
    if (!start || !points)
        s = lct_fail(err, LCT_E_ARG, "range: %ld:%ld is empty or does not fit into memory", p.first, p.last);
    if (s == LCT_OK)
        s = lct_mc_start(&model, shell, start, err);
    if (s == LCT_OK)
        s = lct_mc_barrier_run(points, &model, start, &p, &c->progress, err);
    if (s == LCT_OK)
        s = report(c, &p, points, err);
    lct_mc_model_finish(&model);
    free(points);
    free(start);
    return s;
}
