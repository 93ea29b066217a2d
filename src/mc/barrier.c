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
    const bool core = order == LCT_MC_ORDER_CORE;
    return (struct lct_mc_barrier_params){ .order = order, .first = core ? -16 : 0, .last = core ? 24 : 8, .rounds = 24,
        .round_events = 200000, .runs = 8, .run_events = 2000000, .seed = 1, .threads = 1 };
}

/* kT an event in the first round, and how it shrinks */
#define FIRST_LESSON 0.02
#define LESSON_RATIO 0.7

struct job {
    const struct lct_mc_model *model;
    const uint8_t *start;
    const struct lct_mc_barrier_params *p;
    struct lct_mc_umbrella umbrella; /* without bins */
    size_t n;
    double *time, *visits; /* [runs][n] */
    const struct lct_progress *progress;
    pthread_mutex_t lock;
    long done, total;
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
static enum lct_status learn(struct job *job, struct lct_err *err)
{
    struct lct_mc_engine *e = NULL;
    double *bins = calloc(2 * job->n, sizeof *bins);
    enum lct_status s = bins ? lct_mc_engine_create(&e, job->model, LCT_MC_REJECTION_FREE, job->p->seed, 1u << 20, job->start, err)
                             : lct_fail(err, LCT_E_LIMIT, "barrier: no memory");
    struct lct_mc_umbrella u = job->umbrella;
    u.time = bins;
    u.visits = bins ? bins + job->n : NULL;
    for (int k = 0; s == LCT_OK && k < job->p->rounds; k++) {
        u.lesson = FIRST_LESSON * pow(LESSON_RATIO, k);
        s = lct_mc_umbrella_walk(e, &u, job->p->round_events, err);
        if (s == LCT_OK)
            s = tell(job, err);
    }
    lct_mc_engine_destroy(&e);
    free(bins);
    return s;
}

static enum lct_status measure(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    struct job *job = context;
    struct lct_mc_umbrella u = job->umbrella;
    u.time = job->time + i * job->n;
    u.visits = job->visits + i * job->n;
    struct lct_mc_engine *e = NULL;
    enum lct_status s = lct_mc_engine_create(&e, job->model, LCT_MC_REJECTION_FREE, job->p->seed, (1u << 20) + 1 + i, job->start, err);
    const uint64_t slice = job->p->run_events / 10 + 1;
    for (int k = 0; s == LCT_OK && k < 11; k++) {
        if (k == 1) { /* the first tenth forgets the start */
            memset(u.time, 0, job->n * sizeof *u.time);
            memset(u.visits, 0, job->n * sizeof *u.visits);
        }
        s = lct_mc_umbrella_walk(e, &u, slice, err);
        if (s == LCT_OK)
            s = tell(job, err);
    }
    lct_mc_engine_destroy(&e);
    return s;
}

/* F of one run at bin i, 0 at bin `zero`. */
static double free_energy(const struct job *job, size_t run, size_t i, size_t zero, const double *weight)
{
    const double *time = job->time + run * job->n;
    return weight[i] - log(time[i]) - (weight[zero] - log(time[zero]));
}

static void summarise(const struct job *job, const double *weight, struct lct_mc_barrier_point *out)
{
    const size_t zero = (size_t)-job->p->first;
    for (size_t i = 0; i < job->n; i++) {
        double sum = 0, squares = 0, visits = 0, total = 0, total_zero = 0;
        int m = 0;
        for (size_t r = 0; r < (size_t)job->p->runs; r++) {
            visits += job->visits[r * job->n + i];
            total += job->time[r * job->n + i];
            total_zero += job->time[r * job->n + zero];
            const double f = free_energy(job, r, i, zero, weight);
            if (!isfinite(f))
                continue;
            sum += f;
            squares += f * f;
            m++;
        }
        const double mean = sum / m, variance = fmax(0, squares / m - mean * mean) * m / (m - 1.0);
        /* the pooled time: the mean of logarithms would be biased where runs scatter */
        const double f = weight[i] - log(total) - (weight[zero] - log(total_zero));
        out[i] = (struct lct_mc_barrier_point){ .q = job->p->first + (long)i, .visits = visits,
            .free_energy_kt = isfinite(f) ? f : (double)NAN,
            .free_energy_sd_kt = m == job->p->runs ? sqrt(variance / m) : (double)NAN };
    }
}

enum lct_status lct_mc_barrier_run(struct lct_mc_barrier_point *out, const struct lct_mc_model *model, const uint8_t *start,
    const struct lct_mc_barrier_params *p, const struct lct_progress *progress, struct lct_err *err)
{
    const struct lct_mc_counts c = lct_mc_count(model, start);
    const long q = p->order == LCT_MC_ORDER_CORE ? 0 : c.exposed_core_sites;
    if (p->first > 0 || p->last < 1 || p->last - p->first > 100000 || q < p->first || q > p->last)
        return lct_fail(err, LCT_E_ARG, "range: %ld:%ld must hold 0, 1 and the q = %ld of the start", p->first, p->last, q);
    if (p->runs < 2 || p->run_events < 1000)
        return lct_fail(err, LCT_E_ARG, "runs: %d of %llu events; 2 or more of 1000 or more are needed for a sigma", p->runs,
            (unsigned long long)p->run_events);
    struct job job = { .model = model, .start = start, .p = p, .n = (size_t)(p->last - p->first + 1), .progress = progress,
        .lock = PTHREAD_MUTEX_INITIALIZER, .total = p->rounds + 11L * p->runs };
    double *weight = calloc(job.n, sizeof *weight);
    job.time = calloc(2 * job.n * (size_t)p->runs, sizeof *job.time);
    job.umbrella = (struct lct_mc_umbrella){ .order = p->order, .first = p->first, .last = p->last, .zero = c.core_sites,
        .weight = weight };
    enum lct_status s = weight && job.time ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "barrier: no memory for %zu bins", job.n);
    if (s == LCT_OK) {
        job.visits = job.time + job.n * (size_t)p->runs;
        s = learn(&job, err);
    }
    if (s == LCT_OK)
        s = lct_parallel_for(p->threads, (size_t)p->runs, measure, &job, err);
    if (s == LCT_OK)
        summarise(&job, weight, out);
    free(weight);
    free(job.time);
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
        if (!isnan(points[q - first].free_energy_kt))
            open += exp(-points[q - first].free_energy_kt);
    return -log(open);
}
