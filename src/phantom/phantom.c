#include <lctem/phantom.h>

#include "field.h"
#include "plan.h"
#include "noise.h"
#include <math.h>
#include <stdlib.h>

static void make_fixed_pattern(struct lct_phantom *p)
{
    const struct imaging *im = &p->scene.imaging;
    const uint32_t n = (uint32_t)p->width * (uint32_t)p->height;
    for (uint32_t i = 0; i < n; i++) {
        const struct random4 r = random_words(p->seed, FOR_HOT, i, 0, 0);
        p->gain[i] = (float)(1 + im->gain * (im->gain > 0 ? random_normal(p->seed, FOR_GAIN, i, 0, 0) : 0));
        p->hot[i] = (double)random_uniform(r.v[0]) < im->hot ? 0.3F + 1.2F * random_uniform(r.v[1]) : 0;
    }
}

static void make_waves(struct lct_phantom *p)
{
    for (size_t i = 0; i < p->scene.n_particles; i++)
        lattice_waves(&p->scene.lattice, p->scene.particles[i].lattice_deg * M_PI / 180, p->scene.nm_per_px,
            &p->core_waves[i], &p->rim_waves[i]);
}

/* Everything that follows from the scene, anew. */
static enum lct_status prepare(struct lct_phantom *p, struct lct_err *err)
{
    p->width = (int)p->scene.width_px;
    p->height = (int)p->scene.height_px;
    free(p->gain);
    free(p->hot);
    free(p->core_waves);
    free(p->rim_waves);
    const size_t n = (size_t)p->width * (size_t)p->height, bodies = p->scene.n_particles + 1;
    p->gain = calloc(n, sizeof *p->gain);
    p->hot = calloc(n, sizeof *p->hot);
    p->core_waves = calloc(bodies, sizeof *p->core_waves);
    p->rim_waves = calloc(bodies, sizeof *p->rim_waves);
    if (!p->gain || !p->hot || !p->core_waves || !p->rim_waves)
        return lct_fail(err, LCT_E_LIMIT, "phantom: no memory for frames of %d x %d px", p->width, p->height);
    make_fixed_pattern(p);
    make_waves(p);
    return LCT_OK;
}

enum lct_status lct_phantom_create(struct lct_phantom **out, const char *path, struct lct_err *err)
{
    struct lct_phantom *p = calloc(1, sizeof *p);
    if (!p)
        return lct_fail(err, LCT_E_LIMIT, "phantom: no memory");
    enum lct_status s = LCT_OK;
    if (path)
        s = scene_read(&p->scene, path, err);
    else
        p->scene = scene_of_liquid();
    p->seed = (uint64_t)p->scene.seed;
    if (s == LCT_OK)
        s = prepare(p, err);
    if (s == LCT_OK)
        *out = p;
    else
        lct_phantom_destroy(&p);
    return s;
}

static enum lct_status check_lattice(const struct lct_phantom_lattice *l, struct lct_err *err)
{
    if (l->nx < 1 || l->ny < 1 || l->nz < 1 || l->nz > UINT8_MAX || l->frames < 1 || l->n_states < 1)
        return lct_fail(err, LCT_E_ARG, "phantom: a lattice of %d x %d x %d with %ld states in %ld frames", l->nx,
            l->ny, l->nz, l->n_states, l->frames);
    if (!(l->nm_per_site > 0 && l->nm_per_site < 1e3) || !(l->fps > 0 && l->fps < 1e9))
        return lct_fail(err, LCT_E_ARG, "phantom: %g nm per site, %g frames per second; both must be above 0",
            l->nm_per_site, l->fps);
    for (long f = 0; f < l->frames; f++)
        if (l->shown[f] < 0 || l->shown[f] >= l->n_states)
            return lct_fail(err, LCT_E_ARG, "phantom: frame %ld shows state %ld of %ld", f, l->shown[f], l->n_states);
    return LCT_OK;
}

enum lct_status lct_phantom_show_lattice(
    struct lct_phantom *p, const struct lct_phantom_lattice *lattice, struct lct_err *err)
{
    enum lct_status s = check_lattice(lattice, err);
    if (s == LCT_OK)
        s = scene_take_lattice(&p->scene, err);
    if (s != LCT_OK)
        return s;
    p->scene.frames = (double)lattice->frames;
    p->scene.fps = lattice->fps;
    const double nm = p->scene.nm_per_px / 2;
    cells_set(&p->cells, lattice, nm * (p->width - 1), nm * (p->height - 1));
    p->scene.cells = &p->cells;
    return prepare(p, err);
}

enum lct_status lct_phantom_expose(
    struct lct_phantom *p, double nm_per_px, double dose_e_per_nm2_s, int size_px, struct lct_err *err)
{
    if (nm_per_px < 0 || nm_per_px > 1e3 || dose_e_per_nm2_s < 0 || dose_e_per_nm2_s > 1e15 || size_px < 0
        || size_px > 16384)
        return lct_fail(err, LCT_E_ARG, "phantom: %g nm per px, %g electrons per nm2 and second, %d px", nm_per_px,
            dose_e_per_nm2_s, size_px);
    if (nm_per_px > 0)
        p->scene.nm_per_px = nm_per_px;
    if (dose_e_per_nm2_s > 0)
        p->scene.imaging.dose_e_per_nm2_s = dose_e_per_nm2_s;
    if (size_px > 0)
        p->scene.width_px = p->scene.height_px = size_px;
    return prepare(p, err);
}

