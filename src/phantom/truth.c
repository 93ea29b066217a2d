#include <lctem/phantom.h>

#include "plan.h"
#include <lctem/file.h>
#include <lctem/json.h>
#include <lctem/table.h>
#include <math.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

// clang-format off
static const struct lct_column particle_columns[] = {
    { "frame", "", "frame, from 0" }, { "time_s", "s", "frame / fps" }, { "particle", "", "its name in the scene" },
    { "core_area_nm2", "nm2", "projected area of the core" }, { "shell_area_nm2", "nm2", "projected area of the rim, gaps taken off" },
    { "total_area_nm2", "nm2", "core + shell" }, { "cx_px", "px", "centroid of the core in the frame as recorded, right" },
    { "cy_px", "px", "the same, down" }, { "present", "", "1: it is there, 0: not yet, or gone" },
    { "role", "", "particle, or distractor (in the scene to be ignored)" }, { "parent", "", "what it came from by a split or merger" },
};
// clang-format on
// clang-format off
static const struct lct_column facet_columns[] = {
    { "frame", "", "frame, from 0" }, { "time_s", "s", "frame / fps" }, { "particle", "", "its name in the scene" },
    { "facet", "", "index in the scene, from 0" }, { "facet_angle_deg", "deg", "outward normal, counter-clockwise on the screen" },
    { "height_nm", "nm", "from the core's centroid in the particle's first frame to the facet" },
    { "dheight_nm", "nm", "height less that of the first frame" }, { "edge_nm", "nm", "length of the core's edge; 0: not on the outline" },
    { "shell_nm", "nm", "thickness of the shell on this facet" },
    { "height_centroid_nm", "nm", "height above the core's centroid in this frame" },
};
// clang-format on
// clang-format off
static const struct lct_column crack_columns[] = {
    { "frame", "", "frame, from 0" }, { "time_s", "s", "frame / fps" }, { "particle", "", "its name in the scene" },
    { "facet", "", "index in the scene, from 0" }, { "facet_angle_deg", "deg", "outward normal, counter-clockwise on the screen" },
    { "pos_nm", "nm", "from the middle of the core's edge, clockwise as seen on the screen" },
    { "x_px", "px", "middle of the gap, half way through the rim, in the frame as recorded" }, { "y_px", "px", "the same, down" },
    { "width_nm", "nm", "along the facet" },
};
// clang-format on
// clang-format off
static const struct lct_column frame_columns[] = {
    { "frame", "", "frame, from 0" }, { "time_s", "s", "frame / fps" }, { "stage", "", "the scene's stage" },
    { "drift_x_px", "px", "displacement of the scene from frame 0, right" }, { "drift_y_px", "px", "the same, down" },
    { "n_cracks", "", "open cracks" }, { "moire_nm", "nm", "1/|g1 - g2| of the {11-20} pair" },
    { "dose_e_px", "e/px", "electrons on a pixel in this frame" },
};
// clang-format on
static const struct lct_table_spec specs[] = {
    { "truth_particles", "Exact areas and places of every particle", 1, particle_columns, COUNT(particle_columns) },
    { "truth_facets", "Exact heights of the facets", 1, facet_columns, COUNT(facet_columns) },
    { "truth_cracks", "Gaps in the rims", 1, crack_columns, COUNT(crack_columns) },
    { "truth_frames", "What is true of whole frames", 1, frame_columns, COUNT(frame_columns) },
};
enum { PARTICLES, FACETS, CRACKS, FRAMES, N_TABLES };

struct truth {
    const struct lct_phantom *phantom;
    struct lct_table *tables[N_TABLES];
    struct layout layout;
    struct region *first;  /* of each particle's core, in its first frame; area 0: not there yet */
    double **first_height; /* of its facets, then */
    long frame;
    double time_s, dx_px, dy_px;
};

static enum lct_status write_particle(struct truth *t, size_t i, const struct region *core, struct lct_err *err)
{
    const struct particle *p = &t->phantom->scene.particles[i];
    const struct region shell = layout_shell(&t->layout, i);
    const struct region *middle = core->area_nm2 > 0 ? core : &shell;
    const double px = t->phantom->scene.nm_per_px;
    const struct lct_cell cells[COUNT(particle_columns)] = { lct_int(t->frame), lct_num(t->time_s), lct_text(p->name),
        lct_num(core->area_nm2), lct_num(shell.area_nm2), lct_num(core->area_nm2 + shell.area_nm2),
        lct_num(middle->x_nm / px + t->dx_px), lct_num(middle->y_nm / px + t->dy_px), lct_int(middle->area_nm2 > 0),
        lct_text(p->role), lct_text(p->parent[0] ? p->parent : NULL) };
    return lct_table_row(t->tables[PARTICLES], cells, err);
}

