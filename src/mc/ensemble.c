#include <lctem/mc_ensemble.h>

#include <lctem/farm.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct lct_mc_run lct_mc_run_defaults(void)
{
    return (struct lct_mc_run){
        .engine = LCT_MC_REJECTION_FREE, .seed = 1, .max_steps = 1e9, .max_events = 200000000, .threads = 1
    };
}

static double steps_of(uint64_t clock, uint32_t n_sites)
{
    return clock == UINT64_MAX ? (double)NAN : ceil((double)clock / n_sites);
}

static void fill_passage(struct lct_mc_passage *out, const struct lct_mc_model *m, const struct lct_mc_tally *t)
{
    const uint32_t n = m->lattice.n_sites;
    out->steps = steps_of(t->clock, n);
    out->first_exposure_steps = steps_of(t->first_exposure, n);
    out->onset_steps = steps_of(t->onset, n);
    out->crack_steps = steps_of(t->onset_crack, n);
    out->burst_steps = steps_of(t->burst, n);
    out->burst_crack_steps = steps_of(t->burst_crack, n);
    const bool grown = out->end == LCT_MC_END_TARGET && t->onset != UINT64_MAX;
    const double clock = grown ? (double)t->onset_crack : (double)t->clock;
    out->exposed_frac = clock > 0 ? (grown ? t->onset_exposed_clock : t->exposed_clock) / clock : (double)NAN;
    out->events = t->events;
    out->attempts = t->clock;
}

static enum lct_status run_to_end(struct lct_mc_engine *e, const struct lct_mc_run *run, uint64_t until, long target,
    enum lct_mc_end *end, bool (*go_on)(void *), void *context, struct lct_err *err)
{
    enum { SLICE = 100000 }; /* events between two looks at the user's wish to stop: a tenth of a second */
    for (;;) {
        struct lct_mc_stop stop = { .core_at_least = target, .core_at_most = 0 };
        const uint64_t done = lct_mc_engine_tally(e)->events;
        const bool last = run->max_events - done <= SLICE;
        stop.max_events = last ? run->max_events : done + SLICE;
        const enum lct_status status = lct_mc_engine_run(e, until, &stop, end, err);
        if (status != LCT_OK || *end != LCT_MC_END_EVENTS || last)
            return status;
        if (go_on && !go_on(context))
            return lct_fail(err, LCT_E_CANCELLED, "interrupted; --resume goes on from here");
    }
}

enum lct_status lct_mc_passage_run(struct lct_mc_passage *out, const struct lct_mc_model *model,
    const struct lct_mc_run *run, uint64_t replica, bool shell, bool (*go_on)(void *), void *context,
    struct lct_err *err)
{
    const uint32_t n = model->lattice.n_sites;
    struct lct_mc_passage p = { .replica = replica, .shell = shell };
    struct lct_mc_engine *e = NULL;
    uint8_t *start = malloc(n);
    enum lct_status status = start ? lct_mc_start(model, shell, start, err)
                                   : lct_fail(err, LCT_E_LIMIT, "lattice model: no memory for %u sites", n);
    if (status == LCT_OK) {
        p.start = lct_mc_count(model, start);
        status = lct_mc_engine_create(&e, model, run->engine, run->seed, 2 * replica + shell, start, err);
    }
    const uint64_t until = (uint64_t)(fmin(run->max_steps, 1e12) * n);
    if (status == LCT_OK)
        status = run_to_end(e, run, until, model->params.target_core_sites, &p.end, go_on, context, err);
    if (status == LCT_OK) {
        fill_passage(&p, model, lct_mc_engine_tally(e));
        p.finish = lct_mc_count(model, lct_mc_engine_occupancy(e));
        *out = p;
    }
    lct_mc_engine_destroy(&e);
    free(start);
    return status;
}

size_t lct_mc_list_count(const struct lct_mc_list *list)
{
    return list->replicas * ((size_t)list->bare + (size_t)list->shell);
}

struct job {
    struct lct_mc_passage *out;
    const struct lct_mc_model *model;
    const struct lct_mc_run *run;
    const struct lct_mc_list *list;
    const struct lct_progress *progress;
    lct_mc_passage_fn *each;
    void *context;
    pthread_mutex_t lock;
    size_t reported; /* passages handed to `each` */
    bool cancelled;
};

static bool go_on(void *context)
{
    struct job *job = context;
    pthread_mutex_lock(&job->lock);
    if (!job->cancelled
        && lct_progress_step(job->progress, "replicas", (long)job->reported, (long)lct_mc_list_count(job->list), NULL)
            != LCT_OK)
        job->cancelled = true;
    const bool on = !job->cancelled;
    pthread_mutex_unlock(&job->lock);
    return on;
}

static enum lct_status keep(void *context, size_t i, const void *result, struct lct_err *err)
{
    struct job *job = context;
    memcpy(&job->out[i], result, sizeof job->out[i]);
    const enum lct_status status = job->each ? job->each(job->context, &job->out[i], err) : LCT_OK;
    pthread_mutex_lock(&job->lock);
    job->reported = i + 1;
    pthread_mutex_unlock(&job->lock);
    return status;
}

void lct_mc_list_item(const struct lct_mc_list *list, size_t i, uint64_t *replica, bool *shell)
{
    const bool both = list->bare && list->shell;
    *shell = both ? i % 2 == 1 : list->shell;
    *replica = both ? i / 2 : i;
}

static enum lct_status one(void *context, size_t i, int worker, void *result, struct lct_err *err)
{
    (void)worker;
    struct job *job = context;
    uint64_t replica;
    bool shell;
    lct_mc_list_item(job->list, i, &replica, &shell);
    if (!go_on(job))
        return lct_fail(err, LCT_E_CANCELLED, "interrupted; --resume goes on from here");
    return lct_mc_passage_run(result, job->model, job->run, replica, shell, go_on, job, err);
}

enum lct_status lct_mc_ensemble_run(struct lct_mc_passage *out, const struct lct_mc_model *model,
    const struct lct_mc_run *run, const struct lct_mc_list *list, const struct lct_progress *progress,
    lct_mc_passage_fn *each, void *context, struct lct_err *err)
{
    const size_t n = lct_mc_list_count(list);
    if (!(run->max_steps >= 1))
        return lct_fail(err, LCT_E_ARG, "max_steps: %g is below 1", run->max_steps);
    struct job job = { .out = out,
        .model = model,
        .run = run,
        .list = list,
        .progress = progress,
        .each = each,
        .context = context,
        .reported = list->first,
        .lock = PTHREAD_MUTEX_INITIALIZER };
    const struct lct_farm farm = { .comm = run->comm,
        .first = list->first < n ? list->first : n,
        .end = n,
        .result_bytes = sizeof *out,
        .threads = run->threads,
        .work = one,
        .each = keep,
        .context = &job };
    enum lct_status status = lct_farm_run(&farm, err);
    if (status == LCT_OK)
        status = lct_progress_step(progress, "replicas", (long)n, (long)n, err);
    pthread_mutex_destroy(&job.lock);
    return status;
}
