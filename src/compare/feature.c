#include <lctem/compare.h>

#include <lctem/stats.h>
#include <math.h>
#include <stdlib.h>

#define ONSET 1.05
#define DOUBLED 1.98

/* Pool adjacent violators (R. E. Barlow et al., Statistical Inference under Order Restrictions, 1972): least squares among rising
 * curves. NaN takes the value of its neighbours' block. `weight` is scratch of n. */
static void rising_fit(double *y, double *weight, size_t n)
{
    size_t blocks = 0, *length = NULL;
    length = malloc((n + 1) * sizeof *length);
    if (!length)
        return;
    double *value = weight + n;
    for (size_t i = 0; i < n; i++) {
        const bool known = !isnan(y[i]);
        value[blocks] = known ? y[i] : blocks ? value[blocks - 1] : 1;
        weight[blocks] = known ? 1 : 1e-9;
        length[blocks++] = 1;
        for (; blocks > 1 && value[blocks - 2] > value[blocks - 1]; blocks--) {
            const double sum = weight[blocks - 2] + weight[blocks - 1];
            value[blocks - 2] = (value[blocks - 2] * weight[blocks - 2] + value[blocks - 1] * weight[blocks - 1]) / sum;
            weight[blocks - 2] = sum;
            length[blocks - 2] += length[blocks - 1];
        }
    }
    for (size_t b = 0, i = 0; b < blocks; b++)
        for (size_t k = 0; k < length[b]; k++)
            y[i++] = value[b];
    free(length);
}

/* When the fit passes a level, straight between samples. */
static double crossing(const struct lct_trace *t, const double *fit, double level)
{
    for (size_t i = 0; i < t->n; i++)
        if (fit[i] >= level) {
            if (i == 0)
                return t->time[0];
            const double share = (level - fit[i - 1]) / (fit[i] - fit[i - 1]);
            return t->time[i - 1] + share * (t->time[i] - t->time[i - 1]);
        }
    return (double)NAN;
}

static int by_value(const void *a, const void *b)
{
    const double x = **(double *const *)a, y = **(double *const *)b;
    return (x > y) - (x < y);
}

/* Ranks from 1, ties share their mean, in place. */
static void rank(double *x, double **order, size_t n)
{
    for (size_t i = 0; i < n; i++)
        order[i] = &x[i];
    qsort(order, n, sizeof *order, by_value);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && *order[end] == *order[i];)
            end++;
        const double mean = (double)(i + end + 1) / 2;
        for (size_t k = i; k < end; k++) /* every one of them is read before it is written: equal values only */
            *order[k] = mean;
    }
}

static double pearson(const double *x, const double *y, size_t n)
{
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        mx += x[i] / (double)n;
        my += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xy / sqrt(xx * yy); /* NaN where one of them does not vary */
}

/* Exposure against the rate of growth over a fiftieth of the trace. `a`, `b`: n each. */
static void relate(struct lct_trace_features *out, const struct lct_trace *t, double *a, double *b, double **order)
{
    const size_t half = t->n / 100 + 1;
    size_t n = 0;
    double open = 0, closed = 0, n_open = 0, n_closed = 0;
    for (size_t i = half; i + half < t->n; i++) {
        const double rate = (t->core[i + half] - t->core[i - half]) / (t->time[i + half] - t->time[i - half]);
        if (isnan(rate) || isnan(t->exposed[i]))
            continue;
        a[n] = t->exposed[i];
        b[n++] = rate;
        const bool is_open = t->exposed[i] > t->open_above;
        *(is_open ? &open : &closed) += rate;
        *(is_open ? &n_open : &n_closed) += 1;
    }
    if (n_open > 0 && n_closed > 0 && closed > 0)
        out->open_ratio = (open / n_open) / (closed / n_closed);
    if (n < 5)
        return;
    rank(a, order, n);
    rank(b, order, n);
    out->correlation = pearson(a, b, n);
}

