/* mc.json: what a run of lctem mc is, written when it begins, since a resumed run must be the same; and what came out. */
#include "mc_settings.h"

#include <lctem/file.h>
#include <lctem/mc_keys.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t fnv(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211U;
    return hash;
}

/* FNV-1a over everything that decides about the rows; how many replicas there are decides in a map only. */
static enum lct_status identity(const struct mc_call *c, char out[17], struct lct_err *err)
{
    struct lct_json *json = NULL;
    char *text = NULL, number[200];
    enum lct_status s = lct_json_create(&json, err);
    if (s != LCT_OK)
        return s;
    lct_mc_params_json(json, &c->params);
    s = lct_json_string(json, 0, &text, err);
    lct_json_destroy(&json);
    if (s != LCT_OK)
        return s;
    const bool scan = strcmp(c->command, "scan") == 0;
    snprintf(number, sizeof number, "%s %d %" PRIu64 " %.17g %" PRIu64 " %d %ld", c->command, (int)c->run.engine,
        c->run.seed, c->run.max_steps, c->run.max_events, scan ? 0 : c->settings.shell,
        scan ? c->settings.replicas : 0);
    uint64_t hash = fnv(fnv(14695981039346656037U, text), number);
    for (int g = 0; g < c->n_grids; g++)
        hash = fnv(hash, c->grid[g]);
    snprintf(out, 17, "%016" PRIx64, hash);
    free(text);
    return LCT_OK;
}

static void write_identity(struct lct_json *json, const struct mc_call *c)
{
    char own[17];
    if (identity(c, own, NULL) == LCT_OK)
        lct_json_text(json, "identity", own);
}

enum lct_status mc_json_begin(struct lct_json **out, const struct mc_call *c, struct lct_err *err)
{
    const enum lct_status s = lct_json_create(out, err);
    if (s != LCT_OK)
        return s;
    lct_json_text(*out, "command", c->command);
    write_identity(*out, c);
    lct_json_text(*out, "preset", c->settings.preset ? c->settings.preset : "printed");
    lct_json_open_object(*out, "model");
    lct_mc_params_json(*out, &c->params);
    lct_json_close(*out);
    lct_json_text(*out, "engine", c->run.engine == LCT_MC_METROPOLIS ? "metropolis" : "rejection-free");
    lct_json_integer(*out, "seed", (long long)c->run.seed);
    lct_json_text(*out, "streams", "Philox4x64-10, key (seed, 2 x replica + shell)");
    lct_json_number(*out, "max_steps", c->run.max_steps);
    lct_json_number(*out, "max_events", (double)c->run.max_events);
    lct_json_open_object(*out, "results");
    return LCT_OK;
}

enum lct_status mc_json_end(
    struct lct_json **json, const struct mc_call *c, double attempts, double events, bool partial, struct lct_err *err)
{
    lct_json_close(*json);
    lct_json_number(*json, "attempts", attempts);
    lct_json_number(*json, "events", events);
    lct_json_number(*json, "wall_time_s", cli_clock(NULL) - c->began_s);
    lct_json_integer(*json, "threads", c->run.threads);
    lct_json_integer(*json, "processes", lct_comm_size(c->run.comm));
    lct_json_bool(*json, "partial", partial);
    char *path = lct_file_join(c->settings.output, "mc.json");
    const enum lct_status s = path ? lct_json_write(*json, path, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
    free(path);
    lct_json_destroy(json);
    return s;
}

/* The run that is there: the same? No mc.json: nothing is known against it. */
static enum lct_status compare(const char *path, const char *own, struct lct_err *err)
{
    struct lct_json *json = NULL;
    const enum lct_status s = lct_json_read(&json, path, err);
    if (s != LCT_OK)
        return s;
    const struct lct_json_value *value = lct_json_member(lct_json_root(json), "identity");
    const char *found = value ? lct_json_to_text(value) : NULL;
    const bool same = !found || strcmp(found, own) == 0;
    lct_json_destroy(&json);
    return same
        ? LCT_OK
        : lct_fail(err, LCT_E_ARG,
            "%s: begun with another model, seed, grid or limit; --resume needs the same, --force starts again", path);
}

enum lct_status mc_books_open(const struct mc_call *c, struct lct_err *err)
{
    char own[17], *path = lct_file_join(c->settings.output, "mc.json");
    enum lct_status s = path ? identity(c, own, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
    if (s == LCT_OK && c->settings.resume && access(path, F_OK) == 0)
        s = compare(path, own, err);
    free(path);
    if (s != LCT_OK)
        return s;
    struct lct_json *json = NULL;
    s = mc_json_begin(&json, c, err);
    return s == LCT_OK ? mc_json_end(&json, c, NAN, NAN, true, err) : s;
}

void mc_json_estimate(struct lct_json *json, const char *key, struct lct_mc_estimate e)
{
    lct_json_open_object(json, key);
    lct_json_number(json, "value", e.value);
    lct_json_number(json, "low_95", e.low);
    lct_json_number(json, "high_95", e.high);
    lct_json_close(json);
}

void mc_json_waiting(struct lct_json *json, const char *key, const struct lct_mc_waiting *w)
{
    lct_json_open_object(json, key);
    lct_json_integer(json, "replicas", (long long)w->n);
    lct_json_integer(json, "doubled", (long long)w->doubled);
    lct_json_integer(json, "censored", (long long)w->censored);
    lct_json_integer(json, "dissolved", (long long)w->dissolved);
    mc_json_estimate(json, "mean_steps", w->mean);
    lct_json_number(json, "mean_sd_steps", w->mean_sd);
    mc_json_estimate(json, "median_steps", w->median);
    lct_json_number(json, "gamma_shape", w->gamma_shape);
    lct_json_number(json, "gamma_mean_steps", w->gamma_mean);
    lct_json_number(json, "exponential_p", w->exponential_p);
    mc_json_estimate(json, "first_exposure_steps", w->first_exposure);
    mc_json_estimate(json, "onset_steps", w->onset);
    mc_json_estimate(json, "productive_crack_steps", w->crack);
    mc_json_estimate(json, "burst_steps", w->burst);
    lct_json_number(json, "exposed_frac", w->exposed_frac);
    mc_json_estimate(json, "exposure_cost_kt", w->exposure_cost_kt);
    lct_json_number(json, "core_area_change", w->core_area_change);
    lct_json_number(json, "shell_area_change", w->shell_area_change);
    lct_json_close(json);
}
