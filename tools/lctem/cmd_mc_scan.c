/* lctem mc scan: a map over any parameters */
#include "mc_scan_plot.h"
#include "mc_settings.h"

#include <lctem/farm.h>
#include <lctem/file.h>
#include <lctem/mc_keys.h>
#include <lctem/mc_scan.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct scan {
    const struct mc_call *call;
    struct lct_mc_axis axis[MC_MAX_GRIDS];
    size_t n_axes, n_points, replicas;
    struct lct_column columns[MC_MAX_GRIDS + LCT_MC_SCAN_COLUMNS];
    struct lct_table_spec spec;
    size_t point;                    /* the one in hand */
    struct lct_mc_list list;         /* its passages */
    struct lct_mc_passage *passages; /* as far as they are there */
    struct lct_table *table;         /* rank 0 */
    double attempts, events;
    long done; /* passages of all points */
    bool cancelled;
    pthread_mutex_t lock; /* of the two above, and of the progress */
};

/* Values of point i: the last axis runs fastest. */
static void values_of(const struct scan *s, size_t i, const char **values)
{
    for (size_t a = s->n_axes; a-- > 0; i /= s->axis[a].n)
        values[a] = s->axis[a].values[i % s->axis[a].n];
}

static enum lct_status params_of(
    const struct scan *s, const char *const *values, struct lct_mc_params *out, struct lct_err *err)
{
    *out = s->call->params;
    enum lct_status status = LCT_OK;
    for (size_t a = 0; status == LCT_OK && a < s->n_axes; a++)
        status = lct_mc_set(out, s->axis[a].key, values[a], err);
    return status == LCT_OK ? lct_mc_check(out, err) : status;
}

/* Points, not replicas, are what the user waits for. */
static bool go_on(void *context)
{
    struct scan *s = context;
    const struct lct_progress *p = &s->call->progress;
    const double per_point = (double)lct_mc_list_count(&s->list);
    pthread_mutex_lock(&s->lock);
    if (!s->cancelled && p->report
        && !p->report(p->context, "points x 100", (long)(100 * (double)s->done / per_point), (long)(100 * s->n_points)))
        s->cancelled = true;
    const bool on = !s->cancelled;
    pthread_mutex_unlock(&s->lock);
    return on;
}

static enum lct_status prepare(struct scan *s, struct lct_err *err)
{
    const struct mc_call *c = s->call;
    if (c->n_grids == 0)
        return lct_fail(err, LCT_E_ARG, "mc scan: over what? give --grid KEY=A:B:STEP or KEY=a,b,c");
    s->n_points = 1;
    for (int a = 0; a < c->n_grids; a++) {
        const enum lct_status status = lct_mc_axis_init(&s->axis[a], c->grid[a], err);
        if (status != LCT_OK)
            return status;
        s->n_axes++; /* to be freed, whatever comes */
        for (int b = 0; b < a; b++)
            if (strcmp(s->axis[b].key, s->axis[a].key) == 0)
                return lct_fail(
                    err, LCT_E_ARG, "grid: %s has two axes; give all its values in one --grid", s->axis[a].key);
        if (s->n_points > 1000000 / s->axis[a].n)
            return lct_fail(
                err, LCT_E_ARG, "grid: more than a million points; take larger steps, or scan piece by piece");
        s->n_points *= s->axis[a].n;
        s->columns[a] = (struct lct_column){ s->axis[a].key, "", "parameter of the model" };
    }
    memcpy(s->columns + s->n_axes, lct_mc_scan_columns, LCT_MC_SCAN_COLUMNS * sizeof *s->columns);
    s->spec = (struct lct_table_spec){ "scan", "what each reading of the recipe gives", 1, s->columns,
        s->n_axes + LCT_MC_SCAN_COLUMNS };
    for (size_t i = 0; i < s->n_points; i++) { /* a bad point is found before the long run */
        const char *values[MC_MAX_GRIDS];
        struct lct_mc_params params;
        values_of(s, i, values);
        const enum lct_status status = params_of(s, values, &params, err);
        if (status != LCT_OK)
            return status;
    }
    return LCT_OK;
}

