#include "shapes.h"

#include <lctem/outline.h>
#include <lctem/strip.h>

#include <math.h>
#include <stdlib.h>

static const double MIDDLE = 0.5;
static const double LEVEL_SHARE = 0.01;   /* of the core's depth: how far the levels of one place are off */
static const double BARE_BLURS = 1.0;     /* a rim that is thinner is none */
static const double WORST_CHI2 = 9.0;

/* Rim over the stretch of an edge, from the outlines: mean thickness where there is one, and the share where there is none. */
static enum lct_status take_rim(struct lct_strip_edge *e, const struct shapes *s, const struct shapes_view *view, int facet,
    struct lct_err *err)
{
    enum { COLUMNS = 24 };
    double core[COLUMNS], whole[COLUMNS], width[COLUMNS];
    const struct lct_facet_set *set = &view->particle->set;
    const struct lct_facet_columns columns = { .from_px = e->from_px, .step_px = (e->to_px - e->from_px) / COLUMNS, .n = COLUMNS,
        .floor_px = lct_facet_floor(set, facet, view->core) };
    (void)err;
    lct_facet_profile(set, facet, view->core, &columns, width, core);
    lct_facet_profile(set, facet, view->whole, &columns, width, whole);
    double sum = 0.0, covered = 0.0, known = 0.0;
    for (int k = 0; k < COLUMNS; k++) {
        const double rim = whole[k] - core[k];
        if (!isfinite(rim))
            continue;
        known += 1.0;
        if (rim > BARE_BLURS * s->params.blur_px) {
            covered += 1.0;
            sum += rim;
        }
    }
    e->shell_px = covered > 0.0 ? sum / covered : (double)NAN;
    e->bare_frac = known > 0.0 && s->plan->levels.has_shell ? 1.0 - covered / known : s->plan->levels.has_shell ? 0.0 : 1.0;
    return LCT_OK;
}

/* Noise under an edge in frame k: what the key planes have, the film that nobody can tell from the edge, and the noise of this frame's
 * own mean. */
static struct lct_grain grain_of(const struct shapes *s, long k)
{
    const struct plan *p = s->plan;
    struct lct_grain g = p->grain;
    const double side = fmin((double)p->reach, fmin((double)k, (double)(p->n - 1 - k)));
    const double frame = p->frame_noise_sd * p->frame_noise_sd / (2.0 * side + 1.0), sigma = p->sigma_px * p->bin;
    for (int i = 0; i < LCT_GRAIN_LAGS; i++) {
        const double r = i * g.step_px;
        g.covariance[i] += p->film_grain.covariance[i] + frame * exp(-r * r / (4.0 * sigma * sigma));
    }
    return g;
}

enum lct_status shapes_refine(const struct shapes *shapes, const struct shapes_view *view, struct lct_facet_edge *edges,
    struct lct_err *err)
{
    const struct plan *plan = shapes->plan;
    const struct lct_levels *l = &plan->levels;
    if (!view->band->image.px)
        return LCT_OK;
    const struct plane_shift shift = plan_shift(plan, view->k);
    const struct lct_strip_picture picture = { .image = &view->band->image,
        .x_px = (view->band->x0 - shift.x) * plan->bin + 0.5 * (plan->bin - 1) + shapes->movie->roi.x_px,
        .y_px = ((view->band->y0 - shift.y) * plan->bin + 0.5 * (plan->bin - 1) + shapes->movie->roi.y_px) * shapes->aspect,
        .step_px = view->band->step * plan->bin, .step_y_px = view->band->step * plan->bin * shapes->aspect };
    const struct lct_strip_model model = { .core = l->core, .shell = l->has_shell ? l->shell : l->core,
        .blur_px = shapes->params.blur_px, .core_sd = LEVEL_SHARE * (1.0 - l->core), .shell_sd = LEVEL_SHARE * (1.0 - l->core) };
    const struct lct_grain grain = grain_of(shapes, view->k);
    const struct lct_edge_error error = shapes_edge_error(shapes, view->k, LCT_CORE);
    for (int i = 0; i < view->particle->set.n; i++) {
        struct lct_facet_edge *e = &edges[i];
        const double half = 0.5 * MIDDLE * (e->end_px - e->start_px), middle = 0.5 * (e->start_px + e->end_px);
        struct lct_strip_edge strip = { .height_px = e->height_px, .from_px = middle - half, .to_px = middle + half };
        struct lct_strip_fit fit;
        if (!e->present)
            continue;
        const enum lct_status status = take_rim(&strip, shapes, view, i, err);
        if (status != LCT_OK)
            return status;
        if (!lct_strip_fit(&fit, &picture, &view->particle->set, i, &strip, &model, &grain) || !(fit.chi2 < WORST_CHI2))
            continue;
        e->height_px = fit.height_px;
        e->height_sd_px = hypot(fit.sd_px, hypot(error.common_px, view->particle->set.origin_sd_px));
    }
    return LCT_OK;
}
