#include <lctem/curves.h>

#include "rows.h"

#include <lctem/stats.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ARRAYS = 10 };

struct moment {
    long frame;
    double time_s;
    size_t line; /* 0: from frames.csv */
};

static int by_frame(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;
    return x->frame != y->frame ? (x->frame > y->frame) - (x->frame < y->frame)
                                : (x->line > y->line) - (x->line < y->line);
}

/* Distinct moments in order. Rows of areas.csv have the last word about the time of their frame. */
static enum lct_status sort_moments(struct moment *m, size_t *n, const char *path, struct lct_err *err)
{
    qsort(m, *n, sizeof *m, by_frame);
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) {
        struct moment *last = kept ? &m[kept - 1] : NULL;
        if (last && last->frame == m[i].frame) {
            if (last->line && m[i].line && last->time_s != m[i].time_s)
                return lct_fail(err, LCT_E_INPUT,
                    "%s:%zu: frame %ld is at %g s here and at %g s in line %zu; a frame has one "
                    "time: correct one of them",
                    path, m[i].line, m[i].frame, m[i].time_s, last->time_s, last->line);
            if (!last->line)
                *last = m[i];
            continue;
        }
        m[kept++] = m[i];
    }
    *n = kept;
    for (size_t i = 1; i < kept; i++)
        if (m[i].time_s <= m[i - 1].time_s)
            return lct_fail(err, LCT_E_INPUT,
                "%s:%zu: time goes back: frame %ld at %g s comes after frame %ld at %g s; correct "
                "the times, or number the frames in the order of time",
                path, m[i].line ? m[i].line : m[i - 1].line, m[i].frame, m[i].time_s, m[i - 1].frame, m[i - 1].time_s);
    return LCT_OK;
}

static enum lct_status make_times(
    struct lct_curves *c, const struct rows *rows, const char *path, const char *frames_csv, struct lct_err *err)
{
    struct times times;
    enum lct_status status = rows_read_times(&times, frames_csv, err);
    if (status != LCT_OK)
        return status;
    size_t n = rows->n + times.n;
    struct moment *m = calloc(n, sizeof *m);
    c->frames = calloc(n, sizeof *c->frames);
    c->times_s = calloc(n, sizeof *c->times_s);
    if (!m || !c->frames || !c->times_s)
        status = lct_fail(err, LCT_E_LIMIT, "%s: no memory for its curves", path);
    if (status == LCT_OK) {
        for (size_t i = 0; i < rows->n; i++)
            m[i] = (struct moment){ rows->row[i].frame, rows->row[i].time_s, rows->row[i].line };
        for (size_t i = 0; i < times.n; i++)
            m[rows->n + i] = (struct moment){ times.at[i].frame, times.at[i].time_s, 0 };
        status = sort_moments(m, &n, path, err);
    }
    for (size_t i = 0; status == LCT_OK && i < n; i++) {
        c->frames[i] = m[i].frame;
        c->times_s[i] = m[i].time_s;
    }
    c->n_times = n;
    free(m);
    free(times.at);
    return status;
}

