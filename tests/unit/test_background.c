/* Protects: the illumination is told apart from the particles, whatever covers the field, so that levels mean the same everywhere. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/background.h>
#include <lctem/random.h>
#include <lctem/sampling.h>
#include <math.h>
#include <shapes.h>
#include <stdlib.h>
#include <string.h>

enum { W = 256, H = 192, BINS = 4 };

/* x, y in -1 .. 1; its exponential is the form that a transmitted beam is fitted by */
static double cubic(double x, double y)
{
    return 1.0 + 0.12 * x - 0.08 * y + 0.05 * x * y - 0.06 * x * x + 0.04 * y * y * y;
}

struct scene {
    double grey,
        depth; /* level of the liquid, and what a particle does to it: grey *= 1 + depth, additive: += depth * grey */
    double radius_px; /* of six discs in two rows; 0: none */
    double noise;     /* share of the grey */
    bool flat, additive;
    double gain[BINS]; /* of each frame; 0: 1 */
};

#define DISCS(g, d, r, n)                                                                                              \
    {                                                                                                                  \
        .grey = (g), .depth = (d), .radius_px = (r), .noise = (n)                                                      \
    }

static double covered(const struct scene *s)
{
    return 6.0 * M_PI * s->radius_px * s->radius_px / (W * H);
}

static double background_of(const struct scene *s, int bin, double x, double y)
{
    const double u = 2.0 * (x + 0.5) / W - 1.0, v = 2.0 * (y + 0.5) / H - 1.0, shape = s->flat ? 1.0 : cubic(u, v);
    const double gain = s->gain[bin] > 0.0 ? s->gain[bin] : 1.0;
    return s->additive ? s->grey * (shape - 1.0 + gain - 1.0) : s->grey * gain * exp(shape - 1.0);
}

static struct lct_image render(const struct scene *s, int bin)
{
    struct lct_image p = shape_plane(W, H);
    struct lct_random random = lct_random_start(3, (uint32_t)bin, 0);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            double in = 0.0;
            for (int k = 0; k < 6 && s->radius_px > 0.0; k++) {
                const struct shape disc = { 45.0 + 82.0 * (k % 3), 50.0 + 92.0 * (k / 3), s->radius_px, 0, 0 };
                in = fmax(in, shape_edge(shape_distance(&disc, x, y), 1.5));
            }
            const double b = background_of(s, bin, x, y);
            const double v = s->additive ? b + s->depth * s->grey * in : b * (1.0 + s->depth * in);
            p.px[y * W + x] = (float)(v + s->noise * s->grey * lct_random_normal(&random));
        }
    return p;
}

/* The frames of a scene, their blocks, and the fit. */
struct fitted {
    struct lct_blocks blocks;
    struct lct_image frame[BINS];
    struct lct_background background;
    enum lct_status status;
    struct lct_err err;
};

static struct fitted fit(const struct scene *s, enum lct_contrast contrast)
{
    struct fitted f = { 0 };
    lct_blocks_plan(&f.blocks, W, H);
    const size_t per_frame = (size_t)f.blocks.columns * (size_t)f.blocks.rows;
    f.blocks.mean = malloc(BINS * per_frame * sizeof *f.blocks.mean);
    f.blocks.n_bins = BINS;
    for (int b = 0; b < BINS; b++) {
        f.frame[b] = render(s, b);
        lct_blocks_measure(&f.blocks, &f.frame[b], NULL, f.blocks.mean + (size_t)b * per_frame);
    }
    struct lct_background_params params = lct_background_defaults();
    params.contrast = contrast;
    f.status = lct_background_fit(&f.background, &f.blocks, &params, &f.err);
    return f;
}

static void drop(struct fitted *f)
{
    for (int b = 0; b < BINS; b++)
        lct_image_finish(&f->frame[b]);
    free(f->blocks.mean);
}

