#include <lctem/farm.h>

#include <lctem/parallel.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WINDOW_PER_WORKER = 16, MIN_WINDOW = 256, IDLE_NS = 200000 };

/* ---- messages: a header and what follows it ---- */

enum kind {
    ASK,    /* worker: give me up to `count` items */
    RESULT, /* worker: item `index`, its result behind the header */
    FAULT,  /* worker: item `index`, a struct lct_err behind the header */
    WORK,   /* rank 0: `count` items from `index` on */
    STOP    /* rank 0: there is no more */
};
struct header {
    uint64_t kind, index, count;
};

static enum lct_status send_message(
    const struct lct_farm *farm, int to, struct header head, const void *rest, size_t n, struct lct_err *err)
{
    const struct lct_comm *comm = farm->comm;
    unsigned char *bytes = malloc(sizeof head + n);
    if (!bytes)
        return lct_fail(err, LCT_E_LIMIT, "no memory for a message of %zu bytes", n);
    memcpy(bytes, &head, sizeof head);
    if (n > 0)
        memcpy(bytes + sizeof head, rest, n);
    const enum lct_status status = comm->send(comm->context, to, bytes, sizeof head + n, err);
    free(bytes);
    return status;
}

/* The next message: its header, and `*rest`, which the caller frees together with it by freeing `*message`. */
static enum lct_status next_message(const struct lct_farm *farm, int *from, bool wait, struct header *head,
    unsigned char **message, struct lct_err *err)
{
    void *bytes = NULL;
    size_t n;
    const enum lct_status status = farm->comm->receive(farm->comm->context, from, wait, &bytes, &n, err);
    if (status != LCT_OK)
        return status;
    if (n >= sizeof *head)
        memcpy(head, bytes, sizeof *head);
    const size_t due = n < sizeof *head ? 0
                                        : sizeof *head
            + (head->kind == RESULT       ? farm->result_bytes
                    : head->kind == FAULT ? sizeof(struct lct_err)
                                          : 0);
    if (n != due) {
        free(bytes);
        return lct_fail(err, LCT_E_INTERNAL, "rank %d: a message of %zu bytes that is none of ours", *from, n);
    }
    *message = bytes;
    return LCT_OK;
}

/* ---- rank 0: who has what, and what has come back ---- */

struct root {
    const struct lct_farm *farm;
    pthread_mutex_t lock;
    pthread_cond_t moved; /* the window, or a fault */
    size_t window;
    size_t next, reported;  /* items below were handed out; to `each` */
    unsigned char *results; /* window: item i in slot i % window */
    bool *done;             /* likewise */
    size_t failed_at;       /* end: nothing failed */
    struct lct_err fault;
    int *wants; /* size: items that a rank waits for; 0: none; -1: stopped */
    int stopped;
    enum lct_status local; /* of the threads here */
    struct lct_err local_err;
};

/* With the lock held. */
static void note_fault(struct root *r, size_t i, enum lct_status status, const struct lct_err *err)
{
    if (i < r->failed_at) {
        r->failed_at = i;
        r->fault = *err;
        r->fault.code = status;
    }
    pthread_cond_broadcast(&r->moved);
}

static void record_fault(struct root *r, size_t i, enum lct_status status, const struct lct_err *err)
{
    pthread_mutex_lock(&r->lock);
    note_fault(r, i, status, err);
    pthread_mutex_unlock(&r->lock);
}

static bool is_over(const struct root *r)
{
    return r->failed_at < r->farm->end || r->next >= r->farm->end;
}

/* Up to `most` items from *i on; with the lock held. */
static size_t hand_out(struct root *r, size_t most, size_t *i)
{
    const size_t room = r->reported + r->window - r->next, left = r->farm->end - r->next;
    const size_t n = is_over(r) ? 0 : most < room ? (most < left ? most : left) : room < left ? room : left;
    *i = r->next;
    r->next += n;
    return n;
}

static unsigned char *slot_of(const struct root *r, size_t i)
{
    return r->results + i % r->window * r->farm->result_bytes;
}

/* Item i is in its slot: hand on what is complete, in order, and nothing from a fault on. */
static void accept_result(struct root *r, size_t i)
{
    pthread_mutex_lock(&r->lock);
    r->done[i % r->window] = true;
    while (r->reported < r->failed_at && r->done[r->reported % r->window]) {
        struct lct_err err = { 0 };
        const size_t at = r->reported++;
        const enum lct_status status =
            r->farm->each ? r->farm->each(r->farm->context, at, slot_of(r, at), &err) : LCT_OK;
        r->done[at % r->window] = false;
        if (status != LCT_OK)
            note_fault(r, at, status, &err);
    }
    pthread_cond_broadcast(&r->moved);
    pthread_mutex_unlock(&r->lock);
}

