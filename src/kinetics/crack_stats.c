#include <lctem/crack_stats.h>

#include <lctem/area_rate.h>
#include <lctem/random.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { DRAWS = 20000, LEAST_STRETCH = 5, LEAST_PLACED = 3, MOST_FACETS = 512 };
static const double COVERED = 0.5; /* of a facet: with less cover it is bare, and its speed is another matter */

static int rising(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Kolmogorov's distribution with Stephens' correction for small n (J. R. Stat. Soc. B 32 (1970) 115). */
double lct_uniform_p(double *x, size_t n, double *d)
{
    *d = (double)NAN;
    if (n == 0)
        return (double)NAN;
    qsort(x, n, sizeof *x, rising);
    double most = 0.0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fmax((double)(i + 1) / (double)n - x[i], x[i] - (double)i / (double)n));
    *d = most;
    const double root = sqrt((double)n), lambda = (root + 0.12 + 0.11 / root) * most;
    double p = 0.0;
    for (int k = 1; k <= 100; k++)
        p += (k % 2 ? 2.0 : -2.0) * exp(-2.0 * k * k * lambda * lambda);
    return lambda < 0.3 ? 1.0 : fmin(fmax(p, 0.0), 1.0);
}

static bool counts(const struct lct_crack_record *c, int particle)
{
    return particle == 0 || c->particle == particle;
}

static void place(struct lct_crack_summary *s, const struct lct_crack_evidence *e, double *scratch)
{
    size_t n = 0;
    for (size_t i = 0; i < e->n_cracks; i++) {
        const double f = e->cracks[i].position_frac;
        if (!counts(&e->cracks[i], s->particle) || !isfinite(f))
            continue;
        const double bin = floor((f + 1.0) / 2.0 * LCT_CRACK_BINS);
        s->bins[bin < 0.0 ? 0 : bin >= LCT_CRACK_BINS ? LCT_CRACK_BINS - 1 : (int)bin]++;
        scratch[n++] = fmin(fabs(f), 1.0);
        s->middle += fabs(f) < 1.0 / 3.0;
        s->corner += fabs(f) >= 2.0 / 3.0;
    }
    s->placed = (long)n;
    s->between = s->placed - s->middle - s->corner;
    s->ks = s->p_uniform = (double)NAN;
    if (n >= LEAST_PLACED)
        s->p_uniform = lct_uniform_p(scratch, n, &s->ks);
}

/* A life: how long it was watched, and whether its end was seen. */
struct life {
    double watched_s;
    bool ended;
};

static int shorter(const void *a, const void *b)
{
    const struct life *x = a, *y = b;
    if (x->watched_s != y->watched_s)
        return x->watched_s < y->watched_s ? -1 : 1;
    return y->ended - x->ended; /* an end counts before a life that is lost sight of at the same time */
}

/* Kaplan and Meier's median: those still open count as long as they were watched. Cracks whose opening was not seen are
 * left out. */
static enum lct_status measure_lives(
    struct lct_crack_summary *s, const struct lct_crack_evidence *e, struct lct_err *err)
{
    struct life *lives = malloc((e->n_cracks + 1) * sizeof *lives);
    if (!lives)
        return lct_fail(err, LCT_E_LIMIT, "cracks: no memory for %zu of them", e->n_cracks);
    size_t n = 0;
    double watched = 0.0;
    for (size_t i = 0; i < e->n_cracks; i++) {
        const struct lct_crack_record *c = &e->cracks[i];
        if (!counts(c, s->particle) || !isfinite(c->healed_s - c->opened_s))
            continue;
        watched += c->healed_s - c->opened_s;
        s->healed += c->healed_known;
        if (c->opened_known)
            lives[n++] = (struct life){ c->healed_s - c->opened_s, c->healed_known };
    }
    s->lifetime_s = s->healed > 0 ? watched / (double)s->healed : (double)NAN;
    s->lifetime_sd_s = s->healed > 0 ? s->lifetime_s / sqrt((double)s->healed) : (double)NAN;
    s->median_life_s = (double)NAN;
    if (n > 0)
        qsort(lives, n, sizeof *lives, shorter);
    double open = 1.0;
    for (size_t i = 0; i < n && open > 0.5; i++) {
        if (lives[i].ended)
            open *= 1.0 - 1.0 / (double)(n - i);
        if (open <= 0.5)
            s->median_life_s = lives[i].watched_s;
    }
    free(lives);
    return LCT_OK;
}

