/* Protects: what layers of a rim move its edges by is what a wave cut off at an edge and blurred does; a wave that is zero at the edges, or
 * chance, moves nothing; edges under a rim too thin to show its layers move as well, bare ones do not. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/rim_edge.h>
#include <lctem/sampling.h>
#include <math.h>
#include <shapes.h>

enum { W = 300, H = 300, RAYS = 240 };
static const double CORE = 60.0, SPACING = 12.0, LAYERS = 4.0, SMOOTHING = 3.0, BLUR = 3.5;

static struct lct_image picture(void)
{
    const struct lct_levels levels = { .shell = 0.8, .core = 0.65, .has_shell = true, .blur_px = BLUR };
    struct lct_image plane = shape_plane(W, H);
    shape_add_particle(&plane, 150, 150, CORE, CORE + LAYERS * SPACING, &levels);
    return plane;
}

static struct lct_rim_point points[RAYS];

/* A rim round a disc, with fringes `c` and `s` about its middle; `chance`: of any phase instead. */
static void make_rim(double c, double s, bool chance)
{
    const double radius = CORE + 0.5 * LAYERS * SPACING;
    for (int i = 0; i < RAYS; i++) {
        const double a = 2.0 * M_PI * i / RAYS, phase = 2.399963 * i * i; /* of a golden spiral: as good as chance */
        points[i] = (struct lct_rim_point){ .x_px = 150 + radius * cos(a) - 2.0,
            .y_px = 150 - radius * sin(a) + 1.0,
            .thickness_px = LAYERS * SPACING,
            .fringe = { chance ? c * cos(phase) : c, chance ? c * sin(phase) : s } };
    }
}

static struct lct_rim_edge_shift shift_of_rim(void)
{
    const struct lct_rim rim = { points, RAYS, 2.0 * M_PI * CORE / RAYS };
    struct lct_image frame = picture();
    const struct lct_rim_edge_params params = {
        .dx_px = 2.0, .dy_px = -1.0, .spacing_px = SPACING, .smoothing_px = SMOOTHING, .blur_px = BLUR
    };
    const struct lct_rim_edge_shift shift = lct_rim_edge_shift_of(&rim, &frame, &params);
    lct_image_finish(&frame);
    return shift;
}

static struct lct_rim_edge_shift shift_of(double c, double s, bool chance)
{
    make_rim(c, s, chance);
    return shift_of_rim();
}

/* After four layers the phase at either edge is that in the middle. A wave of height 0.02, cut off at the edge and smoothed, is
 * 0.02/2 exp(-k^2 s^2/2) there, over the edge's slope; what pixels and camera take of it (7 %) is put back. */
Test(rim_edge, a_wave_that_ends_at_an_edge_moves_it)
{
    const struct lct_rim_edge_shift shift = shift_of(0.01, 0.0, false);
    const double k = 2.0 * M_PI / SPACING, wave = 0.5 * 0.02 * exp(-0.5 * pow(k * SMOOTHING, 2.0));
    const double core = 2.0 * M_PI * CORE * wave * BLUR * sqrt(2.0 * M_PI) / 0.15,
                 total = 2.0 * M_PI * (CORE + LAYERS * SPACING) * wave * BLUR * sqrt(2.0 * M_PI) / 0.2;
    cr_expect(fabs(shift.core_px2 / core - 1.0) < 0.07, "core %.2f px2, not %.2f", shift.core_px2, core);
    cr_expect(fabs(shift.total_px2 / total - 1.0) < 0.07, "total %.2f px2, not %.2f", shift.total_px2, total);
    const struct lct_rim_edge_shift dark = shift_of(-0.01, 0.0, false);
    cr_expect(epsilon_eq(dbl, dark.core_px2, -shift.core_px2, 1e-9));
}

Test(rim_edge, sines_and_chance_move_nothing)
{
    const struct lct_rim_edge_shift sine = shift_of(0.0, 0.01, false), chance = shift_of(0.01, 0.0, true),
                                    none = shift_of(0.0, 0.0, false), wave = shift_of(0.01, 0.0, false);
    cr_expect(fabs(sine.core_px2) < 1e-9 && fabs(sine.total_px2) < 1e-9);
    cr_expect(fabs(chance.core_px2) < 0.1 * wave.core_px2, "chance %.2f px2", chance.core_px2);
    cr_expect(none.core_px2 == 0.0 && none.total_px2 == 0.0);
}

Test(rim_edge, layers_that_are_not_seen_end_at_the_core_too)
{
    const struct lct_rim_edge_shift all = shift_of(0.01, 0.0, false);
    static const struct {
        double thickness, void_px, liquid; /* of a half of the rim */
        double core, total;                /* share of `all` */
    } rows[] = { { SPACING, 0.0, 0.0, 1.0, 1.0 }, { 0.5 * SPACING, 0.0, NAN, 1.0, 1.0 }, { NAN, 0.0, NAN, 1.0, 0.5 },
        { 0.0, 0.0, 1.0, 0.5, 0.5 }, { LAYERS * SPACING, 0.0, 1.0, 0.5, 0.5 },
        { LAYERS * SPACING, SPACING, 0.0, 0.5, 1.0 } };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        make_rim(0.01, 0.0, false);
        for (int i = 0; i < RAYS / 2; i++) {
            points[i].thickness_px = rows[r].thickness;
            points[i].void_px = rows[r].void_px;
            points[i].liquid = rows[r].liquid;
            points[i].fringe[0] = 0.0;
        }
        const struct lct_rim_edge_shift shift = shift_of_rim();
        cr_expect(fabs(shift.core_px2 - rows[r].core * all.core_px2) < 0.02 * all.core_px2,
            "row %zu: core %.2f of %.2f", r, shift.core_px2, all.core_px2);
        cr_expect(fabs(shift.total_px2 - rows[r].total * all.total_px2) < 0.02 * all.total_px2,
            "row %zu: total %.2f of %.2f", r, shift.total_px2, all.total_px2);
    }
}
