#include "rows.h"

#include <lctem/stats.h>
#include <lctem/table.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The columns that we use; -1: not there. */
struct columns {
    long frame, time_s, particle, core, shell, core_sd, shell_sd, total_sd, core_common, total_common, core_shared,
        total_shared, core_light, total_light, core_px, shell_px, core_sd_px, shell_sd_px, parent, flags;
};

static enum lct_status find_columns(struct columns *c, const struct lct_csv *csv, const char *path, struct lct_err *err)
{
    const struct {
        const char *name;
        long *column;
        bool needed;
    } wanted[] = {
        { "frame", &c->frame, true },
        { "time_s", &c->time_s, true },
        { "particle", &c->particle, true },
        { "core_area_nm2", &c->core, true },
        { "shell_area_nm2", &c->shell, true },
        { "core_area_sd_nm2", &c->core_sd, false },
        { "shell_area_sd_nm2", &c->shell_sd, false },
        { "total_area_sd_nm2", &c->total_sd, false },
        { "core_area_common_sd_nm2", &c->core_common, false },
        { "total_area_common_sd_nm2", &c->total_common, false },
        { "core_area_shared_sd_nm2", &c->core_shared, false },
        { "total_area_shared_sd_nm2", &c->total_shared, false },
        { "core_area_light_sd_nm2", &c->core_light, false },
        { "total_area_light_sd_nm2", &c->total_light, false },
        { "core_area_px", &c->core_px, false },
        { "shell_area_px", &c->shell_px, false },
        { "core_area_sd_px", &c->core_sd_px, false },
        { "shell_area_sd_px", &c->shell_sd_px, false },
        { "parent", &c->parent, false },
        { "flags", &c->flags, false },
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        *wanted[i].column = lct_csv_column(csv, wanted[i].name);
        if (*wanted[i].column < 0 && wanted[i].needed)
            return lct_fail(err, LCT_E_INPUT,
                "%s:1: no column %s; the header must have frame, time_s, particle, "
                "core_area_nm2 and shell_area_nm2, as areas.csv of lctem analyze has",
                path, wanted[i].name);
    }
    return LCT_OK;
}

/* A number of a column that may be missing. */
static enum lct_status take(const struct lct_csv *csv, long column, const char *path, double *out, struct lct_err *err)
{
    *out = (double)NAN;
    if (column < 0)
        return LCT_OK;
    struct lct_err why = { 0 };
    if (lct_csv_number(csv, 0, (size_t)column, out, &why) != LCT_OK)
        return lct_fail(err, LCT_E_INPUT, "%s: %s; write a plain number or leave the cell empty", path, why.text);
    return LCT_OK;
}

static enum lct_status take_area(
    const struct lct_csv *csv, long column, const char *path, double *out, struct lct_err *err)
{
    const enum lct_status status = take(csv, column, path, out, err);
    if (status == LCT_OK && *out < 0.0)
        return lct_fail(err, LCT_E_INPUT,
            "%s:%zu: %s is %g, below 0; correct it, or leave the cell empty for \"not measured\"", path, csv->lines[0],
            csv->names[column], *out);
    return status;
}

static enum lct_status take_count(
    const struct lct_csv *csv, long column, const char *path, long least, long *out, struct lct_err *err)
{
    double x;
    const enum lct_status status = take(csv, column, path, &x, err);
    if (status != LCT_OK)
        return status;
    if (isnan(x))
        return lct_fail(err, LCT_E_INPUT, "%s:%zu: %s is empty; give its number, or remove the row", path,
            csv->lines[0], csv->names[column]);
    if (x < (double)least || x > 1e9 || x != floor(x))
        return lct_fail(err, LCT_E_INPUT, "%s:%zu: %s is %g; a whole number from %ld is expected", path, csv->lines[0],
            csv->names[column], x, least);
    *out = (long)x;
    return LCT_OK;
}

static bool has_word(const char *list, const char *word)
{
    const size_t n = strlen(word);
    for (const char *at = list; (at = strstr(at, word)) != NULL; at += n)
        if ((at == list || at[-1] == ';') && (at[n] == ';' || at[n] == '\0'))
            return true;
    return false;
}