static enum lct_status work_here(void *context, size_t unused, int worker, struct lct_err *err)
{
    (void)unused;
    (void)err;
    struct root *r = context;
    for (;;) {
        size_t i;
        pthread_mutex_lock(&r->lock);
        while (hand_out(r, 1, &i) == 0) {
            if (is_over(r)) {
                pthread_mutex_unlock(&r->lock);
                return LCT_OK;
            }
            pthread_cond_wait(&r->moved, &r->lock);
        }
        pthread_mutex_unlock(&r->lock);
        struct lct_err why = { 0 };
        memset(slot_of(r, i), 0, r->farm->result_bytes);
        const enum lct_status status = r->farm->work(r->farm->context, i, worker, slot_of(r, i), &why);
        if (status == LCT_OK)
            accept_result(r, i);
        else
            record_fault(r, i, status, &why);
    }
}

static void *threads_here(void *context)
{
    struct root *r = context;
    r->local = lct_parallel_for(r->farm->threads, (size_t)r->farm->threads, work_here, r, &r->local_err);
    return NULL;
}

static enum lct_status handle(
    struct root *r, int from, const struct header *head, const unsigned char *rest, struct lct_err *err)
{
    const size_t i = (size_t)head->index;
    if (head->kind == ASK) {
        r->wants[from] = head->count > INT32_MAX ? 1 : (int)head->count;
        return LCT_OK;
    }
    if (i >= r->farm->end || i < r->reported || i - r->reported >= r->window)
        return lct_fail(err, LCT_E_INTERNAL, "rank %d: sent item %zu, which nobody wants", from, i);
    if (head->kind == FAULT) {
        struct lct_err why;
        memcpy(&why, rest, sizeof why);
        record_fault(r, i, why.code, &why);
    } else {
        memcpy(slot_of(r, i), rest, r->farm->result_bytes);
        accept_result(r, i);
    }
    return LCT_OK;
}

/* Give those who wait what there is, or send them home. */
static enum lct_status answer(struct root *r, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    for (int rank = 1; status == LCT_OK && rank < r->farm->comm->size; rank++) {
        if (r->wants[rank] <= 0)
            continue;
        size_t i;
        pthread_mutex_lock(&r->lock);
        const size_t n = hand_out(r, (size_t)r->wants[rank], &i);
        const bool over = is_over(r);
        pthread_mutex_unlock(&r->lock);
        if (n == 0 && !over)
            continue; /* the window is full */
        status = send_message(r->farm, rank, (struct header){ n ? WORK : STOP, i, n }, NULL, 0, err);
        r->wants[rank] = n ? 0 : -1;
        r->stopped += n == 0;
    }
    return status;
}

static enum lct_status serve(struct root *r, struct lct_err *err)
{
    const struct timespec pause = { .tv_nsec = IDLE_NS };
    enum lct_status status = LCT_OK;
    while (status == LCT_OK && r->stopped < r->farm->comm->size - 1) {
        struct header head;
        unsigned char *message = NULL;
        int from = -1;
        status = next_message(r->farm, &from, false, &head, &message, err);
        const bool nothing = status == LCT_END;
        if (status == LCT_OK)
            status = handle(r, from, &head, message + sizeof head, err);
        free(message);
        if (nothing || status == LCT_OK)
            status = answer(r, err);
        if (nothing)
            nanosleep(&pause, NULL);
    }
    return status;
}

static enum lct_status lead_all(struct root *r, struct lct_err *err)
{
    pthread_t here;
    const bool helped = pthread_create(&here, NULL, threads_here, r) == 0; /* else the others do it all */
    struct lct_err why = { 0 };
    const enum lct_status status = serve(r, &why);
    if (status != LCT_OK)
        record_fault(r, 0, status, &why); /* without messages there is nothing left to do */
    if (helped)
        pthread_join(here, NULL);
    if (status != LCT_OK && err)
        *err = why;
    return status;
}

