#include "after.h"

#include <lctem/area_rate.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct lct_column rate_columns[] = {
    { "stage", "", "number in stages.csv; empty: the whole movie" },
    { "label", "", "of the stage" },
    { "start_s", "s", "from: when the stage begins, or, if later, when the particle or facet is first seen" },
    { "end_s", "s", "to: when the stage ends, or, if earlier, when it is last seen" },
    { "particle", "", "identity" },
    { "facet", "", "facet, where it is one's" },
    { "quantity", "", "core_area, shell_area, total_area in nm2, or height in nm" },
    { "rate_per_s", "nm2/s or nm/s",
        "mean rate: least-squares slope over the frames from start_s to end_s, below 0 where it shrinks; the same as "
        "in the sentences of stages.csv" },
    { "rate_sd_per_s", "nm2/s or nm/s",
        "its standard deviation through the errors of the values: that of the same slope of the true values is "
        "covered; "
        "that the curve bends is no error [K5]" },
    { "points", "", "frames that counted" },
    { "lag1", "",
        "autocorrelation of neighbouring residuals about the straight line, at most 0.95: high where the curve bends, "
        "or errors last; not in the sigma" },
    { "rate_per_dose", "nm4 or nm3", "rate over dose rate: change per electron and nm2, where the dose rate is known" },
    { "rate_sd_per_dose", "nm4 or nm3", "its standard deviation" },
    { "bend_per_s", "nm2/s or nm/s", "slope of the later half of the points less that of the earlier half" },
    { "bend_sd_per_s", "nm2/s or nm/s", "its standard deviation: no straight line where the bend is larger" },
    { "border_sd_per_s", "nm2/s or nm/s",
        "how far the rate moves with the stage's borders, each by its sigma; on top of rate_sd_per_s where the rate of "
        "a process is meant, not that of the stretch from start_s to end_s" },
    { "unit", "", "of rate, bend and their sigmas: nm2/s, nm/s for heights, px2/s where the movie has no scale" },
};
static const struct lct_table_spec rates_spec = { "rates", "rates of each stage, particle and facet", 1, rate_columns,
    COUNT(rate_columns) };

/* A stretch of the movie; stage n is all of it. */
struct span {
    double start_s, end_s, start_sd_s, end_sd_s;
    bool whole;
};

static struct span span_of(const struct after *a, size_t stage)
{
    const struct lct_stage *s = &a->stages.stages[stage];
    if (stage < a->stages.n)
        return (
            struct span){ s->start_s, s->end_s, s->start_sd_s, stage + 1 < a->stages.n ? s[1].start_sd_s : 0.0, false };
    return (struct span){ a->curves.times_s[0], a->curves.times_s[a->curves.n_times - 1], 0.0, 0.0, true };
}

/* What has a rate: values against time while it is there. */
struct series {
    int particle, facet; /* facet < 0: none */
    const char *quantity, *unit;
    const double *time_s, *value;
    size_t n;
};

/* Points of a series from start_s to end_s. */
static void cut_out(const struct series *s, double start_s, double end_s, size_t *from, size_t *to)
{
    *from = 0;
    *to = s->n;
    while (*from < *to && s->time_s[*from] < start_s)
        (*from)++;
    while (*to > *from && s->time_s[*to - 1] > end_s)
        (*to)--;
}

static double slope(const struct series *s, double start_s, double end_s)
{
    struct lct_line line;
    size_t from, to;
    cut_out(s, start_s, end_s, &from, &to);
    return lct_stats_line(s->time_s + from, s->value + from, NULL, to - from, &line, NULL) == LCT_OK ? line.slope
                                                                                                     : (double)NAN;
}

/* Change of the slope when a border moves by its sigma, from moving it by that or a frame, whichever is more, to either side. */
static double border_sd(const struct series *s, struct span span)
{
    const double frame_s = s->n > 1 ? (s->time_s[s->n - 1] - s->time_s[0]) / (double)(s->n - 1) : 0.0;
    const double first = fmax(span.start_sd_s, frame_s), last = fmax(span.end_sd_s, frame_s);
    double variance = 0.0;
    if (span.start_sd_s > 0.0)
        variance += pow((slope(s, span.start_s + first, span.end_s) - slope(s, span.start_s - first, span.end_s)) / 2.0
                * (span.start_sd_s / first),
            2.0);
    if (span.end_sd_s > 0.0)
        variance += pow((slope(s, span.start_s, span.end_s + last) - slope(s, span.start_s, span.end_s - last)) / 2.0
                * (span.end_sd_s / last),
            2.0);
    return sqrt(variance);
}

