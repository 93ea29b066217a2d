/* Protects: the outline's area is that of the shape, wherever and however it lies on the pixels. All areas come from here. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/outline.h>
#include <math.h>
#include <shapes.h>
#include <stdlib.h>
#include <string.h>

enum { W = 128, H = 112 };
static const struct lct_levels one_phase = { .shell = 0.7, .core = 0.7, .blur_px = 2.0 };
static const struct lct_levels two_phases = { .shell = 0.86, .core = 0.7, .blur_px = 2.0, .has_shell = true };
static const struct lct_extent everything = { 0, 0, W - 1, H - 1 };

/* Labels as the classes at the mid-levels give them; particle 1. */
static void label_plane(const struct lct_image *plane, const struct lct_levels *l, uint16_t *labels)
{
    for (int i = 0; i < W * H; i++) {
        const double v = (double)plane->px[i];
        labels[i] = v < lct_levels_edge(l, LCT_CORE, l->has_shell ? LCT_SHELL : LCT_LIQUID) ? 1
            : l->has_shell && v < lct_levels_edge(l, LCT_SHELL, LCT_LIQUID)                 ? 2
                                                                                            : 0;
    }
}

static struct lct_enclosed trace(const struct lct_image *plane, const struct lct_levels *l, const uint16_t *labels,
    int particle, enum lct_phase phase, int *rings, int *holes)
{
    struct lct_outline outline = { 0 };
    struct lct_err err = { 0 };
    cr_assert(
        lct_outline_trace(&outline, labels, plane, l, particle, phase, everything, &err) == LCT_OK, "%s", err.text);
    const struct lct_enclosed e = lct_outline_enclosed(&outline);
    int n_holes = 0;
    for (size_t k = 0; k < outline.n_rings; k++)
        n_holes += outline.rings[k].hole;
    if (rings)
        *rings = (int)outline.n_rings;
    if (holes)
        *holes = n_holes;
    lct_outline_finish(&outline);
    return e;
}

static struct lct_enclosed trace_shape(const struct shape *shape, int *rings)
{
    static uint16_t labels[W * H];
    struct lct_image plane = shape_plane(W, H);
    shape_add(&plane, shape, one_phase.core - 1.0, one_phase.blur_px);
    label_plane(&plane, &one_phase, labels);
    const struct lct_enclosed e = trace(&plane, &one_phase, labels, 1, LCT_CORE, rings, NULL);
    lct_image_finish(&plane);
    return e;
}

/* 0.1 %: straight lines between the crossings leave 0.07 % out of a circle of 20 px, 0.02 % of 40; a hexagon's corners are cut
 * between two crossings, below 0.3 px2 each. The length: zigzag between crossings, below 1 %. */
Test(outline, areas_of_discs_and_hexagons_are_exact_wherever_they_lie)
{
    static const double radii[] = { 20, 35, 48.5 };
    for (size_t r = 0; r < sizeof radii / sizeof *radii; r++)
        for (int sides = 0; sides <= 6; sides += 6)
            for (int k = 0; k < 12; k++) {
                const struct shape s = { 62.0 + 0.3 * (k % 4), 55.0 + 0.3 * (k / 4), radii[r], sides, 17.0 * (k % 5) };
                int rings;
                const struct lct_enclosed e = trace_shape(&s, &rings);
                const double area = shape_area(&s), length = 2.0 * area / s.radius_px;
                cr_assert(eq(int, rings, 1));
                cr_assert(fabs(e.area_px2 - area) < 0.001 * area + 0.3 * sides,
                    "radius %g, %d sides, at %g %g: %g for %g", s.radius_px, sides, s.x_px, s.y_px, e.area_px2, area);
                cr_assert(hypot(e.x_px - s.x_px, e.y_px - s.y_px) < 0.02, "%g %g", e.x_px, e.y_px);
                cr_assert(fabs(e.perimeter_px / length - 1.0) < 0.01, "%g for %g", e.perimeter_px, length);
            }
}

/* Shift by 0.3 px and turn by 17 degrees: the same area, a centroid that moves along. */
Test(outline, shifts_and_turns_change_nothing)
{
    const struct shape at = { 60, 56, 30, 6, 0 }, moved = { 60.3, 56, 30, 6, 0 }, turned = { 60, 56, 30, 6, 17 };
    const struct lct_enclosed a = trace_shape(&at, NULL), b = trace_shape(&moved, NULL), c = trace_shape(&turned, NULL);
    cr_assert(fabs(b.area_px2 / a.area_px2 - 1.0) < 0.001, "%g %g", a.area_px2, b.area_px2);
    cr_assert(fabs(c.area_px2 / a.area_px2 - 1.0) < 0.001, "%g %g", a.area_px2, c.area_px2);
    cr_assert(epsilon_eq(dbl, b.x_px - a.x_px, 0.3, 0.02));
    cr_assert(epsilon_eq(dbl, b.y_px - a.y_px, 0.0, 0.02));
}

