#include "frame_store.h"

#include <lctem/clones.h>

#include <stdint.h>
#include <stdlib.h>

struct entry {
    uint8_t *narrow; /* grey values of one byte; NULL: not of that kind, or not there */
    uint16_t *wide;
    double time_s;
};

struct frame_store {
    size_t n_px, room_bytes;
    long n;
    struct entry *entry; /* n */
};

struct frame_store *frame_store_create(long n_frames, int width, int height, size_t limit_bytes)
{
    const size_t n_px = (size_t)width * (size_t)height, fits = limit_bytes / n_px;
    struct frame_store *s = fits ? calloc(1, sizeof *s) : NULL;
    if (!s)
        return NULL;
    *s = (struct frame_store){ .n_px = n_px, .room_bytes = limit_bytes };
    s->n = (size_t)n_frames < fits ? n_frames : (long)fits;
    s->entry = calloc((size_t)s->n, sizeof *s->entry);
    if (!s->entry) {
        free(s);
        return NULL;
    }
    return s;
}

void frame_store_destroy(struct frame_store *store)
{
    for (long k = 0; store && k < store->n; k++) {
        free(store->entry[k].narrow);
        free(store->entry[k].wide);
    }
    if (store)
        free(store->entry);
    free(store);
}

/* Bytes that hold each pixel exactly: 1 or 2; 0: there is a fraction, a sign or more than 16 bits. */
LCT_CLONES static int exact_bytes(const float *px, size_t n)
{
    int32_t odd = 0, above = 0;
    for (size_t i = 0; i < n; i++) {
        const float clipped = px[i] >= 0.0f && px[i] < 65536.0f ? px[i] : 0.5f;
        const int32_t whole = (int32_t)clipped;
        odd |= (float)whole != clipped;
        above |= whole > 255;
    }
    return odd ? 0 : above ? 2 : 1;
}

LCT_CLONES static void to_narrow(const float *px, size_t n, uint8_t *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)px[i];
}

LCT_CLONES static void from_narrow(const uint8_t *in, size_t n, float *px)
{
    for (size_t i = 0; i < n; i++)
        px[i] = in[i];
}

long frame_store_end(const struct frame_store *store)
{
    return store ? store->n : 0;
}

bool frame_store_put(struct frame_store *store, long k, const struct lct_image *frame, double time_s)
{
    if (!store || k >= store->n)
        return false;
    if (store->entry[k].narrow || store->entry[k].wide)
        return true;
    const int bytes = exact_bytes(frame->px, store->n_px);
    if (bytes == 0 || (size_t)bytes * store->n_px > store->room_bytes)
        return false;
    struct entry *e = &store->entry[k];
    if (bytes == 1 && (e->narrow = malloc(store->n_px)))
        to_narrow(frame->px, store->n_px, e->narrow);
    if (bytes == 2 && (e->wide = malloc(store->n_px * sizeof *e->wide)))
        for (size_t i = 0; i < store->n_px; i++)
            e->wide[i] = (uint16_t)frame->px[i];
    e->time_s = time_s;
    const bool kept = e->narrow || e->wide;
    if (kept)
        store->room_bytes -= (size_t)bytes * store->n_px;
    return kept;
}

bool frame_store_get(const struct frame_store *store, long k, struct lct_image *out, double *time_s)
{
    if (!store || k >= store->n || !(store->entry[k].narrow || store->entry[k].wide))
        return false;
    const struct entry *e = &store->entry[k];
    if (e->narrow)
        from_narrow(e->narrow, store->n_px, out->px);
    for (size_t i = 0; e->wide && i < store->n_px; i++)
        out->px[i] = e->wide[i];
    *time_s = e->time_s;
    return true;
}
