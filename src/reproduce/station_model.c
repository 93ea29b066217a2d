#include "station_model.h"

#include <lctem/mc_keys.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What may be meant by the printed text, and the readings that come close to its results (docs/lattice-model.md). */
const struct reading readings[N_READINGS] = {
    { "printed", "printed", { NULL }, "as printed, products as indicators, all numbers fluctuating" },
    { "literal", "printed", { "form=literal", NULL }, "as printed, products of the numbers 0, 1, 2" },
    { "stencil-6", "printed", { "stencil=6", NULL }, "as printed, six neighbours in the plane" },
    { "stencil-12", "printed", { "stencil=12", NULL }, "as printed, twelve neighbours (hcp)" },
    { "swaps-50", "printed", { "swap_weight=50", "exchange_weight=1", NULL },
        "as printed, 50 swaps for each insertion/deletion" },
    { "conserved-shell", "conserved-shell", { NULL }, "shell conserved" },
    { "metastable-shell", "metastable-shell", { NULL }, "mu_shell -24.2" },
    { "crack-one-layer", "crack-one-layer", { NULL }, "shell conserved, one layer, mu_core -23, 100:1 swaps" },
    { "one-layer-300", "crack-one-layer", { "mu_core=-22.5", "swap_weight=300", NULL },
        "shell conserved, one layer, mu_core -22.5, 300:1 swaps" },
    { "two-layers-300", "conserved-shell", { "mu_core=-21", "swap_weight=300", "exchange_weight=1", NULL },
        "shell conserved, two layers, mu_core -21, 300:1 swaps" },
    { "crack-clean", "crack-clean", { NULL }, "one layer, 10/7, mu_core -24, no core-shell swaps" },
    { "healing", "healing", { NULL }, "shell conserved, bonds 8/5.36, mu_core -18.4, 300:1 swaps" },
};

enum { MODEL_EVENTS = 20000000 };

static const struct reading *find(const char *name)
{
    for (size_t i = 0; i < N_READINGS; i++)
        if (strcmp(readings[i].name, name) == 0)
            return &readings[i];
    return NULL;
}

static enum lct_status assign(struct lct_mc_params *p, const char *assignment, struct lct_err *err)
{
    char key[40];
    const size_t n = strcspn(assignment, "=");
    snprintf(key, sizeof key, "%.*s", (int)n, assignment);
    return lct_mc_set(p, key, assignment + n + 1, err);
}

enum lct_status reading_params(const char *name, struct lct_mc_params *out, struct lct_err *err)
{
    const struct reading *r = find(name);
    if (!r)
        return lct_fail(err, LCT_E_INTERNAL, "reproduce: no reading %s", name);
    enum lct_status status = lct_mc_preset_find(r->preset, out, err);
    for (size_t i = 0; status == LCT_OK && r->set[i]; i++)
        status = assign(out, r->set[i], err);
    return status;
}

const char *station_reading_words(const char *name)
{
    const struct reading *r = find(name);
    return r ? r->words : "";
}

size_t station_replicas(const struct stations *s)
{
    return s->params->quick ? 24 : 100;
}

static enum lct_status add(void *context, const struct lct_mc_passage *passage, struct lct_err *err)
{
    struct lct_table *table = context;
    return lct_mc_passage_write(table, passage, err);
}

static enum lct_status run(struct ensemble *e, const struct stations *s, const char *name, struct lct_err *err)
{
    const struct lct_mc_list list = { .replicas = station_replicas(s), .bare = true, .shell = true };
    struct lct_mc_run how = lct_mc_run_defaults();
    how.threads = s->params->threads;
    how.max_events = MODEL_EVENTS;
    struct lct_mc_params params;
    struct lct_mc_model model = { 0 };
    struct lct_mc_estimate medians;
    struct lct_table *table = NULL;
    char place[80], *folder = NULL;
    snprintf(place, sizeof place, "model/%s/", name);
    e->n = lct_mc_list_count(&list);
    e->passages = calloc(e->n, sizeof *e->passages);
    enum lct_status status =
        e->passages ? reading_params(name, &params, err) : lct_fail(err, LCT_E_LIMIT, "reproduce: no memory");
    if (status == LCT_OK)
        status = lct_mc_model_init(&model, &params, err);
    if (status == LCT_OK)
        status = station_path(s, place, &folder, err);
    if (status == LCT_OK)
        status = lct_table_create(&table, folder, &lct_mc_doubling_table, err);
    if (status == LCT_OK)
        status = lct_mc_ensemble_run(e->passages, &model, &how, &list, s->hooks->progress, add, table, err);
    const enum lct_status closed = lct_table_close(&table, status == LCT_OK ? err : NULL);
    status = status == LCT_OK ? closed : status;
    free(folder);
    if (status == LCT_OK) {
        e->bare = lct_mc_waiting_of(e->passages, e->n, false, how.seed);
        e->shell = lct_mc_waiting_of(e->passages, e->n, true, how.seed);
        lct_mc_ratio_of(e->passages, e->n, how.seed, &e->ratio, &medians);
    }
    lct_mc_model_finish(&model);
    return status;
}

enum lct_status station_reading(struct stations *s, const char *name, const struct ensemble **out, struct lct_err *err)
{
    const struct reading *r = find(name);
    if (!r)
        return lct_fail(err, LCT_E_INTERNAL, "reproduce: no reading %s", name);
    struct ensemble *e = &s->ensembles[r - readings];
    const enum lct_status status = e->passages ? LCT_OK : run(e, s, name, err);
    *out = e;
    return status;
}

