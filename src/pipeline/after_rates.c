#include "after.h"

#include <lctem/rate.h>

#include <math.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct lct_column rate_columns[] = {
    { "stage", "", "number in stages.csv; empty: the whole movie" },
    { "label", "", "of the stage" },
    { "start_s", "s", "from" },
    { "end_s", "s", "to" },
    { "particle", "", "identity" },
    { "facet", "", "facet, where it is one's" },
    { "quantity", "", "core_area, shell_area, total_area in nm2, or height in nm" },
    { "rate_per_s", "nm2/s or nm/s", "slope of a straight line through the stage" },
    { "rate_sd_per_s", "nm2/s or nm/s",
        "its standard deviation: neighbouring frames are alike, and both ends of the stage may be off by what of a "
        "value's "
        "sigma is not common [K5]" },
    { "points", "", "frames that counted" },
    { "lag1", "", "autocorrelation of neighbouring residuals" },
    { "rate_per_dose", "nm4 or nm3", "rate over dose rate: change per electron and nm2, where the dose rate is known" },
    { "rate_sd_per_dose", "nm4 or nm3", "its standard deviation" },
};
static const struct lct_table_spec rates_spec = { "rates", "rates of each stage, particle and facet", 1, rate_columns,
    COUNT(rate_columns) };

/* A stretch of the movie; stage n is all of it. */
struct span {
    double start_s, end_s;
    bool whole;
};

static struct span span_of(const struct after *a, size_t stage)
{
    if (stage < a->stages.n)
        return (struct span){ a->stages.stages[stage].start_s, a->stages.stages[stage].end_s, false };
    return (struct span){ a->curves.times_s[0], a->curves.times_s[a->curves.n_times - 1], true };
}

/* Points of a series within a span. */
static void cut_out(const double *time_s, size_t n, struct span span, size_t *from, size_t *to)
{
    *from = 0;
    *to = n;
    while (*from < *to && time_s[*from] < span.start_s)
        (*from)++;
    while (*to > *from && time_s[*to - 1] > span.end_s)
        (*to)--;
}

struct rate_row {
    size_t stage;
    int particle, facet; /* facet < 0: none */
    const char *quantity;
    double wander; /* sigma of what differs between two instants far apart, in units of the quantity */
};

static const double WANDERS_SHARE = 0.2; /* of a variance of which the table does not say what is common [V7] */

static double rest(double sd, double common, bool known)
{
    return known ? fmax(0.0, sd * sd - common * common) : WANDERS_SHARE * sd * sd;
}

enum quantity { CORE, SHELL, TOTAL, QUANTITIES };

/* Root mean square over some frames of the part of an area's sigma that is not common to all. */
static double wander_of(const struct lct_curves *c, enum quantity quantity, size_t p, size_t from, size_t to)
{
    double sum = 0.0;
    for (size_t i = p * c->n_times + from; i < p * c->n_times + to; i++) {
        const double core = rest(c->core_sd_nm2[i], c->core_common_sd_nm2[i], c->has_common);
        const double total = rest(c->total_sd_nm2[i], c->total_common_sd_nm2[i], c->has_common);
        sum += quantity == CORE ? core : quantity == TOTAL ? total : core + total;
    }
    return to > from ? sqrt(sum / (double)(to - from)) : 0.0;
}

static double wander_of_height(const struct lct_facet_series *s, size_t from, size_t to)
{
    double sum = 0.0;
    size_t n = 0;
    for (size_t i = from; i < to; i++)
        if (isfinite(s->height_sd_nm[i])) {
            sum += rest(s->height_sd_nm[i], 0.0, false);
            n++;
        }
    return n ? sqrt(sum / (double)n) : 0.0;
}

/* Slope of a stretch whose two ends may be off, each on its own, by `wander`. */
static enum lct_status fit(const double *x, const double *y, size_t n, double wander, struct lct_rate *out)
{
    const enum lct_status status = lct_rate_fit(x, y, n, out, NULL);
    if (status == LCT_OK)
        out->rate_sd = hypot(out->rate_sd, sqrt(2.0) * wander / (x[n - 1] - x[0]));
    return status;
}

static enum lct_status write_rate(struct lct_table *table, const struct after *a, const struct rate_row *row,
    const double *x, const double *y, size_t n, struct lct_err *err)
{
    struct lct_rate rate;
    const struct span span = span_of(a, row->stage);
    if (fit(x, y, n, row->wander, &rate) != LCT_OK)
        return LCT_OK; /* not there in this stage */
    const struct lct_cell cells[] = { span.whole ? lct_text(NULL) : lct_int((long)row->stage + 1),
        lct_text(span.whole ? NULL : lct_stage_name(a->stages.stages[row->stage].label)), lct_num(span.start_s),
        lct_num(span.end_s), lct_int(row->particle), row->facet < 0 ? lct_text(NULL) : lct_int(row->facet),
        lct_text(row->quantity), lct_num(rate.rate), lct_num(rate.rate_sd), lct_int((long)rate.n), lct_num(rate.lag1),
        lct_num(rate.rate / a->dose_rate), lct_num(rate.rate_sd / a->dose_rate) };
    return lct_table_row(table, cells, err);
}

