/* Protects: work over several processes gives the results of one, in order; a fault anywhere stops all of them and is told once; nobody
 * waits for ever. Here the processes are threads with letter boxes between them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/farm.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_RANKS = 5, N = 700 };

struct letter {
    struct letter *next;
    size_t n;
    unsigned char bytes[];
};

static struct post {
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    struct letter *box[MAX_RANKS][MAX_RANKS]; /* [to][from], oldest first */
} post = { .lock = PTHREAD_MUTEX_INITIALIZER, .arrived = PTHREAD_COND_INITIALIZER };

static enum lct_status post_send(void *context, int to, const void *bytes, size_t n, struct lct_err *err)
{
    const struct lct_comm *me = context;
    struct letter *l = calloc(1, sizeof *l + n);
    if (!l)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    l->n = n;
    memcpy(l->bytes, bytes, n);
    pthread_mutex_lock(&post.lock);
    struct letter **at = &post.box[to][me->rank];
    while (*at)
        at = &(*at)->next;
    *at = l;
    pthread_cond_broadcast(&post.arrived);
    pthread_mutex_unlock(&post.lock);
    return LCT_OK;
}

static struct letter *take_letter(int to, int *from)
{
    for (int f = 0; f < MAX_RANKS; f++) {
        struct letter *l = post.box[to][f];
        if (l && (*from < 0 || *from == f)) {
            post.box[to][f] = l->next;
            *from = f;
            return l;
        }
    }
    return NULL;
}

static enum lct_status post_receive(void *context, int *from, bool wait, void **bytes, size_t *n, struct lct_err *err)
{
    const struct lct_comm *me = context;
    struct letter *l;
    pthread_mutex_lock(&post.lock);
    while (!(l = take_letter(me->rank, from)) && wait)
        pthread_cond_wait(&post.arrived, &post.lock);
    pthread_mutex_unlock(&post.lock);
    if (!l)
        return LCT_END;
    *n = l->n;
    *bytes = malloc(l->n + 1);
    memcpy(*bytes, l->bytes, l->n);
    free(l);
    return *bytes ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory");
}

/* ---- ranks as threads ---- */

struct rank {
    struct lct_comm comm;
    pthread_t thread;
    enum lct_status (*run)(struct rank *me);
    enum lct_status status;
    struct lct_err err;
    int threads;
    size_t first, seen, fail_from, refuse_from; /* items from these on fail; are refused by `each` */
    long sum;
};

static void *run_rank(void *context)
{
    struct rank *me = context;
    me->status = me->run(me);
    return NULL;
}

static void run_ranks(struct rank *ranks, int size, enum lct_status (*run)(struct rank *me))
{
    for (int r = 0; r < size; r++) {
        ranks[r].comm = (struct lct_comm){ r, size, &ranks[r].comm, post_send, post_receive };
        ranks[r].run = run;
        cr_assert(eq(int, pthread_create(&ranks[r].thread, NULL, run_rank, &ranks[r]), 0));
    }
    for (int r = 0; r < size; r++)
        pthread_join(ranks[r].thread, NULL);
    for (int to = 0; to < size; to++)
        for (int from = 0; from < size; from++)
            cr_assert(eq(ptr, post.box[to][from], NULL), "a letter from %d to %d was not read", from, to);
}

/* ---- the farm ---- */

struct result {
    size_t i;
    double root;
};

static enum lct_status work(void *context, size_t i, int worker, void *result, struct lct_err *err)
{
    const struct rank *me = context;
    cr_assert(worker >= 0 && worker < me->threads);
    if (i >= me->fail_from)
        return lct_fail(err, LCT_E_INPUT, "item %zu is bad", i);
    *(struct result *)result = (struct result){ i, 1.0 / (double)(i + 1) };
    return LCT_OK;
}

static enum lct_status each(void *context, size_t i, const void *result, struct lct_err *err)
{
    struct rank *me = context;
    const struct result *r = result;
    cr_assert(eq(sz, i, me->first + me->seen), "out of order");
    cr_assert(eq(sz, r->i, i));
    cr_assert(r->root == 1.0 / (double)(i + 1), "not the bytes that were made");
    me->seen++;
    return i < me->refuse_from ? LCT_OK : lct_fail(err, LCT_E_OUTPUT, "the disk is full at %zu", i);
}

static enum lct_status farm(struct rank *me)
{
    const struct lct_farm f = { .comm = me->comm.size > 1 ? &me->comm : NULL,
        .first = me->first,
        .end = N,
        .result_bytes = sizeof(struct result),
        .threads = me->threads,
        .work = work,
        .each = each,
        .context = me };
    return lct_farm_run(&f, &me->err);
}

