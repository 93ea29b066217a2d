#include "window.h"

#include "steady.h"

#include <lctem/clones.h>
#include <lctem/outlier.h>
#include <lctem/parallel.h>

#include <stdlib.h>
#include <string.h>

struct window {
    const struct plan *plan;
    struct movie *movie;
    int threads;
    long slots;              /* frames k live in slot k % slots */
    long ready;              /* frames below this are read */
    struct lct_image *frame; /* slots */
    struct lct_image *plane; /* slots */
    struct plane_work *work; /* threads */
    long from;               /* of the planes being made */
    struct steady *steady;   /* NULL: the plan wants none */
};

void window_destroy(struct window **window)
{
    struct window *w = *window;
    if (!w)
        return;
    for (long i = 0; i < w->slots; i++) {
        if (w->frame)
            lct_image_finish(&w->frame[i]);
        if (w->plane)
            lct_image_finish(&w->plane[i]);
    }
    for (int i = 0; w->work && i < w->threads; i++)
        plane_work_finish(&w->work[i]);
    steady_destroy(&w->steady);
    free(w->frame);
    free(w->plane);
    free(w->work);
    free(w);
    *window = NULL;
}

enum lct_status window_create(
    struct window **out, const struct plan *plan, struct movie *movie, long chunk, int threads, struct lct_err *err)
{
    *out = NULL;
    struct window *w = calloc(1, sizeof *w);
    if (!w)
        return lct_fail(err, LCT_E_LIMIT, "no memory for a window of frames");
    *w = (struct window){ .plan = plan, .movie = movie, .threads = threads, .slots = chunk + plan_window_frames(plan) };
    w->frame = calloc((size_t)w->slots, sizeof *w->frame);
    w->plane = calloc((size_t)w->slots, sizeof *w->plane);
    w->work = calloc((size_t)threads, sizeof *w->work);
    enum lct_status status = LCT_OK;
    if (!w->frame || !w->plane || !w->work)
        status = lct_fail(err, LCT_E_LIMIT, "no memory for a window of %ld frames", w->slots);
    for (long i = 0; status == LCT_OK && i < w->slots; i++) {
        status = lct_image_init(&w->frame[i], plan->grid.width, plan->grid.height, err);
        if (status == LCT_OK)
            status = lct_image_init(&w->plane[i], plan->width, plan->height, err);
    }
    for (int i = 0; status == LCT_OK && i < threads; i++)
        status = plane_work_init(&w->work[i], plan, err);
    if (status == LCT_OK)
        status = steady_create(&w->steady, plan, chunk, err);
    if (status != LCT_OK) {
        window_destroy(&w);
        return status;
    }
    *out = w;
    return LCT_OK;
}

static enum lct_status make_plane(void *context, size_t i, int worker, struct lct_err *err)
{
    struct window *w = context;
    const long k = w->from + (long)i;
    struct lct_image *frame = &w->frame[k % w->slots];
    double time_s;
    enum lct_status status = movie_remembers(w->movie, k) ? movie_recall(w->movie, k, frame, &time_s, err) : LCT_OK;
    const struct lct_outlier_params params = lct_outlier_defaults();
    struct lct_outlier_report report;
    if (status == LCT_OK && !w->plan->frames[k].sound)
        status = lct_outlier_repair(frame, &params, &report, err);
    if (status != LCT_OK)
        return status;
    plan_plane(w->plan, k, frame, &w->work[worker], &w->plane[k % w->slots]);
    return LCT_OK;
}

/* Read frames (those that are remembered are left to the threads), make their planes, add them to the long means. */
static enum lct_status take_in(struct window *window, long from, long high, struct lct_err *err)
{
    window->from = from;
    for (long k = window->from; k < high; k++) {
        double time_s;
        if (movie_remembers(window->movie, k))
            continue;
        const enum lct_status status = movie_read(window->movie, k, &window->frame[k % window->slots], &time_s, err);
        if (status == LCT_END)
            return lct_fail(err, LCT_E_INPUT, "%s: frame %ld was there in the first pass and is gone in the second",
                window->movie->info->path, movie_frame(window->movie, k));
        if (status != LCT_OK)
            return status;
    }
    window->ready = high;
    const enum lct_status status =
        lct_parallel_for(window->threads, (size_t)(high - window->from), make_plane, window, err);
    for (long k = window->from; status == LCT_OK && window->steady && k < high; k++)
        steady_add(window->steady, k, &window->plane[k % window->slots]);
    return status;
}

enum lct_status window_advance(struct window *window, long first, long count, struct lct_err *err)
{
    const struct plan *plan = window->plan;
    const long before = steady_before(plan, first), after = steady_after(plan, first + count - 1);
    const long need_before = before > plan->reach ? before : plan->reach,
               need_after = after > plan->reach ? after : plan->reach;
    const long low = first > need_before ? first - need_before : 0;
    const long high = first + count + need_after < plan->n ? first + count + need_after : plan->n;
    long from = window->ready > low ? window->ready : low;
    enum lct_status status = LCT_OK;
    while (status == LCT_OK
        && from
            < high) { /* after a restart more frames than there is room for: the older ones only leave their means */
        const long to = high - from < window->slots ? high : from + window->slots;
        status = take_in(window, from, to, err);
        from = to;
    }
    return status;
}

const struct lct_image *window_frame(const struct window *window, long k)
{
    return &window->frame[k % window->slots];
}

static int clamp_index(int i, int n)
{
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* Add plane q to the sum, moved by whole pixels onto the pixels of the mean; beyond its border its border counts. */
LCT_CLONES static void add_moved(const struct lct_image *plane, int dx, int dy, struct lct_image *sum)
{
    const int w = sum->width;
    const int from = clamp_index(-dx, w), to = clamp_index(w - dx, w + 1);
    for (int y = 0; y < sum->height; y++) {
        const float *restrict src = plane->px + (size_t)clamp_index(y + dy, sum->height) * (size_t)w;
        float *restrict row = sum->px + (size_t)y * (size_t)w;
        for (int x = 0; x < from; x++)
            row[x] += src[0];
        for (int x = from; x < to; x++)
            row[x] += src[x + dx];
        for (int x = to > from ? to : from; x < w; x++)
            row[x] += src[w - 1];
    }
}

/* Mean over the frames within reach. */
LCT_CLONES static void short_mean(const struct window *window, long k, struct lct_image *out)
{
    const struct plan *plan = window->plan;
    const long first = k > plan->reach ? k - plan->reach : 0;
    const long last = k + plan->reach < plan->n ? k + plan->reach : plan->n - 1;
    const struct plane_shift here = plan_shift(plan, k);
    memset(out->px, 0, lct_image_count(out) * sizeof *out->px);
    for (long q = first; q <= last;
         q++) /* at the ends of the movie it leans to one side, which is less than the noise of few */ {
        const struct plane_shift there = plan_shift(plan, q);
        add_moved(&window->plane[q % window->slots], there.x - here.x, there.y - here.y, out);
    }
    const float share = 1.0f / (float)(last - first + 1);
    for (size_t i = 0; i < lct_image_count(out); i++)
        out->px[i] *= share;
}

enum lct_status window_mean(const struct window *window, long k, struct lct_image *out, struct lct_err *err)
{
    short_mean(window, k, out);
    return steady_blend(window->steady, k, out, err);
}
