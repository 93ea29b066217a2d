/* Protects: places, amplitudes and errors of waves against closed forms; no wave in noise; neighbours do not pull each other. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/random.h>
#include <lctem/spectrum.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct plane_wave {
    double gx, gy, amplitude, phase;
};

static struct lct_image picture(
    int width, int height, const struct plane_wave *waves, size_t n, double noise, uint64_t seed)
{
    struct lct_image image = { 0 };
    cr_assert(eq(int, lct_image_init(&image, width, height, NULL), LCT_OK));
    struct lct_random r = lct_random_start(seed, 0, 0);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            double g = 100.0;
            for (size_t i = 0; i < n; i++)
                g += waves[i].amplitude * cos(2 * M_PI * (waves[i].gx * x + waves[i].gy * y) + waves[i].phase);
            image.px[(size_t)y * (size_t)width + (size_t)x] = (float)(g + noise * lct_random_normal(&r));
        }
    return image;
}

static size_t measure(const struct lct_image *image, struct lct_wave *waves)
{
    struct lct_spectrum *s = NULL;
    const struct lct_spectrum_params p = lct_spectrum_defaults();
    cr_assert(eq(int, lct_spectrum_create(&s, image->width, image->height, NULL), LCT_OK));
    cr_assert(eq(int, lct_spectrum_load(s, image, NULL), LCT_OK));
    const size_t n = lct_spectrum_find(s, &p, waves);
    lct_spectrum_fit(s, waves, n);
    lct_spectrum_destroy(&s);
    return n;
}

/* Float grey values of 100 with steps of 8e-6 are the noise here: places to 1e-6 bins of 1/200. */
Test(spectrum, a_wave_without_noise_is_placed_exactly)
{
    const struct plane_wave truth[] = { { 0.2134567, -0.1098765, 3.0, 0.7 } };
    const int sizes[][2] = { { 200, 200 }, { 256, 128 }, { 131, 97 } };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct lct_image image = picture(sizes[i][0], sizes[i][1], truth, 1, 0.001, 1);
        struct lct_wave w[LCT_SPECTRUM_WAVES];
        const size_t n = measure(&image, w);
        cr_assert(ge(sz, n, 1));
        cr_assert(w[0].ok);
        cr_assert(epsilon_eq(dbl, w[0].gx, truth[0].gx, 5 * sqrt(w[0].cov_xx) + 1e-8));
        cr_assert(epsilon_eq(dbl, w[0].gy, truth[0].gy, 5 * sqrt(w[0].cov_yy) + 1e-8));
        cr_assert(epsilon_eq(dbl, 2 * hypot(w[0].re, w[0].im), 3.0, 1e-3));
        lct_image_finish(&image);
    }
}

/* Two waves 4 bins apart pull each other by a tenth of a bin if each is looked at alone: here they must not, by a thousandth. */
Test(spectrum, neighbours_do_not_pull_each_other)
{
    const double bin = 1.0 / 256;
    const struct plane_wave truth[] = { { 0.21, 0.13, 2.0, 0.3 }, { 0.21 + 3.6 * bin, 0.13 + 1.7 * bin, 2.0, 2.1 } };
    struct lct_image image = picture(256, 256, truth, 2, 0.01, 2);
    struct lct_wave w[LCT_SPECTRUM_WAVES];
    const size_t n = measure(&image, w);
    cr_assert(eq(sz, n, 2), "%zu waves", n);
    for (int i = 0; i < 2; i++) {
        const struct plane_wave *t = fabs(w[i].gx - truth[0].gx) < bin ? &truth[0] : &truth[1];
        cr_assert(epsilon_eq(dbl, w[i].gx / bin, t->gx / bin, 1e-3));
        cr_assert(epsilon_eq(dbl, w[i].gy / bin, t->gy / bin, 1e-3));
    }
    lct_image_finish(&image);
}

/* The bound for a wave of amplitude A in N x N px of noise sigma is var(2 pi g) = 24 sigma^2 / (A^2 N^4); the fading border costs a
 * tenth of sigma, and an estimate of the noise scatters. 60 pictures: the mean square of error over sigma is 1 within 5 x sqrt(2 / 120). */
