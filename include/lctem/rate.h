/* rate.h -- rates and correlations of quantities that remember their past */
#ifndef LCTEM_RATE_H
#define LCTEM_RATE_H

#include <lctem/err.h>
#include <stdbool.h>
#include <stddef.h>

/** A slope and what it is worth. */
struct lct_rate {
    double rate, rate_sd; /**< per second, or per unit of x */
    double bend,
        bend_sd; /**< slope of the later half of the points less that of the earlier; NaN: too few, or not asked for */
    double
        lag1; /**< autocorrelation of neighbouring residuals, corrected for the small sample: bends and slow errors alike */
    double x_first, x_last; /**< of the points that counted */
    size_t n;
};

/** Least-squares slope of y against x where nothing is known of the errors; points with a NaN do not count. rate_sd is that of
 *  independent residuals times sqrt((1 + r)/(1 - r)): all that is no straight line counts as error. bend stays NaN.
 *  [equation K5] LCT_E_NODATA: fewer than three points, or all at one x. */
LCT_MUST_CHECK enum lct_status lct_rate_fit(
    const double *x, const double *y, size_t n, struct lct_rate *out, struct lct_err *err);

/** An error of the values of a curve that comes and goes: its share of the variance sd[i]^2, alike at two points d apart as
 *  exp(-d / memory). */
struct lct_slow_error {
    const double *sd; /**< n, NaN or 0: none */
    double share;
    double memory; /**< in units of x, above 0; infinite: it lasts */
};

/** What is known of the errors of a curve. */
struct lct_curve_error {
    double quick_sd; /**< new at each point */
    const struct lct_slow_error *slow;
    size_t n_slow;
};

/** Sigma of sum weight[i] y[i] over n points whose x rises; exact, in one pass. [equation K5] */
double lct_rate_error_of(const double *x, const double *weight, size_t n, const struct lct_curve_error *error);

/** Least-squares slope of y against x (rising; points with a NaN do not count) with the sigma that follows from the errors of the
 *  values alone. What it estimates is the least-squares slope of the true curve over the same points, its mean rate, be it straight
 *  or not: a bend is no error, and is told apart. Statuses of lct_rate_fit, LCT_E_LIMIT. [equation K5] */
LCT_MUST_CHECK enum lct_status lct_rate_mean(const double *x, const double *y, size_t n,
    const struct lct_curve_error *error, struct lct_rate *out, struct lct_err *err);

/** Slope at each x from a line over the points within +-width/2: the local rate; NaN where fewer than three are there. */
void lct_rate_local(const double *x, const double *y, size_t n, double width, double *rate);

/** A correlation and what it is worth. */
struct lct_correlation {
    double r, r_low, r_high; /**< 95 % interval (Fisher's z with n_eff); NaN if n_eff is 3 or less */
    double n_eff;            /**< independent pairs that the n are worth */
    double p_value;          /**< two-sided, Student's t with n_eff - 2 degrees of freedom; 1 if there are none */
    bool significant;        /**< p_value below 0.01 */
    long lag;                /**< of y behind x, in samples: y[i + lag] goes with x[i] */
    size_t n;
};

/** Correlation of x[i] and y[i + lag] with 1/n_eff = 1/n + 2/n sum (1 - k/n) r_xx(k) r_yy(k) over k up to n/2 [equation K6]: the
 *  measured autocorrelation of both decides how many of the n pairs are independent. On pairs of random walks, 1 % are called
 *  significant; see the tests. LCT_E_NODATA: fewer than 8 pairs, or one of them does not change. */
LCT_MUST_CHECK enum lct_status lct_correlation_at(
    const double *x, const double *y, size_t n, long lag, struct lct_correlation *out, struct lct_err *err);

/** Correlation of n pairs that do not follow one another in time: each counts (n_eff is n). Statuses as above. */
LCT_MUST_CHECK enum lct_status lct_correlation_independent(
    const double *x, const double *y, size_t n, struct lct_correlation *out, struct lct_err *err);

/** The strongest (largest |r|) over lags -max_lag .. max_lag, its p-value corrected for the number of independent lags tried.
 *  Statuses as above. */
LCT_MUST_CHECK enum lct_status lct_correlation_scan(
    const double *x, const double *y, size_t n, long max_lag, struct lct_correlation *out, struct lct_err *err);

/** Two-sided p-value of Student's t with `df` > 0 degrees of freedom (not necessarily whole). */
double lct_student_p(double t, double df);

#endif
