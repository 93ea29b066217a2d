#include "figures.h"

#include "station_model.h"

#include <stdlib.h>

/* Of the eight, one that waits neither least nor longest. */
enum { SHOWN_REPLICA = 1 };
struct camera {
    const struct lct_reproduce_hooks *hooks;
};

static enum lct_status show(void *context, const struct lct_mc_frame *frame, struct lct_err *err)
{
    const struct camera *c = context;
    return frame->replica == SHOWN_REPLICA && c->hooks->picture ? c->hooks->picture(c->hooks->context, frame, err)
                                                                : LCT_OK;
}

static enum lct_status no_picture(void *context, const struct lct_mc_frame *frame, struct lct_err *err)
{
    (void)context, (void)frame, (void)err;
    return LCT_OK;
}

enum { REPLICAS = 8, EVERY_STEPS = 100, PICTURE_STEPS = 10000 }; /* pictures as far apart as the paper's */

static enum lct_status grow(struct stations *s, bool shell, const char *folder, struct lct_err *err)
{
    char *path = NULL;
    struct camera camera = { s->hooks };
    struct lct_mc_grow_params how = lct_mc_grow_defaults();
    how.run.threads = s->params->threads;
    how.replicas = REPLICAS;
    how.shell = shell;
    how.every_steps = EVERY_STEPS;
    how.snapshot_steps = PICTURE_STEPS;
    struct lct_mc_params params;
    struct lct_mc_model model = { 0 };
    struct lct_table *table = NULL;
    struct lct_mc_trajectory ends[REPLICAS];
    enum lct_status status = station_path(s, folder, &path, err);
    if (status == LCT_OK)
        status = reading_params(FIGURE_READING, &params, err);
    if (status == LCT_OK)
        status = lct_mc_model_init(&model, &params, err);
    if (status == LCT_OK)
        status = lct_table_create(&table, path, &lct_mc_growth_table, err);
    if (status == LCT_OK)
        status = lct_mc_grow(ends, &model, &how, table, s->hooks->progress, shell ? show : no_picture, &camera, err);
    const enum lct_status closed = lct_table_close(&table, status == LCT_OK ? err : NULL);
    lct_mc_model_finish(&model);
    free(path);
    return status == LCT_OK ? closed : status;
}

enum lct_status figures_make(struct stations *s, struct lct_err *err)
{
    static const char *const scripts[] = { "2cd.gp", "3cd.gp", "4a.gp", "5bcd.gp", NULL };
    char *pictures = NULL;
    enum lct_status status = station_path(s, "figures/5a/", &pictures, err);
    free(pictures);
    if (status == LCT_OK)
        status = grow(s, true, "model/grow/", err);
    if (status == LCT_OK)
        status = grow(s, false, "model/grow_bare/", err);
    for (size_t i = 0; status == LCT_OK && scripts[i]; i++) {
        char *folder = NULL;
        status = station_unpack(s, scripts[i], "figures", NULL, err);
        if (status == LCT_OK)
            status = station_path(s, "figures", &folder, err);
        if (status == LCT_OK && s->hooks->draw)
            s->hooks->draw(s->hooks->context, folder, scripts[i]);
        free(folder);
    }
    return status;
}
