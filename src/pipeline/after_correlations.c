#include "after.h"

#include <lctem/rate.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { MAX_PARTICLES = 8 }; /* pairs of more would be a list nobody reads */
static const double MAX_LAG_S = 5.0;
static const double RATE_FRAC = 0.04; /* of the movie: stretch over which a local rate is taken */
enum { RATE_FRAMES = 5 };

static const struct lct_column columns[] = {
    { "stage", "", "number in stages.csv; empty: the whole movie" },
    { "label", "", "of the stage" },
    { "start_s", "s", "from" },
    { "end_s", "s", "to" },
    { "kind", "",
        "level: the areas themselves; rate: their local rates, so that a common trend does not count; exposure_rate: "
        "exposed share of a particle's facets against its core's rate; exposure_facets: over the stage, mean exposed "
        "share of each facet against how fast its height changes, one pair for each facet" },
    { "a", "", "first quantity" },
    { "b", "", "second quantity" },
    { "at", "", "zero: no lag; strongest: the lag of largest |r|" },
    { "lag_s", "s", "b behind a" },
    { "r", "", "correlation" },
    { "r_low", "", "95 % interval with n_eff" },
    { "r_high", "", "95 % interval with n_eff" },
    { "n", "", "pairs" },
    { "n_eff", "",
        "independent pairs they are worth, from the autocorrelation of both; facets are independent of each other" },
    { "p_value", "", "two-sided, with n_eff; at the strongest lag corrected for the lags tried" },
    { "significant", "", "yes: p below 0.01" },
};
static const struct lct_table_spec spec = { "correlations", "who moves with whom, and what that is worth", 1, columns,
    COUNT(columns) };

/* Two series on one time base. */
struct pair {
    size_t stage;
    const char *kind;
    char a[32], b[32];
    const double *time_s;
    const double *x, *y;
    size_t n;
};

static enum lct_status write_row(struct lct_table *table, const struct after *a, const struct pair *pair,
    const struct lct_correlation *c, const char *at, double lag_s, struct lct_err *err)
{
    const bool whole = pair->stage >= a->stages.n;
    const double start_s = whole ? a->curves.times_s[0] : a->stages.stages[pair->stage].start_s;
    const double end_s = whole ? a->curves.times_s[a->curves.n_times - 1] : a->stages.stages[pair->stage].end_s;
    const struct lct_cell cells[] = { whole ? lct_text(NULL) : lct_int((long)pair->stage + 1),
        lct_text(whole ? NULL : lct_stage_name(a->stages.stages[pair->stage].label)), lct_num(start_s), lct_num(end_s),
        lct_text(pair->kind), lct_text(pair->a), lct_text(pair->b), lct_text(at), lct_num(lag_s), lct_num(c->r),
        lct_num(c->r_low), lct_num(c->r_high), lct_int((long)c->n), lct_num(c->n_eff), lct_num(c->p_value),
        lct_text(c->significant ? "yes" : "no") };
    return lct_table_row(table, cells, err);
}

static enum lct_status write_one(
    struct lct_table *table, const struct after *a, const struct pair *pair, bool scan, struct lct_err *err)
{
    const double step_s = (pair->time_s[pair->n - 1] - pair->time_s[0]) / (double)(pair->n - 1);
    const long longest = (long)(pair->n / 4), wanted = (long)(MAX_LAG_S / step_s);
    struct lct_correlation c;
    const enum lct_status status = scan
        ? lct_correlation_scan(pair->x, pair->y, pair->n, wanted < longest ? wanted : longest, &c, NULL)
        : lct_correlation_at(pair->x, pair->y, pair->n, 0, &c, NULL);
    if (status != LCT_OK)
        return LCT_OK; /* one of them does not change here */
    return write_row(table, a, pair, &c, scan ? "strongest" : "zero", (double)c.lag * step_s, err);
}

/* Means over `per` samples each; returns their number. */
static size_t thin(const double *from, size_t n, size_t per, double *to)
{
    size_t k = 0;
    for (size_t i = 0; i + per <= n; i += per, k++) {
        to[k] = 0.0;
        for (size_t m = 0; m < per; m++)
            to[k] += from[i + m] / (double)per;
    }
    return k;
}

enum { FEWEST = 8, MOST = 1000 }; /* more points than that are alike, and cost their square */

static size_t per_point(size_t n)
{
    return (n + MOST - 1) / MOST;
}

