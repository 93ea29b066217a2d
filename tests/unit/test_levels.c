/* Protects: the levels of liquid, shell and core are found in noise, gradients and clutter, and a shell is seen only where there is one. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/sampling.h>
#include <lctem/segment.h>
#include <math.h>
#include <shapes.h>

enum { W = 256, H = 224 };
static const double BLUR = 2.5, SMOOTHING = 2.0;
static const struct lct_segment_params params = { .min_core_px = 75, .hole_px = 75 };

/* Sharpness before smoothing such that BLUR is what is left, then noise that is smoothed along. */
static struct lct_image scene(
    const struct lct_levels *l, const double (*particles)[4], int n, double noise_sd, double gradient)
{
    struct lct_image plane = shape_plane(W, H), scratch = shape_plane(W, H);
    struct lct_levels sharp = *l;
    sharp.blur_px = sqrt(BLUR * BLUR - SMOOTHING * SMOOTHING);
    for (int k = 0; k < n; k++)
        shape_add_particle(&plane, particles[k][0], particles[k][1], particles[k][2], particles[k][3], &sharp);
    for (int i = 0; i < W * H; i++)
        plane.px[i] *= (float)(1.0 + gradient * ((double)(i % W) / W - 0.5));
    shape_add_noise(&plane, noise_sd * 2.0 * sqrt(M_PI) * SMOOTHING, 11); /* noise_sd: what smoothing leaves */
    const struct lct_gaussian g = lct_gaussian_make(SMOOTHING);
    lct_image_smooth(&plane, &g, &scratch);
    lct_image_finish(&scratch);
    return plane;
}

static const double two_particles[][4] = { { 70.2, 100.4, 36, 52 }, { 180.7, 120.1, 40, 54 } };

/* 0.5 % of the grey: an edge moves by 0.005 x 2.5 x 2.5 / 0.14, 0.2 px, of a core of 36 px 1.2 % of the area. Noise: of a smoothed plane, up to
 * a third of the shell's depth (0.13); a gradient is what the background may leave. */
Test(levels, are_found_to_half_a_percent)
{
    // clang-format off
    static const struct { double shell, core, noise, gradient; } rows[] = {
        { 0.86, 0.73, 0.0, 0.0 }, { 0.86, 0.73, 0.01, 0.0 }, { 0.86, 0.73, 0.03, 0.0 }, { 0.91, 0.83, 0.018, 0.0 },
        { 0.86, 0.73, 0.01, 0.01 }, { 0.80, 0.67, 0.003, 0.0 }, { 0.90, 0.70, 0.02, 0.005 },
    };
    // clang-format on
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct lct_levels truth = {
            .shell = rows[i].shell, .core = rows[i].core, .has_shell = true, .blur_px = BLUR
        };
        struct lct_image plane = scene(&truth, two_particles, 2, rows[i].noise, rows[i].gradient);
        struct lct_levels l = { 0 };
        struct lct_err err = { 0 };
        cr_assert(
            lct_levels_find(&l, &(struct lct_planes){ &plane, 1, 1 }, BLUR, LCT_PHASES_AUTO, &params, &err) == LCT_OK,
            "row %zu: %s", i, err.text);
        cr_assert(l.has_shell, "row %zu", i);
        cr_assert(fabs(l.core - truth.core) < 0.005, "row %zu: core %g", i, l.core);
        cr_assert(fabs(l.shell - truth.shell) < 0.005, "row %zu: shell %g", i, l.shell);
        cr_assert(fabs(l.noise_sd - rows[i].noise) < 0.15 * rows[i].noise + 0.005, "row %zu: noise %g", i, l.noise_sd);
        cr_assert(fabs(l.largest_core_px / (M_PI * 40 * 40) - 1.0) < 0.03, "row %zu: %g px", i, l.largest_core_px);
        lct_image_finish(&plane);
    }
}

/* Flakes at the border that are darker than any core, and paler crumbs, do not vote. */
Test(levels, distractors_do_not_pull)
{
    static const double clutter[][4] = { { 70.2, 100.4, 36, 52 }, { 180.7, 120.1, 40, 54 }, { 4, 6, 8, 8 },
        { 250, 210, 9, 9 }, { 250, 8, 7, 7 } };
    const struct lct_levels truth = { .shell = 0.86, .core = 0.73, .has_shell = true, .blur_px = BLUR };
    struct lct_image plane = scene(&truth, clutter, 5, 0.01, 0.0), dark = scene(&truth, clutter + 2, 3, 0.0, 0.0);
    for (int i = 0; i < W * H; i++)
        plane.px[i] += 1.5f * (dark.px[i] - 1.0f);
    struct lct_levels l = { 0 };
    cr_assert(
        lct_levels_find(&l, &(struct lct_planes){ &plane, 1, 1 }, BLUR, LCT_PHASES_AUTO, &params, NULL) == LCT_OK);
    cr_assert(fabs(l.core - truth.core) < 0.007 && fabs(l.shell - truth.shell) < 0.007 && l.has_shell, "%g %g", l.shell,
        l.core);
    lct_image_finish(&plane);
    lct_image_finish(&dark);
}

