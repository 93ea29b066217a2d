#include "umbrella.h"

#include <lctem/parallel.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const struct lct_column columns[] = {
    { "q", "", "core sites beyond the start, or exposed core sites (mc.json says which)" },
    { "free_energy_kt", "kT", "F(q) - F(0)" },
    { "free_energy_sd_kt", "kT", "standard error from independent runs" },
    { "visits", "", "events at this q under the weights, all runs together" },
};
const struct lct_table_spec lct_mc_barrier_table = { "barrier", "free energy over an order parameter", 1, columns, 4 };

struct lct_mc_barrier_params lct_mc_barrier_defaults(enum lct_mc_order order)
{
    /* opening by the moves themselves is frequent enough in events to be measured without weights; under weights the walk stays
     * open and forgets the shell's equilibrium */
    const bool core = order == LCT_MC_ORDER_CORE;
    return (struct lct_mc_barrier_params){ .order = order, .first = core ? -12 : 0, .last = core ? 20 : 8, .width = 4, .rounds = core ? 25 : 0,
        .round_events = 20000, .runs = 8, .run_events = core ? 5000000 : 10000000, .seed = 1, .threads = 1 };
}

/* kT an event in the first round, and how it shrinks */
#define FIRST_LESSON 0.02
#define LESSON_RATIO 0.8

struct job {
    const struct lct_mc_model *model;
    const uint8_t *start;
    const struct lct_mc_barrier_params *p;
    long zero;      /* core sites at the start */
    long start_q;
    size_t n;       /* bins */
    double *free_energy, *visits; /* [runs][n] */
    const struct lct_progress *progress;
    pthread_mutex_t lock;
    long done, total;
};

/* One window of one run. */
struct window {
    long first, last;
    double *weight, *time, *visits; /* [last - first + 1] */
};

static enum lct_status tell(struct job *job, struct lct_err *err)
{
    pthread_mutex_lock(&job->lock);
    const enum lct_status s = lct_progress_step(job->progress, "free energy", job->done++, job->total, err);
    pthread_mutex_unlock(&job->lock);
    return s;
}

/* F. Wang, D. P. Landau, Phys. Rev. Lett. 86 (2001) 2050, on events instead of time: the walk that has just been at q finds q dearer, by
 * lessons that shrink from round to round. Only the weights come from here, never F itself. */
static enum lct_status walk_window(
    const struct job *job, struct lct_mc_engine *e, struct window *w, uint64_t events, struct lct_err *err)
{
    const size_t n = (size_t)(w->last - w->first + 1);
    struct lct_mc_umbrella u = { .order = job->p->order, .first = w->first, .last = w->last, .zero = job->zero, .weight = w->weight,
        .time = w->time, .visits = w->visits };
    memset(w->weight, 0, n * sizeof *w->weight);
    enum lct_status s = LCT_OK;
    for (int k = 0; s == LCT_OK && k < job->p->rounds; k++) {
        u.lesson = FIRST_LESSON * pow(LESSON_RATIO, k);
        s = lct_mc_umbrella_walk(e, &u, job->p->round_events, err);
    }
    u.lesson = 0;
    for (int k = 0; s == LCT_OK && k < 2; k++) { /* a third to forget the shapes of the lessons, then the measurement */
        memset(w->time, 0, n * sizeof *w->time);
        memset(w->visits, 0, n * sizeof *w->visits);
        s = lct_mc_umbrella_walk(e, &u, k ? events : events / 3, err);
    }
    return s;
}

/* Walk on until q lies in first .. last; false if it will not. */
static bool enter(const struct job *job, struct lct_mc_engine *e, struct window *w, long first, long last)
{
    struct lct_mc_umbrella u = { .order = job->p->order, .first = w->first, .last = w->last, .zero = job->zero, .weight = w->weight,
        .time = w->time, .visits = w->visits };
    for (int k = 0; k < 1000000; k++) {
        const struct lct_mc_tally *t = lct_mc_engine_tally(e);
        const long q = job->p->order == LCT_MC_ORDER_CORE ? t->core_sites - job->zero : t->exposed_core_sites;
        if (q >= first && q <= last)
            return true;
        if (lct_mc_umbrella_walk(e, &u, 1, NULL) != LCT_OK)
            return false;
    }
    return false;
}

