/* Protects: a frame that is kept comes back as it was read, or not at all. */
#include "../../src/pipeline/frame_store.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

enum { W = 13, H = 7, N = W * H };

static struct lct_image frame, back;

static void setup(void)
{
    cr_assert(lct_image_init(&frame, W, H, NULL) == LCT_OK);
    cr_assert(lct_image_init(&back, W, H, NULL) == LCT_OK);
}

static void teardown(void)
{
    lct_image_finish(&frame);
    lct_image_finish(&back);
}

TestSuite(frame_store, .init = setup, .fini = teardown);

static void fill(float first, float step)
{
    for (int i = 0; i < N; i++)
        frame.px[i] = first + step * (float)i;
}

Test(frame_store, exact_or_absent)
{
    static const struct { float first, step; bool kept; } rows[] = { { 0, 1, true }, { 255, 0, true }, { 256, 0, true },
        { 65535 - N, 1, true }, { 65536, 0, false }, { -1, 0, false }, { 0.5f, 1, false }, { NAN, 0, false }, { INFINITY, 0, false },
        { 4e9f, 0, false } };
    const long n = sizeof rows / sizeof *rows;
    struct frame_store *store = frame_store_create(n, W, H, 100 * N);
    for (long k = 0; k < n; k++) {
        fill(rows[k].first, rows[k].step);
        frame_store_put(store, k, &frame, 0.25 * (double)k);
    }
    for (long k = 0; k < n; k++) {
        double time_s = -1.0;
        cr_assert(eq(int, frame_store_get(store, k, &back, &time_s), rows[k].kept), "row %ld", k);
        if (!rows[k].kept)
            continue;
        fill(rows[k].first, rows[k].step);
        cr_assert(memcmp(back.px, frame.px, N * sizeof *frame.px) == 0, "row %ld", k);
        cr_assert(eq(dbl, time_s, 0.25 * (double)k));
    }
    frame_store_destroy(store);
}

/* Two bytes a pixel take twice the room; frames beyond it, and frames that are no part of the run, are not kept. */
Test(frame_store, keeps_within_its_limit)
{
    struct frame_store *store = frame_store_create(10, W, H, 3 * N);
    double time_s;
    fill(300, 1);
    frame_store_put(store, 1, &frame, 0.0);
    frame_store_put(store, 0, &frame, 0.0);
    fill(1, 0);
    frame_store_put(store, 2, &frame, 0.0);
    frame_store_put(store, 9, &frame, 0.0);
    cr_assert(frame_store_get(store, 1, &back, &time_s) && frame_store_get(store, 2, &back, &time_s));
    cr_assert_not(frame_store_get(store, 0, &back, &time_s) || frame_store_get(store, 9, &back, &time_s));
    frame_store_destroy(store);
    cr_assert(frame_store_create(10, W, H, N - 1) == NULL);
    frame_store_put(NULL, 0, &frame, 0.0);
    cr_assert_not(frame_store_get(NULL, 0, &back, &time_s));
}
