/* Protects: liquid, shell and core are told apart; the blur of a bare core edge is no shell, a real thin shell is. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/segment.h>
#include <math.h>
#include <shapes.h>
#include <string.h>

enum { W = 160, H = 128 };
static const struct lct_levels levels = {
    .shell = 0.86, .core = 0.73, .has_shell = true, .noise_sd = 0.005, .blur_px = 2.5
};
static const struct lct_segment_params params = { .min_core_px = 75, .hole_px = 75 };
static uint8_t phase[W * H];
static struct lct_mask_work work;

static void setup(void)
{
    cr_assert(lct_mask_work_init(&work, W, H, NULL) == LCT_OK);
}

static void teardown(void)
{
    lct_mask_work_finish(&work);
}

TestSuite(segment, .init = setup, .fini = teardown);

static int count(enum lct_phase wanted)
{
    int n = 0;
    for (int i = 0; i < W * H; i++)
        n += phase[i] == wanted;
    return n;
}

Test(segment, edges_lie_half_way_between_two_levels)
{
    cr_assert(epsilon_eq(dbl, lct_levels_edge(&levels, LCT_CORE, LCT_SHELL), 0.795, 1e-12));
    cr_assert(epsilon_eq(dbl, lct_levels_edge(&levels, LCT_LIQUID, LCT_SHELL), 0.93, 1e-12));
    cr_assert(epsilon_eq(
        dbl, lct_levels_edge(&levels, LCT_CORE, LCT_LIQUID), lct_levels_edge(&levels, LCT_LIQUID, LCT_CORE), 0.0));
}

/* Shell half way between core and liquid: a bare edge is between its quartiles for 2 x 0.6745 sd. */
Test(segment, the_false_rim_is_what_the_normal_distribution_says)
{
    const struct lct_levels half = { .shell = 0.85, .core = 0.7, .has_shell = true, .blur_px = 2.0 };
    cr_assert(epsilon_eq(dbl, lct_levels_false_rim_px(&half), 2.0 * 2.0 * 0.67448975, 1e-6));
    struct lct_levels none = half;
    none.has_shell = false;
    cr_assert(eq(dbl, lct_levels_false_rim_px(&none), 0.0));
}

/* Pixel counts against areas: a pixel more or less around the edges. */
Test(segment, core_and_shell_have_their_areas)
{
    static const double rows[][2] = { { 25, 40 }, { 30, 40 }, { 40, 50 }, { 20, 28 } }; /* radii of core and particle */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lct_image plane = shape_plane(W, H);
        shape_add_particle(&plane, 80.3, 64.2, rows[i][0], rows[i][1], &levels);
        cr_assert(eq(int, lct_segment_frame(&plane, &levels, &params, &work, phase), 1));
        const double core = M_PI * pow(rows[i][0], 2), total = M_PI * pow(rows[i][1], 2);
        cr_assert(fabs(count(LCT_CORE) / core - 1.0) < 0.01, "row %zu: %d for %g", i, count(LCT_CORE), core);
        cr_assert(fabs(count(LCT_SHELL) / (total - core) - 1.0) < 0.02, "row %zu: %d for %g", i, count(LCT_SHELL),
            total - core);
        lct_image_finish(&plane);
    }
}

/* Two-phase levels, particle without shell: nothing of its edge may be shell, and its core must reach out to the true edge. */
Test(segment, the_blur_of_a_bare_edge_is_no_shell)
{
    static const double shells[] = { 0.80, 0.86, 0.92 }; /* near to the core, in the middle, near to the liquid */
    for (int sides = 0; sides <= 6; sides += 6)
        for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
            struct lct_levels l = levels;
            l.shell = shells[i];
            struct lct_image plane = shape_plane(W, H);
            const struct shape bare = { 80.3, 64.2, 40, sides, 17 };
            shape_add(&plane, &bare, l.core - 1.0, l.blur_px);
            (void)lct_segment_frame(&plane, &l, &params, &work, phase);
            const double area = shape_area(&bare);
            cr_assert(count(LCT_SHELL) <= 6, "%d sides, shell at %g: %d px", sides, l.shell,
                count(LCT_SHELL)); /* at the corners */
            cr_assert(fabs(count(LCT_CORE) / area - 1.0) < 0.01, "%d for %g", count(LCT_CORE), area);
            lct_image_finish(&plane);
        }
}

