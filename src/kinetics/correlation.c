#include <lctem/rate.h>

#include <math.h>
#include <stdlib.h>

static const double SIGNIFICANT_P =
    0.01; /* at 1 %, random walks of 75 points come out at 0.6 %; at 5 %, they would at 10 % */
enum { MIN_PAIRS = 8 };

/* Continued fraction of the incomplete beta function (Lentz's method). */
static double beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    double h = d;
    for (int m = 1; m < 400; m++) {
        const double terms[2] = { m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)) };
        double factor = 1.0;
        for (int k = 0; k < 2; k++) {
            d = 1.0 + terms[k] * d;
            d = 1.0 / (fabs(d) < tiny ? tiny : d);
            c = 1.0 + terms[k] / c;
            c = fabs(c) < tiny ? tiny : c;
            factor = c * d;
            h *= factor;
        }
        if (fabs(factor - 1.0) < 1e-15)
            break;
    }
    return h;
}

/* Regularised incomplete beta function. */
static double beta_share(double a, double b, double x)
{
    if (x <= 0.0)
        return 0.0;
    if (x >= 1.0)
        return 1.0;
    const double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    return x < (a + 1.0) / (a + b + 2.0) ? front * beta_fraction(a, b, x) / a
                                         : 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

double lct_student_p(double t, double df)
{
    return beta_share(0.5 * df, 0.5, df / (df + t * t));
}

static double mean(const double *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (double)n;
}

static double product(const double *x, double mx, const double *y, double my, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (x[i] - mx) * (y[i] - my);
    return sum;
}

/* How many independent pairs? Lags to n/2: a trend keeps its memory, and fewer lags would not see it. */
static double effective(const double *x, double mx, const double *y, double my, size_t n)
{
    const double xx = product(x, mx, x, mx, n), yy = product(y, my, y, my, n);
    double sum = 1.0;
    for (size_t k = 1; k < n / 2; k++) {
        const double rx = product(x, mx, x + k, mx, n - k) / xx, ry = product(y, my, y + k, my, n - k) / yy;
        sum += 2.0 * (1.0 - (double)k / (double)n) * rx * ry;
    }
    return fmax(2.0, (double)n / fmax(sum, 1.0));
}

/* The pairs at a lag, and their correlation. */
struct pairs {
    const double *a, *b;
    size_t n;
    double ma, mb, r;
};

static enum lct_status take_pairs(
    struct pairs *out, const double *x, const double *y, size_t n, long lag, struct lct_err *err)
{
    const size_t shift = (size_t)labs(lag), pairs = shift < n ? n - shift : 0;
    if (pairs < MIN_PAIRS)
        return lct_fail(err, LCT_E_NODATA, "correlation: %zu pairs; %d are needed", pairs, MIN_PAIRS);
    struct pairs p = { .a = lag < 0 ? x + shift : x, .b = lag > 0 ? y + shift : y, .n = pairs };
    p.ma = mean(p.a, pairs);
    p.mb = mean(p.b, pairs);
    const double aa = product(p.a, p.ma, p.a, p.ma, pairs), bb = product(p.b, p.mb, p.b, p.mb, pairs);
    if (!(aa > 1e-24 * (1.0 + p.ma * p.ma)) || !(bb > 1e-24 * (1.0 + p.mb * p.mb)))
        return lct_fail(err, LCT_E_NODATA, "correlation: one of the two does not change");
    p.r = fmax(-1.0, fmin(1.0, product(p.a, p.ma, p.b, p.mb, pairs) / sqrt(aa * bb)));
    *out = p;
    return LCT_OK;
}

static struct lct_correlation judge(const struct pairs *p, double n_eff, long lag)
{
    const double r = p->r;
    struct lct_correlation c = {
        .r = r, .r_low = (double)NAN, .r_high = (double)NAN, .n_eff = n_eff, .p_value = 1.0, .lag = lag, .n = p->n
    };
    if (n_eff > 2.5) /* with less than half a degree of freedom there is no test */
        c.p_value = lct_student_p(r * sqrt((n_eff - 2.0) / fmax(1.0 - r * r, 1e-15)), n_eff - 2.0);
    if (n_eff > 3.0) {
        const double z = atanh(fmax(-1.0 + 1e-15, fmin(1.0 - 1e-15, r))), half = 1.959964 / sqrt(n_eff - 3.0);
        c.r_low = tanh(z - half);
        c.r_high = tanh(z + half);
    }
    c.significant = c.p_value < SIGNIFICANT_P;
    return c;
}

enum lct_status lct_correlation_at(
    const double *x, const double *y, size_t n, long lag, struct lct_correlation *out, struct lct_err *err)
{
    struct pairs p;
    const enum lct_status status = take_pairs(&p, x, y, n, lag, err);
    if (status == LCT_OK)
        *out = judge(&p, effective(p.a, p.ma, p.b, p.mb, p.n), lag);
    return status;
}

enum lct_status lct_correlation_independent(
    const double *x, const double *y, size_t n, struct lct_correlation *out, struct lct_err *err)
{
    struct pairs p;
    const enum lct_status status = take_pairs(&p, x, y, n, 0, err);
    if (status == LCT_OK)
        *out = judge(&p, (double)n, 0);
    return status;
}

enum lct_status lct_correlation_scan(
    const double *x, const double *y, size_t n, long max_lag, struct lct_correlation *out, struct lct_err *err)
{
    struct lct_correlation best;
    enum lct_status status = lct_correlation_at(x, y, n, 0, &best, err);
    if (status != LCT_OK)
        return status;
    const double spacing = (double)best.n / best.n_eff; /* samples from one independent pair to the next */
    double strongest = fabs(best.r);
    long at = 0;
    for (long lag = -max_lag; lag <= max_lag; lag++) {
        struct pairs p;
        if (lag == 0 || take_pairs(&p, x, y, n, lag, NULL) != LCT_OK || !(fabs(p.r) > strongest))
            continue;
        strongest = fabs(p.r);
        at = lag;
    }
    status = lct_correlation_at(x, y, n, at, &best, err);
    if (status != LCT_OK)
        return status;
    const double tries = 1.0 + 2.0 * (double)max_lag / spacing;
    best.p_value = -expm1(tries * log1p(-fmin(best.p_value, 1.0 - 1e-15))); /* Sidak */
    best.significant = best.p_value < SIGNIFICANT_P;
    *out = best;
    return LCT_OK;
}