static void prepare(struct rank ranks[MAX_RANKS], int threads)
{
    for (int r = 0; r < MAX_RANKS; r++)
        ranks[r] = (struct rank){ .threads = threads, .fail_from = N, .refuse_from = N };
}

Test(farm, gives_every_result_once_and_in_order, .timeout = 60)
{
    struct rank ranks[MAX_RANKS];
    for (int size = 1; size <= MAX_RANKS; size++)
        for (int threads = 1; threads <= 3; threads++) {
            prepare(ranks, threads);
            ranks[0].first = 13; /* as a resumed run begins */
            run_ranks(ranks, size, farm);
            cr_assert(eq(sz, ranks[0].seen, N - 13), "%d ranks of %d threads", size, threads);
            for (int r = 0; r < size; r++)
                cr_assert(eq(int, ranks[r].status, LCT_OK));
        }
}

Test(farm, without_items_all_go_home, .timeout = 60)
{
    struct rank ranks[MAX_RANKS];
    prepare(ranks, 2);
    ranks[0].first = N;
    run_ranks(ranks, 3, farm);
    cr_assert(eq(sz, ranks[0].seen, 0));
    cr_assert(eq(int, ranks[2].status, LCT_OK));
}

Test(farm, a_fault_stops_all_and_is_told_by_rank_0, .timeout = 60)
{
    struct rank ranks[MAX_RANKS];
    for (int size = 1; size <= MAX_RANKS; size++) {
        prepare(ranks, 2);
        for (int r = 0; r < size; r++)
            ranks[r].fail_from = 400;
        run_ranks(ranks, size, farm);
        cr_assert(eq(int, ranks[0].status, LCT_E_INPUT));
        cr_assert(eq(str, ranks[0].err.text, "item 400 is bad"), "%s", ranks[0].err.text);
        cr_assert(le(sz, ranks[0].seen, 400));
        for (int r = 1; r < size; r++)
            cr_assert(eq(int, ranks[r].status, LCT_OK));
    }
}

Test(farm, a_result_that_cannot_be_kept_stops_all, .timeout = 60)
{
    struct rank ranks[MAX_RANKS];
    for (int size = 1; size <= 3; size++) {
        prepare(ranks, 1);
        ranks[0].refuse_from = 20;
        run_ranks(ranks, size, farm);
        cr_assert(eq(int, ranks[0].status, LCT_E_OUTPUT));
        cr_assert(eq(str, ranks[0].err.text, "the disk is full at 20"));
        cr_assert(eq(sz, ranks[0].seen, 21));
    }
}

/* ---- what the farm stands on ---- */

static enum lct_status share_word(struct rank *me)
{
    char word[8] = "";
    if (me->comm.rank == 0)
        strcpy(word, "liquid");
    const enum lct_status status = lct_comm_broadcast(&me->comm, word, sizeof word, &me->err);
    me->sum = strcmp(word, "liquid") == 0;
    return status;
}

static enum lct_status quarrel(struct rank *me)
{
    const bool bad = me->comm.rank == 1 || me->comm.rank == 3;
    return lct_comm_agree(
        &me->comm, bad ? lct_fail(&me->err, LCT_E_LIMIT, "rank %d is tired", me->comm.rank) : LCT_OK, &me->err);
}

Test(comm, all_get_the_bytes_of_rank_0, .timeout = 60)
{
    for (int size = 1; size <= MAX_RANKS; size++) {
        struct rank ranks[MAX_RANKS];
        prepare(ranks, 1);
        run_ranks(ranks, size, share_word);
        for (int r = 0; r < size; r++)
            cr_assert(eq(long, ranks[r].sum, 1), "rank %d of %d", r, size);
    }
}

Test(comm, all_get_the_fault_of_the_lowest_rank, .timeout = 60)
{
    for (int size = 2; size <= MAX_RANKS; size++) {
        struct rank ranks[MAX_RANKS];
        prepare(ranks, 1);
        run_ranks(ranks, size, quarrel);
        for (int r = 0; r < size; r++) {
            cr_assert(eq(int, ranks[r].status, LCT_E_LIMIT));
            cr_assert(eq(str, ranks[r].err.text, "rank 1 is tired"));
        }
    }
}

Test(comm, alone_a_fault_is_just_a_fault)
{
    struct lct_err err = { 0 };
    int x = 3;
    cr_assert(eq(int, lct_comm_agree(NULL, LCT_OK, &err), LCT_OK));
    cr_assert(eq(int, lct_comm_agree(NULL, lct_fail(&err, LCT_E_ARG, "no"), &err), LCT_E_ARG));
    cr_assert(eq(str, err.text, "no"));
    cr_assert(eq(int, lct_comm_broadcast(NULL, &x, sizeof x, &err), LCT_OK));
    cr_assert(eq(int, x, 3));
}