/* When it is there: from its first value to its last. */
static void seen(const struct series *s, double *first_s, double *last_s)
{
    size_t from = 0, to = s->n - 1;
    while (from < to && !isfinite(s->value[from]))
        from++;
    while (to > from && !isfinite(s->value[to]))
        to--;
    *first_s = s->time_s[from];
    *last_s = s->time_s[to];
}

static enum lct_status write_rate(struct lct_table *table, const struct after *a, size_t stage, const struct series *s,
    const struct lct_rate *rate, struct lct_err *err)
{
    const struct span span = span_of(a, stage);
    double first_s, last_s;
    seen(s, &first_s, &last_s);
    const struct lct_cell cells[] = { span.whole ? lct_text(NULL) : lct_int((long)stage + 1),
        lct_text(span.whole ? NULL : lct_stage_name(a->stages.stages[stage].label)),
        lct_num(fmax(span.start_s, first_s)), lct_num(fmin(span.end_s, last_s)), lct_int(s->particle),
        s->facet < 0 ? lct_text(NULL) : lct_int(s->facet), lct_text(s->quantity), lct_num(rate->rate),
        lct_num(rate->rate_sd), lct_int((long)rate->n), lct_num(rate->lag1), lct_num(rate->rate / a->dose_rate),
        lct_num(rate->rate_sd / a->dose_rate), lct_num(rate->bend), lct_num(rate->bend_sd), lct_num(border_sd(s, span)),
        lct_text(s->unit) };
    return lct_table_row(table, cells, err);
}

/* What is not there in a stage, or for too short a time, has no row. */
static enum lct_status write_area_rates(
    struct lct_table *table, const struct after *a, size_t stage, size_t p, struct lct_err *err)
{
    const struct lct_curves *c = &a->curves;
    const struct span span = span_of(a, stage);
    const size_t first = (size_t)c->particles[p].first, last = (size_t)c->particles[p].last;
    enum lct_status status = LCT_OK;
    for (int k = 0; status == LCT_OK && k < LCT_N_QUANTITIES; k++) {
        const enum lct_quantity quantity = (enum lct_quantity)k;
        const struct series s = { c->particles[p].id, -1, lct_quantity_name(quantity), c->in_px ? "px2/s" : "nm2/s",
            c->times_s + first, lct_quantity_row(c, quantity, p) + first, last + 1 - first };
        struct lct_rate rate;
        status = lct_area_rate(c, &(struct lct_area_stretch){ p, quantity, span.start_s, span.end_s }, &rate, err);
        if (status == LCT_OK)
            status = write_rate(table, a, stage, &s, &rate, err);
        else if (status == LCT_E_NODATA)
            return LCT_OK;
    }
    return status;
}

static enum lct_status write_stage_rates(
    struct lct_table *table, const struct after *a, size_t stage, struct lct_err *err)
{
    const struct lct_curves *c = &a->curves;
    const struct span span = span_of(a, stage);
    const double movie_s = c->times_s[c->n_times - 1] - c->times_s[0];
    enum lct_status status = LCT_OK;
    for (size_t p = 0; status == LCT_OK && p < c->n_particles; p++)
        status = write_area_rates(table, a, stage, p, err);
    for (size_t i = 0; status == LCT_OK && i < a->facets.n; i++) {
        const struct lct_facet_series *f = &a->facets.series[i];
        const struct series s = { f->particle, f->facet, "height", "nm/s", f->time_s, f->height_nm, f->n };
        struct lct_rate rate;
        size_t from, to;
        cut_out(&s, span.start_s, span.end_s, &from, &to);
        status = lct_height_rate(f, from, to, movie_s, &rate, err);
        if (status == LCT_OK)
            status = write_rate(table, a, stage, &s, &rate, err);
        else if (status == LCT_E_NODATA)
            status = LCT_OK;
    }
    return status;
}

