#include "measure.h"

#include <lctem/concentration.h>
#include <lctem/file.h>
#include <lctem/moire.h>
#include <lctem/rate.h>
#include <lctem/stats.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- cells ---- */

struct series {
    size_t n;
    double *t, *x, *sd; /* one block, owned */
};

/* Does the row have the values of "column=value,column=value"? */
static bool fits(const struct lct_csv *csv, size_t row, const char *where)
{
    while (where && *where) {
        char name[40] = "";
        const size_t key = strcspn(where, "="), value = strcspn(where + key + 1, ",");
        if (key >= sizeof name || where[key] == '\0')
            return false;
        memcpy(name, where, key);
        const long c = lct_csv_column(csv, name);
        const char *cell = c < 0 ? "" : csv->cells[row * csv->n_columns + (size_t)c], *wanted = where + key + 1;
        if (strlen(cell) != value || strncmp(cell, wanted, value) != 0)
            return false;
        where = wanted + value + (wanted[value] == ',');
    }
    return true;
}

static double number(const struct lct_csv *csv, size_t row, const char *column)
{
    double x;
    const long c = column ? lct_csv_column(csv, column) : -1;
    return c >= 0 && lct_csv_number(csv, row, (size_t)c, &x, NULL) == LCT_OK ? x : (double)NAN;
}

/* Cells of the station's table that fit, where they are measured; `timed`: those between from_s and to_s. The caller
 * frees out->t. */
static enum lct_status gather(
    struct series *out, struct stations *s, const struct claim *c, const struct ask *a, bool timed, struct lct_err *err)
{
    char *path = lct_file_join(station_folder(s, c->station), a->table);
    struct lct_csv csv = { 0 };
    enum lct_status status = path ? lct_csv_read(&csv, path, err) : lct_fail(err, LCT_E_LIMIT, "reproduce: no memory");
    free(path);
    if (status == LCT_OK && !(out->t = malloc(3 * (csv.n_rows + 1) * sizeof *out->t)))
        status = lct_fail(err, LCT_E_LIMIT, "reproduce: no memory");
    if (status == LCT_OK) {
        out->x = out->t + csv.n_rows;
        out->sd = out->x + csv.n_rows;
        out->n = 0;
        for (size_t row = 0; row < csv.n_rows; row++) {
            const double t = number(&csv, row, "time_s"), x = number(&csv, row, a->column);
            const bool there = !timed || a->to_s <= a->from_s || (t >= a->from_s - 1e-9 && t <= a->to_s + 1e-9);
            if (!there || isnan(x) || !fits(&csv, row, a->where))
                continue;
            out->t[out->n] = t;
            out->x[out->n] = x;
            out->sd[out->n++] = number(&csv, row, a->sd);
        }
    }
    lct_csv_finish(&csv);
    return status;
}

static double mean(const double *x, size_t n)
{
    return lct_stats_moments(x, n).mean;
}

/* ---- lattices ---- */

enum lct_status measure_eq4(struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    (void)s, (void)c, (void)err;
    const double d1 = 0.14885, d2 = 0.192295,
                 digits = 1e-5 / sqrt(12); /* as printed; a uniform error of the last digit of d1 */
    out->value = lct_moire_parallel_nm(d1, d2);
    out->sd = pow(d2 / (d2 - d1), 2) * digits;
    return LCT_OK;
}

enum lct_status measure_still(struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    (void)err;
    const struct lct_moire *m = &s->still;
    const bool d1 = strcmp(c->ask.column, "d1") == 0, d2 = strcmp(c->ask.column, "d2") == 0;
    out->value = d1 ? m->d1_nm : d2 ? m->d2_nm : m->moire_nm;
    out->sd = d1 ? m->d1_sd_nm : d2 ? m->d2_sd_nm : m->moire_sd_nm;
    return LCT_OK;
}

/* ---- one number of a table ---- */

enum lct_status measure_cell(struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    struct series x = { 0 };
    const enum lct_status status = gather(&x, s, c, &c->ask, false, err);
    if (status == LCT_OK && x.n > 0) {
        out->value = x.x[0];
        out->sd = x.sd[0];
    }
    free(x.t);
    return status;
}

enum lct_status measure_correlation(
    struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    struct ask high = c->ask;
    high.column = "r_high";
    high.sd = "r_low";
    struct series x = { 0 };
    enum lct_status status = measure_cell(out, s, c, err);
    if (status == LCT_OK)
        status = gather(&x, s, c, &high, false, err);
    if (status == LCT_OK && x.n > 0)
        out->sd = (x.x[0] - x.sd[0]) / (2 * 1.96);
    free(x.t);
    return status;
}

enum lct_status measure_metal(struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    const struct lct_pocket pocket = lct_pocket_defaults();
    const double litre_nm3 = 1e24,
                 factor = lct_material_mol_per_nm3(&pocket.core) * litre_nm3 / pocket.liquid_volume_nm3;
    const enum lct_status status = measure_cell(out, s, c, err);
    out->value *= -factor;
    out->sd *= factor;
    return status;
}

