#include <lctem/mc_grow.h>

#include "checkpoint.h"

#include <lctem/file.h>
#include <lctem/json.h>
#include <lctem/mc_keys.h>
#include <lctem/parallel.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHECKPOINT_ROWS = 50, N_FIFTHS = 5 };

static const struct lct_column columns[] = {
    { "replica", "", "number of the replica; with the seed it fixes the random numbers" },
    { "step", "steps", "attempts per site since the start" },
    { "core_sites", "", "sites that hold core" },
    { "shell_sites", "", "sites that hold shell" },
    { "core_area_sites", "columns", "columns with any core: the projected core area" },
    { "shell_area_sites", "columns", "columns with shell and no core: the projected rim" },
    { "exposed_core_sites", "", "core sites with an empty neighbour" },
};
const struct lct_table_spec lct_mc_growth_table = { "growth", "what each trajectory holds at fixed steps", 1, columns,
    sizeof columns / sizeof *columns };

struct lct_mc_grow_params lct_mc_grow_defaults(void)
{
    return (
        struct lct_mc_grow_params){ .run = lct_mc_run_defaults(), .replicas = 1, .shell = true, .every_steps = 100 };
}

struct replica {
    struct lct_mc_growth_row *rows;
    size_t n_rows, capacity, written;
    bool finished;
};

struct job {
    struct lct_mc_trajectory *out;
    const struct lct_mc_model *model;
    const struct lct_mc_grow_params *p;
    struct lct_table *table;
    const struct lct_progress *progress;
    lct_mc_frame_fn *frame;
    void *context;
    uint64_t fingerprint;
    uint8_t *start;
    pthread_mutex_t lock;
    struct replica *replica;
    size_t lowest; /* the replica whose rows are being written */
    bool cancelled;
};

/* Write what can be written in order; under the lock. */
static enum lct_status drain(struct job *job, struct lct_err *err)
{
    for (; job->lowest < job->p->replicas; job->lowest++) {
        struct replica *r = &job->replica[job->lowest];
        for (; r->written < r->n_rows; r->written++) {
            const struct lct_mc_growth_row *row = &r->rows[r->written];
            const struct lct_mc_counts *c = &row->counts;
            const struct lct_cell cells[] = { lct_int((long)job->lowest), lct_int((long)row->step),
                lct_int(c->core_sites), lct_int(c->shell_sites), lct_int(c->core_area_sites),
                lct_int(c->shell_area_sites), lct_int(c->exposed_core_sites) };
            const enum lct_status s = lct_table_row(job->table, cells, err);
            if (s != LCT_OK)
                return s;
        }
        if (!r->finished)
            break;
    }
    return LCT_OK;
}

static enum lct_status add_row(struct job *job, size_t i, struct lct_mc_growth_row row, bool last, struct lct_err *err)
{
    struct replica *r = &job->replica[i];
    pthread_mutex_lock(&job->lock);
    enum lct_status s = LCT_OK;
    if (r->n_rows == r->capacity) {
        const size_t capacity = r->capacity ? 2 * r->capacity : 256;
        struct lct_mc_growth_row *rows = realloc(r->rows, capacity * sizeof *rows);
        if (rows) {
            r->rows = rows;
            r->capacity = capacity;
        } else {
            s = lct_fail(err, LCT_E_LIMIT, "growth: no memory for %zu rows; take a larger --every", capacity);
        }
    }
    if (s == LCT_OK) {
        r->rows[r->n_rows++] = row;
        r->finished = last;
        s = drain(job, err);
    }
    if (s == LCT_OK && !job->cancelled
        && lct_progress_step(job->progress, "replicas", (long)job->lowest, (long)job->p->replicas, err) != LCT_OK)
        job->cancelled = true;
    if (s == LCT_OK && job->cancelled)
        s = lct_fail(err, LCT_E_CANCELLED, "interrupted; --resume goes on from here");
    pthread_mutex_unlock(&job->lock);
    return s;
}

/* One trajectory while it runs. */
struct walk {
    struct lct_mc_engine *engine;
    uint64_t next_fifth;
    enum lct_mc_end end;
    bool finished;
    char *path; /* of its checkpoint; NULL: none */
};

