#include <lctem/phantom.h>

#include <lctem/parallel.h>
#include <lctem/writer.h>
#include <stdlib.h>

/* Frames are rendered in batches: memory stays small, and the writer sees them in order. */
enum { FRAMES_A_THREAD = 4 };

struct batch {
    const struct lct_phantom *phantom;
    struct lct_phantom_info info;
    struct lct_phantom_scratch **scratch; /* one for each thread */
    struct lct_image *planes;             /* likewise */
    uint16_t *samples;                    /* of all frames of the batch */
    int threads;
    long first, n;
};

static void quantise(const struct lct_phantom_info *info, const struct lct_image *plane, uint16_t *out)
{
    /* 16 bits: the same grey scale, 256 times finer */
    const float top = info->bits == 16 ? 65535 : 255, gain = info->bits == 16 ? 256 : 1;
    const size_t n = lct_image_count(plane);
    for (size_t i = 0; i < n; i++) {
        const float grey = plane->px[i] * gain + 0.5F;
        out[i] = (uint16_t)(grey < 0 ? 0 : grey > top ? top : grey);
    }
}

static enum lct_status render_one(void *context, size_t i, int worker, struct lct_err *err)
{
    const struct batch *b = context;
    struct lct_image *plane = &b->planes[worker];
    const enum lct_status s = lct_phantom_render(b->phantom, b->first + (long)i, true, b->scratch[worker], plane, err);
    if (s == LCT_OK)
        quantise(&b->info, plane, b->samples + i * lct_image_count(plane));
    return s;
}

static void batch_finish(struct batch *b)
{
    for (int i = 0; i < b->threads; i++) {
        if (b->scratch)
            lct_phantom_scratch_destroy(&b->scratch[i]);
        if (b->planes)
            lct_image_finish(&b->planes[i]);
    }
    free(b->scratch);
    free(b->planes);
    free(b->samples);
}

static enum lct_status batch_init(struct batch *b, struct lct_err *err)
{
    const size_t frames = (size_t)b->threads * FRAMES_A_THREAD;
    b->scratch = calloc((size_t)b->threads, sizeof(struct lct_phantom_scratch *));
    b->planes = calloc((size_t)b->threads, sizeof *b->planes);
    b->samples = calloc(frames * (size_t)b->info.width * (size_t)b->info.height, sizeof *b->samples);
    if (!b->scratch || !b->planes || !b->samples)
        return lct_fail(
            err, LCT_E_LIMIT, "phantom: no memory for %zu frames of %d x %d px", frames, b->info.width, b->info.height);
    enum lct_status s = LCT_OK;
    for (int i = 0; s == LCT_OK && i < b->threads; i++) {
        s = lct_phantom_scratch_create(&b->scratch[i], b->phantom, err);
        if (s == LCT_OK)
            s = lct_image_init(&b->planes[i], b->info.width, b->info.height, err);
    }
    return s;
}

static enum lct_status write_batch(const struct batch *b, struct lct_writer *writer, struct lct_err *err)
{
    const size_t count = (size_t)b->info.width * (size_t)b->info.height;
    enum lct_status s = LCT_OK;
    for (long i = 0; s == LCT_OK && i < b->n; i++)
        s = lct_writer_frame(writer, b->samples + (size_t)i * count, err);
    return s;
}

enum lct_status lct_phantom_film(const struct lct_phantom *phantom, const char *path, int threads,
    bool (*progress)(void *context, long done, long total), void *context, struct lct_err *err)
{
    if (threads < 1 || threads > 1024)
        return lct_fail(err, LCT_E_ARG, "threads: %d is not between 1 and 1024", threads);
    struct batch b = { .phantom = phantom, .info = lct_phantom_info(phantom), .threads = threads };
    const struct lct_writer_params params = { .width = b.info.width,
        .height = b.info.height,
        .fps = b.info.fps,
        .crf = b.info.crf,
        .pixel_size_nm = b.info.pixel_size_nm,
        .bits = b.info.bits };
    struct lct_writer *writer = NULL;
    enum lct_status s = lct_writer_open(&writer, path, &params, err);
    if (s == LCT_OK)
        s = batch_init(&b, err);
    for (b.first = 0; s == LCT_OK && b.first < b.info.frames; b.first += b.n) {
        const long left = b.info.frames - b.first, most = (long)threads * FRAMES_A_THREAD;
        b.n = left < most ? left : most;
        s = lct_parallel_for(threads, (size_t)b.n, render_one, &b, err);
        if (s == LCT_OK)
            s = write_batch(&b, writer, err);
        if (s == LCT_OK && progress && !progress(context, b.first + b.n, b.info.frames))
            s = lct_fail(
                err, LCT_E_CANCELLED, "%s: given up after %ld of %ld frames", path, b.first + b.n, b.info.frames);
    }
    if (s == LCT_OK)
        s = lct_writer_close(&writer, err);
    lct_writer_abandon(&writer);
    batch_finish(&b);
    return s;
}