/* Put the window's F behind what is known already: the offset is the mean difference where both are, weighted by the window's visits. */
static void join(const struct job *job, const struct window *w, double *f, double *visits)
{
    double offset = 0, sum = 0;
    for (long q = w->first; q <= w->last; q++) {
        const size_t i = (size_t)(q - job->p->first), k = (size_t)(q - w->first);
        const double own = w->weight[k] - log(w->time[k]), weight = fmin(w->visits[k], visits[i]);
        if (!isnan(f[i]) && isfinite(own) && weight > 0) {
            offset += weight * (f[i] - own);
            sum += weight;
        }
    }
    for (long q = w->first; q <= w->last; q++) {
        const size_t i = (size_t)(q - job->p->first), k = (size_t)(q - w->first);
        const double own = w->weight[k] - log(w->time[k]) + offset / sum;
        if (isnan(f[i]) && isfinite(own))
            f[i] = own;
        visits[i] += w->visits[k];
    }
}

/* Windows from the start's q up (direction 1) or down (-1). */
static enum lct_status climb(struct job *job, size_t run, int direction, struct window *w, uint64_t events, struct lct_err *err)
{
    const struct lct_mc_barrier_params *p = job->p;
    const long span = p->rounds ? p->width - 1 : p->last - p->first, stride = p->width / 2;
    double *f = job->free_energy + run * job->n, *visits = job->visits + run * job->n;
    struct lct_mc_engine *e = NULL;
    enum lct_status s = lct_mc_engine_create(&e, job->model, LCT_MC_REJECTION_FREE, p->seed,
        ((uint64_t)1 << 40) + 2 * run + (direction > 0), job->start, err);
    f[job->start_q - p->first] = 0;
    visits[job->start_q - p->first] += 1; /* the anchor counts in the first join */
    for (long from = job->start_q; s == LCT_OK; from += direction * stride) {
        const long to = from + direction * span;
        w->first = direction > 0 ? from : (to > p->first ? to : p->first);
        w->last = direction > 0 ? (to < p->last ? to : p->last) : from;
        if (p->rounds == 0) {
            w->first = p->first;
            w->last = p->last;
        }
        s = walk_window(job, e, w, events, err);
        if (s == LCT_OK)
            join(job, w, f, visits);
        if (s == LCT_OK)
            s = tell(job, err);
        const long next = from + direction * stride;
        const bool end = direction > 0 ? w->last == p->last : w->first == p->first;
        if (s != LCT_OK || end
            || !enter(job, e, w, direction > 0 ? next : w->first, direction > 0 ? w->last : next))
            break;
    }
    lct_mc_engine_destroy(&e);
    return s;
}

static enum lct_status one_run(void *context, size_t run, int worker, struct lct_err *err)
{
    (void)worker;
    struct job *job = context;
    const struct lct_mc_barrier_params *p = job->p;
    const size_t width = p->rounds ? (size_t)p->width : job->n;
    struct window w = { .weight = calloc(3 * width, sizeof(double)) };
    if (!w.weight)
        return lct_fail(err, LCT_E_LIMIT, "barrier: no memory");
    w.time = w.weight + width;
    w.visits = w.time + width;
    const uint64_t windows = p->rounds ? job->n / (size_t)(p->width / 2) + 1 : 1;
    enum lct_status s = LCT_OK;
    if (p->last > job->start_q)
        s = climb(job, run, 1, &w, p->run_events / windows, err);
    if (s == LCT_OK && p->first < job->start_q && p->rounds)
        s = climb(job, run, -1, &w, p->run_events / windows, err);
    free(w.weight);
    return s;
}

static void summarise(const struct job *job, struct lct_mc_barrier_point *out)
{
    const size_t zero = (size_t)-job->p->first;
    for (size_t i = 0; i < job->n; i++) {
        double sum = 0, squares = 0, visits = 0;
        int m = 0;
        for (size_t r = 0; r < (size_t)job->p->runs; r++) {
            const double f = job->free_energy[r * job->n + i] - job->free_energy[r * job->n + zero];
            visits += job->visits[r * job->n + i];
            if (isnan(f))
                continue;
            sum += f;
            squares += f * f;
            m++;
        }
        const double mean = sum / m, variance = fmax(0, squares / m - mean * mean) * m / (m - 1.0);
        out[i] = (struct lct_mc_barrier_point){ .q = job->p->first + (long)i, .visits = visits, .free_energy_kt = mean,
            .free_energy_sd_kt = m > 1 ? sqrt(variance / m) : (double)NAN };
    }
}

