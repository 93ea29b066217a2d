#include <lctem/facet_series.h>

#include <lctem/table.h>

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

struct point {
    int particle, facet;
    double time_s, height_nm, height_sd_nm, exposed_frac;
};

static int in_order(const void *a, const void *b)
{
    const struct point *x = a, *y = b;
    if (x->particle != y->particle)
        return x->particle < y->particle ? -1 : 1;
    if (x->facet != y->facet)
        return x->facet < y->facet ? -1 : 1;
    return (x->time_s > y->time_s) - (x->time_s < y->time_s);
}

enum { NEEDED = 4, COLUMNS = 6 };

/* Points on their way. */
struct reading {
    const char *path;
    long columns[COLUMNS]; /* -1: not there */
    struct point *points;
    size_t n, room;
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

static enum lct_status add_point(void *context, const struct lct_csv *table, struct lct_err *err)
{
    struct reading *r = context;
    double v[COLUMNS] = { 0, 0, 0, 0, (double)NAN, (double)NAN };
    for (int k = 0; k < COLUMNS; k++) {
        struct lct_err why = { 0 };
        if (r->columns[k] >= 0 && lct_csv_number(table, 0, (size_t)r->columns[k], &v[k], &why) != LCT_OK)
            return lct_fail(err, LCT_E_INPUT, "%s: %s", r->path, why.text);
    }
    if (!isfinite(v[0]) || !(v[1] >= 0.0 && v[1] < 1e9) || !(v[2] >= -1e9 && v[2] < 1e9))
        return LCT_OK; /* a facet without time or name belongs to no curve */
    if (r->n == r->room) {
        const size_t room = r->room ? 2 * r->room : 1024;
        struct point *larger = room > SIZE_MAX / sizeof *larger ? NULL : realloc(r->points, room * sizeof *larger);
        if (!larger)
            return lct_fail(err, LCT_E_LIMIT, "%s: no memory", r->path);
        r->points = larger;
        r->room = room;
    }
    r->points[r->n++] = (struct point){ (int)v[1], (int)v[2], v[0], v[3], v[4], v[5] };
    return LCT_OK;
}

static enum lct_status split(
    struct lct_facet_table *out, const struct point *points, size_t n, const char *path, struct lct_err *err)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += i == 0 || points[i].particle != points[i - 1].particle || points[i].facet != points[i - 1].facet;
    struct lct_facet_table t = {
        .n = count, .series = calloc(count, sizeof *t.series), .pool = calloc(4 * n, sizeof *t.pool)
    };
    if (!t.series || !t.pool) {
        lct_facet_table_finish(&t);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    }
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        const bool next =
            i == 0 || points[i].particle != points[i - 1].particle || points[i].facet != points[i - 1].facet;
        k += next && i > 0;
        struct lct_facet_series *s = &t.series[k];
        if (next)
            *s = (struct lct_facet_series){ .particle = points[i].particle,
                .facet = points[i].facet,
                .time_s = t.pool + i,
                .height_nm = t.pool + n + i,
                .height_sd_nm = t.pool + 2 * n + i,
                .exposed_frac = t.pool + 3 * n + i };
        s->time_s[s->n] = points[i].time_s;
        s->height_nm[s->n] = points[i].height_nm;
        s->height_sd_nm[s->n] = points[i].height_sd_nm;
        s->exposed_frac[s->n++] = points[i].exposed_frac;
    }
    *out = t;
    return LCT_OK;
}

enum lct_status lct_facet_table_read(struct lct_facet_table *out, const char *path, struct lct_err *err)
{
    struct reading r = { .path = path };
    if (access(path, F_OK) != 0)
        return lct_fail(err, LCT_E_NODATA, "%s: not there", path);
    enum lct_status status = lct_csv_each(path, find_columns, add_point, &r, err);
    if (status == LCT_OK && r.n == 0)
        status = lct_fail(err, LCT_E_NODATA, "%s: no facets", path);
    if (status == LCT_OK) {
        qsort(r.points, r.n, sizeof *r.points, in_order);
        status = split(out, r.points, r.n, path, err);
    }
    free(r.points);
    return status;
}

void lct_facet_table_finish(struct lct_facet_table *table)
{
    free(table->series);
    free(table->pool);
    *table = (struct lct_facet_table){ 0 };
}
