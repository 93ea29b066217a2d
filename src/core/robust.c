#include <lctem/robust.h>

#include <math.h>
#include <stdlib.h>

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
