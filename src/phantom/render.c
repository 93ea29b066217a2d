#include <lctem/phantom.h>

#include "camera.h"
#include "field.h"
#include "plan.h"
#include <math.h>
#include <string.h>

/* One frame on its way. */
struct stage {
    const struct lct_phantom *phantom;
    struct lct_phantom_scratch *w;
    long index;
    double time_s, dx_px, dy_px;
    int width, height;
};

struct painter {
    float *rows;
    const struct stage *stage;
    float weight;
};

static struct polygon in_pixels(const struct polygon *nm, const struct stage *s)
{
    struct polygon px = { .n = nm->n };
    for (int i = 0; i < nm->n; i++) {
        px.x[i] = nm->x[i] / s->phantom->scene.nm_per_px + s->dx_px;
        px.y[i] = nm->y[i] / s->phantom->scene.nm_per_px + s->dy_px;
    }
    return px;
}

static void paint(void *context, const struct polygon *piece, int sign)
{
    const struct painter *painter = context;
    const struct polygon px = in_pixels(piece, painter->stage);
    polygon_coverage_add(
        &px, (float)sign * painter->weight, painter->stage->width, painter->stage->height, painter->rows);
}

typedef void visit_region_fn(struct layout *layout, size_t i, polygon_visit_fn *visit, void *context);

static void cover(const struct stage *s, visit_region_fn *visit, float *plane)
{
    struct painter painter = { s->w->rows, s, 1 };
    memset(painter.rows, 0, (size_t)(s->width + 2) * (size_t)s->height * sizeof *painter.rows);
    for (size_t i = 0; i < s->phantom->scene.n_particles; i++)
        visit(&s->w->layout, i, paint, &painter);
    polygon_coverage_sum(painter.rows, s->width, s->height, plane);
}

/* Each column by the layers that it holds. */
static void weigh_cells(const struct stage *s, struct painter *painter)
{
    const struct material *m = &s->phantom->scene.material;
    const struct particle *p = &s->phantom->scene.particles[0];
    const struct layout *l = &s->w->layout;
    const size_t n = (size_t)l->cells->given.nx * (size_t)l->cells->given.ny;
    const double rim = (m->shell_g_per_cm3 - m->liquid_g_per_cm3) * p->plate_nm / l->cells->given.nz;
    const double more = (m->core_g_per_cm3 - m->shell_g_per_cm3) * p->core_nm / l->cells->given.nz;
    struct polygon cell;
    for (size_t i = 0; i < n; i++) {
        const unsigned core = cells_core(l->cells, l->state, i), shell = cells_shell(l->cells, l->state, i);
        if (core + shell == 0)
            continue;
        cells_outline(l->cells, i, &cell);
        painter->weight = (float)(rim * (core + shell) + more * core);
        paint(painter, &cell, 1);
    }
}

/* Mass thickness beyond the liquid's, g/cm3 nm. Thickness may differ between particles. */
static void weigh(const struct stage *s, float *plane)
{
    const struct material *m = &s->phantom->scene.material;
    struct painter painter = { s->w->rows, s, 0 };
    memset(painter.rows, 0, (size_t)(s->width + 2) * (size_t)s->height * sizeof *painter.rows);
    if (s->w->layout.cells)
        weigh_cells(s, &painter);
    for (size_t i = 0; i < s->phantom->scene.n_particles && !s->w->layout.cells; i++) {
        const struct particle *p = &s->phantom->scene.particles[i];
        const double rim = (m->shell_g_per_cm3 - m->liquid_g_per_cm3) * p->plate_nm;
        painter.weight = (float)(rim + (m->core_g_per_cm3 - m->shell_g_per_cm3) * p->core_nm);
        layout_visit_core(&s->w->layout, i, paint, &painter);
        painter.weight = (float)rim;
        layout_visit_shell(&s->w->layout, i, paint, &painter);
    }
    polygon_coverage_sum(painter.rows, s->width, s->height, plane);
}

/* Pixels of row y whose centres lie in a convex polygon: first .. last; false: none. */
static bool row_span(const struct polygon *p, int y, int width, int *first, int *last)
{
    double low = INFINITY, high = -INFINITY;
    for (int i = 0, j = p->n - 1; i < p->n; j = i++) {
        const double a = p->y[j] - y, b = p->y[i] - y;
        if ((a <= 0 && b >= 0) || (a >= 0 && b <= 0)) {
            const double t = a == b ? 0 : a / (a - b), x = p->x[j] + t * (p->x[i] - p->x[j]);
            low = fmin(low, a == b ? fmin(p->x[i], p->x[j]) : x);
            high = fmax(high, a == b ? fmax(p->x[i], p->x[j]) : x);
        }
    }
    if (!(low <= high) || high < 0 || low > width - 1)
        return false;
    *first = (int)ceil(fmax(low, 0));
    *last = (int)floor(fmin(high, width - 1));
    return *first <= *last;
}

