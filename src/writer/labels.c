#include <lctem/clones.h>
#include <lctem/file.h>
#include <lctem/labels.h>

#include "format.h"
#include "tiff_file.h"
#include "zip.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    DESCRIPTION_SIZE = 256, /* fixed, so that the number of pages can be put in at the end */
    STRIP_BYTES = 1 << 18,
    TAG_DESCRIPTION = 270,
};

struct lct_labels {
    struct lct_labels_params params;
    char *path, *part;
    TIFF *tiff;
    long n_pages;
    uint16_t highest; /* label seen, for ImageJ's display range */
    struct zip *zip;
};

static void release(struct lct_labels *labels)
{
    if (labels->tiff)
        TIFFClose(labels->tiff);
    zip_destroy(&labels->zip);
    free(labels->part);
    free(labels->path);
    free(labels);
}

static enum lct_status fail_write(const struct lct_labels *labels, int errno_value, struct lct_err *err)
{
    if (errno_value)
        return writer_fail(labels->path, errno_value, err);
    return lct_fail(err, LCT_E_OUTPUT,
        "%s: page %ld cannot be written; the disk may be full, or the file has reached "
        "the 4 GB of a classic TIFF (then analyse fewer --frames)",
        labels->path, labels->n_pages);
}

/* ImageJ's header, filled up with newlines to a size that does not depend on the number of pages. */
static void describe(const struct lct_labels *labels, long n_pages, char text[static DESCRIPTION_SIZE])
{
    const struct lct_scale *scale = &labels->params.scale;
    const bool in_nm = isfinite(scale->nm_per_px) && scale->nm_per_px > 0.0;
    int n = snprintf(text, DESCRIPTION_SIZE,
        "ImageJ=1.53t\nimages=%ld\nframes=%ld\nhyperstack=true\nmode=grayscale\n"
        "unit=%s\n",
        n_pages, n_pages, in_nm ? "nm" : "pixel");
    if (isfinite(scale->s_per_frame) && scale->s_per_frame > 0.0)
        n += snprintf(text + n, DESCRIPTION_SIZE - (size_t)n, "finterval=%.9g\n", scale->s_per_frame);
    n += snprintf(text + n, DESCRIPTION_SIZE - (size_t)n, "loop=false\nmin=0.0\nmax=%d.0\n",
        labels->highest ? labels->highest : 1);
    memset(text + n, '\n', DESCRIPTION_SIZE - 1 - (size_t)n);
    text[DESCRIPTION_SIZE - 1] = '\0';
}

static uint32_t rows_per_strip(const struct lct_labels_params *params)
{
    const uint32_t rows = (uint32_t)(STRIP_BYTES / ((size_t)params->width * sizeof(uint16_t)));
    return rows < 1 ? 1 : rows > (uint32_t)params->height ? (uint32_t)params->height : rows;
}

static size_t strip_bytes(const struct lct_labels_params *params)
{
    return (size_t)params->width * rows_per_strip(params) * sizeof(uint16_t);
}

static void set_tags(const struct lct_labels *labels)
{
    TIFF *tiff = labels->tiff;
    const struct lct_labels_params *p = &labels->params;
    const struct tiff_layout layout = { .width = p->width,
        .height = p->height,
        .bits = 16,
        .compression = COMPRESSION_ADOBE_DEFLATE,
        .rows_per_strip = rows_per_strip(p),
        .pixel_size_nm = isfinite(p->scale.nm_per_px) ? p->scale.nm_per_px : 0,
        .pixel_size_y_nm = p->scale.nm_per_px_y };
    tiff_file_tags(tiff, &layout);
    if (labels->n_pages == 0) {
        char text[DESCRIPTION_SIZE];
        describe(labels, 0, text);
        TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, text);
    }
}

/* Raw bytes of a file of our own making: little-endian, classic or big. */
static uint64_t read_le(int fd, uint64_t offset, size_t n_bytes, bool *ok)
{
    unsigned char byte[8] = { 0 };
    uint64_t value = 0;
    *ok = *ok && n_bytes <= sizeof byte && pread(fd, byte, n_bytes, (off_t)offset) == (ssize_t)n_bytes;
    for (size_t i = sizeof byte; i-- > 0;)
        value = value << 8 | byte[i];
    return value;
}

struct walk {
    bool big;
    size_t link;    /* bytes of an offset */
    uint64_t first; /* offset of the first directory, 0: none */
};

static bool walk_start(int fd, struct walk *walk)
{
    bool ok = true;
    const uint64_t magic = read_le(fd, 0, 4, &ok);
    walk->big = magic == 0x002B4949;
    walk->link = walk->big ? 8 : 4;
    walk->first = read_le(fd, walk->big ? 8 : 4, walk->link, &ok);
    return ok && (walk->big || magic == 0x002A4949);
}

static uint64_t n_entries(int fd, const struct walk *walk, uint64_t directory, bool *ok)
{
    return read_le(fd, directory, walk->big ? 8 : 2, ok);
}

