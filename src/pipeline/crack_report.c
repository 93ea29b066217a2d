#include "crack_report.h"

#include "tables.h"

#include <lctem/file.h>
#include <lctem/json.h>
#include <lctem/plot_cracks.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const double LEAST_RISE_NM = 0.26; /* one layer of {10-10} of Cd: less is no growth */

static const struct lct_column life_columns[] = {
    { "crack", "", "number, as in cracks.csv" },
    { "particle", "", "identity of the particle" },
    { "facet", "", "facet of facets.csv over which it was seen most often" },
    { "opened_s", "s", "when it was first at least half as wide as usual; empty: it was open when the movie began" },
    { "healed_s", "s", "when it was last at least half as wide as usual; empty: it is open when the movie ends" },
    { "duration_s", "s", "from opening to healing; empty: one of them was not seen" },
    { "watched_s", "s", "how long it was seen open" },
    { "position_frac", "", "where it opened: 0 middle of the facet, -1 and 1 corners" },
    { "width_nm", "nm", "median width" },
    { "most_nm", "nm", "widest" },
    { "x_nm", "nm", "where it opened, drift-corrected to the first frame, to the right" },
    { "y_nm", "nm", "where it opened, drift-corrected to the first frame, down" },
    { "from_s", "s", "opened_s, or when the movie begins" },
    { "to_s", "s", "healed_s, or when the movie ends" },
    { "began_s", "s",
        "when it was of no width, on the straight line that it opened along; empty: its opening was not seen" },
    { "began_sd_s", "s", "its standard deviation" },
};
static const struct lct_table_spec lives_table = { "crack_lives", "each crack over its life", 1, life_columns,
    COUNT(life_columns) };

static const struct lct_column onset_columns[] = {
    { "particle", "", "identity of the particle" },
    { "facet", "", "facet of facets.csv" },
    { "onset_s", "s", "when its core begins to grow, or to be etched" },
    { "onset_sd_s", "s", "its standard deviation" },
    { "speed_nm_per_s", "nm/s", "speed of the core's edge from then on" },
    { "speed_sd_nm_per_s", "nm/s", "its standard deviation" },
    { "crack_s", "s", "last beginning (began_s) of a crack over the same facet until then; empty: none" },
    { "delay_s", "s", "from that crack to the onset" },
    { "kind", "", "growth, or etching: the core's edge goes back" },
    { "delay_sd_s", "s", "standard deviation of delay_s, from both" },
};
static const struct lct_table_spec onsets_table = { "onsets", "when facets begin to grow, or to be etched", 1,
    onset_columns, COUNT(onset_columns) };

/* Everything of one report. */
struct findings {
    const struct crack_report_job *job;
    struct lct_crack_record *records;
    const struct crack_life *lives;
    size_t n_records;
    struct lct_onset *onsets;
    size_t n_onsets;
    struct lct_facet_table facets;
    long n_events;
};

static void findings_finish(struct findings *f)
{
    free(f->records);
    free(f->onsets);
    lct_facet_table_finish(&f->facets);
}

static double time_of(const struct findings *f, long k)
{
    return f->job->plan->frames[k].time_s;
}

static enum lct_status take_records(struct findings *f, struct lct_err *err)
{
    const double nm = f->job->movie->scale.nm_per_px;
    f->lives = cracks_lives(f->job->cracks, &f->n_records);
    f->records = calloc(f->n_records + 1, sizeof *f->records);
    if (!f->records)
        return lct_fail(err, LCT_E_LIMIT, "cracks: no memory for %zu of them", f->n_records);
    for (size_t i = 0; i < f->n_records; i++) {
        const struct crack_life *c = &f->lives[i];
        const struct crack_beginning began = cracks_beginning(c);
        f->records[i] = (struct lct_crack_record){ .particle = c->particle,
            .facet = c->facet,
            .opened_s = time_of(f, c->opened),
            .healed_s = time_of(f, c->healed),
            .began_s = began.time_s,
            .began_sd_s = began.sd_s,
            .opened_known = c->opened > 0,
            .healed_known = c->healed < f->job->plan->n - 1,
            .position_frac = c->opened_frac,
            .width_nm = c->width_px * nm,
            .most_nm = c->most_px * nm };
    }
    return LCT_OK;
}

