/* lctem mc grow: trajectories with pictures */
#include "mc_picture.h"
#include "mc_settings.h"

#include <lctem/file.h>
#include <lctem/mc_grow.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct gallery {
    const struct mc_call *call;
    const char *folder;
};

static enum lct_status write_pair(const struct gallery *g, const struct lct_mc_frame *f, struct lct_err *err)
{
    const struct lct_mc_params *p = &g->call->params;
    const struct mc_columns columns = { p->nx, p->ny, p->nz, f->occupancy, g->call->settings.scale_px };
    static const char *const endings[2] = { "png", "tif" };
    enum lct_status s = LCT_OK;
    for (int k = 0; k < 2 && s == LCT_OK; k++) {
        char name[96];
        snprintf(name, sizeof name, "replica_%05llu_step_%012llu.%s", (unsigned long long)f->replica,
            (unsigned long long)f->step, endings[k]);
        char *path = lct_file_join(g->folder, name);
        if (!path)
            return lct_fail(err, LCT_E_LIMIT, "no memory");
        s = k == 0 ? mc_picture_write(&columns, path, err) : mc_stack_write(&columns, path, err);
        free(path);
    }
    return s;
}

static enum lct_status show(void *context, const struct lct_mc_frame *f, struct lct_err *err)
{
    const struct gallery *g = context;
    return g->call->settings.no_pictures ? LCT_OK : write_pair(g, f, err);
}

static const char *const ends[] = { "max_steps", "doubled", "dissolved", "max_events" };

static enum lct_status summarise(
    const struct mc_call *c, const struct lct_mc_trajectory *t, size_t n, bool partial, struct lct_err *err)
{
    struct lct_json *json = NULL;
    const enum lct_status s = mc_json_begin(&json, c, err);
    if (s != LCT_OK)
        return s;
    double attempts = 0, events = 0;
    lct_json_open_array(json, "trajectories");
    for (size_t i = 0; i < n; i++) {
        attempts += (double)t[i].tally.clock;
        events += (double)t[i].tally.events;
        lct_json_open_object(json, NULL);
        lct_json_integer(json, "replica", (long long)i);
        lct_json_text(json, "end", partial ? "interrupted" : ends[t[i].end]);
        lct_json_integer(json, "steps", (long long)t[i].steps);
        lct_json_integer(json, "core_sites", t[i].counts.core_sites);
        lct_json_integer(json, "shell_sites", t[i].counts.shell_sites);
        lct_json_close(json);
        if (!c->settings.quiet && !partial)
            printf("replica %zu: %s after %llu steps: core %ld sites, shell %ld\n", i, ends[t[i].end],
                (unsigned long long)t[i].steps, t[i].counts.core_sites, t[i].counts.shell_sites);
    }
    lct_json_close(json);
    return mc_json_end(&json, c, attempts, events, partial, err);
}

static enum lct_status grow(const struct mc_call *c, const char *checkpoints, const char *pictures,
    struct lct_mc_trajectory *out, struct lct_err *err)
{
    struct lct_mc_grow_params p = lct_mc_grow_defaults();
    p.run = c->run;
    p.replicas = c->settings.replicas == LCT_OPTION_AUTO ? 1 : (size_t)c->settings.replicas;
    p.shell = c->settings.shell != MC_SHELL_NO;
    p.every_steps = (uint64_t)c->settings.every;
    p.snapshot_steps = c->settings.snapshot_every == LCT_OPTION_AUTO ? 0 : (uint64_t)c->settings.snapshot_every;
    p.checkpoints = checkpoints;
    p.resume = c->settings.resume;
    struct gallery gallery = { c, pictures };
    struct lct_mc_model model = { 0 };
    struct lct_table *table = NULL;
    enum lct_status s = lct_mc_model_init(&model, &c->params, err);
    if (s == LCT_OK)
        s = lct_table_create(&table, c->settings.output, &lct_mc_growth_table, err);
    if (s == LCT_OK)
        s = lct_mc_grow(out, &model, &p, table, &c->progress, show, &gallery, err);
    const enum lct_status closed = lct_table_close(&table, s == LCT_OK ? err : NULL);
    lct_mc_model_finish(&model);
    return s == LCT_OK ? closed : s;
}

enum lct_status cmd_mc_grow(struct mc_call *c, struct lct_err *err)
{
    if (c->settings.shell == MC_SHELL_BOTH)
        return lct_fail(err, LCT_E_ARG, "shell: grow runs with or without it; give yes or no (doubling takes both)");
    const size_t n = c->settings.replicas == LCT_OPTION_AUTO ? 1 : (size_t)c->settings.replicas;
    char *checkpoints = NULL, *pictures = NULL;
    struct lct_mc_trajectory *t = calloc(n, sizeof *t);
    enum lct_status s = t ? mc_call_folder(c, err) : lct_fail(err, LCT_E_LIMIT, "replicas: no memory for %zu", n);
    if (s == LCT_OK)
        s = mc_call_subfolder(c, "checkpoints", &checkpoints, err);
    if (s == LCT_OK)
        s = mc_call_subfolder(c, "snapshots", &pictures, err);
    if (s == LCT_OK) {
        s = grow(c, checkpoints, pictures, t, err);
        if (s == LCT_OK)
            s = summarise(c, t, n, false, err);
        else if (s == LCT_E_CANCELLED && summarise(c, t, n, true, NULL) != LCT_OK)
            s = LCT_E_CANCELLED; /* the interrupt is what matters */
    }
    free(checkpoints);
    free(pictures);
    free(t);
    return s;
}