static enum lct_status write_pair(
    struct lct_table *table, const struct after *a, const struct pair *pair, struct lct_err *err)
{
    if (pair->n < FEWEST)
        return LCT_OK;
    const size_t per = per_point(pair->n);
    double *room = malloc(3 * MOST * sizeof *room);
    if (!room)
        return lct_fail(err, LCT_E_LIMIT, "correlations: no memory");
    struct pair thinned = *pair;
    thinned.n = thin(pair->time_s, pair->n, per, room);
    thin(pair->x, pair->n, per, room + MOST);
    thin(pair->y, pair->n, per, room + 2 * MOST);
    thinned.time_s = room;
    thinned.x = room + MOST;
    thinned.y = room + 2 * MOST;
    enum lct_status status = write_one(table, a, &thinned, false, err);
    if (status == LCT_OK)
        status = write_one(table, a, &thinned, true, err);
    free(room);
    return status;
}

/* Room for exposures and rates within a stage. */
struct scratch {
    double *share, *rate, *time_s;
};

/* Local rates of n values at `at_s`, MOST at most; returns how many. Where there are more values, of means over some of them: a window
 * holds 40 of those, and its slope is that of the values themselves, but a long movie costs no more than a short one. */
static size_t local_rates(
    const struct lct_curves *c, const double *time_s, const double *y, size_t n, double *at_s, double *rate)
{
    const double span = c->times_s[c->n_times - 1] - c->times_s[0];
    const double width = fmax(RATE_FRAC * span, RATE_FRAMES * span / (double)c->n_times);
    double means[MOST];
    const size_t points = thin(time_s, n, per_point(n), at_s);
    thin(y, n, per_point(n), means);
    lct_rate_local(at_s, means, points, width, rate);
    return points;
}

/* First and last frame of a stage in which both particles are there. */
static void overlap(const struct after *a, size_t stage, size_t p, size_t q, size_t *from, size_t *to)
{
    const struct lct_curves *c = &a->curves;
    const bool whole = stage >= a->stages.n;
    const long first = c->particles[p].first > c->particles[q].first ? c->particles[p].first : c->particles[q].first;
    const long last = c->particles[p].last < c->particles[q].last ? c->particles[p].last : c->particles[q].last;
    *from = (size_t)first;
    *to = last < first ? *from : (size_t)last + 1;
    while (!whole && *from < *to && c->times_s[*from] < a->stages.stages[stage].start_s)
        (*from)++;
    while (!whole && *to > *from && c->times_s[*to - 1] > a->stages.stages[stage].end_s)
        (*to)--;
}

static enum lct_status write_cores(
    struct lct_table *table, const struct after *a, size_t stage, size_t p, size_t q, struct lct_err *err)
{
    const struct lct_curves *c = &a->curves;
    size_t from, to;
    overlap(a, stage, p, q, &from, &to);
    struct pair pair = { .stage = stage,
        .kind = "level",
        .time_s = c->times_s + from,
        .n = to - from,
        .x = lct_curves_row(c, c->core_nm2, p) + from,
        .y = lct_curves_row(c, c->core_nm2, q) + from };
    snprintf(pair.a, sizeof pair.a, "core %d", c->particles[p].id);
    snprintf(pair.b, sizeof pair.b, "core %d", c->particles[q].id);
    enum lct_status status = write_pair(table, a, &pair, err);
    if (status != LCT_OK || pair.n < 3)
        return status;
    double at_s[MOST], one[MOST], other[MOST];
    size_t first = 0, last = local_rates(c, pair.time_s, pair.x, pair.n, at_s, one);
    local_rates(c, pair.time_s, pair.y, pair.n, at_s, other);
    while (first < last && (isnan(one[first]) || isnan(other[first])))
        first++;
    while (last > first && (isnan(one[last - 1]) || isnan(other[last - 1])))
        last--;
    pair.kind = "rate";
    pair.time_s = at_s + first;
    pair.x = one + first;
    pair.y = other + first;
    pair.n = last - first;
    return write_pair(table, a, &pair, err);
}

/* Mean exposed share of a particle's facets at one time; NaN: not measured. */
static double exposure(const struct after *a, int particle, double time_s)
{
    double sum = 0.0;
    size_t n = 0;
    for (size_t i = 0; i < a->facets.n; i++) {
        const struct lct_facet_series *s = &a->facets.series[i];
        size_t low = 0, high = s->n;
        if (s->particle != particle)
            continue;
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (s->time_s[middle] < time_s)
                low = middle + 1;
            else
                high = middle;
        }
        if (low < s->n && s->time_s[low] == time_s && isfinite(s->exposed_frac[low])) {
            sum += s->exposed_frac[low];
            n++;
        }
    }
    return n ? sum / (double)n : (double)NAN;
}

