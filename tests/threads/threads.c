/* Protects: the rooms that start threads give on four of them what they give on one, and have no race while they do (seen with
 * -Db_sanitize=thread, where this is run by hand). No Criterion: the sanitizer leaves no room for its arena. */
#include "../../src/pipeline/frame_store.h"

#include <lctem/farm.h>
#include <lctem/parallel.h>
#include <lctem/source.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    THREADS = 4,
    N = 20000,
    FRAMES = 40,
    SIDE_PX = 1100 /* large enough to be shared */,
    BYTES = SIDE_PX * SIDE_PX * 2
};

/* ---- parallel ---- */

struct sums {
    long of_item[N], of_worker[THREADS];
};

static enum lct_status add(void *context, size_t i, int worker, struct lct_err *err)
{
    struct sums *s = context;
    s->of_item[i] += (long)i;
    s->of_worker[worker] += (long)i;
    return i == N - 1 ? lct_fail(err, LCT_E_INPUT, "item %zu", i) : LCT_OK;
}

static bool every_item_once(void)
{
    struct sums *s = calloc(1, sizeof *s);
    struct lct_err err = { 0 };
    long sum = 0;
    bool good = s && lct_parallel_for(THREADS, N, add, s, &err) == LCT_E_INPUT && strcmp(err.text, "item 19999") == 0;
    for (long i = 0; good && i < N; i++)
        good = s->of_item[i] == i;
    for (int w = 0; good && w < THREADS; w++)
        sum += s->of_worker[w];
    free(s);
    return good && sum == (long)N * (N - 1) / 2;
}

/* ---- farm ---- */

static enum lct_status square(void *context, size_t i, int worker, void *result, struct lct_err *err)
{
    (void)worker;
    const size_t *bad = context;
    *(size_t *)result = i * i;
    return i == *bad ? lct_fail(err, LCT_E_INPUT, "item %zu", i) : LCT_OK;
}

static size_t seen; /* touched by `each` only, which is called by one thread at a time */

static enum lct_status in_order(void *context, size_t i, const void *result, struct lct_err *err)
{
    (void)context;
    if (i != seen++ || *(const size_t *)result != i * i)
        return lct_fail(err, LCT_E_OUTPUT, "item %zu comes out of its turn", i);
    return LCT_OK;
}

static bool results_in_order(size_t bad)
{
    const struct lct_farm farm = {
        .end = N, .result_bytes = sizeof(size_t), .threads = THREADS, .work = square, .each = in_order, .context = &bad
    };
    seen = 0;
    const enum lct_status status = lct_farm_run(&farm, NULL);
    return bad < N ? status == LCT_E_INPUT && seen <= bad : status == LCT_OK && seen == N;
}

static bool farm_in_order(void)
{
    return results_in_order(N) && results_in_order(N / 2);
}

/* ---- frame store: filled by one, read by all ---- */

static enum lct_status get(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    struct lct_image image = { 0 };
    double time_s = -1.0;
    enum lct_status status = lct_image_init(&image, 32, 32, err);
    if (status != LCT_OK)
        return status;
    const bool same = frame_store_get(context, (long)i % FRAMES, &image, &time_s) && time_s == (double)(i % FRAMES)
        && image.px[0] == (float)(i % FRAMES * 10) && image.px[32 * 32 - 1] == image.px[0];
    lct_image_finish(&image);
    return same ? LCT_OK : lct_fail(err, LCT_E_INPUT, "frame %zu is another one", i);
}

static bool store_read_by_all(void)
{
    struct frame_store *store = frame_store_create(FRAMES, 32, 32, FRAMES / 2 * 32 * 32, "/tmp", 1 << 20);
    struct lct_image image = { 0 };
    bool good = store && lct_image_init(&image, 32, 32, NULL) == LCT_OK;
    for (long k = 0; good && k < FRAMES; k++) { /* up to 390: bytes and words, in memory and in the file */
        for (int i = 0; i < 32 * 32; i++)
            image.px[i] = (float)(10 * k);
        good = frame_store_put(store, k, &image, (double)k);
    }
    good = good && lct_parallel_for(THREADS, 2000, get, store, NULL) == LCT_OK;
    lct_image_finish(&image);
    frame_store_destroy(store);
    return good;
}

/* ---- planes of a file, a part for each thread ---- */

static bool read_planes(const char *path, int threads, struct lct_image *out)
{
    struct lct_source *source = NULL;
    const struct lct_source_params params = { .raw = "1100x1100:u16le", .threads = threads };
    bool good = lct_source_open(&source, path, &params, NULL) == LCT_OK
        && lct_image_init(out, SIDE_PX, SIDE_PX, NULL) == LCT_OK;
    for (long i = 0; good && i < 3; i++)
        good = lct_source_read(source, i, out, NULL, NULL) == LCT_OK;
    lct_source_close(&source);
    return good;
}

static bool write_planes(const char *path)
{
    unsigned char *bytes = malloc(3 * (size_t)BYTES);
    FILE *f = bytes ? fopen(path, "wb") : NULL;
    for (size_t i = 0; bytes && i < 3 * (size_t)BYTES; i++)
        bytes[i] = (unsigned char)(i * 2654435761u >> 13);
    bool good = f && fwrite(bytes, 1, 3 * (size_t)BYTES, f) == 3 * (size_t)BYTES;
    good = f && fclose(f) == 0 && good;
    free(bytes);
    return good;
}

static bool planes_shared(void)
{
    char path[] = "threads-XXXXXX";
    struct lct_image one = { 0 }, all = { 0 };
    const int fd = mkstemp(path);
    const bool good = fd >= 0 && write_planes(path) && read_planes(path, 1, &one) && read_planes(path, THREADS, &all)
        && memcmp(one.px, all.px, lct_image_count(&one) * sizeof *one.px) == 0;
    if (fd >= 0) {
        close(fd);
        unlink(path);
    }
    lct_image_finish(&one);
    lct_image_finish(&all);
    return good;
}

int main(void)
{
    static const struct {
        const char *name;
        bool (*good)(void);
    } rows[] = { { "parallel: every item once, the fault told", every_item_once },
        { "farm: results in order, a fault stops it", farm_in_order },
        { "frame store: read by all", store_read_by_all },
        { "planes: the same bytes from four threads", planes_shared } };
    const size_t n = sizeof rows / sizeof *rows;
    int status = 0;
    printf("1..%zu\n", n);
    for (size_t i = 0; i < n; i++) {
        const bool good = rows[i].good();
        printf("%s %zu %s\n", good ? "ok" : "not ok", i + 1, rows[i].name);
        fflush(stdout);
        status = good ? status : 1;
    }
    return status;
}
