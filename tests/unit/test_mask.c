/* Protects: pieces, holes, distances and openings of masks are those of geometry. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/mask.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { W = 64, H = 48 };
static struct lct_mask_work work;
static uint8_t mask[W * H];
static uint64_t bits[H], others[H]; /* W is a word */

/* The pictures are drawn as bytes: `bits` of them, and back. */
static const uint64_t *packed(const uint8_t *bytes)
{
    lct_mask_pack(&work, bytes, bits);
    return bits;
}

static int label(struct lct_piece *pieces, int max)
{
    return lct_mask_label(&work, packed(mask), pieces, max);
}

static void fill_holes(double limit)
{
    (void)packed(mask);
    lct_mask_fill_holes(&work, bits, limit);
    lct_mask_unpack(&work, bits, mask);
}

static void open_by(double radius, const uint8_t *in, uint8_t *out)
{
    lct_mask_open(&work, packed(in), radius, others);
    lct_mask_unpack(&work, others, out);
}

static int keep(const uint8_t *seed, double least)
{
    if (seed)
        lct_mask_pack(&work, seed, others);
    (void)packed(mask);
    const int left = lct_mask_keep(&work, bits, seed ? others : NULL, least);
    lct_mask_unpack(&work, bits, mask);
    return left;
}

static void setup(void)
{
    memset(mask, 0, sizeof mask);
    cr_assert(lct_mask_work_init(&work, W, H, NULL) == LCT_OK);
}

static void teardown(void)
{
    lct_mask_work_finish(&work);
}

TestSuite(mask, .init = setup, .fini = teardown);

static void box(int x0, int y0, int x1, int y1, uint8_t value)
{
    for (int y = y0; y <= y1; y++)
        memset(mask + y * W + x0, value, (size_t)(x1 - x0 + 1));
}

static void disc(double cx, double cy, double r, uint8_t value)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            if (hypot(x - cx, y - cy) <= r)
                mask[y * W + x] = value;
}

static int count(const uint8_t *m)
{
    int n = 0;
    for (int i = 0; i < W * H; i++)
        n += m[i] != 0;
    return n;
}

static void draw_picture(const char *const rows[])
{
    for (int y = 0; rows[y]; y++)
        for (int x = 0; rows[y][x]; x++)
            mask[y * W + x] = rows[y][x] == '#';
}

/* Shapes whose provisional labels have to be joined late, and corners that do not join. */
Test(mask, pieces_are_4_connected)
{
    static const struct {
        const char *rows[8];
        int n;
    } pictures[] = {
        { { "#.#", "#.#", "###" }, 1 },
        { { "#.#.#", "#.#.#", "#####" }, 1 },
        { { "###", "..#", "#.#", "###" }, 1 },
        { { "#...#", ".#.#.", "..#.." }, 5 },
        { { "#####", "....#", "###.#", "#...#", "#####" }, 1 },
        { { "##..##", "##..##", "......", "##..##" }, 4 },
        { { "." }, 0 },
    };
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        struct lct_piece pieces[16];
        memset(mask, 0, sizeof mask);
        draw_picture(pictures[i].rows);
        const int n = label(pieces, 16);
        cr_assert(eq(int, n, pictures[i].n), "picture %zu", i);
        int sum = 0;
        for (int k = 0; k < n; k++)
            sum += pieces[k].area_px;
        cr_assert(eq(int, sum, count(mask)), "picture %zu", i);
        for (int k = 0; k < W * H; k++)
            cr_assert(eq(int, work.label[k] != 0, mask[k] != 0));
    }
}

Test(mask, pieces_come_in_raster_order_with_box_and_centroid)
{
    struct lct_piece p[4];
    box(40, 2, 49, 5, 1);
    box(3, 10, 5, 30, 1);
    cr_assert(eq(int, label(p, 4), 2));
    cr_assert(p[0].area_px == 40 && p[0].x0 == 40 && p[0].y0 == 2 && p[0].x1 == 49 && p[0].y1 == 5);
    cr_assert(epsilon_eq(dbl, p[0].x_sum / p[0].area_px, 44.5, 1e-12));
    cr_assert(epsilon_eq(dbl, p[0].y_sum / p[0].area_px, 3.5, 1e-12));
    cr_assert(p[1].area_px == 63 && p[1].x0 == 3 && p[1].y0 == 10 && p[1].x1 == 5 && p[1].y1 == 30);
}

Test(mask, pieces_beyond_the_room_given_are_left_out)
{
    struct lct_piece p[2];
    for (int k = 0; k < 5; k++)
        box(4 * k, 4 * k, 4 * k + 1, 4 * k + 1, 1);
    cr_assert(eq(int, label(p, 2), 2));
    cr_assert(work.label[0] == 1 && work.label[4 * W + 4] == 2 && work.label[8 * W + 8] == 0);
}

