#include "geometry.h"

#include "cells.h"

#include <math.h>
#include <stdlib.h>

static const double FAR_NM = 1e5;      /* larger than any particle */
static const double ON_EDGE_NM = 1e-7; /* vertices made by clipping lie on their line to rounding */
static const double NOTHING_NM2 = 1e-9;

enum lct_status layout_init(struct layout *out, const struct scene *scene, struct lct_err *err)
{
    struct layout layout = { .n = scene->n_particles };
    size_t most_gaps = 0;
    layout.bodies = calloc(layout.n + 1, sizeof *layout.bodies);
    bool ok = layout.bodies != NULL;
    for (size_t i = 0; ok && i < layout.n; i++) {
        const size_t n = scene->particles[i].n_cracks;
        layout.bodies[i].gaps = calloc(n + 1, sizeof *layout.bodies[i].gaps);
        layout.bodies[i].open = calloc(n + 1, sizeof *layout.bodies[i].open);
        ok = layout.bodies[i].gaps && layout.bodies[i].open;
        most_gaps = n > most_gaps ? n : most_gaps;
    }
    layout.holes = calloc(layout.n + most_gaps + 1, sizeof *layout.holes);
    if (!ok || !layout.holes) {
        layout_finish(&layout);
        return lct_fail(err, LCT_E_LIMIT, "phantom: no memory for %zu particles", scene->n_particles);
    }
    *out = layout;
    return LCT_OK;
}

void layout_finish(struct layout *layout)
{
    for (size_t i = 0; layout->bodies && i < layout->n; i++) {
        free(layout->bodies[i].gaps);
        free(layout->bodies[i].open);
    }
    free(layout->bodies);
    free(layout->holes);
    *layout = (struct layout){ 0 };
}

static double scale_at(const struct particle *p, double time_s)
{
    return p->scale.n ? track_at(&p->scale, time_s) : 1;
}

double facet_height(const struct particle *p, size_t facet, double time_s)
{
    const struct track *track = &p->facets[facet].height_nm;
    double h = track_at(track, time_s);
    if (p->layer_nm > 0) {
        const double first = track->value[0];
        h = first + p->layer_nm * round((h - first) / p->layer_nm);
    }
    return h * scale_at(p, time_s);
}

double facet_shell(const struct particle *p, size_t facet, double time_s)
{
    const double s = track_at(&p->facets[facet].shell_nm, time_s);
    return isnan(s) ? 0 : s * scale_at(p, time_s);
}

static struct half_plane beyond(const struct body *b, const struct particle *p, size_t facet, double height)
{
    const double nx = cos(p->facets[facet].angle_rad), ny = -sin(p->facets[facet].angle_rad);
    return (struct half_plane){ nx, ny, nx * b->x_nm + ny * b->y_nm + height };
}

static struct half_plane opposite(struct half_plane h)
{
    return (struct half_plane){ -h.nx, -h.ny, -h.d };
}

struct edge body_edge(const struct body *body, const struct particle *p, size_t facet, double time_s)
{
    const struct half_plane line = beyond(body, p, facet, facet_height(p, facet, time_s));
    struct edge e = { .nx = line.nx, .ny = line.ny, .tx = -line.ny, .ty = line.nx };
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < body->core.n; i++) {
        const double x = body->core.x[i], y = body->core.y[i], along = e.tx * x + e.ty * y;
        if (fabs(line.nx * x + line.ny * y - line.d) < ON_EDGE_NM) {
            low = fmin(low, along);
            high = fmax(high, along);
        }
    }
    if (high > low) {
        e.length_nm = high - low;
        e.x_nm = line.nx * line.d + e.tx * (low + high) / 2;
        e.y_nm = line.ny * line.d + e.ty * (low + high) / 2;
    }
    return e;
}

static void set_gaps(struct body *b, const struct particle *p, double time_s)
{
    b->n_gaps = 0;
    for (size_t i = 0; i < p->n_cracks; i++) {
        const struct crack *c = &p->cracks[i];
        const size_t facet = (size_t)c->facet;
        const struct edge e = body_edge(b, p, facet, time_s);
        const double width = track_at(&c->width_nm, time_s), position = track_at(&c->position_nm, time_s);
        if (!(width > 0) || e.length_nm <= 0)
            continue;
        const double along = e.tx * e.x_nm + e.ty * e.y_nm + position;
        struct polygon gap = b->whole;
        polygon_clip(&gap, opposite(beyond(b, p, facet, facet_height(p, facet, time_s))));
        polygon_clip(&gap, (struct half_plane){ e.tx, e.ty, along + width / 2 });
        polygon_clip(&gap, (struct half_plane){ -e.tx, -e.ty, -(along - width / 2) });
        if (gap.n >= 3) {
            b->open[b->n_gaps] = c;
            b->gaps[b->n_gaps++] = gap;
        }
    }
}

