#include <lctem/rate.h>

#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Beyond this, residuals are a trend of their own and a factor cannot mend the sigma. */
static const double MAX_LAG1 = 0.95;

static bool counts(const double *x, const double *y, size_t i)
{
    return isfinite(x[i]) && isfinite(y[i]);
}

/* The slope, what is left about it, and where it is from. */
static enum lct_status fit_line(
    const double *x, const double *y, size_t n, struct lct_line *line, struct lct_rate *out, struct lct_err *err)
{
    const enum lct_status status = lct_stats_line(x, y, NULL, n, line, err);
    if (status != LCT_OK)
        return status;
    if (line->n < 3)
        return lct_fail(err, LCT_E_NODATA, "rate: %zu points; three are needed", line->n);
    double before = (double)NAN, sum = 0.0, products = 0.0, first = (double)NAN, last = (double)NAN;
    for (size_t i = 0; i < n; i++) {
        if (!counts(x, y, i))
            continue;
        const double left = y[i] - line->intercept - line->slope * x[i];
        sum += left * left;
        if (isfinite(before))
            products += left * before;
        before = left;
        first = isnan(first) ? x[i] : first;
        last = x[i];
    }
    /* a fitted line makes residuals look less alike than they are: Kendall's correction */
    const double measured = sum > 0.0 ? products / sum : 0.0;
    *out = (struct lct_rate){ .rate = line->slope,
        .bend = (double)NAN,
        .bend_sd = (double)NAN,
        .lag1 = fmin(MAX_LAG1, fmax(0.0, measured + (1.0 + 4.0 * fmax(measured, 0.0)) / (double)line->n)),
        .x_first = first,
        .x_last = last,
        .n = line->n };
    return LCT_OK;
}

enum lct_status lct_rate_fit(const double *x, const double *y, size_t n, struct lct_rate *out, struct lct_err *err)
{
    struct lct_line line;
    struct lct_rate rate;
    const enum lct_status status = fit_line(x, y, n, &line, &rate, err);
    if (status != LCT_OK)
        return status;
    rate.rate_sd = line.slope_sd * sqrt((1.0 + rate.lag1) / (1.0 - rate.lag1));
    *out = rate;
    return LCT_OK;
}

/* Variance through one slow error: each point with all before it, whose part fades as x goes on. */
static double slow_variance(const double *x, const double *weight, size_t n, const struct lct_slow_error *slow)
{
    double sum = 0.0, before = 0.0, at = (double)NAN;
    for (size_t i = 0; i < n; i++) {
        if (weight[i] == 0.0 || !(slow->sd[i] > 0.0))
            continue;
        const double own = weight[i] * slow->sd[i];
        before *= isnan(at) ? 0.0 : exp((at - x[i]) / slow->memory);
        sum += own * own + 2.0 * own * before;
        before += own;
        at = x[i];
    }
    return slow->share * fmax(0.0, sum);
}

double lct_rate_error_of(const double *x, const double *weight, size_t n, const struct lct_curve_error *error)
{
    double squares = 0.0;
    for (size_t i = 0; i < n; i++)
        squares += weight[i] * weight[i];
    double variance = error->quick_sd * error->quick_sd * squares;
    for (size_t k = 0; k < error->n_slow; k++)
        variance += slow_variance(x, weight, n, &error->slow[k]);
    return sqrt(variance);
}

/* Add `sign` times the weights that make the slope of the points from .. to out of their values. False: no slope. */
static bool add_slope(double *weight, const double *x, const double *y, size_t from, size_t to, double sign)
{
    double mean = 0.0, sxx = 0.0;
    size_t used = 0;
    for (size_t i = from; i < to; i++)
        if (counts(x, y, i))
            mean += (x[i] - mean) / (double)++used;
    for (size_t i = from; i < to; i++)
        sxx += counts(x, y, i) ? (x[i] - mean) * (x[i] - mean) : 0.0;
    for (size_t i = from; i < to && sxx > 0.0; i++)
        if (counts(x, y, i))
            weight[i] += sign * (x[i] - mean) / sxx;
    return used >= 3 && sxx > 0.0;
}

static double weighted(const double *weight, const double *y, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += weight[i] != 0.0 ? weight[i] * y[i] : 0.0;
    return sum;
}

enum lct_status lct_rate_mean(const double *x, const double *y, size_t n, const struct lct_curve_error *error,
    struct lct_rate *out, struct lct_err *err)
{
    struct lct_line line;
    struct lct_rate rate;
    const enum lct_status status = fit_line(x, y, n, &line, &rate, err);
    if (status != LCT_OK)
        return status;
    double *weight = calloc(n, sizeof *weight);
    if (!weight)
        return lct_fail(err, LCT_E_LIMIT, "rate: no memory for %zu points", n);
    if (add_slope(weight, x, y, 0, n, 1.0))
        rate.rate_sd = lct_rate_error_of(x, weight, n, error);
    memset(weight, 0, n * sizeof *weight);
    if (add_slope(weight, x, y, n / 2, n, 1.0) && add_slope(weight, x, y, 0, n / 2, -1.0)) {
        rate.bend = weighted(weight, y, n);
        rate.bend_sd = lct_rate_error_of(x, weight, n, error);
    }
    free(weight);
    *out = rate;
    return LCT_OK;
}

void lct_rate_local(const double *x, const double *y, size_t n, double width, double *rate)
{
    size_t from = 0, to = 0;
    const double half = 0.5 * width * (1.0 + 1e-9);
    for (size_t i = 0; i < n; i++) {
        while (from < n && x[from] < x[i] - half)
            from++;
        while (to < n && x[to] <= x[i] + half)
            to++;
        struct lct_line line;
        const bool ok = to - from >= 3 && lct_stats_line(x + from, y + from, NULL, to - from, &line, NULL) == LCT_OK;
        rate[i] = ok && line.n >= 3 ? line.slope : (double)NAN;
    }
}
