#include <lctem/parallel.h>

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

enum { MAX_THREADS = 1024 };

/* One of the steps that go in ascending order: the item it comes to next, and whether it is at one now. */
struct in_turn {
    size_t next;
    bool busy;
};

struct job {
    struct lct_steps steps;
    void *context;
    size_t n, next; /* of `each`: items below were handed out */
    struct in_turn before, after;
    unsigned char *done; /* n: `each` is done with the item; NULL: no step comes after */
    size_t failed_at;    /* n: nothing failed */
    struct lct_err fault;
    pthread_mutex_t lock;
    pthread_cond_t news;
};

struct worker {
    struct job *job;
    int index;
    pthread_t thread;
};

enum step { STEP_NONE, STEP_BEFORE, STEP_EACH, STEP_AFTER };

/* Is there room for work on item i? */
static bool fits(const struct job *job, size_t i)
{
    return i < job->n && (job->steps.room == 0 || i < job->after.next + job->steps.room);
}

/* What can be done now; what others wait for comes first. */
static enum step choose(struct job *job, size_t *i)
{
    if (job->done && !job->after.busy && job->after.next < job->n && job->done[job->after.next]) {
        job->after.busy = true;
        *i = job->after.next;
        return STEP_AFTER;
    }
    if (job->steps.before && !job->before.busy && fits(job, job->before.next)) {
        job->before.busy = true;
        *i = job->before.next;
        return STEP_BEFORE;
    }
    if (fits(job, job->next) && (!job->steps.before || job->next < job->before.next)) {
        *i = job->next++;
        return STEP_EACH;
    }
    return STEP_NONE;
}

/* The next step, once there is one. Nobody waits when all items were handed out: who is at the last ones does what comes after. */
static enum step take(struct job *job, size_t *i)
{
    pthread_mutex_lock(&job->lock);
    enum step step = STEP_NONE;
    while (job->failed_at == job->n && (step = choose(job, i)) == STEP_NONE && job->next < job->n)
        pthread_cond_wait(&job->news, &job->lock);
    pthread_mutex_unlock(&job->lock);
    return step;
}

static lct_parallel_fn *function_of(const struct lct_steps *steps, enum step step)
{
    return step == STEP_BEFORE ? steps->before : step == STEP_EACH ? steps->each : steps->after;
}

/* The step is over: who waits for it is told. */
static void settle(struct job *job, enum step step, size_t i, const struct lct_err *err)
{
    pthread_mutex_lock(&job->lock);
    if (err->code != LCT_OK && i < job->failed_at) {
        job->failed_at = i;
        job->fault = *err;
    }
    if (step == STEP_EACH && job->done)
        job->done[i] = 1;
    struct in_turn *turn = step == STEP_BEFORE ? &job->before : step == STEP_AFTER ? &job->after : NULL;
    if (turn) {
        turn->next = i + 1;
        turn->busy = false;
    }
    pthread_cond_broadcast(&job->news);
    pthread_mutex_unlock(&job->lock);
}

static void *work(void *arg)
{
    const struct worker *me = arg;
    size_t i;
    for (enum step step; (step = take(me->job, &i)) != STEP_NONE;) {
        struct lct_err err = { 0 };
        err.code = function_of(&me->job->steps, step)(me->job->context, i, me->index, &err);
        settle(me->job, step, i, &err);
    }
    return NULL;
}

/* The caller is worker 0. A thread that cannot be started is no fault: the others do its share. */
static enum lct_status share(struct job *job, int threads, struct lct_err *err)
{
    const size_t wanted = job->n < (size_t)threads ? job->n : (size_t)threads;
    struct worker *workers = calloc(wanted ? wanted : 1, sizeof *workers);
    if (!workers)
        return lct_fail(err, LCT_E_LIMIT, "threads: no memory for %zu workers", wanted);
    size_t started = 0;
    for (size_t i = 1; i < wanted; i++) {
        workers[started] = (struct worker){ .job = job, .index = (int)i };
        if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) == 0)
            started++;
    }
    struct worker self = { .job = job, .index = 0 };
    work(&self);
    for (size_t i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    free(workers);
    if (job->failed_at == job->n)
        return LCT_OK;
    if (err)
        *err = job->fault;
    return job->fault.code;
}

enum lct_status lct_parallel_steps(
    int threads, size_t n, const struct lct_steps *steps, void *context, struct lct_err *err)
{
    if (threads < 1 || threads > MAX_THREADS)
        return lct_fail(err, LCT_E_ARG, "threads: %d is not between 1 and %d", threads, MAX_THREADS);
    struct job job = { .steps = { steps->before, steps->each, steps->after, steps->after ? steps->room : 0 },
        .context = context,
        .n = n,
        .failed_at = n,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .news = PTHREAD_COND_INITIALIZER };
    if (steps->after && !(job.done = calloc(n ? n : 1, 1)))
        return lct_fail(err, LCT_E_LIMIT, "threads: no memory for %zu items", n);
    const enum lct_status status = share(&job, threads, err);
    free(job.done);
    pthread_cond_destroy(&job.news);
    pthread_mutex_destroy(&job.lock);
    return status;
}

enum lct_status lct_parallel_for(int threads, size_t n, lct_parallel_fn *fn, void *context, struct lct_err *err)
{
    return lct_parallel_steps(threads, n, &(struct lct_steps){ .each = fn }, context, err);
}

struct lct_aside {
    lct_aside_fn *fn;
    void *context;
    pthread_t thread;
    bool threaded;
    enum lct_status status;
    struct lct_err err;
};

static void *do_aside(void *arg)
{
    struct lct_aside *a = arg;
    a->status = a->fn(a->context, &a->err);
    return NULL;
}

enum lct_status lct_aside_begin(struct lct_aside **out, lct_aside_fn *fn, void *context, struct lct_err *err)
{
    struct lct_aside *a = calloc(1, sizeof *a);
    if (!a)
        return lct_fail(err, LCT_E_LIMIT, "threads: no memory");
    *a = (struct lct_aside){ .fn = fn, .context = context };
    a->threaded = pthread_create(&a->thread, NULL, do_aside, a) == 0;
    if (!a->threaded)
        do_aside(a);
    *out = a;
    return LCT_OK;
}

enum lct_status lct_aside_end(struct lct_aside **aside, struct lct_err *err)
{
    struct lct_aside *a = *aside;
    *aside = NULL;
    if (!a)
        return LCT_OK;
    if (a->threaded)
        pthread_join(a->thread, NULL);
    const enum lct_status status = a->status;
    if (status != LCT_OK && err)
        *err = a->err;
    free(a);
    return status;
}

int lct_parallel_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return CPU_COUNT(&set);
    return 1;
}
