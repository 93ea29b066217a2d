#include "plan.h"

#include <lctem/film.h>
#include <lctem/parallel.h>
#include <lctem/stats.h>
#include <lctem/table.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double SIGMA_NM = 0.2;        /* smooths the lattice and Moire fringes (below 0.66 nm) and keeps 0.58 nm layers */
static const double SIGMA_PX_UNKNOWN = 2.0;
static const double EDGE_NM = 0.15;        /* sd of an edge before smoothing: its own softness and the microscope's spread */
static const double MIN_APPEAR_SHARE = 0.2; /* of the largest core */
static const double FRAME_NOISE_SHARE = 0.1; /* of the smallest step between two levels: what a time mean brings the noise to */
static const double MAX_REACH_S = 0.75;      /* steps of one layer are seconds apart: a mean over 1.5 s keeps them */
static const double SPECKLE_NOISE = 0.07;    /* of the core's depth: above it film grain makes specks that have to be opened away */
enum { MAX_REACH = 7, FILM_ROUNDS = 2, FILM_KEYS = 8, FILM_FRAMES = 20 }; /* the film shows only when noise averages out */

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

/* A drift.csv that was given. */
static enum lct_status read_drift(struct plan *plan, const struct movie *movie, const char *path, struct lct_err *err)
{
    struct lct_csv csv;
    enum lct_status status = lct_csv_read(&csv, path, err);
    if (status != LCT_OK)
        return status;
    const long frame = lct_csv_column(&csv, "frame"), dx = lct_csv_column(&csv, "dx_px"), dy = lct_csv_column(&csv, "dy_px");
    if (frame < 0 || dx < 0 || dy < 0)
        status = lct_fail(err, LCT_E_INPUT, "%s: a drift table needs the columns frame, dx_px and dy_px", path);
    long known = 0;
    for (size_t r = 0; status == LCT_OK && r < csv.n_rows; r++) {
        double f, x, y;
        status = lct_csv_number(&csv, r, (size_t)frame, &f, err);
        if (status == LCT_OK)
            status = lct_csv_number(&csv, r, (size_t)dx, &x, err);
        if (status == LCT_OK)
            status = lct_csv_number(&csv, r, (size_t)dy, &y, err);
        if (status != LCT_OK || !isfinite(f))
            continue;
        const long k = ((long)f - movie->first) / movie->step;
        if ((long)f < movie->first || ((long)f - movie->first) % movie->step || k >= plan->n)
            continue;
        plan->frames[k].dx_px = x;
        plan->frames[k].dy_px = y;
        known++;
    }
    if (status == LCT_OK && known < plan->n)
        status = lct_fail(err, LCT_E_INPUT, "%s: holds %ld of the %ld frames; give the drift of every frame", path, known, plan->n);
    lct_csv_finish(&csv);
    return status;
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

static enum lct_status find_levels(struct plan *plan, const struct movie *movie, const struct lct_recipe *recipe,
    struct keys *keys, struct lct_err *err)
{
    const double blur = hypot(plan->sigma_px, edge_sd_px(movie) / plan->bin);
    plan->segment = (struct lct_segment_params){ .min_core_px = 12.0 * blur * blur, .hole_px = 12.0 * blur * blur };
    struct lct_err why = { 0 };
    const enum lct_status status = lct_levels_find(
        &plan->levels, keys->plane, keys->n, blur, (enum lct_phases)recipe->phases, &plan->segment, &why);
    plan->no_particle = status == LCT_E_NODATA;
    if (plan->levels.noise_sd > SPECKLE_NOISE * (1.0 - plan->levels.core))
        plan->segment.despeckle_px = plan->levels.blur_px;
    plan->min_appear_px = isfinite(recipe->min_area_nm2) && isfinite(movie->scale.nm_per_px)
        ? recipe->min_area_nm2 / (movie->scale.nm_per_px * movie->scale.nm_per_px_y * plan->bin * plan->bin)
        : MIN_APPEAR_SHARE * plan->levels.largest_core_px;
    if (status != LCT_OK && status != LCT_E_NODATA) {
        if (err)
            *err = why;
        return status;
    }
    return LCT_OK;
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
    if (isfinite(movie->scale.s_per_frame) && movie->scale.s_per_frame > 0.0 && plan->reach * movie->scale.s_per_frame > MAX_REACH_S)
        plan->reach = (int)(MAX_REACH_S / movie->scale.s_per_frame);
    plan->reach = plan->reach < 0 ? 0 : plan->reach > MAX_REACH ? MAX_REACH : plan->reach;
    return LCT_OK;
}

/* Learn the film's grain from the key planes, take it out of them, and find the levels again without it. */
static enum lct_status learn_film(struct plan *plan, const struct movie *movie, const struct lct_recipe *recipe,
    struct keys *keys, struct lct_err *err)
{
    enum lct_status status = lct_image_init(&plan->film, plan->width, plan->height, err);
    struct lct_image grain = { 0 };
    if (status == LCT_OK)
        status = lct_image_init(&grain, plan->width, plan->height, err);
    for (size_t i = 0; status == LCT_OK && i < lct_image_count(&grain); i++)
        plan->film.px[i] = 1.0f;
    for (int round = 0; status == LCT_OK && round < FILM_ROUNDS; round++) {
        status = lct_film_estimate(&grain, keys->plane, keys->n, &plan->levels, &plan->segment, err);
        for (size_t i = 0; status == LCT_OK && i < lct_image_count(&grain); i++) {
            plan->film.px[i] *= grain.px[i];
            for (int k = 0; k < keys->n; k++)
                keys->plane[k].px[i] /= grain.px[i];
        }
        if (status == LCT_OK)
            status = find_levels(plan, movie, recipe, keys, err);
    }
    lct_image_finish(&grain);
    return status;
}

enum lct_status plan_make(struct plan *out, struct movie *movie, const struct lct_recipe *recipe, int threads,
    const struct lct_progress *progress, struct lct_err *err)
{
    struct plan p = { .n = movie->n };
    struct keys *keys = calloc(1, sizeof *keys);
    lct_blocks_plan(&p.grid, movie->roi.width_px, movie->roi.height_px);
    choose_sampling(&p, movie, recipe);
    p.frames = calloc((size_t)movie->n, sizeof *p.frames);
    enum lct_status status = LCT_OK;
    if (!p.frames || !keys)
        status = lct_fail(err, LCT_E_LIMIT, "%s: no memory for %ld frames", movie->info->path, movie->n);
    if (status == LCT_OK)
        status = plan_survey(&p, movie, recipe, progress, err);
    p.drift_given = recipe->drift != NULL;
    if (status == LCT_OK && p.drift_given)
        status = read_drift(&p, movie, recipe->drift, err);
    if (keys)
        keys->n = movie->n < KEY_PLANES ? (int)movie->n : KEY_PLANES;
    for (int i = 0; status == LCT_OK && i < keys->n; i++)
        status = lct_image_init(&keys->plane[i], p.width, p.height, err);
    if (status == LCT_OK)
        status = plan_pass(&p, movie, keys, threads, progress, err);
    if (status == LCT_OK) {
        mean_of_keys(keys);
        status = find_levels(&p, movie, recipe, keys, err);
    }
    if (status == LCT_OK && !p.no_particle && keys->n >= FILM_KEYS && movie->n >= FILM_FRAMES)
        status = learn_film(&p, movie, recipe, keys, err);
    if (status == LCT_OK && !p.no_particle)
        status = choose_reach(&p, movie, err);
    for (int i = 0; keys && i < KEY_PLANES; i++)
        lct_image_finish(&keys->plane[i]);
    free(keys);
    if (status != LCT_OK) {
        plan_finish(&p);
        return status;
    }
    if (getenv("LCTDBG"))
        fprintf(stderr, "levels C %.4f S %.4f shell %d noise %.4f frame noise %.4f reach %d blur %.2f largest %g order %d ratio %d contrast %d rim %.2f\n",
            p.levels.core, p.levels.shell, p.levels.has_shell, p.levels.noise_sd, p.frame_noise_sd, p.reach, p.levels.blur_px,
            p.levels.largest_core_px, p.background.order, p.background.ratio, p.background.contrast, lct_levels_false_rim_px(&p.levels));
    *out = p;
    return LCT_OK;
}
