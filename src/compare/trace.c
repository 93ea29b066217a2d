#include <lctem/compare.h>

#include <lctem/file.h>
#include <lctem/table.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST = 5 };

void lct_trace_finish(struct lct_trace *t)
{
    free(t->name);
    free(t->time); /* one block with the curves behind it */
    *t = (struct lct_trace){ 0 };
}

static enum lct_status trace_init(
    struct lct_trace *out, size_t n, const char *dir, const char *what, long number, struct lct_err *err)
{
    struct lct_trace t = { .n = n };
    t.time = malloc(5 * (n + 1) * sizeof *t.time);
    if (!t.time || asprintf(&t.name, "%s %s %ld", dir, what, number) < 0) {
        free(t.time);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for %zu rows", dir, n);
    }
    for (size_t i = 0; i < 5 * n; i++)
        t.time[i] = (double)NAN;
    t.core = t.time + n;
    t.core_sd = t.core + n;
    t.shell = t.core_sd + n;
    t.exposed = t.shell + n;
    *out = t;
    return LCT_OK;
}

static double first_mean(const double *x, size_t n)
{
    double sum = 0, k = 0;
    for (size_t i = 0; i < n && k < FIRST; i++)
        if (!isnan(x[i])) {
            sum += x[i];
            k++;
        }
    return k > 0 ? sum / k : (double)NAN;
}

static void normalise(struct lct_trace *t)
{
    t->first_core = first_mean(t->core, t->n);
    const double shell = first_mean(t->shell, t->n);
    for (size_t i = 0; i < t->n; i++) {
        t->core[i] /= t->first_core;
        t->core_sd[i] /= t->first_core;
        t->shell[i] /= shell; /* none at first: NaN or infinite, and then not measured */
        if (!isfinite(t->shell[i]))
            t->shell[i] = (double)NAN;
    }
}

static enum lct_status open_table(
    struct lct_csv *csv, const char *dir, const char *name, const char *maker, struct lct_err *err)
{
    char *path = lct_file_join(dir, name);
    const enum lct_status s = !path ? lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir)
        : access(path, F_OK) != 0   ? lct_fail(err, LCT_E_INPUT, "%s: no %s in it; give a folder of lctem %s%s", dir,
                name, maker, access(dir, F_OK) != 0 ? " (there is no such folder)" : "")
                                    : lct_csv_read(csv, path, err);
    free(path);
    return s;
}

/* Column of a table that must have it. */
static enum lct_status column(
    const struct lct_csv *csv, const char *dir, const char *name, size_t *out, struct lct_err *err)
{
    const long c = lct_csv_column(csv, name);
    if (c < 0)
        return lct_fail(err, LCT_E_INPUT, "%s: no column %s; make the table again with this lctem", dir, name);
    *out = (size_t)c;
    return LCT_OK;
}

static enum lct_status columns(
    const struct lct_csv *csv, const char *dir, const char *const *names, size_t n, size_t *out, struct lct_err *err)
{
    enum lct_status s = LCT_OK;
    for (size_t i = 0; s == LCT_OK && i < n; i++)
        s = column(csv, dir, names[i], &out[i], err);
    return s;
}

/* ---- film ---- */

enum { TIME, PARTICLE, CORE, CORE_SD, SHELL, CORE_PX, SHELL_PX, N_AREAS };
static const char *const area_names[N_AREAS] = { "time_s", "particle", "core_area_nm2", "core_area_sd_nm2",
    "shell_area_nm2", "core_area_px", "shell_area_px" };

static double number_at(const struct lct_csv *csv, size_t row, size_t c)
{
    double x;
    return lct_csv_number(csv, row, c, &x, NULL) == LCT_OK ? x : (double)NAN;
}

static size_t count_rows(const struct lct_csv *csv, size_t c, long value)
{
    size_t n = 0;
    for (size_t i = 0; i < csv->n_rows; i++)
        n += number_at(csv, i, c) == (double)value;
    return n;
}

