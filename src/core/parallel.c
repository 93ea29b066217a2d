#include <lctem/parallel.h>

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

enum { MAX_THREADS = 1024 };

struct job {
    lct_parallel_fn *fn;
    void *context;
    size_t n, next;
    size_t failed_at; /* n: nothing failed */
    struct lct_err fault;
    pthread_mutex_t lock;
};

struct worker {
    struct job *job;
    int index;
    pthread_t thread;
};

static bool take(struct job *job, size_t *i)
{
    pthread_mutex_lock(&job->lock);
    const bool more = job->next < job->n && job->failed_at == job->n;
    if (more)
        *i = job->next++;
    pthread_mutex_unlock(&job->lock);
    return more;
}

static void record_fault(struct job *job, size_t i, const struct lct_err *err)
{
    pthread_mutex_lock(&job->lock);
    if (i < job->failed_at) {
        job->failed_at = i;
        job->fault = *err;
    }
    pthread_mutex_unlock(&job->lock);
}

static void *work(void *arg)
{
    const struct worker *me = arg;
    for (size_t i; take(me->job, &i);) {
        struct lct_err err = { 0 };
        const enum lct_status status = me->job->fn(me->job->context, i, me->index, &err);
        if (status != LCT_OK) {
            err.code = status;
            record_fault(me->job, i, &err);
        }
    }
    return NULL;
}

enum lct_status lct_parallel_for(int threads, size_t n, lct_parallel_fn *fn, void *context, struct lct_err *err)
{
    if (threads < 1 || threads > MAX_THREADS)
        return lct_fail(err, LCT_E_ARG, "threads: %d is not between 1 and %d", threads, MAX_THREADS);
    struct job job = { .fn = fn, .context = context, .n = n, .failed_at = n, .lock = PTHREAD_MUTEX_INITIALIZER };
    const size_t wanted = n < (size_t)threads ? n : (size_t)threads;
    struct worker *workers = calloc(wanted ? wanted : 1, sizeof *workers);
    if (!workers)
        return lct_fail(err, LCT_E_LIMIT, "threads: no memory for %zu workers", wanted);

    /* The caller is worker 0. A thread that cannot be started is no fault: the others do its share. */
    size_t started = 0;
    for (size_t i = 1; i < wanted; i++) {
        workers[started] = (struct worker){ .job = &job, .index = (int)i };
        if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) == 0)
            started++;
    }
    struct worker self = { .job = &job, .index = 0 };
    work(&self);
    for (size_t i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    free(workers);
    pthread_mutex_destroy(&job.lock);

    if (job.failed_at < n) {
        if (err)
            *err = job.fault;
        return job.fault.code;
    }
    return LCT_OK;
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
