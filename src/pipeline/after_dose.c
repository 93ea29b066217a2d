#include "after.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Dose of each frame from frames.csv. */
struct reading {
    struct after *a;
    long frame, dose; /* columns; -1: not there */
    size_t t, known;
    double last_s, last_dose;
};

static enum lct_status find_columns(void *context, const struct lct_csv *table, struct lct_err *err)
{
    struct reading *r = context;
    (void)err;
    r->frame = lct_csv_column(table, "frame");
    r->dose = lct_csv_column(table, "dose_e_per_nm2");
    return LCT_OK;
}

static enum lct_status take_dose(void *context, const struct lct_csv *table, struct lct_err *err)
{
    struct reading *r = context;
    const struct lct_curves *c = &r->a->curves;
    double number, value;
    if (r->frame < 0 || r->dose < 0)
        return LCT_OK;
    enum lct_status status = lct_csv_number(table, 0, (size_t)r->frame, &number, err);
    if (status == LCT_OK)
        status = lct_csv_number(table, 0, (size_t)r->dose, &value, err);
    if (status != LCT_OK)
        return status;
    while (r->t < c->n_times && (double)c->frames[r->t] < number)
        r->t++;
    if (r->t == c->n_times || (double)c->frames[r->t] != number || isnan(value))
        return LCT_OK;
    r->a->dose[r->t] = value;
    r->last_s = c->times_s[r->t];
    r->last_dose = value;
    r->known++;
    return LCT_OK;
}

/* `*found`: of all of them. */
static enum lct_status dose_of_frames(struct after *a, const char *path, bool *found, struct lct_err *err)
{
    struct reading r = { .a = a };
    const enum lct_status status = lct_csv_each(path, find_columns, take_dose, &r, err);
    *found = status == LCT_OK && r.known == a->curves.n_times;
    if (*found)
        a->dose_rate = r.last_s > 0.0 ? r.last_dose / r.last_s : (double)NAN;
    return status;
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
    if (!found && access(path, F_OK) == 0)
        status = dose_of_frames(a, path, &found, err);
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
static const struct lct_table_spec dose_spec = { "dose", "growth and etching against accumulated dose", 1, dose_columns,
    COUNT(dose_columns) };

static enum lct_status write_dose_row(struct lct_table *table, const struct after *a, size_t i, struct lct_err *err)
{
    const struct lct_curves *c = &a->curves;
    const size_t t = i / c->n_particles, p = i % c->n_particles, k = p * c->n_times + t,
                 first = p * c->n_times + (size_t)c->particles[p].first;
    if (c->presence[k] != LCT_PRESENCE_MEASURED && c->presence[k] != LCT_PRESENCE_BETWEEN)
        return LCT_OK;
    const struct lct_cell cells[] = { lct_int(c->frames[t]), lct_num(c->times_s[t]), lct_num(a->dose[t]),
        lct_int(c->particles[p].id), lct_num(c->core_nm2[k]), lct_num(c->core_nm2[k] - c->core_nm2[first]),
        lct_num(c->shell_nm2[k]), lct_num(c->shell_nm2[k] - c->shell_nm2[first]) };
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
static const struct lct_table_spec events_spec = { "dose_events", "accumulated dose of each event", 1, event_columns,
    COUNT(event_columns) };

static enum lct_status write_event(struct lct_table *table, const struct after *a, const char *name, double time_s,
    const char *particle, const char *facet, struct lct_err *err)
{
    const struct lct_cell cells[] = { lct_text(name), lct_num(time_s), lct_text(particle), lct_text(facet),
        lct_num(lct_curves_at(&a->curves, a->dose, time_s)), lct_num(a->dose_rate) };
    return lct_table_row(table, cells, err);
}

/* The rows of events.csv on their way into the table. */
struct copying {
    struct lct_table *to;
    const struct after *a;
    long event, time, particle, facet; /* columns; -1: not there */
};

static enum lct_status begin_events(void *context, const struct lct_csv *table, struct lct_err *err)
{
    struct copying *c = context;
    (void)err;
    c->event = lct_csv_column(table, "event");
    c->time = lct_csv_column(table, "time_s");
    c->particle = lct_csv_column(table, "particle");
    c->facet = lct_csv_column(table, "facet");
    return LCT_OK;
}

static enum lct_status copy_event(void *context, const struct lct_csv *table, struct lct_err *err)
{
    const struct copying *c = context;
    double time_s;
    if (c->event < 0 || c->time < 0)
        return LCT_OK;
    const enum lct_status status = lct_csv_number(table, 0, (size_t)c->time, &time_s, err);
    if (status != LCT_OK || !isfinite(time_s))
        return status;
    return write_event(c->to, c->a, table->cells[c->event], time_s, c->particle < 0 ? NULL : table->cells[c->particle],
        c->facet < 0 ? NULL : table->cells[c->facet], err);
}

static enum lct_status write_events(struct lct_table *table, const struct after *a, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < a->stages.n; i++) {
        char name[32];
        snprintf(name, sizeof name, "stage %zu%s%s", i + 1, a->stages.named ? " " : "",
            lct_stage_name(a->stages.stages[i].label));
        status = write_event(table, a, name, a->stages.stages[i].start_s, NULL, NULL, err);
    }
    char *path = after_beside(a, "events.csv");
    if (!path)
        return lct_fail(err, LCT_E_LIMIT, "events.csv: no memory");
    struct copying copying = { .to = table, .a = a };
    if (status == LCT_OK && access(path, F_OK) == 0)
        status = lct_csv_each(path, begin_events, copy_event, &copying, err);
    free(path);
    return status;
}

enum lct_status after_write_dose(const struct after *a, struct lct_err *err)
{
    if (!a->dose) {
        lct_log_say(
            a->log, LCT_LOG_INFO, "%s: no dose rate known, so no dose tables; give --dose-rate E/NM2/S", a->areas);
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