/* A hole is filled when its area is below the limit and it does not touch the border. */
Test(mask, small_holes_are_filled_and_bays_are_not)
{
    static const struct {
        int size;
        double limit;
        int filled;
    } rows[] = { { 3, 10, 1 }, { 3, 9, 0 }, { 3, 9.5, 1 }, { 5, 20, 0 }, { 5, 1e9, 1 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        box(10, 10, 30, 30, 1);
        box(15, 15, 14 + rows[i].size, 14 + rows[i].size, 0);
        fill_holes(rows[i].limit);
        cr_assert(eq(int, mask[16 * W + 16], rows[i].filled), "row %zu", i);
        cr_assert(eq(int, count(mask), 21 * 21 - (rows[i].filled ? 0 : rows[i].size * rows[i].size)));
    }
    memset(mask, 1, sizeof mask);
    box(0, 5, 3, 6, 0); /* a bay at the border of the image */
    fill_holes(1e9);
    cr_assert(eq(int, count(mask), W *H - 8));
}

/* 3-4 chamfer: at most 6 % from Euclid; exact along rows and columns. */
Test(mask, distances_are_near_to_euclid)
{
    mask[20 * W + 30] = 1;
    lct_mask_distance(&work, mask);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const double want = hypot(x - 30, y - 20), got = (double)work.distance[y * W + x] / LCT_CHAMFER_PX;
            cr_assert(fabs(got - want) <= 0.06 * want + 1e-12, "%d %d: %g, not %g", x, y, got, want);
            if (x == 30 || y == 20)
                cr_assert(epsilon_eq(dbl, got, want, 1e-12));
        }
}

Test(mask, distance_to_nothing_saturates)
{
    lct_mask_distance(&work, mask);
    for (int i = 0; i < W * H; i++)
        cr_assert(work.distance[i] >= UINT16_MAX - 4, "%d: %u", i, work.distance[i]);
}

/* What is narrower than two radii goes, what is wider stays, to a pixel at its corners. */
Test(mask, opening_takes_a_line_and_leaves_a_disc)
{
    static uint8_t out[W * H];
    box(2, 5, 60, 7, 1); /* 3 px wide */
    open_by(2.0, mask, out);
    cr_assert(eq(int, count(out), 0));
    memset(mask, 0, sizeof mask);
    disc(32, 24, 4.5, 1); /* 9 px across */
    const int before = count(mask);
    open_by(2.0, mask, out);
    cr_assert(count(out) <= before && count(out) >= before - 4, "%d of %d", count(out), before);
    box(32, 24, 60, 26, 1); /* the same disc with a tail */
    open_by(2.0, mask, out);
    cr_assert(count(out) >= before - 4 && count(out) < before + 12, "%d of %d", count(out), before);
    cr_assert(eq(int, out[25 * W + 50], 0));
}

/* Opening never adds, is idempotent up to the chamfer's corners, and does not eat what runs into the border of the image. */
Test(mask, opening_shrinks_only)
{
    static uint8_t once[W * H], twice[W * H];
    disc(20, 20, 9, 1);
    box(35, 30, 63, 47, 1);
    open_by(3.0, mask, once);
    open_by(3.0, once, twice);
    for (int i = 0; i < W * H; i++)
        cr_assert(once[i] <= mask[i] && twice[i] <= once[i]);
    cr_assert(count(once) - count(twice) <= 4);
    cr_assert(eq(int, once[47 * W + 63], 1));
    open_by(3.0, mask, mask); /* in place */
    cr_assert(memcmp(mask, once, sizeof mask) == 0);
}

Test(mask, pieces_are_kept_by_size_and_by_seed)
{
    static uint8_t seed[W * H];
    box(2, 2, 5, 5, 1);   /* 16 px with a seed */
    box(10, 2, 13, 5, 1); /* 16 px without */
    box(20, 2, 21, 3, 1); /* 4 px with a seed */
    seed[3 * W + 4] = seed[2 * W + 20] = 1;
    cr_assert(eq(int, keep(NULL, 16.0), 2));
    cr_assert(eq(int, count(mask), 32));
    box(20, 2, 21, 3, 1);
    cr_assert(eq(int, keep(seed, 1.0), 2));
    cr_assert(eq(int, count(mask), 20));
    cr_assert(eq(int, keep(seed, 5.0), 1));
    cr_assert(eq(int, count(mask), 16));
}

