#include "umbrella.h"

#include <lctem/farm.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const struct lct_column columns[] = {
    { "q", "", "core sites beyond the start, or exposed core sites (mc.json says which)" },
    { "free_energy_kt", "kT", "F(q) - F(0)" },
    { "free_energy_sd_kt", "kT", "standard error from independent runs" },
    { "visits", "", "events at this q under the weights, all runs together" },
    { "link_kt", "kT", "F(q) - ln(mean rate per site and attempt from q to q + 1); order core only" },
};
const struct lct_table_spec lct_mc_barrier_table = { "barrier", "free energy over an order parameter", 1, columns, 5 };

struct lct_mc_barrier_params lct_mc_barrier_defaults(enum lct_mc_order order)
{
    const bool core = order == LCT_MC_ORDER_CORE;
    return (struct lct_mc_barrier_params){ .order = order,
        .first = core ? -24 : 0,
        .last = core ? 48 : 8,
        .rounds = core ? 600 : 12,
        .round_events = core ? 20000 : 200000,
        .runs = 8,
        .run_events = core ? 15000000 : 5000000,
        .strays = 2,
        .seed = 1,
        .threads = 1 };
}

/* kT that a q is thought to be dearer than its neighbour while nothing has been seen there, for so many q */
#define LEAP_KT 4.0
enum { LEAPS = 4 };
/* of the coexistence, unless another is asked for: the barriers of one facet's first three columns */
enum { WIDTH = 12 };

