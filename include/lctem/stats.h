/* stats.h -- order statistics, moments and lines through points; NaN values do not count */
#ifndef LCTEM_STATS_H
#define LCTEM_STATS_H

#include <lctem/err.h>
#include <stddef.h>

/* These put x into another order, but keep its values. NaN if no value counts. */

/** The q-quantile (0 <= q <= 1), linear between neighbours: position q (n - 1) of the sorted values. */
double lct_stats_quantile(double *x, size_t n, double q);
double lct_stats_quantile_f(float *x, size_t n, double q);

/** The 1/2-quantile: of an even number of values, the mean of the two in the middle. */
double lct_stats_median(double *x, size_t n);
double lct_stats_median_f(float *x, size_t n);

/** Inverse of the normal distribution function, by bisection: to rounding, for p from 1e-15 to 1 - 1e-15. */
double lct_stats_normal_quantile(double p);

/** What is left of a standard deviation without an independent part: sqrt(whole^2 - part^2), 0 where the part is larger. */
double lct_stats_without(double whole, double part);

/** to - from; exactly 0 where no more than rounding is between two numbers that were got in different ways. */
double lct_stats_between(double from, double to);

/** Robust standard deviation, 1.4826 x the median of |x - median|; `median` (may be NULL) gets the median.
 *  These do NOT keep the values: x holds the distances afterwards. */
double lct_stats_mad_sd(double *x, size_t n, double *median);
double lct_stats_mad_sd_f(float *x, size_t n, double *median);

/** Number, mean and unbiased variance (NaN for fewer than two values); two passes, so that an offset costs no digits. */
struct lct_moments {
    size_t n;
    double mean, variance;
};
struct lct_moments lct_stats_moments(const double *x, size_t n);
struct lct_moments lct_stats_moments_f(const float *x, size_t n);

/** A straight line y = intercept + slope x. */
struct lct_line {
    double slope, slope_sd, intercept, intercept_sd;
    double
        x_mean; /**< weighted; the two errors are independent there: sd(y(x))^2 = mean_sd^2 + slope_sd^2 (x - x_mean)^2 */
    double mean_sd;
    double chi2; /**< sum of the weighted squares that are left */
    size_t n;    /**< points that counted */
};

/** Least squares through n points, weights 1/y_sd^2. Without y_sd (NULL), weights are equal and the sigmas come from the residuals
 *  (NaN for two points); with it, they come from y_sd. Points with a NaN, or y_sd that is not > 0, do not count. [equations C1]
 *  LCT_E_NODATA: fewer than two points, or all at one x. */
LCT_MUST_CHECK enum lct_status lct_stats_line(
    const double *x, const double *y, const double *y_sd, size_t n, struct lct_line *out, struct lct_err *err);

#endif