static void take_parents(struct row *row, const char *text)
{
    for (size_t i = 0; i < sizeof row->parents / sizeof *row->parents && *text; i++) {
        char *rest;
        const long id = strtol(text, &rest, 10);
        row->parents[i] = id > 0 && id < 1000000000 ? (int)id : 0;
        text = *rest == ';' ? rest + 1 : "";
    }
}

/* Areas of a movie without a scale: the columns in nm2 are empty. */
static enum lct_status take_px(
    struct row *row, const struct lct_csv *csv, const struct columns *c, const char *path, struct lct_err *err)
{
    const struct {
        long column;
        double *value;
    } areas[] = { { c->core_px, &row->core }, { c->shell_px, &row->shell }, { c->core_sd_px, &row->core_sd },
        { c->shell_sd_px, &row->shell_sd } };
    enum lct_status status = LCT_OK;
    for (size_t k = 0; status == LCT_OK && k < sizeof areas / sizeof *areas; k++)
        status = take_area(csv, areas[k].column, path, areas[k].value, err);
    row->in_px = !isnan(row->core) || !isnan(row->shell);
    row->total_sd = isnan(row->shell_sd) ? (double)NAN : lct_stats_without(row->shell_sd, row->core_sd);
    return status;
}

static enum lct_status take_row(
    struct row *out, const struct lct_csv *csv, const struct columns *c, const char *path, struct lct_err *err)
{
    struct row row = { .line = csv->lines[0] };
    long particle = 0;
    enum lct_status status = take_count(csv, c->frame, path, 0, &row.frame, err);
    if (status == LCT_OK)
        status = take_count(csv, c->particle, path, 1, &particle, err);
    if (status == LCT_OK)
        status = take(csv, c->time_s, path, &row.time_s, err);
    row.particle = (int)particle;
    const struct {
        long column;
        double *value;
    } areas[] = { { c->core, &row.core }, { c->core_sd, &row.core_sd }, { c->shell, &row.shell },
        { c->shell_sd, &row.shell_sd }, { c->total_sd, &row.total_sd }, { c->core_common, &row.core_common_sd },
        { c->total_common, &row.total_common_sd }, { c->core_shared, &row.core_shared_sd },
        { c->total_shared, &row.total_shared_sd }, { c->core_light, &row.core_light_sd },
        { c->total_light, &row.total_light_sd } };
    for (size_t k = 0; status == LCT_OK && k < sizeof areas / sizeof *areas; k++)
        status = take_area(csv, areas[k].column, path, areas[k].value, err);
    if (status == LCT_OK && isnan(row.core) && isnan(row.shell))
        status = take_px(&row, csv, c, path, err);
    if (status != LCT_OK)
        return status;
    row.border = c->flags >= 0 && has_word(csv->cells[c->flags], "border");
    if (c->parent >= 0)
        take_parents(&row, csv->cells[c->parent]);
    *out = row;
    return LCT_OK;
}

/* One unit for all: px2 only where no row has nm2. */
static bool choose_unit(struct rows *rows)
{
    bool nm = false, px = false;
    for (size_t i = 0; i < rows->n; i++) {
        nm |= !rows->row[i].in_px && (!isnan(rows->row[i].core) || !isnan(rows->row[i].shell));
        px |= rows->row[i].in_px;
    }
    rows->in_px = px && !nm;
    for (size_t i = 0; i < rows->n && nm; i++)
        if (rows->row[i].in_px)
            rows->row[i].core = rows->row[i].shell = (double)NAN; /* not measured */
    return nm || px;
}

static enum lct_status check_filled(struct rows *rows, const char *path, struct lct_err *err)
{
    const bool area = choose_unit(rows);
    bool time = false;
    for (size_t i = 0; i < rows->n; i++)
        time |= !isnan(rows->row[i].time_s);
    if (rows->n == 0)
        return lct_fail(err, LCT_E_NODATA,
            "%s: no particle in the table, so there are no volumes; it needs a row for each particle and frame: look "
            "at overlay.mp4, or tune with lctem preview",
            path);
    if (!time)
        return lct_fail(err, LCT_E_NODATA, "%s: no times; analyze again with --frame-time S or --fps F", path);
    if (!area)
        return lct_fail(err, LCT_E_NODATA,
            "%s: no area in any row; volumes need the pixel size (analyze again with --pixel-size NM), stages "
            "core_area_px and shell_area_px",
            path);
    for (size_t i = 0; i < rows->n; i++)
        if (isnan(rows->row[i].time_s))
            return lct_fail(
                err, LCT_E_INPUT, "%s:%zu: time_s is empty; give the time of the frame", path, rows->row[i].line);
    return LCT_OK;
}