static enum lct_status check(const struct lct_mc_barrier_params *p, long q, struct lct_err *err)
{
    if (p->first > 0 || p->last < 1 || p->last - p->first > 100000 || q < p->first || q > p->last)
        return lct_fail(err, LCT_E_ARG, "range: %ld:%ld must hold 0, 1 and the q = %ld of the start", p->first, p->last, q);
    if (p->runs < 2 || p->run_events < 1000 || p->width < 2 || p->rounds < 0)
        return lct_fail(err, LCT_E_ARG, "runs: %d of %llu events, windows of %d; at least 2 runs of 1000 events, windows of 2", p->runs,
            (unsigned long long)p->run_events, p->width);
    return LCT_OK;
}

enum lct_status lct_mc_barrier_run(struct lct_mc_barrier_point *out, const struct lct_mc_model *model, const uint8_t *start,
    const struct lct_mc_barrier_params *p, const struct lct_progress *progress, struct lct_err *err)
{
    const struct lct_mc_counts c = lct_mc_count(model, start);
    const long q = p->order == LCT_MC_ORDER_CORE ? 0 : c.exposed_core_sites;
    enum lct_status s = check(p, q, err);
    if (s != LCT_OK)
        return s;
    struct job job = { .model = model, .start = start, .p = p, .zero = c.core_sites, .start_q = q,
        .n = (size_t)(p->last - p->first + 1), .progress = progress, .lock = PTHREAD_MUTEX_INITIALIZER };
    job.total = p->runs * ((long)job.n / (p->width / 2) + 1);
    const size_t bins = job.n * (size_t)p->runs;
    job.free_energy = calloc(2 * bins, sizeof *job.free_energy);
    if (!job.free_energy)
        return lct_fail(err, LCT_E_LIMIT, "barrier: no memory for %zu bins", bins);
    job.visits = job.free_energy + bins;
    for (size_t i = 0; i < bins; i++)
        job.free_energy[i] = (double)NAN;
    s = lct_parallel_for(p->threads, (size_t)p->runs, one_run, &job, err);
    if (s == LCT_OK)
        summarise(&job, out);
    free(job.free_energy);
    pthread_mutex_destroy(&job.lock);
    return s;
}

double lct_mc_growth_probability(
    const struct lct_mc_barrier_point *points, long first, long last, long width, double mu_change_kt)
{
    if (-width < first || width > last)
        return (double)NAN;
    /* the time over each link grows with exp(F); links between q and q+1 take the mean of their ends */
    double up = 0, down = 0;
    for (long q = 0; q < width; q++) {
        const struct lct_mc_barrier_point *p = points - first;
        up += exp((p[q].free_energy_kt + p[q + 1].free_energy_kt) / 2 - mu_change_kt * ((double)q + 0.5));
        down += exp((p[-q].free_energy_kt + p[-q - 1].free_energy_kt) / 2 + mu_change_kt * ((double)q + 0.5));
    }
    return down / (up + down);
}

enum lct_status lct_mc_coexistence(const struct lct_mc_barrier_point *points, long first, long last, long width,
    double *mu_change_kt, struct lct_err *err)
{
    double low = -60, high = 60;
    if (!isfinite(lct_mc_growth_probability(points, first, last, width, 0)))
        return lct_fail(err, LCT_E_NODATA, "coexistence: F is not known on -%ld .. %ld; widen --range or add events", width, width);
    for (int i = 0; i < 100; i++) {
        const double middle = (low + high) / 2;
        if (lct_mc_growth_probability(points, first, last, width, middle) < 0.5)
            low = middle;
        else
            high = middle;
    }
    *mu_change_kt = (low + high) / 2;
    return LCT_OK;
}

double lct_mc_opening_cost(const struct lct_mc_barrier_point *points, long first, long last)
{
    double open = 0;
    for (long q = 1; q <= last; q++)
        if (!isnan(points[q - first].free_energy_sd_kt)) /* what one run alone has seen is no equilibrium */
            open += exp(-points[q - first].free_energy_kt);
    return -log(open);
}
