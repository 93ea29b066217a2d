#include "ranks.h"

#include <lctem/progress.h>

#include <stdlib.h>
#include <string.h>

/* What rank 0 says before the pass. */
struct start {
    bool nothing;     /* to be done */
    long chunk, next; /* frames of a share; first frame that is not finished */
};

/* What goes from rank to rank: the turn to follow particles (with the tracker's state behind it), and the turn to write. A fault goes the
 * same way, so that everybody hears of it and nobody waits. */
struct turn {
    enum lct_status status;
    struct lct_err fault;
    struct checkpoint written; /* the turn to write: how far the files have come */
};

/* The pass as one rank sees it. */
struct ring {
    struct run *run;
    const struct lct_comm *comm;
    long first, shares;     /* first frame; number of shares */
    struct turn turn;       /* the last one to write that came by */
    enum lct_status status; /* of this rank; what is not LCT_OK is handed on */
    struct lct_err fault;
};

static void note(struct ring *r, enum lct_status status)
{
    if (status != LCT_OK && r->status == LCT_OK)
        r->status = status;
}

static int owner(const struct ring *r, long share)
{
    return share < r->shares ? (int)(share % r->comm->size) : 0; /* behind the last one, rank 0 takes over */
}

static enum lct_status pass_on(const struct ring *r, int to, const struct checkpoint *written,
    const unsigned char *state, size_t n, struct lct_err *err)
{
    struct turn turn = { .status = r->status, .fault = r->fault };
    if (written)
        turn.written = *written;
    unsigned char *bytes = malloc(sizeof turn + n);
    if (!bytes)
        return lct_fail(err, LCT_E_LIMIT, "no memory for a message of %zu bytes", sizeof turn + n);
    memcpy(bytes, &turn, sizeof turn);
    if (n > 0)
        memcpy(bytes + sizeof turn, state, n);
    const enum lct_status status = r->comm->send(r->comm->context, to, bytes, sizeof turn + n, err);
    free(bytes);
    return status;
}

/* The next turn from a rank; what lies behind it is in *bytes, the caller's to free with *message. */
static enum lct_status await(
    struct ring *r, int from, struct turn *turn, unsigned char **message, size_t *n, struct lct_err *err)
{
    void *bytes = NULL;
    enum lct_status status = r->comm->receive(r->comm->context, &from, true, &bytes, n, err);
    if (status == LCT_OK && *n < sizeof *turn)
        status = lct_fail(err, LCT_E_INTERNAL, "rank %d: a message of %zu bytes that is none of ours", from, *n);
    if (status != LCT_OK) {
        free(bytes);
        return status;
    }
    memcpy(turn, bytes, sizeof *turn);
    *n -= sizeof *turn;
    *message = bytes;
    if (turn->status != LCT_OK && r->status == LCT_OK) {
        r->status = turn->status;
        r->fault = turn->fault;
    }
    return LCT_OK;
}

/* A fresh tracker in that state. */
static enum lct_status take_state(struct run *run, const unsigned char *state, size_t n, struct lct_err *err)
{
    lct_track_destroy(&run->track);
    const enum lct_status status = plan_track(&run->track, &run->plan, &run->movie, run->recipe, err);
    return status == LCT_OK && n > 0 ? lct_track_restore(run->track, state, n, err) : status;
}

/* Follow the particles through this share, in its turn. Faults of the run are kept for the next; what is returned is one of the
 * messages themselves. */
static enum lct_status follow_share(struct ring *r, long share, long count, struct lct_err *err)
{
    struct run *run = r->run;
    unsigned char *message = NULL, *state = NULL;
    size_t n = 0;
    struct turn turn;
    enum lct_status status = share > 0 ? await(r, owner(r, share - 1), &turn, &message, &n, err) : LCT_OK;
    if (status == LCT_OK && r->status == LCT_OK && share > 0)
        note(r, take_state(run, message + sizeof turn, n, &r->fault));
    if (r->status == LCT_OK)
        note(r, run_track(run, count, &r->fault));
    n = 0;
    if (status == LCT_OK && share + 1 < r->shares) {
        if (r->status == LCT_OK)
            note(r, lct_track_save(run->track, &state, &n, &r->fault));
        status = pass_on(r, owner(r, share + 1), NULL, state, n, err);
    }
    free(message);
    free(state);
    return status;
}

/* Likewise append what was found to the files. */
static enum lct_status write_share(struct ring *r, long share, long count, struct lct_err *err)
{
    struct run *run = r->run;
    unsigned char *message = NULL;
    size_t n;
    enum lct_status status = share > 0 ? await(r, owner(r, share - 1), &r->turn, &message, &n, err) : LCT_OK;
    free(message);
    if (r->status == LCT_OK)
        note(r, run_open_outputs(run, &r->turn.written.mark, false, &r->fault));
    if (r->status == LCT_OK)
        note(r, run_write(run, count, &r->fault));
    if (r->status == LCT_OK)
        note(r, outputs_flush(&run->outputs, &r->turn.written.mark, &r->fault));
    if (r->status == LCT_OK)
        r->turn.written.next = run->next;
    outputs_abandon(&run->outputs);
    memset(&run->outputs, 0, sizeof run->outputs);
    const int next = owner(r, share + 1);
    if (status == LCT_OK && next != r->comm->rank)
        status = pass_on(r, next, &r->turn.written, NULL, 0, err);
    return status;
}

