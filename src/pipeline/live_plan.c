#include "live_plan.h"

#include "budget.h"

#include <lctem/drift.h>
#include <lctem/duplicate.h>
#include <lctem/outlier.h>

#include <math.h>
#include <stdlib.h>

struct live_plan {
    struct lct_drift *drift; /* NULL: nothing to follow */
    struct lct_drift_work *work;
    float complex *spectrum[BUDGET_ANCHORS];
    struct lct_image frame, previous;
    bool has_previous;
    struct lct_duplicate_state duplicates;
    float *blocks;
};

void live_plan_destroy(struct live_plan **live)
{
    struct live_plan *l = *live;
    if (!l)
        return;
    for (int i = 0; i < BUDGET_ANCHORS; i++)
        lct_drift_spectrum_free(l->spectrum[i]);
    lct_drift_work_destroy(&l->work);
    lct_drift_destroy(&l->drift);
    lct_image_finish(&l->frame);
    lct_image_finish(&l->previous);
    free(l->blocks);
    free(l);
    *live = NULL;
}

/* The next frame in l->frame, repaired, and the one before it in l->previous. */
static enum lct_status next_frame(
    struct live_plan *l, struct movie *movie, long k, struct plan_frame *f, struct lct_err *err)
{
    const struct lct_image swap = l->previous;
    const struct lct_outlier_params params = lct_outlier_defaults();
    struct lct_outlier_report report;
    l->previous = l->frame;
    l->frame = swap;
    l->has_previous = k > 0;
    enum lct_status status = movie_read(movie, k, &l->frame, &f->time_s, err);
    if (status == LCT_END)
        status =
            lct_fail(err, LCT_E_INPUT, "%s: frame %ld was there and is gone", movie->info->path, movie_frame(movie, k));
    if (status == LCT_OK)
        status = lct_outlier_repair(&l->frame, &params, &report, err);
    if (status == LCT_OK)
        f->noise = (float)report.noise;
    return status;
}

static enum lct_status create_drift(
    struct live_plan *l, const struct plan *plan, const struct movie *movie, struct lct_err *err)
{
    struct lct_drift_params params = lct_drift_defaults();
    params.pixel_size_nm = movie->scale.nm_per_px;
    params.anchor_frames = BUDGET_ANCHORS;
    struct lct_err why = { 0 };
    enum lct_status status =
        lct_drift_create(&l->drift, plan->grid.width, plan->grid.height, plan->ignore, &params, &why);
    if (status == LCT_E_NODATA)
        return LCT_OK;
    if (status != LCT_OK && err)
        *err = why;
    if (status == LCT_OK)
        status = lct_drift_work_create(&l->work, l->drift, err);
    for (int i = 0; status == LCT_OK && i < BUDGET_ANCHORS; i++)
        if (!(l->spectrum[i] = lct_drift_spectrum_alloc(l->drift)))
            status = lct_fail(err, LCT_E_LIMIT, "no memory to follow the drift");
    return status;
}

/* The way the first pass went, for the drift's sake: jointly over the first frames, then one after the other. */
static enum lct_status catch_up(struct live_plan *l, const struct plan *plan, struct movie *movie, struct lct_err *err)
{
    const long anchors = plan->n < BUDGET_ANCHORS ? plan->n : BUDGET_ANCHORS;
    struct lct_drift_result results[BUDGET_ANCHORS];
    enum lct_status status = LCT_OK;
    for (long k = 0; status == LCT_OK && k < plan->n; k++) {
        struct plan_frame unused;
        const long slot = k < anchors ? k : 0;
        status = next_frame(l, movie, k, &unused, err);
        if (status == LCT_OK && l->drift)
            status = lct_drift_prepare(l->drift, l->work, &l->frame, l->spectrum[slot], err);
        if (status == LCT_OK && l->drift && k == anchors - 1)
            status =
                lct_drift_anchor(l->drift, (const float complex *const *)l->spectrum, (size_t)anchors, results, err);
        else if (status == LCT_OK && l->drift && k >= anchors)
            status = lct_drift_follow(l->drift, l->spectrum[0], results, err);
    }
    return status;
}

enum lct_status live_plan_create(
    struct live_plan **out, const struct plan *plan, struct movie *movie, struct lct_err *err)
{
    struct live_plan *l = calloc(1, sizeof *l);
    if (!l)
        return lct_fail(err, LCT_E_LIMIT, "no memory to follow the movie");
    enum lct_status status = lct_image_init(&l->frame, plan->grid.width, plan->grid.height, err);
    if (status == LCT_OK)
        status = lct_image_init(&l->previous, plan->grid.width, plan->grid.height, err);
    l->blocks = malloc((size_t)plan->grid.columns * (size_t)plan->grid.rows * sizeof *l->blocks);
    if (status == LCT_OK && !l->blocks)
        status = lct_fail(err, LCT_E_LIMIT, "no memory to follow the movie");
    if (status == LCT_OK)
        status = create_drift(l, plan, movie, err);
    if (status == LCT_OK)
        status = catch_up(l, plan, movie, err);
    if (status != LCT_OK)
        live_plan_destroy(&l);
    *out = l;
    return status;
}

static enum lct_status add_frame(
    struct live_plan *l, const struct plan *plan, struct movie *movie, long k, struct lct_err *err)
{
    struct plan_frame *f = &plan->frames[k];
    *f = (struct plan_frame){ .sharpness = NAN, .change = NAN, .no_drift = !l->drift };
    enum lct_status status = next_frame(l, movie, k, f, err);
    if (status != LCT_OK)
        return status;
    lct_blocks_measure(&plan->grid, &l->frame, plan->ignore, l->blocks);
    f->light = lct_background_light_of(&plan->background, &plan->grid, l->blocks);
    f->no_liquid = !isfinite(f->light.offset);
    if (f->no_liquid)
        f->light = plan->frames[k - 1].light;
    double sum = 0.0;
    for (int i = 0; i < plan->grid.columns * plan->grid.rows; i++)
        sum += (double)l->blocks[i];
    f->mean = (float)(sum / (plan->grid.columns * plan->grid.rows));
    f->duplicate = l->has_previous
        && lct_duplicate_judge(&l->duplicates, lct_duplicate_compare(&l->previous, &l->frame, plan->ignore));
    if (!l->drift)
        return LCT_OK;
    struct lct_drift_result r;
    status = lct_drift_prepare(l->drift, l->work, &l->frame, l->spectrum[0], err);
    if (status == LCT_OK)
        status = lct_drift_follow(l->drift, l->spectrum[0], &r, err);
    if (status != LCT_OK)
        return status;
    f->dx_px = r.dx_px;
    f->dy_px = r.dy_px;
    f->drift_sd_px = r.sd_px;
    f->peak_ratio = r.peak_ratio;
    f->ambiguous = (r.flags & LCT_DRIFT_AMBIGUOUS) != 0;
    f->no_drift = (r.flags & LCT_DRIFT_NO_SIGNAL) != 0;
    return LCT_OK;
}

enum lct_status live_plan_extend(struct live_plan *live, struct plan *plan, struct movie *movie, struct lct_err *err)
{
    struct plan_frame *frames = realloc(plan->frames, (size_t)movie->n * sizeof *frames);
    if (!frames)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for %ld frames", movie->info->path, movie->n);
    plan->frames = frames;
    while (plan->n < movie->n) {
        const enum lct_status status = add_frame(live, plan, movie, plan->n, err);
        if (status != LCT_OK)
            return status;
        plan->n++;
    }
    return LCT_OK;
}
