#include <lctem/stats.h>

#include <float.h>
#include <math.h>
#include <stdbool.h>

/* 1 / (quantile function of the normal distribution at 3/4) */
#define MAD_TO_SD 1.4826022185056018

#define T double
#define NAME(name) name
#include "stats_order.h"
#undef T
#undef NAME

#define T float
#define NAME(name) name##_f
#include "stats_order.h"
#undef T
#undef NAME

double lct_stats_without(double whole, double part)
{
    return whole > part ? sqrt(whole * whole - part * part) : 0.0;
}

double lct_stats_between(double from, double to)
{
    const double rounding = 8.0 * DBL_EPSILON * fmax(fabs(from), fabs(to));
    return fabs(to - from) <= rounding ? 0.0 : to - from;
}

double lct_stats_normal_quantile(double p)
{
    double lo = -8.0, hi = 8.0;
    for (int i = 0; i < 60; i++) {
        const double mid = 0.5 * (lo + hi);
        if (0.5 * erfc(-mid / sqrt(2.0)) < p)
            lo = mid;
        else
            hi = mid;
    }
    return 0.5 * (lo + hi);
}

/* Weight of a point, 0: it does not count. */
static double weight(const double *x, const double *y, const double *y_sd, size_t i)
{
    if (!isfinite(x[i]) || !isfinite(y[i]) || (y_sd && !(y_sd[i] > 0.0 && isfinite(y_sd[i]))))
        return 0.0;
    return y_sd ? 1.0 / (y_sd[i] * y_sd[i]) : 1.0;
}

enum lct_status lct_stats_line(
    const double *x, const double *y, const double *y_sd, size_t n, struct lct_line *out, struct lct_err *err)
{
    double sum_w = 0, sum_x = 0, sum_y = 0;
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        const double w = weight(x, y, y_sd, i);
        sum_w += w;
        sum_x += w > 0.0 ? w * x[i] : 0.0;
        sum_y += w > 0.0 ? w * y[i] : 0.0;
        used += w > 0.0;
    }
    if (used < 2)
        return lct_fail(err, LCT_E_NODATA, "line: %zu points", used);
    const double mx = sum_x / sum_w, my = sum_y / sum_w;
    double sxx = 0, sxy = 0, chi2 = 0;
    for (size_t i = 0; i < n; i++) {
        const double w = weight(x, y, y_sd, i);
        if (w > 0.0) {
            sxx += w * (x[i] - mx) * (x[i] - mx);
            sxy += w * (x[i] - mx) * (y[i] - my);
        }
    }
    if (!(sxx > 0.0))
        return lct_fail(err, LCT_E_NODATA, "line: all %zu points are at one x", used);
    const double slope = sxy / sxx;
    for (size_t i = 0; i < n; i++) {
        const double w = weight(x, y, y_sd, i);
        const double left = w > 0.0 ? y[i] - my - slope * (x[i] - mx) : 0.0;
        chi2 += w * left * left;
    }
    const double variance = y_sd ? 1.0 : used > 2 ? chi2 / (double)(used - 2) : (double)NAN;
    *out = (struct lct_line){ .slope = slope,
        .slope_sd = sqrt(variance / sxx),
        .intercept = my - slope * mx,
        .intercept_sd = sqrt(variance * (1.0 / sum_w + mx * mx / sxx)),
        .x_mean = mx,
        .mean_sd = sqrt(variance / sum_w),
        .chi2 = chi2,
        .n = used };
    return LCT_OK;
}