static enum lct_status one_share(struct ring *r, long share, struct lct_err *err)
{
    struct run *run = r->run;
    const long first = r->first + share * run->chunk, left = run->plan.n - first,
               count = left < run->chunk ? left : run->chunk;
    if (r->status == LCT_OK)
        note(r, run_segment(run, first, count, &r->fault));
    enum lct_status status = follow_share(r, share, count, err);
    if (r->status == LCT_OK)
        note(r, run_measure(run, count, &r->fault));
    if (status == LCT_OK)
        status = write_share(r, share, count, err);
    if (r->status == LCT_OK)
        note(r, lct_progress_step(run->hooks->progress, "measure", first + count, run->plan.n, &r->fault));
    return status;
}

static enum lct_status go_round(struct ring *r, struct lct_err *err)
{
    struct run *run = r->run;
    enum lct_status status = LCT_OK;
    run->sharing = true;
    r->shares = (run->plan.n - r->first + run->chunk - 1) / run->chunk;
    for (long share = r->comm->rank; status == LCT_OK && share < r->shares; share += r->comm->size)
        status = one_share(r, share, err);
    if (status == LCT_OK && r->comm->rank == 0 && r->shares > 0 && owner(r, r->shares - 1) != 0) {
        unsigned char *message = NULL;
        size_t n;
        status = await(r, owner(r, r->shares - 1), &r->turn, &message, &n, err);
        free(message);
    }
    run->sharing = false;
    if (status == LCT_OK && r->status != LCT_OK) {
        status = r->status;
        if (err)
            *err = r->fault;
    }
    return lct_comm_agree(r->comm, status, err);
}

/* Files that hold nothing yet, or what an interrupted run has left. */
static enum lct_status begin_files(struct run *run, struct checkpoint *from, struct lct_err *err)
{
    if (run->session.resumes)
        return checkpoint_load(run->session.folder, from, run->track, err);
    enum lct_status status = run_open_outputs(run, NULL, false, err);
    if (status == LCT_OK)
        status = outputs_flush(&run->outputs, &from->mark, err);
    if (status == LCT_OK)
        status = checkpoint_save(run->session.folder, from, run->track, err);
    outputs_abandon(&run->outputs);
    memset(&run->outputs, 0, sizeof run->outputs);
    return status;
}

/* The pass is over, and its frames are to be drawn from the first one on. */
static enum lct_status rewind_run(struct run *run, struct lct_err *err)
{
    run->session.resumes = true;
    run->segmented = 0;
    window_destroy(&run->window);
    const enum lct_status status = window_create(&run->window, &run->plan, &run->movie, run->slots, run->threads, err);
    return status == LCT_OK ? take_state(run, NULL, 0, err) : status;
}

enum lct_status ranks_lead(struct run *run, enum lct_status status, struct lct_err *err)
{
    struct ring ring = { .run = run, .comm = run->comm };
    struct checkpoint *from = &ring.turn.written;
    laps_end(&run->laps, LAP_PLAN);
    if (status == LCT_OK)
        status = begin_files(run, from, err);
    status = lct_comm_agree(run->comm, status, err);
    struct start start = { .chunk = run->chunk, .next = from->next };
    if (status == LCT_OK)
        status = lct_comm_broadcast(run->comm, &start, sizeof start, err);
    if (status == LCT_OK)
        status = lct_comm_agree(run->comm, LCT_OK, err); /* that the others have room */
    ring.first = from->next;
    if (status == LCT_OK)
        status = go_round(&ring, err);
    run->next = from->next;
    laps_end(&run->laps, LAP_MEASURE);
    return status == LCT_OK ? rewind_run(run, err) : status;
}

enum lct_status ranks_dismiss(struct run *run, enum lct_status status, struct lct_err *err)
{
    struct start start = { .nothing = true };
    status = lct_comm_agree(run->comm, status, err);
    return status == LCT_OK ? lct_comm_broadcast(run->comm, &start, sizeof start, err) : status;
}

enum lct_status ranks_hear(struct run *run, enum lct_status status, struct lct_err *err)
{
    struct start start = { 0 };
    status = lct_comm_agree(run->comm, status, err);
    if (status == LCT_OK)
        status = lct_comm_broadcast(run->comm, &start, sizeof start, err);
    if (status == LCT_OK && start.nothing)
        return LCT_END;
    run->chunk = start.chunk;
    run->next = start.next;
    return status;
}

enum lct_status ranks_help(struct run *run, enum lct_status status, struct lct_err *err)
{
    struct ring ring = { .run = run, .comm = run->comm, .first = run->next };
    status = lct_comm_agree(run->comm, status, err);
    return status == LCT_OK ? go_round(&ring, err) : status;
}