Test(spectrum, sigma_is_what_the_errors_scatter_by)
{
    enum { N = 96, PICTURES = 60 };
    double sum = 0;
    for (int i = 0; i < PICTURES; i++) {
        const struct plane_wave truth[] = { { 0.2 + 0.0007 * i, 0.1, 1.0, 0.1 * i } };
        struct lct_image image = picture(N, N, truth, 1, 1.5, 100 + (uint64_t)i);
        struct lct_wave w[LCT_SPECTRUM_WAVES];
        cr_assert(ge(sz, measure(&image, w), 1));
        sum += pow(w[0].gx - truth[0].gx, 2) / w[0].cov_xx + pow(w[0].gy - truth[0].gy, 2) / w[0].cov_yy;
        const double bound = 24 * 1.5 * 1.5 / pow(N, 4) / (4 * M_PI * M_PI);
        cr_assert(w[0].cov_xx > 0.7 * bound && w[0].cov_xx < 1.7 * bound, "%g of %g", w[0].cov_xx, bound);
        lct_image_finish(&image);
    }
    cr_assert(epsilon_eq(dbl, sum / (2 * PICTURES), 1.0, 0.65));
}

/* A thousandth of a wave is expected in a whole spectrum of noise, white or coarse: 20 pictures show none but by a rare chance. */
Test(spectrum, noise_holds_no_waves)
{
    size_t found = 0;
    for (int i = 0; i < 20; i++) {
        struct lct_image image = picture(128, 128, NULL, 0, 1.0, 300 + (uint64_t)i);
        struct lct_wave w[LCT_SPECTRUM_WAVES];
        if (i % 2) /* blurred along rows and columns */
            for (size_t k = 129; k + 129 < lct_image_count(&image); k++)
                image.px[k] = image.px[k] + image.px[k + 1] + image.px[k + 128] + image.px[k + 129];
        found += measure(&image, w);
        lct_image_finish(&image);
    }
    cr_assert(eq(sz, found, 0));
}

/* Turning the picture by 90 degrees turns (gx, gy) into (-gy, gx). */
Test(spectrum, turning_the_picture_turns_the_waves)
{
    const struct plane_wave a[] = { { 0.2, 0.05, 1.0, 0.4 } }, b[] = { { -0.05, 0.2, 1.0, 0.4 } };
    struct lct_image one = picture(160, 160, a, 1, 0.05, 5), two = picture(160, 160, b, 1, 0.05, 6);
    struct lct_wave v[LCT_SPECTRUM_WAVES], w[LCT_SPECTRUM_WAVES];
    cr_assert(ge(sz, measure(&one, v), 1));
    cr_assert(ge(sz, measure(&two, w), 1));
    const double sign = w[0].gy > 0 ? 1 : -1; /* g and -g are one */
    cr_assert(epsilon_eq(dbl, sign * w[0].gy, v[0].gx, 10 * sqrt(v[0].cov_xx)));
    cr_assert(epsilon_eq(dbl, -sign * w[0].gx, v[0].gy, 10 * sqrt(v[0].cov_xx)));
    lct_image_finish(&one);
    lct_image_finish(&two);
}

/* Many short waves around 5 px per period on a background that falls as 1/r^2: the scatter of so many lies below 2 %, and the plain
 * maximum of the power would lie 4 % inwards. White noise and a lattice have no halo. */
