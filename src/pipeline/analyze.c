#include "run.h"

#include "after.h"
#include "budget.h"
#include "events_sort.h"
#include "ranks.h"

#include <lctem/moire_run.h>
#include <lctem/parallel.h>

#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Finer layers make no waves in the frames: what has their period there is something else. */
static const double LEAST_LAYER_PX = 2.0;

static enum lct_status make_room(struct run *run, struct lct_err *err)
{
    struct budget_share share = { .threads = run->threads };
    enum lct_status status =
        budget_second_pass(&run->plan, &run->movie, &run->layout, run->recipe->memory_limit_bytes, &share, err);
    if (status != LCT_OK)
        return status;
    run->threads = share.threads;
    if (run->chunk == 0) /* where frames are shared, rank 0 has chosen */
        run->chunk = share.chunk;
    run->slots = run->chunk + BUDGET_AHEAD;
    run->work = calloc((size_t)run->threads, sizeof *run->work);
    run->results = calloc((size_t)run->slots, sizeof *run->results);
    run->lattices_work = calloc((size_t)run->threads, sizeof *run->lattices_work);
    if (!run->work || !run->results || !run->lattices_work)
        return lct_fail(err, LCT_E_LIMIT, "no memory for the analysis");
    status = window_create(&run->window, &run->plan, &run->movie, run->slots, run->threads, err);
    for (int i = 0; status == LCT_OK && i < run->threads; i++)
        status = lct_mask_work_init(&run->work[i], run->plan.width, run->plan.height, err);
    if (status == LCT_OK)
        status = lattices_plan_make(&run->lattices, &run->plan, run->movie.scale, run->recipe, err);
    for (int i = 0; status == LCT_OK && i < run->threads; i++)
        status = lattices_work_create(&run->lattices_work[i], &run->lattices, err);
    for (long i = 0; status == LCT_OK && i < run->slots; i++)
        status = result_init(&run->results[i], &run->plan, &run->layout, err);
    for (long i = 0; status == LCT_OK && run->has_masks && i < run->slots; i++)
        if (!(run->results[i].mask = calloc((size_t)run->plan.grid.width * (size_t)run->plan.grid.height, 1)))
            status = lct_fail(err, LCT_E_LIMIT, "no memory for the masks");
    run->rims_sample = rims_sample_of(&run->plan, &run->movie);
    run->layer_px = cracks_layer_nm(run->recipe) / run->movie.scale.nm_per_px;
    if (run->only_masks) /* masks have no lattice */
        run->lattices.side_px = 0;
    if (run->only_masks || run->layer_px < LEAST_LAYER_PX)
        run->layer_px = (double)NAN;
    if (status == LCT_OK)
        status = plan_track(&run->track, &run->plan, &run->movie, run->recipe, err);
    return status;
}

/* What only the second pass needs: most of the memory of a run. What follows keeps some hundred bytes a frame, in blocks that the C
 * library maps on their own: those take the place of this once it has been given back. */
static void leave_pass(struct run *run)
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
    run->lattices_work = NULL;
    run->results = NULL;
    run->work = NULL;
    lct_track_destroy(&run->track);
    window_destroy(&run->window);
    movie_forget(&run->movie);
    malloc_trim(0);
}

void run_finish(struct run *run)
{
    outputs_abandon(&run->outputs); /* first: it may still be looking at pictures */
    leave_pass(run);
    session_finish(&run->session);
    plan_finish(&run->plan);
    movie_close(&run->movie);
    masks_close(&run->masks);
}

/* The phases are those of the masks; levels and light are still the movie's. */
static enum lct_status plan_with_masks(struct run *run, struct lct_err *err)
{
    struct lct_recipe recipe = *run->recipe;
    recipe.phases = run->masks.has_shell ? LCT_PHASES_CORE_SHELL : LCT_PHASES_CORE;
    if (run->only_masks)
        return plan_of_masks(&run->plan, &run->movie, &recipe, run->threads, run->hooks->progress, err);
    const enum lct_status status = plan_make(&run->plan, &run->movie, &recipe, run->threads, run->hooks->progress, err);
    if (status == LCT_OK && run->plan.no_particle)
        return lct_fail(err, LCT_E_NODATA,
            "%s: no particle stands out from the liquid, so that edges cannot be sought there; leave "
            "--movie out to measure the masks alone",
            run->movie.info->path);
    if (status == LCT_OK && !isfinite(run->recipe->min_area_nm2))
        run->plan.min_appear_px = run->plan.segment.min_core_px; /* who draws masks means them */
    return status;
}

