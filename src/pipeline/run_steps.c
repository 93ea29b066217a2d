#include "run.h"

#include "budget.h"

#include <lctem/parallel.h>

#include <math.h>

static struct result *result_of(struct run *run, long k)
{
    return &run->results[k % run->slots];
}

/* How far an edge may lie from its mask's, px of the planes. */
static double edge_reach_px(const struct run *run)
{
    const double px = lct_length_px(run->recipe->edge_reach, run->movie.scale.nm_per_px) / run->plan.bin;
    return run->only_masks ? 0.0 : isfinite(px) ? px : run->plan.levels.blur_px;
}

/* The masks of frames run->segmented .. ahead - 1, into their slots: one file, one after the other. */
static enum lct_status read_masks(struct run *run, long ahead, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    for (long k = run->segmented; status == LCT_OK && run->has_masks && k < ahead; k++)
        status = masks_read(&run->masks, k, result_of(run, k)->mask, err);
    return status;
}

static enum lct_status segment_one(void *context, size_t i, int worker, struct lct_err *err)
{
    struct run *run = context;
    struct result *r = result_of(run, run->segmented + (long)i);
    r->k = run->segmented + (long)i;
    const enum lct_status status = result_segment(r, &run->plan, run->window, &run->work[worker], err);
    if (status != LCT_OK || !run->has_masks)
        return status;
    return result_impose(r, &run->plan, edge_reach_px(run), &run->work[worker], err);
}

static enum lct_status draw(struct run *run, struct result *r, struct lct_err *err)
{
    const struct sketch_place place = { .plan = &run->plan,
        .layout = &run->layout,
        .frame = window_frame(run->window, r->k),
        .k = r->k,
        .number = movie_frame(&run->movie, r->k) };
    return sketch_draw(&r->sketch, &place, r->picture, err);
}

static enum lct_status draw_one(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    struct run *run = context;
    return draw(run, result_of(run, run->first + (long)i), err);
}

static enum lct_status measure_one(void *context, size_t i, int worker, struct lct_err *err)
{
    struct run *run = context;
    struct result *r = result_of(run, run->first + (long)i);
    enum lct_status status = result_measure(r, &run->plan, err);
    if (status == LCT_OK)
        status =
            result_measure_rims(r, &run->plan, &run->rims_sample, run->layer_px, window_frame(run->window, r->k), err);
    if (status == LCT_OK)
        status = result_measure_lattices(
            r, &run->lattices, run->lattices_work[worker], window_frame(run->window, r->k), err);
    if (status != LCT_OK || !r->picture || run->sharing)
        return status;
    return draw(run, r, err);
}

static double now_s(const struct run *run)
{
    return run->laps.clock ? run->laps.clock(run->laps.context) : 0.0;
}

static enum lct_status track_one(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    struct run *run = context;
    const double begin_s = now_s(run);
    struct result *r = result_of(run, run->first + (long)i);
    const struct plane_shift shift = plan_shift(&run->plan, r->k);
    const struct lct_track_input in = { r->phase, r->weak, &r->plane, shift.x, shift.y };
    enum lct_status status = lct_track_frame(run->track, r->k, &in, &run->plan.levels, r->labels, err);
    if (status != LCT_OK)
        return status;
    size_t n;
    const struct lct_track_particle *particles = lct_track_particles(run->track, &n);
    status = result_take_particles(r, particles, n, err);
    if (status != LCT_OK)
        return status;
    const struct lct_event *events = lct_track_events(run->track, &n);
    run->track_s += now_s(run) - begin_s;
    return result_take_events(r, events, n, err);
}

enum lct_status run_track(struct run *run, long count, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    for (long i = 0; status == LCT_OK && i < count; i++)
        status = track_one(run, (size_t)i, 0, err);
    laps_end(&run->laps, LAP_TRACK);
    return status;
}

enum lct_status run_segment(struct run *run, long first, long count, struct lct_err *err)
{
    run->first = first;
    const long ahead = first + count + BUDGET_AHEAD < run->plan.n ? first + count + BUDGET_AHEAD : run->plan.n;
    if (run->segmented < first)
        run->segmented = first;
    enum lct_status status = window_advance(run->window, first, ahead - first, err);
    if (status == LCT_OK)
        status = read_masks(run, ahead, err);
    laps_end(&run->laps, LAP_READ);
    if (status == LCT_OK)
        status = lct_parallel_for(run->threads, (size_t)(ahead - run->segmented), segment_one, run, err);
    run->segmented = ahead;
    for (long k = first; status == LCT_OK && k < first + count;
         k++) { /* ascending: the later frame is still as it was segmented */
        const long later = k + BUDGET_AHEAD < run->plan.n ? k + BUDGET_AHEAD : run->plan.n - 1;
        result_foresee(result_of(run, k), result_of(run, later), &run->plan, &run->work[0]);
    }
    laps_end(&run->laps, LAP_SEGMENT);
    return status;
}

