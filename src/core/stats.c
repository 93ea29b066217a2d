#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>

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

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double lct_stats_mode(double *values, size_t n)
{
    qsort(values, n, sizeof *values, ascending);
    size_t from = 0;
    while (n > 3) {
        const size_t half = (n + 1) / 2;
        size_t best = from;
        for (size_t i = from; i + half <= from + n; i++)
            if (values[i + half - 1] - values[i] < values[best + half - 1] - values[best])
                best = i;
        from = best;
        n = half;
    }
    if (n == 3)
        return values[from + 1] - values[from] < values[from + 2] - values[from + 1]
                   ? 0.5 * (values[from] + values[from + 1])
                   : 0.5 * (values[from + 1] + values[from + 2]);
    return n == 2 ? 0.5 * (values[from] + values[from + 1]) : values[from];
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
    *out = (struct lct_line){ .slope = slope, .slope_sd = sqrt(variance / sxx), .intercept = my - slope * mx,
        .intercept_sd = sqrt(variance * (1.0 / sum_w + mx * mx / sxx)), .x_mean = mx, .mean_sd = sqrt(variance / sum_w),
        .chi2 = chi2, .n = used };
    return LCT_OK;
}

bool lct_stats_solve(double *a, double *b, int m)
{
    for (int k = 0; k < m; k++) {
        int pivot = k;
        for (int i = k + 1; i < m; i++)
            if (fabs(a[i * m + k]) > fabs(a[pivot * m + k]))
                pivot = i;
        if (!(fabs(a[pivot * m + k]) > 1e-300))
            return false;
        for (int j = 0; j < m; j++) {
            const double t = a[k * m + j];
            a[k * m + j] = a[pivot * m + j];
            a[pivot * m + j] = t;
        }
        const double t = b[k];
        b[k] = b[pivot];
        b[pivot] = t;
        for (int i = k + 1; i < m; i++) {
            const double f = a[i * m + k] / a[k * m + k];
            for (int j = k; j < m; j++)
                a[i * m + j] -= f * a[k * m + j];
            b[i] -= f * b[k];
        }
    }
    for (int k = m - 1; k >= 0; k--) {
        for (int j = k + 1; j < m; j++)
            b[k] -= a[k * m + j] * b[j];
        b[k] /= a[k * m + k];
    }
    return true;
}