static void own(const struct stage *s, const struct polygon *nm, uint16_t mark)
{
    const struct polygon p = in_pixels(nm, s);
    for (int y = 0, first, last; p.n >= 3 && y < s->height; y++)
        if (row_span(&p, y, s->width, &first, &last))
            for (int x = first; x <= last; x++)
                s->w->owner[(size_t)y * (size_t)s->width + (size_t)x] = mark;
}

static void find_owners(const struct stage *s)
{
    const size_t n = s->w->layout.cells ? 0 : s->phantom->scene.n_particles;
    memset(s->w->owner, 0, (size_t)s->width * (size_t)s->height * sizeof *s->w->owner);
    for (size_t i = n; i-- > 0;)
        own(s, &s->w->layout.bodies[i].whole, (uint16_t)(i + 1));
    for (size_t i = n; i-- > 0;)
        own(s, &s->w->layout.bodies[i].core, (uint16_t)(i + 1));
    const struct layout *l = &s->w->layout;
    struct polygon cell;
    for (size_t i = 0; l->cells && i < (size_t)l->cells->given.nx * (size_t)l->cells->given.ny; i++)
        if (cells_core(l->cells, l->state, i) + cells_shell(l->cells, l->state, i)) {
            cells_outline(l->cells, i, &cell);
            own(s, &cell, 1);
        }
}

/* {0003} fringes run parallel to the facets: phase from the distance to the nearest facet's line. */
struct rim {
    double nx[64], ny[64], d_nm[64], amplitude, spacing_nm;
    size_t n;
};

static struct rim make_rim(const struct stage *s, size_t i)
{
    const struct particle *p = &s->phantom->scene.particles[i];
    const struct lattice *l = &s->phantom->scene.lattice;
    struct rim r = { .n = p->n_facets,
        .spacing_nm = l->d_rim_03_nm,
        .amplitude = lattice_rim_amplitude(l, s->phantom->scene.nm_per_px) };
    for (size_t k = 0; k < r.n; k++) {
        r.nx[k] = cos(p->facets[k].angle_rad);
        r.ny[k] = -sin(p->facets[k].angle_rad);
        r.d_nm[k] = facet_height(p, k, s->time_s);
    }
    return r;
}

static float rim_fringe(const struct rim *r, double x_nm, double y_nm)
{
    double above = -INFINITY;
    if (r->n == 0) /* no facets, no lines to count from */
        return 0;
    for (size_t k = 0; k < r->n; k++)
        above = fmax(above, r->nx[k] * x_nm + r->ny[k] * y_nm - r->d_nm[k]);
    return (float)r->amplitude * cosf((float)(2 * M_PI * above / r->spacing_nm));
}

/* Multiply one row of one particle's lattice onto `plane`; the mass plane holds the share of the contrast that is left. */
static void fringe_row(const struct stage *s, size_t i, const struct rim *rim, int y, const int span[2], float *plane)
{
    const struct body *b = &s->w->layout.bodies[i];
    const double step = s->phantom->scene.nm_per_px;
    const double x_nm = (span[0] - s->dx_px) * step - b->x_nm, y_nm = (y - s->dy_px) * step - b->y_nm;
    const size_t row = (size_t)y * (size_t)s->width;
    const int n = span[1] - span[0] + 1;
    float *core_line = s->w->line, *rim_line = s->w->line + s->width;
    memset(core_line, 0, 2 * (size_t)s->width * sizeof *core_line);
    lattice_add_row(&s->phantom->core_waves[i], x_nm, y_nm, step, n, core_line);
    lattice_add_row(&s->phantom->rim_waves[i], x_nm, y_nm, step, n, rim_line);
    const float strength = (float)s->phantom->scene.particles[i].fringes;
    for (int k = 0; k < n; k++) {
        const size_t at = row + (size_t)(span[0] + k);
        if (s->w->owner[at] != i + 1)
            continue;
        const float shell = s->w->shell[at];
        float change = s->w->core[at] * core_line[k];
        if (shell > 0)
            change += shell * (rim_line[k] + rim_fringe(rim, x_nm + k * step, y_nm));
        const float factor = 1 + strength * s->w->mass[at] * change;
        plane[at] *= factor > 0 ? factor : 0;
    }
}

