/* parallel.h -- the one way to use all cores */
#ifndef LCTEM_PARALLEL_H
#define LCTEM_PARALLEL_H

#include <lctem/err.h>
#include <stddef.h>

/** Work on item `i`; `worker` (0 .. threads-1) picks a scratch buffer. Must write to slot `i` only, so that the result does
 *  not depend on the number of threads. */
typedef enum lct_status lct_parallel_fn(void *context, size_t i, int worker, struct lct_err *err);

/** Run `fn` for i = 0 .. n-1 on up to `threads` threads (>= 1); items are handed out in ascending order. Returns the fault of
 *  the lowest item that failed (items above it may or may not have run). */
LCT_MUST_CHECK enum lct_status lct_parallel_for(
    int threads, size_t n, lct_parallel_fn *fn, void *context, struct lct_err *err);

/** What is done to each item on its way: `each` on any thread, before it `before` and after it `after`, those in ascending order,
 *  one item at a time, beside the other steps of other items. A step does not run before the one before it is done with that item,
 *  and with an `after` none for item i before item i - room is done with it (0: no limit): so buffers can be used again. */
struct lct_steps {
    lct_parallel_fn *before, *each, *after; /**< the first and the last may be NULL */
    size_t room;
};

/** Run all steps for i = 0 .. n-1 on up to `threads` threads. After a fault no step is begun; of the faults there are, that of the
 *  lowest item is returned. */
LCT_MUST_CHECK enum lct_status lct_parallel_steps(
    int threads, size_t n, const struct lct_steps *steps, void *context, struct lct_err *err);

/** Work that goes on beside the caller's. */
typedef enum lct_status lct_aside_fn(void *context, struct lct_err *err);
struct lct_aside;

/** Begin it; `context` belongs to it until lct_aside_end. Where no thread can be had it is done at once. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_aside_begin(
    struct lct_aside **out, lct_aside_fn *fn, void *context, struct lct_err *err);

/** Wait until it is done; returns its fault, writes NULL. NULL inside: there was nothing to do. */
LCT_MUST_CHECK enum lct_status lct_aside_end(struct lct_aside **aside, struct lct_err *err);

/** Processors that this process may run on, at least 1. */
int lct_parallel_cores(void);

#endif
