#include "plan.h"

#include <lctem/mask.h>

#include <math.h>
#include <stdlib.h>

enum { ROW_STRIDE = 3, ENOUGH_PLANES = 4 }; /* some 10 000 grains: their covariance to a few per cent */
static const double AWAY_BLURS = 3.0;       /* from particles: what is liquid for sure */

/* Nonzero where a plane shows nothing but liquid. */
static void find_liquid(
    const struct plan *plan, const struct lct_image *plane, struct lct_mask_work *work, uint8_t *liquid)
{
    const size_t n = lct_image_count(plane);
    lct_segment_frame(plane, &plan->levels, &plan->segment, work, liquid);
    for (size_t i = 0; i < n; i++)
        work->plane[i] = liquid[i] != LCT_LIQUID;
    lct_mask_distance(work, work->plane);
    const double away = AWAY_BLURS * plan->levels.blur_px * LCT_CHAMFER_PX;
    for (size_t i = 0; i < n; i++)
        liquid[i] = work->distance[i] > away;
}

/* Products of pixels `lag` apart along rows and columns, added to sum. */
static void add_products(
    const struct lct_image *image, const uint8_t *liquid, double mean, int lag, double *sum, double *count)
{
    const int w = image->width, h = image->height;
    for (int y = 0; y < h; y += ROW_STRIDE)
        for (int x = 0; x < w; x++) {
            const size_t i = (size_t)y * (size_t)w + (size_t)x;
            if (!liquid[i])
                continue;
            const double v = (double)image->px[i] - mean;
            if (x + lag < w && liquid[i + (size_t)lag]) {
                *sum += v * ((double)image->px[i + (size_t)lag] - mean);
                *count += 1.0;
            }
            if (y + lag < h && liquid[i + (size_t)lag * (size_t)w]) {
                *sum += v * ((double)image->px[i + (size_t)lag * (size_t)w] - mean);
                *count += 1.0;
            }
        }
}

static double mean_of(const struct lct_image *image, const uint8_t *liquid)
{
    double sum = 0.0, count = 0.0;
    for (size_t i = 0; i < lct_image_count(image); i++)
        if (liquid[i]) {
            sum += (double)image->px[i];
            count += 1.0;
        }
    return count > 0.0 ? sum / count : 0.0;
}

enum lct_status plan_measure_grain(struct plan *plan, const struct keys *keys, struct lct_err *err)
{
    struct lct_mask_work work = { 0 };
    uint8_t *liquid = malloc((size_t)plan->width * (size_t)plan->height);
    enum lct_status status = liquid ? lct_mask_work_init(&work, plan->width, plan->height, err)
                                    : lct_fail(err, LCT_E_LIMIT, "no memory for the noise of the liquid");
    double sum[2][LCT_GRAIN_LAGS] = { { 0 } }, count[2][LCT_GRAIN_LAGS] = { { 0 } };
    const int step = keys->n > ENOUGH_PLANES ? keys->n / ENOUGH_PLANES : 1;
    for (int k = 0; status == LCT_OK && k < keys->n; k += step) {
        find_liquid(plan, &keys->plane[k], &work, liquid);
        const struct lct_image *images[] = { &keys->plane[k], &plan->film };
        for (int q = 0; q < (plan->film.px ? 2 : 1); q++) {
            const double mean = mean_of(images[q], liquid);
            for (int lag = 0; lag < LCT_GRAIN_LAGS; lag++)
                add_products(images[q], liquid, mean, lag, &sum[q][lag], &count[q][lag]);
        }
    }
    for (int lag = 0; lag < LCT_GRAIN_LAGS; lag++) {
        plan->grain.covariance[lag] = count[0][lag] > 0.0 ? sum[0][lag] / count[0][lag] : 0.0;
        plan->film_grain.covariance[lag] = count[1][lag] > 0.0 ? sum[1][lag] / count[1][lag] : 0.0;
    }
    plan->grain.step_px = plan->film_grain.step_px = plan->bin;
    lct_mask_work_finish(&work);
    free(liquid);
    return status;
}
