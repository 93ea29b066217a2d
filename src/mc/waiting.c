/* Statistics of waiting times, some of them censored. */
#include <lctem/mc_ensemble.h>

#include <lctem/random.h>
#include <lctem/stats.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RESAMPLES = 1000 };

struct sample {
    double steps;
    bool doubled;
};

static int by_steps(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;
    if (x->steps != y->steps)
        return x->steps < y->steps ? -1 : 1;
    return (int)y->doubled - (int)x->doubled; /* events before censorings at the same step */
}

/* E. L. Kaplan, P. Meier, J. Am. Stat. Assoc. 53 (1958) 457: first step by which half have doubled. Sorts. */
static double km_median(struct sample *s, size_t n)
{
    qsort(s, n, sizeof *s, by_steps);
    double survival = 1;
    for (size_t i = 0; i < n; i++) {
        if (!s[i].doubled)
            continue;
        const double before = survival;
        survival *= 1 - 1.0 / (double)(n - i);
        if (survival < 0.5 + 1e-12
            && survival > 0.5 - 1e-12) /* exactly half: the middle of the two, as the median of numbers */
            return i + 1 < n && s[i + 1].doubled ? (s[i].steps + s[i + 1].steps) / 2 : s[i].steps;
        if (survival < 0.5 && before > 0.5)
            return s[i].steps;
    }
    return (double)NAN;
}

static double mean_of(const struct sample *s, size_t n)
{
    double total = 0, doubled = 0;
    for (size_t i = 0; i < n; i++) {
        total += s[i].steps;
        doubled += s[i].doubled;
    }
    return total / doubled; /* infinite if none */
}

static void resample(struct sample *out, const struct sample *in, size_t n, struct lct_random *r)
{
    for (size_t i = 0; i < n; i++)
        out[i] = in[lct_random_below(r, (uint32_t)n)];
}

/* Percentile interval; values that are NaN (a resample without median) count as beyond the upper end. */
static void interval(double *x, struct lct_mc_estimate *e)
{
    for (size_t i = 0; i < RESAMPLES; i++)
        if (isnan(x[i]))
            x[i] = (double)INFINITY;
    e->low = lct_stats_quantile(x, RESAMPLES, 0.025);
    e->high = lct_stats_quantile(x, RESAMPLES, 0.975);
}

static size_t collect(struct sample *out, const struct lct_mc_passage *p, size_t n, bool shell)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (p[i].shell == shell)
            out[k++] = (struct sample){ p[i].steps, p[i].end == LCT_MC_END_TARGET };
    return k;
}

static double digamma(double x)
{
    double s = 0;
    for (; x < 8; x++)
        s -= 1 / x;
    const double y = 1 / (x * x);
    return s + log(x) - 0.5 / x - y * (1.0 / 12 - y * (1.0 / 120 - y / 252));
}

/* Maximum likelihood: ln k - digamma(k) = ln mean - mean ln, by bisection on ln k (monotone). */
static double gamma_shape(const struct sample *s, size_t n)
{
    double sum = 0, logs = 0, m = 0;
    for (size_t i = 0; i < n; i++)
        if (s[i].doubled && s[i].steps > 0) {
            sum += s[i].steps;
            logs += log(s[i].steps);
            m++;
        }
    if (m < 3)
        return (double)NAN;
    const double gap = log(sum / m) - logs / m;
    double low = -7, high = 14;
    for (int i = 0; i < 80; i++) {
        const double k = exp((low + high) / 2);
        if (log(k) - digamma(k) > gap)
            low = (low + high) / 2;
        else
            high = (low + high) / 2;
    }
    return exp((low + high) / 2);
}

