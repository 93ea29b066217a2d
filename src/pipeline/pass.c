#include "budget.h"

#include <lctem/clones.h>
#include <lctem/drift.h>
#include <lctem/duplicate.h>
#include <lctem/lanes.h>
#include <lctem/outlier.h>
#include <lctem/parallel.h>

#include <math.h>
#include <stdlib.h>

enum {
    CHUNK = BUDGET_PASS_FRAMES,
    ANCHORS = BUDGET_ANCHORS,
    PLANES = BUDGET_PASS_PLANES,
    KEY_FRAMES = 10,
    NOISE_STRIDE = 7
};

/* Frames of a chunk on their way through the first pass. */
struct batch {
    struct plan *plan;
    struct movie *movie;
    struct keys *keys;
    int threads;
    long chunk; /* frames at once, at most CHUNK */
    long first, count;
    bool recall[CHUNK];                      /* frame is remembered, and not read yet */
    struct lct_image frame[CHUNK], previous; /* the last frame of the chunk before */
    struct lct_difference difference[CHUNK];
    struct lct_duplicate_state duplicates;
    float *blocks[CHUNK];
    struct lct_drift *drift;            /* NULL: given, or nothing to follow */
    struct lct_drift_work **drift_work; /* threads */
    float complex *spectrum[ANCHORS];   /* of the anchors, then of the frames of a chunk */
    long anchors;                       /* so many frames at the start have their drift */
    struct plane_work *work;            /* threads */
    struct lct_image plane[PLANES], plane_before;
    long plane_before_at;
    long stride; /* only frames k with k % stride < 2 make planes here */
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
            const double d = (double)now->px[(size_t)y * (size_t)plan->width + (size_t)x]
                - (double)before->px[(size_t)yb * (size_t)plan->width + (size_t)xb];
            sum += d * d;
            n++;
        }
    return n ? sqrt(0.5 * sum / (double)n) : (double)NAN;
}

/* Add the squares of the differences of pixels 1 and 2 apart along a row, where they are known. */
LCT_CLONES static void add_differences(const float *row, int width, double squares[2])
{
    lct_lanes sum[2] = { { 0 } };
    int x = 0;
    for (; x + LCT_LANES + 2 <= width; x += LCT_LANES) {
        lct_lanes at, one, two;
        lct_lanes_where known, far_known;
        lct_lanes_load(&at, row + x);
        lct_lanes_load(&one, row + x + 1);
        lct_lanes_load(&two, row + x + 2);
        one -= at;
        two -= at;
        lct_lanes_known(&known, &one);
        lct_lanes_known(&far_known, &two);
        known &= far_known;
        lct_lanes_keep(&one, &known);
        lct_lanes_keep(&two, &known);
        sum[0] += one * one;
        sum[1] += two * two;
    }
    for (; x + 2 < width; x++) {
        const float one = row[x + 1] - row[x], two = row[x + 2] - row[x];
        const bool known = one - one == 0 && two - two == 0;
        sum[0][0] += known ? one * one : 0;
        sum[1][0] += known ? two * two : 0;
    }
    squares[0] += lct_lanes_sum(&sum[0]);
    squares[1] += lct_lanes_sum(&sum[1]);
}

/* The mean squares of some rows, as a ratio. */
static double sharpness(const struct lct_image *frame)
{
    double squares[2] = { 0.0 };
    for (int y = 0; y < frame->height; y += NOISE_STRIDE)
        add_differences(frame->px + (size_t)y * (size_t)frame->width, frame->width, squares);
    return squares[1] > 0.0 ? squares[0] / squares[1] : (double)NAN;
}

static double mean_of(const float *values, int n)
{
    double sum = 0.0;
    int count = 0;
    for (int k = 0; k < n; k++)
        if (isfinite(values[k])) {
            sum += (double)values[k];
            count++;
        }
    return count ? sum / count : (double)NAN;
}