/* Cracks and expected cracks of each facet. */
struct shares {
    double expected[MOST_FACETS];
    long seen[MOST_FACETS];
    size_t n;
    long cracks;
};

static double chi_square(const struct shares *f, const long *seen)
{
    double sum = 0.0;
    for (size_t i = 0; i < f->n; i++)
        sum += pow((double)seen[i] - f->expected[i], 2.0) / f->expected[i];
    return sum;
}

/* With few cracks the chi-square distribution does not hold: draw as many with the expected shares, and see how often
 * it gets as uneven. */
static double draw_p(const struct shares *f, double chi2)
{
    long worse = 0;
    for (uint64_t draw = 0; draw < DRAWS; draw++) {
        struct lct_random r = lct_random_start(1, 77, draw);
        long seen[MOST_FACETS] = { 0 };
        for (long c = 0; c < f->cracks; c++) {
            double u = lct_random_double(&r) * (double)f->cracks;
            size_t i = 0;
            for (; i + 1 < f->n && u >= f->expected[i]; i++)
                u -= f->expected[i];
            seen[i]++;
        }
        worse += chi_square(f, seen) >= chi2 * (1.0 - 1e-9);
    }
    return (double)(worse + 1) / (DRAWS + 1);
}

static void spread_over_facets(struct lct_crack_summary *s, const struct lct_crack_evidence *e)
{
    struct shares f = { .n = 0 };
    double all = 0.0;
    s->chi2 = s->p_facets = (double)NAN;
    for (size_t i = 0; i < e->n_risks && f.n < MOST_FACETS; i++) {
        const struct lct_crack_risk *r = &e->risks[i];
        if ((s->particle && r->particle != s->particle) || !(r->edge_nm_s > 0.0))
            continue;
        for (size_t k = 0; k < e->n_cracks; k++)
            f.seen[f.n] += e->cracks[k].particle == r->particle && e->cracks[k].facet == r->facet;
        f.cracks += f.seen[f.n];
        f.expected[f.n++] = r->edge_nm_s;
        all += r->edge_nm_s;
    }
    if (f.n < 2 || f.cracks < 2)
        return;
    for (size_t i = 0; i < f.n; i++)
        f.expected[i] *= (double)f.cracks / all;
    s->chi2 = chi_square(&f, f.seen);
    s->p_facets = draw_p(&f, s->chi2);
}

static bool gap_open(const struct lct_crack_evidence *e, const struct lct_facet_series *series, double time_s)
{
    for (size_t k = 0; k < e->n_cracks; k++) {
        const struct lct_crack_record *c = &e->cracks[k];
        if (c->particle == series->particle && c->facet == series->facet && time_s >= c->opened_s
            && time_s <= c->healed_s)
            return true;
    }
    return false;
}

struct speed_sum {
    double rise, variance, watched_s;
    long stretches;
};

static void add_stretch(struct speed_sum *sum, const struct lct_facet_series *f, double movie_s, size_t from, size_t to)
{
    struct lct_rate rate;
    const double length_s = to > from ? f->time_s[to - 1] - f->time_s[from] : 0.0;
    if (to - from < LEAST_STRETCH || lct_height_rate(f, from, to, movie_s, &rate, NULL) != LCT_OK)
        return;
    sum->rise += rate.rate * length_s;
    sum->variance += pow(rate.rate_sd * length_s, 2.0);
    sum->watched_s += length_s;
    sum->stretches++;
}