enum lct_status measure_count(struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    const struct ask *a = &c->ask;
    struct series x = { 0 };
    const enum lct_status status = gather(&x, s, c, a, false, err);
    if (status == LCT_OK) {
        out->value = out->sd = 0;
        for (size_t i = 0; i < x.n; i++)
            out->value += (a->from_s == 0 && a->to_s == 0) || (x.x[i] >= a->from_s && x.x[i] <= a->to_s);
    }
    free(x.t);
    return status;
}

enum lct_status measure_span(struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    struct series x = { 0 };
    const enum lct_status status = gather(&x, s, c, &c->ask, false, err);
    if (status == LCT_OK && x.n > 1) {
        size_t low = 0, high = 0;
        for (size_t i = 1; i < x.n; i++) {
            low = x.x[i] < x.x[low] ? i : low;
            high = x.x[i] > x.x[high] ? i : high;
        }
        out->value = x.x[high] - x.x[low];
        out->sd = hypot(x.sd[low], x.sd[high]);
    }
    free(x.t);
    return status;
}

/* ---- lines through curves ---- */

enum lct_status measure_at(struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    struct series x = { 0 };
    struct lct_line line;
    enum lct_status status = gather(&x, s, c, &c->ask, true, err);
    if (status == LCT_OK)
        status = lct_stats_line(x.t, x.x, NULL, x.n, &line, err);
    if (status == LCT_OK) {
        const double own = mean(x.sd, x.n); /* errors of an area are common to neighbouring frames: no 1/sqrt(n) */
        out->value = line.intercept + line.slope * c->ask.at;
        out->sd = isnan(own) ? hypot(line.mean_sd, line.slope_sd * (c->ask.at - line.x_mean)) : own;
    }
    free(x.t);
    return status;
}

static enum lct_status slope_of(
    struct lct_rate *out, struct stations *s, const struct claim *c, const struct ask *a, struct lct_err *err)
{
    struct series x = { 0 };
    enum lct_status status = gather(&x, s, c, a, true, err);
    if (status == LCT_OK)
        status = lct_rate_fit(x.t, x.x, x.n, out, err);
    free(x.t);
    return status;
}

enum lct_status measure_slope(struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    struct lct_rate rate;
    const enum lct_status status = slope_of(&rate, s, c, &c->ask, err);
    if (status == LCT_OK) {
        out->value = rate.rate * c->ask.at;
        out->sd = rate.rate_sd * fabs(c->ask.at);
    }
    return status;
}

static void quotient(struct measured *out, const struct lct_rate *over, const struct lct_rate *under)
{
    out->value = over->rate / under->rate;
    out->sd = fabs(out->value) * hypot(over->rate_sd / over->rate, under->rate_sd / under->rate);
}

enum lct_status measure_linear(struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    struct ask first = c->ask, second = c->ask;
    struct lct_rate under, over;
    first.to_s = second.from_s = (c->ask.from_s + c->ask.to_s) / 2;
    enum lct_status status = slope_of(&under, s, c, &first, err);
    if (status == LCT_OK)
        status = slope_of(&over, s, c, &second, err);
    if (status == LCT_OK)
        quotient(out, &over, &under);
    return status;
}

enum lct_status measure_faster(struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    struct ask other = c->ask;
    struct lct_rate under, over;
    other.where = c->ask.sd;
    other.from_s = 0;
    enum lct_status status = slope_of(&over, s, c, &c->ask, err);
    if (status == LCT_OK)
        status = slope_of(&under, s, c, &other, err);
    if (status == LCT_OK)
        quotient(out, &over, &under);
    return status;
}

enum lct_status measure_step(struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    double value[2] = { 0 }, sd[2] = { 0 };
    enum lct_status status = LCT_OK;
    for (int k = 0; status == LCT_OK && k < 2; k++) {
        struct ask a = c->ask;
        struct series x = { 0 };
        const double middle = k ? c->ask.to_s : c->ask.from_s;
        a.from_s = middle - 1;
        a.to_s = middle + 1;
        status = gather(&x, s, c, &a, true, err);
        if (status == LCT_OK) {
            value[k] = mean(x.x, x.n);
            sd[k] = mean(x.sd, x.n);
        }
        free(x.t);
    }
    out->value = value[1] - value[0];
    out->sd = hypot(sd[0], sd[1]);
    return status;
}

enum lct_status measure_until(struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    const double nearly = 0.99;
    struct series x = { 0 };
    const enum lct_status status = gather(&x, s, c, &c->ask, true, err);
    if (status == LCT_OK && x.n > 10) {
        const double last = mean(x.x + x.n - 5, 5);
        size_t i = x.n - 1;
        while (i > 0 && x.x[i - 1] >= nearly * last)
            i--;
        out->value = x.t[i] - c->ask.at;
        out->sd =
            (x.t[1] - x.t[0]) + mean(x.sd, x.n) / (last * (1 - nearly)); /* a second for each per cent at the end */
    }
    free(x.t);
    return status;
}
