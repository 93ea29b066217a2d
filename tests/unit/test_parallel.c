/* Protects: every item runs exactly once on any number of threads, and the reported fault is the lowest one; steps come in their order,
 * the serial ones by ascending items and never two at once; work aside is waited for. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/parallel.h>
#include <stdatomic.h>

enum { N = 1000 };

static enum lct_status square(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    (void)err;
    ((long *)context)[i] += (long)(i * i);
    return LCT_OK;
}

Test(parallel, runs_every_item_once_on_any_number_of_threads)
{
    for (int threads = 1; threads <= 9; threads++) {
        long slots[N] = { 0 };
        cr_assert(eq(int, lct_parallel_for(threads, N, square, slots, NULL), LCT_OK));
        for (long i = 0; i < N; i++)
            cr_assert(eq(long, slots[i], i *i));
    }
}

static enum lct_status fail_from_10(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)context;
    (void)worker;
    return i < 10 ? LCT_OK : lct_fail(err, LCT_E_INPUT, "item %zu", i);
}

Test(parallel, reports_the_lowest_fault)
{
    for (int threads = 1; threads <= 4; threads++) {
        struct lct_err err = { 0 };
        cr_assert(eq(int, lct_parallel_for(threads, N, fail_from_10, NULL, &err), LCT_E_INPUT));
        cr_assert(eq(str, err.text, "item 10"));
    }
}

Test(parallel, refuses_no_threads)
{
    cr_assert(eq(int, lct_parallel_for(0, N, square, NULL, NULL), LCT_E_ARG));
}

/* A sum over all items before, then its square, then the sum of those: each step needs the one before. */
struct chain {
    size_t room, n_before, n_after;
    atomic_int inside[2]; /* threads in `before` and `after` */
    atomic_size_t finished;
    double sum, of_squares, value[N];
    size_t fail_at;
    bool ordered;
};

static enum lct_status sum_up(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    (void)err;
    struct chain *c = context;
    c->ordered = c->ordered && atomic_fetch_add(&c->inside[0], 1) == 0 && i == c->n_before++
        && (c->room == 0 || i < atomic_load(&c->finished) + c->room);
    c->sum += (double)i;
    c->value[i] = c->sum;
    atomic_fetch_sub(&c->inside[0], 1);
    return LCT_OK;
}

static enum lct_status square_it(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    struct chain *c = context;
    c->value[i] *= c->value[i];
    return i == c->fail_at ? lct_fail(err, LCT_E_INPUT, "item %zu", i) : LCT_OK;
}

static enum lct_status sum_squares(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    (void)err;
    struct chain *c = context;
    c->ordered = c->ordered && atomic_fetch_add(&c->inside[1], 1) == 0 && i == c->n_after++;
    c->of_squares += c->value[i];
    atomic_fetch_sub(&c->inside[1], 1);
    atomic_store(&c->finished, i + 1);
    return LCT_OK;
}

Test(parallel, steps_come_in_their_order)
{
    const struct lct_steps all = { .before = sum_up, .each = square_it, .after = sum_squares };
    for (int threads = 1; threads <= 5; threads++)
        for (size_t room = 0; room <= 7; room += 1 + 2 * (room > 0)) {
            static struct chain c;
            c = (struct chain){ .room = room, .fail_at = N, .ordered = true };
            struct lct_steps steps = all;
            steps.room = room;
            cr_assert(eq(int, lct_parallel_steps(threads, N, &steps, &c, NULL), LCT_OK));
            cr_assert(c.ordered && c.n_before == N && c.n_after == N, "%d threads, room for %zu", threads, room);
            double sum = 0, of_squares = 0;
            for (int i = 0; i < N; i++) {
                sum += i;
                of_squares += sum * sum;
            }
            cr_assert(eq(dbl, c.of_squares, of_squares)); /* whole numbers below 2^53 add up exactly in any order */
            c = (struct chain){ .room = room, .fail_at = 300, .ordered = true };
            struct lct_err err = { 0 };
            cr_assert(eq(int, lct_parallel_steps(threads, N, &steps, &c, &err), LCT_E_INPUT));
            cr_assert(eq(str, err.text, "item 300"));
            cr_assert(c.ordered);
        }
}

static enum lct_status count_up(void *context, struct lct_err *err)
{
    long *n = context;
    ++*n;
    return *n < 3 ? LCT_OK : lct_fail(err, LCT_E_INPUT, "count %ld", *n);
}

/* What goes on aside is done by the time one has waited for it, and its fault is told then; waiting for nothing is no fault. */
Test(parallel, aside_is_waited_for)
{
    long n = 0;
    struct lct_aside *aside = NULL;
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_aside_end(&aside, &err), LCT_OK));
    for (long k = 1; k <= 3; k++) {
        cr_assert(eq(int, lct_aside_begin(&aside, count_up, &n, &err), LCT_OK));
        cr_assert(eq(int, lct_aside_end(&aside, &err), k < 3 ? LCT_OK : LCT_E_INPUT));
        cr_assert(n == k && aside == NULL);
    }
    cr_assert(eq(str, err.text, "count 3"));
}