static enum lct_status take_onsets(struct findings *f, struct lct_err *err)
{
    char *path = lct_file_join(f->job->dir, "facets.csv");
    if (!path)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", f->job->dir);
    struct lct_err why = { 0 };
    enum lct_status status = lct_facet_table_read(&f->facets, path, &why);
    free(path);
    if (status == LCT_E_NODATA)
        return LCT_OK; /* no facets: cracks have no place along one, and nothing grows */
    if (status != LCT_OK)
        return lct_fail(err, status, "%s", why.text);
    f->onsets = calloc(2 * f->facets.n + 1, sizeof *f->onsets);
    if (!f->onsets)
        return lct_fail(err, LCT_E_LIMIT, "onsets: no memory for %zu facets", f->facets.n);
    for (size_t i = 0; status == LCT_OK && i < 2 * f->facets.n; i++) {
        struct lct_onset onset;
        status = lct_onset_find(&onset, &f->facets.series[i / 2], i % 2, LEAST_RISE_NM, err);
        if (status == LCT_OK && isfinite(onset.time_s))
            f->onsets[f->n_onsets++] = onset;
    }
    lct_onsets_match(f->onsets, f->n_onsets, f->records, f->n_records);
    return status;
}

static struct lct_cell facet_cell(int facet)
{
    return facet < 0 ? lct_text(NULL) : lct_int(facet);
}

static enum lct_status write_lives(const struct findings *f, struct lct_err *err)
{
    const double nm = f->job->movie->scale.nm_per_px; /* the places are in square px of that width */
    struct lct_table *table = NULL;
    enum lct_status status = lct_table_create(&table, f->job->dir, &lives_table, err);
    for (size_t i = 0; status == LCT_OK && i < f->n_records; i++) {
        const struct lct_crack_record *r = &f->records[i];
        const double watched = r->healed_s - r->opened_s;
        const struct lct_cell cells[] = { lct_int((long)i + 1), lct_int(r->particle), facet_cell(r->facet),
            lct_num(r->opened_known ? r->opened_s : (double)NAN), lct_num(r->healed_known ? r->healed_s : (double)NAN),
            lct_num(r->opened_known && r->healed_known ? watched : (double)NAN), lct_num(watched),
            lct_num(r->position_frac), lct_num(r->width_nm), lct_num(r->most_nm), lct_num(f->lives[i].x_px * nm),
            lct_num(f->lives[i].y_px * nm), lct_num(r->opened_s), lct_num(r->healed_s), lct_num(r->began_s),
            lct_num(r->began_sd_s) };
        status = lct_table_row(table, cells, err);
    }
    const enum lct_status closed = lct_table_close(&table, status == LCT_OK ? err : NULL);
    return status == LCT_OK ? closed : status;
}

static enum lct_status write_onsets(const struct findings *f, struct lct_err *err)
{
    struct lct_table *table = NULL;
    enum lct_status status = lct_table_create(&table, f->job->dir, &onsets_table, err);
    for (size_t i = 0; status == LCT_OK && i < f->n_onsets; i++) {
        const struct lct_onset *o = &f->onsets[i];
        const struct lct_cell cells[] = { lct_int(o->particle), lct_int(o->facet), lct_num(o->time_s),
            lct_num(o->time_sd_s), lct_num(o->speed_nm_per_s), lct_num(o->speed_sd_nm_per_s), lct_num(o->crack_s),
            lct_num(lct_stats_between(o->crack_s, o->time_s)), lct_text(o->etches ? "etching" : "growth"),
            lct_num(hypot(o->time_sd_s, o->crack_sd_s)) };
        status = lct_table_row(table, cells, err);
    }
    const enum lct_status closed = lct_table_close(&table, status == LCT_OK ? err : NULL);
    return status == LCT_OK ? closed : status;
}

static enum lct_status write_event(struct findings *f, const struct event_row *row, struct lct_err *err)
{
    f->n_events++;
    return tables_write_event_row(f->job->events, row, err);
}

static enum lct_status write_crack_events(struct findings *f, struct lct_err *err)
{
    const double nm = f->job->movie->scale.nm_per_px;
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < f->n_records; i++) {
        const struct crack_life *c = &f->lives[i];
        const struct lct_crack_record *r = &f->records[i];
        const bool both = r->opened_known && r->healed_known;
        struct event_row row = { .name = "crack_open",
            .frame = movie_frame(f->job->movie, c->opened),
            .time_s = r->opened_s,
            .particle = c->particle,
            .facet = c->facet,
            .x_nm = c->x_px * nm,
            .y_nm = c->y_px * nm,
            .size_nm = r->width_nm,
            .duration_s = both ? r->healed_s - r->opened_s : (double)NAN,
            .score = (double)c->n / (double)(c->last - c->first + 1) };
        if (r->opened_known)
            status = write_event(f, &row, err);
        row.name = "crack_heal";
        row.frame = movie_frame(f->job->movie, c->healed);
        row.time_s = r->healed_s;
        if (status == LCT_OK && r->healed_known)
            status = write_event(f, &row, err);
    }
    return status;
}

