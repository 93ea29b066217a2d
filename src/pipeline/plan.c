#include "budget.h"
#include "lights.h"
#include "masks.h"

#include <lctem/bare_edge.h>
#include <lctem/edge_profile.h>
#include <lctem/film.h>
#include <lctem/parallel.h>
#include <lctem/stats.h>
#include <lctem/table.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SIGMA_NM = 0.2; /* smooths the lattice and Moire fringes (below 0.66 nm) and keeps 0.58 nm layers */
static const double SIGMA_PX_UNKNOWN = 2.0;
static const double EDGE_NM = 0.15; /* sd of an edge before smoothing: its own softness and the microscope's spread */
static const double MIN_APPEAR_SHARE = 0.2; /* of the largest core */
static const double MIN_STILL_SHARE =
    0.08; /* in a still nothing grows up to be followed: all that is no speck counts */
static const double FRAME_NOISE_SHARE =
    0.1; /* of the smallest step between two levels: what a time mean brings the noise to */
static const double MAX_REACH_S = 0.75;        /* steps of one layer are seconds apart: a mean over 1.5 s keeps them */
static const double STEADY_NOISE_SHARE = 0.02; /* what longer means bring it to where nothing moves */
static const double MAX_SPAN = 15.0, MAX_SPAN_S = 1.1,
                    MAX_WINDOW_BYTES = 96e6;                         /* of a block of those means; see steady.h */
static const double CORE_EDGE_BLURS = 0.02, OUTER_EDGE_BLURS = 0.07; /* common error of an edge's place */
static const double SPECKLE_NOISE =
    0.07; /* of the core's depth: above it film grain makes specks that have to be opened away */
/* Pure noise, taken for liquid and core, comes out 2.6 to 3.9 of its sd deep; the palest recording seen, 5.0. */
static const double MIN_DEPTH_SIGMAS = 4.0;
static const double MAX_DRIFT_PX = 1e6;
/* Of pictures made of masks: steps between pixels become edges that lie half way, and nobody knows where between two pixels they were. */
static const double MASK_SIGMA_PX = 1.0, MASK_EDGE_SD_PX = 0.3, MASK_NOISE = 0.004;
enum {
    MAX_REACH = 7,
    COARSE_ROUNDS = 3,
    FILM_ROUNDS = 2,
    FILM_KEYS = 8,
    FILM_FRAMES = 20
}; /* the film shows only when noise averages out */

static const double COARSE_BLURS[COARSE_ROUNDS] = { 12.0, 8.0, 5.0 }; /* sds over which the film is first looked at */

void plan_finish(struct plan *plan)
{
    free(plan->ignore);
    lct_image_finish(&plan->film);
    free(plan->frames);
    *plan = (struct plan){ 0 };
}

static double edge_sd_px(const struct movie *movie)
{
    return isfinite(movie->scale.nm_per_px) ? fmin(fmax(EDGE_NM / movie->scale.nm_per_px, 0.8), 10.0) : 1.5;
}

/* Smoothing and binning from the scale; the planes are binned as far as the smoothing allows, for speed. */
static void choose_sampling(struct plan *p, const struct movie *movie, const struct lct_recipe *recipe)
{
    double sigma_px = lct_length_px(recipe->smoothing, movie->scale.nm_per_px);
    if (!isfinite(sigma_px))
        sigma_px = isfinite(movie->scale.nm_per_px) ? SIGMA_NM / movie->scale.nm_per_px : SIGMA_PX_UNKNOWN;
    sigma_px = fmin(fmax(sigma_px, 1.2), 16.0);
    p->bin = (int)floor(sigma_px / 2.0 + 1e-9);
    if (p->bin < 1)
        p->bin = 1;
    p->width = p->grid.width / p->bin;
    p->height = p->grid.height / p->bin;
    if (p->width < 1 || p->height < 1) {
        p->bin = 1;
        p->width = p->grid.width;
        p->height = p->grid.height;
    }
    p->sigma_px = sigma_px / p->bin;
    p->smoothing = lct_gaussian_make(p->sigma_px);
}