Test(spectrum, a_disordered_material_has_a_halo)
{
    enum { N = 224, WAVES = 600, BACKGROUND = 150 };
    static struct plane_wave waves[WAVES + BACKGROUND];
    struct lct_random r = lct_random_start(9, 0, 0);
    for (int i = 0; i < WAVES + BACKGROUND; i++) {
        const double angle = 2 * M_PI * lct_random_double(&r);
        const double radius =
            i < WAVES ? 0.2 * (1 + 0.12 * lct_random_normal(&r)) : 0.05 + 0.43 * lct_random_double(&r);
        waves[i] = (struct plane_wave){ radius * cos(angle), radius * sin(angle), i < WAVES ? 1.0 : 0.05 / radius,
            6.28 * lct_random_double(&r) };
    }
    const struct plane_wave lattice[] = { { 0.2, 0.1, 5.0, 0 }, { -0.1, 0.2, 5.0, 0 } };
    struct lct_image pictures[3] = { picture(N, N, waves, WAVES + BACKGROUND, 1.0, 8), picture(N, N, NULL, 0, 1.0, 9),
        picture(N, N, lattice, 2, 1.0, 10) };
    for (int i = 0; i < 3; i++) {
        struct lct_spectrum *s = NULL;
        cr_assert(eq(int, lct_spectrum_create(&s, N, N, NULL), LCT_OK));
        cr_assert(eq(int, lct_spectrum_load(s, &pictures[i], NULL), LCT_OK));
        const double halo = lct_spectrum_halo(s);
        cr_assert(i == 0 ? fabs(halo / 5.0 - 1) < 0.03 : isnan(halo), "picture %d: %g", i, halo);
        lct_spectrum_destroy(&s);
        lct_image_finish(&pictures[i]);
    }
}

/* A round region that fades out over 12 px, about the middle of a box of that width. */
static void fade_out(float *weights, int width)
{
    for (int y = 0; y < width; y++)
        for (int x = 0; x < width; x++) {
            const double depth = (0.5 * width - hypot(x - 0.5 * (width - 1), y - 0.5 * (width - 1))) / 12.0;
            weights[y * width + x] = depth <= 0 ? 0.0F : depth >= 1 ? 1.0F : (float)(0.5 - 0.5 * cos(M_PI * depth));
        }
}

/* A region takes a transform of its own size; whichever came before it, the wave is where it is in a plan of its own, to the last bit,
 * and within 5 sigma of the truth. Phase and amplitude are those at the middle of the region: |c| is half the amplitude. */
Test(spectrum, a_region_does_not_mind_those_before_it)
{
    enum { N = 256 };
    const struct plane_wave truth[] = { { 0.21, -0.13, 2.0, 0.3 } };
    const int widths[] = { 90, 180, 56, 90, 121 };
    static float weights[N * N];
    struct lct_image image = picture(N, N, truth, 1, 1.0, 7);
    struct lct_spectrum *used = NULL;
    const struct lct_spectrum_params p = lct_spectrum_defaults();
    cr_assert(eq(int, lct_spectrum_create(&used, N, N, NULL), LCT_OK));
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        const struct lct_spectrum_region region = { 11, 17, widths[i], widths[i], weights };
        struct lct_wave w[2][LCT_SPECTRUM_WAVES];
        struct lct_spectrum *fresh = NULL;
        cr_assert(eq(int, lct_spectrum_create(&fresh, N, N, NULL), LCT_OK));
        fade_out(weights, widths[i]);
        for (int k = 0; k < 2; k++) {
            struct lct_spectrum *s = k == 0 ? used : fresh;
            cr_assert(eq(int, lct_spectrum_load_region(s, &image, &region, NULL), LCT_OK));
            cr_assert(eq(sz, lct_spectrum_find(s, &p, w[k]), 1));
            lct_spectrum_fit(s, w[k], 1);
        }
        cr_assert(w[0][0].gx == w[1][0].gx && w[0][0].gy == w[1][0].gy && w[0][0].cov_xx == w[1][0].cov_xx);
        cr_assert(epsilon_eq(dbl, w[0][0].gx, truth[0].gx, 5 * sqrt(w[0][0].cov_xx)));
        cr_assert(epsilon_eq(dbl, w[0][0].gy, truth[0].gy, 5 * sqrt(w[0][0].cov_yy)));
        cr_assert(epsilon_eq(dbl, hypot(w[0][0].re, w[0][0].im), 1.0, 5.0 / w[0][0].snr));
        lct_spectrum_destroy(&fresh);
    }
    lct_spectrum_destroy(&used);
    lct_image_finish(&image);
}

