/* Protects: smoothing, shifting and binning move no grey and no edge. Every area rests on them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/sampling.h>
#include <math.h>
#include <shapes.h>

static void fill_ramp(struct lct_image *p, double ax, double ay)
{
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++)
            p->px[y * p->width + x] = (float)(ax * x + ay * y);
}

Test(sampling, gaussian_taps_sum_to_one_and_have_their_sigma)
{
    static const double sigmas[] = { 0.0, 0.3, 1.2, 2.0, 5.0, 16.0 };
    for (size_t i = 0; i < sizeof sigmas / sizeof *sigmas; i++) {
        const struct lct_gaussian g = lct_gaussian_make(sigmas[i]);
        double sum = (double)g.taps[0], second = 0.0;
        cr_assert(g.radius < LCT_GAUSSIAN_MAX_TAPS);
        for (int k = 1; k <= g.radius; k++) {
            sum += 2.0 * (double)g.taps[k];
            second += 2.0 * (double)g.taps[k] * k * k;
        }
        cr_assert(epsilon_eq(dbl, sum, 1.0, 1e-6), "sigma %g: %g", sigmas[i], sum); /* 64 floats */
        if (sigmas[i] >= 1.0) /* cut at 3.5 sigma: 0.7 % of the variance is beyond */
            cr_assert(
                epsilon_eq(dbl, sqrt(second), sigmas[i], 0.005 * sigmas[i]), "sigma %g: %g", sigmas[i], sqrt(second));
    }
}

/* Sizes below and above the radius of the taps: the border code and the inner code must meet. */
Test(sampling, a_constant_stays_constant_whatever_the_size)
{
    static const struct {
        int w, h;
        double sigma;
    } rows[] = { { 64, 48, 2 }, { 1, 1, 2 }, { 5, 9, 3 }, { 14, 14, 2 }, { 15, 13, 2 }, { 7, 1, 1.2 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lct_image p = shape_plane(rows[i].w, rows[i].h), scratch = shape_plane(rows[i].w, rows[i].h);
        const struct lct_gaussian g = lct_gaussian_make(rows[i].sigma);
        lct_image_smooth(&p, &g, &scratch);
        for (size_t k = 0; k < lct_image_count(&p); k++)
            cr_assert(epsilon_eq(flt, p.px[k], 1.0f, 1e-5f), "row %zu, pixel %zu: %g", i, k, (double)p.px[k]);
        lct_image_finish(&p);
        lct_image_finish(&scratch);
    }
}

Test(sampling, a_point_is_spread_alike_in_all_directions)
{
    struct lct_image p = shape_plane(41, 41), scratch = shape_plane(41, 41);
    for (size_t k = 0; k < lct_image_count(&p); k++)
        p.px[k] = k == 20 * 41 + 20 ? 1.0f : 0.0f;
    const struct lct_gaussian g = lct_gaussian_make(2.0);
    lct_image_smooth(&p, &g, &scratch);
    for (int d = 0; d <= 10; d++) {
        const float right = p.px[20 * 41 + 20 + d], left = p.px[20 * 41 + 20 - d];
        const float up = p.px[(20 - d) * 41 + 20], down = p.px[(20 + d) * 41 + 20];
        cr_assert(epsilon_eq(flt, right, g.taps[0] * (d <= g.radius ? g.taps[d] : 0.0f), 1e-7f));
        cr_assert(epsilon_eq(flt, right, left, 1e-9f));
        cr_assert(epsilon_eq(flt, up, down, 1e-9f));
        cr_assert(epsilon_eq(flt, right, up, 1e-8f));
    }
    lct_image_finish(&p);
    lct_image_finish(&scratch);
}

/* Bilinear sampling is exact on a plane; only where it would look beyond the border may it differ. */
Test(sampling, a_ramp_is_shifted_exactly)
{
    static const double shifts[][2] = { { 0, 0 }, { 0.3, 0 }, { 0, -0.7 }, { -0.5, 0.5 }, { 3.25, -2.75 }, { -40, 40 },
        { 0.999, -0.001 } };
    struct lct_image in = shape_plane(23, 17), out = shape_plane(23, 17);
    fill_ramp(&in, 2.0, -3.0);
    for (size_t i = 0; i < sizeof shifts / sizeof *shifts; i++) {
        const double dx = shifts[i][0], dy = shifts[i][1];
        lct_image_shift(&in, dx, dy, &out);
        for (int y = 0; y < out.height; y++)
            for (int x = 0; x < out.width; x++) {
                const double sx = fmin(fmax(x + dx, 0.0), out.width - 1.0),
                             sy = fmin(fmax(y + dy, 0.0), out.height - 1.0);
                cr_assert(epsilon_eq(
                              dbl, (double)out.px[y * out.width + x], 2.0 * sx - 3.0 * sy, 1e-4), /* floats up to 100 */
                    "shift %g %g at %d %d: %g", dx, dy, x, y, (double)out.px[y * out.width + x]);
            }
    }
    lct_image_finish(&in);
    lct_image_finish(&out);
}

/* Mean over the block: a ramp is sampled at the middle of each block, (bin - 1) / 2; what does not fill a block is left out. */
Test(sampling, binning_takes_the_mean_of_whole_blocks)
{
    for (int bin = 1; bin <= 5; bin++) {
        struct lct_image in = shape_plane(23, 17), out = shape_plane(23 / bin, 17 / bin);
        fill_ramp(&in, 2.0, -3.0);
        lct_image_bin(&in, bin, &out);
        for (int y = 0; y < out.height; y++)
            for (int x = 0; x < out.width; x++) {
                const double middle = 0.5 * (bin - 1), want = 2.0 * (x * bin + middle) - 3.0 * (y * bin + middle);
                cr_assert(epsilon_eq(dbl, (double)out.px[y * out.width + x], want, 1e-4));
            }
        lct_image_finish(&in);
        lct_image_finish(&out);
    }
}

/* The quick way along a line gives what each point alone gives, inside and where the line leaves the picture; on a ramp that is the
 * ramp itself. */
Test(sampling, a_line_of_points_is_the_points)
{
    enum { SIZE = 16, POINTS = 12 };
    struct lct_image image = { 0 };
    double out[POINTS];
    cr_assert(eq(int, lct_image_init(&image, SIZE, SIZE, NULL), LCT_OK));
    for (int i = 0; i < SIZE * SIZE; i++)
        image.px[i] = (float)(3 * (i % SIZE) - 2 * (i / SIZE));
    const struct lct_image_line lines[] = { { 1.25, 2.5, 1.0, 0.75, POINTS }, { 13.5, 14.0, -0.7, -1.1, POINTS },
        { 10.0, 3.0, 0.9, 0.3, POINTS }, { -3.0, 8.0, 2.0, 0.0, POINTS }, { (double)NAN, 1.0, 1.0, 0.0, POINTS },
        { 15.0, 15.0, 0.0, 0.0, 1 } };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const struct lct_image_line *l = &lines[i];
        lct_image_along(&image, l, out);
        for (int k = 0; k < l->n; k++) {
            const double x = l->x_px + k * l->dx_px, y = l->y_px + k * l->dy_px;
            cr_assert(epsilon_eq(dbl, out[k], lct_image_at(&image, x, y), 1e-4)); /* floats: 16 px x 3 x 1e-6 */
            if (x >= 0 && y >= 0 && x < SIZE - 1 && y < SIZE - 1)
                cr_assert(epsilon_eq(dbl, out[k], 3 * x - 2 * y, 1e-4));
        }
    }
    lct_image_finish(&image);
}