static enum lct_status measure_all(struct run *run, lct_parallel_fn *before, long count, struct lct_err *err)
{
    const struct lct_steps steps = { .before = before, .each = measure_one };
    enum lct_status status = outputs_settle(&run->outputs, err); /* its pictures are about to be drawn over */
    if (status == LCT_OK)
        status = lct_parallel_steps(run->threads, (size_t)count, &steps, run, err);
    laps_end(&run->laps, LAP_MEASURE);
    if (before)
        laps_move(&run->laps, LAP_MEASURE, LAP_TRACK, run->track_s / run->threads);
    run->track_s = 0.0;
    return status;
}

enum lct_status run_measure(struct run *run, long count, struct lct_err *err)
{
    return measure_all(run, NULL, count, err);
}

/* Identities need the frames in order: one thread is at that, the others measure those that have them. */
enum lct_status run_track_and_measure(struct run *run, long count, struct lct_err *err)
{
    return measure_all(run, track_one, count, err);
}

static enum lct_status append(struct run *run, long count, struct lct_err *err)
{
    const struct result *results[BUDGET_MAX_CHUNK];
    for (long i = 0; i < count; i++)
        results[i] = result_of(run, run->first + i);
    return outputs_add(&run->outputs, &run->movie, &run->plan, results, (size_t)count, run->threads, err);
}

/* Everything before frame `next` is finished, whatever happens now. */
static enum lct_status save(struct run *run, long next, struct lct_err *err)
{
    struct checkpoint checkpoint = { .next = next };
    enum lct_status status = outputs_flush(&run->outputs, &checkpoint.mark, err);
    if (status == LCT_OK)
        status = checkpoint_save(run->session.folder, &checkpoint, run->track, err);
    if (status == LCT_OK)
        run->next = next;
    return status;
}

enum lct_status run_write(struct run *run, long count, struct lct_err *err)
{
    enum lct_status status = append(run, count, err);
    if (status == LCT_OK)
        status = save(run, run->first + count, err);
    laps_end(&run->laps, LAP_WRITE);
    return status;
}

/* The state is some planes large: not every few frames. */
static enum lct_status process_chunk(struct run *run, long first, long count, struct lct_err *err)
{
    enum lct_status status = run_segment(run, first, count, err);
    if (status == LCT_OK)
        status = run_track_and_measure(run, count, err);
    if (status == LCT_OK)
        status = append(run, count, err);
    const long next = first + count;
    if (status == LCT_OK && (next - run->next >= BUDGET_MAX_CHUNK || next == run->plan.n))
        status = save(run, next, err);
    laps_end(&run->laps, LAP_WRITE);
    return status;
}

/* The overlay of the frames that are finished, by an interrupted run or by many processes: a video cannot be gone on with. */
static enum lct_status redraw_chunk(struct run *run, long first, long count, struct lct_err *err)
{
    run->first = first;
    enum lct_status status = window_advance(run->window, first, count, err);
    for (long i = 0; status == LCT_OK && i < count; i++) {
        struct result *r = result_of(run, first + i);
        r->k = first + i;
        status = spool_next(run->outputs.spool, &r->sketch, err);
    }
    if (status == LCT_OK)
        status = lct_parallel_for(run->threads, (size_t)count, draw_one, run, err);
    for (long i = 0; status == LCT_OK && i < count; i++)
        status = outputs_redraw(&run->outputs, &run->plan, result_of(run, first + i), err);
    return status;
}

enum lct_status run_second_pass(struct run *run, struct lct_err *err)
{
    const long finished = run->next;
    enum lct_status status = LCT_OK;
    for (long k = 0, count; status == LCT_OK && k < run->plan.n; k += count) {
        const bool again = k < finished;
        const long end = again ? finished : run->plan.n;
        count = end - k < run->chunk ? end - k : run->chunk;
        status = again ? redraw_chunk(run, k, count, err) : process_chunk(run, k, count, err);
        if (status == LCT_OK)
            status =
                lct_progress_step(run->hooks->progress, again ? "draw again" : "measure", k + count, run->plan.n, err);
    }
    return status;
}