static const struct lct_column control_columns[] = {
    { "particle", "", "identity" },
    { "role", "",
        "grower, loser (the play's two), bystander; parted: of a split or a merge; gone: ends before the movie; cut: "
        "by the border, not "
        "in the balance" },
    { "start_s", "s", "first seen" },
    { "end_s", "s", "last seen" },
    { "core_area_nm2", "nm2", "mean core area" },
    { "core_change_nm2", "nm2",
        "change over its life: mean of the last frames (five at most), 0 for what dissolved, less mean of the first" },
    { "core_change_sd_nm2", "nm2", "its standard deviation, through the errors that count for a rate [K5]" },
    { "core_change_percent", "%", "change over the area at the start: -100 for what dissolved" },
    { "total_area_nm2", "nm2", "mean total area" },
    { "total_change_nm2", "nm2", "change over its life" },
    { "total_change_sd_nm2", "nm2", "its standard deviation" },
    { "total_change_percent", "%", "change over the area at the start" },
    { "verdict", "", "unchanged: core and total within 3 sigma of no change; else changed" },
    { "core_start_nm2", "nm2", "core area at the start: mean of its first frames" },
    { "total_start_nm2", "nm2", "total area at the start" },
};
static const struct lct_table_spec controls_spec = { "controls", "did the particles that only stood by stay the same?",
    1, control_columns, COUNT(control_columns) };

static enum lct_status change_of(
    struct lct_area_change *out, const struct lct_curves *c, size_t p, enum lct_quantity quantity, struct lct_err *err)
{
    const double nan = (double)NAN;
    const enum lct_status status = lct_area_change(c, p, quantity, out, err);
    if (status != LCT_E_NODATA)
        return status;
    *out = (struct lct_area_change){ nan, nan, nan, nan, nan };
    return LCT_OK;
}

static const char *role_of(const struct after *a, const struct lct_curve_particle *q)
{
    return q->cut                               ? "cut"
        : q->has_parent || q->is_parent         ? "parted"
        : q->id == a->stages.grower             ? "grower"
        : q->id == a->stages.loser              ? "loser"
        : q->last + 1 < (long)a->curves.n_times ? "gone"
                                                : "bystander";
}

static enum lct_status write_control(struct lct_table *table, const struct after *a, size_t p, struct lct_err *err)
{
    static const double SURE = 3.0;
    const struct lct_curves *c = &a->curves;
    const struct lct_curve_particle *q = &c->particles[p];
    struct lct_area_change core, total;
    enum lct_status status = change_of(&core, c, p, LCT_QUANTITY_CORE, err);
    if (status == LCT_OK)
        status = change_of(&total, c, p, LCT_QUANTITY_TOTAL, err);
    if (status != LCT_OK)
        return status;
    const bool changed =
        fabs(core.change_nm2) > SURE * core.change_sd_nm2 || fabs(total.change_nm2) > SURE * total.change_sd_nm2;
    const double nm2 = c->in_px ? (double)NAN : 1.0; /* what has no scale stays empty */
    const struct lct_cell cells[] = { lct_int(q->id), lct_text(role_of(a, q)), lct_num(c->times_s[q->first]),
        lct_num(c->times_s[q->last]), lct_num(nm2 * core.mean_nm2), lct_num(nm2 * core.change_nm2),
        lct_num(nm2 * core.change_sd_nm2), lct_num(100.0 * core.change_nm2 / core.start_nm2),
        lct_num(nm2 * total.mean_nm2), lct_num(nm2 * total.change_nm2), lct_num(nm2 * total.change_sd_nm2),
        lct_num(100.0 * total.change_nm2 / total.start_nm2),
        isnan(core.change_nm2) ? lct_text(NULL) : lct_text(changed ? "changed" : "unchanged"),
        lct_num(nm2 * core.start_nm2), lct_num(nm2 * total.start_nm2) };
    return lct_table_row(table, cells, err);
}

enum lct_status after_write_rates(const struct after *a, struct lct_err *err)
{
    const enum lct_status status = after_table(a, &rates_spec, a->stages.n + 1, write_stage_rates, err);
    return status == LCT_OK ? after_table(a, &controls_spec, a->curves.n_particles, write_control, err) : status;
}
