#include "budget.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

enum { EACH_THREAD = 4 };

/* Taken at 1024 x 1024 px: libraries and decoder 48 MB, encoder 64 MB. */
static const double LIBRARY_BYTES = 24e6, DECODER_BYTES_PER_PX = 24.0, ENCODER_BYTES_PER_PX = 64.0;
static const double COMFORT_BYTES = 360e6;
static const double STORE_BYTES = 64.0 * 1048576.0,
                    STORE_SHARE = 0.15; /* of the limit, for frames between the passes */
static const double TRACK_BYTES_PER_PX = 36.0, MASK_BYTES_PER_PX = 20.0; /* struct lct_track; struct lct_mask_work */
static const double DRIFT_FRAMES = 6.0, SPECTRUM_FRAMES = 0.5; /* in frames: transforms; what is kept of one */

/* Bytes of a frame and of a plane, and what is always there. */
struct sizes {
    double frame, plane, plane_px, base;
};

static struct sizes sizes_of(const struct plan *plan, const struct movie *movie)
{
    const double whole_px = (double)movie->info->width * (double)movie->info->height;
    const double px = (double)plan->grid.width * (double)plan->grid.height,
                 plane_px = (double)plan->width * (double)plan->height;
    const bool video = strcmp(movie->info->format, "video") == 0;
    return (struct sizes){ .frame = px * sizeof(float),
        .plane = plane_px * sizeof(float),
        .plane_px = plane_px,
        .base = LIBRARY_BYTES + whole_px * (video ? DECODER_BYTES_PER_PX : 2 * sizeof(float))
            + (double)plan->n * sizeof *plan->frames
            + (movie->store ? fmin(STORE_BYTES, 2.0 * px * (double)movie->n) : 0.0) };
}

/* Enough for the threads, and few enough to be in the cache still when they are looked at again. Fresh memory costs most of all:
 * 24 frames of 1024 x 1024 px took 0.2 s to touch on a virtual machine. */
static long at_once(int threads, int most)
{
    return threads < most / EACH_THREAD ? (long)EACH_THREAD * threads : most;
}

long budget_pass_frames(int threads)
{
    return at_once(threads, BUDGET_PASS_FRAMES);
}

static double first_pass_bytes(const struct sizes *s, int threads)
{
    const double frames = (double)budget_pass_frames(threads) + BUDGET_ANCHORS * SPECTRUM_FRAMES + 1.0 + DRIFT_FRAMES;
    return s->base + frames * s->frame + (KEY_PLANES + BUDGET_PASS_PLANES + 1) * s->plane + threads * 2.0 * s->plane;
}

static double second_pass_bytes(const struct sizes *s, const struct plan *plan, const struct lct_overlay_layout *layout,
    const struct budget_share *share)
{
    const double drawn_px = (double)layout->width * (double)layout->height;
    const double fixed = s->base + ENCODER_BYTES_PER_PX * drawn_px + TRACK_BYTES_PER_PX * s->plane_px;
    const double scratch = 2.0 * s->plane + MASK_BYTES_PER_PX * s->plane_px;
    const double window = s->frame + s->plane;
    const double result = s->plane + 4.0 * s->plane_px + 0.5 * s->frame + sizeof(uint32_t) * drawn_px;
    return fixed + share->threads * scratch + (double)(share->chunk + BUDGET_AHEAD + plan_window_frames(plan)) * window
        + (double)(share->chunk + BUDGET_AHEAD) * result;
}

static double machine_bytes(void)
{
    const long pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGESIZE);
    return pages > 0 && bytes > 0 ? (double)pages * (double)bytes : 1e18;
}

size_t budget_store_bytes(uint64_t limit_bytes)
{
    const double share = STORE_SHARE * (double)limit_bytes;
    return limit_bytes && share < STORE_BYTES ? (size_t)share : (size_t)STORE_BYTES;
}

static double goal_bytes(uint64_t limit_bytes)
{
    return limit_bytes ? (double)limit_bytes : COMFORT_BYTES;
}

static enum lct_status check(double need, const struct movie *movie, uint64_t limit_bytes, struct lct_err *err)
{
    const double machine = machine_bytes();
    const int w = movie->roi.width_px, h = movie->roi.height_px;
    if (limit_bytes && need > (double)limit_bytes)
        return lct_fail(err, LCT_E_LIMIT,
            "%s: %d x %d px need about %.0f MB of memory, the limit is %.0f MB; raise --memory-limit, or use a part "
            "with --roi",
            movie->info->path, w, h, need / 1048576.0, (double)limit_bytes / 1048576.0);
    if (need > machine)
        return lct_fail(err, LCT_E_LIMIT,
            "%s: %d x %d px need about %.0f MB of memory, this machine has %.0f MB; use a part of the frame with --roi",
            movie->info->path, w, h, need / 1048576.0, machine / 1048576.0);
    return LCT_OK;
}

enum lct_status budget_first_pass(
    const struct plan *plan, const struct movie *movie, uint64_t limit_bytes, int *threads, struct lct_err *err)
{
    const struct sizes s = sizes_of(plan, movie);
    int n = *threads;
    while (n > 1 && first_pass_bytes(&s, n) > goal_bytes(limit_bytes))
        n--;
    const enum lct_status status = check(first_pass_bytes(&s, n), movie, limit_bytes, err);
    if (status == LCT_OK)
        *threads = n;
    return status;
}

enum lct_status budget_second_pass(const struct plan *plan, const struct movie *movie,
    const struct lct_overlay_layout *layout, uint64_t limit_bytes, struct budget_share *share, struct lct_err *err)
{
    const struct sizes s = sizes_of(plan, movie);
    const double goal = goal_bytes(limit_bytes);
    struct budget_share try = { share->threads, share->threads < BUDGET_MAX_CHUNK ? share->threads : BUDGET_MAX_CHUNK };
    while (try.threads > 1 && second_pass_bytes(&s, plan, layout, &try) > goal) {
        try.threads--;
        try.chunk = try.threads < BUDGET_MAX_CHUNK ? try.threads : BUDGET_MAX_CHUNK;
    }
    const enum lct_status status = check(second_pass_bytes(&s, plan, layout, &try), movie, limit_bytes, err);
    if (status != LCT_OK)
        return status;
    /* whole rounds of the threads, as many as fit */
    const long most = at_once(try.threads, BUDGET_MAX_CHUNK);
    for (struct budget_share more = try; more.chunk <= most && second_pass_bytes(&s, plan, layout, &more) <= goal;
         more.chunk += more.threads)
        try.chunk = more.chunk;
    *share = try;
    return LCT_OK;
}