/* 0.6 nm at 0.1 nm/px: one double layer of the shell, the thinnest that is really there. */
Test(segment, a_shell_of_6_px_is_seen_all_around)
{
    struct lct_image plane = shape_plane(W, H);
    shape_add_particle(&plane, 80.3, 64.2, 40, 46, &levels);
    (void)lct_segment_frame(&plane, &levels, &params, &work, phase);
    const double shell = M_PI * (46 * 46 - 40 * 40);
    cr_assert(fabs(count(LCT_SHELL) / shell - 1.0) < 0.05, "%d for %g", count(LCT_SHELL), shell);
    for (int deg = 0; deg < 360; deg += 5) {
        const int x = (int)lround(80.3 + 43 * cos(deg * M_PI / 180)),
                  y = (int)lround(64.2 + 43 * sin(deg * M_PI / 180));
        cr_assert(eq(int, phase[y * W + x], LCT_SHELL), "at %d degrees", deg);
    }
    lct_image_finish(&plane);
}

/* Grains of some px, deep enough to move an edge by half a blur here and there. */
static void add_grain(struct lct_image *plane)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            plane->px[y * W + x] += (float)(0.025 * cos(0.7 * x) * cos(0.6 * y));
}

/* The edge is bare or covered as a whole, not where a grain says so: no shell on a bare core, and all of a rim of 5 px. */
Test(segment, a_grain_neither_bares_an_edge_nor_covers_it)
{
    for (int rim = 0; rim <= 5; rim += 5) {
        struct lct_image plane = shape_plane(W, H);
        if (rim > 0)
            shape_add_particle(&plane, 80.3, 64.2, 40, 40 + rim, &levels);
        else
            shape_add(&plane, &(struct shape){ 80.3, 64.2, 40, 0, 0 }, levels.core - 1.0, levels.blur_px);
        add_grain(&plane);
        struct lct_levels l = levels;
        l.noise_sd = 0.0125;
        (void)lct_segment_frame(&plane, &l, &params, &work, phase);
        const double core = M_PI * 40 * 40, shell = M_PI * ((40 + rim) * (40 + rim) - 40 * 40);
        cr_expect(fabs(count(LCT_CORE) / core - 1.0) < 0.01, "rim of %d px: %d for %g", rim, count(LCT_CORE), core);
        cr_expect(fabs(count(LCT_SHELL) - shell) < 0.06 * shell + 6.0, "rim of %d px: %d for %g", rim, count(LCT_SHELL),
            shell);
        lct_image_finish(&plane);
    }
}

/* Half of the rim etched away: shell on one side only. */
Test(segment, a_half_covered_core_has_half_a_shell)
{
    struct lct_image plane = shape_plane(W, H);
    const struct shape core = { 80, 64, 32, 0, 0 }, total = { 80, 64, 44, 0, 0 };
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const double right = shape_edge(80.0 - x, levels.blur_px);
            plane.px[y * W + x] +=
                (float)((levels.shell - 1.0) * right * shape_edge(shape_distance(&total, x, y), levels.blur_px)
                    + ((levels.core - 1.0) - (levels.shell - 1.0) * right)
                        * shape_edge(shape_distance(&core, x, y), levels.blur_px));
        }
    (void)lct_segment_frame(&plane, &levels, &params, &work, phase);
    int left = 0;
    for (int i = 0; i < W * H; i++)
        left += phase[i] == LCT_SHELL && i % W < 76;
    const double shell = 0.5 * M_PI * (44 * 44 - 32 * 32);
    cr_assert(left <= 20, "%d px on the bare side", left); /* where the rim ends */
    cr_assert(fabs(count(LCT_SHELL) / shell - 1.0) < 0.05, "%d for %g", count(LCT_SHELL), shell);
    lct_image_finish(&plane);
}

Test(segment, specks_are_dropped_and_small_holes_filled)
{
    struct lct_image plane = shape_plane(W, H);
    const struct shape core = { 60, 64, 30, 0, 0 }, speck = { 130, 64, 3, 0, 0 }, hole = { 60, 64, 3, 0, 0 };
    struct lct_levels l = levels;
    l.has_shell = false;
    l.shell = l.core;
    shape_add(&plane, &core, l.core - 1.0, 1.0);
    shape_add(&plane, &speck, l.core - 1.0, 1.0);
    shape_add(&plane, &hole, 1.0 - l.core, 1.0);
    cr_assert(eq(int, lct_segment_frame(&plane, &l, &params, &work, phase), 1));
    cr_assert(phase[64 * W + 130] == LCT_LIQUID && phase[64 * W + 60] == LCT_CORE);
    cr_assert(eq(int, count(LCT_SHELL), 0));
    lct_image_finish(&plane);
}

Test(segment, matter_of_the_shells_level_without_a_core_is_no_particle)
{
    struct lct_image plane = shape_plane(W, H);
    const struct shape flake = { 60, 64, 30, 0, 0 };
    shape_add(&plane, &flake, levels.shell - 1.0, levels.blur_px);
    cr_assert(eq(int, lct_segment_frame(&plane, &levels, &params, &work, phase), 0));
    cr_assert(eq(int, count(LCT_LIQUID), W *H));
    lct_image_finish(&plane);
}
