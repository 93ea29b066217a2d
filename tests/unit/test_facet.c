/* Protects: facets found and measured on outlines whose sides are known; what turns, mirrors, shifts or scales the
 * outline does the same to them; a round outline has none, and one that has vanished is not guessed. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/facet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 720 };
static const double BLUR = 2.5;

/* A convex polygon by the distances of its sides from (cx, cy); corners cut by a little, as blur does. */
struct polygon {
    int n;
    double angle_deg[8], height[8];
    double cx, cy;
};

static const struct polygon hexagon = { 6, { 14, 74, 134, 194, 254, 314 }, { 66, 70, 64, 68, 65, 71 }, 211.3, 187.7 };

/* The outline as seen along rays from the middle: the nearest side. Counter-clockwise on the screen. */
static struct lct_outline outline_of(const struct polygon *p)
{
    struct lct_outline o = { .particle = 1, .phase = LCT_CORE, .n_rings = 1, .rings = calloc(1, sizeof *o.rings) };
    struct lct_ring *r = o.rings;
    r->n = POINTS;
    r->x_px = malloc(POINTS * sizeof *r->x_px);
    r->y_px = malloc(POINTS * sizeof *r->y_px);
    for (int i = 0; i < POINTS; i++) {
        const double a = 2.0 * M_PI * i / POINTS;
        double inverse = 0.0;
        for (int k = 0; k < p->n; k++)
            inverse = fmax(inverse, cos(a - p->angle_deg[k] * M_PI / 180.0) / p->height[k]);
        r->x_px[i] = p->cx + cos(a) / inverse;
        r->y_px[i] = p->cy - sin(a) / inverse;
    }
    return o;
}

static struct lct_facet_set find(const struct lct_outline *o, double x, double y)
{
    const struct lct_facet_params params = lct_facet_defaults(BLUR);
    struct lct_facet_census census = { .frames = 0 };
    struct lct_facet_set set = { .particle = 1, .x_px = x, .y_px = y };
    lct_facet_census_add(&census, o, &params);
    lct_facet_find(&set, &census, &params);
    return set;
}

static void measure(const struct lct_facet_set *set, const struct lct_outline *o, struct lct_facet_edge *edges)
{
    const struct lct_facet_params params = lct_facet_defaults(BLUR);
    const struct lct_edge_error error = {
        .noise_px = 0.4, .noise_length_px = 8.0, .film_px = 0.1, .film_length_px = 20.0, .common_px = 0.05
    };
    lct_facet_measure(set, o, &params, &error, edges);
}

static int facet_at(const struct lct_facet_set *set, double angle_deg)
{
    for (int i = 0; i < set->n; i++)
        if (fabs(remainder(set->facet[i].angle_deg - angle_deg, 360.0)) < 3.0)
            return i;
    return -1;
}

/* The census counts in degrees: directions to half of one. Heights then err by the offset of an edge's middle times
 * that angle. */
static void check(const struct polygon *p)
{
    struct lct_outline o = outline_of(p);
    struct lct_facet_set set = find(&o, p->cx, p->cy);
    struct lct_facet_edge edges[LCT_FACET_MAX];
    cr_assert(eq(int, set.n, p->n));
    for (int k = 0; k < p->n; k++) {
        const int i = facet_at(&set, p->angle_deg[k]);
        cr_assert(i >= 0, "no facet at %g", p->angle_deg[k]);
        cr_assert(fabs(remainder(set.facet[i].angle_deg - p->angle_deg[k], 360.0)) < 0.6, "%g for %g",
            set.facet[i].angle_deg, p->angle_deg[k]);
        lct_facet_turn_to(&set.facet[i], p->angle_deg[k]);
    }
    measure(&set, &o, edges);
    for (int k = 0; k < p->n; k++) {
        const struct lct_facet_edge *e = &edges[facet_at(&set, p->angle_deg[k])];
        cr_assert(e->present);
        cr_assert(epsilon_eq(dbl, e->height_px, p->height[k], 0.01), "%g: %g for %g", p->angle_deg[k], e->height_px,
            p->height[k]);
        cr_assert(fabs(e->tilt_rad) < 1e-3 && e->roughness_px < 0.02 && e->height_sd_px > 0.0);
    }
    double x, y;
    cr_assert(lct_facet_centroid(&set, edges, &x, &y));
    cr_assert(hypot(x - p->cx, y - p->cy) < 8.0);
    lct_outline_finish(&o);
}

