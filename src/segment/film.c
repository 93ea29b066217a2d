#include <lctem/film.h>
#include <lctem/sampling.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double EDGE_BLURS = 1.3;   /* nearer to an edge, its blur counts as film */
static const double REACH_BLURS = 2.0;  /* sd of the surroundings that fill what is never free of an edge */
static const double SURROUNDINGS = 0.15; /* weight of the surroundings against one plane */
static const double LIMIT_SDS = 5.0;    /* of the liquid's grain: more is no film */

/* Sums over the planes of transmission and count, where a plane is free of edges. */
struct sums {
    struct lct_image value, count;
};

static void add_plane(struct sums *sums, const struct lct_image *plane, const struct lct_levels *levels,
    struct lct_mask_work *work, const uint8_t *phase)
{
    const size_t n = lct_image_count(plane);
    const double level[] = { [LCT_LIQUID] = 1.0, [LCT_CORE] = levels->core, [LCT_SHELL] = levels->shell };
    const double far = EDGE_BLURS * levels->blur_px * LCT_CHAMFER_PX;
    for (int p = LCT_LIQUID; p <= LCT_SHELL; p++) {
        if (p == LCT_SHELL && !levels->has_shell)
            continue;
        for (size_t i = 0; i < n; i++)
            work->plane[i] = phase[i] != p;
        lct_mask_distance(work, work->plane);
        const float share = (float)(1.0 / level[p]);
        for (size_t i = 0; i < n; i++)
            if (work->distance[i] > far) {
                sums->value.px[i] += plane->px[i] * share;
                sums->count.px[i] += 1.0f;
            }
    }
}

/* Fill in what was never seen from its surroundings, and keep within what grain can be. */
static void finish(struct lct_image *film, const struct sums *sums, struct sums *around, const struct lct_levels *levels)
{
    const float w = (float)SURROUNDINGS, most = (float)(LIMIT_SDS * levels->noise_sd);
    for (size_t i = 0; i < lct_image_count(film); i++) {
        const float count = sums->count.px[i] + w * around->count.px[i];
        float f = count > 1e-4f ? (sums->value.px[i] + w * around->value.px[i]) / count : 1.0f;
        f = f < 1.0f - most ? 1.0f - most : f > 1.0f + most ? 1.0f + most : f;
        film->px[i] = f;
    }
}

enum lct_status lct_film_estimate(struct lct_image *film, const struct lct_image *planes, int n,
    const struct lct_levels *levels, const struct lct_segment_params *params, struct lct_err *err)
{
    const int w = film->width, h = film->height;
    struct sums sums = { 0 }, around = { 0 };
    struct lct_image spare = { 0 };
    struct lct_mask_work work = { 0 };
    struct lct_image *all[] = { &sums.value, &sums.count, &around.value, &around.count, &spare };
    uint8_t *phase = malloc(lct_image_count(film));
    enum lct_status status = phase ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "film: no memory");
    for (size_t i = 0; status == LCT_OK && i < sizeof all / sizeof *all; i++)
        status = lct_image_init(all[i], w, h, err);
    if (status == LCT_OK)
        status = lct_mask_work_init(&work, w, h, err);
    if (status == LCT_OK) {
        for (int k = 0; k < n; k++) {
            lct_segment_frame(&planes[k], levels, params, &work, phase);
            add_plane(&sums, &planes[k], levels, &work, phase);
        }
        const struct lct_gaussian reach = lct_gaussian_make(REACH_BLURS * levels->blur_px);
        memcpy(around.value.px, sums.value.px, lct_image_count(film) * sizeof(float));
        memcpy(around.count.px, sums.count.px, lct_image_count(film) * sizeof(float));
        lct_image_smooth(&around.value, &reach, &spare);
        lct_image_smooth(&around.count, &reach, &spare);
        finish(film, &sums, &around, levels);
    }
    free(phase);
    lct_mask_work_finish(&work);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        lct_image_finish(all[i]);
    return status;
}
