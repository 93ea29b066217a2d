/* frame_store.h -- decoded frames kept for the second pass, as small as they are exact */
#ifndef LCTEM_PIPELINE_FRAME_STORE_H
#define LCTEM_PIPELINE_FRAME_STORE_H

#include <lctem/image.h>

#include <stdbool.h>

/* The first frames of a run: as many as `memory_bytes` hold at a byte a pixel, and further ones in a file. It only spares work: without
 * memory, or on a full disk, it keeps less. Any number of threads may
 * get frames while none is put. */
struct frame_store;

/* folder: where a file of at most `disk_bytes`, and of at most a quarter of what is free there, may lie; it has no name, and is gone
 * with the process whatever happens to it. NULL: no file. Returns NULL: no memory, or no room for a single frame; the calls below
 * take that. */
struct frame_store *frame_store_create(
    long n_frames, int width, int height, size_t memory_bytes, const char *folder, size_t disk_bytes);
void frame_store_destroy(struct frame_store *store);

/* Frames below this number are kept, if they can be. */
long frame_store_end(const struct frame_store *store);

/* Frames of whole grey values below 65 536 are kept as such, others are not: false. */
bool frame_store_put(struct frame_store *store, long k, const struct lct_image *frame, double time_s);

/* Is frame k kept? */
bool frame_store_has(const struct frame_store *store, long k);

/* The same pixels again; false: frame k is not there. */
bool frame_store_get(const struct frame_store *store, long k, struct lct_image *out, double *time_s);

#endif
