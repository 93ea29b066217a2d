#include "scene.h"

#include "yaml_node.h"
#include <lctem/file.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 1 << 22, MAX_PARTICLES = 200, MAX_SIDES = 64, MAX_CRACKS = 64 };

#define NUMBER(type, field, lo, hi)                                                                                    \
    {                                                                                                                  \
#field, KEY_NUMBER, offsetof(struct type, field), lo, hi, NULL                                                 \
    }
#define TRACK(type, field, lo, hi)                                                                                     \
    {                                                                                                                  \
#field, KEY_TRACK, offsetof(struct type, field), lo, hi, NULL                                                  \
    }
#define WORD(type, field, words)                                                                                       \
    {                                                                                                                  \
#field, KEY_WORD, offsetof(struct type, field), 0, 0, words                                                    \
    }
#define SKIP(name)                                                                                                     \
    {                                                                                                                  \
        name, KEY_SKIP, 0, 0, 0, NULL                                                                                  \
    }
#define END                                                                                                            \
    {                                                                                                                  \
        NULL, KEY_SKIP, 0, 0, 0, NULL                                                                                  \
    }

// clang-format off
static const struct key top_keys[] = {
    { "title", KEY_TEXT, offsetof(struct scene, title), 0, 0, NULL }, NUMBER(scene, seed, 0, 9e15), NUMBER(scene, frames, 1, 1e6), NUMBER(scene, fps, 1e-3, 1e5),
    NUMBER(scene, width_px, 16, 8192), NUMBER(scene, height_px, 16, 8192),
    { "pixel_size_nm", KEY_NUMBER, offsetof(struct scene, nm_per_px), 1e-4, 1e4, NULL }, TRACK(scene, stage, 0, 99),
    SKIP("imaging"), SKIP("background"), SKIP("drift"), SKIP("lattice"), SKIP("material"), SKIP("particles"), END,
};
// clang-format on
// clang-format off
static const struct key imaging_keys[] = {
    WORD(imaging, mode, " bright dark "), NUMBER(imaging, dose_e_per_nm2_s, 1e-3, 1e12), NUMBER(imaging, dqe, 1e-3, 1),
    NUMBER(imaging, mass_thickness, 1, 1e6), NUMBER(imaging, dark_floor, 1e-3, 10), NUMBER(imaging, mtf_nyquist, 0, 1),
    NUMBER(imaging, spread_nyquist, 0, 1), NUMBER(imaging, edge_soft_nm, 0, 10), NUMBER(imaging, fresnel, 0, 5),
    NUMBER(imaging, defocus_nm, 0, 1e4), NUMBER(imaging, gain, 0, 0.5), NUMBER(imaging, read, 0, 1),
    NUMBER(imaging, hot, 0, 0.1), NUMBER(imaging, flicker, 0, 0.5), NUMBER(imaging, level, 1, 250),
    NUMBER(imaging, bits, 8, 16), NUMBER(imaging, crf, 0, 51), END,
};
// clang-format on
// clang-format off
static const struct key background_keys[] = {
    NUMBER(background, film, 0, 0.5), NUMBER(background, film_grain_nm, 1e-3, 1e4),
    { "film_drifts", KEY_BOOL, offsetof(struct background, film_drifts), 0, 0, NULL },
    NUMBER(background, liquid, 0, 0.5), NUMBER(background, liquid_grain_nm, 1e-3, 1e4),
    NUMBER(background, liquid_time_s, 1e-6, 1e6), NUMBER(background, slow, 0, 0.5),
    NUMBER(background, slow_time_s, 1e-3, 1e6), NUMBER(background, gradient, 0, 1),
    NUMBER(background, gradient_deg, -360, 360), END,
};
// clang-format on
// clang-format off
static const struct key drift_keys[] = {
    NUMBER(motion, wander_px, 0, 1e3), NUMBER(motion, wander_time_s, 1e-3, 1e6), NUMBER(motion, jitter_px, 0, 100),
    TRACK(motion, x_px, -1e5, 1e5), TRACK(motion, y_px, -1e5, 1e5), END,
};
// clang-format on
// clang-format off
static const struct key lattice_keys[] = {
    NUMBER(lattice, core_10, 0, 0.5), NUMBER(lattice, core_11, 0, 0.5), NUMBER(lattice, shell_11, 0, 0.5),
    NUMBER(lattice, rim_03, 0, 0.5), NUMBER(lattice, d_core_10_nm, 0.01, 10), NUMBER(lattice, d_core_11_nm, 0.01, 10),
    NUMBER(lattice, d_shell_11_nm, 0.01, 10), NUMBER(lattice, d_rim_03_nm, 0.01, 10), NUMBER(lattice, twist_deg, -30, 30),
    NUMBER(lattice, limit_per_nm, 0.1, 100), NUMBER(lattice, disorder, 0, 1), END,
};
// clang-format on
// clang-format off
static const struct key material_keys[] = {
    NUMBER(material, core_g_per_cm3, 0, 30), NUMBER(material, shell_g_per_cm3, 0, 30),
    NUMBER(material, liquid_g_per_cm3, 0, 30), END,
};
// clang-format on