void lct_phantom_destroy(struct lct_phantom **phantom)
{
    struct lct_phantom *p = *phantom;
    if (!p)
        return;
    scene_finish(&p->scene);
    free(p->gain);
    free(p->hot);
    free(p->core_waves);
    free(p->rim_waves);
    free(p);
    *phantom = NULL;
}

void lct_phantom_reseed(struct lct_phantom *phantom, uint64_t seed)
{
    phantom->seed = seed;
    phantom->scene.seed = (double)seed;
    make_fixed_pattern(phantom);
}

struct lct_phantom_info lct_phantom_info(const struct lct_phantom *phantom)
{
    const struct scene *s = &phantom->scene;
    const double dose = s->imaging.dose_e_per_nm2_s / s->fps * s->nm_per_px * s->nm_per_px;
    return (struct lct_phantom_info){
        .frames = (long)s->frames,
        .width = phantom->width,
        .height = phantom->height,
        .pixel_size_nm = s->nm_per_px,
        .fps = s->fps,
        .dose_e_per_px = dose,
        .counted_e_per_px = dose * s->imaging.dqe,
        .level = s->imaging.level,
        .bits = (int)s->imaging.bits,
        .crf = s->imaging.crf,
        .moire_nm = lattice_moire_nm(&s->lattice),
        .n_particles = s->n_particles,
        .title = s->title,
    };
}

enum lct_status lct_phantom_scratch_create(
    struct lct_phantom_scratch **out, const struct lct_phantom *phantom, struct lct_err *err)
{
    struct lct_phantom_scratch *w = calloc(1, sizeof *w);
    if (!w)
        return lct_fail(err, LCT_E_LIMIT, "phantom: no memory");
    const size_t width = (size_t)phantom->width, n = width * (size_t)phantom->height;
    enum lct_status s = layout_init(&w->layout, &phantom->scene, err);
    if (s == LCT_OK) {
        w->rows = calloc(n + 2 * (size_t)phantom->height, sizeof *w->rows);
        w->core = calloc(n, sizeof *w->core);
        w->shell = calloc(n, sizeof *w->shell);
        w->mass = calloc(n, sizeof *w->mass);
        w->soft = calloc(n, sizeof *w->soft);
        w->tmp = calloc(n + width + 256, sizeof *w->tmp);
        w->field = calloc(field_scratch(phantom->width, phantom->height), sizeof *w->field);
        w->line = calloc(2 * width, sizeof *w->line);
        w->owner = calloc(n, sizeof *w->owner);
        if (!w->rows || !w->core || !w->shell || !w->mass || !w->soft || !w->tmp || !w->field || !w->line || !w->owner)
            s = lct_fail(
                err, LCT_E_LIMIT, "phantom: no memory for frames of %d x %d px", phantom->width, phantom->height);
    }
    if (s != LCT_OK)
        lct_phantom_scratch_destroy(&w);
    else
        *out = w;
    return s;
}

void lct_phantom_scratch_destroy(struct lct_phantom_scratch **scratch)
{
    struct lct_phantom_scratch *w = *scratch;
    if (!w)
        return;
    layout_finish(&w->layout);
    free(w->rows);
    free(w->core);
    free(w->shell);
    free(w->mass);
    free(w->soft);
    free(w->tmp);
    free(w->field);
    free(w->line);
    free(w->owner);
    free(w);
    *scratch = NULL;
}

static double wander(const struct lct_phantom *p, long index, enum purpose axis, const struct track *given)
{
    const struct motion *d = &p->scene.drift;
    const double t = phantom_time_s(p, index);
    double x = 0;
    if (d->wander_px > 0)
        x += d->wander_px * field_curve(p->seed, axis, t / d->wander_time_s);
    if (d->jitter_px > 0)
        x += d->jitter_px * random_normal(p->seed, FOR_JITTER, (uint32_t)index, (uint32_t)axis, 0);
    return given->n ? x + track_at(given, t) : x;
}

void lct_phantom_drift(const struct lct_phantom *phantom, long index, double *dx_px, double *dy_px)
{
    const struct motion *d = &phantom->scene.drift;
    *dx_px = wander(phantom, index, FOR_DRIFT_X, &d->x_px) - wander(phantom, 0, FOR_DRIFT_X, &d->x_px);
    *dy_px = wander(phantom, index, FOR_DRIFT_Y, &d->y_px) - wander(phantom, 0, FOR_DRIFT_Y, &d->y_px);
}

enum lct_status lct_phantom_truth_at(const struct lct_phantom *phantom, long index, size_t i,
    struct lct_phantom_scratch *scratch, struct lct_phantom_truth *out, struct lct_err *err)
{
    if (index < 0 || (double)index >= phantom->scene.frames || i >= phantom->scene.n_particles)
        return lct_fail(err, LCT_E_ARG, "phantom: no particle %zu in frame %ld", i, index);
    layout_set(&scratch->layout, &phantom->scene, phantom_time_s(phantom, index));
    const struct region core = layout_core(&scratch->layout, i), shell = layout_shell(&scratch->layout, i);
    const struct region *middle = core.area_nm2 > 0 ? &core : &shell;
    double dx, dy;
    lct_phantom_drift(phantom, index, &dx, &dy);
    *out = (struct lct_phantom_truth){
        .particle = phantom->scene.particles[i].name,
        .core_area_nm2 = core.area_nm2,
        .shell_area_nm2 = shell.area_nm2,
        .x_px = middle->x_nm / phantom->scene.nm_per_px + dx,
        .y_px = middle->y_nm / phantom->scene.nm_per_px + dy,
    };
    return LCT_OK;
}
