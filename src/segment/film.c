#include <lctem/film.h>
#include <lctem/parallel.h>
#include <lctem/sampling.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double EDGE_BLURS = 1.3;    /* nearer to an edge, its blur counts as film */
static const double REACH_BLURS = 2.0;   /* sd of the surroundings that fill what is never free of an edge */
static const double COARSE_PRIOR = 0.05; /* of a plane, that says 1: where nothing is seen far around */
static const double SURROUNDINGS = 0.15; /* weight of the surroundings against one plane */
static const double LEVEL_SHARE = 0.2; /* of the core's depth: what is farther from a phase's level is something else */
static const double OWN_PX = 300.0;    /* of a core, that have the common level */
static const double LIMIT_SDS = 5.0;   /* of the liquid's grain: more is no film */

/* Sums over the planes of grey and count in one phase, where a plane is free of edges; and its mean grey there. */
struct sums {
    struct lct_image value, count;
    double grey, n;
};

/* Greys of a phase: beyond the outer two a place is of another phase; beyond the inner two its grain does not explain it. */
struct range {
    float darkest, dark, pale, palest;
    double level, reach; /* within reach of the level a grey has a say in it */
};

static void find_ranges(struct range range[LCT_SHELL + 1], const struct lct_levels *levels)
{
    const enum lct_phase darker = levels->has_shell ? LCT_SHELL : LCT_CORE;
    const float outer = (float)lct_levels_edge(levels, darker, LCT_LIQUID),
                inner = levels->has_shell ? (float)lct_levels_edge(levels, LCT_CORE, LCT_SHELL) : outer;
    const double grain = LIMIT_SDS * levels->noise_sd, reach = LEVEL_SHARE * (1.0 - levels->core);
    const double core = levels->core, shell = levels->shell;
    range[LCT_LIQUID] = (struct range){ outer, (float)(1.0 - grain), INFINITY, INFINITY, 1.0, reach };
    range[LCT_SHELL] = (struct range){ inner, (float)(shell - grain), (float)(shell + grain), outer, shell, reach };
    range[LCT_CORE] = (struct range){ -INFINITY, -INFINITY, (float)(core + grain), inner, core, reach };
}

/* A plane, and those before and after it: a place that is of another phase there may have changed in this one, whose mean is
 * then of neither. */
struct stretch {
    const struct lct_image *before, *plane, *after, *bare; /* bare: what the plane would be without film */
};

static void paint(struct lct_image *image, const uint64_t *mask, double level)
{
    const size_t words = lct_mask_words(image->width);
    for (int y = 0; y < image->height; y++)
        for (int x = 0, end; lct_mask_next_run(mask + (size_t)y * words, image->width, &x, &end); x = end)
            for (int i = x; i < end; i++)
                image->px[(size_t)y * (size_t)image->width + (size_t)i] = (float)level;
}

/* What a plane would show without film: the levels of its phases, blurred as its edges are. The tail of a blurred edge is a tenth
 * of the step where film begins to be looked for; taken for film, it would draw edges that hardly move to where they mostly are.
 * In noise the masks follow grain, and know no better: there the levels are not blurred. */
static void draw_bare(struct lct_image *bare, struct lct_image *spare, const struct lct_levels *levels,
    const struct lct_segment_params *params, const struct lct_mask_work *work)
{
    const struct lct_gaussian blur = lct_gaussian_make(levels->blur_px);
    for (size_t i = 0; i < lct_image_count(bare); i++)
        bare->px[i] = 1.0f;
    paint(bare, work->bits[LCT_SHELL], levels->shell);
    paint(bare, work->bits[LCT_CORE], levels->core);
    if (params->despeckle_px <= 0.0)
        lct_image_smooth(bare, &blur, spare);
}