static enum lct_status save(struct job *job, size_t i, struct walk *w, struct lct_err *err)
{
    if (!w->path)
        return LCT_OK;
    const uint32_t n = job->model->lattice.n_sites;
    struct lct_mc_checkpoint c = { .fingerprint = job->fingerprint,
        .finished = w->finished,
        .end = w->end,
        .next_fifth = w->next_fifth,
        .rows = job->replica[i].rows,
        .n_rows = job->replica[i].n_rows };
    c.state.occupancy = malloc(n);
    enum lct_status s = c.state.occupancy ? lct_mc_engine_save(w->engine, &c.state, err)
                                          : lct_fail(err, LCT_E_LIMIT, "checkpoint: no memory");
    if (s == LCT_OK)
        s = lct_mc_checkpoint_write(&c, n, w->path, err);
    free(c.state.occupancy);
    return s;
}

static enum lct_status picture(
    struct job *job, size_t i, struct walk *w, uint64_t step, const struct lct_mc_counts *c, struct lct_err *err)
{
    const long start = job->replica[i].rows[0].counts.core_sites, target = job->model->params.target_core_sites;
    bool due = step == 0 || w->finished;
    if (job->p->snapshot_steps)
        due = due || step % job->p->snapshot_steps == 0;
    else
        while (w->next_fifth <= N_FIFTHS
            && (double)(c->core_sites - start) * N_FIFTHS >= (double)(target - start) * (double)w->next_fifth) {
            due = true;
            w->next_fifth++;
        }
    if (!due || !job->frame)
        return LCT_OK;
    const struct lct_mc_frame f = {
        .replica = i, .step = step, .occupancy = lct_mc_engine_occupancy(w->engine), .counts = *c
    };
    return job->frame(job->context, &f, err);
}

static enum lct_status record(struct job *job, size_t i, struct walk *w, struct lct_err *err)
{
    const struct lct_mc_tally *t = lct_mc_engine_tally(w->engine);
    const uint32_t n = job->model->lattice.n_sites;
    const struct lct_mc_growth_row row = { (t->clock + n - 1) / n,
        lct_mc_count(job->model, lct_mc_engine_occupancy(w->engine)) };
    enum lct_status s = add_row(job, i, row, w->finished, err);
    if (s == LCT_OK)
        s = picture(job, i, w, row.step, &row.counts, err);
    if (s == LCT_OK && (w->finished || job->replica[i].n_rows % CHECKPOINT_ROWS == 0))
        s = save(job, i, w, err);
    job->out[i] = (struct lct_mc_trajectory){ w->end, row.step, *t, row.counts };
    return s;
}

static enum lct_status begin(struct job *job, size_t i, struct walk *w, struct lct_err *err)
{
    const uint32_t n = job->model->lattice.n_sites;
    struct lct_mc_checkpoint c = { 0 };
    enum lct_status s = LCT_E_NODATA;
    if (job->p->resume && w->path) {
        c.state.occupancy = malloc(n);
        s = c.state.occupancy ? lct_mc_checkpoint_read(&c, n, job->fingerprint, w->path, err)
                              : lct_fail(err, LCT_E_LIMIT, "checkpoint: no memory");
    }
    if (s == LCT_OK) {
        s = lct_mc_engine_resume(&w->engine, job->model, job->p->run.engine, &c.state, err);
        w->next_fifth = c.next_fifth;
        w->end = (enum lct_mc_end)c.end;
        w->finished = c.finished;
        pthread_mutex_lock(&job->lock);
        job->replica[i] =
            (struct replica){ .rows = c.rows, .n_rows = c.n_rows, .capacity = c.n_rows, .finished = c.finished };
        if (s == LCT_OK)
            s = drain(job, err);
        pthread_mutex_unlock(&job->lock);
        if (s == LCT_OK && w->finished)
            job->out[i] = (struct lct_mc_trajectory){ w->end, c.rows[c.n_rows - 1].step, c.state.tally,
                c.rows[c.n_rows - 1].counts };
    } else if (s == LCT_E_NODATA) {
        w->next_fifth = 1;
        s = lct_mc_engine_create(
            &w->engine, job->model, job->p->run.engine, job->p->run.seed, 2 * i + job->p->shell, job->start, err);
        if (s == LCT_OK)
            s = record(job, i, w, err);
    }
    free(c.state.occupancy);
    return s;
}