static double height_above(const struct edge *e, const struct body *b, double own_height, double x_nm, double y_nm)
{
    return own_height + e->nx * (b->x_nm - x_nm) + e->ny * (b->y_nm - y_nm);
}

static enum lct_status write_facets(struct truth *t, size_t i, const struct region *core, struct lct_err *err)
{
    const struct particle *p = &t->phantom->scene.particles[i];
    const struct body *b = &t->layout.bodies[i];
    const bool starts = t->first[i].area_nm2 <= 0;
    enum lct_status s = LCT_OK;
    if (core->area_nm2 <= 0)
        return LCT_OK;
    if (starts)
        t->first[i] = *core;
    for (size_t k = 0; s == LCT_OK && k < p->n_facets; k++) {
        const struct edge e = body_edge(b, p, k, t->time_s);
        const double own = facet_height(p, k, t->time_s);
        const double height = height_above(&e, b, own, t->first[i].x_nm, t->first[i].y_nm);
        if (starts)
            t->first_height[i][k] = height;
        const double degrees = p->facets[k].angle_rad * 180 / M_PI;
        const struct lct_cell cells[COUNT(facet_columns)] = { lct_int(t->frame), lct_num(t->time_s), lct_text(p->name),
            lct_int((long)k), lct_num(degrees - 360 * floor(degrees / 360)), lct_num(height),
            lct_num(height - t->first_height[i][k]), lct_num(e.length_nm), lct_num(facet_shell(p, k, t->time_s)),
            lct_num(height_above(&e, b, own, core->x_nm, core->y_nm)) };
        s = lct_table_row(t->tables[FACETS], cells, err);
    }
    return s;
}

static enum lct_status write_cracks(struct truth *t, size_t i, struct lct_err *err)
{
    const struct particle *p = &t->phantom->scene.particles[i];
    const struct body *b = &t->layout.bodies[i];
    const double px = t->phantom->scene.nm_per_px;
    enum lct_status s = LCT_OK;
    for (size_t k = 0; s == LCT_OK && k < b->n_gaps; k++) {
        const struct crack *c = b->open[k];
        const size_t facet = (size_t)c->facet;
        const struct edge e = body_edge(b, p, facet, t->time_s);
        const double position = track_at(&c->position_nm, t->time_s), out = facet_shell(p, facet, t->time_s) / 2;
        const double degrees = p->facets[facet].angle_rad * 180 / M_PI;
        const struct lct_cell cells[COUNT(crack_columns)] = { lct_int(t->frame), lct_num(t->time_s), lct_text(p->name),
            lct_int((long)facet), lct_num(degrees - 360 * floor(degrees / 360)), lct_num(position),
            lct_num((e.x_nm + e.tx * position + e.nx * out) / px + t->dx_px),
            lct_num((e.y_nm + e.ty * position + e.ny * out) / px + t->dy_px),
            lct_num(track_at(&c->width_nm, t->time_s)) };
        s = lct_table_row(t->tables[CRACKS], cells, err);
    }
    return s;
}

static enum lct_status write_frame(struct truth *t, long frame, struct lct_err *err)
{
    const struct scene *scene = &t->phantom->scene;
    const struct lct_phantom_info info = lct_phantom_info(t->phantom);
    t->frame = frame;
    t->time_s = phantom_time_s(t->phantom, frame);
    lct_phantom_drift(t->phantom, frame, &t->dx_px, &t->dy_px);
    layout_set(&t->layout, scene, t->time_s);
    enum lct_status s = LCT_OK;
    long cracks = 0;
    for (size_t i = 0; s == LCT_OK && i < scene->n_particles; i++) {
        const struct region core = layout_core(&t->layout, i);
        s = write_particle(t, i, &core, err);
        if (s == LCT_OK)
            s = write_facets(t, i, &core, err);
        if (s == LCT_OK)
            s = write_cracks(t, i, err);
        cracks += (long)t->layout.bodies[i].n_gaps;
    }
    /* stages change at once: the last that has begun */
    long stage = 1;
    for (size_t i = 0; i < scene->stage.n; i++)
        if (scene->stage.time_s[i] <= t->time_s)
            stage = lround(scene->stage.value[i]);
    const struct lct_cell cells[COUNT(frame_columns)] = { lct_int(frame), lct_num(t->time_s), lct_int(stage),
        lct_num(t->dx_px), lct_num(t->dy_px), lct_int(cracks), lct_num(info.moire_nm), lct_num(info.dose_e_per_px) };
    return s == LCT_OK ? lct_table_row(t->tables[FRAMES], cells, err) : s;
}

