/* lctem mc doubling: how long until the core has doubled, with and without its shell */
#include "mc_settings.h"

#include <lctem/file.h>
#include <lctem/number.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sink {
    struct lct_table *table;
};

static enum lct_status add(void *context, const struct lct_mc_passage *p, struct lct_err *err)
{
    struct sink *sink = context;
    const enum lct_status s = lct_mc_passage_write(sink->table, p, err);
    return s == LCT_OK ? lct_table_flush(sink->table, NULL, err) : s;
}

/* Length of the first n whole lines behind the header. */
static long long bytes_of_rows(const char *path, size_t n, struct lct_err *err)
{
    char *text = NULL;
    size_t length;
    if (lct_file_read(&text, &length, path, (size_t)1 << 32, err) != LCT_OK)
        return -1;
    const char *at = text;
    for (size_t i = 0; i <= n && at; i++) {
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
    const long long bytes = at ? at - text : -1;
    free(text);
    return bytes;
}

/* What an interrupted run has left: its rows are the first passages of the list. */
static enum lct_status take_up(const struct mc_call *c, struct lct_mc_list *list, struct lct_mc_passage *passages,
    struct lct_table **table, struct lct_err *err)
{
    char *path = lct_file_join(c->settings.output, "doubling.csv");
    if (!path)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    struct lct_csv csv = { 0 };
    enum lct_status s = LCT_OK;
    if (!c->settings.resume || access(path, F_OK) != 0) {
        s = lct_table_create(table, c->settings.output, &lct_mc_doubling_table, err);
    } else {
        s = lct_csv_read(&csv, path, err);
        const size_t n = lct_mc_list_count(list);
        for (size_t i = 0; s == LCT_OK && i < csv.n_rows && i < n; i++, list->first++)
            s = lct_mc_passage_read(&passages[i], &csv, i, err);
        const long long keep = s == LCT_OK ? bytes_of_rows(path, list->first, err) : -1;
        if (s == LCT_OK)
            s = keep < 0
                ? lct_fail(err, LCT_E_INPUT, "%s: cannot go on behind its last row; --force starts again", path)
                : lct_table_reopen(table, c->settings.output, &lct_mc_doubling_table, keep, err);
    }
    lct_csv_finish(&csv);
    free(path);
    return s;
}

static void say(const char *what, const struct lct_mc_waiting *w)
{
    char mean[LCT_NUMBER_PAIR];
    printf("%s: %zu of %zu doubled; mean %s", what, w->doubled, w->n,
        lct_number_pair(mean, w->mean.value, w->mean_sd, " +- "));
    printf(" steps, median %.6g (%.6g .. %.6g), onset %.4g, gamma shape %.3g\n", w->median.value, w->median.low,
        w->median.high, w->onset.value, w->gamma_shape);
}

static enum lct_status summarise(const struct mc_call *c, const struct lct_mc_list *list,
    const struct lct_mc_passage *p, size_t n, struct lct_err *err)
{
    struct lct_json *json = NULL;
    const enum lct_status s = mc_json_begin(&json, c, err);
    if (s != LCT_OK)
        return s;
    double attempts = 0, events = 0;
    for (size_t i = 0; i < n; i++) {
        attempts += p[i].steps * c->params.nx * c->params.ny * c->params.nz;
        events += (double)p[i].events;
    }
    const char *const names[2] = { "bare", "shell" };
    for (int k = 0; k < 2; k++) {
        if (!(k ? list->shell : list->bare))
            continue;
        const struct lct_mc_waiting w = lct_mc_waiting_of(p, n, k == 1, c->run.seed);
        mc_json_waiting(json, names[k], &w);
        if (!c->settings.quiet)
            say(names[k], &w);
    }
    if (list->bare && list->shell) {
        struct lct_mc_estimate means, medians;
        lct_mc_ratio_of(p, n, c->run.seed, &means, &medians);
        mc_json_estimate(json, "ratio_of_means", means);
        mc_json_estimate(json, "ratio_of_medians", medians);
        if (!c->settings.quiet)
            printf("ratio of means %.4g (%.4g .. %.4g), of medians %.4g (%.4g .. %.4g)\n", means.value, means.low,
                means.high, medians.value, medians.low, medians.high);
    }
    return mc_json_end(&json, c, attempts, events, false, err);
}

/* The table holds what is done; mc.json says that it is not all. A fault here changes nothing: the interrupt is what matters. */
static void mark_partial(const struct mc_call *c)
{
    struct lct_json *json = NULL;
    if (mc_json_begin(&json, c, NULL) != LCT_OK
        || mc_json_end(&json, c, (double)NAN, (double)NAN, true, NULL) != LCT_OK)
        lct_json_destroy(&json);
}

static enum lct_status run(
    struct mc_call *c, struct lct_mc_list *list, struct lct_mc_passage *passages, bool leads, struct lct_err *err)
{
    struct lct_mc_model model = { 0 };
    struct sink sink = { 0 };
    enum lct_status s = leads ? mc_call_folder(c, err) : LCT_OK;
    if (s == LCT_OK)
        s = lct_mc_model_init(&model, &c->params, err);
    if (s == LCT_OK && leads)
        s = take_up(c, list, passages, &sink.table, err);
    s = lct_comm_agree(c->run.comm, s, err);
    if (s == LCT_OK)
        s = lct_mc_ensemble_run(passages, &model, &c->run, list, &c->progress, add, &sink, err);
    const enum lct_status closed = lct_table_close(&sink.table, s == LCT_OK ? err : NULL);
    lct_mc_model_finish(&model);
    return s == LCT_OK ? closed : s;
}

enum lct_status cmd_mc_doubling(struct mc_call *c, struct lct_err *err)
{
    const int shell = c->settings.shell;
    struct lct_mc_list list = { .replicas =
                                    c->settings.replicas == LCT_OPTION_AUTO ? 100 : (size_t)c->settings.replicas,
        .bare = shell != MC_SHELL_YES,
        .shell = shell != MC_SHELL_NO };
    const size_t n = lct_mc_list_count(&list);
    const bool leads = lct_comm_rank(c->run.comm) == 0;
    struct lct_mc_passage *passages = leads ? calloc(n, sizeof *passages) : NULL;
    enum lct_status s = passages || !leads ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "replicas: no memory for %zu", n);
    s = lct_comm_agree(c->run.comm, s, err);
    if (s == LCT_OK)
        s = run(c, &list, passages, leads, err);
    if (s == LCT_OK && leads)
        s = summarise(c, &list, passages, n, err);
    else if (s == LCT_E_CANCELLED && leads)
        mark_partial(c);
    free(passages);
    return s;
}