static enum lct_status lead(const struct lct_farm *farm, struct lct_err *err)
{
    const int size = lct_comm_size(farm->comm);
    struct root r = { .farm = farm,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .moved = PTHREAD_COND_INITIALIZER,
        .next = farm->first,
        .reported = farm->first,
        .failed_at = farm->end };
    r.window = (size_t)size * (size_t)farm->threads * WINDOW_PER_WORKER;
    r.window = r.window < MIN_WINDOW ? MIN_WINDOW : r.window;
    r.results = farm->result_bytes <= SIZE_MAX / r.window
        ? calloc(r.window, farm->result_bytes ? farm->result_bytes : 1)
        : NULL;
    r.done = calloc(r.window, sizeof *r.done);
    r.wants = calloc((size_t)size, sizeof *r.wants);
    /* without memory here, nobody is to wait for ever */
    enum lct_status status = lct_comm_agree(farm->comm,
        r.results && r.done && r.wants
            ? LCT_OK
            : lct_fail(err, LCT_E_LIMIT, "no memory for %zu results of %zu bytes", r.window, farm->result_bytes),
        err);
    if (status == LCT_OK && size > 1)
        status = lead_all(&r, err);
    else if (status == LCT_OK)
        threads_here(&r);
    if (status == LCT_OK && r.failed_at < farm->end) {
        status = r.fault.code;
        if (err)
            *err = r.fault;
    } else if (status == LCT_OK && r.local != LCT_OK) {
        status = r.local;
        if (err)
            *err = r.local_err;
    }
    free(r.results);
    free(r.done);
    free(r.wants);
    pthread_mutex_destroy(&r.lock);
    pthread_cond_destroy(&r.moved);
    return status;
}

/* ---- the other ranks ---- */

struct helper {
    const struct lct_farm *farm;
    size_t first;
    unsigned char *results;  /* threads */
    enum lct_status *status; /* threads */
    struct lct_err *faults;  /* threads */
};

/* A fault is told to rank 0, not to the threads beside: what it was is kept. */
static enum lct_status help_with(void *context, size_t k, int worker, struct lct_err *err)
{
    (void)err;
    const struct helper *h = context;
    unsigned char *result = h->results + k * h->farm->result_bytes;
    memset(result, 0, h->farm->result_bytes);
    h->faults[k] = (struct lct_err){ 0 };
    h->status[k] = h->farm->work(h->farm->context, h->first + k, worker, result, &h->faults[k]);
    h->faults[k].code = h->status[k];
    return LCT_OK;
}

static enum lct_status help_once(struct helper *h, size_t n, struct lct_err *err)
{
    const struct lct_farm *farm = h->farm;
    enum lct_status status = lct_parallel_for(farm->threads, n, help_with, h, err);
    for (size_t k = 0; status == LCT_OK && k < n; k++) {
        const bool ok = h->status[k] == LCT_OK;
        const void *rest = ok ? (const void *)(h->results + k * farm->result_bytes) : (const void *)&h->faults[k];
        status = send_message(farm, 0, (struct header){ ok ? RESULT : FAULT, h->first + k, 1 }, rest,
            ok ? farm->result_bytes : sizeof *h->faults, err);
    }
    return status;
}

static enum lct_status help(const struct lct_farm *farm, struct lct_err *err)
{
    const size_t threads = (size_t)farm->threads;
    struct helper h = { .farm = farm,
        .results = calloc(threads, farm->result_bytes ? farm->result_bytes : 1),
        .status = calloc(threads, sizeof *h.status),
        .faults = calloc(threads, sizeof *h.faults) };
    enum lct_status status = lct_comm_agree(farm->comm,
        h.results && h.status && h.faults ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory for results"), err);
    struct header head = { .kind = WORK };
    while (status == LCT_OK && head.kind == WORK) {
        int root = 0;
        unsigned char *message = NULL;
        status = send_message(farm, 0, (struct header){ ASK, 0, threads }, NULL, 0, err);
        if (status == LCT_OK)
            status = next_message(farm, &root, true, &head, &message, err);
        free(message);
        h.first = (size_t)head.index;
        if (status == LCT_OK && head.kind == WORK)
            status = help_once(&h, (size_t)head.count, err);
    }
    free(h.results);
    free(h.status);
    free(h.faults);
    return status;
}

enum lct_status lct_farm_run(const struct lct_farm *farm, struct lct_err *err)
{
    if (farm->threads < 1)
        return lct_fail(err, LCT_E_ARG, "threads: %d is not above 0", farm->threads);
    return lct_comm_rank(farm->comm) == 0 ? lead(farm, err) : help(farm, err);
}
