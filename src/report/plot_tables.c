#include <lctem/plot_tables.h>

#include "asset.h"
#include "plot_script.h"

#include <lctem/file.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_CELL = 32 };

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

/* What a look at a table says. */
struct look {
    bool filled, timed;
    long frames;
};

static int column_of(const char *header, const char *name)
{
    int column = 0;
    for (const char *at = header; *at; at++) {
        const size_t n = strcspn(at, ",\r\n");
        if (n == strlen(name) && strncmp(at, name, n) == 0)
            return column;
        at += n;
        column++;
        if (*at != ',')
            break;
    }
    return -1;
}

static bool has_cell(const char *line, int column)
{
    for (; column > 0 && *line; line++)
        column -= *line == ',';
    return column == 0 && *line && !strchr(",\r\n", *line);
}

static void look_at_rows(FILE *f, const struct plot *p, struct look *out)
{
    char *line = NULL, last[FIRST_CELL] = "";
    size_t room = 0;
    int value = -1, time = -1;
    if (getline(&line, &room, f) > 0) {
        value = column_of(line, p->column);
        time = column_of(line, "time_s");
    }
    while (value >= 0 && getline(&line, &room, f) > 0) {
        const size_t n = strcspn(line, ",");
        out->filled = out->filled || has_cell(line, value);
        out->timed = out->timed || (time >= 0 && has_cell(line, time));
        if (n >= sizeof last || (strncmp(last, line, n) == 0 && last[n] == '\0'))
            continue;
        memcpy(last, line, n);
        last[n] = '\0';
        out->frames++;
    }
    free(line);
}

static struct look look_at(const char *dir, const struct plot *p)
{
    struct look look = { 0 };
    char *path = lct_file_join(dir, p->table);
    FILE *f = path ? fopen(path, "r") : NULL;
    if (f) {
        look_at_rows(f, p, &look);
        fclose(f);
    }
    free(path);
    return look;
}

/* The lines that depend on the table: which rows are read, what the axis is. */
static char *make_head(const struct plot *p, const struct look *look)
{
    char *head = NULL;
    const long step = look->frames / p->frames + 1;
    int n;
    if (step > 1)
        n = asprintf(&head,
            "# of %ld frames every %ld-th is drawn; for all of them: table = '../%s'\n"
            "table = \"< awk -F, 'NR == 1 { print; next } $1 != last { last = $1; n++ } n %% %ld == 1' ../%s\"\n"
            "timed = %d\n",
            look->frames, step, p->table, step, p->table, look->timed);
    else
        n = asprintf(&head, "table = '../%s'\ntimed = %d\n", p->table, look->timed);
    char *all = NULL;
    if (n >= 0)
        n = asprintf(&all,
            "%swhen(z) = timed ? column('time_s') : column('frame')\naxis = timed ? 'Time (s)' : 'Frame'\n\n", head);
    free(head);
    return n >= 0 ? all : NULL;
}

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
    const struct look look = look_at(dir, p);
    if (!look.filled) {
        remove_old(dir, p->name);
        return LCT_OK;
    }
    char *head = make_head(p, &look);
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