/* The wave fills a disc, or everything: the place of the disc is found to a block of 8 px, and nothing is said where there is no part. A
 * weight inside lies on the disc. */
Test(spectrum, the_part_that_holds_a_wave)
{
    enum { N = 256 };
    const struct plane_wave truth[] = { { 0.21, -0.13, 2.0, 0.3 } };
    const double radius[] = { 50, 1000 };
    for (int i = 0; i < 2; i++) {
        struct lct_image image = picture(N, N, truth, 1, 1.0, 30), noise = picture(N, N, NULL, 0, 1.0, 31);
        for (int y = 0; y < N; y++)
            for (int x = 0; x < N; x++)
                if (hypot(x - 150, y - 90) > radius[i])
                    image.px[y * N + x] = noise.px[y * N + x];
        struct lct_spectrum *s = NULL;
        struct lct_spectrum_domain d;
        struct lct_wave w[LCT_SPECTRUM_WAVES];
        const struct lct_spectrum_params p = lct_spectrum_defaults();
        cr_assert(eq(int, lct_spectrum_create(&s, N, N, NULL), LCT_OK));
        cr_assert(eq(int, lct_spectrum_load(s, &image, NULL), LCT_OK));
        cr_assert(ge(sz, lct_spectrum_find(s, &p, w), 1));
        cr_assert(eq(int, lct_spectrum_domain(s, w, 1, &d, NULL), LCT_OK));
        cr_assert(i == 0 ? d.weights != NULL : d.weights == NULL);
        if (d.weights) {
            cr_assert(abs(d.x0 - 100) <= 12 && abs(d.y0 - 40) <= 12 && abs(d.x0 + d.width - 200) <= 12
                && abs(d.y0 + d.height - 140) <= 12);
            for (int k = 0; k < d.width * d.height; k++)
                cr_assert(d.weights[k] < 0.5 || hypot(d.x0 + k % d.width - 150, d.y0 + k / d.width - 90) < 52);
        }
        lct_spectrum_domain_finish(&d);
        lct_spectrum_destroy(&s);
        lct_image_finish(&image);
        lct_image_finish(&noise);
    }
}

/* Close to the border of the spectrum the noise beyond it is that of the mirrored bins, not none. */
Test(spectrum, noise_at_the_border_of_the_spectrum_holds_no_waves)
{
    size_t found = 0, near = 0;
    for (int i = 0; i < 10; i++) {
        const struct plane_wave fine[] = { { 0.49, 0.1, 0.35, 0.3 } };
        struct lct_image noise = picture(128, 128, NULL, 0, 1.0, 400 + (uint64_t)i),
                         wave = picture(128, 128, fine, 1, 1.0, 500 + (uint64_t)i);
        struct lct_wave w[LCT_SPECTRUM_WAVES];
        found += measure(&noise, w);
        near += measure(&wave, w) == 1 && fabs(w[0].gx - 0.49) < 0.005 && fabs(w[0].gy - 0.1) < 0.005;
        lct_image_finish(&noise);
        lct_image_finish(&wave);
    }
    cr_assert(eq(sz, found, 0));
    cr_assert(eq(sz, near, 10));
}

/* A wave of amplitude 2 beside a pillar box of 40 px and under a burnt-in bar, both some fifty times brighter: what is left out makes no
 * waves of its own, and the wave is placed as the noise allows. With the bar in, its edges are peaks. */
