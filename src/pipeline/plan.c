#include "plan.h"

#include <lctem/parallel.h>
#include <lctem/stats.h>
#include <lctem/table.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SURVEY_FRAMES = 24, KEY_PLANES = 16, CHUNK = 8 };
static const double SIGMA_NM = 0.2;        /* smooths the lattice and Moire fringes (below 0.66 nm) and keeps 0.58 nm layers */
static const double SIGMA_PX_UNKNOWN = 2.0;
static const double EDGE_NM = 0.15;        /* sd of an edge before smoothing: its own softness and the microscope's spread */
static const double MIN_APPEAR_SHARE = 0.2; /* of the largest core */
static const double FRAME_NOISE_SHARE = 0.1; /* of the smallest step between two levels: what a time mean brings the noise to */
static const double MAX_REACH_S = 0.75;      /* steps of one layer are seconds apart: a mean over 1.5 s keeps them */
static const double SPECKLE_NOISE = 0.07;    /* of the core's depth: above it film grain makes specks that have to be opened away */
enum { MAX_REACH = 7, NOISE_STRIDE = 7 };

void plan_finish(struct plan *plan)
{
    free(plan->valid);
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

/* The background of the whole movie from a few frames spread over it. */
static enum lct_status survey(struct plan *p, struct movie *movie, const struct lct_recipe *recipe,
    const struct lct_progress *progress, struct lct_err *err)
{
    const long wanted = movie->n < SURVEY_FRAMES ? movie->n : SURVEY_FRAMES;
    struct lct_image frame = { 0 };
    struct lct_blocks blocks = p->grid;
    const size_t per_frame = (size_t)p->grid.columns * (size_t)p->grid.rows;
    double *grey = malloc((size_t)wanted * per_frame * sizeof *grey);
    blocks.mean = malloc((size_t)wanted * per_frame * sizeof *blocks.mean);
    enum lct_status status = lct_image_init(&frame, p->grid.width, p->grid.height, err);
    if (status == LCT_OK && (!blocks.mean || !grey))
        status = lct_fail(err, LCT_E_LIMIT, "no memory for the survey");
    for (long i = 0; status == LCT_OK && i < wanted; i++) {
        double time_s;
        status = movie_read(movie, i * movie->n / wanted, &frame, &time_s, err);
        if (status == LCT_OK)
            lct_blocks_measure(&blocks, &frame, p->valid, blocks.mean + per_frame * (size_t)blocks.n_bins++);
        if (status == LCT_OK)
            status = lct_progress_step(progress, "survey", i + 1, wanted, err);
    }
    if (status == LCT_END && blocks.n_bins > 0)
        status = LCT_OK;
    if (status == LCT_END)
        status = lct_fail(err, LCT_E_INPUT, "%s: no frame can be read: %s", movie->info->path,
            lct_source_truncated(movie->source) ? lct_source_truncated(movie->source) : "the movie is empty");
    if (status == LCT_OK) {
        const struct lct_background_params params = { .order = (int)recipe->background_order,
            .contrast = (enum lct_contrast)recipe->contrast };
        status = lct_background_fit(&p->background, &blocks, &params, err);
        size_t n = 0;
        for (size_t i = 0; i < per_frame * (size_t)blocks.n_bins; i++)
            if (isfinite(blocks.mean[i]))
                grey[n++] = (double)blocks.mean[i];
        if (n > 0) {
            const double lo = lct_stats_quantile(grey, n, 0.002), hi = lct_stats_quantile(grey, n, 0.998);
            p->display_lo = lo - 0.25 * (hi - lo);
            p->display_hi = hi + 0.25 * (hi - lo);
        }
    }
    lct_image_finish(&frame);
    free(blocks.mean);
    free(grey);
    return status;
}

/* Frames of a chunk on their way through the first pass. */
struct batch {
    struct plan *plan;
    long first;
    long count;
    struct lct_image frame[CHUNK];
    float *blocks[CHUNK];
};

static enum lct_status look_at(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    (void)err;
    struct batch *b = context;
    struct plan_frame *f = &b->plan->frames[b->first + (long)i];
    const struct lct_blocks *grid = &b->plan->grid;
    lct_blocks_measure(grid, &b->frame[i], b->plan->valid, b->blocks[i]);
    f->offset = lct_background_offset(&b->plan->background, grid, b->blocks[i]);
    double sum = 0.0;
    size_t n = 0;
    for (int k = 0; k < grid->rows * grid->columns; k++)
        if (isfinite(b->blocks[i][k])) {
            sum += (double)b->blocks[i][k];
            n++;
        }
    f->mean = n ? (float)(sum / (double)n) : NAN;
    return LCT_OK;
}

static enum lct_status batch_init(struct batch *b, struct plan *plan, struct lct_err *err)
{
    *b = (struct batch){ .plan = plan };
    enum lct_status status = LCT_OK;
    for (int i = 0; status == LCT_OK && i < CHUNK; i++) {
        status = lct_image_init(&b->frame[i], plan->grid.width, plan->grid.height, err);
        b->blocks[i] = malloc((size_t)plan->grid.columns * (size_t)plan->grid.rows * sizeof *b->blocks[i]);
        if (status == LCT_OK && !b->blocks[i])
            status = lct_fail(err, LCT_E_LIMIT, "no memory for the first pass");
    }
    return status;
}

static void batch_finish(struct batch *b)
{
    for (int i = 0; i < CHUNK; i++) {
        lct_image_finish(&b->frame[i]);
        free(b->blocks[i]);
    }
}

/* Mean planes of up to KEY_PLANES stretches of the movie, in the first frame's position. */
struct keys {
    struct lct_image plane[KEY_PLANES];
    long count[KEY_PLANES];
    int n;
};

static void add_to_key(struct keys *keys, const struct plan *plan, long k, const struct lct_image *plane)
{
    const int key = (int)(k * keys->n / plan->n);
    const struct plane_shift s = plan_shift(plan, k);
    struct lct_image *sum = &keys->plane[key];
    for (int y = 0; y < plan->height; y++) {
        const int from = y + s.y < 0 ? 0 : y + s.y >= plan->height ? plan->height - 1 : y + s.y;
        const float *src = plane->px + (size_t)from * (size_t)plan->width;
        float *row = sum->px + (size_t)y * (size_t)plan->width;
        for (int x = 0; x < plan->width; x++) {
            const int xs = x + s.x < 0 ? 0 : x + s.x >= plan->width ? plan->width - 1 : x + s.x;
            row[x] += src[xs];
        }
    }
    keys->count[key]++;
}

/* Sd of what changes from one plane to the next: shot noise and the liquid's own motion, without the static film. */
static double change_sd(const struct plan *plan, long k, const struct lct_image *now, const struct lct_image *before)
{
    const struct plane_shift a = plan_shift(plan, k), b = plan_shift(plan, k - 1);
    double sum = 0.0;
    size_t n = 0;
    for (int y = 0; y < plan->height; y += NOISE_STRIDE)
        for (int x = 0; x < plan->width; x += NOISE_STRIDE) {
            const int xb = x + b.x - a.x, yb = y + b.y - a.y;
            if (xb < 0 || yb < 0 || xb >= plan->width || yb >= plan->height)
                continue;
            const double d = (double)now->px[(size_t)y * (size_t)plan->width + (size_t)x] -
                             (double)before->px[(size_t)yb * (size_t)plan->width + (size_t)xb];
            sum += d * d;
            n++;
        }
    return n ? sqrt(0.5 * sum / (double)n) : (double)NAN;
}

/* A frame without a background of its own takes that of the frame before (or the first one that has one). */
static void fill_offsets(struct plan *plan)
{
    double last = NAN;
    for (long k = 0; k < plan->n && !isfinite(last); k++)
        last = plan->frames[k].offset;
    for (long k = 0; k < plan->n; k++) {
        plan->frames[k].no_liquid = !isfinite(plan->frames[k].offset);
        if (plan->frames[k].no_liquid)
            plan->frames[k].offset = isfinite(last) ? last : 0.0;
        last = plan->frames[k].offset;
    }
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

/* The first pass over all frames. */
static enum lct_status pass(struct plan *plan, struct movie *movie, struct keys *keys, int threads,
    const struct lct_progress *progress, struct lct_err *err)
{
    struct batch batch;
    struct plane_work work = { 0 };
    struct lct_image plane[2] = { { 0 } }; /* this frame's and the one before */
    enum lct_status status = batch_init(&batch, plan, err);
    if (status == LCT_OK)
        status = plane_work_init(&work, plan, err);
    for (int i = 0; status == LCT_OK && i < 2; i++)
        status = lct_image_init(&plane[i], plan->width, plan->height, err);
    for (long k = 0; status == LCT_OK && k < movie->n; k += batch.count) {
        batch.first = k;
        batch.count = 0;
        while (batch.count < CHUNK && k + batch.count < movie->n && status == LCT_OK) {
            const long at = k + batch.count;
            status = movie_read(movie, at, &batch.frame[batch.count], &plan->frames[at].time_s, err);
            batch.count += status == LCT_OK;
        }
        if (status == LCT_END)
            status = LCT_OK;
        if (status == LCT_OK)
            status = lct_parallel_for(threads, (size_t)batch.count, look_at, &batch, err);
        for (long i = 0; status == LCT_OK && i < batch.count; i++) {
            if (!isfinite(plan->frames[k + i].offset))
                continue;
            struct lct_image *now = &plane[(k + i) % 2], *before = &plane[(k + i + 1) % 2];
            plan_plane(plan, k + i, &batch.frame[i], &work, now);
            add_to_key(keys, plan, k + i, now);
            plan->frames[k + i].noise = k + i > 0 ? (float)change_sd(plan, k + i, now, before) : NAN;
        }
        if (status == LCT_OK)
            status = lct_progress_step(progress, "first pass", k + batch.count, movie->n, err);
        if (batch.count == 0)
            break;
    }
    plan->n = movie->n;
    plane_work_finish(&work);
    lct_image_finish(&plane[0]);
    lct_image_finish(&plane[1]);
    batch_finish(&batch);
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
        if (isfinite(plan->frames[k].noise))
            noise[n++] = (double)plan->frames[k].noise;
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
        status = survey(&p, movie, recipe, progress, err);
    if (status == LCT_OK && recipe->drift)
        status = read_drift(&p, movie, recipe->drift, err);
    if (keys)
        keys->n = movie->n < KEY_PLANES ? (int)movie->n : KEY_PLANES;
    for (int i = 0; status == LCT_OK && i < keys->n; i++)
        status = lct_image_init(&keys->plane[i], p.width, p.height, err);
    if (status == LCT_OK)
        status = pass(&p, movie, keys, threads, progress, err);
    if (status == LCT_OK) {
        fill_offsets(&p);
        mean_of_keys(keys);
        status = find_levels(&p, movie, recipe, keys, err);
    }
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