/* ---- free energies ---- */

static uint64_t run_events(const struct stations *s, enum station station)
{
    const uint64_t full = station == STATION_CORE ? 4000000 : 5000000;
    return s->params->quick ? full / 10 : full;
}

static const char *barrier_folder(enum station station)
{
    return station == STATION_CORE       ? "model/layer"
        : station == STATION_OPENING_TWO ? "model/opening_two"
                                         : "model/opening_one";
}

static enum lct_status write_barrier(const struct stations *s, enum station station,
    const struct lct_mc_barrier_params *p, const struct lct_mc_barrier *b, struct lct_err *err)
{
    char name[60], *folder = NULL;
    snprintf(name, sizeof name, "%s/", barrier_folder(station));
    struct lct_table *table = NULL;
    enum lct_status status = station_path(s, name, &folder, err);
    if (status == LCT_OK)
        status = lct_table_create(&table, folder, &lct_mc_barrier_table, err);
    for (long i = 0; status == LCT_OK && i <= p->last - p->first; i++) {
        const struct lct_mc_barrier_point *at = &b->points[i];
        const struct lct_cell cells[] = { lct_int(at->q), lct_num(at->free_energy_kt), lct_num(at->free_energy_sd_kt),
            lct_num(at->visits), lct_num(at->link_kt) };
        status = lct_table_row(table, cells, err);
    }
    const enum lct_status closed = lct_table_close(&table, status == LCT_OK ? err : NULL);
    free(folder);
    return status == LCT_OK ? closed : status;
}

/* The ensembles of `lctem mc barrier`: bare, only core comes and goes; with the shell, numbers stay. */
static enum lct_status barrier_params(enum station station, struct lct_mc_params *out, struct lct_err *err)
{
    enum lct_status status = reading_params("conserved-shell", out, err);
    if (status == LCT_OK && station == STATION_CORE)
        status = assign(out, "mu_core=-36.7", err);
    else if (status == LCT_OK)
        status = assign(out, "exchange_weight=0", err);
    if (status == LCT_OK && station == STATION_OPENING_ONE)
        status = assign(out, "shell_layers=1", err);
    return status;
}

enum lct_status station_free_energy(struct stations *s, enum station station, struct lct_err *err)
{
    struct lct_mc_barrier_params p =
        lct_mc_barrier_defaults(station == STATION_CORE ? LCT_MC_ORDER_CORE : LCT_MC_ORDER_EXPOSED);
    if (station == STATION_CORE) { /* one facet's layer */
        p.first = -12;
        p.last = 20;
        p.rounds = 266; /* what `lctem mc barrier` takes for it */
    }
    p.run_events = run_events(s, station);
    p.threads = s->params->threads;
    p.keep_start = true;
    struct lct_mc_params params;
    struct lct_mc_model model = { 0 };
    enum lct_status status = barrier_params(station, &params, err);
    if (status == LCT_OK)
        status = lct_mc_model_init(&model, &params, err);
    if (status != LCT_OK)
        return status;
    struct lct_mc_barrier b = { .points = calloc((size_t)(p.last - p.first + 1), sizeof *b.points) };
    uint8_t *start = malloc(model.lattice.n_sites);
    if (!b.points || !start)
        status = lct_fail(err, LCT_E_LIMIT, "reproduce: no memory");
    if (status == LCT_OK)
        status = lct_mc_start(&model, station != STATION_CORE, start, err);
    if (status == LCT_OK)
        status = lct_mc_barrier_run(&b, &model, start, &p, s->hooks->progress, err);
    if (status == LCT_OK)
        status = write_barrier(s, station, &p, &b, err);
    if (status == LCT_OK && station == STATION_CORE)
        s->coexistence_kt = (struct lct_mc_mean){ params.mu_core + b.mu_change_kt.value, b.mu_change_kt.sd };
    else if (status == LCT_OK)
        s->opening_kt[station == STATION_OPENING_ONE] = b.opening_kt;
    lct_mc_model_finish(&model);
    free(b.points);
    free(start);
    return status;
}

void station_model_command(struct stations *s, enum station station, const char *name)
{
    char *to = s->command;
    const size_t size = sizeof s->command;
    const char *d = s->params->output;
    if (station == STATION_READING) {
        const struct reading *r = find(name);
        int used = snprintf(to, size, "lctem mc doubling -o %s/model/%s --preset %s", d, r->name, r->preset);
        for (size_t i = 0; r->set[i]; i++)
            used += snprintf(to + used, size - (size_t)used, " --set %s", r->set[i]);
        snprintf(to + used, size - (size_t)used, " --replicas %zu --max-events %g", station_replicas(s),
            (double)MODEL_EVENTS);
        return;
    }
    const char *what = station == STATION_CORE ? "--shell no --set mu_core=-36.7 --range=-12:20"
        : station == STATION_OPENING_TWO       ? "--preset conserved-shell --shell yes"
                                               : "--preset conserved-shell --set shell_layers=1 --shell yes";
    snprintf(to, size, "lctem mc barrier -o %s/%s %s --events %g", d, barrier_folder(station), what,
        (double)run_events(s, station));
}
