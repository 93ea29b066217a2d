#include "after.h"

#include <lctem/file.h>
#include <lctem/json.h>
#include <lctem/rate.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct lct_column columns[] = {
    { "movie", "", "folder of the analysis" },
    { "dose_rate_e_per_nm2_s", "1/(nm2 s)", "mean dose rate" },
    { "duration_s", "s", "of the movie" },
    { "dose_e_per_nm2", "1/nm2", "accumulated over the movie" },
    { "cracks", "", "crack_open events" },
    { "cracks_per_s", "1/s", "over the duration" },
    { "cracks_per_dose", "nm2", "over the accumulated dose" },
    { "first_crack_s", "s", "first crack_open; empty: none" },
    { "first_crack_dose_e_per_nm2", "1/nm2", "dose until then" },
    { "growth_onset_s", "s", "beginning of stage III, or of the first stretch in which a core grows; empty: none" },
    { "growth_onset_sd_s", "s", "its standard deviation" },
    { "growth_onset_dose_e_per_nm2", "1/nm2", "dose until then" },
    { "core_gain_nm2", "nm2", "core area gained by the particle that grows most" },
    { "core_loss_nm2", "nm2", "core area lost by the particle that loses most" },
    { "core_gain_per_dose_nm4", "nm4", "gain over accumulated dose" },
    { "core_loss_per_dose_nm4", "nm4", "loss over accumulated dose" },
};
static const struct lct_table_spec spec = { "compare_dose",
    "does the beam make the cracks? cracks and growth against dose, one row for each movie", 1, columns,
    COUNT(columns) };

/* One movie. */
struct movie_dose {
    const char *folder;
    double rate, duration_s, dose, first_crack_s, first_crack_dose, onset_s, onset_sd_s, onset_dose, gain_nm2, loss_nm2;
    long cracks;
};

/* events.csv while its cracks are counted. */
struct counting {
    struct movie_dose *movie;
    long event, time; /* columns; -1: not there */
};

static enum lct_status begin_count(void *context, const struct lct_csv *table, struct lct_err *err)
{
    struct counting *c = context;
    (void)err;
    c->event = lct_csv_column(table, "event");
    c->time = lct_csv_column(table, "time_s");
    return LCT_OK;
}

static enum lct_status count_event(void *context, const struct lct_csv *table, struct lct_err *err)
{
    const struct counting *c = context;
    double time_s;
    if (c->event < 0 || c->time < 0 || strcmp(table->cells[c->event], "crack_open") != 0)
        return LCT_OK;
    const enum lct_status status = lct_csv_number(table, 0, (size_t)c->time, &time_s, err);
    c->movie->cracks++;
    if (status == LCT_OK && !(c->movie->first_crack_s <= time_s))
        c->movie->first_crack_s = time_s;
    return status;
}

static enum lct_status count_cracks(struct movie_dose *m, const struct after *a, struct lct_err *err)
{
    char *path = after_beside(a, "events.csv");
    struct counting c = { .movie = m };
    if (!path)
        return lct_fail(err, LCT_E_LIMIT, "events.csv: no memory");
    const enum lct_status status =
        access(path, F_OK) == 0 ? lct_csv_each(path, begin_count, count_event, &c, err) : LCT_OK;
    free(path);
    return status;
}

static double change_of(const struct lct_curves *c, int id)
{
    for (size_t p = 0; p < c->n_particles; p++)
        if (c->particles[p].id == id) {
            const double *core = lct_curves_row(c, c->core_nm2, p);
            return core[c->n_times - 1] - core[0];
        }
    return (double)NAN;
}

/* Beginning of stage III; in films without names, of the first stage in which the grower's core grows for sure. */
static const struct lct_stage *growth_onset(const struct after *a)
{
    static const double SURE = 4.0, FASTEST_FRAC = 0.05;
    const struct lct_curves *c = &a->curves;
    const struct lct_stage *found = NULL;
    double fastest = 0.0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < a->stages.n; i++) {
            const struct lct_stage *s = &a->stages.stages[i];
            size_t p = 0, from = 0, to = c->n_times;
            struct lct_rate rate;
            while (p < c->n_particles && c->particles[p].id != a->stages.grower)
                p++;
            while (from < to && c->times_s[from] < s->start_s)
                from++;
            while (to > from && c->times_s[to - 1] > s->end_s)
                to--;
            if (p == c->n_particles
                || lct_rate_fit(c->times_s + from, lct_curves_row(c, c->core_nm2, p) + from, to - from, &rate, NULL)
                    != LCT_OK)
                continue;
            if (pass == 0)
                fastest = fmax(fastest, rate.rate);
            else if (!found
                && (a->stages.named ? s->label == LCT_STAGE_III
                                    : rate.rate > SURE * rate.rate_sd && rate.rate > FASTEST_FRAC * fastest))
                found = s;
        }
    return found;
}

