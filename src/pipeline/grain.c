#include "plan.h"

#include <lctem/mask.h>

#include <math.h>

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

/* Products of pixels `lag` apart along rows and columns, added to sum. */
static void add_products(const struct lct_image *image, const uint64_t *liquid, double mean, int lag, uint64_t *pairs,
    double *sum, double *count)
{
    for (int y = 0; y < image->height; y += ROW_STRIDE) {
        add_pairs(image, liquid, mean, y, lag, 0, pairs, sum, count);
        if (y + lag < image->height)
            add_pairs(image, liquid, mean, y, 0, lag, pairs, sum, count);
    }
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

enum lct_status plan_measure_grain(struct plan *plan, const struct keys *keys, struct lct_err *err)
{
    struct lct_mask_work work = { 0 };
    const enum lct_status status = lct_mask_work_init(&work, plan->width, plan->height, err);
    double sum[2][LCT_GRAIN_LAGS] = { { 0 } }, count[2][LCT_GRAIN_LAGS] = { { 0 } };
    const int step = keys->n > ENOUGH_PLANES ? keys->n / ENOUGH_PLANES : 1;
    for (int k = 0; status == LCT_OK && k < keys->n; k += step) {
        uint64_t *inside[LCT_SHELL + 1];
        lct_segment_insides(
            &keys->plane[k], &plan->levels, &plan->segment, AWAY_BLURS * plan->levels.blur_px, &work, inside);
        const uint64_t *liquid = inside[LCT_LIQUID];
        const struct lct_image *images[] = { &keys->plane[k], &plan->film };
        for (int q = 0; q < (plan->film.px ? 2 : 1); q++) {
            const double mean = mean_of(images[q], liquid);
            for (int lag = 0; lag < LCT_GRAIN_LAGS; lag++)
                add_products(images[q], liquid, mean, lag, work.bits[LCT_MASK_BITS - 1], &sum[q][lag], &count[q][lag]);
        }
    }
    for (int lag = 0; lag < LCT_GRAIN_LAGS; lag++) {
        plan->grain.covariance[lag] = count[0][lag] > 0.0 ? sum[0][lag] / count[0][lag] : 0.0;
        plan->film_grain.covariance[lag] = count[1][lag] > 0.0 ? sum[1][lag] / count[1][lag] : 0.0;
    }
    plan->grain.step_px = plan->film_grain.step_px = plan->bin;
    lct_mask_work_finish(&work);
    return status;
}