/* What a particle's lines say before they are spread over its facets. */
struct form {
    struct particle p;
    double sides, rotation_deg;
    struct track height_nm, shell_nm;
};
#define OF_P(field, kind, lo, hi, words)                                                                               \
    {                                                                                                                  \
#field, kind, offsetof(struct form, p.field), lo, hi, words                                                    \
    }
// clang-format off
static const struct key particle_keys[] = {
    OF_P(name, KEY_WORD, 0, 0, NULL), OF_P(parent, KEY_WORD, 0, 0, NULL), OF_P(role, KEY_WORD, 0, 0, " particle distractor "),
    OF_P(x_nm, KEY_TRACK, -1e6, 1e6, NULL), OF_P(y_nm, KEY_TRACK, -1e6, 1e6, NULL), OF_P(start_s, KEY_NUMBER, -1e9, 1e9, NULL),
    OF_P(end_s, KEY_NUMBER, -1e9, 1e9, NULL), OF_P(scale, KEY_TRACK, 0, 100, NULL), OF_P(layer_nm, KEY_NUMBER, 0, 100, NULL),
    OF_P(lattice_deg, KEY_NUMBER, -360, 360, NULL), OF_P(core_nm, KEY_NUMBER, 0, 1e4, NULL),
    OF_P(plate_nm, KEY_NUMBER, 0, 1e4, NULL), OF_P(fringes, KEY_NUMBER, 0, 10, NULL),
    NUMBER(form, sides, 3, MAX_SIDES), NUMBER(form, rotation_deg, -360, 360), TRACK(form, height_nm, -1e5, 1e5),
    TRACK(form, shell_nm, 0, 1e5), SKIP("facets"), SKIP("cracks"), END,
};
// clang-format on

struct override {
    double facet, angle_deg;
    struct track height_nm, shell_nm;
};
// clang-format off
static const struct key facet_keys[] = {
    NUMBER(override, facet, 0, MAX_SIDES - 1), NUMBER(override, angle_deg, -360, 360),
    TRACK(override, height_nm, -1e5, 1e5), TRACK(override, shell_nm, 0, 1e5), END,
};
// clang-format on
// clang-format off
static const struct key crack_keys[] = {
    NUMBER(crack, facet, 0, MAX_SIDES - 1), TRACK(crack, position_nm, -1e5, 1e5), TRACK(crack, width_nm, 0, 1e5), END,
};
// clang-format on

double track_at(const struct track *track, double time_s)
{
    if (track->n == 0)
        return NAN;
    size_t after = 0;
    while (after < track->n && track->time_s[after] <= time_s)
        after++;
    if (after == 0)
        return track->value[0];
    if (after == track->n)
        return track->value[track->n - 1];
    const double t0 = track->time_s[after - 1], t1 = track->time_s[after];
    const double v0 = track->value[after - 1], v1 = track->value[after];
    return v0 + (v1 - v0) * ((time_s - t0) / (t1 - t0));
}

static void track_finish(struct track *track)
{
    free(track->time_s);
    free(track->value);
    *track = (struct track){ 0 };
}

static bool track_copy(struct track *out, const struct track *in)
{
    struct track copy = {
        .time_s = calloc(in->n + 1, sizeof(double)), .value = calloc(in->n + 1, sizeof(double)), .n = in->n
    };
    if (!copy.time_s || !copy.value) {
        track_finish(&copy);
        return false;
    }
    for (size_t i = 0; i < in->n; i++) {
        copy.time_s[i] = in->time_s[i];
        copy.value[i] = in->value[i];
    }
    track_finish(out);
    *out = copy;
    return true;
}

