/* comm.h -- processes that work on one job, and the messages between them; who carries the messages is the caller's business */
#ifndef LCTEM_COMM_H
#define LCTEM_COMM_H

#include <lctem/err.h>
#include <stdbool.h>
#include <stddef.h>

/** One process among `size`. NULL in the place of a pointer to it: this process is alone, rank 0 of 1. Calls come from one thread of
 *  a process at a time. A carrier that loses a process ends the others: nobody here waits for the dead. */
struct lct_comm {
    int rank, size;
    void *context;
    /** Hand `n` bytes to rank `to`; they are copied, and it does not wait until they are read. Messages from one rank to another
     *  arrive in the order in which they were sent. */
    enum lct_status (*send)(void *context, int to, const void *bytes, size_t n, struct lct_err *err);
    /** Next message from rank *from (-1: from any, which is then written there). `*bytes`, n of them, is the caller's to free; NULL
     *  if n is 0. LCT_END: nothing is there, and `wait` is false. */
    enum lct_status (*receive)(void *context, int *from, bool wait, void **bytes, size_t *n, struct lct_err *err);
};

static inline int lct_comm_rank(const struct lct_comm *comm)
{
    return comm ? comm->rank : 0;
}
static inline int lct_comm_size(const struct lct_comm *comm)
{
    return comm ? comm->size : 1;
}

/** Make one outcome of all: every rank brings its own, every rank gets that of the lowest rank that has failed, with its text. Nobody
 *  goes on before all have come. */
LCT_MUST_CHECK enum lct_status lct_comm_agree(const struct lct_comm *comm, enum lct_status own, struct lct_err *err);

/** Copy the n bytes of rank 0 to all others. */
LCT_MUST_CHECK enum lct_status lct_comm_broadcast(
    const struct lct_comm *comm, void *bytes, size_t n, struct lct_err *err);

/** A message of exactly n bytes from one rank. LCT_E_INTERNAL: another length. */
LCT_MUST_CHECK enum lct_status lct_comm_take(
    const struct lct_comm *comm, int from, void *bytes, size_t n, struct lct_err *err);

#endif
