/* lctem mc barrier: free energy of the core's new layer, or of exposing the core */
#include "mc_settings.h"

#include <lctem/mc_barrier.h>
#include <lctem/number.h>
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

/* What the default range gets, for each q of another. */
static void scale_effort(struct lct_mc_barrier_params *p)
{
    const struct lct_mc_barrier_params usual = lct_mc_barrier_defaults(LCT_MC_ORDER_CORE);
    const double share = fmax(0, fmin(100, (double)(p->last - p->first) / (double)(usual.last - usual.first)));
    p->rounds = (int)fmax(1, share * usual.rounds);
    p->run_events = (uint64_t)fmax(1e5, share * (double)usual.run_events);
}

static enum lct_status read_params(const struct mc_call *c, struct lct_mc_barrier_params *p, struct lct_err *err)
{
    const struct mc_settings *s = &c->settings;
    p->seed = c->run.seed;
    p->threads = c->run.threads;
    p->comm = c->run.comm;
    p->keep_start = s->keep_start == 0 ? c->params.core_columns >= 7 : s->keep_start == 1;
    if (s->range && sscanf(s->range, "%ld:%ld", &p->first, &p->last) != 2)
        return lct_fail(err, LCT_E_ARG,
            "range: '%.40s' is not A:B, whole numbers from the first q to the last, such as -24:48", s->range);
    if (p->last < p->first || p->last - p->first >= 1000000)
        return lct_fail(
            err, LCT_E_ARG, "range: %ld:%ld; the first q comes first, and a million are the most", p->first, p->last);
    if (p->order == LCT_MC_ORDER_CORE)
        scale_effort(p);
    if (s->rounds != LCT_OPTION_AUTO)
        p->rounds = (int)s->rounds;
    if (s->runs != LCT_OPTION_AUTO)
        p->runs = (int)s->runs;
    if (s->strays != LCT_OPTION_AUTO)
        p->strays = s->strays;
    if (s->width != LCT_OPTION_AUTO)
        p->width = s->width;
    if (!isnan(s->events))
        p->run_events = (uint64_t)s->events;
    return LCT_OK;
}

static enum lct_status write_points(
    const struct mc_call *c, const struct lct_mc_barrier_point *points, size_t n, struct lct_err *err)
{
    struct lct_table *table = NULL;
    enum lct_status s = lct_table_create(&table, c->settings.output, &lct_mc_barrier_table, err);
    for (size_t i = 0; s == LCT_OK && i < n; i++) {
        const struct lct_cell cells[] = { lct_int(points[i].q), lct_num(points[i].free_energy_kt),
            lct_num(points[i].free_energy_sd_kt), lct_num(points[i].visits), lct_num(points[i].link_kt) };
        s = lct_table_row(table, cells, err);
    }
    const enum lct_status closed = lct_table_close(&table, s == LCT_OK ? err : NULL);
    return s == LCT_OK ? closed : s;
}

static void tell_core(const struct mc_call *c, struct lct_json *json, const struct lct_mc_barrier_params *p,
    const struct lct_mc_barrier *b)
{
    const struct lct_mc_barrier_point *one = b->points + 1 - p->first;
    lct_json_number(json, "round_trips_per_run", b->trips / 2);
    lct_json_integer(json, "width", b->width);
    lct_json_number(json, "mu_core_coexistence_kt", c->params.mu_core + b->mu_change_kt.value);
    lct_json_number(json, "mu_core_coexistence_sd_kt", b->mu_change_kt.sd);
    if (c->settings.quiet)
        return;
    char text[LCT_NUMBER_PAIR];
    printf("F(1) = %s kT; %.3g round trips a run\n",
        lct_number_pair(text, one->free_energy_kt, one->free_energy_sd_kt, " +- "), b->trips / 2);
    if (b->width > 0)
        printf("coexistence (from q = 0, +%ld as likely as -%ld): mu_core = %s kT\n", b->width, b->width,
            lct_number_pair(text, c->params.mu_core + b->mu_change_kt.value, b->mu_change_kt.sd, " +- "));
}