/* One row of a given drift.csv. */
static enum lct_status take_drift(
    struct plan *plan, const struct movie *movie, const double cells[3], const char *path, struct lct_err *err)
{
    const double at = (cells[0] - (double)movie->first) / (double)movie->step;
    if (!(at >= 0.0 && at < (double)plan->n) || at != floor(at))
        return LCT_OK; /* of a frame that is not used, or of none */
    if (!(fabs(cells[1]) < MAX_DRIFT_PX && fabs(cells[2]) < MAX_DRIFT_PX))
        return lct_fail(err, LCT_E_INPUT, "%s: frame %.0f: no number of px in dx_px or dy_px", path, cells[0]);
    struct plan_frame *f = &plan->frames[(long)at];
    f->dx_px = cells[1];
    f->dy_px = cells[2];
    f->no_drift = false;
    return LCT_OK;
}

/* A drift.csv that was given. */
struct given_drift {
    struct plan *plan;
    const struct movie *movie;
    const char *path;
    long columns[3];
};

static enum lct_status begin_drift(void *context, const struct lct_csv *table, struct lct_err *err)
{
    static const char *const names[] = { "frame", "dx_px", "dy_px" };
    struct given_drift *d = context;
    for (int c = 0; c < 3; c++)
        if ((d->columns[c] = lct_csv_column(table, names[c])) < 0)
            return lct_fail(err, LCT_E_INPUT,
                "%s: a drift table needs the columns frame, dx_px and dy_px; give a drift.csv of lctem analyze",
                d->path);
    return LCT_OK;
}

static enum lct_status add_drift(void *context, const struct lct_csv *table, struct lct_err *err)
{
    const struct given_drift *d = context;
    double cells[3];
    struct lct_err why = { 0 };
    for (int c = 0; c < 3; c++)
        if (lct_csv_number(table, 0, (size_t)d->columns[c], &cells[c], &why) != LCT_OK)
            return lct_fail(err, LCT_E_INPUT, "%s: %s; give the drift of every frame as a number", d->path, why.text);
    return take_drift(d->plan, d->movie, cells, d->path, err);
}

static enum lct_status read_drift(struct plan *plan, const struct movie *movie, const char *path, struct lct_err *err)
{
    struct given_drift drift = { .plan = plan, .movie = movie, .path = path };
    for (long k = 0; k < plan->n; k++)
        plan->frames[k].no_drift = true; /* until its row comes */
    const enum lct_status status = lct_csv_each(path, begin_drift, add_drift, &drift, err);
    long missing = 0;
    for (long k = 0; k < plan->n; k++)
        missing += plan->frames[k].no_drift;
    if (status != LCT_OK || missing == 0)
        return status;
    return lct_fail(err, LCT_E_INPUT, "%s: holds %ld of the %ld frames; give the drift of every frame", path,
        plan->n - missing, plan->n);
}

static void mean_of_keys(struct keys *keys)
{
    int kept = 0;
    for (int i = 0; i < keys->n; i++) {
        if (keys->count[i] == 0)
            continue;
        struct lct_image *p = &keys->plane[i];
        const float share = 1.0f / (float)keys->count[i];
        for (size_t j = 0; j < lct_image_count(p); j++)
            p->px[j] *= share;
        const struct lct_image swap = keys->plane[kept];
        keys->plane[kept++] = *p;
        if (kept - 1 != i)
            *p = swap;
    }
    keys->n = kept;
}

/* What the model of an edge leaves out, measured on movies with known truth: docs/segmentation.md. */
static void set_edge_errors(struct lct_levels *l)
{
    l->core_edge_sd_px = CORE_EDGE_BLURS * l->blur_px;
    l->outer_edge_sd_px = OUTER_EDGE_BLURS * l->blur_px;
}

/* What the user wants, else what is given. */
static void set_min_appear(
    struct plan *plan, const struct movie *movie, const struct lct_recipe *recipe, double otherwise_px)
{
    plan->min_appear_px = isfinite(recipe->min_area_nm2) && isfinite(movie->scale.nm_per_px)
        ? recipe->min_area_nm2 / (movie->scale.nm_per_px * movie->scale.nm_per_px_y * plan->bin * plan->bin)
        : otherwise_px;
}

