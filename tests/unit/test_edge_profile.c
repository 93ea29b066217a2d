/* Protects: the grey at an edge is learnt from its profile: an edge that is soft in thickness is not where the mid-level is crossed; with the
 * levels that a particle has of its own, those measured elsewhere do not matter, and are not taken twice; what has no shell may be round;
 * where there is too little to learn from, the mid-level stays. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/edge_profile.h>
#include <lctem/own_level.h>
#include <lctem/sampling.h>
#include <math.h>
#include <shapes.h>

enum { W = 320, H = 320 };
static const double CORE = 70.0, TOTAL = 100.0, SMOOTHING = 2.0, SOFT = 1.5;
static const struct lct_segment_params PARAMS = { .min_core_px = 75.0, .hole_px = 75.0 };

static const struct lct_extent ALL = { 0, 0, W - 1, H - 1 };

static void smooth(struct lct_image *plane)
{
    struct lct_image scratch = shape_plane(W, H);
    const struct lct_gaussian g = lct_gaussian_make(SMOOTHING);
    lct_image_smooth(plane, &g, &scratch);
    lct_image_finish(&scratch);
}

/* A disc in a disc, soft in thickness by SOFT, transmitted (or, `linear`, seen as it is), then smoothed. */
static struct lct_image picture(const struct lct_levels *l, bool linear)
{
    struct lct_image plane = shape_plane(W, H);
    const struct shape core = { 160.2, 159.7, CORE, 0, 0 }, total = { 160.2, 159.7, TOTAL, 0, 0 };
    const double to_shell = linear ? 1.0 - l->shell : -log(l->shell),
                 to_core = linear ? l->shell - l->core : log(l->shell / l->core);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const double mass = to_shell * shape_edge(shape_distance(&total, x, y), SOFT)
                + to_core * shape_edge(shape_distance(&core, x, y), SOFT);
            plane.px[y * W + x] = (float)(linear ? 1.0 - mass : exp(-mass));
        }
    smooth(&plane);
    return plane;
}

/* Radius at which the picture crosses the edge between two phases of a particle with levels of its own, along a row through the middle. */
static double crossing(const struct lct_image *plane, const struct lct_levels *l, enum lct_phase a, enum lct_phase b)
{
    static uint16_t labels[W * H];
    const struct shape core = { 160.2, 159.7, CORE, 0, 0 }, total = { 160.2, 159.7, TOTAL, 0, 0 };
    for (int i = 0; i < W * H; i++)
        labels[i] = shape_distance(&core, i % W, i / W) < 0.0 ? 1 : shape_distance(&total, i % W, i / W) < 0.0 ? 2 : 0;
    const struct lct_levels own = lct_levels_of_particle(l, plane, labels, 1, ALL);
    const double edge = lct_levels_edge(&own, a, b);
    for (int x = 161; x + 1 < W; x++) {
        const double here = (double)plane->px[160 * W + x], next = (double)plane->px[160 * W + x + 1];
        if (here < edge && next >= edge)
            return hypot(x + (edge - here) / (next - here) - 160.2, 160 - 159.7);
    }
    return NAN;
}

static const struct lct_edge_params TRANSMITTED = { .smoothing_px = 2.0, .transmitted = true },
                                    SEEN = { .smoothing_px = 2.0 };

/* Without learning, the mid-level is 0.1 px off for soft thickness, and 0.3 px for levels that are wrong by 0.01 and 0.005 and are believed.
 * Bilinear sampling and the grids of the fit leave 0.05 px. */
