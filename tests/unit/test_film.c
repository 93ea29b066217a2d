/* Protects: the film is found below a particle and beside it, and a particle that goes while a time mean is made leaves no trace
 * in it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/film.h>
#include <math.h>
#include <shapes.h>

enum { W = 256, H = 256, PLANES = 12, MIDDLE = 128 };
static const struct lct_segment_params PARAMS = { .min_core_px = 75.0, .hole_px = 75.0 };
static const struct lct_levels LEVELS = {
    .shell = 0.81, .core = 0.68, .has_shell = true, .noise_sd = 0.005, .blur_px = 2.5
};

static double grain(int x, int y)
{
    return 0.01 * sin(0.30 * x) * sin(0.25 * y);
}

/* `there`: share of the plane's time in which the particle was there. */
static struct lct_image plane_with(double there, bool with_film)
{
    struct lct_image plane = shape_plane(W, H), empty = shape_plane(W, H);
    shape_add_particle(&plane, MIDDLE, MIDDLE, 40, 64, &LEVELS);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            float *v = &plane.px[y * W + x];
            *v = (float)((there * (double)*v + (1.0 - there) * (double)empty.px[y * W + x])
                * (1.0 + with_film * grain(x, y)));
        }
    lct_image_finish(&empty);
    return plane;
}

/* The largest error of the film between two distances from the particle's middle. */
static double worst(const double there[PLANES], bool with_film, double from, double to)
{
    struct lct_image planes[PLANES], film = shape_plane(W, H);
    double most = 0.0;
    for (int k = 0; k < PLANES; k++)
        planes[k] = plane_with(there[k], with_film);
    cr_assert(eq(
        int, lct_film_estimate(&film, &(struct lct_planes){ planes, PLANES, 2 }, &LEVELS, &PARAMS, 0.0, NULL), LCT_OK));
    for (int y = MIDDLE - 20; y <= MIDDLE + 20; y++)
        for (int x = 0; x < W; x++) {
            const double r = hypot(x - MIDDLE, y - MIDDLE);
            if (r >= from && r < to)
                most = fmax(most, fabs((double)film.px[y * W + x] - 1.0 - with_film * grain(x, y)));
        }
    for (int k = 0; k < PLANES; k++)
        lct_image_finish(&planes[k]);
    lct_image_finish(&film);
    return most;
}

static void expect_below(double error, double most)
{
    cr_expect(error < most, "off by %g, not by %g at most", error, most);
}

/* Well inside the phases all planes agree; the surroundings, with a weight of 0.15 / 1.15 at most, and the mean
 * of a phase, which is no film, flatten the grain a little. */
Test(film, is_found_in_all_phases)
{
    static const double stays[PLANES] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
    expect_below(worst(stays, true, 0.0, 32.0), 0.003);
    expect_below(worst(stays, true, 48.0, 56.0), 0.003);
    expect_below(worst(stays, true, 75.0, 120.0), 0.003);
}

/* In the plane in which the particle goes, or comes, its places look like dim liquid (0.94 where the shell was): as film that would
 * move the edges that stood there. Beside these places the tails of blurred edges are taken for film, a tenth of the step. */
Test(film, keeps_no_trace_of_what_went)
{
    static const double whiles[][PLANES] = { { 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.3, 0, 0 },
        { 0, 0, 0.3, 1, 1, 1, 1, 1, 1, 1, 1, 1 } };
    for (int i = 0; i < 2; i++) {
        expect_below(worst(whiles[i], false, 0.0, 32.0), 0.003);
        expect_below(worst(whiles[i], false, 38.0, 42.0), 0.003);
        expect_below(worst(whiles[i], false, 46.0, 58.0), 0.003);
        expect_below(worst(whiles[i], false, 61.0, 64.0), 0.003);
    }
}

/* An edge that moves by 5 px in a movie, as little as its blur: its tail is no film, which would draw it to where it mostly is. Film is looked
 * for from 1.3 blurs off, where the tail is a tenth of the step (0.019). */
Test(film, edges_that_hardly_move_leave_no_trace)
{
    struct lct_image planes[PLANES], film = shape_plane(W, H);
    for (int k = 0; k < PLANES; k++) {
        planes[k] = shape_plane(W, H);
        shape_add_particle(&planes[k], MIDDLE, MIDDLE, 40 + 5.0 * k / PLANES, 64 + 5.0 * k / PLANES, &LEVELS);
    }
    cr_assert(eq(
        int, lct_film_estimate(&film, &(struct lct_planes){ planes, PLANES, 2 }, &LEVELS, &PARAMS, 0.0, NULL), LCT_OK));
    double most = 0.0;
    for (size_t i = 0; i < lct_image_count(&film); i++)
        most = fmax(most, fabs((double)film.px[i] - 1.0));
    expect_below(most, 0.004);
    for (int k = 0; k < PLANES; k++)
        lct_image_finish(&planes[k]);
    lct_image_finish(&film);
}

/* A pale spot of film in the core is deep enough to be taken for shell in all planes: its own place says dark film, which makes it shell
 * for good; the mean over what is around it says pale. */
Test(film, surroundings_tell_the_phase_of_a_spot)
{
    struct lct_image planes[PLANES], film = shape_plane(W, H);
    for (int k = 0; k < PLANES; k++) {
        planes[k] = plane_with(1.0, false);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++)
                planes[k].px[y * W + x] *=
                    (float)(1.0 + 0.11 * exp(-0.5 * pow(hypot(x - MIDDLE - 30, y - MIDDLE) / 14.0, 2.0)));
    }
    const size_t middle = (size_t)MIDDLE * W + MIDDLE + 30;
    cr_assert(eq(
        int, lct_film_estimate(&film, &(struct lct_planes){ planes, PLANES, 2 }, &LEVELS, &PARAMS, 0.0, NULL), LCT_OK));
    cr_expect(film.px[middle] < 0.99f, "by itself %g", (double)film.px[middle]);
    cr_assert(eq(int, lct_film_estimate(&film, &(struct lct_planes){ planes, PLANES, 2 }, &LEVELS, &PARAMS, 20.0, NULL),
        LCT_OK));
    cr_expect(film.px[middle] > 1.005f, "by its surroundings %g", (double)film.px[middle]);
    for (int k = 0; k < PLANES; k++)
        lct_image_finish(&planes[k]);
    lct_image_finish(&film);
}