static int by_id(const void *a, const void *b)
{
    const struct lct_curve_particle *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static struct lct_curve_particle *find(const struct lct_curves *c, int id)
{
    const struct lct_curve_particle key = { .id = id };
    return bsearch(&key, c->particles, c->n_particles, sizeof key, by_id);
}

static size_t index_of(const struct lct_curves *c, long frame)
{
    size_t low = 0, high = c->n_times;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (c->frames[middle] <= frame)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static enum lct_status make_particles(
    struct lct_curves *c, const struct rows *rows, const char *path, struct lct_err *err)
{
    c->particles = calloc(rows->n, sizeof *c->particles);
    if (!c->particles)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for its curves", path);
    for (size_t i = 0; i < rows->n; i++)
        c->particles[i] = (struct lct_curve_particle){ .id = rows->row[i].particle, .first = -1, .last = -1 };
    qsort(c->particles, rows->n, sizeof *c->particles, by_id);
    for (size_t i = 0; i < rows->n; i++)
        if (c->n_particles == 0 || c->particles[c->n_particles - 1].id != c->particles[i].id)
            c->particles[c->n_particles++] = c->particles[i];
    for (size_t i = 0; i < rows->n; i++) {
        const struct row *row = &rows->row[i];
        for (size_t k = 0; k < 4 && row->parents[k]; k++) {
            struct lct_curve_particle *parent = find(c, row->parents[k]);
            find(c, row->particle)->has_parent = true;
            if (parent)
                parent->is_parent = true;
        }
    }
    if (c->n_times > SIZE_MAX / sizeof(double) / ARRAYS / c->n_particles)
        return lct_fail(err, LCT_E_LIMIT, "%s: too many frames and particles", path);
    const size_t n = c->n_times * c->n_particles;
    double **arrays[ARRAYS] = { &c->core_nm2, &c->core_sd_nm2, &c->shell_nm2, &c->shell_sd_nm2, &c->total_nm2,
        &c->total_sd_nm2, &c->core_common_sd_nm2, &c->total_common_sd_nm2, &c->core_shared_sd_nm2,
        &c->total_shared_sd_nm2 };
    bool ok = true;
    for (int i = 0; i < ARRAYS; i++)
        ok = ok && (*arrays[i] = calloc(n, sizeof(double))) != NULL;
    c->presence = calloc(n, 1);
    return ok && c->presence ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "%s: no memory for its curves", path);
}

/* Rows in the order of the file: each particle's time must rise. */
static enum lct_status check_order(
    const struct lct_curves *c, const struct rows *rows, const char *path, struct lct_err *err)
{
    const struct row **last = calloc(c->n_particles, sizeof *last);
    if (!last)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < rows->n; i++) {
        const struct row *row = &rows->row[i];
        const size_t p = (size_t)(find(c, row->particle) - c->particles);
        if (last[p] && row->time_s == last[p]->time_s)
            status =
                lct_fail(err, LCT_E_INPUT, "%s:%zu: particle %d at %g s is in line %zu already; remove one of the rows",
                    path, row->line, row->particle, row->time_s, last[p]->line);
        else if (last[p] && row->time_s < last[p]->time_s)
            status = lct_fail(err, LCT_E_INPUT,
                "%s:%zu: time goes back: particle %d at %g s after %g s in line %zu; sort the "
                "rows by time",
                path, row->line, row->particle, row->time_s, last[p]->time_s, last[p]->line);
        last[p] = row;
    }
    free(last);
    return status;
}

static double or_zero(double x)
{
    return isnan(x) ? 0.0 : x;
}

static void place(struct lct_curves *c, const struct row *row)
{
    struct lct_curve_particle *particle = find(c, row->particle);
    const size_t t = index_of(c, row->frame), i = (size_t)(particle - c->particles) * c->n_times + t;
    if (isnan(row->core) && isnan(row->shell))
        return;
    c->core_nm2[i] = or_zero(row->core);
    c->shell_nm2[i] = or_zero(row->shell);
    c->total_nm2[i] = c->core_nm2[i] + c->shell_nm2[i];
    const double core_shared = or_zero(row->core_shared_sd), total_shared = or_zero(row->total_shared_sd);
    c->core_sd_nm2[i] = lct_stats_without(or_zero(row->core_sd), core_shared);
    c->shell_sd_nm2[i] = lct_stats_without(or_zero(row->shell_sd), hypot(core_shared, total_shared));
    c->total_sd_nm2[i] = isnan(row->total_sd) ? hypot(c->core_sd_nm2[i], c->shell_sd_nm2[i])
                                              : lct_stats_without(row->total_sd, total_shared);
    c->core_common_sd_nm2[i] = or_zero(row->core_common_sd);
    c->total_common_sd_nm2[i] = or_zero(row->total_common_sd);
    if (core_shared > 0.0) /* what stays 0 since it was allocated takes no memory */
        c->core_shared_sd_nm2[i] = core_shared;
    if (total_shared > 0.0)
        c->total_shared_sd_nm2[i] = total_shared;
    c->presence[i] = LCT_PRESENCE_MEASURED;
    particle->max_total_nm2 = fmax(particle->max_total_nm2, c->total_nm2[i]);
    if (particle->first < 0 || (long)t < particle->first)
        particle->first = (long)t;
    if ((long)t > particle->last)
        particle->last = (long)t;
}