static void tell_exposed(const struct mc_call *c, struct lct_json *json, const struct lct_mc_barrier_params *p,
    const struct lct_mc_barrier *b)
{
    const struct lct_mc_barrier_point *one = b->points + 1 - p->first;
    lct_json_number(json, "opening_cost_kt", b->opening_kt.value);
    lct_json_number(json, "opening_cost_sd_kt", b->opening_kt.sd);
    lct_json_number(json, "softening_kt", b->softening_kt);
    if (p->keep_start)
        lct_json_integer(json, "strays", p->strays);
    char opening[LCT_NUMBER_PAIR], first[LCT_NUMBER_PAIR];
    if (!c->settings.quiet)
        printf("exposing any core site costs %s kT; F(1) = %s (core-core bonds softened by %.3g kT)\n",
            lct_number_pair(opening, b->opening_kt.value, b->opening_kt.sd, " +- "),
            lct_number_pair(first, one->free_energy_kt, one->free_energy_sd_kt, " +- "), b->softening_kt);
}

/* A q that one run has not seen has no F: say which, instead of cells that are empty without a word. */
static void tell_unknown(const struct mc_call *c, struct lct_json *json, const struct lct_mc_barrier_params *p,
    const struct lct_mc_barrier *b)
{
    long unknown = 0, first = 0, last = 0;
    for (long q = p->first; q <= p->last; q++)
        if (isnan(b->points[q - p->first].free_energy_kt)) {
            first = unknown++ ? first : q;
            last = q;
        }
    lct_json_integer(json, "unknown_points", unknown);
    if (unknown && !c->settings.quiet)
        printf(
            "no F at %ld of %ld q (%ld to %ld): not every run came there; more --events%s or a shorter --range would\n",
            unknown, p->last - p->first + 1, first, last, p->order == LCT_MC_ORDER_CORE ? ", --rounds" : "");
}

static enum lct_status report(
    const struct mc_call *c, const struct lct_mc_barrier_params *p, const struct lct_mc_barrier *b, struct lct_err *err)
{
    struct lct_json *json = NULL;
    enum lct_status s = write_points(c, b->points, (size_t)(p->last - p->first + 1), err);
    if (s == LCT_OK)
        s = mc_json_begin(&json, c, err);
    if (s != LCT_OK)
        return s;
    lct_json_text(json, "order", p->order == LCT_MC_ORDER_CORE ? "core" : "exposed");
    lct_json_text(json, "ensemble", c->params.exchange_weight > 0 ? "open" : "canonical");
    lct_json_integer(json, "runs", p->runs);
    lct_json_integer(json, "run_events", (long long)p->run_events);
    lct_json_integer(json, "rounds", p->rounds);
    lct_json_bool(json, "keep_start", p->keep_start);
    (p->order == LCT_MC_ORDER_CORE ? tell_core : tell_exposed)(c, json, p, b);
    tell_unknown(c, json, p, b);
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
    const bool leads = lct_comm_rank(p.comm) == 0;
    struct lct_mc_model model = { 0 };
    if (s == LCT_OK)
        s = lct_mc_model_init(&model, &c->params, err);
    uint8_t *start = s == LCT_OK ? malloc(model.lattice.n_sites) : NULL;
    struct lct_mc_barrier b = { 0 };
    if (s == LCT_OK)
        b.points = calloc((size_t)(p.last - p.first + 1), sizeof *b.points);
    if (s == LCT_OK && (!start || !b.points))
        s = lct_fail(err, LCT_E_LIMIT, "mc barrier: no memory for %ld q", p.last - p.first + 1);
    if (s == LCT_OK)
        s = lct_mc_start(&model, shell, start, err);
    if (s == LCT_OK)
        s = lct_mc_barrier_check(&model, start, &p, err);
    if (s == LCT_OK && leads)
        s = mc_call_folder(c, err);
    s = lct_comm_agree(p.comm, s, err);
    if (s == LCT_OK)
        s = lct_mc_barrier_run(&b, &model, start, &p, &c->progress, err);
    if (s == LCT_OK && leads)
        s = report(c, &p, &b, err);
    lct_mc_model_finish(&model);
    free(b.points);
    free(start);
    return s;
}