static enum lct_status find_levels(struct plan *plan, const struct movie *movie, const struct lct_recipe *recipe,
    struct keys *keys, struct lct_err *err)
{
    const double blur = hypot(plan->sigma_px, edge_sd_px(movie) / plan->bin);
    plan->segment = (struct lct_segment_params){ .min_core_px = 12.0 * blur * blur, .hole_px = 12.0 * blur * blur };
    struct lct_err why = { 0 };
    const struct lct_planes planes = keys_planes(keys);
    const enum lct_status status =
        lct_levels_find(&plan->levels, &planes, blur, (enum lct_phases)recipe->phases, &plan->segment, &why);
    plan->no_particle = status == LCT_E_NODATA || 1.0 - plan->levels.core < MIN_DEPTH_SIGMAS * plan->levels.noise_sd;
    set_edge_errors(&plan->levels);
    if (plan->levels.noise_sd > SPECKLE_NOISE * (1.0 - plan->levels.core))
        plan->segment.despeckle_px = plan->levels.blur_px;
    set_min_appear(
        plan, movie, recipe, (movie->n == 1 ? MIN_STILL_SHARE : MIN_APPEAR_SHARE) * plan->levels.largest_core_px);
    if (status != LCT_OK && status != LCT_E_NODATA) {
        if (err)
            *err = why;
        return status;
    }
    return LCT_OK;
}

/* Frames in a block of the long means, that `frames` of them are in one where nothing moves; at least those of the short mean. */
static int choose_span(const struct plan *plan, const struct movie *movie, double frames)
{
    const double px = (double)plan->grid.width * plan->grid.height + (double)plan->width * plan->height;
    const double room = MAX_WINDOW_BYTES / (px * sizeof(float)) / 4.0; /* a window holds up to four blocks of frames */
    double most = fmin(MAX_SPAN, room);
    if (isfinite(movie->scale.s_per_frame) && movie->scale.s_per_frame > 0.0)
        most = fmin(most, MAX_SPAN_S / movie->scale.s_per_frame);
    if (plan->reach == 0
        || most < 2.0 * plan->reach + 1.0) /* in a clear picture they would smear more than they calm */
        return 0;
    return (int)fmin(most, fmax(ceil(frames / 4.0), 2.0 * plan->reach + 1.0));
}

/* Frames on either side that the time mean takes in. */
static enum lct_status choose_reach(struct plan *plan, const struct movie *movie, struct lct_err *err)
{
    double *noise = malloc((size_t)plan->n * sizeof *noise);
    if (!noise)
        return lct_fail(err, LCT_E_LIMIT, "no memory for %ld frames", plan->n);
    size_t n = 0;
    for (long k = 0; k < plan->n; k++)
        if (isfinite(plan->frames[k].change))
            noise[n++] = (double)plan->frames[k].change;
    const double sd = n ? lct_stats_median(noise, n) : 0.0;
    free(noise);
    const struct lct_levels *l = &plan->levels;
    const double step = l->has_shell ? fmin(1.0 - l->shell, l->shell - l->core) : 1.0 - l->core;
    const double frames = pow(sd / (FRAME_NOISE_SHARE * step), 2.0);
    plan->frame_noise_sd = sd;
    plan->reach = (int)ceil(0.5 * (fmin(frames, 1000.0) - 1.0));
    if (isfinite(movie->scale.s_per_frame) && movie->scale.s_per_frame > 0.0
        && plan->reach * movie->scale.s_per_frame > MAX_REACH_S)
        plan->reach = (int)(MAX_REACH_S / movie->scale.s_per_frame);
    plan->reach = plan->reach < 0 ? 0 : plan->reach > MAX_REACH ? MAX_REACH : plan->reach;
    plan->span = choose_span(plan, movie, pow(sd / (STEADY_NOISE_SHARE * step), 2.0));
    return LCT_OK;
}

double plan_frames_in_mean(const struct plan *plan, long k)
{
    return 2.0 * fmin((double)plan->reach, fmin((double)k, (double)(plan->n - 1 - k))) + 1.0;
}

long plan_window_frames(const struct plan *plan)
{
    const long after = 4L * plan->span; /* steady_after is less */
    return plan->reach + (after > plan->reach ? after : plan->reach);
}