static enum lct_status make_plan(struct run *run, struct lct_err *err)
{
    if (!run->session.resumes && run->has_masks)
        return plan_with_masks(run, err);
    if (!run->session.resumes)
        return plan_make(&run->plan, &run->movie, run->recipe, run->threads, run->hooks->progress, err);
    const enum lct_status status = session_load_plan(&run->session, &run->plan, err);
    if (status == LCT_OK && run->plan.n <= run->movie.n)
        run->movie.n = run->plan.n; /* a truncated movie was found out in the first pass */
    return status;
}

enum lct_status run_open_outputs(struct run *run, const struct outputs_mark *mark, bool draws, struct lct_err *err)
{
    char *spool = session_path(&run->session, CHECKPOINT_SPOOL);
    char *rims = session_path(&run->session, CHECKPOINT_RIMS);
    const struct outputs_params params = { .dir = run->recipe->output,
        .spool = spool,
        .rims = rims,
        .movie = &run->movie,
        .plan = &run->plan,
        .layout = draws ? &run->layout : NULL };
    const enum lct_status status = spool && rims ? outputs_open(&run->outputs, &params, mark, err)
                                                 : lct_fail(err, LCT_E_LIMIT, "%s: no memory", run->recipe->output);
    free(spool);
    free(rims);
    return status;
}

static enum lct_status open_outputs(struct run *run, struct lct_err *err)
{
    struct checkpoint from = { 0 };
    enum lct_status status = LCT_OK;
    if (run->session.resumes)
        status = checkpoint_load(run->session.folder, &from, run->track, err);
    if (status == LCT_OK)
        status = run_open_outputs(run, run->session.resumes ? &from.mark : NULL, true, err);
    if (status == LCT_OK && run->session.resumes)
        lct_log_say(&run->session.log, LCT_LOG_INFO, "going on at frame %ld of %ld", from.next, run->plan.n);
    run->next = from.next;
    return status;
}

enum lct_status run_make_room(struct run *run, struct lct_err *err)
{
    struct lct_overlay_params params = lct_overlay_defaults();
    params.pixel_size_nm = run->movie.scale.nm_per_px;
    const enum lct_status status =
        lct_overlay_layout_make(&run->layout, run->plan.grid.width, run->plan.grid.height, &params, err);
    return status == LCT_OK ? make_room(run, err) : status;
}

/* Everything inside the run's folder. */
static enum lct_status work(struct run *run, struct lct_err *err)
{
    enum lct_status status = make_plan(run, err);
    if (status == LCT_OK)
        status = session_planned(&run->session, &run->plan, err);
    if (status == LCT_OK)
        status = run_make_room(run, err);
    if (run->comm) /* a fault so far is everybody's */
        status = ranks_lead(run, status, err);
    if (status == LCT_OK)
        status = open_outputs(run, err);
    laps_end(&run->laps, LAP_PLAN);
    if (status == LCT_OK)
        status = run_second_pass(run, err);
    if (status == LCT_OK)
        status = outputs_settle(&run->outputs, err);
    if (status == LCT_OK)
        leave_pass(run);
    laps_end(&run->laps, LAP_WRITE); /* what was drawn again */
    if (status == LCT_OK)
        status = run_measure_shapes(run, err);
    laps_end(&run->laps, LAP_SHAPES);
    if (status == LCT_OK)
        status = outputs_close(&run->outputs, err);
    laps_end(&run->laps, LAP_WRITE);
    return status == LCT_OK ? run_conclude(run, err) : status;
}

static enum lct_status open_masks(struct run *run, struct lct_err *err)
{
    enum lct_status status = masks_open(&run->masks, run->recipe, err);
    if (status == LCT_OK)
        status = masks_check(&run->masks, &run->movie, err);
    if (status == LCT_OK)
        masks_lend_scale(&run->masks, &run->movie);
    run->has_masks = true;
    run->only_masks = !run->recipe->movie;
    if (run->only_masks)
        run->movie.masks = &run->masks;
    return status;
}

/* An instant of saturation that this movie cannot hold is better refused now than after an hour. The default is not the user's word, and
 * frames' own times may differ a little from the frame time. */