static enum lct_status advance(struct job *job, size_t i, struct walk *w, struct lct_err *err)
{
    const uint64_t n = job->model->lattice.n_sites, every = job->p->every_steps * n;
    const uint64_t clock = lct_mc_engine_tally(w->engine)->clock;
    const uint64_t limit = (uint64_t)fmin(job->p->run.max_steps, 1e12) * n, next = (clock / every + 1) * every;
    const struct lct_mc_stop stop = { job->model->params.target_core_sites, 0, job->p->run.max_events };
    const enum lct_status s = lct_mc_engine_run(w->engine, next < limit ? next : limit, &stop, &w->end, err);
    w->finished = w->end != LCT_MC_END_CLOCK || lct_mc_engine_tally(w->engine)->clock >= limit;
    return s == LCT_OK ? record(job, i, w, err) : s;
}

static enum lct_status one(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    struct job *job = context;
    struct walk w = { 0 };
    if (job->p->checkpoints) {
        char name[64];
        snprintf(name, sizeof name, "replica_%05zu.ckpt", i);
        w.path = lct_file_join(job->p->checkpoints, name);
        if (!w.path)
            return lct_fail(err, LCT_E_LIMIT, "checkpoint: no memory");
    }
    enum lct_status s = begin(job, i, &w, err);
    while (s == LCT_OK && !w.finished)
        s = advance(job, i, &w, err);
    lct_mc_engine_destroy(&w.engine);
    free(w.path);
    return s;
}

/* FNV-1a over the parameters as text and what of the run decides about the trajectory. */
static enum lct_status fingerprint(struct job *job, struct lct_err *err)
{
    struct lct_json *json = NULL;
    char *text = NULL;
    enum lct_status s = lct_json_create(&json, err);
    if (s != LCT_OK)
        return s;
    lct_mc_params_json(json, &job->model->params);
    lct_json_bool(json, "shell", job->p->shell);
    lct_json_integer(json, "engine", job->p->run.engine);
    lct_json_integer(json, "seed", (long long)job->p->run.seed);
    lct_json_integer(json, "every", (long long)job->p->every_steps);
    s = lct_json_string(json, 0, &text, err);
    job->fingerprint = 14695981039346656037U;
    for (const char *c = text; s == LCT_OK && *c; c++)
        job->fingerprint = (job->fingerprint ^ (unsigned char)*c) * 1099511628211U;
    free(text);
    lct_json_destroy(&json);
    return s;
}

enum lct_status lct_mc_grow(struct lct_mc_trajectory *out, const struct lct_mc_model *model,
    const struct lct_mc_grow_params *p, struct lct_table *table, const struct lct_progress *progress,
    lct_mc_frame_fn *frame, void *context, struct lct_err *err)
{
    if (p->every_steps < 1 || p->snapshot_steps % p->every_steps)
        return lct_fail(err, LCT_E_ARG, "snapshot_every: %llu is not a multiple of every (%llu)",
            (unsigned long long)p->snapshot_steps, (unsigned long long)p->every_steps);
    if (!(p->run.max_steps >= 1))
        return lct_fail(err, LCT_E_ARG, "max_steps: %g is below 1", p->run.max_steps);
    struct job job = { .out = out,
        .model = model,
        .p = p,
        .table = table,
        .progress = progress,
        .frame = frame,
        .context = context,
        .lock = PTHREAD_MUTEX_INITIALIZER };
    job.start = malloc(model->lattice.n_sites);
    job.replica = calloc(p->replicas + 1, sizeof *job.replica);
    enum lct_status s =
        job.start && job.replica ? fingerprint(&job, err) : lct_fail(err, LCT_E_LIMIT, "growth: no memory");
    if (s == LCT_OK)
        s = lct_mc_start(model, p->shell, job.start, err);
    if (s == LCT_OK)
        s = lct_parallel_for(p->run.threads, p->replicas, one, &job, err);
    for (size_t i = 0; job.replica && i < p->replicas; i++)
        free(job.replica[i].rows);
    free(job.replica);
    free(job.start);
    pthread_mutex_destroy(&job.lock);
    return s;
}