static enum lct_status take_particle(struct lct_trace *out, const struct lct_csv *csv, const size_t *c, const char *dir,
    long particle, struct lct_err *err)
{
    const size_t n = count_rows(csv, c[PARTICLE], particle);
    if (n < FIRST)
        return lct_fail(err, LCT_E_NODATA,
            "%s: %zu rows of particle %ld; five or more are needed; take another particle, or analyze more frames", dir,
            n, particle);
    const enum lct_status s = trace_init(out, n, dir, "particle", particle, err);
    for (size_t i = 0, k = 0; s == LCT_OK && i < csv->n_rows; i++) {
        if (number_at(csv, i, c[PARTICLE]) != (double)particle)
            continue;
        const double core = number_at(csv, i, c[CORE]), shell = number_at(csv, i, c[SHELL]);
        out->time[k] = number_at(csv, i, c[TIME]);
        out->core[k] = isnan(core) ? number_at(csv, i, c[CORE_PX]) : core;
        out->core_sd[k] = number_at(csv, i, c[CORE_SD]);
        out->shell[k++] = isnan(core) ? number_at(csv, i, c[SHELL_PX]) : shell;
    }
    if (s == LCT_OK) {
        out->open_above = 0.1;
        normalise(out);
    }
    return s;
}

static double growth_of(const struct lct_trace *t)
{
    double last = 0, k = 0;
    for (size_t i = t->n - (t->n < 10 ? t->n / 2 : 5); i < t->n; i++)
        if (!isnan(t->core[i])) {
            last += t->core[i];
            k++;
        }
    return k > 0 ? last / k : 0;
}

/* Mean over the facets at each time of the trace; a film without the table has no exposure. */
static enum lct_status add_exposure(struct lct_trace *t, const char *dir, long particle, struct lct_err *err)
{
    static const char *const names[3] = { "time_s", "particle", "exposed_frac" };
    size_t c[3];
    struct lct_csv csv = { 0 };
    if (open_table(&csv, dir, "facets.csv", "analyze", NULL) != LCT_OK)
        return LCT_OK;
    const enum lct_status s = columns(&csv, dir, names, 3, c, err);
    double sum = 0, k = 0;
    for (size_t row = 0, i = 0; s == LCT_OK && row < csv.n_rows && i < t->n;) {
        const double time = number_at(&csv, row, c[0]), x = number_at(&csv, row, c[2]);
        if (time > t->time[i]) { /* this instant is complete */
            t->exposed[i++] = k > 0 ? sum / k : (double)NAN;
            sum = k = 0;
            continue;
        }
        if (time == t->time[i] && number_at(&csv, row, c[1]) == (double)particle && !isnan(x)) {
            sum += x;
            k++;
        }
        if (++row == csv.n_rows && k > 0)
            t->exposed[i] = sum / k;
    }
    lct_csv_finish(&csv);
    return s;
}

static enum lct_status most_grown(struct lct_trace *out, const struct lct_csv *csv, const size_t *c, const char *dir,
    long *particle, struct lct_err *err)
{
    double most = 0, best = -1;
    for (size_t i = 0; i < csv->n_rows; i++)
        most = fmax(most, number_at(csv, i, c[PARTICLE]));
    *particle = 0;
    for (long p = 1; (double)p <= most; p++) {
        struct lct_trace t;
        if (take_particle(&t, csv, c, dir, p, NULL) != LCT_OK)
            continue;
        const double growth = growth_of(&t);
        if (growth > best) {
            best = growth;
            *particle = p;
        }
        lct_trace_finish(&t);
    }
    return *particle
        ? take_particle(out, csv, c, dir, *particle, err)
        : lct_fail(err, LCT_E_NODATA, "%s: areas.csv has no particle with five rows; analyze more frames", dir);
}

enum lct_status lct_trace_film(struct lct_trace *out, const char *dir, long particle, struct lct_err *err)
{
    struct lct_csv csv = { 0 };
    size_t c[N_AREAS];
    struct lct_trace t = { 0 };
    enum lct_status s = open_table(&csv, dir, "areas.csv", "analyze", err);
    if (s == LCT_OK)
        s = columns(&csv, dir, area_names, N_AREAS, c, err);
    if (s == LCT_OK)
        s = particle ? take_particle(&t, &csv, c, dir, particle, err) : most_grown(&t, &csv, c, dir, &particle, err);
    lct_csv_finish(&csv);
    if (s == LCT_OK)
        s = add_exposure(&t, dir, particle, err);
    if (s == LCT_OK)
        *out = t;
    else
        lct_trace_finish(&t);
    return s;
}

/* ---- model ---- */

enum { REPLICA, STEP, SITES, CORE_COLUMNS, SHELL_SITES, EXPOSED, N_GROWTH };
static const char *const growth_names[N_GROWTH] = { "replica", "step", "core_sites", "core_area_sites", "shell_sites",
    "exposed_core_sites" };