/* Frame i of the chunk, if it has not been read yet, repaired. */
static enum lct_status recall(struct batch *b, size_t i, struct lct_err *err)
{
    struct plan_frame *f = &b->plan->frames[b->first + (long)i];
    const struct lct_outlier_params params = lct_outlier_defaults();
    struct lct_outlier_report report;
    enum lct_status status =
        b->recall[i] ? movie_recall(b->movie, b->first + (long)i, &b->frame[i], &f->time_s, err) : LCT_OK;
    if (status != LCT_OK)
        return status;
    f->sharpness = (float)sharpness(&b->frame[i]);
    status = lct_outlier_repair(&b->frame[i], &params, &report, err);
    if (status != LCT_OK)
        return status;
    f->noise = (float)report.noise;
    f->sound = report.repaired + report.filled + report.unknown == 0;
    return LCT_OK;
}

static enum lct_status look_at(void *context, size_t i, int worker, struct lct_err *err)
{
    struct batch *b = context;
    struct plan_frame *f = &b->plan->frames[b->first + (long)i];
    const struct lct_blocks *grid = &b->plan->grid;
    const enum lct_status status = recall(b, i, err);
    if (status != LCT_OK)
        return status;
    lct_blocks_measure(grid, &b->frame[i], b->plan->ignore, b->blocks[i]);
    f->light = lct_background_light_of(&b->plan->background, grid, b->blocks[i]);
    f->mean = (float)mean_of(b->blocks[i], grid->rows * grid->columns);
    if (!b->drift || b->first + (long)i < b->anchors)
        return LCT_OK;
    return lct_drift_prepare(b->drift, b->drift_work[worker], &b->frame[i], b->spectrum[i], err);
}

static enum lct_status compare(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    (void)err;
    struct batch *b = context;
    const struct lct_image *before = i > 0 ? &b->frame[i - 1] : &b->previous;
    if (b->first + (long)i > 0)
        b->difference[i] = lct_duplicate_compare(before, &b->frame[i], b->plan->ignore);
    return LCT_OK;
}

static void keep_drift(struct plan_frame *f, const struct lct_drift_result *r)
{
    f->dx_px = r->dx_px;
    f->dy_px = r->dy_px;
    f->drift_sd_px = r->sd_px;
    f->peak_ratio = r->peak_ratio;
    f->ambiguous = (r->flags & LCT_DRIFT_AMBIGUOUS) != 0;
    f->no_drift = (r->flags & LCT_DRIFT_NO_SIGNAL) != 0;
}

static enum lct_status transform(void *context, size_t i, int worker, struct lct_err *err)
{
    struct batch *b = context;
    const enum lct_status status = recall(b, i, err);
    if (status != LCT_OK)
        return status;
    return lct_drift_prepare(b->drift, b->drift_work[worker], &b->frame[i], b->spectrum[b->first + (long)i], err);
}

/* Frames behind the anchors follow, one after the other. */
static enum lct_status follow(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    struct batch *b = context;
    struct lct_drift_result result;
    if (b->first + (long)i < b->anchors)
        return LCT_OK;
    const enum lct_status status = lct_drift_follow(b->drift, b->spectrum[i], &result, err);
    if (status == LCT_OK)
        keep_drift(&b->plan->frames[b->first + (long)i], &result);
    return status;
}

static enum lct_status look_and_follow(struct batch *b, struct lct_err *err)
{
    const struct lct_steps steps = { .each = look_at, .after = b->drift ? follow : NULL };
    return lct_parallel_steps(b->threads, (size_t)b->count, &steps, b, err);
}

static bool makes_plane(const struct batch *b, long k)
{
    return k % b->stride < 2 && isfinite(b->plan->frames[k].light.offset);
}

static enum lct_status make_plane(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)err;
    struct batch *b = context;
    const long k = b->first + (long)i;
    if (makes_plane(b, k))
        plan_plane(b->plan, k, &b->frame[i], &b->work[worker], &b->plane[i % PLANES]);
    return LCT_OK;
}

static void swap_images(struct lct_image *a, struct lct_image *b)
{
    const struct lct_image t = *a;
    *a = *b;
    *b = t;
}

static enum lct_status add_plane(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    (void)err;
    struct batch *b = context;
    const long k = b->first + (long)i;
    struct plan_frame *f = &b->plan->frames[k];
    struct lct_image *plane = &b->plane[i % PLANES];
    f->change = NAN;
    if (!makes_plane(b, k))
        return LCT_OK;
    add_to_key(b->keys, b->plan, k, plane);
    if (k > 0 && b->plane_before_at == k - 1)
        f->change = (float)change_sd(b->plan, k, plane, &b->plane_before);
    swap_images(&b->plane_before, plane);
    b->plane_before_at = k;
    return LCT_OK;
}

