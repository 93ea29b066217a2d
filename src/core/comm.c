#include <lctem/comm.h>

#include <stdlib.h>
#include <string.h>

enum lct_status lct_comm_take(const struct lct_comm *comm, int from, void *bytes, size_t n, struct lct_err *err)
{
    void *got = NULL;
    size_t length;
    enum lct_status status = comm->receive(comm->context, &from, true, &got, &length, err);
    if (status == LCT_OK && length != n)
        status = lct_fail(err, LCT_E_INTERNAL, "rank %d: sent %zu bytes where %zu are due", from, length, n);
    if (status == LCT_OK && n > 0)
        memcpy(bytes, got, n);
    free(got);
    return status;
}

/* A tree: each rank that has the bytes gives them to one that has not, so that 1000 ranks take ten steps. */
enum lct_status lct_comm_broadcast(const struct lct_comm *comm, void *bytes, size_t n, struct lct_err *err)
{
    const int rank = lct_comm_rank(comm), size = lct_comm_size(comm);
    enum lct_status status = LCT_OK;
    int step = 1;
    while (step <= rank)
        step *= 2;
    if (rank > 0)
        status = lct_comm_take(comm, rank - step / 2, bytes, n, err);
    for (; status == LCT_OK && rank + step < size; step *= 2)
        status = comm->send(comm->context, rank + step, bytes, n, err);
    return status;
}

enum lct_status lct_comm_agree(const struct lct_comm *comm, enum lct_status own, struct lct_err *err)
{
    const int rank = lct_comm_rank(comm), size = lct_comm_size(comm);
    if (size == 1)
        return own;
    struct lct_err verdict = { 0 };
    if (own != LCT_OK && err)
        verdict = *err;
    verdict.code = own;
    enum lct_status status = LCT_OK;
    if (rank > 0)
        status = comm->send(comm->context, 0, &verdict, sizeof verdict, err);
    for (int from = 1; rank == 0 && status == LCT_OK && from < size; from++) {
        struct lct_err theirs;
        status = lct_comm_take(comm, from, &theirs, sizeof theirs, err);
        if (status == LCT_OK && verdict.code == LCT_OK)
            verdict = theirs;
    }
    if (status == LCT_OK)
        status = lct_comm_broadcast(comm, &verdict, sizeof verdict, err);
    if (status != LCT_OK)
        return status;
    if (verdict.code != LCT_OK && err)
        *err = verdict;
    return verdict.code;
}
