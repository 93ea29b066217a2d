#include <lctem/film.h>
#include <lctem/sampling.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double EDGE_BLURS = 1.3;   /* nearer to an edge, its blur counts as film */
static const double REACH_BLURS = 2.0;  /* sd of the surroundings that fill what is never free of an edge */
static const double SURROUNDINGS = 0.15; /* weight of the surroundings against one plane */
static const double LEVEL_SHARE = 0.2;   /* of the core's depth: what is farther from a phase's level is something else */
static const double LIMIT_SDS = 5.0;    /* of the liquid's grain: more is no film */

/* Sums over the planes of grey and count in one phase, where a plane is free of edges; and its mean grey there. */
struct sums {
    struct lct_image value, count;
    double grey, n;
};

static void add_plane(struct sums sums[LCT_SHELL + 1], const struct lct_image *plane, const struct lct_levels *levels,
    struct lct_mask_work *work, const uint8_t *phase)
{
    const size_t n = lct_image_count(plane);
    const double level[] = { [LCT_LIQUID] = 1.0, [LCT_CORE] = levels->core, [LCT_SHELL] = levels->shell };
    const double far = EDGE_BLURS * levels->blur_px * LCT_CHAMFER_PX, reach = LEVEL_SHARE * (1.0 - levels->core);
    for (int p = LCT_LIQUID; p <= LCT_SHELL; p++) {
        if (p == LCT_SHELL && !levels->has_shell)
            continue;
        for (size_t i = 0; i < n; i++)
            work->plane[i] = phase[i] != p;
        lct_mask_distance(work, work->plane);
        for (size_t i = 0; i < n; i++)
            if (work->distance[i] > far) {
                sums[p].value.px[i] += plane->px[i];
                sums[p].count.px[i] += 1.0f;
                const double off = (double)plane->px[i] - level[p];
                if (fabs(off) < reach) { /* clutter of another thickness has no say in the level */
                    sums[p].grey += off;
                    sums[p].n += 1.0;
                }
            }
    }
}

/* All phases together, each over its own mean: an error of its level is no film. */
static void join_phases(struct sums sums[LCT_SHELL + 1], const struct lct_levels *levels)
{
    const double level[] = { [LCT_LIQUID] = 1.0, [LCT_CORE] = levels->core, [LCT_SHELL] = levels->shell };
    for (int p = LCT_LIQUID; p <= LCT_SHELL; p++) {
        const double mean = level[p] + (p != LCT_LIQUID && sums[p].n > 0.0 ? sums[p].grey / sums[p].n : 0.0);
        const float share = (float)(1.0 / mean);
        for (size_t i = 0; i < lct_image_count(&sums[p].value); i++) {
            sums[LCT_LIQUID].value.px[i] = (p ? sums[LCT_LIQUID].value.px[i] : 0.0f) + share * sums[p].value.px[i];
            sums[LCT_LIQUID].count.px[i] = (p ? sums[LCT_LIQUID].count.px[i] : 0.0f) + sums[p].count.px[i];
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
    struct sums sums[LCT_SHELL + 1] = { 0 }, around = { 0 }, *whole = &sums[LCT_LIQUID];
    struct lct_image spare = { 0 };
    struct lct_mask_work work = { 0 };
    struct lct_image *all[] = { &sums[0].value, &sums[0].count, &sums[1].value, &sums[1].count, &sums[2].value, &sums[2].count,
        &around.value, &around.count, &spare };
    uint8_t *phase = malloc(lct_image_count(film));
    enum lct_status status = phase ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "film: no memory");
    for (size_t i = 0; status == LCT_OK && i < sizeof all / sizeof *all; i++)
        status = lct_image_init(all[i], w, h, err);
    if (status == LCT_OK)
        status = lct_mask_work_init(&work, w, h, err);
    if (status == LCT_OK) {
        for (int k = 0; k < n; k++) {
            lct_segment_frame(&planes[k], levels, params, &work, phase);
            add_plane(sums, &planes[k], levels, &work, phase);
        }
        join_phases(sums, levels);
        const struct lct_gaussian reach = lct_gaussian_make(REACH_BLURS * levels->blur_px);
        memcpy(around.value.px, whole->value.px, lct_image_count(film) * sizeof(float));
        memcpy(around.count.px, whole->count.px, lct_image_count(film) * sizeof(float));
        lct_image_smooth(&around.value, &reach, &spare);
        lct_image_smooth(&around.count, &reach, &spare);
        finish(film, whole, &around, levels);
    }
    free(phase);
    lct_mask_work_finish(&work);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        lct_image_finish(all[i]);
    return status;
}