static enum lct_status look_at(struct movie_dose *m, const struct after *a, struct lct_err *err)
{
    const struct lct_curves *c = &a->curves;
    const double nan = (double)NAN;
    *m = (struct movie_dose){ .rate = a->dose_rate,
        .duration_s = c->times_s[c->n_times - 1] - c->times_s[0],
        .first_crack_s = nan,
        .first_crack_dose = nan,
        .onset_s = nan,
        .onset_sd_s = nan,
        .onset_dose = nan,
        .gain_nm2 = change_of(c, a->stages.grower),
        .loss_nm2 = -change_of(c, a->stages.loser) };
    const enum lct_status status = count_cracks(m, a, err);
    const struct lct_stage *onset = growth_onset(a);
    if (onset) {
        m->onset_s = onset->start_s;
        m->onset_sd_s = onset->start_sd_s;
    }
    m->dose = a->dose[c->n_times - 1] - a->dose[0];
    if (!isnan(m->first_crack_s))
        m->first_crack_dose = lct_curves_at(c, a->dose, m->first_crack_s);
    if (!isnan(m->onset_s))
        m->onset_dose = lct_curves_at(c, a->dose, m->onset_s);
    return status;
}

/* Only the stages and the areas are asked for: a setting of the chemistry that does not fit one movie must not stop this. */
static enum lct_status read_movie(struct movie_dose *m, const char *folder, const struct lct_recipe *recipe,
    const struct lct_log *log, struct lct_err *err)
{
    struct after a;
    enum lct_status status = after_open(&a, folder, NULL, recipe, log, err);
    if (status != LCT_OK)
        return status;
    char *frames = after_beside(&a, "frames.csv");
    const struct lct_change_params params = lct_change_defaults();
    status =
        frames ? lct_curves_read(&a.curves, a.areas, frames, err) : lct_fail(err, LCT_E_LIMIT, "%s: no memory", folder);
    if (status == LCT_OK)
        status = after_check_scale(&a, err);
    if (status == LCT_OK)
        status = lct_stages_find(&a.stages, &a.curves, &params, err);
    if (status == LCT_OK)
        status = after_read_dose(&a, err);
    if (status == LCT_OK && !a.dose)
        status = lct_fail(err, LCT_E_INPUT,
            "%s: no dose in its frames.csv; analyze it again with --dose-rate, or give --dose-rate here if "
            "all movies have the same",
            folder);
    if (status == LCT_OK)
        status = look_at(m, &a, err);
    m->folder = folder;
    free(frames);
    after_finish(&a);
    return status;
}

static enum lct_status write_row(struct lct_table *table, const struct movie_dose *m, struct lct_err *err)
{
    const struct lct_cell cells[] = { lct_text(m->folder), lct_num(m->rate), lct_num(m->duration_s), lct_num(m->dose),
        lct_int(m->cracks), lct_num((double)m->cracks / m->duration_s), lct_num((double)m->cracks / m->dose),
        lct_num(m->first_crack_s), lct_num(m->first_crack_dose), lct_num(m->onset_s), lct_num(m->onset_sd_s),
        lct_num(m->onset_dose), lct_num(m->gain_nm2), lct_num(m->loss_nm2), lct_num(m->gain_nm2 / m->dose),
        lct_num(m->loss_nm2 / m->dose) };
    return lct_table_row(table, cells, err);
}

/* How much something varies between movies, over its mean; NaN for fewer than two that have it. */
struct variation {
    double of_time, of_dose;
    size_t n;
};

static double over_mean(double sum, double squares, size_t n)
{
    const double k = (double)n, mean = sum / k;
    return n < 2 ? (double)NAN : sqrt(fmax(0.0, squares / k - mean * mean) * k / (k - 1.0)) / mean;
}

