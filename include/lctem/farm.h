/* farm.h -- many independent items over the threads of many processes; results come back in order */
#ifndef LCTEM_FARM_H
#define LCTEM_FARM_H

#include <lctem/comm.h>
#include <lctem/err.h>
#include <stddef.h>

/** Work on item `i` and write its result (`result_bytes` of plain bytes, zeroed before). Pure: what comes out depends on `i` and an
 *  unchanging context only, so that it does not matter which process does it. `worker`: 0 .. threads - 1 of this process. */
typedef enum lct_status lct_farm_work_fn(void *context, size_t i, int worker, void *result, struct lct_err *err);

/** Take the result of item `i`: on rank 0 only, in ascending order, one call at a time. */
typedef enum lct_status lct_farm_each_fn(void *context, size_t i, const void *result, struct lct_err *err);

/** A job. On ranks other than 0 only comm, threads, result_bytes, work and context matter: items are handed out by rank 0, which works
 *  too, one at a time to each thread that is free. A rank takes as many at once as it has threads, and asks again when all are done: where items last
 *  very unequally, many ranks with one thread each are better than few with many. */
struct lct_farm {
    const struct lct_comm *comm; /**< NULL: this process alone */
    size_t first, end;           /**< items first .. end - 1 */
    size_t result_bytes;
    int threads; /**< of this process, >= 1 */
    lct_farm_work_fn *work;
    lct_farm_each_fn *each;
    void *context;
};

/** Run a job to its end on all ranks. Results wait for their turn, at most some thousand of them (the rest of the work waits then).
 *  Returns, on rank 0, the fault of the lowest item that is known to have failed, or that of `each`; nothing is begun after a fault.
 *  On the other ranks: LCT_OK, unless they could not take part. */
LCT_MUST_CHECK enum lct_status lct_farm_run(const struct lct_farm *farm, struct lct_err *err);

#endif
