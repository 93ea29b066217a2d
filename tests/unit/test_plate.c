/* Protects: thicknesses from a side view are those of the plate that was drawn, whatever its direction, and sigma
 * covers. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/plate.h>
#include <math.h>
#include <shapes.h>
#include <stdlib.h>

enum { W = 220, H = 200 };
static const double PLATE = 48.0, CORE = 27.0, LONG = 150.0, BLUR = 2.5;

/* A bar of the given thickness and length, edges blurred in closed form. */
static void add_bar(struct lct_image *plane, double angle_deg, double thickness, double length, double depth)
{
    const double a = angle_deg * M_PI / 180.0;
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const double dx = x - 110.3, dy = y - 99.2, s = dx * cos(a) + dy * sin(a), t = -dx * sin(a) + dy * cos(a);
            const double across = shape_edge(-0.5 * thickness - t, BLUR) - shape_edge(0.5 * thickness - t, BLUR);
            const double along = shape_edge(-0.5 * length - s, BLUR) - shape_edge(0.5 * length - s, BLUR);
            plane->px[y * W + x] += (float)(depth * fabs(across) * fabs(along));
        }
}

static struct lct_image draw(double angle_deg, double sign, bool with_core)
{
    struct lct_image plane = shape_plane(W, H);
    add_bar(&plane, angle_deg, PLATE, LONG, -0.14 * sign);
    if (with_core)
        add_bar(&plane, angle_deg, CORE, LONG - 20.0, -0.1 * sign);
    return plane;
}

/* Without noise only the interpolation between pixels is left: it widens the blur a little and moves no edge. */
Test(plate, thickness_is_that_of_the_plate_at_any_angle)
{
    static const double angles[] = { 0.0, 20.0, 45.0, 90.0, -67.0, 133.0 };
    for (size_t i = 0; i < sizeof angles / sizeof *angles; i++) {
        struct lct_image plane = draw(angles[i], i % 2 ? -1.0 : 1.0, true);
        struct lct_plate_line line;
        struct lct_plate plate;
        cr_assert(lct_plate_find(&line, &plane, i % 2, NULL) == LCT_OK);
        cr_assert(lct_plate_measure(&plate, &plane, &line, NULL) == LCT_OK);
        cr_assert(plate.has_core);
        cr_assert(epsilon_eq(dbl, plate.plate_px, PLATE, 0.1), "angle %g", angles[i]);
        cr_assert(epsilon_eq(dbl, plate.core_px, CORE, 0.1), "angle %g", angles[i]);
        cr_assert(epsilon_eq(dbl, plate.blur_px, BLUR, 0.2));
        lct_image_finish(&plane);
    }
}

/* A line laid across by hand leans; the plate is as thick as before, not 1/cos thicker (6.4 % at 20 degrees). */
Test(plate, a_leaning_line_is_put_right)
{
    struct lct_image plane = draw(0.0, 1.0, true);
    const double lean = 15.0 * M_PI / 180.0;
    const struct lct_plate_line line = { 110.0 - 70.0 * sin(lean), 99.0 - 70.0 * cos(lean), 110.0 + 70.0 * sin(lean),
        99.0 + 70.0 * cos(lean), 40.0 };
    struct lct_plate plate;
    cr_assert(lct_plate_measure(&plate, &plane, &line, NULL) == LCT_OK);
    cr_assert(epsilon_eq(dbl, fabs(plate.tilt_deg), 15.0, 0.3));
    cr_assert(epsilon_eq(dbl, plate.plate_px, PLATE, 0.3));
    cr_assert(epsilon_eq(dbl, plate.core_px, CORE, 0.3));
    lct_image_finish(&plane);
}

/* 40 noisy pictures: 95 % within two sigma means 36 to 40, three sigma of the binomial. */
Test(plate, sigma_covers)
{
    enum { TRIES = 40 };
    int plates = 0, cores = 0;
    for (int k = 0; k < TRIES; k++) {
        struct lct_image plane = draw(10.0, 1.0, true);
        shape_add_noise(&plane, 0.1, 500 + (uint64_t)k);
        const struct lct_plate_line line = { 110.0 + 65.0 * sin(0.17), 99.0 - 65.0 * cos(0.17),
            110.0 - 65.0 * sin(0.17), 99.0 + 65.0 * cos(0.17), 60.0 };
        struct lct_plate plate;
        cr_assert(lct_plate_measure(&plate, &plane, &line, NULL) == LCT_OK);
        plates += fabs(plate.plate_px - PLATE) <= 2.0 * plate.plate_sd_px;
        cores += plate.has_core && fabs(plate.core_px - CORE) <= 2.0 * plate.core_sd_px;
        lct_image_finish(&plane);
    }
    cr_assert(plates >= 34, "%d", plates);
    cr_assert(cores >= 34, "%d", cores);
}

Test(plate, without_a_core_there_is_none)
{
    struct lct_image plane = draw(30.0, 1.0, false);
    shape_add_noise(&plane, 0.02, 7);
    struct lct_plate_line line;
    struct lct_plate plate;
    cr_assert(lct_plate_find(&line, &plane, false, NULL) == LCT_OK);
    cr_assert(lct_plate_measure(&plate, &plane, &line, NULL) == LCT_OK);
    cr_assert(not(plate.has_core));
    cr_assert(isnan(plate.core_px));
    cr_assert(epsilon_eq(dbl, plate.plate_px, PLATE, 0.5));
    lct_image_finish(&plane);
}

Test(plate, what_is_none_is_refused_and_out_is_untouched)
{
    struct lct_image plane = shape_plane(W, H);
    shape_add_noise(&plane, 0.02, 3);
    struct lct_plate plate = { .n = 77 };
    struct lct_plate_line line = { .width_px = 77.0 };
    cr_assert(eq(int, lct_plate_find(&line, &plane, false, NULL), LCT_E_NODATA));
    const struct lct_plate_line rows[] = { { 10, 10, 12, 10, 5 }, { 10, 10, 100, 10, 0.5 }, { -5, 10, 100, 10, 5 },
        { 10, 10, 100, 400, 5 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_assert(eq(int, lct_plate_measure(&plate, &plane, &rows[i], NULL), LCT_E_ARG));
    const struct lct_plate_line empty = { 20, 20, 120, 120, 20 };
    cr_assert(eq(int, lct_plate_measure(&plate, &plane, &empty, NULL), LCT_E_NODATA));
    const struct shape disc = { 110.0, 100.0, 40.0, 0, 0 };
    shape_add(&plane, &disc, -0.3, BLUR);
    cr_assert(eq(int, lct_plate_find(&line, &plane, false, NULL), LCT_E_NODATA)); /* round: not seen from its side */
    cr_assert(eq(sz, plate.n, 77));
    cr_assert(eq(dbl, line.width_px, 77.0));
    lct_image_finish(&plane);
}