/* Most rows at the border: the particle is cut. A few: they are not measured. */
static enum lct_status mark_cut(struct lct_curves *c, const struct rows *rows, const char *path, struct lct_err *err)
{
    size_t *counts = calloc(2 * c->n_particles, sizeof *counts);
    if (!counts)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    for (size_t i = 0; i < rows->n; i++) {
        const size_t p = (size_t)(find(c, rows->row[i].particle) - c->particles);
        counts[2 * p]++;
        counts[2 * p + 1] += rows->row[i].border;
    }
    for (size_t p = 0; p < c->n_particles; p++)
        c->particles[p].cut = 2 * counts[2 * p + 1] > counts[2 * p];
    free(counts);
    return LCT_OK;
}

static void bridge(struct lct_curves *c, size_t base, size_t from, size_t to)
{
    double *const values[] = { c->core_nm2, c->shell_nm2, c->total_nm2 };
    double *const sds[] = { c->core_sd_nm2, c->shell_sd_nm2, c->total_sd_nm2, c->core_common_sd_nm2,
        c->total_common_sd_nm2, c->core_shared_sd_nm2, c->total_shared_sd_nm2 };
    for (size_t t = from + 1; t < to; t++) {
        const double f = (c->times_s[t] - c->times_s[from]) / (c->times_s[to] - c->times_s[from]);
        for (size_t k = 0; k < sizeof values / sizeof *values; k++)
            values[k][base + t] = values[k][base + from] + f * (values[k][base + to] - values[k][base + from]);
        for (size_t k = 0; k < sizeof sds / sizeof *sds; k++)
            sds[k][base + t] = fmax(sds[k][base + from], sds[k][base + to]);
        c->presence[base + t] = LCT_PRESENCE_BETWEEN;
        c->n_between++;
    }
}

static enum lct_status fill(struct lct_curves *c, const struct rows *rows, const char *path, struct lct_err *err)
{
    for (size_t p = 0; p < c->n_particles; p++) {
        struct lct_curve_particle *particle = &c->particles[p];
        const size_t base = p * c->n_times;
        if (particle->first < 0 || !(particle->max_total_nm2 > 0.0)) {
            size_t line = 0;
            for (size_t i = rows->n; i-- > 0;)
                line = rows->row[i].particle == particle->id ? rows->row[i].line : line;
            return lct_fail(err, LCT_E_INPUT,
                "%s:%zu: particle %d is empty: no area above 0 in any of its rows; remove them, or "
                "give its areas",
                path, line, particle->id);
        }
        size_t before = (size_t)particle->first;
        particle->first_total_nm2 = c->total_nm2[base + before];
        particle->last_total_nm2 = c->total_nm2[base + (size_t)particle->last];
        for (size_t t = before + 1; t <= (size_t)particle->last; t++) {
            if (c->presence[base + t] != LCT_PRESENCE_MEASURED)
                continue;
            bridge(c, base, before, t);
            before = t;
        }
        for (size_t t = (size_t)particle->last + 1; t < c->n_times; t++)
            c->presence[base + t] = LCT_PRESENCE_GONE;
    }
    return LCT_OK;
}

/* Sum of one sigma over that of another, over the rows that have both. */
static double ratio_of(const struct rows *rows, bool core)
{
    double light = 0.0, common = 0.0;
    for (size_t i = 0; i < rows->n; i++) {
        const struct row *row = &rows->row[i];
        const double part = core ? row->core_light_sd : row->total_light_sd;
        const double whole = core ? row->core_common_sd : row->total_common_sd;
        light += isnan(part) || isnan(whole) ? 0.0 : part;
        common += isnan(part) || isnan(whole) ? 0.0 : whole;
    }
    return common > 0.0 ? light / common : (double)NAN;
}

