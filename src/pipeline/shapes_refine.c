#include "shapes.h"

#include <lctem/outline.h>
#include <lctem/strip.h>

#include <math.h>
#include <stdlib.h>

static const double MIDDLE = 0.5;
static const double LEVEL_SHARE = 0.01; /* of the core's depth: how far the levels of one place are off */
static const double FILM_SHARE =
    6.0; /* of the variance of the film that key planes show: under an edge (docs/facets.md, Sigma) */
static const double GRAIN_SHARE =
    2.0; /* of that of the liquid in the key planes, where the movie is too short to show its film */
static const double EDGE_BLURS = 0.024,
                    BARE_EDGE_BLURS = 0.08; /* what the model leaves out: fringes that end at the edge, defocus */
static const double BARE_BLURS = 1.0;       /* a rim that is thinner is none */
static const double WORST_CHI2 = 9.0;       /* what is explained no better is no edge of this kind */

/* Rim over the stretch of an edge, from the outlines: mean thickness where there is one, and the share where there is
 * none. */
static void take_rim(struct lct_strip_edge *e, const struct shapes *s, const struct shapes_view *view, int facet)
{
    enum { COLUMNS = 24 };
    double core[COLUMNS], whole[COLUMNS], width[COLUMNS];
    const struct lct_facet_set *set = &view->particle->set;
    const struct lct_facet_columns columns = { .from_px = e->from_px,
        .step_px = (e->to_px - e->from_px) / COLUMNS,
        .n = COLUMNS,
        .floor_px = lct_facet_floor(set, facet, view->core) };
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
    e->bare_frac = !s->plan->levels.has_shell ? 1.0 : known > 0.0 ? 1.0 - covered / known : 0.0;
}

/* Noise under an edge in frame k: what the key planes have and the film that nobody can tell from the edge stand still;
 * the noise of the frame's own mean is smoothed as the plane is. */
static struct lct_strip_scene scene_of(const struct shapes *s, long k)
{
    const struct plan *p = s->plan;
    const struct lct_levels *l = &p->levels;
    const double depth = 1.0 - l->core, sigma = p->sigma_px * p->bin;
    const bool film_known = p->film_grain.covariance[0] > 0.0;
    struct lct_strip_scene scene = { .still = p->grain,
        .film = film_known ? p->film_grain : p->grain,
        .shot = { .step_px = p->grain.step_px },
        .model = { .core = l->core,
            .shell = l->has_shell ? l->shell : l->core,
            .blur_px = s->params.blur_px,
            .soft_px = sqrt(fmax(0.0, s->params.blur_px * s->params.blur_px - sigma * sigma)),
            .core_sd = LEVEL_SHARE * depth,
            .shell_sd = LEVEL_SHARE * depth } };
    const double frame = p->frame_noise_sd * p->frame_noise_sd / plan_frames_in_mean(p, k);
    for (int i = 0; i < LCT_GRAIN_LAGS; i++) {
        const double r = i * scene.still.step_px;
        scene.still.covariance[i] += FILM_SHARE * p->film_grain.covariance[i];
        scene.film.covariance[i] *= film_known ? FILM_SHARE : GRAIN_SHARE;
        scene.shot.covariance[i] = frame * exp(-r * r / (4.0 * sigma * sigma));
    }
    return scene;
}

void shapes_refine(const struct shapes *shapes, const struct shapes_view *view, struct lct_facet_edge *edges)
{
    const struct plan *plan = shapes->plan;
    if (!view->band->image.px)
        return;
    const struct plane_shift shift = plan_shift(plan, view->k);
    const struct lct_strip_picture picture = { .image = &view->band->image,
        .x_px = (view->band->x0 - shift.x) * plan->bin + 0.5 * (plan->bin - 1) + shapes->movie->roi.x_px,
        .y_px =
            ((view->band->y0 - shift.y) * plan->bin + 0.5 * (plan->bin - 1) + shapes->movie->roi.y_px) * shapes->aspect,
        .step_px = view->band->step * plan->bin,
        .step_y_px = view->band->step * plan->bin * shapes->aspect };
    const struct lct_strip_scene scene = scene_of(shapes, view->k);
    for (int i = 0; i < view->particle->set.n; i++) {
        struct lct_facet_edge *e = &edges[i];
        const double half = 0.5 * MIDDLE * (e->end_px - e->start_px), middle = 0.5 * (e->start_px + e->end_px);
        struct lct_strip_edge strip = { .height_px = e->height_px, .from_px = middle - half, .to_px = middle + half };
        struct lct_strip_fit fit;
        if (!e->present)
            continue;
        take_rim(&strip, shapes, view, i);
        if (!lct_strip_fit(&fit, &picture, &view->particle->set, i, &strip, &scene) || !(fit.chi2 < WORST_CHI2)) {
            e->noise_sd_px =
                hypot(e->noise_sd_px, shapes->params.blur_px); /* the outline is all there is, and it is rough */
            e->height_sd_px = hypot(e->height_sd_px, shapes->params.blur_px);
            continue;
        }
        e->height_px = fit.height_px;
        e->noise_sd_px = fit.noise_sd_px;
        const double drift = plan->frames[view->k].drift_sd_px;
        const double left_out = EDGE_BLURS + strip.bare_frac * (BARE_EDGE_BLURS - EDGE_BLURS);
        e->height_sd_px = hypot(hypot(fit.sd_px, isfinite(drift) ? drift : 0.0),
            hypot(left_out * shapes->params.blur_px, view->particle->set.origin_sd_px));
    }
    lct_facet_corners(&view->particle->set, edges);
}
