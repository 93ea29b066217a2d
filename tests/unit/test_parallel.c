/* Protects: every item runs exactly once on any number of threads, and the reported fault is the lowest one; work aside is waited for. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/parallel.h>

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
