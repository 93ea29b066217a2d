/* Protects: strain with its sign, and dislocations with their Burgers vector and place, against closed forms. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/gpa.h>
#include <math.h>

enum { SIDE = 128, RIM = 24 }; /* within RIM of the border the smoothing sees what is not there */
static const double sigma_px = 5;
static const double ga[2] = { 0.21, 0.02 }, gb[2] = { -0.03, 0.19 };

/* cos 2 pi g.(r - u) for two g; u = (e_xx x + e_xy y, e_yx x + e_yy y) in image coordinates, plus a winding of n turns around (cx, cy). */
struct crystal {
    double e[4];
    int turns[2];
    double cx, cy;
};

static struct lct_image draw(const struct crystal *c)
{
    struct lct_image image = { 0 };
    cr_assert(eq(int, lct_image_init(&image, SIDE, SIDE, NULL), LCT_OK));
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const double rx = x - SIDE / 2, ry = y - SIDE / 2;
            const double ux = c->e[0] * rx + c->e[1] * ry, uy = c->e[2] * rx + c->e[3] * ry;
            const double around = atan2(-(y - c->cy), x - c->cx); /* counter-clockwise on the screen */
            const double pa = 2 * M_PI * (ga[0] * (x - ux) + ga[1] * (y - uy)) + c->turns[0] * around;
            const double pb = 2 * M_PI * (gb[0] * (x - ux) + gb[1] * (y - uy)) + c->turns[1] * around;
            image.px[y * SIDE + x] = (float)(3 + cos(pa) + cos(pb));
        }
    return image;
}

static void map(const struct lct_image *image, struct lct_gpa *a, struct lct_gpa *b)
{
    cr_assert(eq(int, lct_gpa_map(a, image, ga[0], ga[1], sigma_px, NULL), LCT_OK));
    cr_assert(eq(int, lct_gpa_map(b, image, gb[0], gb[1], sigma_px, NULL), LCT_OK));
}

/* e as in struct crystal; with y upwards e_xy and the rotation change sign. */
static void expect_strain(const double e[4], double tolerance)
{
    const struct crystal crystal = { .e = { e[0], e[1], e[2], e[3] }, .cx = -1e6 };
    struct lct_image image = draw(&crystal);
    struct lct_gpa a, b;
    struct lct_strain s;
    map(&image, &a, &b);
    cr_assert(eq(int, lct_strain_init(&s, SIDE, SIDE, NULL), LCT_OK));
    cr_assert(eq(int, lct_gpa_strain(&a, &b, &s, NULL), LCT_OK));
    for (int y = RIM; y < SIDE - RIM; y++)
        for (int x = RIM; x < SIDE - RIM; x++) {
            const int i = y * SIDE + x;
            cr_assert(epsilon_eq(dbl, s.xx.px[i], e[0], tolerance));
            cr_assert(epsilon_eq(dbl, s.yy.px[i], e[3], tolerance));
            cr_assert(epsilon_eq(dbl, s.xy.px[i], -0.5 * (e[1] + e[2]), tolerance));
            cr_assert(epsilon_eq(dbl, s.rotation.px[i], 0.5 * (e[1] - e[2]), tolerance));
        }
    lct_strain_finish(&s);
    lct_gpa_finish(&a);
    lct_gpa_finish(&b);
    lct_image_finish(&image);
}

Test(gpa, a_perfect_lattice_has_no_strain)
{
    expect_strain((double[]){ 0, 0, 0, 0 }, 1e-6);
}

/* What the other reflection and the mirror image leave behind the Gaussian is below 1e-5 here. */
Test(gpa, a_known_strain_comes_out_with_its_sign)
{
    expect_strain((double[]){ 0.01, 0, 0, 0 }, 2e-5);
    expect_strain((double[]){ 0, 0, 0, -0.02 }, 2e-5);
    expect_strain((double[]){ 0, 0.01, 0.01, 0 }, 2e-5);
    expect_strain((double[]){ 0, 0.01, -0.01, 0 }, 2e-5); /* down is y: this turns counter-clockwise on the screen */
}