/* Mean of the shell about an instant, a tenth of the trace wide at most. */
static double shell_at(const struct lct_trace *t, double when)
{
    const double reach = (t->time[t->n - 1] - t->time[0]) / 40;
    double sum = 0, k = 0;
    for (size_t i = 0; i < t->n; i++)
        if (fabs(t->time[i] - when) <= reach && !isnan(t->shell[i])) {
            sum += t->shell[i];
            k++;
        }
    return k > 0 ? sum / k : (double)NAN;
}

enum lct_status lct_trace_measure(
    struct lct_trace_features *out, const struct lct_trace *t, const double *level, struct lct_err *err)
{
    const double none = (double)NAN;
    struct lct_trace_features f = { .shell = none, .correlation = none, .open_ratio = none };
    double *fit = malloc(3 * (t->n + 1) * sizeof *fit), **order = malloc((t->n + 1) * sizeof *order);
    if (!fit || !order || t->n < 2) {
        free(fit);
        free(order);
        return lct_fail(err, t->n < 2 ? LCT_E_NODATA : LCT_E_LIMIT, "%s: %zu rows", t->name, t->n);
    }
    for (size_t i = 0; i < t->n; i++)
        fit[i] = t->core[i];
    rising_fit(fit, fit + t->n, t->n);
    f.top = fit[t->n - 1];
    f.watched = t->time[t->n - 1] - t->time[0];
    const double onset = crossing(t, fit, ONSET);
    f.onset = onset - t->time[0];
    f.doubled = crossing(t, fit, DOUBLED) - t->time[0];
    for (size_t k = 0; k < LCT_COMPARE_LEVELS; k++)
        f.cross[k] = crossing(t, fit, level[k]) - onset;
    if (!isnan(f.cross[LCT_COMPARE_LEVELS - 1]))
        f.shell = shell_at(t, onset + f.cross[LCT_COMPARE_LEVELS - 1]);
    relate(&f, t, fit, fit + t->n, order);
    free(fit);
    free(order);
    *out = f;
    return LCT_OK;
}

/* The median of what the traces reach. */
static enum lct_status reached(double *out, const struct lct_trace *t, size_t n, struct lct_err *err)
{
    const double level[LCT_COMPARE_LEVELS] = { 0 };
    double *top = malloc((n + 1) * sizeof *top);
    enum lct_status s = top ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "compare: no memory");
    for (size_t i = 0; s == LCT_OK && i < n; i++) {
        struct lct_trace_features f;
        s = lct_trace_measure(&f, &t[i], level, err);
        top[i] = f.top;
    }
    if (s == LCT_OK)
        *out = lct_stats_median(top, n);
    free(top);
    return s;
}

enum lct_status lct_compare_levels(double level[LCT_COMPARE_LEVELS], const struct lct_trace *film, size_t n_film,
    const struct lct_trace *model, size_t n_model, struct lct_err *err)
{
    double top_film, top_model;
    enum lct_status s = reached(&top_film, film, n_film, err);
    if (s == LCT_OK)
        s = reached(&top_model, model, n_model, err);
    if (s != LCT_OK)
        return s;
    const double top = fmin(top_film, top_model);
    if (!(top > ONSET + 0.05))
        return lct_fail(err, LCT_E_NODATA,
            "compare: the core grows to %.3g of its start in the film and %.3g in the model; 1.1 is needed "
            "for a time base",
            top_film, top_model);
    for (int k = 0; k < LCT_COMPARE_LEVELS; k++) /* a little below the top, which noise alone may reach */
        level[k] = ONSET + (0.95 * top + 0.05 - ONSET) * (k + 1) / LCT_COMPARE_LEVELS;
    return LCT_OK;
}

double lct_trace_at(const struct lct_trace *t, const double *curve, double time)
{
    if (!(time >= t->time[0] && time <= t->time[t->n - 1]))
        return (double)NAN;
    size_t low = 0, high = t->n - 1;
    while (high - low > 1) {
        const size_t middle = (low + high) / 2;
        *(t->time[middle] <= time ? &low : &high) = middle;
    }
    const double length = t->time[high] - t->time[low], share = length > 0 ? (time - t->time[low]) / length : 0;
    return curve[low] + share * (curve[high] - curve[low]);
}