static void particle_finish(struct particle *p)
{
    for (size_t i = 0; p->facets && i < p->n_facets; i++) {
        track_finish(&p->facets[i].height_nm);
        track_finish(&p->facets[i].shell_nm);
    }
    for (size_t i = 0; p->cracks && i < p->n_cracks; i++) {
        track_finish(&p->cracks[i].position_nm);
        track_finish(&p->cracks[i].width_nm);
    }
    track_finish(&p->x_nm);
    track_finish(&p->y_nm);
    track_finish(&p->scale);
    free(p->facets);
    free(p->cracks);
    *p = (struct particle){ 0 };
}

void scene_finish(struct scene *scene)
{
    for (size_t i = 0; scene->particles && i < scene->n_particles; i++)
        particle_finish(&scene->particles[i]);
    free(scene->particles);
    track_finish(&scene->stage);
    track_finish(&scene->drift.x_px);
    track_finish(&scene->drift.y_px);
    *scene = (struct scene){ 0 };
}

static enum lct_status spread_facets(const struct walk *w, struct form *form)
{
    struct particle *p = &form->p;
    p->n_facets = (size_t)form->sides;
    p->facets = calloc(p->n_facets, sizeof *p->facets);
    bool ok = p->facets != NULL;
    for (size_t i = 0; ok && i < p->n_facets; i++) {
        p->facets[i].angle_rad = (form->rotation_deg + 360.0 * (double)i / (double)p->n_facets) * M_PI / 180;
        ok = track_copy(&p->facets[i].height_nm, &form->height_nm)
            && track_copy(&p->facets[i].shell_nm, &form->shell_nm);
    }
    return ok ? LCT_OK : lct_fail(w->err, LCT_E_LIMIT, "%s: no memory", w->path);
}

static enum lct_status apply_override(const struct walk *w, const yaml_node_t *node, struct particle *p)
{
    struct override o = { .facet = NAN, .angle_deg = NAN };
    enum lct_status s = walk_record(w, node, "facet", facet_keys, &o);
    if (s == LCT_OK && !(o.facet < (double)p->n_facets && o.facet == floor(o.facet)))
        s = walk_fail(
            w, node, "facet: no such facet; give 'facet: N', N a whole number from 0 to %zu", p->n_facets - 1);
    if (s == LCT_OK) {
        struct facet *f = &p->facets[(size_t)o.facet];
        if (!isnan(o.angle_deg))
            f->angle_rad = o.angle_deg * M_PI / 180;
        if ((o.height_nm.n && !track_copy(&f->height_nm, &o.height_nm))
            || (o.shell_nm.n && !track_copy(&f->shell_nm, &o.shell_nm)))
            s = lct_fail(w->err, LCT_E_LIMIT, "%s: no memory", w->path);
    }
    track_finish(&o.height_nm);
    track_finish(&o.shell_nm);
    return s;
}

static enum lct_status read_cracks(const struct walk *w, const yaml_node_t *list, struct particle *p)
{
    const size_t n = walk_count(list);
    if (n < 1 || n > MAX_CRACKS)
        return walk_fail(w, list, "cracks: expected a list of 1 to %d", MAX_CRACKS);
    p->cracks = calloc(n, sizeof *p->cracks);
    if (!p->cracks)
        return lct_fail(w->err, LCT_E_LIMIT, "%s: no memory", w->path);
    p->n_cracks = n;
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *node = walk_element(w, list, i);
        struct crack *c = &p->cracks[i];
        c->facet = NAN;
        const enum lct_status s = walk_record(w, node, "crack", crack_keys, c);
        if (s != LCT_OK)
            return s;
        if (!(c->facet < (double)p->n_facets && c->facet == floor(c->facet)) || !c->position_nm.n || !c->width_nm.n)
            return walk_fail(w, node, "crack: needs facet (0 to %zu), position_nm and width_nm", p->n_facets - 1);
    }
    return LCT_OK;
}