static enum lct_status assemble(struct lct_curves *c, const struct rows *rows, const char *path, struct lct_err *err)
{
    enum lct_status status = make_particles(c, rows, path, err);
    if (status == LCT_OK)
        status = check_order(c, rows, path, err);
    if (status == LCT_OK)
        status = mark_cut(c, rows, path, err);
    for (size_t i = 0; status == LCT_OK && i < rows->n; i++)
        if (!rows->row[i].border || find(c, rows->row[i].particle)->cut)
            place(c, &rows->row[i]);
    return status == LCT_OK ? fill(c, rows, path, err) : status;
}

enum lct_status lct_curves_read(
    struct lct_curves *out, const char *areas_csv, const char *frames_csv, struct lct_err *err)
{
    struct rows rows = { 0 };
    struct lct_curves c = { 0 };
    enum lct_status status = rows_read(&rows, areas_csv, err);
    if (status != LCT_OK)
        return status;
    c.has_sd = rows.has_sd;
    c.has_common = rows.has_common;
    c.in_px = rows.in_px;
    c.core_light_ratio = ratio_of(&rows, true);
    c.total_light_ratio = ratio_of(&rows, false);
    status = make_times(&c, &rows, areas_csv, frames_csv, err);
    if (status == LCT_OK)
        status = assemble(&c, &rows, areas_csv, err);
    rows_finish(&rows);
    if (status == LCT_OK)
        *out = c;
    else
        lct_curves_finish(&c);
    return status;
}

void lct_curves_finish(struct lct_curves *curves)
{
    free(curves->frames);
    free(curves->times_s);
    free(curves->particles);
    free(curves->core_nm2);
    free(curves->core_sd_nm2);
    free(curves->shell_nm2);
    free(curves->shell_sd_nm2);
    free(curves->total_nm2);
    free(curves->total_sd_nm2);
    free(curves->core_common_sd_nm2);
    free(curves->total_common_sd_nm2);
    free(curves->core_shared_sd_nm2);
    free(curves->total_shared_sd_nm2);
    free(curves->presence);
    *curves = (struct lct_curves){ 0 };
}

struct lct_curves_place lct_curves_find(const struct lct_curves *c, double time_s)
{
    size_t low = 0, high = c->n_times - 1;
    if (!(time_s > c->times_s[low]))
        return (struct lct_curves_place){ .time_s = time_s, .low = low, .high = low };
    if (time_s >= c->times_s[high])
        return (struct lct_curves_place){ .time_s = time_s, .low = high, .high = high };
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (c->times_s[middle] <= time_s)
            low = middle;
        else
            high = middle;
    }
    const double part = (time_s - c->times_s[low]) / (c->times_s[high] - c->times_s[low]);
    return (struct lct_curves_place){ time_s, low, high, part };
}

double lct_curves_at(const struct lct_curves *c, const double *values, double time_s)
{
    const struct lct_curves_place at = lct_curves_find(c, time_s);
    return lct_curves_value(values, &at);
}

double lct_curves_scatter(const struct lct_curves *c, const double *values, size_t p, size_t lag)
{
    const double *y = lct_curves_row(c, values, p), *x = c->times_s;
    const unsigned char *there = c->presence + p * c->n_times;
    const size_t first = (size_t)c->particles[p].first, life = (size_t)c->particles[p].last + 1 - first;
    double *e = life > 2 * lag ? malloc(life * sizeof *e) : NULL, sd = 0.0;
    size_t n = 0;
    for (size_t t = first + lag; e && t + lag < first + life; t++) {
        const size_t before = t - lag, after = t + lag;
        if (there[before] != LCT_PRESENCE_MEASURED || there[t] != LCT_PRESENCE_MEASURED
            || there[after] != LCT_PRESENCE_MEASURED)
            continue;
        const double f = (x[t] - x[before]) / (x[after] - x[before]);
        e[n++] = fabs(y[t] - (1.0 - f) * y[before] - f * y[after]) / sqrt(1.0 + f * f + (1.0 - f) * (1.0 - f));
    }
    if (n >= 3)
        sd = 1.4826022185056018 * lct_stats_median(e, n);
    free(e);
    return sd;
}