/* How much of the lattice contrast is left at each place: bending and tilt make it come and go. Into `fade`. */
static void make_fade(const struct stage *s, float *fade)
{
    const struct scene *scene = &s->phantom->scene;
    const size_t n = (size_t)s->width * (size_t)s->height;
    memset(fade, 0, n * sizeof *fade);
    const struct field bending = { .seed = s->phantom->seed,
        .purpose = FOR_DISORDER,
        .pitch_px = 4 / scene->nm_per_px,
        .x_px = s->dx_px,
        .y_px = s->dy_px,
        .amplitude = 1,
        .moving = 1,
        .time_knots = s->time_s / 4 };
    if (scene->lattice.disorder > 0)
        field_add(&bending, s->width, s->height, s->w->field, fade);
    const float disorder = (float)scene->lattice.disorder;
    for (size_t i = 0; i < n; i++) {
        const float lost = 0.5F + 0.5F * fade[i];
        fade[i] = 1 - disorder * (lost < 0 ? 0 : lost > 1 ? 1 : lost);
    }
}

static void add_fringes(const struct stage *s, float *plane)
{
    make_fade(s, s->w->mass); /* the mass is in the intensity by now */
    find_owners(s);
    for (size_t i = 0; i < s->phantom->scene.n_particles; i++) {
        const struct polygon p = in_pixels(&s->w->layout.bodies[i].whole, s);
        const struct rim rim = make_rim(s, i);
        for (int y = 0, span[2]; p.n >= 3 && y < s->height; y++)
            if (row_span(&p, y, s->width, &span[0], &span[1]))
                fringe_row(s, i, &rim, y, span, plane);
    }
}

/* Transmitted (or scattered) intensity over that of the bare liquid. */
static void transmit(const struct stage *s, float *plane)
{
    const struct scene *scene = &s->phantom->scene;
    const struct imaging *im = &scene->imaging;
    const size_t n = (size_t)s->width * (size_t)s->height;
    const bool dark = strcmp(im->mode, "dark") == 0;
    const double electron_wavelength_nm = 0.00197; /* 300 kV */
    const double rim_px = sqrt(electron_wavelength_nm * im->defocus_nm) / scene->nm_per_px;
    camera_gauss(s->w->mass, plane, s->width, s->height, im->edge_soft_nm / scene->nm_per_px, s->w->tmp);
    const float fresnel = (float)(dark ? 0 : im->fresnel), back = (float)(1 / im->mass_thickness);
    if (fresnel > 0)
        camera_gauss(plane, s->w->soft, s->width, s->height, rim_px, s->w->tmp);
    const float floor_share = (float)(1 / im->dark_floor);
    for (size_t i = 0; i < n; i++) {
        const float mass = fresnel > 0 ? plane[i] + fresnel * (plane[i] - s->w->soft[i]) : plane[i];
        const float passed = expf(-mass * back);
        plane[i] = dark ? 1 + (1 - passed) * floor_share : passed;
    }
}

static void add_background(const struct stage *s, float *plane)
{
    const struct scene *scene = &s->phantom->scene;
    const struct background *b = &scene->background;
    const double px = scene->nm_per_px, film_x = b->film_drifts ? s->dx_px : 0, film_y = b->film_drifts ? s->dy_px : 0;
    const uint64_t seed = s->phantom->seed;
    const struct field fields[] = {
        { seed, FOR_FILM, b->film_grain_nm / 2 / px, film_x, film_y, 0.8 * b->film, 0, 0 },
        { seed, FOR_FILM_COARSE, b->film_grain_nm * 3 / px, film_x, film_y, 0.6 * b->film, 0, 0 },
        { seed, FOR_LIQUID, b->liquid_grain_nm / 2 / px, s->dx_px, s->dy_px, b->liquid, 1,
            s->time_s / b->liquid_time_s },
        { seed, FOR_SLOW, s->width / 3.0, 0, 0, b->slow, 1, s->time_s / b->slow_time_s },
    };
    float *sum = s->w->soft;
    memset(sum, 0, (size_t)s->width * (size_t)s->height * sizeof *sum);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].amplitude > 0)
            field_add(&fields[i], s->width, s->height, s->w->field, sum);
    const double angle = b->gradient_deg * M_PI / 180;
    const double gx = b->gradient * cos(angle) / s->width, gy = -b->gradient * sin(angle) / s->height;
    const double flicker = 1 + scene->imaging.flicker * random_normal(seed, FOR_FLICKER, (uint32_t)s->index, 0, 0);
    for (int y = 0; y < s->height; y++) {
        const float start = (float)(flicker * (1 + gy * (y - s->height / 2.0) - gx * (s->width / 2.0)));
        const float slope = (float)(flicker * gx);
        const size_t row = (size_t)y * (size_t)s->width;
        for (int x = 0; x < s->width; x++) {
            const float light = (1 + sum[row + (size_t)x]) * (start + slope * (float)x);
            plane[row + (size_t)x] *= light > 0 ? light : 0;
        }
    }
}

