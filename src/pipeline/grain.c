#include "plan.h"

#include <lctem/mask.h>
#include <lctem/parallel.h>

#include <stdlib.h>

enum { ROW_STRIDE = 3, ENOUGH_PLANES = 4, LANES = 4 }; /* some 10 000 grains: their covariance to a few per cent */
static const double AWAY_BLURS = 3.0;                  /* from particles: what is liquid for sure */

/* Sum over pixels of row y of `image` and those `right` and `down` of them, both of the liquid. */
static void add_pairs(const struct lct_image *image, const uint64_t *liquid, double mean, int y, int right, int down,
    uint64_t *pairs, double *sum, double *count)
{
    const int w = image->width;
    const size_t words = lct_mask_words(w);
    const uint64_t *here = liquid + (size_t)y * words, *there = here + (size_t)down * words;
    for (size_t k = 0; k < words; k++)
        pairs[k] = here[k] & (there[k] >> right | (right && k + 1 < words ? there[k + 1] << (64 - right) : 0));
    const float *a = image->px + (size_t)y * (size_t)w, *b = a + (size_t)down * (size_t)w + right;
    double lane[LANES] = { 0.0 };
    for (int x = 0, end; lct_mask_next_run(pairs, w, &x, &end); x = end) {
        for (int i = x; i < end; i++)
            lane[i % LANES] += ((double)a[i] - mean) * ((double)b[i] - mean);
        *count += end - x;
    }
    *sum += (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

static double mean_of(const struct lct_image *image, const uint64_t *liquid)
{
    double sum = 0.0, count = 0.0;
    for (int y = 0; y < image->height; y++) {
        const float *row = image->px + (size_t)y * (size_t)image->width;
        const uint64_t *mask = liquid + (size_t)y * lct_mask_words(image->width);
        for (int x = 0, end; lct_mask_next_run(mask, image->width, &x, &end); x = end) {
            for (int i = x; i < end; i++)
                sum += (double)row[i];
            count += end - x;
        }
    }
    return count > 0.0 ? sum / count : 0.0;
}

/* An image of the planes, or of the film, and where liquid is in it. */
struct grained {
    const struct lct_image *image;
    const uint64_t *liquid;
    double mean;
    uint64_t *pairs;     /* a row of bits for each thread */
    double *sum, *count; /* LCT_GRAIN_LAGS: products of pixels that are so far apart, and how many */
};

/* Products of pixels `lag` apart along rows and columns. */
static enum lct_status add_products(void *context, size_t lag, int worker, struct lct_err *err)
{
    (void)err;
    const struct grained *g = context;
    const int by = (int)lag;
    uint64_t *pairs = g->pairs + (size_t)worker * lct_mask_words(g->image->width);
    for (int y = 0; y < g->image->height; y += ROW_STRIDE) {
        add_pairs(g->image, g->liquid, g->mean, y, by, 0, pairs, &g->sum[lag], &g->count[lag]);
        if (y + by < g->image->height)
            add_pairs(g->image, g->liquid, g->mean, y, 0, by, pairs, &g->sum[lag], &g->count[lag]);
    }
    return LCT_OK;
}

static enum lct_status add_plane(
    const struct plan *plan, const struct lct_image *plane, struct grained grained[2], int threads, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    const struct lct_image *images[] = { plane, &plan->film };
    for (int q = 0; status == LCT_OK && q < (plan->film.px ? 2 : 1); q++) {
        grained[q].image = images[q];
        grained[q].mean = mean_of(images[q], grained[q].liquid);
        status = lct_parallel_for(threads, LCT_GRAIN_LAGS, add_products, &grained[q], err);
    }
    return status;
}

static struct lct_grain grain_of(const struct grained *g, const struct plan *plan)
{
    struct lct_grain grain = { .step_px = plan->bin };
    for (int lag = 0; lag < LCT_GRAIN_LAGS; lag++)
        grain.covariance[lag] = g->count[lag] > 0.0 ? g->sum[lag] / g->count[lag] : 0.0;
    return grain;
}

enum lct_status plan_measure_grain(struct plan *plan, const struct keys *keys, struct lct_err *err)
{
    struct lct_mask_work work = { 0 };
    double sum[2][LCT_GRAIN_LAGS] = { { 0 } }, count[2][LCT_GRAIN_LAGS] = { { 0 } };
    uint64_t *pairs = calloc((size_t)keys->threads * lct_mask_words(plan->width), sizeof *pairs);
    enum lct_status status = pairs ? lct_mask_work_init(&work, plan->width, plan->height, err)
                                   : lct_fail(err, LCT_E_LIMIT, "no memory for the grain");
    struct grained grained[2] = { { .pairs = pairs, .sum = sum[0], .count = count[0] },
        { .pairs = pairs, .sum = sum[1], .count = count[1] } };
    const int step = keys->n > ENOUGH_PLANES ? keys->n / ENOUGH_PLANES : 1;
    for (int k = 0; status == LCT_OK && k < keys->n; k += step) {
        uint64_t *inside[LCT_SHELL + 1];
        lct_segment_insides(
            &keys->plane[k], &plan->levels, &plan->segment, AWAY_BLURS * plan->levels.blur_px, &work, inside);
        grained[0].liquid = grained[1].liquid = inside[LCT_LIQUID];
        status = add_plane(plan, &keys->plane[k], grained, keys->threads, err);
    }
    plan->grain = grain_of(&grained[0], plan);
    plan->film_grain = grain_of(&grained[1], plan);
    lct_mask_work_finish(&work);
    free(pairs);
    return status;
}