/* Frames in which a particle is there, within a span: one stretch, for lives have no holes. */
static void present(const struct lct_curves *c, size_t p, struct span span, size_t *from, size_t *to)
{
    cut_out(c->times_s, c->n_times, span, from, to);
    while (*from < *to && (long)*from < c->particles[p].first)
        (*from)++;
    while (*to > *from && (long)*to - 1 > c->particles[p].last)
        (*to)--;
}

static enum lct_status write_stage_rates(
    struct lct_table *table, const struct after *a, size_t stage, struct lct_err *err)
{
    const struct lct_curves *c = &a->curves;
    const struct span span = span_of(a, stage);
    const struct {
        const char *name;
        const double *values;
    } quantities[QUANTITIES] = { { "core_area", c->core_nm2 }, { "shell_area", c->shell_nm2 },
        { "total_area", c->total_nm2 } };
    enum lct_status status = LCT_OK;
    for (size_t p = 0; p < c->n_particles; p++) {
        size_t from, to;
        present(c, p, span, &from, &to);
        for (int k = 0; status == LCT_OK && k < QUANTITIES; k++) {
            const struct rate_row row = { stage, c->particles[p].id, -1, quantities[k].name,
                wander_of(c, (enum quantity)k, p, from, to) };
            status = write_rate(
                table, a, &row, c->times_s + from, lct_curves_row(c, quantities[k].values, p) + from, to - from, err);
        }
    }
    for (size_t i = 0; status == LCT_OK && i < a->facets.n; i++) {
        const struct lct_facet_series *s = &a->facets.series[i];
        size_t from, to;
        cut_out(s->time_s, s->n, span, &from, &to);
        const struct rate_row row = { stage, s->particle, s->facet, "height", wander_of_height(s, from, to) };
        status = write_rate(table, a, &row, s->time_s + from, s->height_nm + from, to - from, err);
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
    { "core_change_nm2", "nm2", "change over its life: slope x time" },
    { "core_change_sd_nm2", "nm2", "its standard deviation, as of a rate" },
    { "core_change_percent", "%", "change over mean" },
    { "total_area_nm2", "nm2", "mean total area" },
    { "total_change_nm2", "nm2", "change over its life" },
    { "total_change_sd_nm2", "nm2", "its standard deviation" },
    { "total_change_percent", "%", "change over mean" },
    { "verdict", "", "unchanged: core and total within 3 sigma of no change; else changed" },
};
static const struct lct_table_spec controls_spec = { "controls", "did the particles that only stood by stay the same?",
    1, control_columns, COUNT(control_columns) };

struct drift {
    double mean, change, change_sd;
};

static struct drift drift_of(const struct lct_curves *c, enum quantity quantity, size_t p)
{
    const double *values = quantity == CORE ? c->core_nm2 : c->total_nm2;
    const size_t from = (size_t)c->particles[p].first, to = (size_t)c->particles[p].last + 1;
    const double *y = lct_curves_row(c, values, p), life = c->times_s[to - 1] - c->times_s[from];
    struct lct_rate rate;
    struct drift d = { 0, (double)NAN, (double)NAN };
    for (size_t t = from; t < to; t++)
        d.mean += y[t] / (double)(to - from);
    if (fit(c->times_s + from, y + from, to - from, wander_of(c, quantity, p, from, to), &rate) == LCT_OK) {
        d.change = rate.rate * life;
        d.change_sd = rate.rate_sd * life;
    }
    return d;
}

static enum lct_status write_control(struct lct_table *table, const struct after *a, size_t p, struct lct_err *err)
{
    static const double SURE = 3.0;
    const struct lct_curves *c = &a->curves;
    const struct lct_curve_particle *q = &c->particles[p];
    const struct drift core = drift_of(c, CORE, p), total = drift_of(c, TOTAL, p);
    const char *role = q->cut            ? "cut"
        : q->has_parent || q->is_parent  ? "parted"
        : q->id == a->stages.grower      ? "grower"
        : q->id == a->stages.loser       ? "loser"
        : q->last + 1 < (long)c->n_times ? "gone"
                                         : "bystander";
    const bool changed = fabs(core.change) > SURE * core.change_sd || fabs(total.change) > SURE * total.change_sd;
    const struct lct_cell cells[] = { lct_int(q->id), lct_text(role), lct_num(c->times_s[q->first]),
        lct_num(c->times_s[q->last]), lct_num(core.mean), lct_num(core.change), lct_num(core.change_sd),
        lct_num(100.0 * core.change / core.mean), lct_num(total.mean), lct_num(total.change), lct_num(total.change_sd),
        lct_num(100.0 * total.change / total.mean),
        isnan(core.change) ? lct_text(NULL) : lct_text(changed ? "changed" : "unchanged") };
    return lct_table_row(table, cells, err);
}

enum lct_status after_write_rates(const struct after *a, struct lct_err *err)
{
    const enum lct_status status = after_table(a, &rates_spec, a->stages.n + 1, write_stage_rates, err);
    return status == LCT_OK ? after_table(a, &controls_spec, a->curves.n_particles, write_control, err) : status;
}
