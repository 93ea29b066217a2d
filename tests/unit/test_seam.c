/* Protects: a gap between two rims that is narrower than the blur is seen where it is and as wide as it is, and where there is none, or
 * no border, none is seen. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/seam.h>
#include <math.h>
#include <shapes.h>

enum { W = 200, H = 160, TOP = 30, BOTTOM = 130 };
static const struct lct_levels LEVELS = {
    .shell = 0.8, .core = 0.6, .has_shell = true, .noise_sd = 0.004, .blur_px = 2.5
};
static const double FIRST_CORE = 60.0, SECOND_CORE = 140.0; /* where cores end and begin */

/* Two slabs of rim between cores that end at upright lines, with liquid from `middle` - `width` / 2 on; blurred in closed form. */
static struct lct_image picture(double middle, double width)
{
    struct lct_image plane = shape_plane(W, H);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const double gap = shape_edge(fabs(x - middle) - 0.5 * width, LEVELS.blur_px),
                         beyond = shape_edge(fabs(x - middle) + 0.5 * width, LEVELS.blur_px);
            const double core =
                shape_edge(x - FIRST_CORE, LEVELS.blur_px) + shape_edge(SECOND_CORE - x, LEVELS.blur_px);
            const double liquid = width > 0.0 ? gap - beyond : 0.0;
            plane.px[y * W + x] =
                (float)(LEVELS.shell + (1.0 - LEVELS.shell) * liquid - (LEVELS.shell - LEVELS.core) * core);
        }
    return plane;
}

/* The border of the labels lies between the pixels `border` - 1 and `border`. */
static void label(uint16_t labels[W * H], int border)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            labels[y * W + x] = (uint16_t)(y < TOP || y >= BOTTOM ? 0
                    : x < border                                  ? (x < FIRST_CORE ? 1 : 2)
                                                                  : (x > SECOND_CORE ? 3 : 4));
}

static struct lct_seam find(double middle, double width, int border, int second, const struct lct_seam_film *film)
{
    static uint16_t labels[W * H];
    struct lct_image plane = picture(middle, width);
    shape_add_noise(&plane, 0.004, 7);
    label(labels, border);
    const struct lct_seam_pair pair = { 1, second, { 0, TOP, border - 1, BOTTOM - 1 } };
    const struct lct_seam s = lct_seam_find(labels, &plane, film, &LEVELS, &pair);
    lct_image_finish(&plane);
    return s;
}

/* Noise of 0.004 in each pixel, means over 90 px: 0.0004 of grey, 0.002 of u; over 10 px across it makes 0.01 px of width, and shifts the place by
 * 0.01 px of a wide gap and 0.05 of a narrow one. What lies beyond 2 blurs of the line is a twentieth of it. */
Test(seam, a_narrow_gap_has_its_place_and_width)
{
    static const struct {
        double middle, width;
        int border;
    } rows[] = { { 99.5, 2.0, 100 }, { 97.2, 2.0, 100 }, { 103.0, 1.0, 100 }, { 100.4, 3.0, 98 } };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const struct lct_seam s = find(rows[r].middle, rows[r].width, rows[r].border, 2, &(struct lct_seam_film){ 0 });
        cr_assert(s.seen, "row %zu", r);
        cr_expect(fabs(s.width_px / rows[r].width - 1.0) < 0.1, "row %zu: %.3f px wide", r, s.width_px);
        cr_expect(fabs(s.place_px - (rows[r].middle - (rows[r].border - 0.5))) < 0.15, "row %zu: place %.3f px", r,
            s.place_px);
        cr_expect(fabs(s.length_px - (BOTTOM - TOP)) < 1.0, "row %zu: %.2f px long", r, s.length_px);
    }
}

Test(seam, a_gap_that_was_taken_for_film_is_put_back)
{
    struct lct_image film = picture(99.5, 2.0);
    for (size_t i = 0; i < lct_image_count(&film); i++)
        film.px[i] = film.px[i] > (float)LEVELS.shell ? film.px[i] / (float)LEVELS.shell : 1.0f;
    struct lct_image moved = shape_plane(W, H); /* the film's pixel (0, 0) lies at (-3, 2) of the plane */
    for (int y = 0; y < H; y++)
        for (int x = 3; x < W; x++)
            moved.px[y * W + x] = film.px[y * W + x - 3];
    const struct lct_seam s = find(99.5, 0.0, 100, 2, &(struct lct_seam_film){ &moved, -3, 2 });
    cr_expect(s.seen && fabs(s.width_px / 2.0 - 1.0) < 0.1, "%.3f px wide", s.width_px);
    lct_image_finish(&film);
    lct_image_finish(&moved);
}

Test(seam, nothing_is_seen_where_nothing_is)
{
    const struct lct_seam_film none = { 0 };
    cr_expect(find(99.5, 0.0, 100, 2, &none).seen == false, "no gap");
    const struct lct_seam apart = find(99.5, 2.0, 100, 3, &none);
    cr_expect(apart.seen == false && apart.length_px == 0.0, "no such neighbour");
    cr_expect(find(112.0, 2.0, 100, 2, &none).seen == false, "a line that is not the border's");
    cr_expect(find(99.5, 4.5, 100, 2, &none).seen == false, "a gap that is wide enough to be cut");
}
