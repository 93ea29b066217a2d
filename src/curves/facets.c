#include <lctem/facet_series.h>

#include <lctem/table.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NEEDED = 4, COLUMNS = 6 };
enum { TIME, PARTICLE, FACET, HEIGHT, HEIGHT_SD, EXPOSED };

struct reading;

/* A row of the table, and the series that it belongs to. */
struct row {
    double v[COLUMNS];
    size_t line, at;                 /* in the file; of the series in the table, or its place there */
    struct lct_facet_series *series; /* NULL: there is none yet */
};

/* A table that is read twice: how long is each series, then its points into their places. */
struct reading {
    const char *path;
    long columns[COLUMNS]; /* -1: not there */
    struct lct_facet_table table;
    size_t room;
    size_t *counted; /* per series: points in the first reading */
    enum lct_status (*take)(struct reading *r, const struct row *row, struct lct_err *err);
};

static enum lct_status find_columns(void *context, const struct lct_csv *table, struct lct_err *err)
{
    static const char *const names[COLUMNS] = { "time_s", "particle", "facet", "height_nm", "height_sd_nm",
        "exposed_frac" };
    struct reading *r = context;
    for (int k = 0; k < COLUMNS; k++) {
        r->columns[k] = lct_csv_column(table, names[k]);
        if (r->columns[k] < 0 && k < NEEDED)
            return lct_fail(
                err, LCT_E_INPUT, "%s:1: no column %s; the columns of facets.csv are expected", r->path, names[k]);
    }
    return LCT_OK;
}