/* Rows that an interrupted run has left; *first: the point to go on with. */
static enum lct_status open_table(struct scan *s, struct lct_table **table, size_t *first, struct lct_err *err)
{
    const char *dir = s->call->settings.output;
    char *path = lct_file_join(dir, "scan.csv");
    char *text = NULL;
    size_t n;
    enum lct_status status = path ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory");
    const bool there = status == LCT_OK && s->call->settings.resume && access(path, F_OK) == 0;
    long long keep = 0;
    size_t lines = 0;
    if (there)
        status = lct_file_read(&text, &n, path, (size_t)1 << 30, err);
    for (const char *at = text; status == LCT_OK && at && (at = strchr(at, '\n')); lines++)
        keep = ++at - text;
    *first = lines ? lines - 1 : 0;
    if (status == LCT_OK && lines > s->n_points + 1)
        status = lct_fail(err, LCT_E_INPUT, "%s: not of this grid; --force starts again", path);
    else if (status == LCT_OK && lines > 0)
        status = lct_table_reopen(table, dir, &s->spec, keep, err);
    else if (status == LCT_OK) /* nothing there, or interrupted before its first line was whole */
        status = lct_table_create(table, dir, &s->spec, err);
    free(text);
    free(path);
    return status;
}

/* Passage i of the whole map: points one after the other, so that no process waits at the end of one for its last replica. */
static enum lct_status one(void *context, size_t i, int worker, void *result, struct lct_err *err)
{
    (void)worker;
    struct scan *s = context;
    const size_t n = lct_mc_list_count(&s->list);
    const char *values[MC_MAX_GRIDS];
    struct lct_mc_params params;
    struct lct_mc_model model = { 0 };
    uint64_t replica;
    bool shell;
    values_of(s, i / n, values);
    lct_mc_list_item(&s->list, i % n, &replica, &shell);
    enum lct_status status = go_on(s) ? params_of(s, values, &params, err)
                                      : lct_fail(err, LCT_E_CANCELLED, "interrupted; --resume goes on from here");
    if (status == LCT_OK)
        status = lct_mc_model_init(&model, &params, err);
    if (status == LCT_OK)
        status = lct_mc_passage_run(result, &model, &s->call->run, replica, shell, go_on, s, err);
    lct_mc_model_finish(&model);
    return status;
}

/* The last passage of a point makes its row. */
static enum lct_status keep(void *context, size_t i, const void *result, struct lct_err *err)
{
    struct scan *s = context;
    const size_t n = lct_mc_list_count(&s->list);
    memcpy(&s->passages[i % n], result, sizeof *s->passages);
    pthread_mutex_lock(&s->lock);
    s->done = (long)i + 1;
    pthread_mutex_unlock(&s->lock);
    if (i % n < n - 1)
        return LCT_OK;
    struct lct_mc_scan_point point;
    struct lct_cell cells[MC_MAX_GRIDS + LCT_MC_SCAN_COLUMNS];
    const char *values[MC_MAX_GRIDS];
    lct_mc_scan_summarise(&point, s->passages, n, s->call->run.seed);
    values_of(s, i / n, values);
    for (size_t a = 0; a < s->n_axes; a++)
        cells[a] = lct_text(values[a]);
    lct_mc_scan_cells(&point, cells + s->n_axes);
    s->attempts += point.attempts;
    s->events += point.events;
    s->point = i / n + 1;
    const enum lct_status status = lct_table_row(s->table, cells, err);
    return status == LCT_OK ? lct_table_flush(s->table, NULL, err) : status;
}

static enum lct_status run_points(struct scan *s, size_t first, struct lct_err *err)
{
    const size_t n = lct_mc_list_count(&s->list);
    s->point = first;
    s->done = (long)(first * n);
    s->passages = calloc(n, sizeof *s->passages);
    if (!s->passages)
        return lct_fail(err, LCT_E_LIMIT, "replicas: no memory for %zu", n);
    const struct lct_farm farm = { .comm = s->call->run.comm,
        .first = first * n,
        .end = s->n_points * n,
        .result_bytes = sizeof *s->passages,
        .threads = s->call->run.threads,
        .work = one,
        .each = keep,
        .context = s };
    return lct_farm_run(&farm, err);
}

/* A gnuplot script that anybody can change, and scan.png if there is a gnuplot. */
static enum lct_status plot(const struct scan *s, const struct lct_csv *csv, bool *drawn, struct lct_err *err)
{
    const struct mc_map map = { s->axis, s->n_axes, s->n_points };
    char *script = lct_file_join(s->call->settings.output, "scan.gp");
    FILE *f = script ? fopen(script, "w") : NULL;
    enum lct_status status = script ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory");
    if (f)
        mc_scan_script(&map, csv, f);
    if (script && (!f || fclose(f) != 0))
        status = lct_fail(err, LCT_E_OUTPUT, "%s: cannot be written", script);
    if (status == LCT_OK)
        *drawn = cli_gnuplot(s->call->settings.output, "scan.gp");
    free(script);
    return status;
}