/* Add a piece of one row, of one phase; `share` is what this particle has of the level of its phase. */
static void add_run(
    struct sums *s, const struct stretch *at, size_t from, size_t end, const struct range *of, double share)
{
    const float *before = at->before->px, *after = at->after->px;
    for (size_t i = from; i < end; i++) {
        const float v = at->plane->px[i], level = (float)of->level;
        if ((v < of->dark && fminf(before[i], after[i]) < of->darkest)
            || (v > of->pale && fmaxf(before[i], after[i]) > of->palest))
            continue;
        const double own = (double)(v * level / at->bare->px[i]) / share;
        s->value.px[i] += (float)own;
        s->count.px[i] += 1.0f;
        const double off = own - of->level;
        if (fabs(off) < of->reach) { /* clutter of another thickness has no say in the level */
            s->grey += off;
            s->n += 1.0;
        }
    }
}

/* Particles differ in thickness: what the inside of a core is paler than the others is its own, and no film. By label of the pieces. */
enum { MAX_CORES = 64 };
static void find_shares(double share[MAX_CORES + 1], const struct lct_image *plane, const uint64_t *inside,
    const struct range *of, struct lct_mask_work *work)
{
    const int n = lct_mask_label(work, inside, NULL, MAX_CORES);
    double off[MAX_CORES + 1] = { 0.0 }, count[MAX_CORES + 1] = { 0.0 };
    for (size_t i = 0; i < lct_image_count(plane); i++) {
        const double v = (double)plane->px[i] - of->level;
        if (!work->label[i] || fabs(v) > of->reach)
            continue;
        off[work->label[i]] += v;
        count[work->label[i]] += 1.0;
    }
    share[0] = 1.0;
    for (int k = 1; k <= n; k++)
        share[k] = 1.0 + off[k] / (count[k] + OWN_PX) / of->level;
}

/* A plane on its way into the sums: the insides of its phases, and what its cores have of their level. */
struct slot {
    struct lct_mask_work work;
    uint64_t *inside[LCT_SHELL + 1];
    struct lct_image bare, spare; /* the plane without film, and scratch */
    double share[MAX_CORES + 1];
};

/* Planes are segmented at once, and added in their order: sums of floats depend on it. */
struct adding {
    const struct lct_planes *planes;
    const struct lct_levels *levels;
    const struct lct_segment_params *params;
    struct range range[LCT_SHELL + 1];
    struct sums *sums; /* LCT_SHELL + 1 */
    struct slot *slot;
    size_t n_slots;
};

static enum lct_status segment_plane(void *context, size_t k, int worker, struct lct_err *err)
{
    (void)worker;
    (void)err;
    const struct adding *a = context;
    struct slot *s = &a->slot[k % a->n_slots];
    const struct lct_image *plane = &a->planes->plane[k];
    lct_segment_bits(plane, a->levels, a->params, &s->work, s->work.bits[LCT_CORE], s->work.bits[LCT_SHELL]);
    draw_bare(&s->bare, &s->spare, a->levels, a->params, &s->work);
    lct_segment_shrink(EDGE_BLURS * a->levels->blur_px, &s->work, s->inside);
    find_shares(s->share, plane, s->inside[LCT_CORE], &a->range[LCT_CORE], &s->work);
    return LCT_OK;
}

static enum lct_status add_plane(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    (void)err;
    const struct adding *a = context;
    const struct slot *s = &a->slot[i % a->n_slots];
    const struct lct_image *plane = &a->planes->plane[i];
    const struct stretch at = { i > 0 ? plane - 1 : plane, plane, (int)i + 1 < a->planes->n ? plane + 1 : plane,
        &s->bare };
    const int w = plane->width;
    for (int p = LCT_LIQUID; p <= LCT_SHELL; p++)
        for (int y = 0; y < plane->height; y++)
            for (int x = 0, end; lct_mask_next_run(s->inside[p] + (size_t)y * lct_mask_words(w), w, &x, &end);
                 x = end) {
                const size_t row = (size_t)y * (size_t)w;
                add_run(&a->sums[p], &at, row + (size_t)x, row + (size_t)end, &a->range[p],
                    p == LCT_CORE ? s->share[s->work.label[row + (size_t)x]] : 1.0);
            }
    return LCT_OK;
}

static enum lct_status slot_init(struct slot *s, int width, int height, struct lct_err *err)
{
    enum lct_status status = lct_mask_work_init(&s->work, width, height, err);
    if (status == LCT_OK)
        status = lct_image_init(&s->bare, width, height, err);
    return status == LCT_OK ? lct_image_init(&s->spare, width, height, err) : status;
}