/* Where the series is in the table, or belongs. */
static size_t place_of(const struct lct_facet_table *t, int particle, int facet)
{
    size_t low = 0, high = t->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct lct_facet_series *s = &t->series[middle];
        if (s->particle < particle || (s->particle == particle && s->facet < facet))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct lct_facet_series *add_series(struct reading *r, size_t at, int particle, int facet)
{
    struct lct_facet_table *t = &r->table;
    if (t->n == r->room) {
        const size_t room = r->room ? 2 * r->room : 32;
        struct lct_facet_series *larger = realloc(t->series, room * sizeof *larger);
        if (!larger)
            return NULL;
        t->series = larger;
        r->room = room;
    }
    memmove(&t->series[at + 1], &t->series[at], (t->n - at) * sizeof *t->series);
    t->series[at] = (struct lct_facet_series){ .particle = particle, .facet = facet };
    t->n++;
    return &t->series[at];
}

/* A facet without time or name belongs to no curve. */
static bool belongs(const double v[COLUMNS])
{
    return isfinite(v[TIME]) && v[PARTICLE] >= 0.0 && v[PARTICLE] < 1e9 && v[FACET] >= -1e9 && v[FACET] < 1e9;
}

static enum lct_status read_row(void *context, const struct lct_csv *table, struct lct_err *err)
{
    struct reading *r = context;
    struct row row = { .line = table->lines[0] };
    for (int k = 0; k < COLUMNS; k++) {
        struct lct_err why = { 0 };
        row.v[k] = (double)NAN;
        if (r->columns[k] >= 0 && lct_csv_number(table, 0, (size_t)r->columns[k], &row.v[k], &why) != LCT_OK)
            return lct_fail(err, LCT_E_INPUT, "%s: %s", r->path, why.text);
    }
    if (!belongs(row.v))
        return LCT_OK;
    const int particle = (int)row.v[PARTICLE], facet = (int)row.v[FACET];
    row.at = place_of(&r->table, particle, facet);
    struct lct_facet_series *s = row.at < r->table.n ? &r->table.series[row.at] : NULL;
    row.series = s && s->particle == particle && s->facet == facet ? s : NULL;
    return r->take(r, &row, err);
}

static enum lct_status count_point(struct reading *r, const struct row *row, struct lct_err *err)
{
    struct lct_facet_series *s = row->series;
    if (!s)
        s = add_series(r, row->at, (int)row->v[PARTICLE], (int)row->v[FACET]);
    if (!s)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", r->path);
    s->n++;
    return LCT_OK;
}

static enum lct_status make_places(struct reading *r, struct lct_err *err)
{
    size_t n = 0, at = 0;
    for (size_t i = 0; i < r->table.n; i++)
        n += r->table.series[i].n;
    if (n == 0)
        return lct_fail(err, LCT_E_NODATA, "%s: no facets", r->path);
    r->table.pool = calloc(4 * n, sizeof *r->table.pool);
    r->counted = calloc(r->table.n, sizeof *r->counted);
    if (!r->table.pool || !r->counted)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", r->path);
    for (size_t i = 0; i < r->table.n; i++) {
        struct lct_facet_series *s = &r->table.series[i];
        s->time_s = r->table.pool + at;
        s->height_nm = s->time_s + n;
        s->height_sd_nm = s->height_nm + n;
        s->exposed_frac = s->height_sd_nm + n;
        at += s->n;
        r->counted[i] = s->n;
        s->n = 0; /* filled from here on */
    }
    return LCT_OK;
}

static enum lct_status put_point(struct reading *r, const struct row *row, struct lct_err *err)
{
    struct lct_facet_series *s = row->series;
    if (!s || s->n >= r->counted[row->at])
        return lct_fail(err, LCT_E_INPUT,
            "%s:%zu: the table grows while it is read; try again when the analysis that writes it is done", r->path,
            row->line);
    s->time_s[s->n] = row->v[TIME];
    s->height_nm[s->n] = row->v[HEIGHT];
    s->height_sd_nm[s->n] = row->v[HEIGHT_SD];
    s->exposed_frac[s->n++] = row->v[EXPOSED];
    return LCT_OK;
}

struct point {
    double time_s, height_nm, height_sd_nm, exposed_frac;
};

static int by_time(const void *a, const void *b)
{
    const struct point *x = a, *y = b;
    return (x->time_s > y->time_s) - (x->time_s < y->time_s);
}

/* A table of ours is in order of time already. */
static enum lct_status put_in_order(struct lct_facet_series *s, const char *path, struct lct_err *err)
{
    size_t rising = 1;
    while (rising < s->n && s->time_s[rising] >= s->time_s[rising - 1])
        rising++;
    if (rising == s->n)
        return LCT_OK;
    struct point *points = calloc(s->n, sizeof *points);
    if (!points)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    for (size_t i = 0; i < s->n; i++)
        points[i] = (struct point){ s->time_s[i], s->height_nm[i], s->height_sd_nm[i], s->exposed_frac[i] };
    qsort(points, s->n, sizeof *points, by_time);
    for (size_t i = 0; i < s->n; i++) {
        s->time_s[i] = points[i].time_s;
        s->height_nm[i] = points[i].height_nm;
        s->height_sd_nm[i] = points[i].height_sd_nm;
        s->exposed_frac[i] = points[i].exposed_frac;
    }
    free(points);
    return LCT_OK;
}

enum lct_status lct_facet_table_read(struct lct_facet_table *out, const char *path, struct lct_err *err)
{
    struct reading r = { .path = path, .take = count_point };
    if (access(path, F_OK) != 0)
        return lct_fail(err, LCT_E_NODATA, "%s: not there", path);
    enum lct_status status = lct_csv_each(path, find_columns, read_row, &r, err);
    if (status == LCT_OK)
        status = make_places(&r, err);
    r.take = put_point;
    if (status == LCT_OK)
        status = lct_csv_each(path, find_columns, read_row, &r, err);
    for (size_t i = 0; status == LCT_OK && i < r.table.n; i++)
        status = put_in_order(&r.table.series[i], path, err);
    free(r.counted);
    if (status == LCT_OK)
        *out = r.table;
    else
        lct_facet_table_finish(&r.table);
    return status;
}

void lct_facet_table_finish(struct lct_facet_table *table)
{
    free(table->series);
    free(table->pool);
    *table = (struct lct_facet_table){ 0 };
}
