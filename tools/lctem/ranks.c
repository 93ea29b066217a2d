#include "ranks.h"

#include <stdlib.h>

/* What launchers leave in the environment: Open MPI; PMIx (srun --mpi=pmix); PMI. */
static int launched_with_others(void)
{
    static const char *const sizes[] = { "OMPI_COMM_WORLD_SIZE", "PMI_SIZE" };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const char *size = getenv(sizes[i]);
        if (size)
            return atoi(size) > 1;
    }
    return getenv("PMIX_RANK") != NULL;
}

#if LCT_HAVE_MPI

#include <limits.h>
#include <mpi.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

/* A message on its way: MPI wants the bytes to stay until they are gone. */
struct sent {
    MPI_Request request;
    void *bytes;
    struct sent *next;
};

/* The process belongs to the tool, and MPI is there once in a process. */
static struct {
    struct lct_comm comm;
    struct sent *under_way;
} world;

static void forget_sent(bool wait)
{
    for (struct sent **at = &world.under_way; *at;) {
        struct sent *s = *at;
        int done = 0;
        if (wait)
            MPI_Wait(&s->request, MPI_STATUS_IGNORE);
        else
            MPI_Test(&s->request, &done, MPI_STATUS_IGNORE);
        if (!wait && !done) {
            at = &s->next;
            continue;
        }
        *at = s->next;
        free(s->bytes);
        free(s);
    }
}

static enum lct_status send_bytes(void *context, int to, const void *bytes, size_t n, struct lct_err *err)
{
    (void)context;
    if (n > INT_MAX)
        return lct_fail(err, LCT_E_LIMIT, "a message of %zu bytes is too long", n);
    forget_sent(false);
    struct sent *s = malloc(sizeof *s);
    void *copy = malloc(n ? n : 1);
    if (!s || !copy) {
        free(s);
        free(copy);
        return lct_fail(err, LCT_E_LIMIT, "no memory for a message of %zu bytes", n);
    }
    if (n > 0)
        memcpy(copy, bytes, n);
    *s = (struct sent){ .bytes = copy, .next = world.under_way };
    world.under_way = s;
    MPI_Isend(copy, (int)n, MPI_BYTE, to, 0, MPI_COMM_WORLD, &s->request);
    return LCT_OK;
}

/* MPI's own waiting turns a core idle that the threads beside could use: look, sleep, longer and longer up to half a millisecond. */
static bool wait_for_message(int from, bool wait, MPI_Status *status)
{
    enum { LONGEST_NS = 500000 };
    for (long pause_ns = 1000;; pause_ns = pause_ns < LONGEST_NS ? 2 * pause_ns : LONGEST_NS) {
        int there = 0;
        MPI_Iprobe(from, 0, MPI_COMM_WORLD, &there, status);
        if (there || !wait)
            return there != 0;
        forget_sent(false);
        nanosleep(&(struct timespec){ .tv_nsec = pause_ns }, NULL);
    }
}

static enum lct_status receive_bytes(void *context, int *from, bool wait, void **bytes, size_t *n, struct lct_err *err)
{
    (void)context;
    MPI_Status status;
    int count = 0;
    if (!wait_for_message(*from < 0 ? MPI_ANY_SOURCE : *from, wait, &status))
        return LCT_END;
    MPI_Get_count(&status, MPI_BYTE, &count);
    void *into = malloc(count > 0 ? (size_t)count : 1);
    if (!into)
        return lct_fail(err, LCT_E_LIMIT, "no memory for a message of %d bytes", count);
    MPI_Recv(into, count, MPI_BYTE, status.MPI_SOURCE, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    *from = status.MPI_SOURCE;
    *bytes = into;
    *n = (size_t)count;
    return LCT_OK;
}

enum lct_status ranks_join(const struct lct_comm **out, struct lct_err *err)
{
    int given = 0;
    *out = NULL;
    if (!launched_with_others())
        return LCT_OK;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &given) != MPI_SUCCESS || given < MPI_THREAD_FUNNELED)
        return lct_fail(err, LCT_E_INTERNAL, "this MPI cannot be used by a program with threads");
    world.comm = (struct lct_comm){ .send = send_bytes, .receive = receive_bytes };
    MPI_Comm_rank(MPI_COMM_WORLD, &world.comm.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &world.comm.size);
    if (world.comm.size > 1)
        *out = &world.comm;
    return LCT_OK;
}

void ranks_part(void)
{
    int begun = 0;
    MPI_Initialized(&begun);
    if (!begun)
        return;
    forget_sent(true);
    MPI_Finalize();
}

#else

enum lct_status ranks_join(const struct lct_comm **out, struct lct_err *err)
{
    *out = NULL;
    if (launched_with_others())
        return lct_fail(err, LCT_E_ARG,
            "started as one of several processes, but built without MPI; build with -Dmpi=enabled, or start one");
    return LCT_OK;
}

void ranks_part(void)
{
}

#endif