static enum lct_status check_particle(const struct walk *w, const yaml_node_t *node, const struct form *form)
{
    if (!form->p.name[0] || !form->p.x_nm.n || !form->p.y_nm.n || !form->height_nm.n)
        return walk_fail(w, node, "particle: needs name, x_nm, y_nm and height_nm");
    if (form->sides != floor(form->sides))
        return walk_fail(w, node, "sides: %.9g is no whole number", form->sides);
    if (form->p.end_s <= form->p.start_s)
        return walk_fail(w, node, "particle '%s': end_s must come after start_s", form->p.name);
    if (form->p.plate_nm < form->p.core_nm)
        return walk_fail(w, node, "particle '%s': plate_nm (with the covers) is below core_nm", form->p.name);
    return LCT_OK;
}

static enum lct_status read_particle(const struct walk *w, const yaml_node_t *node, struct particle *out)
{
    struct form form = { .sides = 6,
        .p = { .role = "particle",
            .start_s = -1e9,
            .end_s = 1e9,
            .lattice_deg = NAN,
            .core_nm = 7,
            .plate_nm = 12,
            .fringes = 1 } };
    enum lct_status s = walk_record(w, node, "particle", particle_keys, &form);
    if (s == LCT_OK)
        s = check_particle(w, node, &form);
    if (s == LCT_OK)
        s = spread_facets(w, &form);
    const yaml_node_t *facets = walk_member(w, node, "facets"), *cracks = walk_member(w, node, "cracks");
    if (s == LCT_OK && facets && facets->type != YAML_SEQUENCE_NODE)
        s = walk_fail(w, facets, "facets: expected a list of {facet: N, height_nm: ..., shell_nm: ...}");
    for (size_t i = 0; s == LCT_OK && facets && i < walk_count(facets); i++)
        s = apply_override(w, walk_element(w, facets, i), &form.p);
    if (s == LCT_OK && cracks)
        s = read_cracks(w, cracks, &form.p);
    if (s == LCT_OK && isnan(form.p.lattice_deg))
        form.p.lattice_deg = form.p.facets[0].angle_rad * 180 / M_PI;
    track_finish(&form.height_nm);
    track_finish(&form.shell_nm);
    if (s != LCT_OK)
        particle_finish(&form.p);
    else
        *out = form.p;
    return s;
}

static enum lct_status read_particles(const struct walk *w, const yaml_node_t *list, struct scene *scene)
{
    const size_t n = walk_count(list);
    if (list->type != YAML_SEQUENCE_NODE || n > MAX_PARTICLES)
        return walk_fail(w, list, "particles: expected a list of at most %d", MAX_PARTICLES);
    scene->particles = calloc(n + 1, sizeof *scene->particles);
    if (!scene->particles)
        return lct_fail(w->err, LCT_E_LIMIT, "%s: no memory", w->path);
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *node = walk_element(w, list, i);
        const enum lct_status s = read_particle(w, node, &scene->particles[i]);
        if (s != LCT_OK)
            return s;
        scene->n_particles = i + 1;
        for (size_t j = 0; j < i; j++)
            if (strcmp(scene->particles[j].name, scene->particles[i].name) == 0)
                return walk_fail(w, node, "particle: the name '%s' is taken", scene->particles[i].name);
    }
    return LCT_OK;
}

static struct scene scene_defaults(void)
{
    return (struct scene){
        .seed = 1,
        .frames = NAN,
        .fps = NAN,
        .width_px = 512,
        .height_px = 512,
        .nm_per_px = NAN,
        .imaging = { .mode = "bright",
            .dose_e_per_nm2_s = 3e5,
            .dqe = 0.5,
            .mass_thickness = 220,
            .dark_floor = 0.25,
            .mtf_nyquist = 0.5,
            .spread_nyquist = 1,
            .edge_soft_nm = 0.15,
            .fresnel = 0.3,
            .defocus_nm = 25,
            .level = 160,
            .bits = 8,
            .crf = 20 },
        .background = { .film_grain_nm = 0.5, .liquid_grain_nm = 0.8, .liquid_time_s = 0.3, .slow_time_s = 10 },
        .drift = { .wander_time_s = 8 },
        .lattice = { .core_10 = 0.05,
            .core_11 = 0.12,
            .shell_11 = 0.12,
            .rim_03 = 0.1,
            .d_core_10_nm = 0.25802,
            .d_core_11_nm = 0.14885,
            .d_shell_11_nm = 0.192295,
            .d_rim_03_nm = 0.582,
            .limit_per_nm = 4.8 },
        .material = { .core_g_per_cm3 = 8.65, .shell_g_per_cm3 = 4.047, .liquid_g_per_cm3 = 1.0 },
    };
}

