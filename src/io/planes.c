#include "planes.h"

#include <lctem/clones.h>
#include <lctem/parallel.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

uint16_t lct_load16(const void *bytes, bool swap)
{
    uint16_t x;
    memcpy(&x, bytes, sizeof x);
    return swap ? __builtin_bswap16(x) : x;
}

uint32_t lct_load32(const void *bytes, bool swap)
{
    uint32_t x;
    memcpy(&x, bytes, sizeof x);
    return swap ? __builtin_bswap32(x) : x;
}

uint64_t lct_load64(const void *bytes, bool swap)
{
    uint64_t x;
    memcpy(&x, bytes, sizeof x);
    return swap ? __builtin_bswap64(x) : x;
}

float lct_load_float(const void *bytes, bool swap)
{
    const uint32_t raw = lct_load32(bytes, swap);
    float x;
    memcpy(&x, &raw, sizeof x);
    return x;
}

double lct_load_double(const void *bytes, bool swap)
{
    const uint64_t raw = lct_load64(bytes, swap);
    double x;
    memcpy(&x, &raw, sizeof x);
    return x;
}

enum lct_status planes_open(struct planes *out, const char *path, int threads, struct lct_err *err)
{
    struct stat st;
    const int wanted = threads > 0 ? threads : lct_parallel_cores();
    *out = (struct planes){ .fd = -1, .threads = wanted < LCT_PLANE_THREADS ? wanted : LCT_PLANE_THREADS };
    out->blocks = aligned_alloc(LCT_PAGE_BYTES, (size_t)out->threads * LCT_BLOCK_ROOM);
    if (!out->blocks)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        const int why = errno;
        if (fd >= 0)
            close(fd);
        planes_close(out);
        return lct_fail(err, LCT_E_INPUT, "cannot be opened (%s)", strerror(why));
    }
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    out->fd = fd;
    out->bytes = (uint64_t)st.st_size;
    return LCT_OK;
}

void planes_close(struct planes *file)
{
    if (file->blocks && file->fd >= 0)
        close(file->fd);
    free(file->blocks);
    *file = (struct planes){ 0 };
}

