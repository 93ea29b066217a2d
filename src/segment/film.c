#include <lctem/film.h>
#include <lctem/sampling.h>

#include <math.h>
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

/* Add a stretch of one row, of one phase. */
static void add_run(struct sums *s, const struct lct_image *plane, size_t from, size_t end, double level, double reach)
{
    for (size_t i = from; i < end; i++) {
        s->value.px[i] += plane->px[i];
        s->count.px[i] += 1.0f;
        const double off = (double)plane->px[i] - level;
        if (fabs(off) < reach) { /* clutter of another thickness has no say in the level */
            s->grey += off;
            s->n += 1.0;
        }
    }
}

static void add_plane(struct sums sums[LCT_SHELL + 1], const struct lct_image *plane, const struct lct_levels *levels,
    const struct lct_segment_params *params, struct lct_mask_work *work)
{
    const int w = plane->width;
    const size_t words = lct_mask_words(w);
    const double level[] = { [LCT_LIQUID] = 1.0, [LCT_CORE] = levels->core, [LCT_SHELL] = levels->shell };
    const double reach = LEVEL_SHARE * (1.0 - levels->core);
    uint64_t *inside[LCT_SHELL + 1];
    lct_segment_insides(plane, levels, params, EDGE_BLURS * levels->blur_px, work, inside);
    for (int p = LCT_LIQUID; p <= LCT_SHELL; p++)
        for (int y = 0; y < plane->height; y++)
            for (int x = 0, end; lct_mask_next_run(inside[p] + (size_t)y * words, w, &x, &end); x = end) {
                const size_t row = (size_t)y * (size_t)w;
                add_run(&sums[p], plane, row + (size_t)x, row + (size_t)end, level[p], reach);
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
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < sizeof all / sizeof *all; i++)
        status = lct_image_init(all[i], w, h, err);
    if (status == LCT_OK)
        status = lct_mask_work_init(&work, w, h, err);
    if (status == LCT_OK) {
        for (int k = 0; k < n; k++)
            add_plane(sums, &planes[k], levels, params, &work);
        join_phases(sums, levels);
        const struct lct_gaussian reach = lct_gaussian_make(REACH_BLURS * levels->blur_px);
        memcpy(around.value.px, whole->value.px, lct_image_count(film) * sizeof(float));
        memcpy(around.count.px, whole->count.px, lct_image_count(film) * sizeof(float));
        lct_image_smooth(&around.value, &reach, &spare);
        lct_image_smooth(&around.count, &reach, &spare);
        finish(film, whole, &around, levels);
    }
    lct_mask_work_finish(&work);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        lct_image_finish(all[i]);
    return status;
}