/* Largest distance between the empirical distribution and the exponential of the same mean; sorted, nothing censored. */
static double ks_distance(const double *x, size_t n)
{
    double mean = 0, d = 0;
    for (size_t i = 0; i < n; i++)
        mean += x[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        const double f = 1 - exp(-x[i] / mean);
        d = fmax(d, fmax(f - (double)i / (double)n, (double)(i + 1) / (double)n - f));
    }
    return d;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The mean is fitted, so Kolmogorov's limits do not hold; the distribution of the distance is simulated (Lilliefors 1969). */
static double exponential_p(const struct sample *s, size_t n, struct lct_random *r)
{
    double *x = malloc(n * sizeof *x);
    if (!x || n < 5) {
        free(x);
        return (double)NAN;
    }
    for (size_t i = 0; i < n; i++)
        x[i] = s[i].steps;
    qsort(x, n, sizeof *x, ascending);
    const double d = ks_distance(x, n);
    int beyond = 0;
    for (int k = 0; k < RESAMPLES; k++) {
        for (size_t i = 0; i < n; i++)
            x[i] = -log(1 - lct_random_double(r));
        qsort(x, n, sizeof *x, ascending);
        beyond += ks_distance(x, n) >= d;
    }
    free(x);
    return (beyond + 1.0) / (RESAMPLES + 1.0);
}

/* Mean of one figure over the doubled replicas, 1.96 standard errors around. */
static struct lct_mc_estimate mean_figure(const struct lct_mc_passage *p, size_t n, bool shell, size_t offset)
{
    double sum = 0, squares = 0, m = 0;
    for (size_t i = 0; i < n; i++) {
        const double x = *(const double *)(const void *)((const char *)&p[i] + offset);
        if (p[i].shell != shell || p[i].end != LCT_MC_END_TARGET || isnan(x))
            continue;
        sum += x;
        squares += x * x;
        m++;
    }
    const double mean = m > 0 ? sum / m : (double)NAN;
    const double sd = m > 1 ? sqrt(fmax(0, squares / m - mean * mean) / (m - 1)) : (double)NAN;
    return (struct lct_mc_estimate){ mean, mean - 1.96 * sd, mean + 1.96 * sd };
}

/* Time before the productive crack, and how much of it with exposed core. */
struct wait {
    double exposed, covered;
};

static size_t collect_waits(struct wait *out, const struct lct_mc_passage *p, size_t n, bool shell)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i].shell != shell || isnan(p[i].exposed_frac))
            continue;
        const double time = p[i].end == LCT_MC_END_TARGET && !isnan(p[i].crack_steps) ? p[i].crack_steps : p[i].steps;
        out[k++] = (struct wait){ p[i].exposed_frac * time, (1 - p[i].exposed_frac) * time };
    }
    return k;
}

/* Cracks that heal are few and of very different lengths: replicas are drawn anew as wholes. */
static void add_exposure(struct lct_mc_waiting *w, const struct lct_mc_passage *p, size_t n, bool shell, uint64_t seed)
{
    struct wait *waits = malloc((n + 1) * sizeof *waits);
    double costs[RESAMPLES];
    if (!waits)
        return;
    const size_t m = collect_waits(waits, p, n, shell);
    struct wait all = { 0, 0 };
    for (size_t i = 0; i < m; i++) {
        all.exposed += waits[i].exposed;
        all.covered += waits[i].covered;
    }
    w->exposed_frac = all.exposed / (all.exposed + all.covered);
    w->exposure_cost_kt.value = log(all.covered / all.exposed);
    struct lct_random r = lct_random_start(seed, 79, shell);
    for (int k = 0; m > 0 && k < RESAMPLES; k++) {
        struct wait some = { 0, 0 };
        for (size_t i = 0; i < m; i++) {
            const struct wait one = waits[lct_random_below(&r, (uint32_t)m)];
            some.exposed += one.exposed;
            some.covered += one.covered;
        }
        costs[k] = log(some.covered / some.exposed);
    }
    if (m > 0)
        interval(costs, &w->exposure_cost_kt);
    free(waits);
}

static void add_changes(struct lct_mc_waiting *w, const struct lct_mc_passage *p, size_t n, bool shell)
{
    double shells = 0, cores = 0, m = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i].shell != shell)
            continue;
        w->dissolved += p[i].end == LCT_MC_END_DISSOLVED;
        shells += (double)p[i].finish.shell_area_sites / (double)p[i].start.shell_area_sites;
        cores += (double)p[i].finish.core_area_sites / (double)p[i].start.core_area_sites;
        m++;
    }
    w->shell_area_change = shell ? shells / m : (double)NAN;
    w->core_area_change = cores / m;
}