static struct variation vary(const struct movie_dose *m, size_t n, bool of_cracks)
{
    double time[2] = { 0.0, 0.0 }, dose[2] = { 0.0, 0.0 };
    struct variation v = { .n = 0 };
    for (size_t i = 0; i < n; i++) {
        const double t = of_cracks ? m[i].first_crack_s : m[i].onset_s;
        const double d = of_cracks ? m[i].first_crack_dose : m[i].onset_dose;
        if (isnan(t))
            continue;
        time[0] += t;
        time[1] += t * t;
        dose[0] += d;
        dose[1] += d * d;
        v.n++;
    }
    v.of_time = over_mean(time[0], time[1], v.n);
    v.of_dose = over_mean(dose[0], dose[1], v.n);
    return v;
}

static void add_verdict(struct lct_json *j, const char *key, const char *what, struct variation v, double rate_ratio)
{
    char text[200];
    if (v.n < 3)
        snprintf(text, sizeof text, "%s: fewer than three movies have it, so this cannot be told", what);
    else if (rate_ratio < 1.5)
        snprintf(text, sizeof text, "%s: the dose rates lie within a factor of 1.5, so this cannot be told", what);
    else if (v.of_dose < 0.5 * v.of_time)
        snprintf(text, sizeof text, "%s: at the same dose rather than at the same time: the beam sets the pace", what);
    else if (v.of_time < 0.5 * v.of_dose)
        snprintf(text, sizeof text, "%s: at the same time rather than at the same dose: the beam does not set the pace",
            what);
    else
        snprintf(text, sizeof text, "%s: neither at one time nor at one dose: the beam alone does not decide", what);
    lct_json_text(j, key, text);
}

static enum lct_status write_verdict(const char *to, const struct movie_dose *m, size_t n, struct lct_err *err)
{
    struct lct_json *j = NULL;
    enum lct_status status = lct_json_create(&j, err);
    if (status != LCT_OK)
        return status;
    const struct variation onset = vary(m, n, false), crack = vary(m, n, true);
    double least = (double)INFINITY, most = 0.0;
    for (size_t i = 0; i < n; i++) {
        least = fmin(least, m[i].rate);
        most = fmax(most, m[i].rate);
    }
    lct_json_text(j, "description",
        "if the beam sets the pace, growth and cracks begin at the same dose in all movies; if not, at the same time");
    lct_json_integer(j, "movies", (long long)n);
    lct_json_integer(j, "movies_with_onset", (long long)onset.n);
    lct_json_integer(j, "movies_with_cracks", (long long)crack.n);
    lct_json_number(j, "dose_rate_ratio", most / least);
    lct_json_number(j, "onset_time_variation", onset.of_time);
    lct_json_number(j, "onset_dose_variation", onset.of_dose);
    lct_json_number(j, "first_crack_time_variation", crack.of_time);
    lct_json_number(j, "first_crack_dose_variation", crack.of_dose);
    add_verdict(j, "verdict", "growth begins", onset, most / least);
    add_verdict(j, "verdict_cracks", "the first crack opens", crack, most / least);
    char *path = lct_file_join(to, "compare_dose_summary.json");
    status = path ? lct_json_write(j, path, err) : lct_fail(err, LCT_E_LIMIT, "compare_dose_summary.json: no memory");
    free(path);
    lct_json_destroy(&j);
    return status;
}

enum lct_status lct_after_compare_dose(const char *const *folders, size_t n, const char *to,
    const struct lct_recipe *recipe, const struct lct_log *log, struct lct_err *err)
{
    if (n < 2)
        return lct_fail(
            err, LCT_E_ARG, "compare_dose: one folder is nothing to compare; give those of two movies or more");
    struct movie_dose *movies = calloc(n, sizeof *movies);
    if (!movies)
        return lct_fail(err, LCT_E_LIMIT, "compare_dose: no memory");
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < n; i++)
        status = read_movie(&movies[i], folders[i], recipe, log, err);
    if (status == LCT_OK)
        status = lct_folder_make(to, err);
    char *there = lct_file_join(to, "compare_dose.csv");
    if (status == LCT_OK && there && access(there, F_OK) == 0 && !recipe->force)
        status = lct_fail(err, LCT_E_OUTPUT, "%s: is there already; --force overwrites it", there);
    free(there);
    struct lct_table *table = NULL;
    if (status == LCT_OK)
        status = lct_table_create(&table, to, &spec, err);
    for (size_t i = 0; status == LCT_OK && i < n; i++)
        status = write_row(table, &movies[i], err);
    const enum lct_status closed = lct_table_close(&table, status == LCT_OK ? err : NULL);
    if (status == LCT_OK)
        status = closed;
    if (status == LCT_OK)
        status = write_verdict(to, movies, n, err);
    free(movies);
    return status;
}