struct scene scene_of_liquid(void)
{
    struct scene s = scene_defaults();
    s.frames = s.fps = 1;
    s.width_px = s.height_px = 256;
    s.nm_per_px = 0.05;
    s.background.film = 0.015;
    s.background.liquid = 0.01;
    return s;
}

enum lct_status scene_take_lattice(struct scene *scene, struct lct_err *err)
{
    struct particle *one = calloc(2, sizeof *one);
    if (!one)
        return lct_fail(err, LCT_E_LIMIT, "phantom: no memory");
    for (size_t i = 0; i < scene->n_particles; i++)
        particle_finish(&scene->particles[i]);
    free(scene->particles);
    *one = (struct particle){
        .name = "P1", .role = "particle", .start_s = -1e9, .end_s = 1e9, .core_nm = 7, .plate_nm = 12, .fringes = 1
    };
    scene->particles = one;
    scene->n_particles = 1;
    return LCT_OK;
}

static enum lct_status check_scene(const struct walk *w, const yaml_node_t *root, const struct scene *s)
{
    if (isnan(s->frames) || isnan(s->fps) || isnan(s->nm_per_px))
        return walk_fail(w, root, "a scene needs frames, fps and pixel_size_nm");
    if (s->frames != floor(s->frames) || s->width_px != floor(s->width_px) || s->height_px != floor(s->height_px)
        || s->seed != floor(s->seed))
        return walk_fail(w, root, "seed, frames, width_px and height_px are whole numbers");
    if (s->imaging.bits != 8 && s->imaging.bits != 16)
        return walk_fail(w, root, "imaging: bits is 8 or 16");
    return LCT_OK;
}

static enum lct_status read_scene(const struct walk *w, const yaml_node_t *root, struct scene *scene)
{
    // clang-format off
    const struct { const char *name; const struct key *keys; void *record; } sections[] = {
        { "imaging", imaging_keys, &scene->imaging }, { "background", background_keys, &scene->background },
        { "drift", drift_keys, &scene->drift }, { "lattice", lattice_keys, &scene->lattice },
        { "material", material_keys, &scene->material },
    };
    // clang-format on
    enum lct_status s = walk_record(w, root, "the scene", top_keys, scene);
    for (size_t i = 0; s == LCT_OK && i < sizeof sections / sizeof *sections; i++) {
        const yaml_node_t *node = walk_member(w, root, sections[i].name);
        if (node)
            s = walk_record(w, node, sections[i].name, sections[i].keys, sections[i].record);
    }
    const yaml_node_t *particles = walk_member(w, root, "particles");
    if (s == LCT_OK && particles)
        s = read_particles(w, particles, scene);
    return s == LCT_OK ? check_scene(w, root, scene) : s;
}

enum lct_status scene_read(struct scene *out, const char *path, struct lct_err *err)
{
    char *text = NULL;
    size_t n = 0;
    enum lct_status s = lct_file_read(&text, &n, path, MAX_BYTES, err);
    if (s != LCT_OK)
        return s;
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        free(text);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
    yaml_document_t document;
    struct scene scene = scene_defaults();
    if (!yaml_parser_load(&parser, &document)) {
        s = lct_fail(err, LCT_E_ARG, "%s:%zu: %s; not YAML", path, parser.problem_mark.line + 1,
            parser.problem ? parser.problem : "cannot be parsed");
    } else {
        const struct walk w = { &document, path, err };
        const yaml_node_t *root = yaml_document_get_root_node(&document);
        s = root ? read_scene(&w, root, &scene)
                 : lct_fail(err, LCT_E_ARG,
                     "%s:1: the scene is empty; data/scenes has examples, docs/scene.md explains them", path);
        yaml_document_delete(&document);
    }
    yaml_parser_delete(&parser);
    free(text);
    if (s == LCT_OK)
        *out = scene;
    else
        scene_finish(&scene);
    return s;
}