/* Planes for the levels of the movie, added in the order of the frames. */
static enum lct_status add_planes(struct batch *b, struct lct_err *err)
{
    const struct lct_steps steps = { .each = make_plane, .after = add_plane, .room = PLANES };
    return lct_parallel_steps(b->threads, (size_t)b->count, &steps, b, err);
}

static void batch_finish(struct batch *b)
{
    for (int i = 0; i < CHUNK; i++) {
        lct_image_finish(&b->frame[i]);
        free(b->blocks[i]);
    }
    for (int i = 0; i < ANCHORS; i++)
        lct_drift_spectrum_free(b->spectrum[i]);
    for (int i = 0; i < PLANES; i++)
        lct_image_finish(&b->plane[i]);
    lct_image_finish(&b->plane_before);
    lct_image_finish(&b->previous);
    for (int i = 0; b->drift_work && i < b->threads; i++)
        lct_drift_work_destroy(&b->drift_work[i]);
    for (int i = 0; b->work && i < b->threads; i++)
        plane_work_finish(&b->work[i]);
    free(b->drift_work);
    free(b->work);
    lct_drift_destroy(&b->drift);
}

static enum lct_status batch_init_drift(struct batch *b, struct lct_err *err)
{
    struct lct_drift_params params = lct_drift_defaults();
    params.pixel_size_nm = b->movie->scale.nm_per_px;
    params.anchor_frames = ANCHORS;
    struct lct_err why = { 0 };
    enum lct_status status =
        lct_drift_create(&b->drift, b->plan->grid.width, b->plan->grid.height, b->plan->ignore, &params, &why);
    if (status == LCT_E_NODATA) { /* too small a picture to be followed: it stays where it is, and says so */
        for (long k = 0; k < b->plan->n; k++)
            b->plan->frames[k].no_drift = k > 0;
        return LCT_OK;
    }
    if (status != LCT_OK && err)
        *err = why;
    for (int i = 0; status == LCT_OK && i < b->threads; i++)
        status = lct_drift_work_create(&b->drift_work[i], b->drift, err);
    for (int i = 0; status == LCT_OK && i < ANCHORS; i++)
        if (!(b->spectrum[i] = lct_drift_spectrum_alloc(b->drift)))
            status = lct_fail(err, LCT_E_LIMIT, "no memory for the first pass");
    return status;
}

static enum lct_status batch_init(
    struct batch *b, struct plan *plan, struct movie *movie, struct keys *keys, int threads, struct lct_err *err)
{
    *b = (struct batch){ .plan = plan, .movie = movie, .keys = keys, .threads = threads, .plane_before_at = -1 };
    b->chunk = budget_pass_frames(threads);
    b->stride = movie->n / ((long)KEY_PLANES * KEY_FRAMES / 2);
    b->stride = b->stride < 1 ? 1 : b->stride;
    b->drift_work = calloc((size_t)threads, sizeof *b->drift_work);
    b->work = calloc((size_t)threads, sizeof *b->work);
    enum lct_status status = LCT_OK;
    if (!b->drift_work || !b->work)
        status = lct_fail(err, LCT_E_LIMIT, "no memory for the first pass");
    for (int i = 0; status == LCT_OK && i < b->chunk && i < movie->n; i++) {
        status = lct_image_init(&b->frame[i], plan->grid.width, plan->grid.height, err);
        b->blocks[i] = malloc((size_t)plan->grid.columns * (size_t)plan->grid.rows * sizeof *b->blocks[i]);
        if (status == LCT_OK && !b->blocks[i])
            status = lct_fail(err, LCT_E_LIMIT, "no memory for the first pass");
    }
    if (status == LCT_OK)
        status = lct_image_init(&b->previous, plan->grid.width, plan->grid.height, err);
    for (int i = 0; status == LCT_OK && i < PLANES; i++)
        status = lct_image_init(&b->plane[i], plan->width, plan->height, err);
    if (status == LCT_OK)
        status = lct_image_init(&b->plane_before, plan->width, plan->height, err);
    for (int i = 0; status == LCT_OK && i < threads; i++)
        status = plane_work_init(&b->work[i], plan, err);
    if (status == LCT_OK && !plan->drift_given && movie->n > 1)
        status = batch_init_drift(b, err);
    return status;
}