static enum lct_status write_onset_events(struct findings *f, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < f->n_onsets; i++) {
        const struct lct_onset *o = &f->onsets[i];
        long k = 0;
        while (k < f->job->plan->n - 1 && time_of(f, k + 1) <= o->time_s)
            k++;
        const struct event_row row = { .name = o->etches ? "core_etch_onset" : "core_growth_onset",
            .frame = movie_frame(f->job->movie, k),
            .time_s = o->time_s,
            .particle = o->particle,
            .facet = o->facet,
            .x_nm = (double)NAN,
            .y_nm = (double)NAN,
            .size_nm = (double)NAN,
            .duration_s = (double)NAN,
            .score = 1.0 - erfc(fabs(o->speed_nm_per_s) / o->speed_sd_nm_per_s / sqrt(2.0)) };
        status = write_event(f, &row, err);
    }
    return status;
}

static void put_speed(struct lct_json *json, const char *key, const struct lct_crack_speed *s)
{
    lct_json_open_object(json, key);
    lct_json_number(json, "nm_per_s", s->nm_per_s);
    lct_json_number(json, "sd_nm_per_s", s->sd_nm_per_s);
    lct_json_number(json, "watched_s", s->watched_s);
    lct_json_integer(json, "stretches", s->stretches);
    lct_json_close(json);
}

static void put_places(struct lct_json *json, const struct lct_crack_summary *s)
{
    lct_json_open_object(json, "position");
    lct_json_integer(json, "cracks", s->placed);
    lct_json_integer(json, "middle", s->middle);
    lct_json_integer(json, "between", s->between);
    lct_json_integer(json, "corner", s->corner);
    lct_json_open_array(json, "bins");
    for (int i = 0; i < LCT_CRACK_BINS; i++)
        lct_json_integer(json, NULL, s->bins[i]);
    lct_json_close(json);
    lct_json_number(json, "ks", s->ks);
    lct_json_number(json, "p_uniform", s->p_uniform);
    lct_json_close(json);
}

static void put_summary(struct lct_json *json, const char *key, const struct lct_crack_summary *s)
{
    lct_json_open_object(json, key);
    if (s->particle)
        lct_json_integer(json, "particle", s->particle);
    lct_json_integer(json, "cracks", s->n);
    lct_json_integer(json, "healed", s->healed);
    lct_json_number(json, "width_nm", s->width_nm);
    put_places(json, s);
    lct_json_open_object(json, "facets");
    lct_json_number(json, "chi2", s->chi2);
    lct_json_number(json, "p_even", s->p_facets);
    lct_json_close(json);
    lct_json_open_object(json, "lifetime");
    lct_json_number(json, "mean_s", s->lifetime_s);
    lct_json_number(json, "mean_sd_s", s->lifetime_sd_s);
    lct_json_number(json, "median_s", s->median_life_s);
    lct_json_integer(json, "still_open", s->n - s->healed);
    lct_json_close(json);
    lct_json_open_object(json, "onset");
    lct_json_integer(json, "facets", s->onsets);
    lct_json_integer(json, "after_crack", s->onsets_after_crack);
    lct_json_number(json, "delay_s", s->delay_s);
    lct_json_number(json, "delay_sd_s", s->delay_sd_s);
    lct_json_close(json);
    lct_json_open_object(json, "growth");
    put_speed(json, "with_gap", &s->with_gap);
    put_speed(json, "without_gap", &s->without_gap);
    lct_json_close(json);
    lct_json_close(json);
}

/* What the numbers mean, in the file itself. */
static void put_meanings(struct lct_json *json)
{
    static const char *const rows[][2] = {
        { "position",
            "where cracks open along their facet: |fraction| below 1/3 middle, above 2/3 corner; bins from -1 to 1" },
        { "p_uniform", "Kolmogorov-Smirnov: chance that |fraction| is as uneven if cracks open anywhere alike" },
        { "p_even",
            "chance that cracks spread over the facets as unevenly if each nm of covered edge cracks alike at all "
            "times" },
        { "lifetime",
            "mean: time under watch over healings seen (a constant chance to heal); median: Kaplan-Meier; cracks still "
            "open when "
            "the movie ends count as long as they were watched" },
        { "onset",
            "facets whose core begins to grow, and the time since the last crack over them began (was of no width): "
            "weighted mean; its sd from the errors of both, or the scatter if that is larger" },
        { "growth",
            "mean speed of the core's edge while a crack is open over the facet, and while none is; bare facets left "
            "out" },
    };
    lct_json_open_object(json, "meaning");
    for (size_t i = 0; i < COUNT(rows); i++)
        lct_json_text(json, rows[i][0], rows[i][1]);
    lct_json_close(json);
}