/* No mmap: a file that shrinks while it is read must be an error, not a signal. */
enum lct_status planes_bytes_at(const struct planes *file, uint64_t offset, void *out, size_t n, struct lct_err *err)
{
    for (size_t done = 0; done < n;) {
        const ssize_t got = pread(file->fd, (char *)out + done, n - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return lct_fail(
                err, LCT_E_INPUT, "cannot be read at byte %llu (%s)", (unsigned long long)offset, strerror(errno));
        if (got == 0)
            return lct_fail(err, LCT_E_INPUT, "the file ends before byte %llu; it is damaged or was cut off",
                (unsigned long long)(offset + n));
        done += (size_t)got;
    }
    return LCT_OK;
}

static uint64_t bytes_of(const struct plane_layout *layout, uint64_t n_pixels)
{
    return layout->nibbles ? (n_pixels + 1) / 2 : n_pixels * (layout->colour ? 4 : lct_dtype_bytes(layout->dtype));
}

uint64_t planes_bytes(const struct plane_layout *layout)
{
    return bytes_of(layout, (uint64_t)layout->width) * (uint64_t)layout->height;
}

/* The first pixel of a byte is the low half. Bytes first, which the compiler makes wide; straight to floats takes a third more. */
LCT_CLONES static void nibbles_to_bytes(unsigned char *restrict dst, size_t n_bytes, const unsigned char *restrict src)
{
    for (size_t i = 0; i < n_bytes; i++) {
        dst[2 * i] = src[i] & 15;
        dst[2 * i + 1] = src[i] >> 4;
    }
}

static void nibbles_to_float(float *dst, size_t n, const unsigned char *src)
{
    enum { SOME = 2048 }; /* stays in the first cache */
    unsigned char bytes[SOME];
    for (size_t done = 0; done < n; done += SOME) {
        const size_t some = n - done < SOME ? n - done : SOME;
        nibbles_to_bytes(bytes, (some + 1) / 2, src + done / 2);
        lct_samples_to_float(dst + done, some, bytes, 1, LCT_DTYPE_U8, false);
    }
}

LCT_CLONES static void colours_to_float(float *restrict dst, size_t n, const unsigned char *restrict src)
{
    for (size_t i = 0; i < n; i++)
        dst[i] = lct_grey((float)src[4 * i + 2], (float)src[4 * i + 1], (float)src[4 * i]);
}

static void convert(const struct plane_layout *layout, const unsigned char *src, float *dst, size_t n)
{
    if (layout->nibbles)
        nibbles_to_float(dst, n, src);
    else if (layout->colour)
        colours_to_float(dst, n, src);
    else
        lct_samples_to_float(dst, n, src, 1, layout->dtype, layout->swap);
}

struct job {
    struct planes *file;
    bool shared; /* by several threads */
    uint64_t offset;
    const struct plane_layout *layout;
    float *px;
    int rows; /* of an item */
};

/* The kernel copies fastest to a place that is as far behind a line of the cache as the bytes are in the file; and to one that moves on
 * through the block: 512 MB in pieces of 256 kB take 34 ms so, and 45 when each piece goes where the one before it was. */
static unsigned char *block_for(const struct job *job, int worker, uint64_t offset)
{
    return job->file->blocks + (size_t)worker * LCT_BLOCK_ROOM + offset % LCT_BLOCK_BYTES;
}

/* Are bytes asked for at even distances, and several times in a block, as the small planes of a movie are? Then as many bytes from here
 * on as hold the next ones, too: 256 kB with each call take a tenth longer than 1 MB. */
static size_t worth_reading(const struct planes *file, uint64_t at, size_t n)
{
    const uint64_t stride = at - file->asked_at, left = at < file->bytes ? file->bytes - at : 0;
    if (stride < n || stride > n + (uint64_t)LCT_PAGE_BYTES || stride > LCT_BLOCK_BYTES / 2)
        return n;
    const uint64_t some = LCT_BLOCK_BYTES / stride * stride;
    return some <= left ? (size_t)some : left > n ? (size_t)left : n;
}

/* n bytes (at most LCT_BLOCK_BYTES) from `at`, in the worker's block. */
static enum lct_status fetch(
    const unsigned char **out, const struct job *job, int worker, uint64_t at, size_t n, struct lct_err *err)
{
    struct planes *file = job->file;
    unsigned char *block = block_for(job, worker, at);
    *out = block;
    if (job->shared)
        return planes_bytes_at(file, at, block, n, err);
    const uint64_t behind = at - file->ahead_at;
    const size_t some = worth_reading(file, at, n);
    file->asked_at = at;
    if (at >= file->ahead_at && behind <= file->ahead_bytes && n <= file->ahead_bytes - behind) {
        *out = block_for(job, worker, file->ahead_at) + behind;
        return LCT_OK;
    }
    const bool more = some > n && planes_bytes_at(file, at, block, some, NULL) == LCT_OK;
    file->ahead_at = at;
    file->ahead_bytes = more ? some : 0;
    return more ? LCT_OK : planes_bytes_at(file, at, block, n, err);
}

/* n pixels that lie together in the file and in the picture. What needs no conversion goes straight to its place. */
static enum lct_status read_run(
    const struct job *job, uint64_t offset, float *dst, size_t n, int worker, struct lct_err *err)
{
    const struct plane_layout *layout = job->layout;
    if (layout->dtype == LCT_DTYPE_F32 && !layout->swap)
        return planes_bytes_at(job->file, offset, dst, n * sizeof *dst, err);
    const size_t most = LCT_BLOCK_BYTES / (size_t)bytes_of(layout, 2) * 2; /* even: no byte is cut into its nibbles */
    for (size_t done = 0; done < n; done += most) {
        const size_t some = n - done < most ? n - done : most;
        const uint64_t at = offset + bytes_of(layout, done);
        const unsigned char *block;
        const enum lct_status status = fetch(&block, job, worker, at, (size_t)bytes_of(layout, some), err);
        if (status != LCT_OK)
            return status;
        convert(layout, block, dst + done, some);
    }
    return LCT_OK;
}

/* Rows that lie together in the file, and begin anew or are turned round in the picture: as many at once as the block holds. */
static enum lct_status read_rows(const struct job *job, size_t first, size_t rows, int worker, struct lct_err *err)
{
    const struct plane_layout *layout = job->layout;
    const size_t width = (size_t)layout->width, height = (size_t)layout->height;
    const uint64_t row_bytes = bytes_of(layout, width);
    const size_t most = row_bytes < LCT_BLOCK_BYTES ? (size_t)(LCT_BLOCK_BYTES / row_bytes) : 0;
    enum lct_status status = LCT_OK;
    for (size_t y = first, n = 1; y < first + rows && status == LCT_OK; y += n) {
        n = most < first + rows - y ? most : first + rows - y;
        float *dst = job->px + (layout->flip ? height - 1 - y : y) * width;
        const uint64_t at = job->offset + y * row_bytes;
        if (n == 0) { /* a row that is longer than the block */
            n = 1;
            status = read_run(job, at, dst, width, worker, err);
            continue;
        }
        const unsigned char *block;
        status = fetch(&block, job, worker, at, n * (size_t)row_bytes, err);
        for (size_t i = 0; i < n && status == LCT_OK; i++)
            convert(layout, block + i * (size_t)row_bytes, layout->flip ? dst - i * width : dst + i * width, width);
    }
    return status;
}

/* Rows of one thread. */
static enum lct_status read_item(void *context, size_t i, int worker, struct lct_err *err)
{
    const struct job *job = context;
    const struct plane_layout *layout = job->layout;
    const size_t width = (size_t)layout->width, height = (size_t)layout->height;
    const size_t first = i * (size_t)job->rows, left = height - first,
                 rows = left < (size_t)job->rows ? left : (size_t)job->rows;
    if (layout->flip || (layout->nibbles && width % 2))
        return read_rows(job, first, rows, worker, err);
    return read_run(
        job, job->offset + first * bytes_of(layout, width), job->px + first * width, rows * width, worker, err);
}

enum lct_status planes_read(
    struct planes *file, uint64_t offset, const struct plane_layout *layout, struct lct_image *out, struct lct_err *err)
{
    struct job job = { .file = file, .offset = offset, .layout = layout, .px = out->px, .rows = layout->height };
    if (file->threads < 2 || lct_image_count(out) < LCT_SHARED_PX)
        return read_item(&job, 0, 0, err);
    job.shared = true;
    file->ahead_bytes = 0; /* another will be in its place */
    job.rows = LCT_SHARED_PX / 4 / layout->width + 1;
    const size_t items = ((size_t)layout->height + (size_t)job.rows - 1) / (size_t)job.rows;
    return lct_parallel_for(file->threads, items, read_item, &job, err);
}

long planes_whole(const struct planes *file, uint64_t offset, uint64_t stride)
{
    const uint64_t n = stride && offset < file->bytes ? (file->bytes - offset) / stride : 0;
    return n < INT32_MAX ? (long)n : INT32_MAX;
}

void planes_describe(struct lct_source *source, const struct plane_layout *layout)
{
    struct lct_source_info *info = &source->info;
    info->width = layout->width;
    info->height = layout->height;
    info->dtype = layout->dtype;
    info->channels = layout->colour ? 3 : 1;
    info->bits = layout->nibbles ? 4 : layout->dtype == LCT_DTYPE_BOOL ? 1 : (int)(8 * lct_dtype_bytes(layout->dtype));
}