static void slot_finish(struct slot *s)
{
    lct_mask_work_finish(&s->work);
    lct_image_finish(&s->bare);
    lct_image_finish(&s->spare);
}

static enum lct_status add_planes(struct adding *a, struct lct_err *err)
{
    const struct lct_image *first = &a->planes->plane[0];
    const struct lct_steps steps = { .each = segment_plane, .after = add_plane, .room = a->n_slots };
    find_ranges(a->range, a->levels);
    a->slot = calloc(a->n_slots, sizeof *a->slot);
    enum lct_status status = a->slot ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "film: no memory");
    for (size_t i = 0; status == LCT_OK && i < a->n_slots; i++)
        status = slot_init(&a->slot[i], first->width, first->height, err);
    if (status == LCT_OK)
        status = lct_parallel_steps(a->planes->threads, (size_t)a->planes->n, &steps, a, err);
    for (size_t i = 0; a->slot && i < a->n_slots; i++)
        slot_finish(&a->slot[i]);
    free(a->slot);
    return status;
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

/* The film as a mean over the surroundings, what is seen in one place not put before the rest. */
static void take_surroundings(struct lct_image *film, const struct sums *around, const struct lct_levels *levels)
{
    const float most = (float)(LIMIT_SDS * levels->noise_sd);
    for (size_t i = 0; i < lct_image_count(film); i++) {
        const float count = around->count.px[i] + (float)COARSE_PRIOR;
        const float f = (around->value.px[i] + (float)COARSE_PRIOR) / count;
        film->px[i] = f < 1.0f - most ? 1.0f - most : f > 1.0f + most ? 1.0f + most : f;
    }
}

/* Fill in what was never seen from its surroundings, and keep within what grain can be. */
static void finish(
    struct lct_image *film, const struct sums *sums, struct sums *around, const struct lct_levels *levels)
{
    const float w = (float)SURROUNDINGS, most = (float)(LIMIT_SDS * levels->noise_sd);
    for (size_t i = 0; i < lct_image_count(film); i++) {
        const float count = sums->count.px[i] + w * around->count.px[i];
        float f = count > 1e-4f ? (sums->value.px[i] + w * around->value.px[i]) / count : 1.0f;
        f = f < 1.0f - most ? 1.0f - most : f > 1.0f + most ? 1.0f + most : f;
        film->px[i] = f;
    }
}

enum lct_status lct_film_estimate(struct lct_image *film, const struct lct_planes *planes,
    const struct lct_levels *levels, const struct lct_segment_params *params, double coarse_px, struct lct_err *err)
{
    struct sums sums[LCT_SHELL + 1] = { 0 }, around = { 0 }, *whole = &sums[LCT_LIQUID];
    struct lct_image spare = { 0 };
    struct lct_image *all[] = { &sums[0].value, &sums[0].count, &sums[1].value, &sums[1].count, &sums[2].value,
        &sums[2].count, &around.value, &around.count, &spare };
    struct adding adding = {
        .planes = planes, .levels = levels, .params = params, .sums = sums, .n_slots = (size_t)planes->threads + 1
    };
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < sizeof all / sizeof *all; i++)
        status = lct_image_init(all[i], film->width, film->height, err);
    if (status == LCT_OK)
        status = add_planes(&adding, err);
    if (status == LCT_OK) {
        join_phases(sums, levels);
        const struct lct_gaussian reach =
            lct_gaussian_make(coarse_px > 0.0 ? coarse_px : REACH_BLURS * levels->blur_px);
        memcpy(around.value.px, whole->value.px, lct_image_count(film) * sizeof(float));
        memcpy(around.count.px, whole->count.px, lct_image_count(film) * sizeof(float));
        lct_image_smooth(&around.value, &reach, &spare);
        lct_image_smooth(&around.count, &reach, &spare);
        if (coarse_px > 0.0)
            take_surroundings(film, &around, levels);
        else
            finish(film, whole, &around, levels);
    }
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        lct_image_finish(all[i]);
    return status;
}