struct lct_mc_waiting lct_mc_waiting_of(const struct lct_mc_passage *p, size_t n, bool shell, uint64_t seed)
{
    const struct lct_mc_estimate none = { (double)NAN, (double)NAN, (double)NAN };
    struct lct_mc_waiting w = { .mean = none,
        .median = none,
        .onset = none,
        .crack = none,
        .burst = none,
        .first_exposure = none,
        .exposure_cost_kt = none,
        .exposed_frac = (double)NAN,
        .mean_sd = (double)NAN,
        .gamma_shape = (double)NAN,
        .gamma_mean = (double)NAN,
        .exponential_p = (double)NAN };
    struct sample *s = malloc((n + 1) * sizeof *s), *again = malloc((n + 1) * sizeof *again);
    double means[RESAMPLES], medians[RESAMPLES];
    if (!s || !again)
        goto done;
    w.n = collect(s, p, n, shell);
    for (size_t i = 0; i < w.n; i++)
        w.doubled += s[i].doubled;
    if (w.n == 0)
        goto done;
    add_changes(&w, p, n, shell);
    add_exposure(&w, p, n, shell, seed);
    w.censored = w.n - w.doubled;
    struct lct_random r = lct_random_start(seed, 77, shell);
    for (int k = 0; k < RESAMPLES; k++) {
        resample(again, s, w.n, &r);
        means[k] = mean_of(again, w.n);
        medians[k] = km_median(again, w.n);
    }
    w.mean.value = mean_of(s, w.n);
    w.median.value = km_median(s, w.n);
    interval(means, &w.mean);
    interval(medians, &w.median);
    w.gamma_shape = gamma_shape(s, w.n);
    if (w.censored == 0) {
        double squares = 0;
        for (size_t i = 0; i < w.n; i++)
            squares += (s[i].steps - w.mean.value) * (s[i].steps - w.mean.value);
        w.mean_sd = w.n > 1 ? sqrt(squares / (double)(w.n - 1) / (double)w.n) : (double)NAN;
        w.gamma_mean = w.mean.value;
        w.exponential_p = exponential_p(s, w.n, &r);
    }
    w.onset = mean_figure(p, n, shell, offsetof(struct lct_mc_passage, onset_steps));
    w.crack = mean_figure(p, n, shell, offsetof(struct lct_mc_passage, crack_steps));
    w.burst = mean_figure(p, n, shell, offsetof(struct lct_mc_passage, burst_steps));
    w.first_exposure = mean_figure(p, n, shell, offsetof(struct lct_mc_passage, first_exposure_steps));
done:
    free(s);
    free(again);
    return w;
}

void lct_mc_ratio_of(const struct lct_mc_passage *p, size_t n, uint64_t seed, struct lct_mc_estimate *of_means,
    struct lct_mc_estimate *of_medians)
{
    const struct lct_mc_estimate none = { (double)NAN, (double)NAN, (double)NAN };
    *of_means = *of_medians = none;
    struct sample *all = malloc((4 * n + 4) * sizeof *all);
    if (!all)
        return;
    struct sample *bare = all, *covered = all + n + 1, *a = covered + n + 1, *b = a + n + 1;
    double means[RESAMPLES], medians[RESAMPLES];
    const size_t n_bare = collect(bare, p, n, false), n_covered = collect(covered, p, n, true);
    if (n_bare && n_covered) {
        struct lct_random r = lct_random_start(seed, 78, 0);
        for (int k = 0; k < RESAMPLES; k++) {
            resample(a, bare, n_bare, &r);
            resample(b, covered, n_covered, &r);
            means[k] = mean_of(b, n_covered) / mean_of(a, n_bare);
            medians[k] = km_median(b, n_covered) / km_median(a, n_bare);
        }
        of_means->value = mean_of(covered, n_covered) / mean_of(bare, n_bare);
        of_medians->value = km_median(covered, n_covered) / km_median(bare, n_bare);
        interval(means, of_means);
        interval(medians, of_medians);
    }
    free(all);
}
