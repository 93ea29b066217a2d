#include <lctem/plot_tables.h>

#include "asset.h"
#include "plot_look.h"
#include "plot_script.h"

#include <lctem/file.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A plot: its script in data/plots, its table, a column without which there is nothing to draw, and how many frames are drawn. */
static const struct plot {
    const char *name, *table, *column;
    long frames;
} plots[] = {
    { "facets", "facets.csv", "height_change_nm", 1000 },
    { "shell", "facets.csv", "shell_thickness_nm", 1000 },
    { "moire", "moire.csv", "moire_nm", 1000 },
    { "drift", "drift.csv", "dx_px", 2000 },
    { "cracks", "cracks.csv", "width_nm", 2000 },
};

static const char *find_body(const char *name)
{
    const struct asset *a = plot_assets;
    while (a->name && (strncmp(a->name, name, strlen(name)) != 0 || strcmp(a->name + strlen(name), ".gp") != 0))
        a++;
    return (const char *)a->bytes;
}

/* Of an earlier run, when there was something to draw. */
static void remove_old(const char *dir, const char *name)
{
    static const char *const endings[] = { "gp", "svg", "png" };
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char *path = NULL;
        if (asprintf(&path, "%s/plots/%s.%s", dir, name, endings[i]) >= 0) {
            (void)unlink(path);
            free(path);
        }
    }
}

static enum lct_status write_one(const char *dir, const struct plot *p, struct lct_err *err)
{
    const struct plot_look look = plot_look_at(dir, p->table, p->column);
    if (!look.filled) {
        remove_old(dir, p->name);
        return LCT_OK;
    }
    char *head = plot_look_head(dir, p->table, &look, p->frames);
    if (!head)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    const struct plot_script script = { p->name, head, find_body(p->name) };
    const enum lct_status status = plot_script_write(dir, &script, err);
    free(head);
    return status;
}

enum lct_status lct_plot_tables(const char *dir, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < sizeof plots / sizeof *plots; i++)
        status = write_one(dir, &plots[i], err);
    return status;
}
