#include <lctem/rate.h>

#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>

/* Beyond this, residuals are a trend of their own and a factor cannot mend the sigma. */
static const double MAX_LAG1 = 0.95;

enum lct_status lct_rate_fit(const double *x, const double *y, size_t n, struct lct_rate *out, struct lct_err *err)
{
    struct lct_line line;
    const enum lct_status status = lct_stats_line(x, y, NULL, n, &line, err);
    if (status != LCT_OK)
        return status;
    if (line.n < 3)
        return lct_fail(err, LCT_E_NODATA, "rate: %zu points; three are needed", line.n);
    double before = (double)NAN, sum = 0.0, products = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double left = y[i] - line.intercept - line.slope * x[i];
        if (!isfinite(left))
            continue;
        sum += left * left;
        if (isfinite(before))
            products += left * before;
        before = left;
    }
    /* a fitted line makes residuals look less alike than they are: Kendall's correction */
    const double measured = sum > 0.0 ? products / sum : 0.0;
    const double lag1 = fmin(MAX_LAG1, fmax(0.0, measured + (1.0 + 4.0 * fmax(measured, 0.0)) / (double)line.n));
    *out = (struct lct_rate){ .rate = line.slope, .rate_sd = line.slope_sd * sqrt((1.0 + lag1) / (1.0 - lag1)), .lag1 = lag1,
        .n = line.n };
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