/* Normalise frame `bin`; the largest error of the liquid (away from the discs) and the mean level inside the discs. */
static void normalise(struct fitted *f, const struct scene *s, int bin, double *worst, double *inside)
{
    const size_t per_frame = (size_t)f->blocks.columns * (size_t)f->blocks.rows;
    const struct lct_background_light light =
        lct_background_light_of(&f->background, &f->blocks, f->blocks.mean + (size_t)bin * per_frame);
    struct lct_image out = shape_plane(W, H);
    lct_background_apply(&f->background, light, &f->frame[bin], NULL, 1, NULL, &out);
    double sum = 0.0, block = 0.0;
    int n = 0;
    *worst = 0.0;
    for (int by = 0; by < H;
         by += 16) /* means of 16 x 16 px: the noise of single pixels is not the background's fault */
        for (int bx = 0; bx < W; bx += 16) {
            bool liquid = true;
            block = 0.0;
            for (int y = by; y < by + 16; y++)
                for (int x = bx; x < bx + 16; x++) {
                    double d = HUGE_VAL;
                    for (int k = 0; k < 6 && s->radius_px > 0.0; k++) {
                        const struct shape disc = { 45.0 + 82.0 * (k % 3), 50.0 + 92.0 * (k / 3), s->radius_px, 0, 0 };
                        d = fmin(d, shape_distance(&disc, x, y));
                    }
                    liquid = liquid && d > 6.0;
                    block += (double)out.px[y * W + x] / 256.0;
                    if (d < -6.0) {
                        sum += (double)out.px[y * W + x];
                        n++;
                    }
                }
            if (liquid)
                *worst = fmax(*worst, fabs(block - 1.0));
        }
    *inside = n ? sum / n : NAN;
    lct_image_finish(&out);
}

/* The liquid is 1 and the particles are 1 + depth to a few 1e-3 of the grey, with up to 40 % of the field covered. */
Test(background, dark_particles_do_not_bend_a_cubic_illumination)
{
    // clang-format off
    static const struct scene rows[] = {
        DISCS(120, -0.3, 12, 0.05), DISCS(120, -0.3, 22, 0.0), DISCS(120, -0.3, 22, 0.05), DISCS(120, -0.15, 30, 0.05),
        DISCS(120, -0.3, 32, 0.05), DISCS(30000, -0.08, 22, 0.02), DISCS(1.0, -0.5, 32, 0.05),
        { .grey = 120, .depth = -0.2, .radius_px = 22, .noise = 0.03, .flat = true },
    };
    // clang-format on
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fitted f = fit(&rows[i], LCT_CONTRAST_AUTO);
        cr_assert(f.status == LCT_OK && f.background.ratio && f.background.contrast == LCT_CONTRAST_DARK, "row %zu: %s",
            i, f.err.text);
        double worst, inside;
        normalise(&f, &rows[i], 1, &worst, &inside);
        const double statistical = 4.0 * rows[i].noise / 16.0; /* of a mean over 256 px */
        cr_assert(worst < 0.006 + statistical, "row %zu, %.0f %% covered: liquid off by %g", i, 100 * covered(&rows[i]),
            worst);
        if (rows[i].radius_px > 0.0)
            cr_assert(fabs(inside - 1.0 - rows[i].depth) < 0.006, "row %zu: inside %g", i, inside);
        drop(&f);
    }
}

/* Nothing but liquid: whatever sign it gets, it stays flat. */
Test(background, an_empty_field_becomes_one)
{
    static const struct scene rows[] = { DISCS(120, 0, 0, 0.05), { .grey = 120, .noise = 0.02, .flat = true },
        DISCS(120, 0, 0, 0.0) };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fitted f = fit(&rows[i], LCT_CONTRAST_AUTO);
        cr_assert(f.status == LCT_OK, "row %zu: %s", i, f.err.text);
        double worst, inside;
        normalise(&f, &rows[i], 0, &worst, &inside);
        cr_assert(worst < 0.02, "row %zu: %g", i, worst);
        drop(&f);
    }
}