/* Where the directory says where the next one is. */
static uint64_t link_of(int fd, const struct walk *walk, uint64_t directory, bool *ok)
{
    const uint64_t n = n_entries(fd, walk, directory, ok);
    *ok = *ok && n < 65536;
    return walk->big ? directory + 8 + 20 * n : directory + 2 + 12 * n;
}

static bool find_description(int fd, uint64_t *offset)
{
    struct walk walk;
    if (!walk_start(fd, &walk))
        return false;
    bool ok = true;
    const uint64_t n = n_entries(fd, &walk, walk.first, &ok);
    for (uint64_t i = 0; ok && i < n && i < 65536; i++) {
        const uint64_t entry = walk.first + (walk.big ? 8 + 20 * i : 2 + 12 * i);
        if (read_le(fd, entry, 2, &ok) == TAG_DESCRIPTION) {
            const uint64_t size = read_le(fd, entry + 4, walk.link, &ok);
            *offset = read_le(fd, entry + 4 + walk.link, walk.link, &ok);
            return ok && size == DESCRIPTION_SIZE;
        }
    }
    return false;
}

/* Put the number of pages into the header. */
static enum lct_status patch(const struct lct_labels *labels, struct lct_err *err)
{
    char text[DESCRIPTION_SIZE];
    uint64_t offset = 0;
    describe(labels, labels->n_pages, text);
    const int fd = open(labels->part, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return writer_fail(labels->path, errno, err);
    enum lct_status status = LCT_OK;
    errno = 0;
    if (!find_description(fd, &offset) || pwrite(fd, text, sizeof text, (off_t)offset) != (ssize_t)sizeof text)
        status = writer_fail(labels->path, errno, err);
    if (close(fd) != 0 && status == LCT_OK)
        status = writer_fail(labels->path, errno, err);
    return status;
}

static bool needs_big(const struct lct_labels_params *p)
{
    const double raw_bytes = 2.0 * p->width * p->height * (double)p->expected_pages;
    return raw_bytes / 4.0 > 4.0e9;
}

static enum lct_status prepare(
    struct lct_labels **out, const char *path, const struct lct_labels_params *params, struct lct_err *err)
{
    if (params->width < 1 || params->height < 1)
        return lct_fail(err, LCT_E_ARG, "%s: labels of %d x %d px", path, params->width, params->height);
    struct lct_labels *labels = calloc(1, sizeof *labels);
    if (!labels)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for the labels", path);
    labels->params = *params;
    labels->path = strdup(path);
    if (asprintf(&labels->part, "%s.part", path) < 0)
        labels->part = NULL;
    labels->zip = zip_create(strip_bytes(params));
    if (!labels->path || !labels->part || !labels->zip) {
        release(labels);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for the labels", path);
    }
    *out = labels;
    return LCT_OK;
}

enum lct_status lct_labels_create(
    struct lct_labels **out, const char *path, const struct lct_labels_params *params, struct lct_err *err)
{
    struct lct_labels *labels = NULL;
    enum lct_status status = prepare(&labels, path, params, err);
    if (status != LCT_OK)
        return status;
    errno = 0;
    labels->tiff = tiff_file_open(labels->part, needs_big(params) ? "wl8" : "wl");
    if (!labels->tiff) {
        status = writer_fail(path, errno, err);
        release(labels);
        return status;
    }
    *out = labels;
    return LCT_OK;
}

/* Cut the file behind `bytes` and make page `pages` - 1 the last one. */
static bool cut(int fd, long pages, long long bytes)
{
    struct walk walk;
    if (!walk_start(fd, &walk) || bytes < 8 || ftruncate(fd, (off_t)bytes) != 0)
        return false;
    uint64_t link = walk.big ? 8 : 4, directory = walk.first;
    bool ok = true;
    for (long i = 0; ok && i < pages; i++) {
        ok = directory > 0 && directory < (uint64_t)bytes;
        link = ok ? link_of(fd, &walk, directory, &ok) : 0;
        directory = ok ? read_le(fd, link, walk.link, &ok) : 0;
    }
    const uint64_t none = 0;
    return ok && pwrite(fd, &none, walk.link, (off_t)link) == (ssize_t)walk.link;
}

LCT_CLONES static uint16_t highest_of(const uint16_t *labels, size_t n)
{
    uint16_t highest = 0;
    for (size_t i = 0; i < n; i++)
        highest = labels[i] > highest ? labels[i] : highest;
    return highest;
}

static void note_highest(struct lct_labels *labels, const uint16_t *from, size_t n)
{
    const uint16_t highest = highest_of(from, n);
    labels->highest = highest > labels->highest ? highest : labels->highest;
}

/* Highest label of the pages that are kept: it stands in the header of the finished file. */
static bool read_highest(struct lct_labels *labels, TIFF *tiff)
{
    const size_t bytes = strip_bytes(&labels->params);
    uint16_t *strip = malloc(bytes);
    bool ok = strip != NULL;
    do {
        for (uint32_t k = 0; ok && k < TIFFNumberOfStrips(tiff); k++) {
            const tmsize_t got = TIFFReadEncodedStrip(tiff, k, strip, (tmsize_t)bytes);
            ok = got >= 0;
            if (ok)
                note_highest(labels, strip, (size_t)got / sizeof *strip);
        }
    } while (ok && TIFFReadDirectory(tiff));
    free(strip);
    return ok;
}

static bool same_layout(const struct lct_labels *labels, TIFF *tiff)
{
    uint32_t width = 0, height = 0;
    return TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width) && TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height)
        && width == (uint32_t)labels->params.width && height == (uint32_t)labels->params.height;
}