static void put_facets(struct lct_json *json, const struct lct_crack_evidence *e)
{
    lct_json_open_array(json, "facets");
    for (size_t i = 0; i < e->n_risks; i++) {
        const struct lct_crack_risk *r = &e->risks[i];
        long n = 0;
        for (size_t k = 0; k < e->n_cracks; k++)
            n += e->cracks[k].particle == r->particle && e->cracks[k].facet == r->facet;
        lct_json_open_object(json, NULL);
        lct_json_integer(json, "particle", r->particle);
        lct_json_integer(json, "facet", r->facet);
        lct_json_integer(json, "cracks", n);
        lct_json_number(json, "covered_edge_nm_s", r->edge_nm_s);
        lct_json_close(json);
    }
    lct_json_close(json);
}

static enum lct_status write_json(const struct findings *f, const struct lct_crack_evidence *e,
    const struct lct_crack_summary *all, size_t n, struct lct_err *err)
{
    struct lct_json *json = NULL;
    char *path = lct_file_join(f->job->dir, "cracks.json");
    enum lct_status status =
        path ? lct_json_create(&json, err) : lct_fail(err, LCT_E_LIMIT, "%s: no memory", f->job->dir);
    if (status == LCT_OK) {
        lct_table_describe(&cracks_table, json);
        put_summary(json, "movie", &all[0]);
        lct_json_open_array(json, "particles");
        for (size_t i = 1; i < n; i++)
            put_summary(json, NULL, &all[i]);
        lct_json_close(json);
        put_facets(json, e);
        put_meanings(json);
        status = lct_json_write(json, path, err);
    }
    lct_json_destroy(&json);
    free(path);
    return status;
}

/* The movie, then each particle that has a facet or a crack. */
static enum lct_status summarise(
    struct crack_report *out, const struct findings *f, const struct lct_crack_evidence *e, struct lct_err *err)
{
    int most = 0;
    for (size_t i = 0; i < e->n_risks; i++)
        most = e->risks[i].particle > most ? e->risks[i].particle : most;
    for (size_t i = 0; i < e->n_cracks; i++)
        most = e->cracks[i].particle > most ? e->cracks[i].particle : most;
    struct lct_crack_summary *all = calloc((size_t)most + 1, sizeof *all);
    if (!all)
        return lct_fail(err, LCT_E_LIMIT, "cracks: no memory for %d particles", most);
    size_t n = 0;
    enum lct_status status = LCT_OK;
    for (int p = 0; status == LCT_OK && p <= most; p++) {
        bool any = p == 0;
        for (size_t i = 0; i < e->n_risks; i++)
            any |= e->risks[i].particle == p;
        for (size_t i = 0; i < e->n_cracks; i++)
            any |= e->cracks[i].particle == p;
        if (any)
            status = lct_cracks_summarise(&all[n++], e, p, err);
    }
    if (status == LCT_OK)
        status = write_json(f, e, all, n, err);
    for (out->n_rows = 0; out->n_rows < LCT_ANALYSIS_CRACK_ROWS && (size_t)out->n_rows < n; out->n_rows++)
        out->rows[out->n_rows] = all[out->n_rows];
    free(all);
    return status;
}

enum lct_status crack_report_write(struct crack_report *out, const struct crack_report_job *job, struct lct_err *err)
{
    struct findings f = { .job = job };
    struct crack_report report = { .n_rows = 0 };
    enum lct_status status = take_records(&f, err);
    if (status == LCT_OK)
        status = take_onsets(&f, err);
    if (status == LCT_OK)
        status = write_lives(&f, err);
    if (status == LCT_OK)
        status = write_onsets(&f, err);
    if (status == LCT_OK)
        status = write_crack_events(&f, err);
    if (status == LCT_OK)
        status = write_onset_events(&f, err);
    const struct plan *plan = job->plan;
    struct lct_crack_evidence evidence = { .movie_s = plan->frames[plan->n - 1].time_s - plan->frames[0].time_s,
        .cracks = f.records,
        .n_cracks = f.n_records,
        .onsets = f.onsets,
        .n_onsets = f.n_onsets,
        .facets = &f.facets };
    evidence.risks = cracks_risks(job->cracks, &evidence.n_risks);
    if (status == LCT_OK)
        status = summarise(&report, &f, &evidence, err);
    if (status == LCT_OK)
        status = f.n_records ? lct_plot_cracks(f.job->dir, err) : LCT_OK;
    report.n_events = f.n_events;
    findings_finish(&f);
    if (status == LCT_OK)
        *out = report;
    return status;
}