/* Core from its mid-level to the shell, the whole from the shell's mid-level to the liquid. Blurs of 2 px, 12 px of shell apart. */
Test(outline, core_and_whole_are_measured_at_their_own_levels)
{
    static uint16_t labels[W * H];
    struct lct_image plane = shape_plane(W, H);
    shape_add_particle(&plane, 61.4, 55.7, 30, 42, &two_phases);
    label_plane(&plane, &two_phases, labels);
    const struct lct_enclosed core = trace(&plane, &two_phases, labels, 1, LCT_CORE, NULL, NULL);
    const struct lct_enclosed whole = trace(&plane, &two_phases, labels, 1, LCT_SHELL, NULL, NULL);
    cr_assert(epsilon_eq(dbl, core.area_px2, M_PI * 30 * 30, 0.001 * M_PI * 30 * 30));
    cr_assert(epsilon_eq(dbl, whole.area_px2, M_PI * 42 * 42, 0.001 * M_PI * 42 * 42));
    lct_image_finish(&plane);
}

Test(outline, a_hole_is_taken_off)
{
    static uint16_t labels[W * H];
    struct lct_image plane = shape_plane(W, H);
    const struct shape outer = { 60.2, 55.1, 40, 0, 0 }, inner = { 64, 50, 15, 0, 0 };
    shape_add(&plane, &outer, one_phase.core - 1.0, one_phase.blur_px);
    shape_add(&plane, &inner, 1.0 - one_phase.core, one_phase.blur_px);
    label_plane(&plane, &one_phase, labels);
    int rings, holes;
    const struct lct_enclosed e = trace(&plane, &one_phase, labels, 1, LCT_CORE, &rings, &holes);
    const double area = shape_area(&outer) - shape_area(&inner);
    cr_assert(rings == 2 && holes == 1, "%d rings, %d holes", rings, holes);
    cr_assert(epsilon_eq(dbl, e.area_px2, area, 0.001 * area), "%g for %g", e.area_px2, area);
    lct_image_finish(&plane);
}

/* Two particles in one grey: the line between them is half way between their pixels, so that their areas add up to the whole. */
Test(outline, neighbours_share_their_border_without_gap_or_overlap)
{
    static uint16_t labels[W * H];
    struct lct_image plane = shape_plane(W, H);
    const struct shape both = { 60.2, 55.1, 40, 0, 0 };
    shape_add(&plane, &both, one_phase.core - 1.0, one_phase.blur_px);
    label_plane(&plane, &one_phase, labels);
    const struct lct_enclosed whole = trace(&plane, &one_phase, labels, 1, LCT_CORE, NULL, NULL);
    for (int i = 0; i < W * H; i++)
        if (labels[i] && i % W > 66)
            labels[i] = 3; /* core of particle 2; the border is x = 66.5 */
    const struct lct_enclosed left = trace(&plane, &one_phase, labels, 1, LCT_CORE, NULL, NULL);
    const struct lct_enclosed right = trace(&plane, &one_phase, labels, 2, LCT_CORE, NULL, NULL);
    cr_assert(epsilon_eq(dbl, left.area_px2 + right.area_px2, whole.area_px2, 1.0), "%g + %g for %g", left.area_px2,
        right.area_px2, whole.area_px2); /* px2: the two ends of the border */
    const double d = 66.5 - both.x_px, r = both.radius_px;
    const double cap = r * r * acos(d / r) - d * sqrt(r * r - d * d);
    cr_assert(epsilon_eq(dbl, right.area_px2, cap, 0.003 * cap), "%g for %g", right.area_px2, cap);
    lct_image_finish(&plane);
}

/* At the border of the image the outline runs along the outer edge of the last pixels. */
Test(outline, what_the_image_cuts_is_measured_up_to_its_edge)
{
    static uint16_t labels[W * H];
    struct lct_image plane = shape_plane(W, H);
    for (int i = 0; i < W * H; i++) {
        plane.px[i] = 0.7f;
        labels[i] = 1;
    }
    const struct lct_enclosed all = trace(&plane, &one_phase, labels, 1, LCT_CORE, NULL, NULL);
    cr_assert(
        epsilon_eq(dbl, all.area_px2, (double)W * H, 4 * 0.25), "%g", all.area_px2); /* corners cut by half a pixel */
    lct_image_finish(&plane);
    const struct shape half = { -0.5, 55.1, 30, 0, 0 };
    const struct lct_enclosed e = trace_shape(&half, NULL);
    cr_assert(epsilon_eq(dbl, e.area_px2, 0.5 * shape_area(&half), 0.002 * shape_area(&half)), "%g", e.area_px2);
}

