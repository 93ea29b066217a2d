/* Protects: an edge is found where it is, bare or under a rim, in any direction, and its sigma is the scatter that
 * noise gives it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/sampling.h>
#include <lctem/strip.h>
#include <math.h>
#include <shapes.h>
#include <string.h>

enum { SIDE = 160 };
static const double SMOOTHING = 2.0, EDGE = 1.5, CORE = 0.75, SHELL = 0.87;

/* A half plane of core with a rim, or none: its edge at `height` from the middle along `angle_deg`. */
static struct lct_image draw(double angle_deg, double height, double rim)
{
    struct lct_image image = shape_plane(SIDE, SIDE);
    struct lct_facet f;
    lct_facet_turn_to(&f, angle_deg);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const double d = (x - 80.0) * f.nx + (y - 80.0) * f.ny - height;
            const double blur = hypot(SMOOTHING, EDGE);
            image.px[y * SIDE + x] = (float)(rim > 0.0
                    ? 1.0 + (SHELL - 1.0) * shape_edge(d - rim, blur) + (CORE - SHELL) * shape_edge(d, blur)
                    : 1.0 + (CORE - 1.0) * shape_edge(d, blur));
        }
    return image;
}

static struct lct_strip_scene scene_with(double sd)
{
    struct lct_strip_scene s = { .model = { .core = CORE, .shell = SHELL, .blur_px = hypot(SMOOTHING, EDGE) },
        .still = { .step_px = 1.0 },
        .film = { .step_px = 1.0 },
        .shot = { .step_px = 1.0 } };
    for (int k = 0; k < LCT_GRAIN_LAGS; k++)
        s.shot.covariance[k] = sd * sd * exp(-k * k / (4.0 * SMOOTHING * SMOOTHING));
    return s;
}

static bool fit(struct lct_strip_fit *out, const struct lct_image *image, double angle_deg, double start, double rim,
    const struct lct_strip_scene *scene)
{
    const struct lct_strip_picture picture = { image, 0.0, 0.0, 1.0, 1.0 };
    struct lct_facet_set set = { .n = 1, .x_px = 80.0, .y_px = 80.0 };
    lct_facet_turn_to(&set.facet[0], angle_deg);
    const struct lct_strip_edge edge = { .height_px = start,
        .from_px = -18.0,
        .to_px = 18.0,
        .shell_px = rim > 0.0 ? rim - (start - 21.3) : (double)NAN,
        .bare_frac = rim > 0.0 ? 0.0 : 1.0 };
    return lct_strip_fit(out, &picture, &set, 0, &edge, scene);
}

/* Cubic interpolation of an edge 2.5 px wide: a hundredth of a px. */
Test(strip, finds_the_edge_in_any_direction)
{
    const struct lct_strip_scene scene = scene_with(0.004);
    const double angles[] = { 0, 30, 45, 90, 137, 180, 270, 301 };
    for (size_t k = 0; k < sizeof angles / sizeof *angles; k++)
        for (int bare = 0; bare < 2; bare++) {
            struct lct_image image = draw(angles[k], 21.3, bare ? 0.0 : 15.0);
            struct lct_strip_fit found;
            cr_assert(fit(&found, &image, angles[k], 23.0, bare ? 0.0 : 15.0, &scene));
            cr_assert(
                epsilon_eq(dbl, found.height_px, 21.3, 0.015), "%g deg, bare %d: %g", angles[k], bare, found.height_px);
            lct_image_finish(&image);
        }
}

/* Scatter of 150 noisy pictures, known to 6 %: three sigmas are 18 %. */
Test(strip, sigma_is_the_scatter)
{
    enum { TRIES = 150 };
    const double sd = 0.012;
    const struct lct_strip_scene scene = scene_with(sd);
    const struct lct_gaussian g = lct_gaussian_make(SMOOTHING);
    double sum = 0.0, square = 0.0, sigma = 0.0;
    for (int k = 0; k < TRIES; k++) {
        struct lct_image image = draw(30.0, 21.3, 15.0), noise = shape_plane(SIDE, SIDE),
                         spare = shape_plane(SIDE, SIDE);
        struct lct_strip_fit found;
        shape_add_noise(&noise, sd * 2.0 * sqrt(M_PI) * SMOOTHING, 50 + (uint64_t)k);
        lct_image_smooth(&noise, &g, &spare);
        for (int i = 0; i < SIDE * SIDE; i++)
            image.px[i] += noise.px[i] - 1.0f;
        cr_assert(fit(&found, &image, 30.0, 21.0, 15.0, &scene));
        sum += found.height_px - 21.3;
        square += (found.height_px - 21.3) * (found.height_px - 21.3);
        sigma = found.sd_px;
        cr_assert(
            epsilon_eq(dbl, found.noise_sd_px, found.sd_px, 0.2 * found.sd_px)); /* all of it is new in every picture */
        lct_image_finish(&image);
        lct_image_finish(&noise);
        lct_image_finish(&spare);
    }
    const double scatter = sqrt(square / TRIES);
    cr_assert(fabs(sum / TRIES) < 3.0 * scatter / sqrt(TRIES), "bias %g", sum / TRIES);
    cr_assert(scatter > 0.8 * sigma && scatter < 1.2 * sigma, "scatter %g, sigma %g", scatter, sigma);
}

/* A soft edge between thicknesses is darker than its middle: it is told apart from a blurred picture of a sharp one. */
Test(strip, softness_moves_the_edge_inwards)
{
    struct lct_strip_scene scene = scene_with(0.004);
    struct lct_image image = draw(0.0, 21.3, 0.0);
    struct lct_strip_fit sharp, soft;
    cr_assert(fit(&sharp, &image, 0.0, 21.0, 0.0, &scene));
    scene.model.soft_px = EDGE;
    cr_assert(fit(&soft, &image, 0.0, 21.0, 0.0, &scene));
    /* second order: T s / (2 sqrt(pi)) for a thickness of T absorption lengths */
    const double expected = -log(CORE) * EDGE / (2.0 * sqrt(M_PI));
    cr_assert(epsilon_eq(dbl, sharp.height_px - soft.height_px, expected, 0.2 * expected));
    lct_image_finish(&image);
}

Test(strip, refuses_what_it_cannot_see)
{
    const struct lct_strip_scene scene = scene_with(0.004);
    struct lct_image image = draw(0.0, 21.3, 15.0);
    struct lct_strip_fit found = { .height_px = -1.0 };
    for (int y = 70; y < 95; y++)
        for (int x = 0; x < SIDE; x++)
            image.px[y * SIDE + x] = NAN;
    cr_assert(not(fit(&found, &image, 0.0, 21.3, 15.0, &scene)));
    cr_assert(not(fit(&found, &image, 0.0, 500.0, 15.0, &scene)));
    cr_assert(eq(dbl, found.height_px, -1.0));
    lct_image_finish(&image);
}
