#include "plan.h"

#include <lctem/clones.h>

#include <math.h>
#include <string.h>

enum lct_status plane_work_init(struct plane_work *out, const struct plan *plan, struct lct_err *err)
{
    struct plane_work w = { 0 };
    enum lct_status status = lct_image_init(&w.normal, plan->width, plan->height, err);
    if (status == LCT_OK)
        status = lct_image_init(&w.line, plan->grid.width, 1, err);
    if (status == LCT_OK)
        status = lct_image_init(&w.spare, plan->width, plan->height, err);
    if (status != LCT_OK) {
        plane_work_finish(&w);
        return status;
    }
    *out = w;
    return LCT_OK;
}

void plane_work_finish(struct plane_work *work)
{
    lct_image_finish(&work->normal);
    lct_image_finish(&work->line);
    lct_image_finish(&work->spare);
}

struct plane_shift plan_shift(const struct plan *plan, long k)
{
    const double x = plan->frames[k].dx_px / plan->bin, y = plan->frames[k].dy_px / plan->bin;
    struct plane_shift s = { .x = (int)lround(x), .y = (int)lround(y) };
    s.fx = x - s.x;
    s.fy = y - s.y;
    return s;
}

/* The light at frame k: straight lines in time between the middles of the key planes. */
static struct lct_light_map light_at(const struct plan *plan, long k)
{
    const int last = plan->n_lights - 1;
    const double at = ((double)k + 0.5) * plan->n_lights / (double)plan->n - 0.5;
    const double u = at < 0.0 ? 0.0 : at > last ? last : at;
    const int from = (int)u, to = from < last ? from + 1 : last;
    struct lct_light_map map = plan->light[from];
    const float share = (float)(u - from);
    for (size_t i = 0; i < sizeof map.off / sizeof *map.off; i++)
        map.off[i] += share * (plan->light[to].off[i] - map.off[i]);
    return map;
}

/* Take film and light out of a plane. What has come into view since the first frame has no film that we know. */
LCT_CLONES static void divide_film(const struct lct_image *film, const struct lct_light_map *light,
    struct plane_shift shift, float *off, struct lct_image *plane)
{
    const int w = plane->width, h = plane->height;
    const int from_y = shift.y > 0 ? shift.y : 0, to_y = shift.y < 0 ? h + shift.y : h;
    const int from_x = shift.x > 0 ? shift.x : 0, to_x = shift.x < 0 ? w + shift.x : w;
    for (int y = from_y; y < to_y; y++) {
        const float *restrict f = film->px + (ptrdiff_t)(y - shift.y) * w - shift.x;
        float *restrict row = plane->px + (size_t)y * (size_t)w;
        const float *restrict o = off - shift.x;
        lct_light_row(light, w, h, y - shift.y, off);
        for (int x = from_x; x < to_x; x++)
            row[x] /= f[x] * (1.0f + o[x]);
    }
}

void plan_plane(
    const struct plan *plan, long k, const struct lct_image *frame, struct plane_work *work, struct lct_image *out)
{
    const struct plane_shift shift = plan_shift(plan, k);
    lct_background_apply(
        &plan->background, plan->frames[k].light, frame, plan->ignore, plan->bin, work->line.px, &work->normal);
    lct_image_shift(&work->normal, shift.fx, shift.fy, out);
    lct_image_smooth(out, &plan->smoothing, &work->spare);
    if (plan->film.px) {
        const struct lct_light_map light = light_at(plan, k);
        divide_film(&plan->film, &light, shift, work->spare.px, out);
    }
}
