#include <lctem/analyze.h>

#include "outputs.h"

#include <lctem/parallel.h>
#include <lctem/plot.h>

#include <math.h>
#include <stdlib.h>

static const size_t WINDOW_BYTES = 160u << 20; /* what the frames in memory may take; the chunk shrinks to fit */
enum { MAX_CHUNK = 16, AHEAD = 6 }; /* AHEAD: frames after which a gap that has begun to open is plain to see */

/* The second pass. */
struct run {
    const struct lct_recipe *recipe;
    const struct lct_analyze_hooks *hooks;
    int threads;
    struct movie movie;
    struct plan plan;
    struct window *window;
    struct lct_track *track;
    struct lct_mask_work *work; /* threads */
    struct result *results;     /* slots; frame k lives in slot k % slots */
    long chunk, slots;          /* frames that are worked on together, and those frames with what is looked ahead */
    long first, segmented;      /* first frame of the present step; frames below this are segmented */
    struct lattices_plan lattices;
    struct lattices_work **lattices_work; /* threads */
    struct lct_overlay_layout layout;
    struct outputs outputs;
};

static struct result *result_of(struct run *run, long k)
{
    return &run->results[k % run->slots];
}

static enum lct_status segment_one(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)err;
    struct run *run = context;
    struct result *r = result_of(run, run->segmented + (long)i);
    r->k = run->segmented + (long)i;
    result_segment(r, &run->plan, run->window, &run->work[worker]);
    return LCT_OK;
}

static enum lct_status measure_one(void *context, size_t i, int worker, struct lct_err *err)
{
    struct run *run = context;
    struct result *r = result_of(run, run->first + (long)i);
    enum lct_status status = result_measure(r, &run->plan, err);
    if (status == LCT_OK)
        status = result_measure_lattices(r, &run->lattices, run->lattices_work[worker], window_frame(run->window, r->k), err);
    if (status != LCT_OK || !r->picture)
        return status;
    return result_draw(
        r, &run->plan, window_frame(run->window, r->k), &run->layout, movie_frame(&run->movie, r->k), err);
}

/* Identities need the frames in order. */
static enum lct_status track_chunk(struct run *run, long count, struct lct_err *err)
{
    for (long i = 0; i < count; i++) {
        struct result *r = result_of(run, run->first + i);
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
        status = outputs_add_events(&run->outputs, &run->movie, &run->plan, r->k, events, n, err);
        if (status != LCT_OK)
            return status;
    }
    return LCT_OK;
}

static enum lct_status process_chunk(struct run *run, long first, long count, struct lct_err *err)
{
    run->first = first;
    const long ahead = first + count + AHEAD < run->plan.n ? first + count + AHEAD : run->plan.n;
    if (run->segmented < first)
        run->segmented = first;
    enum lct_status status = window_advance(run->window, first, ahead - first, err);
    if (status == LCT_OK)
        status = lct_parallel_for(run->threads, (size_t)(ahead - run->segmented), segment_one, run, err);
    run->segmented = ahead;
    for (long k = first; status == LCT_OK && k < first + count; k++) { /* ascending: the later frame is still as it was segmented */
        const long later = k + AHEAD < run->plan.n ? k + AHEAD : run->plan.n - 1;
        result_foresee(result_of(run, k), result_of(run, later), &run->plan, &run->work[0]);
    }
    if (status == LCT_OK)
        status = track_chunk(run, count, err);
    if (status == LCT_OK)
        status = lct_parallel_for(run->threads, (size_t)count, measure_one, run, err);
    for (long i = 0; status == LCT_OK && i < count; i++)
        status = outputs_add(&run->outputs, &run->movie, &run->plan, result_of(run, first + i), err);
    return status == LCT_OK ? outputs_flush(&run->outputs, err) : status;
}