Test(facet, heights_of_polygons_are_exact)
{
    static const struct polygon rows[] = {
        { 6, { 14, 74, 134, 194, 254, 314 }, { 66, 70, 64, 68, 65, 71 }, 211.3, 187.7 },
        { 4, { 30, 120, 210, 300 }, { 40, 55, 42, 50 }, 80, 90 },
        { 3, { 0, 120, 240 }, { 40, 40, 40 }, 120, 120 },
        { 8, { 5, 50, 95, 140, 185, 230, 275, 320 }, { 70, 72, 69, 71, 70, 70, 73, 69 }, 100, 100 },
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        check(&rows[k]);
}

/* A turn of 37 degrees, a mirror, a shift and a scale of the polygon are turns, mirrors, shifts and scales of what is
 * measured. */
Test(facet, follows_turns_mirrors_shifts_and_scales)
{
    struct polygon p = hexagon;
    for (int k = 0; k < p.n; k++)
        p.angle_deg[k] = fmod(p.angle_deg[k] + 37.0, 360.0);
    check(&p);
    p = hexagon;
    for (int k = 0; k < p.n; k++)
        p.angle_deg[k] = fmod(540.0 - p.angle_deg[k], 360.0);
    check(&p);
    p = hexagon;
    p.cx += 1000.5;
    p.cy -= 90.25;
    check(&p);
    p = hexagon;
    for (int k = 0; k < p.n; k++)
        p.height[k] *= 1.7;
    check(&p);
}

Test(facet, a_round_outline_has_none)
{
    struct polygon circle = { 1, { 0 }, { 1 }, 100, 100 };
    struct lct_outline o = outline_of(&circle);
    for (int i = 0; i < POINTS; i++) {
        const double a = 2.0 * M_PI * i / POINTS;
        o.rings[0].x_px[i] = 100.0 + 50.0 * cos(a);
        o.rings[0].y_px[i] = 100.0 - 60.0 * sin(a); /* an ellipse is round, too */
    }
    cr_assert(eq(int, find(&o, 100, 100).n, 0));
    lct_outline_finish(&o);
}

/* A side that its neighbours have cut off: its corner, no edge. */
Test(facet, a_vanished_facet_is_absent)
{
    struct polygon p = hexagon;
    struct lct_outline o = outline_of(&p);
    struct lct_facet_set set = find(&o, p.cx, p.cy);
    lct_outline_finish(&o);
    p.height[1] = 200.0;
    o = outline_of(&p);
    struct lct_facet_edge edges[LCT_FACET_MAX];
    measure(&set, &o, edges);
    for (int i = 0; i < set.n; i++)
        cr_assert(edges[i].present == (i != facet_at(&set, p.angle_deg[1])));
    cr_assert(isnan(edges[facet_at(&set, p.angle_deg[1])].height_sd_px));
    lct_outline_finish(&o);
    o = (struct lct_outline){ 0 }; /* a core that is gone */
    measure(&set, &o, edges);
    for (int i = 0; i < set.n; i++)
        cr_assert(not(edges[i].present));
}

/* Half of an edge one layer lower: the profile shows both levels, the height is their mean. */
Test(facet, a_profile_shows_a_step)
{
    const double top = 50.0, layer = 2.6;
    struct lct_outline o = { .n_rings = 1, .rings = calloc(1, sizeof *o.rings) };
    struct lct_ring *r = o.rings;
    double x[] = { 40, 0.01, -0.01, -40, -40, 40 },
           y[] = { -top, -top, -top + layer, -top + layer, 50, 50 }; /* y down */
    r->n = 6;
    r->x_px = malloc(sizeof x);
    r->y_px = malloc(sizeof y);
    memcpy(r->x_px, x, sizeof x);
    memcpy(r->y_px, y, sizeof y);
    struct lct_facet_set set = { .n = 4 };
    for (int i = 0; i < 4; i++)
        lct_facet_turn_to(&set.facet[i], 90.0 * i);
    double width[16], height[16];
    const struct lct_facet_columns columns = {
        .from_px = -40.0, .step_px = 5.0, .n = 16, .floor_px = lct_facet_floor(&set, 1, &o)
    };
    lct_facet_profile(&set, 1, &o, &columns, width, height);
    for (int k = 0; k < 16; k++) /* positions run clockwise: on the top side to the right */
        cr_assert(epsilon_eq(dbl, height[k], k < 8 ? top - layer : top, 0.01), "column %d: %g", k, height[k]);
    struct lct_facet_edge edges[LCT_FACET_MAX];
    measure(&set, &o, edges);
    cr_assert(epsilon_eq(dbl, edges[1].height_px, top - 0.5 * layer, 0.15), "%g", edges[1].height_px);
    cr_assert(edges[1].roughness_px > 0.3);
    lct_outline_finish(&o);
}
