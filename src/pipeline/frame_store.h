/* frame_store.h -- decoded frames kept for the second pass, as small as they are exact */
#ifndef LCTEM_PIPELINE_FRAME_STORE_H
#define LCTEM_PIPELINE_FRAME_STORE_H

#include <lctem/image.h>

#include <stdbool.h>

/* The first frames of a run, as many as `limit_bytes` hold at a byte a pixel. It only spares work: without memory it keeps less. */
struct frame_store;

/* NULL: no memory, or no room for a single frame; the calls below take that. */
struct frame_store *frame_store_create(long n_frames, int width, int height, size_t limit_bytes);
void frame_store_destroy(struct frame_store *store);

/* Frames below this number are kept, if they can be. */
long frame_store_end(const struct frame_store *store);

/* Frames of whole grey values below 65 536 are kept as such, others are not: false. */
bool frame_store_put(struct frame_store *store, long k, const struct lct_image *frame, double time_s);

/* The same pixels again; false: frame k is not there. */
bool frame_store_get(const struct frame_store *store, long k, struct lct_image *out, double *time_s);

#endif