struct job {
    const struct lct_mc_model *model; /* the softened one, if it is */
    const uint8_t *start;
    const struct lct_mc_barrier_params *p;
    double softening_kt;
    long zero; /* core sites at the start */
    size_t n;  /* bins */
    long width;
    double *free_energy, *link, *visits; /* [runs][n] */
    double *mu_change, *opening, *trips; /* [runs] */
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

/* F and the links from rates, from q = 0 outwards until nothing is known. */
static void from_rates(const struct lct_mc_umbrella *u, double *f, double *link)
{
    const struct lct_mc_seen *s = &u->seen;
    const long n = u->last - u->first + 1, zero = -u->first;
    for (long i = 0; i < n; i++)
        f[i] = (double)NAN;
    f[zero] = 0;
    for (long i = zero; i + 1 < n; i++)
        f[i + 1] = f[i] - log(s->up[i] / s->time[i]) + log(s->down[i + 1] / s->time[i + 1]);
    for (long i = zero; i > 0; i--)
        f[i - 1] = f[i] + log(s->up[i - 1] / s->time[i - 1]) - log(s->down[i] / s->time[i]);
    for (long i = 0; i < n; i++) {
        if (!isfinite(f[i]))
            f[i] = (double)NAN;
        link[i] = s->up[i] > 0 ? f[i] - log(s->up[i] / s->time[i]) : (double)NAN;
    }
}

/* The weights follow F; beyond what is known they rise, so that the walk is drawn there. */
static void set_weights(const struct lct_mc_umbrella *u, const double *f, double *weight)
{
    const long n = u->last - u->first + 1, zero = -u->first;
    for (int direction = -1; direction <= 1; direction += 2) {
        int leaps = 0;
        for (long i = zero + direction; i >= 0 && i < n; i += direction)
            if (!isnan(f[i]))
                weight[i] = f[i];
            else
                weight[i] = weight[i - direction] + (leaps++ < LEAPS ? LEAP_KT : 0);
    }
}

static void forget(const struct lct_mc_umbrella *u, double share)
{
    double *const all[] = { u->seen.time, u->seen.visits, u->seen.up, u->seen.down };
    for (int k = 0; k < 4; k++)
        for (long i = 0; i <= u->last - u->first; i++)
            all[k][i] *= 1 - share;
}

/* One walk over u->first .. u->last, with its share of the events: weights are learnt, then kept and measured under. f and link are its own
 * part of the run's. */
static enum lct_status walk_core(
    struct job *job, struct lct_mc_engine *e, struct lct_mc_umbrella *u, double *f, double *link, struct lct_err *err)
{
    const struct lct_mc_barrier_params *p = job->p;
    const long n = u->last - u->first + 1;
    const double share = (double)(n - 1) / (double)(job->n - 1);
    double *weight = calloc((size_t)n, sizeof *weight);
    if (!weight)
        return lct_fail(err, LCT_E_LIMIT, "barrier: no memory");
    u->weight = weight;
    enum lct_status s = LCT_OK;
    for (int k = 0; s == LCT_OK && k < p->rounds; k++) {
        from_rates(u, f, link);
        set_weights(u, f, weight);
        forget(u, 0.2); /* what was seen in the first rounds was far from equilibrium */
        s = lct_mc_umbrella_core(e, u, 1 + (uint64_t)(share * (double)p->round_events), err);
        if (s == LCT_OK)
            s = tell(job, err);
    }
    from_rates(u, f, link);
    if (p->rounds)
        set_weights(u, f, weight);
    forget(u, 1);
    u->trips = 0;
    for (int k = 0; s == LCT_OK && k < 100; k++) {
        s = lct_mc_umbrella_core(e, u, (uint64_t)(share * (double)(p->run_events / 100)), err);
        if (s == LCT_OK)
            s = tell(job, err);
    }
    from_rates(u, f, link);
    if (p->rounds == 0) /* brute force: from the time alone, whatever the rates say */
        for (long i = 0; i < n; i++)
            f[i] = u->seen.time[i] > 0 ? log(u->seen.time[-u->first] / u->seen.time[i]) : (double)NAN;
    free(weight);
    return s;
}

/* Where growth and dissolution meet at q = 0 only, they are two walks: each comes back twice as often. The rates at q = 0 do not ask which
 * of the two it is. */
static bool two_walks(const struct lct_mc_barrier_params *p)
{
    return p->keep_start && p->rounds > 0 && p->first < 0;
}

static enum lct_status run_core(
    struct job *job, struct lct_mc_engine *e, struct lct_mc_umbrella *u, size_t run, struct lct_err *err)
{
    const struct lct_mc_barrier_params *p = job->p;
    double *f = job->free_energy + run * job->n, *link = job->link + run * job->n;
    if (!two_walks(p))
        return walk_core(job, e, u, f, link, err);
    struct lct_mc_umbrella below = *u, above = *u;
    const long zero = -p->first;
    below.last = above.first = 0;
    enum lct_status s = walk_core(job, e, &below, f, link, err);
    if (s == LCT_OK)
        s = lct_mc_engine_reset(e, job->start, err);
    above.seen =
        (struct lct_mc_seen){ u->seen.time + zero, u->seen.visits + zero, u->seen.up + zero, u->seen.down + zero };
    above.kept.n_extra = above.kept.n_missing = 0;
    if (s == LCT_OK)
        s = walk_core(job, e, &above, f + zero, link + zero, err);
    u->trips = below.trips < above.trips ? below.trips : above.trips;
    return s;
}

static enum lct_status run_exposed(
    struct job *job, struct lct_mc_engine *e, struct lct_mc_umbrella *u, size_t run, struct lct_err *err)
{
    const struct lct_mc_barrier_params *p = job->p;
    double *f = job->free_energy + run * job->n, *time = u->seen.time;
    enum lct_status s = LCT_OK;
    for (int k = 0; s == LCT_OK && k < 110; k++) {
        if (k == 10) /* a tenth to forget the start */
            forget(u, 1);
        s = lct_mc_umbrella_exposed(e, u, p->run_events / 100, err);
        if (s == LCT_OK)
            s = tell(job, err);
    }
    double open = 0;
    for (size_t i = 0; i < job->n; i++) {
        open += i == (size_t)-p->first ? 0 : time[i];
        f[i] = time[i] > 0 ? log(time[-p->first] / time[i]) : (double)NAN;
    }
    job->opening[run] = log(time[-p->first] / open);
    return s;
}

/* ---- a walk's memory ---- */

static void close_walk(struct lct_mc_engine **e, struct lct_mc_umbrella *u)
{
    lct_mc_engine_destroy(e);
    free(u->seen.time);
    free(u->kept.site);
}

static enum lct_status open_walk(const struct job *job, const struct lct_mc_model *model, uint64_t stream,
    struct lct_mc_engine **e, struct lct_mc_umbrella *u, struct lct_err *err)
{
    const struct lct_mc_barrier_params *p = job->p;
    const bool core = p->order == LCT_MC_ORDER_CORE;
    *u = (struct lct_mc_umbrella){
        .first = p->first, .last = p->last, .zero = job->zero, .strays = p->keep_start ? p->strays : LONG_MAX
    };
    const size_t room = core ? job->n + 2 : p->keep_start ? 2 * (size_t)p->strays + 4 : 1;
    double *seen = calloc(4 * job->n, sizeof *seen);
    u->seen = (struct lct_mc_seen){ seen, seen + job->n, seen + 2 * job->n, seen + 3 * job->n };
    u->kept.start = p->keep_start ? job->start : NULL;
    u->kept.site = calloc(room, sizeof *u->kept.site);
    if (!seen || !u->kept.site)
        return lct_fail(err, LCT_E_LIMIT, "barrier: no memory");
    return lct_mc_engine_create(e, model, LCT_MC_REJECTION_FREE, p->seed, stream, job->start, err);
}

/* The numbers of one run lie in several arrays: as one row for the way from process to process, and back. */
static void copy_run(struct job *job, size_t run, double *row, bool out)
{
    double *const all[] = { job->free_energy, job->link, job->visits, job->mu_change, job->opening, job->trips };
    for (size_t k = 0; k < 6; k++) {
        const size_t n = k < 3 ? job->n : 1;
        double *at = all[k] + run * n;
        memcpy(out ? row : at, out ? at : row, n * sizeof *row);
        row += n;
    }
}

static enum lct_status keep_run(void *context, size_t run, const void *row, struct lct_err *err)
{
    (void)err;
    copy_run(context, run, (double *)(uintptr_t)row, false);
    return LCT_OK;
}

static enum lct_status one_run(void *context, size_t run, int worker, void *row, struct lct_err *err)
{
    (void)worker;
    struct job *job = context;
    const struct lct_mc_barrier_params *p = job->p;
    struct lct_mc_umbrella u;
    struct lct_mc_engine *e = NULL;
    enum lct_status s = open_walk(job, job->model, ((uint64_t)1 << 40) + run, &e, &u, err);
    u.softening_kt = job->softening_kt;
    if (s == LCT_OK)
        s = (p->order == LCT_MC_ORDER_CORE ? run_core : run_exposed)(job, e, &u, run, err);
    if (s == LCT_OK)
        memcpy(job->visits + run * job->n, u.seen.visits, job->n * sizeof *job->visits);
    job->trips[run] = (double)u.trips;
    job->mu_change[run] = job->width > 0
        ? lct_mc_coexistence(job->link + run * job->n + (size_t)(-job->width - p->first), job->width)
        : (double)NAN;
    close_walk(&e, &u);
    copy_run(job, run, row, true);
    return s;
}

/* ---- softening ---- */

/* Share of the time in which a walk with this softening has lost core-core bonds. */
static enum lct_status lost_share(
    struct job *job, const struct lct_mc_params *params, double softening_kt, double *share, struct lct_err *err)
{
    struct lct_mc_params soft = *params;
    soft.eps_core -= softening_kt;
    struct lct_mc_model model;
    enum lct_status s = lct_mc_model_init(&model, &soft, err);
    if (s != LCT_OK)
        return s;
    struct lct_mc_umbrella u;
    struct lct_mc_engine *e = NULL;
    double all = 0;
    s = open_walk(job, &model, (uint64_t)1 << 41, &e, &u, err);
    if (s == LCT_OK)
        s = lct_mc_umbrella_exposed(e, &u, job->p->round_events, err);
    for (size_t i = 0; s == LCT_OK && i < job->n; i++)
        all += u.seen.time[i];
    *share = 1 - u.whole / all;
    close_walk(&e, &u);
    lct_mc_model_finish(&model);
    return s == LCT_OK ? tell(job, err) : s;
}

/* Between no softening and bonds no stronger than those to the shell, where core would dissolve in it: half of the time with all bonds of
 * the start. More and the walk loses the covered state, which nearly all of the weight belongs to; less and openings are rare. */
static enum lct_status find_softening(struct job *job, const struct lct_mc_params *params, struct lct_err *err)
{
    double low = 0, high = fmax(0, params->eps_core - params->eps_interface), share = 0;
    for (int k = 0; k < job->p->rounds && high > 0; k++) {
        const double middle = k == 0 ? 0 : (low + high) / 2;
        const enum lct_status s = lost_share(job, params, middle, &share, err);
        if (s != LCT_OK)
            return s;
        if (share < 0.5)
            low = middle;
        else
            high = middle;
    }
    job->softening_kt = low;
    return LCT_OK;
}

/* ---- the runs together ---- */

static struct lct_mc_mean mean_of(const double *x, size_t n, size_t stride)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i * stride];
    const double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (x[i * stride] - mean) * (x[i * stride] - mean);
    return (struct lct_mc_mean){ mean, sqrt(squares / (double)(n - 1) / (double)n) };
}