static enum lct_status make_room(struct run *run, struct lct_err *err)
{
    run->chunk = MAX_CHUNK;
    while (run->chunk > run->threads && window_bytes(&run->plan, run->chunk + AHEAD, run->threads) > WINDOW_BYTES)
        run->chunk--;
    run->slots = run->chunk + AHEAD;
    run->work = calloc((size_t)run->threads, sizeof *run->work);
    run->results = calloc((size_t)run->slots, sizeof *run->results);
    run->lattices_work = calloc((size_t)run->threads, sizeof *run->lattices_work);
    if (!run->work || !run->results || !run->lattices_work)
        return lct_fail(err, LCT_E_LIMIT, "no memory for the analysis");
    enum lct_status status = window_create(&run->window, &run->plan, &run->movie, run->slots, run->threads, err);
    for (int i = 0; status == LCT_OK && i < run->threads; i++)
        status = lct_mask_work_init(&run->work[i], run->plan.width, run->plan.height, err);
    if (status == LCT_OK)
        status = lattices_plan_make(&run->lattices, &run->plan, run->movie.scale, run->recipe, err);
    for (int i = 0; status == LCT_OK && i < run->threads; i++)
        status = lattices_work_create(&run->lattices_work[i], &run->lattices, err);
    for (long i = 0; status == LCT_OK && i < run->slots; i++)
        status = result_init(&run->results[i], &run->plan, &run->layout, err);
    struct lct_track_params params = lct_track_defaults();
    params.min_appear_px = run->plan.min_appear_px;
    params.min_follow_px = run->plan.segment.min_core_px;
    if (status == LCT_OK)
        status = lct_track_create(&run->track, run->plan.width, run->plan.height, &params, err);
    return status;
}

static void run_finish(struct run *run)
{
    for (long i = 0; run->results && i < run->slots; i++)
        result_finish(&run->results[i]);
    for (int i = 0; run->work && i < run->threads; i++)
        lct_mask_work_finish(&run->work[i]);
    for (int i = 0; run->lattices_work && i < run->threads; i++)
        lattices_work_destroy(&run->lattices_work[i]);
    free(run->lattices_work);
    free(run->results);
    free(run->work);
    lct_track_destroy(&run->track);
    window_destroy(&run->window);
    outputs_abandon(&run->outputs);
    plan_finish(&run->plan);
    movie_close(&run->movie);
}

static enum lct_status second_pass(struct run *run, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    for (long k = 0; status == LCT_OK && k < run->plan.n; k += run->chunk) {
        const long count = run->plan.n - k < run->chunk ? run->plan.n - k : run->chunk;
        status = process_chunk(run, k, count, err);
        if (status == LCT_OK)
            status = lct_progress_step(run->hooks->progress, "measure", k + count, run->plan.n, err);
    }
    return status;
}

static enum lct_status plot(const struct run *run, struct lct_err *err)
{
    const struct lct_plot_params params = { .title = run->movie.info->path, .has_pixel_size = isfinite(run->movie.scale.nm_per_px) };
    struct lct_err why = { 0 };
    const enum lct_status status = lct_plot_areas(run->recipe->output, &params, &why);
    if (status == LCT_OK || status == LCT_E_NODATA) {
        if (status == LCT_E_NODATA)
            lct_log_say(run->hooks->log, LCT_LOG_WARNING, "%s", why.text);
        return LCT_OK;
    }
    if (err)
        *err = why;
    return status;
}

enum lct_status lct_analyze(struct lct_analysis *out, const char *movie, const struct lct_recipe *recipe,
    const struct lct_analyze_hooks *hooks, struct lct_err *err)
{
    static const struct lct_analyze_hooks silent = { 0 };
    struct run run = { .recipe = recipe, .hooks = hooks ? hooks : &silent };
    run.threads = recipe->threads > 0 ? (int)recipe->threads : lct_parallel_cores();
    enum lct_status status = movie_open(&run.movie, movie, recipe, err);
    if (status == LCT_OK)
        status = plan_make(&run.plan, &run.movie, recipe, run.threads, run.hooks->progress, err);
    if (status == LCT_OK) {
        struct lct_overlay_params params = lct_overlay_defaults();
        params.pixel_size_nm = run.movie.scale.nm_per_px;
        status = lct_overlay_layout_make(&run.layout, run.plan.grid.width, run.plan.grid.height, &params, err);
    }
    if (status == LCT_OK)
        status = make_room(&run, err);
    if (status == LCT_OK)
        status = outputs_open(&run.outputs, recipe->output, &run.movie, &run.plan, &run.layout, recipe->force, err);
    if (status == LCT_OK)
        status = second_pass(&run, err);
    if (status == LCT_OK)
        status = outputs_close(&run.outputs, err);
    if (status == LCT_OK)
        status = plot(&run, err);
    if (status == LCT_OK)
        *out = (struct lct_analysis){ .n_frames = run.plan.n, .n_flagged = run.outputs.n_flagged, .n_events = run.outputs.n_events };
    run_finish(&run);
    return status;
}
