#include <lctem/crack_stats.h>

#include <lctem/change_point.h>
#include <lctem/rate.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>

static const double SURE = 4.0;        /* sigmas that a rise must be clear of nothing */
static const double SLOW_SHARE = 0.25; /* of the speed behind the onset: so slow it may rise before */
enum { LEAST_POINTS = 12 };

/* Points of a series that count. */
static size_t take_points(const struct lct_facet_series *s, double *time_s, double *height_nm)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        if (isfinite(s->height_nm[i]) && isfinite(s->time_s[i]) && (n == 0 || s->time_s[i] > time_s[n - 1])) {
            time_s[n] = s->time_s[i];
            height_nm[n++] = s->height_nm[i];
        }
    return n;
}

/* Scatter from frame to frame; steps, slopes and lasting errors do not count. */
static double scatter(const double *y, size_t n, double *scratch)
{
    for (size_t i = 0; i + 2 < n; i++)
        scratch[i] = (y[i + 1] - 0.5 * (y[i] + y[i + 2])) / sqrt(1.5);
    return lct_stats_mad_sd(scratch, n - 2, NULL);
}

/* Slope between two instants. */
static bool rise(const double *t, const double *y, size_t n, double from_s, double to_s, struct lct_rate *rate)
{
    size_t a = 0, b = n;
    while (a < n && t[a] < from_s)
        a++;
    while (b > a && t[b - 1] > to_s)
        b--;
    return lct_rate_fit(t + a, y + a, b - a, rate, NULL) == LCT_OK;
}

static bool is_onset(const double *t, const double *y, size_t n, const struct lct_change *c, size_t n_changes, size_t i,
    double least_nm, struct lct_rate *after)
{
    const double start = i > 0 ? c[i - 1].time_s : t[0], end = i + 1 < n_changes ? c[i + 1].time_s : t[n - 1];
    struct lct_rate before;
    if (!rise(t, y, n, c[i].time_s, end, after) || !rise(t, y, n, start, c[i].time_s, &before))
        return false;
    return after->rate > SURE * after->rate_sd && after->rate * (end - c[i].time_s) > least_nm &&
           before.rate < SLOW_SHARE * after->rate;
}

enum lct_status lct_onset_find(
    struct lct_onset *out, const struct lct_facet_series *series, double least_nm, struct lct_err *err)
{
    struct lct_onset onset = { .particle = series->particle, .facet = series->facet, .time_s = (double)NAN,
        .time_sd_s = (double)NAN, .speed_nm_per_s = (double)NAN, .speed_sd_nm_per_s = (double)NAN, .crack_s = (double)NAN };
    double *lines = malloc((3 * series->n + 1) * sizeof *lines);
    if (!lines)
        return lct_fail(err, LCT_E_LIMIT, "onset: no memory for %zu points", series->n);
    double *t = lines, *y = lines + series->n;
    const size_t n = take_points(series, t, y);
    const double sd = n >= LEAST_POINTS ? scatter(y, n, lines + 2 * series->n) : 0.0;
    const double *const rows[] = { y };
    const struct lct_curve_bundle bundle = { .n_times = n, .n_curves = 1, .times_s = t, .values = rows, .sd = &sd };
    const struct lct_change_params params = lct_change_defaults();
    struct lct_change *changes = NULL;
    size_t n_changes = 0;
    enum lct_status status = LCT_OK;
    if (n >= LEAST_POINTS)
        status = lct_change_find(&changes, &n_changes, &bundle, &params, err);
    for (size_t i = 0; status == LCT_OK && i < n_changes && isnan(onset.time_s); i++) {
        struct lct_rate after;
        if (!is_onset(t, y, n, changes, n_changes, i, least_nm, &after))
            continue;
        onset.time_s = changes[i].time_s;
        onset.time_sd_s = changes[i].sd_s;
        onset.speed_nm_per_s = after.rate;
        onset.speed_sd_nm_per_s = after.rate_sd;
    }
    free(changes);
    free(lines);
    if (status == LCT_OK || status == LCT_E_NODATA)
        *out = onset;
    return status == LCT_E_NODATA ? LCT_OK : status;
}

void lct_onsets_match(struct lct_onset *onsets, size_t n, const struct lct_crack_record *cracks, size_t n_cracks)
{
    for (size_t i = 0; i < n; i++) {
        struct lct_onset *o = &onsets[i];
        o->crack_s = (double)NAN;
        for (size_t k = 0; isfinite(o->time_s) && k < n_cracks; k++) {
            const struct lct_crack_record *c = &cracks[k];
            if (c->particle == o->particle && c->facet == o->facet && c->opened_known &&
                c->opened_s < o->time_s + 2.0 * o->time_sd_s && !(c->opened_s < o->crack_s))
                o->crack_s = c->opened_s;
        }
    }
}