/* Stretches of a facet's life with a gap above it, and without; while it is bare, gone or not seen it does not count. */
static void add_facet(struct speed_sum sums[2], const struct lct_crack_evidence *e, const struct lct_facet_series *f)
{
    size_t from = 0;
    int state = -1;
    for (size_t i = 0; i <= f->n; i++) {
        int now = -1;
        if (i < f->n && isfinite(f->height_nm[i]) && f->exposed_frac[i] <= COVERED)
            now = gap_open(e, f, f->time_s[i]);
        if (now == state)
            continue;
        if (state >= 0)
            add_stretch(&sums[state], f, e->movie_s, from, i);
        from = i;
        state = now;
    }
}

static struct lct_crack_speed mean_speed(const struct speed_sum *s)
{
    const bool any = s->watched_s > 0.0;
    return (struct lct_crack_speed){ .nm_per_s = any ? s->rise / s->watched_s : (double)NAN,
        .sd_nm_per_s = any ? sqrt(s->variance) / s->watched_s : (double)NAN,
        .watched_s = s->watched_s,
        .stretches = s->stretches };
}

static void measure_speeds(struct lct_crack_summary *s, const struct lct_crack_evidence *e)
{
    struct speed_sum sums[2] = { 0 };
    for (size_t i = 0; e->facets && i < e->facets->n; i++)
        if (s->particle == 0 || e->facets->series[i].particle == s->particle)
            add_facet(sums, e, &e->facets->series[i]);
    s->without_gap = mean_speed(&sums[0]);
    s->with_gap = mean_speed(&sums[1]);
}

/* Mean of the delays, the surer the weightier; where they scatter by more than their errors say, its error is as much
 * larger. */
static void measure_delays(struct lct_crack_summary *s, const struct lct_crack_evidence *e)
{
    double weights = 0.0, sum = 0.0, square = 0.0;
    for (size_t i = 0; i < e->n_onsets; i++) {
        const struct lct_onset *o = &e->onsets[i];
        if ((s->particle && o->particle != s->particle) || !isfinite(o->time_s) || o->etches)
            continue;
        s->onsets++;
        const double delay = lct_stats_between(o->crack_s, o->time_s), sd = hypot(o->time_sd_s, o->crack_sd_s);
        if (!isfinite(delay) || !(sd > 0.0))
            continue;
        s->onsets_after_crack++;
        weights += 1.0 / (sd * sd);
        sum += delay / (sd * sd);
        square += delay * delay / (sd * sd);
    }
    const double n = (double)s->onsets_after_crack, mean = sum / weights;
    const double scatter = n > 1.0 ? sqrt(fmax(0.0, square - sum * mean) / (n - 1.0)) : 1.0;
    s->delay_s = n > 0.0 ? mean : (double)NAN;
    s->delay_sd_s = n > 0.0 ? fmax(1.0, scatter) / sqrt(weights) : (double)NAN;
}

enum lct_status lct_cracks_summarise(
    struct lct_crack_summary *out, const struct lct_crack_evidence *evidence, int particle, struct lct_err *err)
{
    struct lct_crack_summary s = { .particle = particle };
    double *scratch = malloc((evidence->n_cracks + 1) * sizeof *scratch);
    if (!scratch)
        return lct_fail(err, LCT_E_LIMIT, "cracks: no memory for %zu of them", evidence->n_cracks);
    size_t n = 0;
    for (size_t i = 0; i < evidence->n_cracks; i++)
        if (counts(&evidence->cracks[i], particle)) {
            scratch[n++] = evidence->cracks[i].width_nm;
            s.n++;
        }
    s.width_nm = n ? lct_stats_median(scratch, n) : (double)NAN;
    place(&s, evidence, scratch);
    free(scratch);
    spread_over_facets(&s, evidence);
    measure_delays(&s, evidence);
    measure_speeds(&s, evidence);
    const enum lct_status status = measure_lives(&s, evidence, err);
    if (status == LCT_OK)
        *out = s;
    return status;
}