static enum lct_status rewind_to(struct lct_labels *labels, long pages, long long bytes, struct lct_err *err)
{
    if (access(labels->part, F_OK) != 0)
        (void)!rename(labels->path, labels->part); /* a finished file; the open below tells if there is none */
    const int fd = open(labels->part, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return lct_fail(err, LCT_E_INPUT, "%s: nothing to resume from; start again with --force", labels->part);
    const bool ok = cut(fd, pages, bytes);
    close(fd);
    if (!ok)
        return lct_fail(err, LCT_E_INPUT,
            "%s: does not hold the %ld pages (%lld bytes) of the checkpoint; start "
            "again with --force",
            labels->part, pages, bytes);
    TIFF *tiff = tiff_file_open(labels->part, "r");
    const bool whole = tiff && same_layout(labels, tiff) && read_highest(labels, tiff);
    if (tiff)
        TIFFClose(tiff);
    if (!whole)
        return lct_fail(err, LCT_E_INPUT, "%s: damaged, or not labels of %d x %d px; start again with --force",
            labels->part, labels->params.width, labels->params.height);
    labels->n_pages = pages;
    return LCT_OK;
}

enum lct_status lct_labels_reopen(struct lct_labels **out, const char *path, const struct lct_labels_params *params,
    long keep_pages, long long keep_bytes, struct lct_err *err)
{
    if (keep_pages < 1)
        return lct_labels_create(out, path, params, err);
    struct lct_labels *labels = NULL;
    enum lct_status status = prepare(&labels, path, params, err);
    if (status != LCT_OK)
        return status;
    status = rewind_to(labels, keep_pages, keep_bytes, err);
    errno = 0;
    if (status == LCT_OK && !(labels->tiff = tiff_file_open(labels->part, "al")))
        status = writer_fail(path, errno, err);
    if (status != LCT_OK) {
        release(labels);
        return status;
    }
    *out = labels;
    return LCT_OK;
}

/* n labels of strip `number`. */
static bool write_strip(struct lct_labels *labels, uint32_t number, const uint16_t *from, size_t n)
{
    size_t bytes;
    const unsigned char *zipped = zip_strip(labels->zip, from, n * sizeof *from, &bytes);
    note_highest(labels, from, n);
    /* libtiff only writes what it is given, though its type says otherwise */
    return zipped && TIFFWriteRawStrip(labels->tiff, number, (void *)(uintptr_t)zipped, (tmsize_t)bytes) >= 0;
}

enum lct_status lct_labels_append(struct lct_labels *labels, const uint16_t *page, struct lct_err *err)
{
    const size_t width = (size_t)labels->params.width;
    const uint32_t height = (uint32_t)labels->params.height, rows = rows_per_strip(&labels->params);
    set_tags(labels);
    errno = 0;
    for (uint32_t y = 0; y < height; y += rows)
        if (!write_strip(labels, y / rows, page + y * width, width * (height - y < rows ? height - y : rows)))
            return fail_write(labels, errno, err);
    if (!TIFFWriteDirectory(labels->tiff))
        return fail_write(labels, errno, err);
    labels->n_pages++;
    return LCT_OK;
}

enum lct_status lct_labels_flush(struct lct_labels *labels, long *pages, long long *bytes, struct lct_err *err)
{
    const off_t end = lseek(TIFFFileno(labels->tiff), 0, SEEK_END);
    if (end < 0)
        return writer_fail(labels->path, errno, err);
    if (pages)
        *pages = labels->n_pages;
    if (bytes)
        *bytes = (long long)end;
    return LCT_OK;
}

enum lct_status lct_labels_finish(struct lct_labels **labels, struct lct_err *err)
{
    struct lct_labels *self = *labels;
    *labels = NULL;
    enum lct_status status = LCT_OK;
    TIFFClose(self->tiff);
    self->tiff = NULL;
    if (self->n_pages == 0) {
        unlink(self->part);
        status = lct_fail(err, LCT_E_NODATA, "%s: no page to write", self->path);
    }
    if (status == LCT_OK)
        status = patch(self, err);
    if (status == LCT_OK)
        status = lct_file_replace(self->part, self->path) == 0 ? LCT_OK : writer_fail(self->path, errno, err);
    release(self);
    return status;
}

void lct_labels_destroy(struct lct_labels **labels)
{
    if (*labels)
        release(*labels);
    *labels = NULL;
}
