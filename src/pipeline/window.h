/* window.h -- the stretch of the movie that is in memory: frames read ahead, their planes, and time means */
#ifndef LCTEM_PIPELINE_WINDOW_H
#define LCTEM_PIPELINE_WINDOW_H

#include "plan.h"

struct window; /* opaque */

/* Room for means over k - reach .. k + reach for `chunk` frames at once. */
LCT_MUST_CHECK enum lct_status window_create(
    struct window **out, const struct plan *plan, struct movie *movie, long chunk, int threads, struct lct_err *err);
void window_destroy(struct window **window);

/* Make frames first .. first + count - 1 (count <= chunk) and their neighbours ready; first must not go back. */
LCT_MUST_CHECK enum lct_status window_advance(struct window *window, long first, long count, struct lct_err *err);

/* A frame of the chunk as read. Borrowed until the next advance. */
const struct lct_image *window_frame(const struct window *window, long k);

/* Mean plane of frame k over its neighbours in time, on the pixels of frame k, longer where nothing moves. Pure, may run on several threads. */
LCT_MUST_CHECK enum lct_status window_mean(
    const struct window *window, long k, struct lct_image *out, struct lct_err *err);

#endif