/* What a film shows of columns that are not full is their share of layers: sites over those at the start. */
static enum lct_status take_replica(struct lct_trace *out, const struct lct_csv *csv, const size_t *c, const char *dir,
    size_t first, size_t n, struct lct_err *err)
{
    const enum lct_status s = trace_init(out, n, dir, "replica", (long)number_at(csv, first, c[REPLICA]), err);
    for (size_t i = 0; s == LCT_OK && i < n; i++) {
        const double sites = number_at(csv, first + i, c[SITES]);
        out->time[i] = number_at(csv, first + i, c[STEP]);
        out->core[i] = sites;
        out->core_sd[i] = 0;
        out->shell[i] = number_at(csv, first + i, c[SHELL_SITES]);
        out->exposed[i] = sites > 0 ? number_at(csv, first + i, c[EXPOSED]) / sites : 0;
    }
    if (s == LCT_OK) {
        normalise(out);
        out->first_core = number_at(csv, first, c[CORE_COLUMNS]);
    }
    return s;
}

enum lct_status lct_traces_model(struct lct_trace **out, size_t *n, const char *dir, struct lct_err *err)
{
    struct lct_csv csv = { 0 };
    size_t c[N_GROWTH], k = 0;
    struct lct_trace *t = NULL;
    enum lct_status s = open_table(&csv, dir, "growth.csv", "mc grow", err);
    if (s == LCT_OK)
        s = columns(&csv, dir, growth_names, N_GROWTH, c, err);
    if (s == LCT_OK && !(t = calloc(csv.n_rows + 1, sizeof *t)))
        s = lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    for (size_t first = 0, end; s == LCT_OK && first < csv.n_rows; first = end) {
        const double replica = number_at(&csv, first, c[REPLICA]);
        for (end = first; end < csv.n_rows && number_at(&csv, end, c[REPLICA]) == replica;)
            end++;
        if (end - first >= FIRST)
            s = take_replica(&t[k], &csv, c, dir, first, end - first, err);
        k += end - first >= FIRST && s == LCT_OK;
    }
    lct_csv_finish(&csv);
    if (s == LCT_OK && k == 0)
        s = lct_fail(err, LCT_E_NODATA, "%s: growth.csv has no replica with five rows; take a smaller --every", dir);
    if (s == LCT_OK) {
        *out = t;
        *n = k;
    } else {
        for (size_t i = 0; i < k; i++)
            lct_trace_finish(&t[i]);
        free(t);
    }
    return s;
}

/* ---- ensembles of passages ---- */

enum { PASSAGE_SHELL, PASSAGE_STEPS, PASSAGE_CENSORED, PASSAGE_ONSET, N_PASSAGE };
static const char *const passage_names[N_PASSAGE] = { "shell", "doubling_steps", "censored", "onset_steps" };

static bool says(const struct lct_csv *csv, size_t row, size_t c, const char *word)
{
    return strcmp(csv->cells[row * csv->n_columns + c], word) == 0;
}

static struct lct_trace_features take_passage(const struct lct_csv *csv, const size_t *c, size_t row)
{
    const double none = (double)NAN, steps = number_at(csv, row, c[PASSAGE_STEPS]);
    struct lct_trace_features f = { .onset = number_at(csv, row, c[PASSAGE_ONSET]),
        .watched = steps,
        .top = none,
        .shell = none,
        .correlation = none,
        .open_ratio = none };
    f.doubled = says(csv, row, c[PASSAGE_CENSORED], "no") ? steps : none;
    for (int k = 0; k < LCT_COMPARE_LEVELS; k++)
        f.cross[k] = none;
    return f;
}

enum lct_status lct_passages_model(struct lct_trace_features **out, size_t *n, const char *dir, struct lct_err *err)
{
    struct lct_csv csv = { 0 };
    size_t c[N_PASSAGE], k = 0;
    struct lct_trace_features *f = NULL;
    enum lct_status s = open_table(&csv, dir, "doubling.csv", "mc doubling", err);
    if (s == LCT_OK)
        s = columns(&csv, dir, passage_names, N_PASSAGE, c, err);
    if (s == LCT_OK && !(f = calloc(csv.n_rows + 1, sizeof *f)))
        s = lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    for (size_t row = 0; s == LCT_OK && row < csv.n_rows; row++)
        if (says(&csv, row, c[PASSAGE_SHELL], "yes"))
            f[k++] = take_passage(&csv, c, row);
    lct_csv_finish(&csv);
    if (s == LCT_OK && k == 0)
        s = lct_fail(
            err, LCT_E_NODATA, "%s: doubling.csv has no replica with shell; run it with --shell both or yes", dir);
    if (s == LCT_OK) {
        *out = f;
        *n = k;
    } else {
        free(f);
    }
    return s;
}