static void write_settings(struct lct_json *j, const struct scene *s)
{
    // clang-format off
    const struct { const char *name; double value; } settings[] = {
        { "dose_e_per_nm2_s", s->imaging.dose_e_per_nm2_s }, { "dqe", s->imaging.dqe },
        { "mass_thickness", s->imaging.mass_thickness }, { "mtf_nyquist", s->imaging.mtf_nyquist },
        { "spread_nyquist", s->imaging.spread_nyquist }, { "edge_soft_nm", s->imaging.edge_soft_nm },
        { "fresnel", s->imaging.fresnel }, { "defocus_nm", s->imaging.defocus_nm }, { "gain", s->imaging.gain },
        { "read", s->imaging.read }, { "hot", s->imaging.hot }, { "flicker", s->imaging.flicker }, { "level", s->imaging.level },
        { "bits", s->imaging.bits }, { "crf", s->imaging.crf }, { "film", s->background.film }, { "liquid", s->background.liquid },
        { "slow", s->background.slow }, { "gradient", s->background.gradient }, { "wander_px", s->drift.wander_px },
        { "jitter_px", s->drift.jitter_px }, { "core_10", s->lattice.core_10 }, { "core_11", s->lattice.core_11 },
        { "shell_11", s->lattice.shell_11 }, { "rim_03", s->lattice.rim_03 }, { "d_core_11_nm", s->lattice.d_core_11_nm },
        { "d_shell_11_nm", s->lattice.d_shell_11_nm }, { "twist_deg", s->lattice.twist_deg },
        { "limit_per_nm", s->lattice.limit_per_nm }, { "disorder", s->lattice.disorder },
    };
    // clang-format on
    lct_json_open_object(j, "params");
    lct_json_text(j, "mode", s->imaging.mode);
    for (size_t i = 0; i < COUNT(settings); i++)
        lct_json_number(j, settings[i].name, settings[i].value);
    lct_json_close(j);
}

static enum lct_status write_scene(const struct lct_phantom *p, const char *dir, struct lct_err *err)
{
    struct lct_json *j = NULL;
    char *path = lct_file_join(dir, "scene.json");
    enum lct_status s = path ? lct_json_create(&j, err) : lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    if (s == LCT_OK) {
        const struct lct_phantom_info info = lct_phantom_info(p);
        lct_json_text(j, "title", info.title);
        lct_json_integer(j, "schema", 1);
        lct_json_integer(j, "seed", (long long)p->seed);
        lct_json_integer(j, "size", info.width);
        lct_json_integer(j, "height", info.height);
        lct_json_number(j, "px_nm", info.pixel_size_nm);
        lct_json_integer(j, "frames", info.frames);
        lct_json_number(j, "fps", info.fps);
        lct_json_number(j, "fov_nm", info.width * info.pixel_size_nm);
        lct_json_number(j, "moire_nm", info.moire_nm);
        lct_json_number(j, "dose_e_per_px", info.dose_e_per_px);
        write_settings(j, &p->scene);
        s = lct_json_write(j, path, err);
    }
    lct_json_destroy(&j);
    free(path);
    return s;
}

static enum lct_status truth_init(struct truth *t, const char *dir, struct lct_err *err)
{
    const struct scene *scene = &t->phantom->scene;
    enum lct_status s = layout_init(&t->layout, scene, err);
    if (s != LCT_OK)
        return s;
    t->first = calloc(scene->n_particles + 1, sizeof *t->first);
    t->first_height = calloc(scene->n_particles + 1, sizeof(double *));
    bool ok = t->first && t->first_height;
    for (size_t i = 0; ok && i < scene->n_particles; i++) {
        t->first_height[i] = calloc(scene->particles[i].n_facets, sizeof(double));
        ok = t->first_height[i] != NULL;
    }
    if (!ok)
        return lct_fail(err, LCT_E_LIMIT, "phantom: no memory");
    for (size_t i = 0; s == LCT_OK && i < N_TABLES; i++)
        s = lct_table_create(&t->tables[i], dir, &specs[i], err);
    return s;
}

static enum lct_status truth_finish(struct truth *t, enum lct_status status, struct lct_err *err)
{
    for (size_t i = 0; i < N_TABLES; i++) {
        const enum lct_status s = lct_table_close(&t->tables[i], status == LCT_OK ? err : NULL);
        status = status == LCT_OK ? s : status;
    }
    for (size_t i = 0; t->first_height && i < t->phantom->scene.n_particles; i++)
        free(t->first_height[i]);
    free(t->first_height);
    free(t->first);
    layout_finish(&t->layout);
    return status;
}

enum lct_status lct_phantom_write_truth(const struct lct_phantom *phantom, const char *dir, struct lct_err *err)
{
    struct truth t = { .phantom = phantom };
    enum lct_status s = truth_init(&t, dir, err);
    for (long f = 0; s == LCT_OK && (double)f < phantom->scene.frames; f++)
        s = write_frame(&t, f, err);
    s = truth_finish(&t, s, err);
    return s == LCT_OK ? write_scene(phantom, dir, err) : s;
}
