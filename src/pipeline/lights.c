#include "lights.h"

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

/* Light that comes and goes, seen in what changes from one key plane to the next, whose places are given or NULL: onto plan->light,
 * with a mean of zero over the movie, and out of the key planes. */
static enum lct_status follow_growth(
    struct plan *plan, struct keys *keys, uint8_t *const *place, float *off, struct lct_err *err)
{
    struct lct_light_map light[KEY_PLANES] = { { { 0 } } };
    float mean[CELLS] = { 0.0f };
    for (int k = 1; k < keys->n; k++) {
        const struct lct_light_view before = { &keys->plane[k - 1], place[k - 1] },
                                    here = { &keys->plane[k], place[k] };
        struct lct_light_map growth;
        const enum lct_status status = lct_light_growth(&growth, &before, &here, err);
        if (status != LCT_OK)
            return status;
        for (int i = 0; i < CELLS; i++) {
            light[k].off[i] = (1.0f + light[k - 1].off[i]) * (1.0f + growth.off[i]) - 1.0f;
            mean[i] += light[k].off[i] / (float)keys->n;
        }
    }
    for (int k = 0; k < keys->n; k++) {
        for (int i = 0; i < CELLS; i++)
            light[k].off[i] = (1.0f + light[k].off[i]) / (1.0f + mean[i]) - 1.0f;
        take_out(plan, keys, k, &light[k], off);
    }
    return LCT_OK;
}

enum lct_status lights_follow(struct plan *plan, struct keys *keys, bool levels_known, struct lct_err *err)
{
    uint8_t *place[KEY_PLANES] = { NULL };
    float *off = malloc((size_t)plan->width * sizeof *off);
    enum lct_status status = off ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory for the light");
    for (int k = 0; levels_known && status == LCT_OK && k < keys->n; k++) {
        place[k] = malloc(lct_image_count(&keys->plane[k]));
        status = place[k] ? lct_light_places(place[k], &keys->plane[k], &plan->levels, &plan->segment, err)
                          : lct_fail(err, LCT_E_LIMIT, "no memory for the light");
    }
    if (status == LCT_OK)
        status = follow_growth(plan, keys, place, off, err);
    for (int k = 0; k < keys->n; k++)
        free(place[k]);
    free(off);
    return status;
}

/* What the light of the key planes is looked for with. */
struct light_search {
    struct plan *plan;
    struct keys *keys;
    struct lct_own_levels own;
    struct lct_image lit;                  /* a plane without the light that is known so far */
    float *off;                            /* a row of it */
    struct lct_light_map left[KEY_PLANES]; /* what the planes still have */
};

/* The light of key plane k, looked for from `start` on: where it is as deep as half the step between core and shell, the one looks like
 * the other, but it changes less from one key plane to the next. */
static enum lct_status find_light(struct light_search *s, int k, const struct lct_light_map *start, struct lct_err *err)
{
    const struct lct_image *plane = &s->keys->plane[k];
    const struct lct_own_view view = lct_own_view_of(&s->own, k);
    struct lct_light_map left;
    memcpy(s->lit.px, plane->px, lct_image_count(plane) * sizeof *plane->px);
    take_light(start, s->off, &s->lit);
    const enum lct_status status = lct_light_estimate(&left, &s->lit, &s->plan->levels, &s->plan->segment, &view, err);
    for (int i = 0; status == LCT_OK && i < CELLS; i++)
        s->left[k].off[i] = start->off[i] + left.off[i];
    return status;
}

/* From the middle of the movie forward and backward. */
static enum lct_status follow_light(struct light_search *s, struct lct_err *err)
{
    static const struct lct_light_map none = { { 0 } };
    const struct lct_light_map *light = s->left;
    const int middle = s->keys->n / 2;
    enum lct_status status = find_light(s, middle, &none, err);
    for (int k = middle + 1; status == LCT_OK && k < s->keys->n; k++)
        status = find_light(s, k, &light[k - 1], err);
    for (int k = middle - 1; status == LCT_OK && k >= 0; k--)
        status = find_light(s, k, &light[k + 1], err);
    return status;
}

enum lct_status lights_find(struct plan *plan, enum lct_phases phases, struct keys *keys, struct lct_err *err)
{
    struct light_search s = { .plan = plan, .keys = keys, .off = malloc((size_t)plan->width * sizeof *s.off) };
    enum lct_status status = s.off ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory for the light");
    if (status == LCT_OK)
        status = lct_image_init(&s.lit, plan->width, plan->height, err);
    if (status == LCT_OK)
        status = lct_own_levels_find(&s.own, keys->plane, keys->n, &plan->levels, &plan->segment, err);
    if (status == LCT_OK)
        status = follow_light(&s, err);
    for (int k = 0; status == LCT_OK && k < keys->n; k++)
        take_out(plan, keys, k, &s.left[k], s.off);
    lct_own_levels_finish(&s.own);
    lct_image_finish(&s.lit);
    free(s.off);
    if (status != LCT_OK)
        return status;
    plan->n_lights = keys->n;
    plan->levels.light_sd = lct_light_left(plan->light, keys->n);
    return lct_levels_refine(&plan->levels, keys->plane, keys->n, phases, &plan->segment, err);
}
