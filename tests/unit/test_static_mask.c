/* Protects: pillar boxes and burnt-in bars are found to the pixel (and a seam), a living picture, a clipped one and a uniform
 * one keep all their pixels. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/static_mask.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { W = 120, H = 90 };

struct scene {
    int left, right, top, bottom; /* grey borders */
    int bar;                      /* a white bar of 3 x 30 px at (40, 60) */
    double noise, clip;           /* clip: share of the picture that is white */
    int frames;
};

static void paint(const struct scene *s, struct lct_image *im)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            float *p = &im->px[y * W + x];
            *p = (float)(120 + 20 * sin(x * 0.2) + s->noise * (rand() % 1000 / 500.0 - 1));
            if (y < s->clip * H || (s->bar && x >= 40 && x < 70 && y >= 60 && y < 63))
                *p = 255;
            if (x < s->left || x >= W - s->right || y < s->top || y >= H - s->bottom)
                *p = 127;
        }
}

static struct lct_static_report look(const struct scene *s, unsigned char *out)
{
    struct lct_image im = { 0 };
    struct lct_static_mask *mask = NULL;
    struct lct_static_report r = { 0 };
    cr_assert(eq(int, lct_image_init(&im, W, H, NULL), LCT_OK));
    cr_assert(eq(int, lct_static_mask_create(&mask, W, H, NULL), LCT_OK));
    srand(3);
    for (int i = 0; i < s->frames; i++) {
        paint(s, &im);
        cr_assert(eq(int, lct_static_mask_add(mask, &im, NULL), LCT_OK));
    }
    cr_assert(eq(int, lct_static_mask_find(mask, out, &r, NULL), LCT_OK));
    lct_static_mask_destroy(&mask);
    lct_image_finish(&im);
    return r;
}

Test(static_mask, finds_borders_and_bar)
{
    unsigned char out[W * H];
    const struct scene s = { .left = 10, .right = 7, .top = 3, .bar = 1, .noise = 15, .frames = 12 };
    const struct lct_static_report r = look(&s, out);
    cr_assert(r.left == 10 && r.right == 7 && r.top == 3 && r.bottom == 0);
    cr_assert(eq(sz, r.border_px, (size_t)(17 * H + 3 * (W - 17))));
    cr_assert(eq(sz, r.burnt_px, 34 * 7)); /* 30 x 3 and a seam of 2 on all sides */
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const int border = x < 10 || x >= W - 7 || y < 3, burnt = x >= 38 && x < 72 && y >= 58 && y < 65;
            cr_assert(eq(int, out[y * W + x],
                border      ? LCT_STATIC_BORDER
                    : burnt ? LCT_STATIC_BURNT
                            : LCT_STATIC_PICTURE));
        }
}

Test(static_mask, one_frame_tells_borders_only)
{
    unsigned char out[W * H];
    const struct scene s = { .left = 10, .right = 10, .bar = 1, .noise = 15, .frames = 1 };
    const struct lct_static_report r = look(&s, out);
    cr_assert(r.left == 10 && r.right == 10);
    cr_assert(eq(sz, r.burnt_px, 0));
}

Test(static_mask, keeps_pictures_that_are_whole)
{
    static const struct scene rows[] = {
        { .noise = 15, .frames = 12 }, /* nothing burnt in */
        { .noise = 0, .frames = 12 },  /* no noise: all stands still */
        { .noise = 15,
            .clip = 0.4,
            .frames = 12 } /* a clipped hole, not ink; its rows at the top are like a letter box */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned char out[W * H];
        const struct lct_static_report r = look(&rows[i], out);
        cr_assert(eq(sz, r.burnt_px, 0));
        if (rows[i].clip == 0)
            cr_assert(eq(sz, r.border_px, 0));
    }
}

Test(static_mask, keeps_a_uniform_movie)
{
    unsigned char out[W * H];
    const struct scene s = { .left = W, .frames = 9 };
    cr_assert(eq(sz, look(&s, out).border_px, 0));
}

Test(static_mask, refuses_other_sizes_and_no_frames)
{
    struct lct_static_mask *mask = NULL;
    struct lct_static_report r = { .border_px = 42 };
    unsigned char out[4];
    float px[6] = { 0 };
    const struct lct_image im = { 3, 2, px };
    cr_assert(eq(int, lct_static_mask_create(&mask, 0, 2, NULL), LCT_E_ARG));
    cr_assert(mask == NULL);
    cr_assert(eq(int, lct_static_mask_create(&mask, 2, 2, NULL), LCT_OK));
    cr_assert(eq(int, lct_static_mask_find(mask, out, &r, NULL), LCT_E_NODATA));
    cr_assert(eq(int, lct_static_mask_add(mask, &im, NULL), LCT_E_ARG));
    cr_assert(eq(sz, r.border_px, 42));
    lct_static_mask_destroy(&mask);
}
