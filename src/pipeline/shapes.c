#include "shapes.h"

#include "shape_tables.h"

#include <lctem/area.h>
#include <lctem/outline.h>

#include <math.h>
#include <stdlib.h>

enum { ROUNDS = 2 };
static const long frames_looked_at[ROUNDS] = { 30, 120 }; /* for the edges' tilts: a first approach needs few */
static const double MAX_TILT_DEG = 6.0;      /* a direction that is farther off is another facet's business */
static const double MIN_FRAMES_SHARE = 0.05; /* of a particle's life in which a facet must be there */

struct lct_edge_error shapes_edge_error(const struct shapes *shapes, long k, enum lct_phase phase)
{
    const struct plan *p = shapes->plan;
    struct lct_levels levels = p->levels;
    levels.noise_sd = hypot(levels.noise_sd, p->frame_noise_sd / sqrt(plan_frames_in_mean(p, k)));
    const struct lct_edge_error e = lct_edge_error_of(&levels, phase);
    const double px = p->bin;
    return (struct lct_edge_error){ e.noise_px * px, e.noise_length_px * px, e.film_px * px, e.film_length_px * px,
        e.common_px * px, e.light_px * px };
}

/* Noise along the outline moves its centroid by (1/A) times the integral of x times the edge's error. */
static double origin_sd(const struct lct_enclosed *core, const struct lct_edge_error *e)
{
    const double radius2 = core->area_px2 / M_PI;
    return sqrt(0.5 * radius2 * core->perimeter_px)
        * hypot(e->noise_px * sqrt(e->noise_length_px), e->film_px * sqrt(e->film_length_px)) / core->area_px2;
}

static enum lct_status take_census(struct shapes *s, void *context, const struct shapes_view *view, struct lct_err *err)
{
    (void)context;
    (void)err;
    struct shapes_particle *p = view->particle;
    const struct lct_enclosed core = lct_outline_enclosed(view->core);
    if (!(core.area_px2 > 0.0))
        return LCT_OK;
    p->last = view->k;
    if (p->frames++ == 0) {
        const struct lct_edge_error e = shapes_edge_error(s, view->k, LCT_CORE);
        p->first = view->k;
        p->set.x_px = core.x_px;
        p->set.y_px = core.y_px;
        p->set.origin_sd_px = origin_sd(&core, &e);
    }
    if (!(view->flags & SKETCH_BORDER)) /* the image's border is straight, too */
        lct_facet_census_add(&p->census, view->core, &s->params);
    return LCT_OK;
}

static bool wants_tilts(const struct shapes *s, long k)
{
    return k % s->tilt_stride == 0;
}

static enum lct_status find_edges(const struct shapes *s, const struct shapes_view *view, struct lct_err *err)
{
    (void)err;
    const struct lct_edge_error error = { 0 };
    lct_facet_measure(&view->particle->set, view->core, &s->params, &error, view->product);
    return LCT_OK;
}

/* How the edges lie against the directions of the census; long edges know best. */
static enum lct_status take_tilts(struct shapes *s, void *context, const struct shapes_view *view, struct lct_err *err)
{
    (void)s;
    (void)context;
    (void)err;
    struct shapes_particle *p = view->particle;
    const struct lct_facet_edge *edges = view->product;
    for (int i = 0; i < p->set.n; i++)
        if (edges[i].present && fabs(edges[i].tilt_rad) < MAX_TILT_DEG * M_PI / 180.0) {
            const double weight = pow(edges[i].end_px - edges[i].start_px, 3.0);
            p->tilt[i] += weight * edges[i].tilt_rad;
            p->tilt_weight[i] += weight;
            p->set.facet[i].angle_sd_deg += 1.0; /* frames, until settle_directions */
        }
    return LCT_OK;
}

/* Turn the facets by their mean tilt, and drop those that are hardly ever there. A tilt is towards rising positions,
 * which run clockwise: the normal turns the other way. */
static void settle_directions(struct shapes_particle *p, long stride, bool last)
{
    int kept = 0;
    for (int i = 0; i < p->set.n; i++) {
        struct lct_facet f = p->set.facet[i];
        const double frames = f.angle_sd_deg;
        if (last && frames * (double)stride < MIN_FRAMES_SHARE * (double)p->frames)
            continue;
        if (p->tilt_weight[i] > 0.0)
            lct_facet_turn_to(&f, f.angle_deg + p->tilt[i] / p->tilt_weight[i] * 180.0 / M_PI);
        f.angle_sd_deg = 0.0;
        p->set.facet[kept++] = f;
    }
    p->set.n = kept;
    for (int i = 0; i < LCT_FACET_MAX; i++)
        p->tilt[i] = p->tilt_weight[i] = 0.0;
}

enum lct_status shapes_begin(struct shapes *out, const struct shapes_job *job, struct lct_err *err)
{
    const struct plan *plan = job->plan;
    const struct lct_scale *scale = &job->movie->scale;
    struct shapes s = { .movie = job->movie,
        .plan = plan,
        .spool = job->spool,
        .progress = job->progress,
        .dir = job->dir,
        .threads = job->threads,
        .aspect = 1.0 };
    if (isfinite(scale->nm_per_px) && isfinite(scale->nm_per_px_y))
        s.aspect = scale->nm_per_px_y / scale->nm_per_px;
    s.params = lct_facet_defaults(plan->levels.blur_px * plan->bin);
    static const struct shapes_walk census = { .visit = take_census },
                                    tilts = { .visit = take_tilts,
                                        .wants = wants_tilts,
                                        .work = find_edges,
                                        .product_size = LCT_FACET_MAX * sizeof(struct lct_facet_edge) };
    enum lct_status status = shapes_each(&s, &census, err);
    for (int i = 0; i < s.n_particles; i++)
        if (s.particles[i])
            lct_facet_find(&s.particles[i]->set, &s.particles[i]->census, &s.params);
    for (int round = 0; status == LCT_OK && round < ROUNDS; round++) {
        for (int i = 0; i < s.n_particles; i++)
            for (int k = 0; s.particles[i] && k < s.particles[i]->set.n; k++)
                s.particles[i]->set.facet[k].angle_sd_deg = 0.0;
        s.tilt_stride = 1 + plan->n / (frames_looked_at[round] + 1);
        status = shapes_each(&s, &tilts, err);
        for (int i = 0; i < s.n_particles; i++)
            if (s.particles[i])
                settle_directions(s.particles[i], s.tilt_stride, round == ROUNDS - 1);
    }
    if (status != LCT_OK) {
        shapes_finish(&s);
        return status;
    }
    *out = s;
    return LCT_OK;
}

void shapes_finish(struct shapes *shapes)
{
    for (int i = 0; i < shapes->n_particles; i++)
        free(shapes->particles[i]);
    free(shapes->particles);
    cracks_destroy(&shapes->cracks);
    *shapes = (struct shapes){ 0 };
}
