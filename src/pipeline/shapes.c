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
    levels.noise_sd = hypot(levels.noise_sd, p->frame_noise_sd / sqrt(shapes_frames_in_mean(p, k)));
    const struct lct_edge_error e = lct_edge_error_of(&levels, phase);
    const double px = p->bin;
    return (struct lct_edge_error){ e.noise_px * px, e.noise_length_px * px, e.film_px * px, e.film_length_px * px,
        e.common_px * px, e.light_px * px };
}

static struct shapes_particle *particle_of(struct shapes *s, int id)
{
    if (id > s->n_particles) {
        struct shapes_particle **more = realloc(s->particles, (size_t)id * sizeof *more);
        if (!more)
            return NULL;
        for (int i = s->n_particles; i < id; i++)
            more[i] = NULL;
        s->particles = more;
        s->n_particles = id;
    }
    struct shapes_particle **p = &s->particles[id - 1];
    if (!*p) {
        *p = calloc(1, sizeof **p);
        for (int i = 0; *p && i < LCT_FACET_MAX; i++)
            (*p)->first_height_px[i] = (*p)->spacing_nm[i] = (double)NAN;
        if (*p)
            (*p)->set.particle = id;
    }
    return *p;
}

static void to_sample(const struct shapes *s, long k, struct lct_outline *o)
{
    const struct plan_frame *f = &s->plan->frames[k];
    for (size_t r = 0; r < o->n_rings; r++)
        for (size_t i = 0; i < o->rings[r].n; i++) {
            o->rings[r].x_px[i] += s->movie->roi.x_px - f->dx_px;
            o->rings[r].y_px[i] = (o->rings[r].y_px[i] + s->movie->roi.y_px - f->dy_px) * s->aspect;
        }
}

static enum lct_status visit_frame(struct shapes *s, long k, const struct shapes_walk *walk, struct lct_err *err)
{
    struct sketch_shapes frame;
    enum lct_status status = sketch_unpack(&frame, &s->sketch, walk->with_bands, movie_frame(s->movie, k), err);
    if (status != LCT_OK)
        return status;
    for (size_t i = 0; status == LCT_OK && i < frame.n; i++) {
        struct shapes_view view = { .k = k,
            .core = &frame.outlines[2 * i],
            .whole = &frame.outlines[2 * i + 1],
            .band = &frame.bands[i],
            .flags = frame.flags[i] };
        to_sample(s, k, &frame.outlines[2 * i]);
        to_sample(s, k, &frame.outlines[2 * i + 1]);
        view.particle = particle_of(s, frame.labels[i].particle);
        status = view.particle ? walk->visit(s, walk->context, &view, err) : lct_fail(err, LCT_E_LIMIT, "no memory for the facets");
    }
    sketch_shapes_finish(&frame);
    return status;
}

enum lct_status shapes_each(struct shapes *shapes, const struct shapes_walk *walk, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    spool_rewind(shapes->spool);
    for (long k = 0; status == LCT_OK && k < shapes->plan->n; k++) {
        status = spool_next(shapes->spool, &shapes->sketch, err);
        if (status == LCT_OK && (!walk->wants || walk->wants(shapes, k)))
            status = visit_frame(shapes, k, walk, err);
        if (status == LCT_OK && k % 64 == 63)
            status = lct_progress_step(shapes->progress, "facets", k + 1, shapes->plan->n, err);
    }
    return status;
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

/* How the edges lie against the directions of the census; long edges know best. */
static enum lct_status take_tilts(struct shapes *s, void *context, const struct shapes_view *view, struct lct_err *err)
{
    (void)context;
    (void)err;
    struct shapes_particle *p = view->particle;
    struct lct_facet_edge edges[LCT_FACET_MAX];
    const struct lct_edge_error error = { 0 };
    lct_facet_measure(&p->set, view->core, &s->params, &error, edges);
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

enum lct_status shapes_begin(struct shapes *out, const struct movie *movie, const struct plan *plan,
    struct spool *spool, const char *dir, const struct lct_progress *progress, struct lct_err *err)
{
    struct shapes s = { .movie = movie, .plan = plan, .spool = spool, .progress = progress, .dir = dir, .aspect = 1.0 };
    if (isfinite(movie->scale.nm_per_px) && isfinite(movie->scale.nm_per_px_y))
        s.aspect = movie->scale.nm_per_px_y / movie->scale.nm_per_px;
    s.params = lct_facet_defaults(plan->levels.blur_px * plan->bin);
    static const struct shapes_walk census = { .visit = take_census },
                                    tilts = { .visit = take_tilts, .wants = wants_tilts };
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
    sketch_finish(&shapes->sketch);
    *shapes = (struct shapes){ 0 };
}