Test(edge_profile, learns_where_soft_edges_are)
{
    static const struct {
        bool linear;
        double shell_off, core_off;
    } rows[] = { { false, 0, 0 }, { true, 0, 0 }, { false, 0.01, 0.005 }, { false, -0.008, 0.004 } };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const struct lct_levels truth = {
            .shell = 0.78, .core = 0.63, .has_shell = true, .noise_sd = 0.001, .blur_px = 2.5
        };
        struct lct_image plane = picture(&truth, rows[r].linear);
        struct lct_levels l = truth;
        l.shell += rows[r].shell_off;
        l.core += rows[r].core_off;
        const double before = crossing(&plane, &l, LCT_SHELL, LCT_LIQUID) - TOTAL;
        cr_assert(eq(int,
            lct_edge_profiles_learn(
                &l, &(struct lct_planes){ &plane, 1, 1 }, &PARAMS, rows[r].linear ? &SEEN : &TRANSMITTED, NULL),
            LCT_OK));
        const double outer = crossing(&plane, &l, LCT_SHELL, LCT_LIQUID) - TOTAL,
                     inner = crossing(&plane, &l, LCT_CORE, LCT_SHELL) - CORE;
        cr_expect(fabs(outer) < 0.05, "row %zu: outer edge %.3f px off, %.3f before", r, outer, before);
        cr_expect(fabs(inner) < 0.05, "row %zu: core's edge %.3f px off", r, inner);
        cr_expect(fabs(l.edge_soft_px - SOFT) < 0.4, "row %zu: softness %.2f px", r, l.edge_soft_px);
        lct_image_finish(&plane);
    }
}

Test(edge_profile, keeps_the_mid_level_where_there_is_too_little)
{
    struct lct_image plane = shape_plane(W, H);
    struct lct_levels l = { .shell = 0.78, .core = 0.63, .has_shell = true, .noise_sd = 0.001, .blur_px = 2.5 };
    shape_add_particle(&plane, 160, 160, 8, 12, &l);
    cr_assert(eq(
        int, lct_edge_profiles_learn(&l, &(struct lct_planes){ &plane, 1, 1 }, &PARAMS, &TRANSMITTED, NULL), LCT_OK));
    for (int k = 0; k < LCT_EDGE_KINDS; k++)
        cr_expect(eq(dbl, l.edge_shift[k], 0.0));
    lct_image_finish(&plane);
}

/* Where only the pale one of two cores has a shell, the edge between core and shell is seen beside that core alone: what its level differs
 * by from the common one is in the profile, and comes again with the particle's own levels. Taken twice it moves the edge by 0.6 px. */
Test(edge_profile, a_level_of_a_particle_counts_once)
{
    const struct lct_levels pale = {
        .shell = 0.78, .core = 0.65, .has_shell = true, .noise_sd = 0.001, .blur_px = 2.5
    };
    struct lct_image plane = picture(&pale, true);
    struct lct_levels l = pale;
    l.core = 0.62; /* as a darker, bare one beside it would have it */
    cr_assert(eq(int, lct_edge_profiles_learn(&l, &(struct lct_planes){ &plane, 1, 1 }, &PARAMS, &SEEN, NULL), LCT_OK));
    const double inner = crossing(&plane, &l, LCT_CORE, LCT_SHELL) - CORE;
    cr_expect(fabs(inner) < 0.05, "core's edge %.3f px off", inner);
    lct_image_finish(&plane);
}

/* A round particle is thinner at its edge than all through: its edge does not lie half way to its mean level, which is 0.9 px farther in. The
 * slope of its thickness, which the step does not know, leaves 0.35 px. */
Test(edge_profile, a_round_particle_without_shell_ends_where_it_ends)
{
    struct lct_image plane = shape_plane(W, H);
    const struct shape core = { 160.2, 159.7, CORE, 0, 0 };
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const double r = (shape_distance(&core, x, y) + CORE) / CORE;
            plane.px[y * W + x] -=
                (float)((0.4 - 0.15 * fmin(r * r, 1.0)) * shape_edge(shape_distance(&core, x, y), SOFT));
        }
    smooth(&plane);
    struct lct_levels l = { .shell = 0.67, .core = 0.67, .noise_sd = 0.001, .blur_px = 2.5 };
    const double before = crossing(&plane, &l, LCT_CORE, LCT_LIQUID) - CORE;
    cr_assert(eq(int, lct_edge_profiles_learn(&l, &(struct lct_planes){ &plane, 1, 1 }, &PARAMS, &SEEN, NULL), LCT_OK));
    const double edge = crossing(&plane, &l, LCT_CORE, LCT_LIQUID) - CORE;
    cr_expect(before < -0.8, "%.3f px off without learning", before);
    cr_expect(fabs(edge) < 0.4, "edge %.3f px off", edge);
    lct_image_finish(&plane);
}