static enum lct_status write_exposure(struct lct_table *table, const struct after *a, size_t stage, size_t p,
    const struct scratch *s, struct lct_err *err)
{
    const struct lct_curves *c = &a->curves;
    size_t from, to, n = 0;
    overlap(a, stage, p, p, &from, &to);
    if (to - from < 3)
        return LCT_OK;
    double at_s[MOST], rates[MOST];
    const size_t per = per_point(to - from),
                 points = local_rates(
                     c, c->times_s + from, lct_curves_row(c, c->core_nm2, p) + from, to - from, at_s, rates);
    for (size_t t = from; t < to && (t - from) / per < points; t++) {
        const double share = exposure(a, c->particles[p].id, c->times_s[t]), rate = rates[(t - from) / per];
        if (isnan(share) || isnan(rate))
            continue;
        s->share[n] = share;
        s->rate[n] = rate;
        s->time_s[n++] = c->times_s[t];
    }
    struct pair pair = {
        .stage = stage, .kind = "exposure_rate", .time_s = s->time_s, .x = s->share, .y = s->rate, .n = n
    };
    snprintf(pair.a, sizeof pair.a, "exposure %d", c->particles[p].id);
    snprintf(pair.b, sizeof pair.b, "core rate %d", c->particles[p].id);
    return write_pair(table, a, &pair, err);
}

/* Do the facets that lie bare move faster? One pair for each facet of all particles that count. */
static enum lct_status write_facets(struct lct_table *table, const struct after *a, size_t stage, struct lct_err *err)
{
    enum { FEWEST_POINTS = 8 };
    const bool whole = stage >= a->stages.n;
    const double start_s = whole ? -HUGE_VAL : a->stages.stages[stage].start_s;
    const double end_s = whole ? HUGE_VAL : a->stages.stages[stage].end_s;
    double *x = calloc(2 * a->facets.n + 1, sizeof *x), *y = x + a->facets.n;
    if (!x)
        return lct_fail(err, LCT_E_LIMIT, "correlations: no memory");
    struct pair pair = {
        .stage = stage, .kind = "exposure_facets", .a = "exposure of facets", .b = "speed of facets", .x = x, .y = y
    };
    for (size_t i = 0; i < a->facets.n; i++) {
        const struct lct_facet_series *s = &a->facets.series[i];
        size_t from = 0, to = s->n, n = 0;
        struct lct_rate rate;
        double sum = 0.0;
        while (from < to && s->time_s[from] < start_s)
            from++;
        while (to > from && s->time_s[to - 1] > end_s)
            to--;
        for (size_t k = from; k < to; k++)
            if (isfinite(s->exposed_frac[k])) {
                sum += s->exposed_frac[k];
                n++;
            }
        if (n < FEWEST_POINTS || lct_rate_fit(s->time_s + from, s->height_nm + from, to - from, &rate, NULL) != LCT_OK)
            continue;
        x[pair.n] = sum / (double)n;
        y[pair.n++] = fabs(rate.rate);
    }
    struct lct_correlation c;
    enum lct_status status = LCT_OK;
    if (lct_correlation_independent(x, y, pair.n, &c, NULL) == LCT_OK)
        status = write_row(table, a, &pair, &c, "zero", 0.0, err);
    free(x);
    return status;
}

static enum lct_status write_stage(struct lct_table *table, const struct after *a, size_t stage, struct lct_err *err)
{
    const struct lct_curves *c = &a->curves;
    const struct scratch s = { calloc(c->n_times, sizeof(double)), calloc(c->n_times, sizeof(double)),
        calloc(c->n_times, sizeof(double)) };
    size_t list[MAX_PARTICLES], n = 0;
    for (size_t p = 0; p < c->n_particles && n < MAX_PARTICLES; p++)
        if (!c->particles[p].cut)
            list[n++] = p;
    enum lct_status status =
        s.share && s.rate && s.time_s ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "correlations: no memory");
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; status == LCT_OK && k < n; k++)
            status = write_cores(table, a, stage, list[i], list[k], err);
    for (size_t i = 0; status == LCT_OK && i < n && a->facets.n; i++)
        status = write_exposure(table, a, stage, list[i], &s, err);
    if (status == LCT_OK && a->facets.n)
        status = write_facets(table, a, stage, err);
    free(s.share);
    free(s.rate);
    free(s.time_s);
    return status;
}

enum lct_status after_write_correlations(const struct after *a, struct lct_err *err)
{
    return after_table(a, &spec, a->stages.n + 1, write_stage, err);
}