/* One pixel, a line, pixels that touch by a corner: every ring closes, and every area is positive. */
Test(outline, the_smallest_regions_are_closed)
{
    // clang-format off
    static const struct { int n, x[4], y[4], rings; } rows[] = {
        { 1, { 9 }, { 9 }, 1 }, { 3, { 9, 10, 11 }, { 9, 9, 9 }, 1 }, { 2, { 9, 10 }, { 9, 10 }, 2 }, { 1, { 0 }, { 0 }, 1 },
    };
    // clang-format on
    static uint16_t labels[W * H];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lct_image plane = shape_plane(W, H);
        memset(labels, 0, sizeof labels);
        for (int k = 0; k < rows[i].n; k++) {
            labels[rows[i].y[k] * W + rows[i].x[k]] = 1;
            plane.px[rows[i].y[k] * W + rows[i].x[k]] = 0.7f;
        }
        int rings, holes;
        const struct lct_enclosed e = trace(&plane, &one_phase, labels, 1, LCT_CORE, &rings, &holes);
        cr_assert(rings == rows[i].rings && holes == 0, "row %zu: %d rings, %d holes", i, rings, holes);
        cr_assert(e.area_px2 > 0.0 && e.area_px2 <= rows[i].n, "row %zu: %g", i, e.area_px2);
        lct_image_finish(&plane);
    }
}

Test(outline, an_absent_particle_has_no_ring)
{
    static uint16_t labels[W * H];
    memset(labels, 0, sizeof labels);
    struct lct_image plane = shape_plane(W, H);
    int rings;
    const struct lct_enclosed e = trace(&plane, &one_phase, labels, 1, LCT_CORE, &rings, NULL);
    cr_assert(rings == 0 && e.area_px2 == 0.0 && isnan(e.x_px) && e.perimeter_px == 0.0);
    lct_image_finish(&plane);
}

/* Corners of a square are enough for it; a circle keeps what it needs. */
Test(outline, thinning_keeps_the_shape)
{
    enum { N = 400 };
    double x[N], y[N];
    size_t corner[N];
    for (int i = 0; i < N; i++) {
        const double u = i % 100;
        x[i] = i < 100 ? u : i < 200 ? 100 : i < 300 ? 100 - u : 0;
        y[i] = i < 100 ? 0 : i < 200 ? u : i < 300 ? 100 : 100 - u;
    }
    struct lct_ring ring = { .x_px = x, .y_px = y, .n = N };
    const size_t n = lct_ring_thin(&ring, 0.05, corner);
    cr_assert(n >= 4 && n < 24, "%zu", n);
    for (int i = 0; i < N; i++) {
        x[i] = 60.0 * cos(2.0 * M_PI * i / N);
        y[i] = 60.0 * sin(2.0 * M_PI * i / N);
    }
    const size_t m = lct_ring_thin(&ring, 0.05, corner);
    /* sagitta s of a chord c on radius r: c = sqrt(8 r s) = 4.9 px of 377 */
    cr_assert(m >= 77 && m < 200, "%zu", m);
    for (size_t k = 0; k + 1 < m; k++)
        cr_assert(corner[k] < corner[k + 1]);
}

/* A disc of 40 px cut through its middle: the chord is 80 px for both halves. Along pixel edges it is 1 to sqrt 2 times as long, which the
 * mean over directions takes off: 22 % for one of them, 2 % (24 directions) for the mean. */
Test(outline, length_shared_with_a_neighbour)
{
    static uint16_t labels[W * H];
    struct lct_image plane = shape_plane(W, H);
    double sum = 0.0;
    enum { TURNS = 24 };
    for (int k = 0; k < TURNS; k++) {
        const double a = 2.0 * M_PI * (k + 0.37) / TURNS;
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                const double dx = x - 63.3, dy = y - 55.6;
                labels[y * W + x] = (uint16_t)(hypot(dx, dy) > 40.0 ? 0 : dx * cos(a) + dy * sin(a) > 0.0 ? 2 : 4);
            }
        for (int p = 1; p <= 2; p++) {
            const struct lct_enclosed e = trace(&plane, &two_phases, labels, p, LCT_SHELL, NULL, NULL);
            cr_expect(fabs(e.shared_px - 80.0) < 18.0, "%d: %g", k, e.shared_px);
            sum += e.shared_px / (2 * TURNS);
        }
    }
    cr_expect(fabs(sum - 80.0) < 1.6, "%g", sum);
    for (int i = 0; i < W * H; i++)
        labels[i] = labels[i] ? 2 : 0;
    cr_expect(eq(dbl, trace(&plane, &two_phases, labels, 1, LCT_SHELL, NULL, NULL).shared_px, 0.0));
    lct_image_finish(&plane);
}