Test(mask, specks_are_small_against_what_lies_in_the_same_piece)
{
    static uint8_t within[W * H];
    box(0, 0, 30, 30, 1);
    box(40, 0, 60, 10, 1);
    memcpy(within, mask, sizeof mask);
    memset(mask, 0, sizeof mask);
    box(2, 2, 11, 11, 1);   /* 100 px */
    box(20, 20, 22, 22, 1); /* 9 px beside it */
    box(45, 2, 47, 4, 1);   /* 9 px alone */
    lct_mask_pack(&work, within, others);
    (void)packed(mask);
    lct_mask_drop_specks(&work, bits, others, 0.1);
    lct_mask_unpack(&work, bits, mask);
    cr_assert(eq(int, mask[21 * W + 21], 0));
    cr_assert(eq(int, count(mask), 109));
}

/* The largest is the measure, and is told. */
Test(mask, pieces_are_kept_by_their_share_of_the_largest)
{
    box(0, 0, 9, 9, 1);   /* 100 px */
    box(20, 0, 23, 4, 1); /* 20 px */
    box(40, 0, 43, 3, 1); /* 16 px */
    (void)packed(mask);
    cr_assert(eq(int, lct_mask_keep_large(&work, bits, 0.2), 100));
    lct_mask_unpack(&work, bits, mask);
    cr_assert(eq(int, count(mask), 120));
    memset(bits, 0, sizeof bits);
    cr_assert(eq(int, lct_mask_keep_large(&work, bits, 0.2), 0));
}

/* Stretches that cross the words of a row, and its last pixel. */
Test(mask, runs_of_a_row_are_found)
{
    const uint64_t row[] = { 1ull << 63 | 6, 3, 1ull << 1 };
    static const int want[][2] = { { 1, 3 }, { 63, 66 }, { 129, 130 } };
    int x = 0, end = 0, n = 0;
    for (; lct_mask_next_run(row, 130, &x, &end); x = end, n++)
        cr_assert(n < 3 && x == want[n][0] && end == want[n][1], "run %d: %d to %d", n, x, end);
    cr_assert(eq(int, n, 3));
    x = 64;
    cr_assert(lct_mask_next_run(row, 130, &x, &end) && x == 64 && end == 66);
}

static void check_discs(
    const struct lct_mask_work *at, const uint8_t *in, const uint64_t *got, double r, bool inside, const char *what)
{
    static uint8_t out[130 * 20];
    const int w = at->width, n = w * at->height;
    lct_mask_unpack(at, got, out);
    for (int i = 0; i < n; i++) {
        int hit = 0;
        for (int j = 0; j < n; j++)
            hit |= (in[j] != 0) == inside && hypot(j % w - i % w, j / w - i / w) <= r;
        cr_assert(eq(int, out[i], hit == inside), "%s, width %d, pixel %d", what, w, i);
    }
    for (int y = 0; w % 64 && y < at->height; y++)
        cr_assert(got[(size_t)(y + 1) * lct_mask_words(w) - 1] >> (w % 64) == 0, "%s, width %d: bits beyond row %d",
            what, w, y);
}

/* The planes of bits hold rows whose width is no multiple of a byte or a word; opening and closing are what their names say. */
Test(mask, dilation_erosion_opening_and_closing_are_those_of_the_disc_at_any_width)
{
    static const int widths[] = { 1, 7, 8, 63, 65, 130 };
    for (size_t k = 0; k < sizeof widths / sizeof *widths; k++) {
        enum { ROWS = 20 };
        const int w = widths[k], n = w * ROWS;
        const double r = 2.5;
        struct lct_mask_work at;
        uint8_t in[130 * ROWS], step[130 * ROWS];
        cr_assert(lct_mask_work_init(&at, w, ROWS, NULL) == LCT_OK);
        for (int sparse = 0; sparse < 2; sparse++) {
            uint64_t *const m = at.bits[0], *const out = at.bits[1], *const again = at.bits[2];
            for (int i = 0; i < n; i++)
                in[i] = ((i * 7919 + i / w * 104729) % 97 < 4) == sparse ? 2 : 0;
            lct_mask_pack(&at, in, m);
            lct_mask_dilate(&at, m, r, out);
            check_discs(&at, in, out, r, true, "dilation");
            lct_mask_unpack(&at, out, step);
            lct_mask_erode(&at, out, r, again);
            check_discs(&at, step, again, r, false, "erosion of it");
            lct_mask_close(&at, m, r, out);
            cr_assert(memcmp(out, again, lct_mask_words(w) * ROWS * sizeof *m) == 0, "closing, width %d", w);
            lct_mask_erode(&at, m, r, out);
            check_discs(&at, in, out, r, false, "erosion");
            lct_mask_dilate(&at, out, r, again);
            lct_mask_open(&at, m, r, m); /* in place */
            cr_assert(memcmp(m, again, lct_mask_words(w) * ROWS * sizeof *m) == 0, "opening, width %d", w);
        }
        lct_mask_work_finish(&at);
    }
}