/* Bright particles are turned over: they too lie below 1, in units of `range`. */
Test(background, bright_particles_come_out_dark)
{
    static const struct scene rows[] = {
        DISCS(100, 0.6, 22, 0.02),
        DISCS(100, 0.6, 30, 0.04),
        { .grey = 50, .depth = 1.5, .radius_px = 22, .noise = 0.05, .additive = true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fitted f = fit(&rows[i], LCT_CONTRAST_AUTO);
        cr_assert(
            f.status == LCT_OK && f.background.contrast == LCT_CONTRAST_BRIGHT && !f.background.ratio, "row %zu", i);
        double worst, inside;
        normalise(&f, &rows[i], 0, &worst, &inside);
        cr_assert(inside < 0.9 && inside > 0.0, "row %zu: %g", i, inside);
        cr_assert(worst < 0.05 * (1.0 - inside) + 4.0 * rows[i].noise * rows[i].grey / f.background.range / 16.0,
            "row %zu: %g", i, worst);
        drop(&f);
    }
}

Test(background, the_contrast_asked_for_is_taken)
{
    const struct scene s = DISCS(100, 0.3, 22, 0.02);
    struct fitted f = fit(&s, LCT_CONTRAST_DARK);
    cr_assert(f.status == LCT_OK && f.background.contrast == LCT_CONTRAST_DARK);
    drop(&f);
}

/* A beam that changes by a factor of two within the movie: the offset of each frame takes it. */
Test(background, gain_changes_go_into_the_offset)
{
    const struct scene s = {
        .grey = 120, .depth = -0.3, .radius_px = 26, .noise = 0.03, .gain = { 1.0, 0.8, 1.3, 0.65 }
    };
    struct fitted f = fit(&s, LCT_CONTRAST_AUTO);
    cr_assert(f.status == LCT_OK);
    const size_t per_frame = (size_t)f.blocks.columns * (size_t)f.blocks.rows;
    const double first = lct_background_light_of(&f.background, &f.blocks, f.blocks.mean).offset;
    for (int b = 0; b < BINS; b++) {
        double worst, inside;
        normalise(&f, &s, b, &worst, &inside);
        cr_assert(worst < 0.006 + 4.0 * s.noise / s.gain[b] / 16.0, "frame %d: %g", b, worst);
        cr_assert(fabs(inside - 0.7) < 0.006, "frame %d: %g", b, inside);
        const double offset =
            lct_background_light_of(&f.background, &f.blocks, f.blocks.mean + (size_t)b * per_frame).offset;
        cr_assert(fabs(offset - first - log(s.gain[b] / s.gain[0])) < 0.004, "frame %d: %g", b, offset - first);
    }
    drop(&f);
}

/* NaN pixels do not count in a block, become liquid in the plane; so do ignored ones. */
Test(background, unknown_pixels_do_not_count)
{
    struct lct_blocks grid = { 0 };
    lct_blocks_plan(&grid, 32, 16);
    cr_assert(grid.block_px == 8 && grid.columns == 4 && grid.rows == 2);
    struct lct_image p = shape_plane(32, 16);
    unsigned char ignore[32 * 16] = { 0 };
    float mean[8];
    for (int i = 0; i < 32 * 16; i++)
        p.px[i] = i % 32 < 3 ? NAN : i % 32 >= 24 && i % 32 < 27 ? 1000.0f : 50.0f;
    for (int i = 0; i < 32 * 16; i++)
        ignore[i] = p.px[i] > 900.0f;
    lct_blocks_measure(&grid, &p, ignore, mean);
    for (int k = 0; k < 8; k++)
        cr_assert(eq(flt, mean[k], 50.0f), "block %d: %g", k, (double)mean[k]);
    for (int y = 0; y < 8; y++)
        for (int x = 0; x < 8; x++)
            p.px[y * 32 + x] = NAN;
    lct_blocks_measure(&grid, &p, ignore, mean);
    cr_assert(isnan(mean[0]) && mean[1] == 50.0f);
    const struct lct_background flat = {
        .width = 32, .height = 16, .ratio = true, .contrast = LCT_CONTRAST_DARK, .coef = { log(50.0) }
    };
    lct_background_apply(&flat, (struct lct_background_light){ 0 }, &p, ignore, 1, NULL, &p);
    for (int i = 0; i < 32 * 16; i++)
        cr_assert(epsilon_eq(flt, p.px[i], 1.0f, 1e-5f), "pixel %d: %g", i, (double)p.px[i]);
    lct_image_finish(&p);
}

Test(background, a_frame_without_liquid_has_no_offset)
{
    const struct scene s = DISCS(120, -0.3, 22, 0.02);
    struct fitted f = fit(&s, LCT_CONTRAST_AUTO);
    const size_t n = (size_t)f.blocks.columns * (size_t)f.blocks.rows;
    for (size_t i = 0; i < n; i++)
        f.blocks.mean[i] = NAN;
    cr_assert(isnan(lct_background_light_of(&f.background, &f.blocks, f.blocks.mean).offset));
    drop(&f);
}

/* Nothing to fit: a status and a word, and the caller's struct untouched. */
Test(background, what_holds_no_grey_is_refused)
{
    static const float fills[] = { NAN, 0.0f };
    for (size_t i = 0; i < sizeof fills / sizeof *fills; i++) {
        struct lct_blocks blocks = { 0 };
        lct_blocks_plan(&blocks, W, H);
        const size_t n = (size_t)blocks.columns * (size_t)blocks.rows;
        blocks.mean = malloc(n * sizeof *blocks.mean);
        blocks.n_bins = 1;
        for (size_t k = 0; k < n; k++)
            blocks.mean[k] = fills[i];
        struct lct_background b = { .order = 77 };
        struct lct_err err = { 0 };
        const struct lct_background_params params = lct_background_defaults();
        cr_assert(lct_background_fit(&b, &blocks, &params, &err) == LCT_E_NODATA, "fill %g", (double)fills[i]);
        cr_assert(b.order == 77 && err.text[0]);
        free(blocks.mean);
    }
    struct lct_background b;
    const struct lct_background_params wrong = { .order = 4 };
    cr_assert(lct_background_fit(&b, &(struct lct_blocks){ 0 }, &wrong, NULL) == LCT_E_ARG);
}

/* One row and one column of blocks cannot hold a cubic: the order falls, the fit stands. */
Test(background, a_tiny_field_gets_a_lower_order)
{
    struct lct_blocks blocks = { 0 };
    lct_blocks_plan(&blocks, 9, 5);
    float mean[64];
    blocks.mean = mean;
    blocks.n_bins = 1;
    for (int k = 0; k < blocks.columns * blocks.rows; k++)
        mean[k] = 42.0f;
    struct lct_background b;
    const struct lct_background_params params = lct_background_defaults();
    cr_assert(lct_background_fit(&b, &blocks, &params, NULL) == LCT_OK);
    cr_assert(eq(int, b.order, 0));
    cr_assert(epsilon_eq(dbl, exp(b.coef[0]), 42.0, 1e-4));
}

/* Binned in one go, or first brought to the common scale and then binned: the same pixels, ignored and unknown ones too. */
Test(background, bins_as_it_goes)
{
    enum { W2 = 37, H2 = 21 };
    struct lct_image p = shape_plane(W2, H2), whole = shape_plane(W2, H2);
    unsigned char ignore[W2 * H2];
    for (int i = 0; i < W2 * H2; i++) {
        p.px[i] = i % 29 == 3 ? NAN : 40.0f + (float)(i * 7 % 23);
        ignore[i] = i % 31 == 5;
    }
    const struct lct_background flat = {
        .width = W2, .height = H2, .ratio = true, .contrast = LCT_CONTRAST_DARK, .coef = { log(50.0) }
    };
    const struct lct_background_light light = { .offset = 0.1, .x_slope = 0.02, .y_slope = -0.03 };
    lct_background_apply(&flat, light, &p, ignore, 1, NULL, &whole);
    for (int bin = 2; bin <= 3; bin++) {
        float line[W2];
        struct lct_image one = shape_plane(W2 / bin, H2 / bin), two = shape_plane(W2 / bin, H2 / bin);
        lct_background_apply(&flat, light, &p, ignore, bin, line, &one);
        lct_image_bin(&whole, bin, &two);
        cr_assert(memcmp(one.px, two.px, lct_image_count(&one) * sizeof *one.px) == 0, "bin %d", bin);
        lct_image_finish(&one);
        lct_image_finish(&two);
    }
    lct_image_finish(&p);
    lct_image_finish(&whole);
}