/* Rows on their way. */
struct reading {
    const char *path;
    struct columns columns;
    struct rows rows;
    size_t room;
};

static enum lct_status begin_rows(void *context, const struct lct_csv *table, struct lct_err *err)
{
    struct reading *r = context;
    return find_columns(&r->columns, table, r->path, err);
}

static enum lct_status add_row(void *context, const struct lct_csv *table, struct lct_err *err)
{
    struct reading *r = context;
    struct rows *rows = &r->rows;
    if (rows->n == r->room) {
        const size_t room = r->room ? 2 * r->room : 1024;
        struct row *larger = room > SIZE_MAX / sizeof *larger ? NULL : realloc(rows->row, room * sizeof *larger);
        if (!larger)
            return lct_fail(err, LCT_E_LIMIT, "%s: no memory for its rows", r->path);
        rows->row = larger;
        r->room = room;
    }
    struct row *row = &rows->row[rows->n];
    const enum lct_status status = take_row(row, table, &r->columns, r->path, err);
    if (status != LCT_OK)
        return status;
    rows->n++;
    rows->has_sd |= !isnan(row->core_sd);
    rows->has_common |= !isnan(row->core_common_sd) && !isnan(row->total_common_sd);
    return LCT_OK;
}

enum lct_status rows_read(struct rows *out, const char *path, struct lct_err *err)
{
    struct reading r = { .path = path };
    enum lct_status status = lct_csv_each(path, begin_rows, add_row, &r, err);
    if (status == LCT_OK)
        status = check_filled(&r.rows, path, err);
    if (status == LCT_OK)
        *out = r.rows;
    else
        rows_finish(&r.rows);
    return status;
}

void rows_finish(struct rows *rows)
{
    free(rows->row);
    *rows = (struct rows){ 0 };
}

/* Instants on their way. */
struct timing {
    const char *path;
    struct times times;
    size_t room;
    long frame, time; /* columns */
};

static enum lct_status begin_times(void *context, const struct lct_csv *table, struct lct_err *err)
{
    struct timing *t = context;
    (void)err;
    t->frame = lct_csv_column(table, "frame");
    t->time = lct_csv_column(table, "time_s");
    return LCT_OK;
}

static enum lct_status add_time(void *context, const struct lct_csv *table, struct lct_err *err)
{
    struct timing *t = context;
    struct instant at;
    if (t->frame < 0 || t->time < 0)
        return LCT_OK;
    enum lct_status status = take_count(table, t->frame, t->path, 0, &at.frame, err);
    if (status == LCT_OK)
        status = take(table, t->time, t->path, &at.time_s, err);
    if (status != LCT_OK || isnan(at.time_s))
        return status;
    if (t->times.n == t->room) {
        const size_t room = t->room ? 2 * t->room : 1024;
        struct instant *larger = room > SIZE_MAX / sizeof *larger ? NULL : realloc(t->times.at, room * sizeof *larger);
        if (!larger)
            return lct_fail(err, LCT_E_LIMIT, "%s: no memory for its times", t->path);
        t->times.at = larger;
        t->room = room;
    }
    t->times.at[t->times.n++] = at;
    return LCT_OK;
}

enum lct_status rows_read_times(struct times *out, const char *path, struct lct_err *err)
{
    struct timing t = { .path = path };
    *out = (struct times){ 0 };
    if (!path || access(path, F_OK) != 0)
        return LCT_OK;
    const enum lct_status status = lct_csv_each(path, begin_times, add_time, &t, err);
    if (status == LCT_OK)
        *out = t.times;
    else
        free(t.times.at);
    return status;
}