/* Learn the film's grain from the key planes, take it out of them, and find the levels again without it. */
static enum lct_status learn_film(
    struct plan *plan, const struct lct_recipe *recipe, struct keys *keys, struct lct_err *err)
{
    enum lct_status status = lct_image_init(&plan->film, plan->width, plan->height, err);
    struct lct_image grain = { 0 };
    if (status == LCT_OK)
        status = lct_image_init(&grain, plan->width, plan->height, err);
    for (size_t i = 0; status == LCT_OK && i < lct_image_count(&grain); i++)
        plan->film.px[i] = 1.0f;
    const struct lct_planes planes = keys_planes(keys);
    const int first =
        plan->segment.despeckle_px > 0.0 ? 0 : COARSE_ROUNDS; /* in a clear picture no grain reaches so far */
    for (int round = first; status == LCT_OK && round < COARSE_ROUNDS + FILM_ROUNDS; round++) {
        const double coarse_px = round < COARSE_ROUNDS ? COARSE_BLURS[round] * plan->levels.blur_px : 0.0;
        status = lct_film_estimate(&grain, &planes, &plan->levels, &plan->segment, coarse_px, err);
        for (size_t i = 0; status == LCT_OK && i < lct_image_count(&grain); i++) {
            plan->film.px[i] *= grain.px[i];
            for (int k = 0; k < keys->n; k++)
                keys->plane[k].px[i] /= grain.px[i];
        }
        if (status == LCT_OK)
            status = lct_levels_refine(&plan->levels, &planes, (enum lct_phases)recipe->phases, &plan->segment, err);
    }
    lct_image_finish(&grain);
    if (status == LCT_OK)
        status = lights_find(plan, (enum lct_phases)recipe->phases, keys, err);
    if (status == LCT_OK)
        plan->levels.film_sd = lct_image_sd(&plan->film);
    return status;
}

static enum lct_status learn_edges(struct plan *plan, const struct keys *keys, struct lct_err *err)
{
    const struct lct_edge_params params = { .smoothing_px = plan->sigma_px, .transmitted = plan->background.ratio };
    const struct lct_planes planes = keys_planes(keys);
    const enum lct_status status = lct_edge_profiles_learn(&plan->levels, &planes, &plan->segment, &params, err);
    return status == LCT_OK ? lct_bare_edges_learn(&plan->levels, &planes, &plan->segment, err) : status;
}

enum lct_status plan_begin(struct plan *out, struct movie *movie, const struct lct_recipe *recipe,
    const struct lct_progress *progress, struct lct_err *err)
{
    struct plan p = { .n = movie->n, .n_keys = KEY_PLANES };
    lct_blocks_plan(&p.grid, movie->roi.width_px, movie->roi.height_px);
    choose_sampling(&p, movie, recipe);
    const enum lct_status status = plan_survey(&p, movie, recipe, progress, err);
    if (status != LCT_OK) {
        plan_finish(&p);
        return status;
    }
    *out = p;
    return LCT_OK;
}

/* What the key planes say of the movie. */
static enum lct_status learn(struct plan *plan, const struct movie *movie, const struct lct_recipe *recipe,
    struct keys *keys, struct lct_err *err)
{
    const bool long_enough = keys->n >= FILM_KEYS && movie->n >= FILM_FRAMES;
    enum lct_status status = long_enough ? lights_follow(plan, keys, false, err) : LCT_OK;
    if (status == LCT_OK)
        status = find_levels(plan, movie, recipe, keys, err);
    if (status != LCT_OK || plan->no_particle)
        return status;
    if (long_enough)
        status = lights_follow(plan, keys, true, err);
    if (status == LCT_OK && long_enough)
        status = learn_film(plan, recipe, keys, err);
    if (status == LCT_OK)
        status = learn_edges(plan, keys, err);
    if (status == LCT_OK)
        status = choose_reach(plan, movie, err);
    return status == LCT_OK ? plan_measure_grain(plan, keys, err) : status;
}