/* Frames first .. before end - 1; those that are remembered are left to the threads. */
static enum lct_status read_chunk(struct batch *b, long first, long end, struct lct_err *err)
{
    b->first = first;
    for (b->count = 0; b->count < b->chunk && first + b->count < end; b->count++) {
        const long k = first + b->count;
        b->recall[b->count] = movie_remembers(b->movie, k);
        if (b->recall[b->count])
            continue;
        const enum lct_status status = movie_read(b->movie, k, &b->frame[b->count], &b->plan->frames[k].time_s, err);
        if (status == LCT_END)
            break;
        if (status != LCT_OK)
            return status;
    }
    return LCT_OK;
}

/* Where the scene has moved to: the first frames are aligned jointly. Only their spectra are kept, they are read again: room for all of
 * them would be touched for this alone. */
static enum lct_status anchor(struct batch *b, struct lct_err *err)
{
    struct lct_drift_result results[ANCHORS];
    enum lct_status status = LCT_OK;
    do {
        status = read_chunk(b, b->anchors, ANCHORS < b->movie->n ? ANCHORS : b->movie->n, err);
        if (status == LCT_OK)
            status = lct_parallel_for(b->threads, (size_t)b->count, transform, b, err);
        b->anchors += b->count;
    } while (status == LCT_OK && b->count > 0);
    if (status == LCT_OK && b->anchors > 0)
        status =
            lct_drift_anchor(b->drift, (const float complex *const *)b->spectrum, (size_t)b->anchors, results, err);
    for (long i = 0; status == LCT_OK && i < b->anchors; i++)
        keep_drift(&b->plan->frames[i], &results[i]);
    return status;
}

static enum lct_status process_chunk(struct batch *b, struct lct_err *err)
{
    enum lct_status status = look_and_follow(b, err);
    if (status == LCT_OK)
        status = lct_parallel_for(b->threads, (size_t)b->count, compare, b, err);
    for (long i = 0; status == LCT_OK && i < b->count; i++)
        b->plan->frames[b->first + i].duplicate =
            b->first + i > 0 && lct_duplicate_judge(&b->duplicates, b->difference[i]);
    if (status == LCT_OK)
        status = add_planes(b, err);
    swap_images(&b->previous, &b->frame[b->count - 1]);
    return status;
}

/* A frame without a background of its own takes that of the frame before (or the first one that has one). */
static void fill_offsets(struct plan *plan)
{
    struct lct_background_light last = { .offset = NAN };
    for (long k = 0; k < plan->n && !isfinite(last.offset); k++)
        last = plan->frames[k].light;
    for (long k = 0; k < plan->n; k++) {
        plan->frames[k].no_liquid = !isfinite(plan->frames[k].light.offset);
        if (plan->frames[k].no_liquid)
            plan->frames[k].light = isfinite(last.offset) ? last : (struct lct_background_light){ 0 };
        last = plan->frames[k].light;
    }
}

enum lct_status plan_pass(struct plan *plan, struct movie *movie, struct keys *keys, int threads,
    const struct lct_progress *progress, struct lct_err *err)
{
    struct batch *b = malloc(sizeof *b);
    if (!b)
        return lct_fail(err, LCT_E_LIMIT, "no memory for the first pass");
    enum lct_status status = batch_init(b, plan, movie, keys, threads, err);
    if (status == LCT_OK && b->drift)
        status = anchor(b, err);
    for (long k = 0; status == LCT_OK && k < movie->n; k += b->count) {
        status = read_chunk(b, k, movie->n, err);
        if (status != LCT_OK || b->count == 0)
            break;
        status = process_chunk(b, err);
        if (status == LCT_OK)
            status = lct_progress_step(progress, "first pass", k + b->count, movie->n, err);
    }
    plan->n = movie->n;
    fill_offsets(plan);
    batch_finish(b);
    free(b);
    return status;
}
