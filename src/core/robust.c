#include <lctem/robust.h>

#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>

static const double BISQUARE = 4.685; /* 95 % efficient on Gaussian noise */
static const double ROUNDING = 1e-14; /* of the largest of a column: what elimination leaves of nothing */
static const double MAD_SD = 1.4826, SMALLEST_SCALE = 0.05;

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double lct_robust_mode(double *values, size_t n)
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

bool lct_linear_solve(double *a, double *b, int m)
{
    if (m > LCT_LINEAR_MOST)
        return false;
    double least[LCT_LINEAR_MOST] = { 0 }; /* a pivot below this is rounding */
    for (int i = 0; i < m; i++)
        for (int k = 0; k < m; k++)
            least[k] = fmax(least[k], ROUNDING * fabs(a[i * m + k]));
    for (int k = 0; k < m; k++) {
        int pivot = k;
        for (int i = k + 1; i < m; i++)
            if (fabs(a[i * m + k]) > fabs(a[pivot * m + k]))
                pivot = i;
        if (!(fabs(a[pivot * m + k]) > least[k]))
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

/* Weighted straight line at x = 0; `share` gets how much each point counts in it. */
static double line_at_zero(const double *x, const double *y, const double *w, size_t n, double *share)
{
    double s = 0.0, sx = 0.0, sxx = 0.0, value = 0.0;
    for (size_t i = 0; i < n; i++) {
        s += w[i];
        sx += w[i] * x[i];
        sxx += w[i] * x[i] * x[i];
    }
    const double det = s * sxx - sx * sx;
    const bool level = !(det > 1e-9 * s * sxx);
    for (size_t i = 0; i < n; i++) {
        share[i] = level ? w[i] / s : w[i] * (sxx - sx * x[i]) / det;
        value += share[i] * y[i];
    }
    return value;
}

/* Slope that goes with it. */
static double slope_of(const double *x, const double *y, const double *w, size_t n, double at_zero)
{
    double sxy = 0.0, sxx = 0.0;
    for (size_t i = 0; i < n; i++) {
        sxy += w[i] * x[i] * (y[i] - at_zero);
        sxx += w[i] * x[i] * x[i];
    }
    return sxx > 0.0 ? sxy / sxx : 0.0;
}

double lct_robust_line_at(const struct lct_robust_points *p, double width, double *share)
{
    enum { ROUNDS = 8, ABSOLUTE_ROUNDS = 4 };
    double w[LCT_ROBUST_POINTS], off[LCT_ROBUST_POINTS], value = (double)NAN, scale = 1.0;
    const size_t n = p->n < LCT_ROBUST_POINTS ? p->n : LCT_ROBUST_POINTS;
    for (size_t i = 0; i < n; i++)
        off[i] = 0.0;
    for (int round = 0; round <= ROUNDS && n > 0; round++) {
        for (size_t i = 0; i < n; i++) {
            const double u = fmin(1.0, fabs(p->x[i]) / width), kernel = 1.0 - u * u * u, r = fabs(off[i]) / p->sd[i];
            const double b = fmax(0.0, 1.0 - r * r / (BISQUARE * BISQUARE * scale * scale));
            w[i] = (kernel * kernel * kernel + 1e-6) / (p->sd[i] * p->sd[i]);
            w[i] *= round == 0 ? 1.0 : round <= ABSOLUTE_ROUNDS ? 1.0 / fmax(r, 0.1) : b * b + 1e-9;
        }
        value = line_at_zero(p->x, p->y, w, n, share);
        const double slope = slope_of(p->x, p->y, w, n, value);
        double size[LCT_ROBUST_POINTS];
        for (size_t i = 0; i < n; i++) {
            off[i] = p->y[i] - value - slope * p->x[i];
            size[i] = fabs(off[i]) / p->sd[i];
        }
        scale = fmax(MAD_SD * lct_stats_median(size, n), SMALLEST_SCALE);
    }
    return value;
}