enum lct_status plan_complete(struct plan *plan, struct movie *movie, const struct lct_recipe *recipe, int threads,
    const struct lct_progress *progress, struct lct_err *err)
{
    struct keys *keys = calloc(1, sizeof *keys);
    enum lct_status status = budget_first_pass(plan, movie, recipe->memory_limit_bytes, &threads, err);
    plan->n = movie->n;
    plan->frames = calloc((size_t)movie->n, sizeof *plan->frames);
    if (status == LCT_OK && (!plan->frames || !keys))
        status = lct_fail(err, LCT_E_LIMIT, "%s: no memory for %ld frames", movie->info->path, movie->n);
    plan->drift_given = recipe->drift != NULL;
    if (status == LCT_OK && plan->drift_given)
        status = read_drift(plan, movie, recipe->drift, err);
    if (keys)
        keys->n = movie->n < plan->n_keys ? (int)movie->n : plan->n_keys;
    for (int i = 0; status == LCT_OK && i < keys->n; i++)
        status = lct_image_init(&keys->plane[i], plan->width, plan->height, err);
    if (status == LCT_OK)
        status = plan_pass(plan, movie, keys, threads, progress, err);
    if (status == LCT_OK) {
        keys->threads = threads;
        mean_of_keys(keys);
        status = learn(plan, movie, recipe, keys, err);
    }
    for (int i = 0; keys && i < KEY_PLANES; i++)
        lct_image_finish(&keys->plane[i]);
    free(keys);
    return status;
}

enum lct_status plan_make(struct plan *out, struct movie *movie, const struct lct_recipe *recipe, int threads,
    const struct lct_progress *progress, struct lct_err *err)
{
    struct plan p = { 0 };
    enum lct_status status = plan_begin(&p, movie, recipe, progress, err);
    if (status == LCT_OK)
        status = plan_complete(&p, movie, recipe, threads, progress, err);
    if (status != LCT_OK) {
        plan_finish(&p);
        return status;
    }
    *out = p;
    return LCT_OK;
}

static void set_mask_levels(struct plan *p, bool has_shell)
{
    const double blur = hypot(MASK_SIGMA_PX, 1.0 / sqrt(12.0));
    p->levels = (struct lct_levels){ .core = (double)masks_grey[LCT_CORE],
        .has_shell = has_shell,
        .noise_sd = MASK_NOISE,
        .shell = (double)masks_grey[has_shell ? LCT_SHELL : LCT_CORE],
        .blur_px = blur,
        .core_edge_sd_px = MASK_EDGE_SD_PX,
        .outer_edge_sd_px = MASK_EDGE_SD_PX };
    p->segment = (struct lct_segment_params){ .min_core_px = 12.0 * blur * blur, .hole_px = 0.0 };
    p->frame_noise_sd = MASK_NOISE;
}

enum lct_status plan_of_masks(struct plan *out, struct movie *movie, const struct lct_recipe *recipe, int threads,
    const struct lct_progress *progress, struct lct_err *err)
{
    struct plan p = { .n = movie->n,
        .bin = 1,
        .width = movie->roi.width_px,
        .height = movie->roi.height_px,
        .sigma_px = MASK_SIGMA_PX,
        .smoothing = lct_gaussian_make(MASK_SIGMA_PX),
        .display_lo = 0.5,
        .display_hi = 1.1,
        .background = { .width = movie->roi.width_px,
            .height = movie->roi.height_px,
            .ratio = true,
            .contrast = LCT_CONTRAST_DARK,
            .range = 1.0 } };
    lct_blocks_plan(&p.grid, p.width, p.height);
    set_mask_levels(&p, movie->masks->has_shell);
    set_min_appear(&p, movie, recipe, p.segment.min_core_px);
    struct keys *keys = calloc(1, sizeof *keys);
    p.frames = calloc((size_t)p.n, sizeof *p.frames);
    enum lct_status status =
        p.frames && keys ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "%s: no memory for %ld frames", movie->info->path, p.n);
    p.drift_given = recipe->drift != NULL;
    if (status == LCT_OK && p.drift_given)
        status = read_drift(&p, movie, recipe->drift, err);
    if (status == LCT_OK)
        status = lct_image_init(&keys->plane[0], p.width, p.height, err);
    if (status == LCT_OK) {
        keys->n = 1;
        status = plan_pass(&p, movie, keys, threads, progress, err);
    }
    for (long k = 0; status == LCT_OK && k < p.n;
         k++) { /* a mask has no light, and may well be that of the frame before */
        p.frames[k].light = (struct lct_background_light){ 0 };
        p.frames[k].duplicate = p.frames[k].no_liquid = false;
    }
    if (keys)
        lct_image_finish(&keys->plane[0]);
    free(keys);
    if (status != LCT_OK) {
        plan_finish(&p);
        return status;
    }
    *out = p;
    return LCT_OK;
}