/* What was made, and where the shell holds longest. */
static void say(const struct scan *s, const struct lct_csv *csv, bool drawn)
{
    const char *dir = s->call->settings.output;
    printf("%zu points of", s->n_points);
    for (size_t a = 0; a < s->n_axes; a++)
        printf("%s %s (%s .. %s)", a ? "," : "", s->axis[a].key, s->axis[a].values[0],
            s->axis[a].values[s->axis[a].n - 1]);
    printf(", %zu replicas with shell and %zu without at each\n", s->replicas, s->replicas);
    const long ratio = lct_csv_column(csv, "ratio");
    double low = (double)INFINITY, high = 0.0;
    size_t best = 0;
    for (size_t i = 0; ratio >= 0 && i < csv->n_rows; i++) {
        const char *cell = csv->cells[i * csv->n_columns + (size_t)ratio];
        const double value = *cell ? strtod(cell, NULL) : (double)NAN;
        low = fmin(low, value);
        if (value > high) {
            high = value;
            best = i;
        }
    }
    if (high > 0.0) {
        printf("with a shell doubling takes %.3g to %.3g times as long; longest at", low, high);
        for (size_t a = 0; a < s->n_axes; a++)
            printf("%s %s = %s", a ? "," : "", s->axis[a].key, csv->cells[best * csv->n_columns + a]);
        printf("\n");
    } else {
        printf("how much longer doubling takes with a shell is not known: at no point did replicas of both kinds "
               "double\n");
    }
    printf("%s/scan.csv%s%s%s\n", dir, drawn ? ", " : "", drawn ? dir : "", drawn ? "/scan.png" : "");
}

/* Pictures and words, from the table as it is on disk: an interrupted run has left rows too. */
static enum lct_status show(const struct scan *s, struct lct_err *err)
{
    struct lct_csv csv = { 0 };
    char *path = lct_file_join(s->call->settings.output, "scan.csv");
    enum lct_status status = path ? lct_csv_read(&csv, path, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
    bool drawn = false;
    if (status == LCT_OK && !s->call->settings.no_pictures)
        status = plot(s, &csv, &drawn, err);
    if (status == LCT_OK && !s->call->settings.quiet)
        say(s, &csv, drawn);
    lct_csv_finish(&csv);
    free(path);
    return status;
}

static enum lct_status summarise(const struct scan *s, bool partial, struct lct_err *err)
{
    struct lct_json *json = NULL;
    enum lct_status status = mc_json_begin(&json, s->call, err);
    if (status != LCT_OK)
        return status;
    lct_json_integer(json, "points", (long long)s->n_points);
    lct_json_integer(json, "points_done", (long long)s->point);
    lct_json_integer(json, "replicas", (long long)s->replicas);
    lct_json_open_array(json, "grid");
    for (int a = 0; a < s->call->n_grids; a++)
        lct_json_text(json, NULL, s->call->grid[a]);
    lct_json_close(json);
    return mc_json_end(&json, s->call, s->attempts, s->events, partial, err);
}

/* What rank 0 makes of it: the folder, the table, the map. */
static enum lct_status open_books(struct scan *s, size_t *first, struct lct_err *err)
{
    const enum lct_status status = mc_call_folder(s->call, err);
    return status == LCT_OK ? open_table(s, &s->table, first, err) : status;
}

static enum lct_status close_books(struct scan *s, enum lct_status status, struct lct_err *err)
{
    if (status == LCT_E_CANCELLED && s->table)
        (void)!summarise(s, true, NULL); /* a fault here changes nothing: the interrupt is what matters */
    const enum lct_status closed = lct_table_close(&s->table, status == LCT_OK ? err : NULL);
    status = status == LCT_OK ? closed : status;
    if (status == LCT_OK)
        status = summarise(s, false, err);
    return status == LCT_OK ? show(s, err) : status;
}

enum lct_status cmd_mc_scan(struct mc_call *c, struct lct_err *err)
{
    struct scan s = { .call = c,
        .replicas = c->settings.replicas == LCT_OPTION_AUTO ? 24 : (size_t)c->settings.replicas,
        .lock = PTHREAD_MUTEX_INITIALIZER };
    s.list = (struct lct_mc_list){ .replicas = s.replicas, .bare = true, .shell = true };
    size_t first = 0;
    const bool leads = lct_comm_rank(c->run.comm) == 0;
    enum lct_status status = prepare(&s, err);
    if (status == LCT_OK && leads)
        status = open_books(&s, &first, err);
    status = lct_comm_agree(c->run.comm, status, err);
    if (status == LCT_OK)
        status = run_points(&s, first, err);
    if (leads)
        status = close_books(&s, status, err);
    for (size_t a = 0; a < s.n_axes; a++)
        lct_mc_axis_finish(&s.axis[a]);
    free(s.passages);
    pthread_mutex_destroy(&s.lock);
    return status;
}
