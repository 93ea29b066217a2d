/* Protects: a frame that is kept comes back as it was read, or not at all. */
#include "../../src/pipeline/frame_store.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

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
    static const struct {
        float first, step;
        bool kept;
    } rows[] = { { 0, 1, true }, { 255, 0, true }, { 256, 0, true }, { 65535 - N, 1, true }, { 65536, 0, false },
        { -1, 0, false }, { 0.5f, 1, false }, { NAN, 0, false }, { INFINITY, 0, false }, { 4e9f, 0, false } };
    const long n = sizeof rows / sizeof *rows;
    struct frame_store *store = frame_store_create(n, W, H, 100 * N, NULL, 0);
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
    struct frame_store *store = frame_store_create(10, W, H, 3 * N, NULL, 0);
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
    cr_assert(frame_store_create(10, W, H, N - 1, NULL, 0) == NULL);
    frame_store_put(NULL, 0, &frame, 0.0);
    cr_assert_not(frame_store_get(NULL, 0, &back, &time_s));
}

/* Frames that memory has no room for come back from the file, narrow and wide ones, in any order; nothing is left in the folder. */
Test(frame_store, goes_on_in_a_file)
{
    char folder[] = "/tmp/frame_store.XXXXXX";
    cr_assert(mkdtemp(folder) != NULL);
    struct frame_store *store = frame_store_create(10, W, H, 2 * N, folder, 7 * N);
    for (long k = 0; k < 10; k++) {
        fill((float)(k % 2 ? 1000 + k : k), 1);
        cr_assert(eq(int, frame_store_put(store, k, &frame, 0.5 * (double)k), k < 6), "frame %ld", k);
    }
    cr_assert(rmdir(folder) == 0, "a file is left");
    for (long k = 5; k >= 0; k--) {
        double time_s;
        fill((float)(k % 2 ? 1000 + k : k), 1);
        cr_assert(frame_store_get(store, k, &back, &time_s) && memcmp(back.px, frame.px, N * sizeof *frame.px) == 0,
            "frame %ld", k);
        cr_assert(eq(dbl, time_s, 0.5 * (double)k));
    }
    frame_store_destroy(store);
}

/* A folder in which nothing can be written costs the frames that memory cannot hold, and nothing else. */
Test(frame_store, does_without_a_file)
{
    struct frame_store *store = frame_store_create(10, W, H, 2 * N, "/dev/null/none", 100 * N);
    cr_assert(eq(long, frame_store_end(store), 2));
    frame_store_destroy(store);
}

/* A disk that fills up: what was written before it did is there, and nothing more is tried. */
Test(frame_store, stops_at_a_full_disk)
{
    char folder[] = "/tmp/frame_store.XXXXXX";
    cr_assert(mkdtemp(folder) != NULL);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before;
    getrlimit(RLIMIT_FSIZE, &before);
    struct frame_store *store = frame_store_create(10, W, H, N, folder, 100 * N);
    fill(1, 0);
    bool kept[4], back_again[4];
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 2 * N + N / 2, before.rlim_max });
    for (long k = 0; k < 4; k++)
        kept[k] = frame_store_put(store, k, &frame, 0.0);
    setrlimit(RLIMIT_FSIZE, &before);
    for (long k = 0; k < 4; k++) {
        double time_s;
        back_again[k] = frame_store_get(store, k, &back, &time_s);
    }
    cr_assert(kept[0] && kept[1] && kept[2] && !kept[3]);
    cr_assert(back_again[0] && back_again[1] && back_again[2] && !back_again[3]);
    cr_assert(frame_store_has(store, 2) && !frame_store_has(store, 3));
    frame_store_destroy(store);
    rmdir(folder);
}