static void summarise(const struct job *job, struct lct_mc_barrier *out)
{
    const size_t runs = (size_t)job->p->runs;
    const bool core = job->p->order == LCT_MC_ORDER_CORE;
    for (size_t i = 0; i < job->n; i++) {
        const struct lct_mc_mean f = mean_of(job->free_energy + i, runs, job->n);
        double visits = 0;
        for (size_t r = 0; r < runs; r++)
            visits += job->visits[r * job->n + i];
        out->points[i] = (struct lct_mc_barrier_point){ .q = job->p->first + (long)i,
            .visits = visits,
            .free_energy_kt = f.value,
            .free_energy_sd_kt = f.sd,
            .link_kt = core ? mean_of(job->link + i, runs, job->n).value : (double)NAN };
    }
    out->width = job->width;
    out->softening_kt = job->softening_kt;
    out->mu_change_kt = mean_of(job->mu_change, runs, 1);
    out->opening_kt = mean_of(job->opening, runs, 1);
    out->trips = mean_of(job->trips, runs, 1).value;
}

/* ---- the whole ---- */

static enum lct_status check(const struct lct_mc_barrier_params *p, long q, struct lct_err *err)
{
    if (p->first > 0 || p->last < 1 || p->last - p->first > 100000 || q < p->first || q > p->last)
        return lct_fail(err, LCT_E_ARG,
            "range: %ld:%ld must hold 0, 1 and the q = %ld of the start; widen it with --range A:B", p->first, p->last,
            q);
    if (p->strays < 0 || p->strays > 100000)
        return lct_fail(err, LCT_E_ARG, "strays: %ld; give a number between 0 and 100000", p->strays);
    if (p->runs < 2 || p->run_events < 1000 || p->rounds < 0 || p->round_events < 1)
        return lct_fail(err, LCT_E_ARG, "runs: %d of %llu events; give at least 2 of 1000", p->runs,
            (unsigned long long)p->run_events);
    const long room = p->last < -p->first ? p->last : -p->first;
    if (p->width < 0 || p->width > room)
        return lct_fail(err, LCT_E_ARG, "width: %ld; the range %ld:%ld leaves at most %ld on both sides", p->width,
            p->first, p->last, room);
    return LCT_OK;
}