static enum lct_status check_reference(const struct movie *movie, const struct lct_recipe *recipe, struct lct_err *err)
{
    static const double SLACK = 1.01;
    const double at_s = recipe->chemistry.reference_s, step_s = movie->scale.s_per_frame;
    const double from_s = step_s * (double)movie_frame(movie, 0),
                 to_s = step_s * (double)movie_frame(movie, movie->n - 1);
    if (at_s == lct_pocket_defaults().reference_s || !(at_s > to_s * SLACK || at_s * SLACK < from_s))
        return LCT_OK; /* also where a time is not known */
    return lct_fail(err, LCT_E_ARG,
        "reference_time: %g s is outside the movie, which goes from %g to %g s; give an instant within it, or "
        "auto",
        at_s, from_s, to_s);
}

/* A rank that does not lead: its share of the second pass. */
static enum lct_status help(struct run *run, enum lct_status status, struct lct_err *own, struct lct_err *err)
{
    if (status == LCT_OK)
        status = session_visit(&run->session, run->recipe, own);
    status = ranks_hear(run, status, own);
    if (status == LCT_OK) {
        status = session_load_plan(&run->session, &run->plan, own);
        if (status == LCT_OK && run->plan.n <= run->movie.n)
            run->movie.n = run->plan.n;
        if (status == LCT_OK)
            status = run_make_room(run, own);
        status = ranks_help(run, status, own);
    }
    run_finish(run);
    if (status != LCT_OK && err)
        *err = *own;
    return status == LCT_END ? LCT_OK : status;
}

enum lct_status lct_analyze(struct lct_analysis *out, const char *movie, const struct lct_recipe *recipe,
    const struct lct_analyze_hooks *hooks, struct lct_err *err)
{
    static const struct lct_analyze_hooks silent = { 0 };
    struct run run = { .recipe = recipe, .hooks = hooks ? hooks : &silent, .session = { .lock = -1 } };
    struct lct_err own = { 0 };
    run.threads = recipe->threads > 0 ? (int)recipe->threads : lct_parallel_cores();
    laps_begin(&run.laps, run.hooks->clock, run.hooks->clock_context);
    const struct session_params params = { recipe, run.hooks, &run.movie, &run.laps, run.threads };
    struct lct_pocket pocket; /* what nobody knows is better refused now than after an hour: a material, a spacing */
    enum lct_status status = after_pocket(&pocket, &recipe->chemistry, &own);
    if (status == LCT_OK)
        status = lct_pocket_check(&pocket, &own);
    struct lct_moire_params lattices;
    if (status == LCT_OK)
        status = lct_moire_params_make(&lattices, recipe, &own);
    if (status == LCT_OK)
        status = movie_open(&run.movie, movie, recipe, &own);
    if (status == LCT_OK)
        status = recipe->labels ? open_masks(&run, &own) : LCT_OK;
    if (status == LCT_OK)
        status = check_reference(&run.movie, recipe, &own);
    run.comm = recipe->labels ? NULL : run.hooks->comm;
    if (lct_comm_rank(run.comm) > 0)
        return help(&run, status, &own, err);
    if (status == LCT_OK)
        status = session_begin(&run.session, &params, &own);
    if (status == LCT_OK && !run.session.resumes) /* who goes on reads each frame once */
        movie_remember(
            &run.movie, budget_store_bytes(recipe->memory_limit_bytes), run.session.folder, run.hooks->progress);
    const bool works = status == LCT_OK && !run.session.was_complete;
    if (works)
        status = work(&run, &own);
    else if (run.comm)
        status = ranks_dismiss(&run, status, &own);
    if (run.session.begun) {
        run.session.facts.frames_done = run.next;
        run.session.facts.found = (struct lct_analysis){ .n_frames = run.plan.n,
            .n_particles = run.outputs.n_particles,
            .n_flagged = run.outputs.n_flagged,
            .n_events = run.outputs.n_events,
            .n_crack_rows = run.cracks.n_rows,
            .has_after = run.has_after,
            .after = run.after };
        memcpy(run.session.facts.found.cracks, run.cracks.rows, sizeof run.cracks.rows);
    }
    if (status == LCT_OK && !run.session.was_complete)
        status = events_sort(recipe->output, &own);
    if (status == LCT_OK && !run.session.was_complete)
        status = run_make_report(&run, &own);
    status = session_end(&run.session, status, &own);
    if (status == LCT_OK)
        *out = run.session.facts.found;
    else if (err)
        *err = own;
    run_finish(&run);
    return status;
}