/* phase = 2 pi g.r + n theta is u.g = -n theta / 2 pi: g.b = -n for each reflection. */
Test(gpa, an_inserted_dislocation_is_found_with_burgers_vector_and_place)
{
    const int rows[][2] = { { 1, 0 }, { -1, 0 }, { 0, 1 }, { 1, 1 }, { 1, -1 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct crystal crystal = { .turns = { rows[i][0], rows[i][1] }, .cx = 61.3, .cy = 70.6 };
        struct lct_image image = draw(&crystal);
        struct lct_gpa a, b;
        struct lct_dislocation d[8];
        map(&image, &a, &b);
        const size_t n = lct_gpa_dislocations(&a, &b, sigma_px, 0.3, d, 8);
        cr_assert(eq(sz, n, 1), "%zu", n);
        cr_assert(eq(int, d[0].turns_a, rows[i][0]));
        cr_assert(eq(int, d[0].turns_b, rows[i][1]));
        /* a twentieth of sigma: where the amplitude vanishes, the tails of the other wave count */
        cr_assert(epsilon_eq(dbl, d[0].x_px, 61.3, 0.05 * sigma_px));
        cr_assert(epsilon_eq(dbl, d[0].y_px, 70.6, 0.05 * sigma_px));
        cr_assert(epsilon_eq(dbl, ga[0] * d[0].bx_px - ga[1] * d[0].by_px, -rows[i][0], 1e-9));
        cr_assert(epsilon_eq(dbl, gb[0] * d[0].bx_px - gb[1] * d[0].by_px, -rows[i][1], 1e-9));
        lct_gpa_finish(&a);
        lct_gpa_finish(&b);
        lct_image_finish(&image);
    }
}

Test(gpa, a_perfect_lattice_has_no_dislocation)
{
    const struct crystal crystal = { .cx = -1e6 };
    struct lct_image image = draw(&crystal);
    struct lct_gpa a, b;
    struct lct_dislocation d[8];
    map(&image, &a, &b);
    cr_assert(eq(sz, lct_gpa_dislocations(&a, &b, sigma_px, 0.3, d, 8), 0));
    struct lct_image amplitude = { 0 };
    cr_assert(eq(int, lct_image_init(&amplitude, SIDE, SIDE, NULL), LCT_OK));
    lct_gpa_amplitude(&a, &amplitude);
    cr_assert(epsilon_eq(dbl, amplitude.px[SIDE / 2 * SIDE + SIDE / 2], 1.0, 1e-5));
    lct_image_finish(&amplitude);
    lct_gpa_finish(&a);
    lct_gpa_finish(&b);
    lct_image_finish(&image);
}

Test(gpa, nonsense_is_refused)
{
    struct lct_image image = { 0 };
    struct lct_gpa a = { 0 }, b = { 0 };
    struct lct_strain s;
    cr_assert(eq(int, lct_image_init(&image, 32, 32, NULL), LCT_OK));
    cr_assert(eq(int, lct_gpa_map(&a, &image, 0.6, 0, 5, NULL), LCT_E_ARG));
    cr_assert(eq(int, lct_gpa_map(&a, &image, 0.2, 0, 0.5, NULL), LCT_E_ARG));
    cr_assert(eq(int, lct_gpa_map(&a, &image, 0.2, 0, 5, NULL), LCT_OK));
    cr_assert(eq(int, lct_gpa_map(&b, &image, -0.1, 0, 5, NULL), LCT_OK));
    cr_assert(eq(int, lct_strain_init(&s, 32, 32, NULL), LCT_OK));
    cr_assert(eq(int, lct_gpa_strain(&a, &b, &s, NULL), LCT_E_ARG));
    lct_strain_finish(&s);
    lct_gpa_finish(&a);
    lct_gpa_finish(&b);
    lct_image_finish(&image);
}