static struct stage set_stage(const struct lct_phantom *phantom, long index, struct lct_phantom_scratch *scratch)
{
    struct stage s = { .phantom = phantom,
        .w = scratch,
        .index = index,
        .time_s = phantom_time_s(phantom, index),
        .width = phantom->width,
        .height = phantom->height };
    lct_phantom_drift(phantom, index, &s.dx_px, &s.dy_px);
    layout_set(&scratch->layout, &phantom->scene, s.time_s);
    return s;
}

static void record(const struct stage *s, float *plane)
{
    const struct imaging *im = &s->phantom->scene.imaging;
    const struct shot shot = { s->phantom->seed, (uint32_t)s->index };
    const size_t n = (size_t)s->width * (size_t)s->height;
    camera_count(shot, plane, n, lct_phantom_info(s->phantom).counted_e_per_px);
    camera_spread(plane, s->width, s->height, im->spread_nyquist, s->w->line);
    for (size_t i = 0; i < n; i++)
        plane[i] = plane[i] * s->phantom->gain[i] + s->phantom->hot[i];
    camera_read_out(shot, plane, n, im->read);
}

enum lct_status lct_phantom_render(const struct lct_phantom *phantom, long index, bool noise,
    struct lct_phantom_scratch *scratch, struct lct_image *out, struct lct_err *err)
{
    if (index < 0 || (double)index >= phantom->scene.frames)
        return lct_fail(err, LCT_E_ARG, "phantom: no frame %ld, the scene has %.0f", index, phantom->scene.frames);
    if (out->width != phantom->width || out->height != phantom->height)
        return lct_fail(err, LCT_E_ARG, "phantom: the plane is %d x %d, the scene %d x %d", out->width, out->height,
            phantom->width, phantom->height);
    const struct stage s = set_stage(phantom, index, scratch);
    cover(&s, layout_visit_core, scratch->core);
    cover(&s, layout_visit_shell, scratch->shell);
    weigh(&s, scratch->mass);
    transmit(&s, out->px);
    add_fringes(&s, out->px);
    add_background(&s, out->px);
    camera_spread(out->px, s.width, s.height, phantom->scene.imaging.mtf_nyquist, scratch->line);
    if (noise)
        record(&s, out->px);
    const float level = (float)phantom->scene.imaging.level;
    for (size_t i = 0; i < lct_image_count(out); i++)
        out->px[i] *= level;
    return LCT_OK;
}

static uint16_t label_at(const struct layout *layout, double x_nm, double y_nm)
{
    if (layout->cells)
        return cells_label(layout->cells, layout->state, x_nm, y_nm);
    for (size_t i = 0; i < layout->n; i++)
        if (polygon_contains(&layout->bodies[i].core, x_nm, y_nm))
            return (uint16_t)(2 * i + 1);
    for (size_t i = 0; i < layout->n; i++) {
        const struct body *b = &layout->bodies[i];
        if (!polygon_contains(&b->whole, x_nm, y_nm))
            continue;
        for (size_t j = 0; j < b->n_gaps; j++)
            if (polygon_contains(&b->gaps[j], x_nm, y_nm))
                return 0;
        return (uint16_t)(2 * i + 2);
    }
    return 0;
}

enum lct_status lct_phantom_labels(const struct lct_phantom *phantom, long index, struct lct_phantom_scratch *scratch,
    uint16_t *out, struct lct_err *err)
{
    if (index < 0 || (double)index >= phantom->scene.frames)
        return lct_fail(err, LCT_E_ARG, "phantom: no frame %ld, the scene has %.0f", index, phantom->scene.frames);
    const struct stage s = set_stage(phantom, index, scratch);
    find_owners(&s);
    for (int y = 0; y < s.height; y++)
        for (int x = 0; x < s.width; x++) {
            const size_t at = (size_t)y * (size_t)s.width + (size_t)x;
            const double step = phantom->scene.nm_per_px;
            out[at] = scratch->owner[at] ? label_at(&scratch->layout, (x - s.dx_px) * step, (y - s.dy_px) * step) : 0;
        }
    return LCT_OK;
}