/* Discs without shell, alike; discs of different depth (round particles are: the mid grey of the pale ones is no shell); a lot of noise. */
Test(levels, no_shell_is_seen_where_there_is_none)
{
    // clang-format off
    static const struct { double depths[4], noise; } rows[] = {
        { { 0.3, 0.3, 0.3, 0.3 }, 0.01 }, { { 0.4, 0.2, 0.22, 0.18 }, 0.01 }, { { 0.4, 0.4, 0.2, 0.2 }, 0.03 }, { { 0.3, 0.3, 0.3, 0.3 }, 0.06 },
    };
    // clang-format on
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct lct_levels nothing = { .shell = 1.0, .core = 1.0, .blur_px = BLUR };
        struct lct_image plane = scene(&nothing, NULL, 0, rows[i].noise, 0.0);
        for (int k = 0; k < 4; k++) {
            const struct shape disc = { 60.3 + 120 * (k % 2), 60.1 + 100 * (k / 2), 30, 0, 0 };
            shape_add(&plane, &disc, -rows[i].depths[k], BLUR);
        }
        struct lct_levels l = { 0 };
        cr_assert(
            lct_levels_find(&l, &(struct lct_planes){ &plane, 1, 1 }, BLUR, LCT_PHASES_AUTO, &params, NULL) == LCT_OK);
        cr_assert(not(l.has_shell), "row %zu: shell %g, core %g", i, l.shell, l.core);
        cr_assert(eq(dbl, l.shell, l.core));
        lct_image_finish(&plane);
    }
}

/* Steps of 2.4 to 2.7 noise sds: every tenth pixel is of the wrong class, and yet there are two; the liquid's blotches reach the shell's
 * level and are no matter without a core. Levels to a tenth of the step: classes cut out of noise lean away from each other. */
Test(levels, a_shell_is_seen_through_noise_of_nearly_half_its_step)
{
    static const struct {
        double shell, core, noise;
    } rows[] = { { 0.91, 0.83, 0.030 }, { 0.91, 0.83, 0.033 }, { 0.86, 0.73, 0.050 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct lct_levels truth = {
            .shell = rows[i].shell, .core = rows[i].core, .has_shell = true, .blur_px = BLUR
        };
        struct lct_image plane = scene(&truth, two_particles, 2, rows[i].noise, 0.0),
                         twice[] = { plane, plane }; /* no still */
        struct lct_levels l = { 0 };
        struct lct_err err = { 0 };
        cr_assert(
            lct_levels_find(&l, &(struct lct_planes){ twice, 2, 2 }, BLUR, LCT_PHASES_AUTO, &params, &err) == LCT_OK,
            "row %zu: %s", i, err.text);
        cr_expect(l.has_shell, "row %zu", i);
        const double most = 0.1 * (truth.shell - truth.core);
        cr_expect(fabs(l.core - truth.core) < most && fabs(l.shell - truth.shell) < most, "row %zu: %g %g", i, l.shell,
            l.core);
        lct_image_finish(&plane);
    }
}

Test(levels, the_phases_asked_for_are_the_phases_given)
{
    const struct lct_levels truth = { .shell = 0.86, .core = 0.73, .has_shell = true, .blur_px = BLUR };
    struct lct_image plane = scene(&truth, two_particles, 2, 0.01, 0.0);
    struct lct_levels l = { 0 };
    cr_assert(
        lct_levels_find(&l, &(struct lct_planes){ &plane, 1, 1 }, BLUR, LCT_PHASES_CORE, &params, NULL) == LCT_OK);
    cr_assert(not(l.has_shell));
    cr_assert(lct_levels_find(&l, &(struct lct_planes){ &plane, 1, 1 }, BLUR, LCT_PHASES_CORE_SHELL, &params, NULL)
        == LCT_OK);
    cr_assert(l.has_shell);
    lct_image_finish(&plane);
}

/* Empty liquid: no particle, and nothing written. */
Test(levels, liquid_without_particles_is_refused)
{
    const struct lct_levels nothing = { .shell = 1.0, .core = 1.0, .blur_px = BLUR };
    static const double noises[] = { 0.0, 0.02 };
    for (size_t i = 0; i < sizeof noises / sizeof *noises; i++) {
        struct lct_image plane = scene(&nothing, NULL, 0, noises[i], 0.0);
        struct lct_levels l = { .core = 42.0 };
        struct lct_err err = { 0 };
        cr_assert(
            eq(int, lct_levels_find(&l, &(struct lct_planes){ &plane, 1, 1 }, BLUR, LCT_PHASES_AUTO, &params, &err),
                LCT_E_NODATA));
        cr_assert(l.core == 42.0 && err.text[0]);
        lct_image_finish(&plane);
    }
}