Test(spectrum, what_is_left_out_makes_no_waves)
{
    enum { WIDTH = 256, HEIGHT = 220, BOX = 40 };
    const struct plane_wave truth[] = { { 0.21, 0.13, 2.0, 0.3 } };
    struct lct_image image = picture(WIDTH, HEIGHT, truth, 1, 8.0, 8);
    unsigned char *ignore = calloc(WIDTH * HEIGHT, 1);
    cr_assert(ne(ptr, ignore, NULL));
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            const bool bar = x >= 90 && x < 170 && y >= 150 && y < 153;
            ignore[y * WIDTH + x] = x < BOX || bar;
            if (x < BOX || bar)
                image.px[y * WIDTH + x] = bar ? 255.0F : 0.0F;
        }
    struct lct_spectrum *s = NULL;
    struct lct_wave w[LCT_SPECTRUM_WAVES];
    const struct lct_spectrum_params p = lct_spectrum_defaults();
    cr_assert(gt(sz, measure(&image, w), 1));
    cr_assert(eq(int, lct_spectrum_create(&s, WIDTH, HEIGHT, NULL), LCT_OK));
    cr_assert(eq(int, lct_spectrum_load_without(s, &image, ignore, NULL), LCT_OK));
    const size_t n = lct_spectrum_find(s, &p, w);
    cr_assert(eq(sz, n, 1), "%zu waves", n);
    lct_spectrum_fit(s, w, n);
    cr_assert(w[0].ok);
    cr_assert(epsilon_eq(dbl, w[0].gx, truth[0].gx, 4 * sqrt(w[0].cov_xx)));
    cr_assert(epsilon_eq(dbl, w[0].gy, truth[0].gy, 4 * sqrt(w[0].cov_yy)));
    const double side = WIDTH - BOX; /* the bound of the test above, and half as much again for what fades */
    cr_assert(lt(dbl, 2 * M_PI * sqrt(w[0].cov_xx), 1.5 * 8.0 / 2.0 * sqrt(24 / (side * side * side * HEIGHT))));
    memset(ignore, 1, WIDTH * HEIGHT);
    cr_assert(eq(int, lct_spectrum_load_without(s, &image, ignore, NULL), LCT_E_NODATA));
    lct_spectrum_destroy(&s);
    free(ignore);
    lct_image_finish(&image);
}

/* A wave close to the border of the spectrum is the same seen from either side, and so is the noise all around it. */
Test(spectrum, a_wave_and_its_mirror_image_are_the_same)
{
    const struct plane_wave truth[] = { { 0.47, 0.03, 0.5, 0.7 } };
    struct lct_image image = picture(128, 128, truth, 1, 1.0, 5);
    struct lct_spectrum *s = NULL;
    struct lct_wave here, there;
    cr_assert(eq(int, lct_spectrum_create(&s, image.width, image.height, NULL), LCT_OK));
    cr_assert(eq(int, lct_spectrum_load(s, &image, NULL), LCT_OK));
    const double power = lct_spectrum_probe(s, 0.47, 0.03, 1.0, &here),
                 mirrored = lct_spectrum_probe(s, -0.47, -0.03, 1.0, &there);
    cr_assert(gt(dbl, power, 10.0));
    cr_assert(eq(dbl, power, mirrored));
    cr_assert(eq(dbl, here.noise, there.noise));
    cr_assert(epsilon_eq(dbl, here.gx, -there.gx, 1e-12));
    cr_assert(epsilon_eq(dbl, here.gy, -there.gy, 1e-12));
    lct_spectrum_destroy(&s);
    lct_image_finish(&image);
}

Test(spectrum, what_cannot_be_transformed_is_refused)
{
    struct lct_spectrum *s = NULL;
    cr_assert(eq(int, lct_spectrum_create(&s, 16, 64, NULL), LCT_E_ARG));
    cr_assert(eq(ptr, s, NULL));
    cr_assert(eq(int, lct_spectrum_create(&s, 64, 64, NULL), LCT_OK));
    struct lct_image flat = { 0 }, other = { 0 };
    cr_assert(eq(int, lct_image_init(&flat, 64, 64, NULL), LCT_OK));
    cr_assert(eq(int, lct_image_init(&other, 65, 64, NULL), LCT_OK));
    cr_assert(eq(int, lct_spectrum_load(s, &flat, NULL), LCT_E_NODATA));
    cr_assert(eq(int, lct_spectrum_load(s, &other, NULL), LCT_E_ARG));
    for (size_t i = 0; i < lct_image_count(&flat); i++)
        flat.px[i] = NAN;
    cr_assert(eq(int, lct_spectrum_load(s, &flat, NULL), LCT_E_NODATA));
    lct_image_finish(&flat);
    lct_image_finish(&other);
    lct_spectrum_destroy(&s);
}
