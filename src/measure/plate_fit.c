#include "plate_fit.h"

#include <math.h>
#include <string.h>

enum { ROUNDS = 80 };
static const double STEEP = 1e-3; /* first damping */
static const double LEAST_BLUR = 0.2;

static double step(double t)
{
    return 0.5 * erfc(-t / sqrt(2.0));
}

static double bell(double t)
{
    return exp(-0.5 * t * t) / sqrt(2.0 * M_PI);
}

/* Value at t and derivatives by the parameters. */
static double model(const double *p, int n_terms, double t, double *d)
{
    const double s = p[PLATE_BLUR];
    double y = p[PLATE_LEVEL] + p[PLATE_SLOPE] * t;
    memset(d, 0, CORE_TERMS * sizeof *d);
    d[PLATE_LEVEL] = 1.0;
    d[PLATE_SLOPE] = t;
    for (int k = PLATE_DEPTH; k < n_terms; k += CORE_DEPTH - PLATE_DEPTH) {
        const double depth = p[k], a = (t - p[k + 1]) / s, b = (t - p[k + 2]) / s;
        y -= depth * (step(a) - step(b));
        d[k] = -(step(a) - step(b));
        d[k + 1] = depth * bell(a) / s;
        d[k + 2] = -depth * bell(b) / s;
        d[PLATE_BLUR] += depth * (a * bell(a) - b * bell(b)) / s;
    }
    return y;
}

double plate_fit_value(const struct plate_fit *fit, double t)
{
    double d[CORE_TERMS];
    return model(fit->p, fit->n_terms, t, d);
}

/* Inverse of a symmetric positive matrix of n rows by Gauss and Jordan, scaled; false: singular. */
static bool invert(double m[CORE_TERMS][CORE_TERMS], int n)
{
    double inverse[CORE_TERMS][CORE_TERMS] = { 0 };
    for (int i = 0; i < n; i++)
        inverse[i][i] = 1.0;
    for (int k = 0; k < n; k++) {
        int best = k;
        for (int r = k + 1; r < n; r++)
            if (fabs(m[r][k]) > fabs(m[best][k]))
                best = r;
        if (!(fabs(m[best][k]) > 0.0) || !isfinite(m[best][k]))
            return false;
        for (int q = 0; best != k && q < n; q++) {
            const double a = m[k][q], b = inverse[k][q];
            m[k][q] = m[best][q];
            m[best][q] = a;
            inverse[k][q] = inverse[best][q];
            inverse[best][q] = b;
        }
        const double pivot = m[k][k];
        for (int q = 0; q < n; q++) {
            m[k][q] /= pivot;
            inverse[k][q] /= pivot;
        }
        for (int r = 0; r < n; r++) {
            const double f = r == k ? 0.0 : m[r][k];
            for (int q = 0; q < n; q++) {
                m[r][q] -= f * m[k][q];
                inverse[r][q] -= f * inverse[k][q];
            }
        }
    }
    memcpy(m, inverse, sizeof inverse);
    return true;
}

/* Sum of squares, with the normal equations. */
static double gather(
    const double *p, int n_terms, const double *y, size_t n, double m[CORE_TERMS][CORE_TERMS], double *g)
{
    double rss = 0.0, d[CORE_TERMS];
    memset(m, 0, sizeof(double[CORE_TERMS][CORE_TERMS]));
    memset(g, 0, CORE_TERMS * sizeof *g);
    for (size_t i = 0; i < n; i++) {
        const double r = y[i] - model(p, n_terms, (double)i, d);
        rss += r * r;
        for (int a = 0; a < n_terms; a++) {
            g[a] += r * d[a];
            for (int b = 0; b < n_terms; b++)
                m[a][b] += d[a] * d[b];
        }
    }
    return rss;
}

static bool in_order(const double *p, int n_terms, size_t n)
{
    const bool plate = p[PLATE_FROM] < p[PLATE_TO] && p[PLATE_FROM] > -1.0 && p[PLATE_TO] < (double)n;
    const bool core = n_terms == PLATE_TERMS
        || (p[CORE_FROM] < p[CORE_TO] && p[CORE_FROM] > p[PLATE_FROM] && p[CORE_TO] < p[PLATE_TO]);
    return plate && core && p[PLATE_BLUR] > LEAST_BLUR && p[PLATE_BLUR] < 0.5 * (double)n;
}

/* One step of Levenberg and Marquardt; true: it went down. */
static bool go_down(struct plate_fit *f, const double *y, size_t n, double damping)
{
    double m[CORE_TERMS][CORE_TERMS], g[CORE_TERMS], p[CORE_TERMS], d[CORE_TERMS];
    gather(f->p, f->n_terms, y, n, m, g);
    for (int a = 0; a < f->n_terms; a++)
        m[a][a] *= 1.0 + damping;
    if (!invert(m, f->n_terms))
        return false;
    memcpy(p, f->p, sizeof p);
    for (int a = 0; a < f->n_terms; a++)
        for (int b = 0; b < f->n_terms; b++)
            p[a] += m[a][b] * g[b];
    if (!in_order(p, f->n_terms, n))
        return false;
    double rss = 0.0;
    for (size_t i = 0; i < n; i++)
        rss += pow(y[i] - model(p, f->n_terms, (double)i, d), 2.0);
    if (!(rss < f->rss))
        return false;
    memcpy(f->p, p, sizeof p);
    f->rss = rss;
    return true;
}

/* How much a mean over neighbours that are alike is worse than one over independent ones: the sum of the
 * autocorrelation up to its first zero. */
static double alike_of(const struct plate_fit *f, const double *y, size_t n)
{
    double sum = 1.0;
    for (size_t lag = 1; lag < n / 4; lag++) {
        double product = 0.0;
        for (size_t i = lag; i < n; i++)
            product += (y[i] - plate_fit_value(f, (double)i)) * (y[i - lag] - plate_fit_value(f, (double)(i - lag)));
        if (product <= 0.0)
            break;
        sum += 2.0 * product / f->rss;
    }
    return sqrt(sum);
}

bool plate_fit_run(struct plate_fit *f, const double *y, size_t n)
{
    double damping = STEEP, g[CORE_TERMS];
    if (n <= (size_t)f->n_terms || !in_order(f->p, f->n_terms, n))
        return false;
    f->rss = gather(f->p, f->n_terms, y, n, f->covariance, g);
    for (int round = 0; round < ROUNDS && damping < 1e9; round++) {
        const double before = f->rss;
        if (!go_down(f, y, n, damping)) {
            damping *= 8.0;
            continue;
        }
        damping *= 0.2;
        if (before - f->rss < 1e-10 * before)
            break;
    }
    gather(f->p, f->n_terms, y, n, f->covariance, g);
    if (!invert(f->covariance, f->n_terms))
        return false;
    f->alike = f->rss > 0.0 ? alike_of(f, y, n) : 1.0;
    const double variance = f->rss / (double)(n - (size_t)f->n_terms) * f->alike * f->alike;
    for (int a = 0; a < f->n_terms; a++)
        for (int b = 0; b < f->n_terms; b++)
            f->covariance[a][b] *= variance;
    return true;
}
