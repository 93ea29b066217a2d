#include "after.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Dose of each frame from frames.csv; false: nothing there. */
static enum lct_status dose_of_frames(struct after *a, const struct lct_csv *csv, bool *found, struct lct_err *err)
{
    const long frame = lct_csv_column(csv, "frame"), dose = lct_csv_column(csv, "dose_e_per_nm2");
    const struct lct_curves *c = &a->curves;
    size_t t = 0, known = 0;
    double last_s = 0.0, last_dose = 0.0;
    for (size_t i = 0; frame >= 0 && dose >= 0 && i < csv->n_rows; i++) {
        double number, value;
        enum lct_status status = lct_csv_number(csv, i, (size_t)frame, &number, err);
        if (status == LCT_OK)
            status = lct_csv_number(csv, i, (size_t)dose, &value, err);
        if (status != LCT_OK)
            return status;
        while (t < c->n_times && (double)c->frames[t] < number)
            t++;
        if (t == c->n_times || (double)c->frames[t] != number || isnan(value))
            continue;
        a->dose[t] = value;
        last_s = c->times_s[t];
        last_dose = value;
        known++;
    }
    *found = known == c->n_times;
    if (*found)
        a->dose_rate = last_s > 0.0 ? last_dose / last_s : (double)NAN;
    return LCT_OK;
}

enum lct_status after_read_dose(struct after *a, struct lct_err *err)
{
    const double given = a->recipe->chemistry.dose_rate_e_per_nm2_s;
    const size_t n = a->curves.n_times;
    char *path = after_beside(a, "frames.csv");
    a->dose = calloc(n, sizeof *a->dose);
    if (!path || !a->dose) {
        free(path);
        return lct_fail(err, LCT_E_LIMIT, "dose: no memory");
    }
    enum lct_status status = LCT_OK;
    bool found = !isnan(given);
    for (size_t t = 0; found && t < n; t++)
        a->dose[t] = given * a->curves.times_s[t];
    a->dose_rate = given;
    if (!found && access(path, F_OK) == 0) {
        struct lct_csv csv = { 0 };
        status = lct_csv_read(&csv, path, err);
        if (status == LCT_OK)
            status = dose_of_frames(a, &csv, &found, err);
        lct_csv_finish(&csv);
    }
    if (!found) {
        free(a->dose);
        a->dose = NULL;
        a->dose_rate = (double)NAN;
    }
    free(path);
    return status;
}

static const struct lct_column dose_columns[] = {
    { "frame", "", "frame in the movie, from 0" },
    { "time_s", "s", "time of the frame" },
    { "dose_e_per_nm2", "1/nm2", "electrons accumulated up to this frame" },
    { "particle", "", "identity" },
    { "core_area_nm2", "nm2", "core area" },
    { "core_change_nm2", "nm2", "core area minus that of the particle's first frame" },
    { "shell_area_nm2", "nm2", "shell area" },
    { "shell_change_nm2", "nm2", "shell area minus that of the particle's first frame" },
};
static const struct lct_table_spec dose_spec = { "dose", "growth and etching against accumulated dose", 1, dose_columns, COUNT(dose_columns) };

static enum lct_status write_dose_row(struct lct_table *table, const struct after *a, size_t i, struct lct_err *err)
{
    const struct lct_curves *c = &a->curves;
    const size_t t = i / c->n_particles, p = i % c->n_particles, k = p * c->n_times + t, first = p * c->n_times + (size_t)c->particles[p].first;
    if (c->presence[k] != LCT_PRESENCE_MEASURED && c->presence[k] != LCT_PRESENCE_BETWEEN)
        return LCT_OK;
    const struct lct_cell cells[] = { lct_int(c->frames[t]), lct_num(c->times_s[t]), lct_num(a->dose[t]), lct_int(c->particles[p].id),
        lct_num(c->core_nm2[k]), lct_num(c->core_nm2[k] - c->core_nm2[first]), lct_num(c->shell_nm2[k]),
        lct_num(c->shell_nm2[k] - c->shell_nm2[first]) };
    return lct_table_row(table, cells, err);
}

static const struct lct_column event_columns[] = {
    { "event", "", "what happened: the rows of events.csv, and the beginnings of stages" },
    { "time_s", "s", "when" },
    { "particle", "", "who it happened to" },
    { "facet", "", "facet, where it belongs to one" },
    { "dose_e_per_nm2", "1/nm2", "electrons accumulated until then" },
    { "dose_rate_e_per_nm2_s", "1/(nm2 s)", "mean dose rate" },
};
static const struct lct_table_spec events_spec = { "dose_events", "accumulated dose of each event", 1, event_columns, COUNT(event_columns) };

static enum lct_status write_event(struct lct_table *table, const struct after *a, const char *name, double time_s, const char *particle,
    const char *facet, struct lct_err *err)
{
    const struct lct_cell cells[] = { lct_text(name), lct_num(time_s), lct_text(particle), lct_text(facet),
        lct_num(lct_curves_at(&a->curves, a->dose, time_s)), lct_num(a->dose_rate) };
    return lct_table_row(table, cells, err);
}

static enum lct_status copy_events(struct lct_table *table, const struct after *a, const struct lct_csv *csv, struct lct_err *err)
{
    const long event = lct_csv_column(csv, "event"), time = lct_csv_column(csv, "time_s");
    const long particle = lct_csv_column(csv, "particle"), facet = lct_csv_column(csv, "facet");
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && event >= 0 && time >= 0 && i < csv->n_rows; i++) {
        char *const *row = csv->cells + i * csv->n_columns;
        double time_s;
        status = lct_csv_number(csv, i, (size_t)time, &time_s, err);
        if (status == LCT_OK && isfinite(time_s))
            status = write_event(table, a, row[event], time_s, particle < 0 ? NULL : row[particle], facet < 0 ? NULL : row[facet], err);
    }
    return status;
}

static enum lct_status write_events(struct lct_table *table, const struct after *a, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < a->stages.n; i++) {
        char name[32];
        snprintf(name, sizeof name, "stage %zu%s%s", i + 1, a->stages.named ? " " : "", lct_stage_name(a->stages.stages[i].label));
        status = write_event(table, a, name, a->stages.stages[i].start_s, NULL, NULL, err);
    }
    char *path = after_beside(a, "events.csv");
    if (!path)
        return lct_fail(err, LCT_E_LIMIT, "events.csv: no memory");
    if (status == LCT_OK && access(path, F_OK) == 0) {
        struct lct_csv csv = { 0 };
        status = lct_csv_read(&csv, path, err);
        if (status == LCT_OK)
            status = copy_events(table, a, &csv, err);
        lct_csv_finish(&csv);
    }
    free(path);
    return status;
}

enum lct_status after_write_dose(const struct after *a, struct lct_err *err)
{
    if (!a->dose) {
        lct_log_say(a->log, LCT_LOG_INFO, "%s: no dose rate known, so no dose tables; give --dose-rate E/NM2/S", a->areas);
        return LCT_OK;
    }
    enum lct_status status = after_table(a, &dose_spec, a->curves.n_times * a->curves.n_particles, write_dose_row, err);
    struct lct_table *table = NULL;
    if (status == LCT_OK)
        status = lct_table_create(&table, a->to, &events_spec, err);
    if (status == LCT_OK)
        status = write_events(table, a, err);
    const enum lct_status closed = lct_table_close(&table, status == LCT_OK ? err : NULL);
    return status == LCT_OK ? closed : status;
}
