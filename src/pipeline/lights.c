#include "lights.h"

#include <lctem/parallel.h>

#include <stdlib.h>
#include <string.h>

enum { CELLS = LCT_LIGHT_CELLS * LCT_LIGHT_CELLS };

static void take_light(const struct lct_light_map *light, float *off, struct lct_image *plane)
{
    for (int y = 0; y < plane->height; y++) {
        lct_light_row(light, plane->width, plane->height, y, off);
        float *row = plane->px + (size_t)y * (size_t)plane->width;
        for (int x = 0; x < plane->width; x++)
            row[x] /= 1.0f + off[x];
    }
}

/* Light of key plane k that was found in what is left of the plane. */
static void take_out(struct plan *plan, struct keys *keys, int k, const struct lct_light_map *light, float *off)
{
    for (int i = 0; i < CELLS; i++)
        plan->light[k].off[i] += light->off[i] * (1.0f + plan->light[k].off[i]);
    take_light(light, off, &keys->plane[k]);
}

/* Light that comes and goes, looked for in the steps from one key plane to the next. */
struct steps {
    const struct plan *plan;
    const struct keys *keys;
    uint8_t *place[KEY_PLANES];              /* what lies where in each plane; NULL: not known */
    struct lct_light_map growth[KEY_PLANES]; /* from plane k - 1 to plane k */
};

static enum lct_status find_places(void *context, size_t k, int worker, struct lct_err *err)
{
    (void)worker;
    struct steps *s = context;
    const struct lct_image *plane = &s->keys->plane[k];
    s->place[k] = malloc(lct_image_count(plane));
    return s->place[k] ? lct_light_places(s->place[k], plane, &s->plan->levels, &s->plan->segment, err)
                       : lct_fail(err, LCT_E_LIMIT, "no memory for the light");
}

static enum lct_status find_growth(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    struct steps *s = context;
    const struct lct_light_view before = { &s->keys->plane[i], s->place[i] },
                                here = { &s->keys->plane[i + 1], s->place[i + 1] };
    return lct_light_growth(&s->growth[i + 1], &before, &here, err);
}

/* All steps together, with a mean of zero over the movie: onto plan->light, and out of the key planes. */
static void join_steps(struct plan *plan, struct keys *keys, const struct lct_light_map *growth, float *off)
{
    struct lct_light_map light[KEY_PLANES] = { { { 0 } } };
    float mean[CELLS] = { 0.0f };
    for (int k = 1; k < keys->n; k++)
        for (int i = 0; i < CELLS; i++) {
            light[k].off[i] = (1.0f + light[k - 1].off[i]) * (1.0f + growth[k].off[i]) - 1.0f;
            mean[i] += light[k].off[i] / (float)keys->n;
        }
    for (int k = 0; k < keys->n; k++) {
        for (int i = 0; i < CELLS; i++)
            light[k].off[i] = (1.0f + light[k].off[i]) / (1.0f + mean[i]) - 1.0f;
        take_out(plan, keys, k, &light[k], off);
    }
}

enum lct_status lights_follow(struct plan *plan, struct keys *keys, bool levels_known, struct lct_err *err)
{
    struct steps *s = calloc(1, sizeof *s);
    float *off = malloc((size_t)plan->width * sizeof *off);
    enum lct_status status = s && off ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory for the light");
    if (s) {
        s->plan = plan;
        s->keys = keys;
    }
    if (status == LCT_OK && levels_known)
        status = lct_parallel_for(keys->threads, (size_t)keys->n, find_places, s, err);
    if (status == LCT_OK)
        status = lct_parallel_for(keys->threads, (size_t)keys->n - 1, find_growth, s, err);
    if (status == LCT_OK)
        join_steps(plan, keys, s->growth, off);
    for (int k = 0; s && k < keys->n; k++)
        free(s->place[k]);
    free(s);
    free(off);
    return status;
}

/* What the light of the key planes is looked for with. */
struct light_search {
    struct plan *plan;
    struct keys *keys;
    struct lct_own_levels own;
    struct lct_image lit[2];               /* forward and backward: a plane without the light that is known so far */
    float *off;                            /* two rows of it */
    struct lct_light_map left[KEY_PLANES]; /* what the planes still have */
};

/* The light of key plane k, looked for from `start` on: where it is as deep as half the step between core and shell, the one looks like
 * the other, but it changes less from one key plane to the next. */
static enum lct_status find_light(
    struct light_search *s, int k, const struct lct_light_map *start, size_t way, struct lct_err *err)
{
    const struct lct_image *plane = &s->keys->plane[k];
    const struct lct_own_view view = lct_own_view_of(&s->own, k);
    struct lct_image *lit = &s->lit[way];
    struct lct_light_map left;
    memcpy(lit->px, plane->px, lct_image_count(plane) * sizeof *plane->px);
    take_light(start, s->off + way * (size_t)s->plan->width, lit);
    const enum lct_status status = lct_light_estimate(&left, lit, &s->plan->levels, &s->plan->segment, &view, err);
    for (int i = 0; status == LCT_OK && i < CELLS; i++)
        s->left[k].off[i] = start->off[i] + left.off[i];
    return status;
}

/* From the middle of the movie forward (0) or backward (1). */
static enum lct_status follow_way(void *context, size_t way, int worker, struct lct_err *err)
{
    (void)worker;
    struct light_search *s = context;
    const int step = way ? -1 : 1;
    enum lct_status status = LCT_OK;
    for (int k = s->keys->n / 2 + step; status == LCT_OK && k >= 0 && k < s->keys->n; k += step)
        status = find_light(s, k, &s->left[k - step], way, err);
    return status;
}

static enum lct_status follow_light(struct light_search *s, struct lct_err *err)
{
    static const struct lct_light_map none = { { 0 } };
    const enum lct_status status = find_light(s, s->keys->n / 2, &none, 0, err);
    return status == LCT_OK ? lct_parallel_for(s->keys->threads, 2, follow_way, s, err) : status;
}

enum lct_status lights_find(struct plan *plan, enum lct_phases phases, struct keys *keys, struct lct_err *err)
{
    struct light_search s = { .plan = plan, .keys = keys, .off = malloc(2 * (size_t)plan->width * sizeof *s.off) };
    const struct lct_planes planes = keys_planes(keys);
    enum lct_status status = s.off ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory for the light");
    for (int way = 0; status == LCT_OK && way < 2; way++)
        status = lct_image_init(&s.lit[way], plan->width, plan->height, err);
    if (status == LCT_OK)
        status = lct_own_levels_find(&s.own, &planes, &plan->levels, &plan->segment, err);
    if (status == LCT_OK)
        status = follow_light(&s, err);
    for (int k = 0; status == LCT_OK && k < keys->n; k++)
        take_out(plan, keys, k, &s.left[k], s.off);
    lct_own_levels_finish(&s.own);
    for (int way = 0; way < 2; way++)
        lct_image_finish(&s.lit[way]);
    free(s.off);
    if (status != LCT_OK)
        return status;
    plan->n_lights = keys->n;
    plan->levels.light_sd = lct_light_left(plan->light, keys->n);
    return lct_levels_refine(&plan->levels, &planes, phases, &plan->segment, err);
}
