/* Protects: the sigma of an area is the scatter that noise really gives it, and the shares add up. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/area.h>
#include <lctem/sampling.h>
#include <math.h>
#include <shapes.h>

enum { W = 112, H = 112, TRIES = 120 };
static const double SMOOTHING = 2.0, CORE = 26.0, TOTAL = 40.0;

static struct lct_enclosed trace(
    const struct lct_image *plane, const struct lct_levels *l, const uint16_t *labels, enum lct_phase phase)
{
    struct lct_outline outline = { 0 };
    cr_assert(lct_outline_trace(&outline, labels, plane, l, 1, phase, (struct lct_extent){ 0, 0, W - 1, H - 1 }, NULL)
        == LCT_OK);
    const struct lct_enclosed e = lct_outline_enclosed(&outline);
    lct_outline_finish(&outline);
    return e;
}

/* One noisy picture of a disc in a disc, measured. */
static struct lct_area measure(const struct lct_levels *l, uint64_t seed)
{
    static uint16_t labels[W * H];
    struct lct_image plane = shape_plane(W, H), scratch = shape_plane(W, H);
    struct lct_levels sharp = *l;
    sharp.blur_px = sqrt(l->blur_px * l->blur_px - SMOOTHING * SMOOTHING);
    shape_add_particle(&plane, 55.3, 56.1, CORE, TOTAL, &sharp);
    shape_add_noise(&plane, l->noise_sd * 2.0 * sqrt(M_PI) * SMOOTHING, seed);
    const struct lct_gaussian g = lct_gaussian_make(SMOOTHING);
    lct_image_smooth(&plane, &g, &scratch);
    const struct shape core = { 55.3, 56.1, 0.5 * (CORE + TOTAL), 0, 0 };
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const int i = y * W + x;
            const double v = (double)plane.px[i], d = shape_distance(&core, x, y);
            const bool in_core = l->has_shell ? v < lct_levels_edge(l, LCT_CORE, LCT_SHELL) && d < 0.0
                                              : v < lct_levels_edge(l, LCT_CORE, LCT_LIQUID) && d < 15.0;
            labels[i] = in_core ? 1 : l->has_shell && d < 12.0 && v < lct_levels_edge(l, LCT_SHELL, LCT_LIQUID) ? 2 : 0;
        }
    const struct lct_enclosed a = trace(&plane, l, labels, LCT_CORE), b = trace(&plane, l, labels, LCT_SHELL);
    lct_image_finish(&plane);
    lct_image_finish(&scratch);
    return lct_area_measure(&a, &b, l);
}

/* Scatter of 120 tries: known to 6.5 %, three sigmas are 20 %. The formula is a first-order one; it may be too careful by a third,
 * never too bold by more than the scatter of the test. */
Test(area, sigma_is_the_scatter_of_noisy_discs)
{
    static const struct lct_levels rows[] = {
        { .shell = 0.86, .core = 0.73, .has_shell = true, .noise_sd = 0.005, .blur_px = 2.5 },
        { .shell = 0.86, .core = 0.73, .has_shell = true, .noise_sd = 0.012, .blur_px = 2.5 },
        { .shell = 0.9, .core = 0.7, .has_shell = true, .noise_sd = 0.01, .blur_px = 3.0 },
        { .shell = 0.7, .core = 0.7, .noise_sd = 0.02, .blur_px = 2.5 },
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        double sum[2] = { 0 }, square[2] = { 0 }, sd[2] = { 0 };
        for (int k = 0; k < TRIES; k++) {
            const struct lct_area a = measure(&rows[r], 100 + (uint64_t)k);
            const double x[2] = { a.core_px2, a.total_px2 };
            for (int j = 0; j < 2; j++) {
                sum[j] += x[j] / TRIES;
                square[j] += x[j] * x[j] / TRIES;
            }
            sd[0] += a.core_sd_px2 / TRIES;
            sd[1] += a.total_sd_px2 / TRIES;
        }
        for (int j = 0; j < 2; j++) {
            const double scatter = sqrt(fmax(0.0, square[j] - sum[j] * sum[j]));
            cr_expect(sd[j] > 0.8 * scatter && sd[j] < 1.5 * scatter, "row %zu, %s: sigma %.1f, scatter %.1f", r,
                j ? "total" : "core", sd[j], scatter);
        }
    }
}

Test(area, shares_add_up_and_level_errors_move_the_whole_outline)
{
    const struct lct_enclosed core = { .area_px2 = 2000, .perimeter_px = 160 },
                              total = { .area_px2 = 5000, .perimeter_px = 250 };
    struct lct_levels l = { .shell = 0.86, .core = 0.72, .has_shell = true, .noise_sd = 0.0, .blur_px = 2.0 };
    const struct lct_area none = lct_area_measure(&core, &total, &l);
    cr_assert(none.core_px2 == 2000 && none.shell_px2 == 3000 && none.total_px2 == 5000);
    cr_assert(none.core_sd_px2 == 0 && none.shell_sd_px2 == 0 && none.total_sd_px2 == 0);
    /* an error of the shell's level moves each of its two edges by half of it, divided by the slope 0.14 / (2 sqrt(2 pi)) */
    l.shell_sd = 0.01;
    const struct lct_area moved = lct_area_measure(&core, &total, &l);
    const double shift_px = 0.5 * 0.01 / (0.14 / (2.0 * sqrt(2.0 * M_PI)));
    cr_assert(epsilon_eq(dbl, moved.core_sd_px2, shift_px * 160, 1e-9));
    cr_assert(epsilon_eq(dbl, moved.total_sd_px2, shift_px * 250, 1e-9));
    l.noise_sd = 0.01; /* comes on top, and is not common */
    const struct lct_area noisy = lct_area_measure(&core, &total, &l);
    cr_assert(noisy.core_sd_px2 > moved.core_sd_px2 && noisy.core_common_sd_px2 == moved.core_sd_px2);
    cr_assert(noisy.total_sd_px2 > moved.total_sd_px2 && noisy.total_common_sd_px2 == moved.total_sd_px2);
}

