#include "plan.h"

#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>

enum { SURVEY_FRAMES = 24 };

/* Frames spread evenly over the movie; `use` gets each in turn. */
typedef enum lct_status survey_fn(
    struct plan *plan, void *context, long i, const struct lct_image *frame, struct lct_err *err);

struct survey {
    struct lct_static_mask *still;
    struct lct_image frame; /* the one that is looked at */
    struct lct_image *kept; /* n: frames that the movie does not remember, so that it is read once */
    long at[SURVEY_FRAMES], n, seen;
    struct lct_blocks blocks;
};

static void survey_finish(struct survey *s)
{
    for (long i = 0; s->kept && i < s->n; i++)
        lct_image_finish(&s->kept[i]);
    free(s->kept);
    lct_image_finish(&s->frame);
    free(s->blocks.mean);
    lct_static_mask_destroy(&s->still);
}

static enum lct_status survey_init(struct survey *s, const struct plan *plan, long n_frames, struct lct_err *err)
{
    *s = (struct survey){ .n = n_frames < SURVEY_FRAMES ? n_frames : SURVEY_FRAMES, .blocks = plan->grid };
    const size_t blocks = (size_t)s->n * (size_t)plan->grid.columns * (size_t)plan->grid.rows;
    s->kept = calloc((size_t)s->n, sizeof *s->kept);
    s->blocks.mean = malloc(blocks * sizeof *s->blocks.mean);
    if (!s->kept || !s->blocks.mean)
        return lct_fail(err, LCT_E_LIMIT, "no memory for the survey");
    const enum lct_status status = lct_image_init(&s->frame, plan->grid.width, plan->grid.height, err);
    return status == LCT_OK ? lct_static_mask_create(&s->still, plan->grid.width, plan->grid.height, err) : status;
}

/* Read the next frame, and keep it if it could not be recalled. */
static enum lct_status read_frame(struct survey *s, struct movie *movie, struct lct_err *err)
{
    const long k = s->at[s->seen];
    double time_s;
    enum lct_status status = movie_read(movie, k, &s->frame, &time_s, err);
    if (status == LCT_OK)
        status = lct_static_mask_add(s->still, &s->frame, err);
    if (status != LCT_OK || movie_remembers(movie, k))
        return status;
    s->kept[s->seen] = s->frame;
    return lct_image_init(&s->frame, s->frame.width, s->frame.height, err);
}

static enum lct_status read_frames(
    struct survey *s, struct movie *movie, const struct lct_progress *progress, struct lct_err *err)
{
    for (long i = 0; i < s->n; i++)
        s->at[i] = i * movie->n / s->n; /* before it turns out that the movie ends early */
    enum lct_status status = LCT_OK;
    while (status == LCT_OK && s->seen < s->n) {
        status = read_frame(s, movie, err);
        s->seen += status == LCT_OK;
        if (status == LCT_OK)
            status = lct_progress_step(progress, "survey", s->seen, s->n, err);
    }
    if (status == LCT_END && s->seen == 0)
        return lct_fail(err, LCT_E_INPUT, "%s: no frame can be read: %s", movie->info->path,
            lct_source_truncated(movie->source) ? lct_source_truncated(movie->source) : "the movie is empty");
    return status == LCT_END ? LCT_OK : status;
}

static enum lct_status find_still(struct survey *s, struct plan *plan, struct lct_err *err)
{
    plan->ignore = malloc((size_t)plan->grid.width * (size_t)plan->grid.height);
    if (!plan->ignore)
        return lct_fail(err, LCT_E_LIMIT, "no memory for the survey");
    const enum lct_status status = lct_static_mask_find(s->still, plan->ignore, &plan->still, err);
    if (status == LCT_OK && plan->still.border_px == 0 && plan->still.burnt_px == 0) {
        free(plan->ignore);
        plan->ignore = NULL;
    }
    return status;
}

static enum lct_status measure_blocks(
    struct survey *s, const struct plan *plan, const struct movie *movie, struct lct_err *err)
{
    const size_t per_frame = (size_t)plan->grid.columns * (size_t)plan->grid.rows;
    for (long i = 0; i < s->seen; i++) {
        double time_s;
        const struct lct_image *frame = s->kept[i].px ? &s->kept[i] : &s->frame;
        const enum lct_status status = s->kept[i].px ? LCT_OK : movie_recall(movie, s->at[i], &s->frame, &time_s, err);
        if (status != LCT_OK)
            return status;
        lct_blocks_measure(&s->blocks, frame, plan->ignore, s->blocks.mean + per_frame * (size_t)i);
    }
    s->blocks.n_bins = (int)s->seen;
    return LCT_OK;
}

/* Grey values between which most of the picture lies, with room for the fringes. */
static void find_display_range(struct survey *s, struct plan *plan)
{
    const size_t n = (size_t)s->blocks.n_bins * (size_t)s->blocks.columns * (size_t)s->blocks.rows;
    const double lo = lct_stats_quantile_f(s->blocks.mean, n, 0.002),
                 hi = lct_stats_quantile_f(s->blocks.mean, n, 0.998);
    plan->display_lo = lo - 0.25 * (hi - lo);
    plan->display_hi = hi + 0.25 * (hi - lo);
}

enum lct_status plan_survey(struct plan *plan, struct movie *movie, const struct lct_recipe *recipe,
    const struct lct_progress *progress, struct lct_err *err)
{
    struct survey s;
    enum lct_status status = survey_init(&s, plan, movie->n, err);
    if (status == LCT_OK)
        status = read_frames(&s, movie, progress, err);
    if (status == LCT_OK)
        status = find_still(&s, plan, err);
    if (status == LCT_OK)
        status = measure_blocks(&s, plan, movie, err);
    if (status == LCT_OK) {
        const struct lct_background_params params = { .order = (int)recipe->background_order,
            .contrast = (enum lct_contrast)recipe->contrast };
        status = lct_background_fit(&plan->background, &s.blocks, &params, err);
    }
    if (status == LCT_E_NODATA)
        status = lct_fail(err, LCT_E_INPUT,
            "%s: nothing to analyse: its frames are black, or hold no finite grey value; choose others with --frames, "
            "or another --dataset",
            movie->info->path);
    if (status == LCT_OK)
        find_display_range(&s, plan);
    survey_finish(&s);
    return status;
}