static enum lct_status prepare(struct job *job, struct lct_err *err)
{
    const size_t runs = (size_t)job->p->runs, bins = job->n * runs;
    job->free_energy = malloc((3 * bins + 3 * runs) * sizeof *job->free_energy);
    if (!job->free_energy)
        return lct_fail(err, LCT_E_LIMIT, "barrier: no memory for %zu bins", bins);
    for (size_t i = 0; i < 3 * (bins + runs); i++)
        job->free_energy[i] = (double)NAN;
    job->link = job->free_energy + bins;
    job->visits = job->link + bins;
    job->mu_change = job->visits + bins;
    job->opening = job->mu_change + runs;
    job->trips = job->opening + runs;
    return LCT_OK;
}

enum lct_status lct_mc_barrier_check(
    const struct lct_mc_model *model, const uint8_t *start, const struct lct_mc_barrier_params *p, struct lct_err *err)
{
    return check(p, p->order == LCT_MC_ORDER_CORE ? 0 : lct_mc_count(model, start).exposed_core_sites, err);
}

enum lct_status lct_mc_barrier_run(struct lct_mc_barrier *out, const struct lct_mc_model *model, const uint8_t *start,
    const struct lct_mc_barrier_params *p, const struct lct_progress *progress, struct lct_err *err)
{
    const struct lct_mc_counts c = lct_mc_count(model, start);
    const bool core = p->order == LCT_MC_ORDER_CORE;
    enum lct_status s = lct_mc_barrier_check(model, start, p, err);
    if (s != LCT_OK)
        return s;
    struct job job = { .start = start,
        .p = p,
        .zero = c.core_sites,
        .n = (size_t)(p->last - p->first + 1),
        .progress = progress,
        .lock = PTHREAD_MUTEX_INITIALIZER };
    job.total = core ? p->runs * (p->rounds + 100L) * (two_walks(p) ? 2 : 1) : p->rounds + p->runs * 110L;
    const long reach = p->last < -p->first ? p->last : -p->first;
    job.width = !core || p->width ? p->width : reach < WIDTH ? reach : WIDTH;
    struct lct_mc_model soft = { 0 };
    s = prepare(&job, err);
    if (s == LCT_OK && !core)
        s = find_softening(&job, &model->params, err);
    struct lct_mc_params params = model->params;
    params.eps_core -= job.softening_kt;
    if (s == LCT_OK)
        s = lct_mc_model_init(&soft, &params, err);
    job.model = &soft;
    const struct lct_farm farm = { .comm = p->comm,
        .end = (size_t)p->runs,
        .result_bytes = (3 * job.n + 3) * sizeof(double),
        .threads = p->threads,
        .work = one_run,
        .each = keep_run,
        .context = &job };
    s = lct_comm_agree(p->comm, s, err);
    if (s == LCT_OK)
        s = lct_farm_run(&farm, err);
    if (s == LCT_OK && lct_comm_rank(p->comm) == 0)
        summarise(&job, out);
    lct_mc_model_finish(&soft);
    free(job.free_energy);
    pthread_mutex_destroy(&job.lock);
    return s;
}

double lct_mc_growth_probability(const double *link_kt, long width, double mu_change_kt)
{
    double sum[2] = { 0, 0 }; /* resistances below and above q = 0 */
    for (long q = -width; q < width; q++)
        sum[q >= 0] += exp(link_kt[q + width] - mu_change_kt * ((double)q + 0.5));
    return sum[0] / (sum[0] + sum[1]);
}

double lct_mc_coexistence(const double *link_kt, long width)
{
    double low = -60, high = 60;
    if (!isfinite(lct_mc_growth_probability(link_kt, width, 0)))
        return (double)NAN;
    for (int i = 0; i < 100; i++) {
        const double middle = (low + high) / 2;
        if (lct_mc_growth_probability(link_kt, width, middle) < 0.5)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}