static void set_body(struct body *b, const struct particle *p, double time_s)
{
    b->core.n = b->whole.n = 0;
    b->n_gaps = 0;
    b->x_nm = track_at(&p->x_nm, time_s);
    b->y_nm = track_at(&p->y_nm, time_s);
    b->present = time_s >= p->start_s && time_s < p->end_s && scale_at(p, time_s) > 0;
    if (!b->present)
        return;
    polygon_square(&b->core, b->x_nm, b->y_nm, FAR_NM);
    polygon_square(&b->whole, b->x_nm, b->y_nm, FAR_NM);
    for (size_t i = 0; i < p->n_facets; i++) {
        const double h = facet_height(p, i, time_s);
        polygon_clip(&b->core, beyond(b, p, i, h));
        polygon_clip(&b->whole, beyond(b, p, i, h + facet_shell(p, i, time_s)));
    }
    /* a shell without its core keeps its outline; a speck that only rounding left is gone */
    if (polygon_area(&b->core, NULL, NULL) < NOTHING_NM2)
        b->core.n = 0;
    b->present = polygon_area(&b->whole, NULL, NULL) >= NOTHING_NM2;
    if (!b->present)
        b->whole.n = 0;
    set_gaps(b, p, time_s);
}

/* One body: its outline is all there is room for, since the cells themselves say where it is. */
static void set_cells(struct layout *layout, const struct scene *scene, double time_s)
{
    struct body *b = &layout->bodies[0];
    const long last = (long)scene->frames - 1, frame = lround(time_s * scene->fps);
    layout->cells = scene->cells;
    layout->state = scene->cells->given.shown[frame < 0 ? 0 : frame > last ? last : frame];
    b->x_nm = scene->width_px * scene->nm_per_px / 2;
    b->y_nm = scene->height_px * scene->nm_per_px / 2;
    b->present = true;
    polygon_square(&b->whole, b->x_nm, b->y_nm, FAR_NM);
}

void layout_set(struct layout *layout, const struct scene *scene, double time_s)
{
    if (scene->cells) {
        set_cells(layout, scene, time_s);
        return;
    }
    for (size_t i = 0; i < layout->n; i++)
        set_body(&layout->bodies[i], &scene->particles[i], time_s);
}

static void add_hole(struct layout *layout, size_t *n, const struct polygon *hole)
{
    if (hole->n >= 3)
        layout->holes[(*n)++] = *hole;
}

void layout_visit_core(struct layout *layout, size_t i, polygon_visit_fn *visit, void *context)
{
    if (layout->cells) {
        cells_visit(layout->cells, layout->state, false, visit, context);
        return;
    }
    size_t n = 0;
    for (size_t j = 0; j < i; j++)
        add_hole(layout, &n, &layout->bodies[j].core);
    polygon_visit_difference(&layout->bodies[i].core, layout->holes, n, visit, context);
}

void layout_visit_shell(struct layout *layout, size_t i, polygon_visit_fn *visit, void *context)
{
    if (layout->cells) {
        cells_visit(layout->cells, layout->state, true, visit, context);
        return;
    }
    const struct body *b = &layout->bodies[i];
    size_t n = 0;
    add_hole(layout, &n, &b->core);
    for (size_t j = 0; j < b->n_gaps; j++)
        add_hole(layout, &n, &b->gaps[j]);
    for (size_t j = 0; j < layout->n; j++)
        if (j != i)
            add_hole(layout, &n, j < i ? &layout->bodies[j].whole : &layout->bodies[j].core);
    polygon_visit_difference(&b->whole, layout->holes, n, visit, context);
}

struct sums {
    double area, mx, my;
};

static void add_moments(void *context, const struct polygon *piece, int sign)
{
    struct sums *s = context;
    double x, y;
    const double area = sign * polygon_area(piece, &x, &y);
    s->area += area;
    s->mx += area * x;
    s->my += area * y;
}

static struct region region_of(const struct sums *s)
{
    if (s->area < NOTHING_NM2)
        return (struct region){ 0, NAN, NAN };
    return (struct region){ s->area, s->mx / s->area, s->my / s->area };
}

struct region layout_core(struct layout *layout, size_t i)
{
    struct sums s = { 0 };
    layout_visit_core(layout, i, add_moments, &s);
    return region_of(&s);
}

struct region layout_shell(struct layout *layout, size_t i)
{
    struct sums s = { 0 };
    layout_visit_shell(layout, i, add_moments, &s);
    return region_of(&s);
}
