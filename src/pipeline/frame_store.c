#include "frame_store.h"

#include <lctem/clones.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const double DISK_SHARE = 0.25; /* of what is free: the results want some as well */

/* Grey values of one or two bytes a pixel, in memory or in the file. */
struct entry {
    void *memory; /* NULL: in the file */
    off_t at;
    size_t bytes_per_px; /* 0: frame is not there */
    double time_s;
};

struct frame_store {
    size_t n_px, memory_room, disk_room;
    long n;
    int fd; /* -1: no file */
    off_t end;
    uint16_t *packed;    /* n_px: a frame on its way */
    struct entry *entry; /* n */
};

/* A file without a name; -1: none can be made there. */
static int open_nameless(const char *folder)
{
    const int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    char path[4096]; /* a file system that cannot do that */
    if ((size_t)snprintf(path, sizeof path, "%s/frames.XXXXXX", folder) >= sizeof path)
        return -1;
    const int named = mkostemp(path, O_CLOEXEC);
    if (named >= 0)
        unlink(path);
    return named;
}

static size_t disk_room(int fd, size_t limit_bytes)
{
    struct statvfs disk;
    if (fd < 0 || fstatvfs(fd, &disk) != 0)
        return 0;
    const double share = DISK_SHARE * (double)disk.f_bavail * (double)disk.f_frsize;
    return share < (double)limit_bytes ? (size_t)share : limit_bytes;
}

struct frame_store *frame_store_create(
    long n_frames, int width, int height, size_t memory_bytes, const char *folder, size_t disk_bytes)
{
    struct frame_store *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    *s = (struct frame_store){ .n_px = (size_t)width * (size_t)height, .memory_room = memory_bytes };
    s->fd = folder && (size_t)n_frames > memory_bytes / s->n_px ? open_nameless(folder) : -1;
    s->disk_room = disk_room(s->fd, disk_bytes);
    const size_t fits = s->memory_room / s->n_px + s->disk_room / s->n_px;
    s->n = (size_t)n_frames < fits ? n_frames : (long)fits;
    s->entry = s->n ? calloc((size_t)s->n, sizeof *s->entry) : NULL;
    s->packed = s->n ? malloc(s->n_px * sizeof *s->packed) : NULL;
    if (s->entry && s->packed)
        return s;
    frame_store_destroy(s);
    return NULL;
}

void frame_store_destroy(struct frame_store *store)
{
    if (!store)
        return;
    for (long k = 0; store->entry && k < store->n; k++)
        free(store->entry[k].memory);
    if (store->fd >= 0)
        close(store->fd);
    free(store->entry);
    free(store->packed);
    free(store);
}

/* Bytes that hold each pixel exactly: 1 or 2; 0: there is a fraction, a sign or more than 16 bits. Beyond 2^23 floats have no
 * fraction: adding that much and taking it off again rounds. */
LCT_CLONES static int exact_bytes(const float *px, size_t n)
{
    const float whole = 8388608.0f;
    int odd = 0, above = 0;
    for (size_t i = 0; i < n; i++) {
        const float x = px[i];
        odd |= !(x >= 0.0f) | !(x < 65536.0f) | ((x + whole) - whole != x);
        above |= x >= 256.0f;
    }
    return odd ? 0 : above ? 2 : 1;
}

LCT_CLONES static void to_narrow(const float *px, size_t n, uint8_t *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)px[i];
}

LCT_CLONES static void to_wide(const float *px, size_t n, uint16_t *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint16_t)px[i];
}

LCT_CLONES static void from_narrow(const uint8_t *in, size_t n, float *px)
{
    for (size_t i = 0; i < n; i++)
        px[i] = in[i];
}

LCT_CLONES static void from_wide(const uint16_t *in, size_t n, float *px)
{
    for (size_t i = 0; i < n; i++)
        px[i] = in[i];
}

long frame_store_end(const struct frame_store *store)
{
    return store ? store->n : 0;
}

static bool put_in_memory(struct frame_store *s, struct entry *e, size_t n)
{
    if (n > s->memory_room || !(e->memory = malloc(n)))
        return false;
    memcpy(e->memory, s->packed, n);
    s->memory_room -= n;
    return true;
}

/* All n bytes or none; on a disk that is full there is no second try. */
static bool put_in_file(struct frame_store *s, struct entry *e, size_t n)
{
    if (n > s->disk_room)
        return false;
    for (size_t done = 0; done < n;) {
        const ssize_t more = pwrite(s->fd, (const char *)s->packed + done, n - done, s->end + (off_t)done);
        if (more < 0 && errno == EINTR)
            continue;
        if (more <= 0) {
            s->disk_room = 0;
            return false;
        }
        done += (size_t)more;
    }
    e->at = s->end;
    s->end += (off_t)n;
    s->disk_room -= n;
    return true;
}

static bool read_all(int fd, void *out, size_t n, off_t at)
{
    for (size_t done = 0; done < n;) {
        const ssize_t more = pread(fd, (char *)out + done, n - done, at + (off_t)done);
        if (more < 0 && errno == EINTR)
            continue;
        if (more <= 0)
            return false;
        done += (size_t)more;
    }
    return true;
}

static void unpack(const void *packed, size_t bytes_per_px, size_t n, float *px)
{
    if (bytes_per_px == 1)
        from_narrow(packed, n, px);
    else
        from_wide(packed, n, px);
}

/* In pieces that stay in the cache. */
static bool get_from_file(const struct frame_store *s, const struct entry *e, float *px)
{
    uint16_t piece[32768];
    const size_t step = sizeof piece / e->bytes_per_px;
    for (size_t i = 0; i < s->n_px; i += step) {
        const size_t n = s->n_px - i < step ? s->n_px - i : step;
        if (!read_all(s->fd, piece, n * e->bytes_per_px, e->at + (off_t)(i * e->bytes_per_px)))
            return false;
        unpack(piece, e->bytes_per_px, n, px + i);
    }
    return true;
}

bool frame_store_put(struct frame_store *store, long k, const struct lct_image *frame, double time_s)
{
    if (!store || k >= store->n)
        return false;
    struct entry *e = &store->entry[k];
    if (e->bytes_per_px)
        return true;
    const size_t bytes = (size_t)exact_bytes(frame->px, store->n_px), n = bytes * store->n_px;
    if (bytes == 1)
        to_narrow(frame->px, store->n_px, (uint8_t *)store->packed);
    if (bytes == 2)
        to_wide(frame->px, store->n_px, store->packed);
    if (bytes == 0 || !(put_in_memory(store, e, n) || put_in_file(store, e, n)))
        return false;
    e->bytes_per_px = bytes;
    e->time_s = time_s;
    return true;
}

bool frame_store_has(const struct frame_store *store, long k)
{
    return store && k < store->n && store->entry[k].bytes_per_px > 0;
}

bool frame_store_get(const struct frame_store *store, long k, struct lct_image *out, double *time_s)
{
    if (!frame_store_has(store, k))
        return false;
    const struct entry *e = &store->entry[k];
    if (e->memory)
        unpack(e->memory, e->bytes_per_px, store->n_px, out->px);
    else if (!get_from_file(store, e, out->px))
        return false;
    *time_s = e->time_s;
    return true;
}