/* A blur takes pi blur^2 off what a closed line encloses: of a disc to the first order in blur / radius, of a square 1.10 times as much.
 * A hole loses as much as the outside, and of two that touch each has half of what the line around both loses. */
Test(area, what_a_blur_rounds_off_comes_back)
{
    static const struct lct_levels l = { .shell = 0.7, .core = 0.7, .blur_px = 3.0 };
    static const int sides[] = { 0, 4, 6 };
    static uint16_t labels[W * H];
    for (size_t r = 0; r < sizeof sides / sizeof *sides; r++) {
        const struct shape shape = { 55.3, 56.1, 30.0, sides[r], 11.0 };
        struct lct_image plane = shape_plane(W, H), scratch = shape_plane(W, H);
        shape_add(&plane, &shape, l.core - 1.0, 0.3);
        const struct lct_gaussian g = lct_gaussian_make(l.blur_px);
        lct_image_smooth(&plane, &g, &scratch);
        for (int i = 0; i < W * H; i++)
            labels[i] = (double)plane.px[i] < lct_levels_edge(&l, LCT_CORE, LCT_LIQUID);
        const struct lct_enclosed e = trace(&plane, &l, labels, LCT_CORE);
        const double lost = M_PI * l.blur_px * l.blur_px, truth = shape_area(&shape);
        const struct lct_area a = lct_area_measure(&e, &e, &l);
        cr_expect(fabs(truth - e.area_px2 - lost) < 0.25 * lost, "%d sides: %.2f lost, not %.2f", sides[r],
            truth - e.area_px2, lost);
        cr_expect(epsilon_eq(dbl, a.core_px2 - e.area_px2, lost, 1e-9));
        lct_image_finish(&plane);
        lct_image_finish(&scratch);
    }
    const struct lct_enclosed pierced = { .area_px2 = 2000, .perimeter_px = 300, .turns = 0 },
                              touching = { .area_px2 = 2000, .perimeter_px = 200, .shared_px = 40, .turns = 1 };
    const struct lct_area a = lct_area_measure(&pierced, &touching, &l);
    cr_expect(a.core_px2 == 2000);
    cr_expect(epsilon_eq(dbl, a.total_px2, 2000 + 0.5 * M_PI * 9.0, 1e-9));
}

Test(area, a_bare_core_is_its_own_whole)
{
    const struct lct_enclosed core = { .area_px2 = 2000, .perimeter_px = 160 };
    const struct lct_levels l = { .shell = 0.7, .core = 0.7, .noise_sd = 0.01, .blur_px = 2.0 };
    const struct lct_area a = lct_area_measure(&core, &core, &l);
    cr_assert(a.shell_px2 == 0.0 && a.shell_sd_px2 == 0.0 && a.total_sd_px2 == a.core_sd_px2 && a.core_sd_px2 > 0.0);
}

/* The border to a neighbour is uncertain by a share of the blur, on top of the rest, and no part of what is common to the film. */
Test(area, a_shared_border_adds_its_own_sigma)
{
    const struct lct_enclosed core = { .area_px2 = 2000, .perimeter_px = 160 };
    struct lct_enclosed total = { .area_px2 = 5000, .perimeter_px = 250 };
    const struct lct_levels l = {
        .shell = 0.86, .core = 0.72, .has_shell = true, .noise_sd = 0.01, .blur_px = 2.0, .core_edge_sd_px = 0.1
    };
    const struct lct_area alone = lct_area_measure(&core, &total, &l);
    total.shared_px = 60;
    const struct lct_area near = lct_area_measure(&core, &total, &l);
    total.shared_px = 120;
    const struct lct_area close = lct_area_measure(&core, &total, &l);
    cr_assert(alone.total_shared_sd_px2 == 0.0 && near.total_shared_sd_px2 > 0.0);
    cr_assert(epsilon_eq(dbl, close.total_shared_sd_px2, 2.0 * near.total_shared_sd_px2, 1e-9));
    cr_assert(epsilon_eq(dbl, near.total_sd_px2, hypot(alone.total_sd_px2, near.total_shared_sd_px2), 1e-9));
    cr_assert(epsilon_eq(dbl, near.shell_sd_px2, hypot(alone.shell_sd_px2, near.total_shared_sd_px2), 1e-9));
    cr_assert(near.core_sd_px2 == alone.core_sd_px2 && near.total_common_sd_px2 == alone.total_common_sd_px2);
}

/* Grain that moves every stretch of 8 blurs by itself; a core's own level has the mean of it, which leaves 0.8. */
Test(area, grain_of_the_film_adds_up_over_its_stretches)
{
    const struct lct_levels l = { .shell = 0.86, .core = 0.72, .has_shell = true, .film_sd = 0.004, .blur_px = 2.0 };
    const struct lct_enclosed core = { .area_px2 = 5000.0, .perimeter_px = 250.0, .turns = 1 },
                              total = { .area_px2 = 9000.0, .perimeter_px = 340.0, .turns = 1 };
    const struct lct_area a = lct_area_measure(&core, &total, &l);
    const double moved_px = 0.004 * 2.0 * sqrt(2.0 * M_PI) / 0.14; /* both steps are as high */
    cr_expect(epsilon_eq(dbl, a.core_sd_px2, 0.8 * moved_px * sqrt(250.0 * 16.0), 1e-9));
    cr_expect(epsilon_eq(dbl, a.total_sd_px2, moved_px * sqrt(340.0 * 16.0), 1e-9));
}
