/* TIA series (.ser), with the .emi beside it. Layout as described by C. Boothroyd, "TIA (Emispec) file format", and checked against
 * samples. The first row is the lowest of the picture. */
#include "emi.h"
#include "planes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_BYTES = 34, ELEMENT_BYTES = 50, MAX_ELEMENTS = 1 << 24 };
enum { SPECTRA = 0x4120, IMAGES = 0x4122, VERSION_64_BIT = 0x0220 };

struct ser {
    struct planes file;
    struct plane_layout layout;
    uint64_t *at;             /* n_frames: where the samples of each frame begin */
    uint32_t first_s, last_s; /* time tags of the first and the last frame, 0: none */
};

struct ser_head {
    uint32_t kind, tags, total, valid;
    uint64_t offsets; /* where the table of offsets is */
    unsigned word;    /* bytes of an offset */
};

static bool probe(const unsigned char *head, size_t n, const char *path)
{
    (void)path;
    return head && n >= HEAD_BYTES && memcmp(head, "II\x97\x01", 4) == 0;
}

/* Numbers are little-endian whatever the machine. */
static bool foreign(void)
{
    return lct_other_order(true);
}

static enum lct_status read_head(struct ser_head *out, const struct ser *ser, struct lct_err *err)
{
    unsigned char b[HEAD_BYTES];
    const enum lct_status status = planes_bytes_at(&ser->file, 0, b, sizeof b, err);
    if (status != LCT_OK)
        return status;
    const bool swap = foreign(), wide = lct_load16(b + 4, swap) >= VERSION_64_BIT;
    *out = (struct ser_head){ .kind = lct_load32(b + 6, swap),
        .tags = lct_load32(b + 10, swap),
        .total = lct_load32(b + 14, swap),
        .valid = lct_load32(b + 18, swap),
        .offsets = wide ? lct_load64(b + 22, swap) : lct_load32(b + 22, swap),
        .word = wide ? 8 : 4 };
    if (out->kind == SPECTRA)
        return lct_fail(err, LCT_E_FORMAT, "holds spectra, no images");
    if (out->kind != IMAGES)
        return lct_fail(err, LCT_E_FORMAT, "holds neither images nor spectra (kind 0x%04x)", out->kind);
    const uint64_t table = 2 * (uint64_t)out->total * out->word;
    if (out->total > MAX_ELEMENTS || out->offsets > ser->file.bytes || table > ser->file.bytes - out->offsets)
        return lct_fail(err, LCT_E_INPUT, "the table of its %u images is not in the file; it is damaged or was cut off",
            out->total);
    return LCT_OK;
}

/* n offsets from the i-th on, some hundreds with each read. */
static enum lct_status read_offsets(
    uint64_t *out, const struct ser *ser, const struct ser_head *head, uint64_t i, uint64_t n, struct lct_err *err)
{
    unsigned char b[4096];
    const uint64_t most = sizeof b / head->word;
    for (uint64_t done = 0; done < n; done += most) {
        const uint64_t some = n - done < most ? n - done : most;
        const enum lct_status status =
            planes_bytes_at(&ser->file, head->offsets + (i + done) * head->word, b, (size_t)some * head->word, err);
        if (status != LCT_OK)
            return status;
        for (uint64_t k = 0; k < some; k++)
            out[done + k] = head->word == 8 ? lct_load64(b + 8 * k, foreign()) : lct_load32(b + 4 * k, foreign());
    }
    return LCT_OK;
}

static enum lct_status read_layout(struct plane_layout *out, const unsigned char *b, struct lct_err *err)
{
    static const enum lct_dtype dtypes[] = { LCT_DTYPE_UNKNOWN, LCT_DTYPE_U8, LCT_DTYPE_U16, LCT_DTYPE_U32,
        LCT_DTYPE_I8, LCT_DTYPE_I16, LCT_DTYPE_I32, LCT_DTYPE_F32, LCT_DTYPE_F64 };
    const bool swap = foreign();
    const unsigned kind = lct_load16(b + 40, swap);
    const uint32_t width = lct_load32(b + 42, swap), height = lct_load32(b + 46, swap);
    if (kind == 9 || kind == 10)
        return lct_fail(err, LCT_E_FORMAT, "holds complex numbers, a transform and no image");
    if (kind < 1 || kind >= sizeof dtypes / sizeof *dtypes)
        return lct_fail(err, LCT_E_FORMAT, "samples of the unknown type %u", kind);
    *out = (struct plane_layout){ .dtype = dtypes[kind], .swap = swap, .flip = true };
    const enum lct_status status = lct_check_size(width, height, err);
    out->width = status == LCT_OK ? (int)width : 0;
    out->height = status == LCT_OK ? (int)height : 0;
    return status;
}

/* Image i, described at *at: same layout as the first one, all of it there? *at: its samples. LCT_END: damaged or cut off. */
static enum lct_status place(uint64_t *at, unsigned char *b, const struct ser *ser, long i, struct lct_err *err)
{
    if (planes_bytes_at(&ser->file, *at, b, ELEMENT_BYTES, NULL) != LCT_OK)
        return LCT_END;
    struct plane_layout layout;
    const enum lct_status status = read_layout(&layout, b, err);
    if (status != LCT_OK)
        return i == 0 ? status : LCT_END;
    if (i > 0
        && (layout.width != ser->layout.width || layout.height != ser->layout.height
            || layout.dtype != ser->layout.dtype))
        return lct_fail(err, LCT_E_FORMAT, "image %ld is of another size or type than the first one", i);
    *at += ELEMENT_BYTES;
    return planes_bytes(&layout) <= ser->file.bytes - *at ? LCT_OK : LCT_END;
}

static uint32_t seconds_of(const struct ser *ser, const struct ser_head *head, long i)
{
    uint64_t offset = 0;
    unsigned char b[8];
    if (i < 0 || read_offsets(&offset, ser, head, (uint64_t)head->total + (uint64_t)i, 1, NULL) != LCT_OK || offset == 0
        || planes_bytes_at(&ser->file, offset, b, sizeof b, NULL) != LCT_OK)
        return 0;
    return lct_load32(b + 4, foreign());
}

static enum lct_status index_frames(
    struct lct_source *source, struct ser *ser, const struct ser_head *head, struct lct_err *err)
{
    const long n = head->valid < head->total ? (long)head->valid : (long)head->total;
    unsigned char b[ELEMENT_BYTES];
    ser->at = calloc((size_t)n + 1, sizeof *ser->at);
    if (!ser->at)
        return lct_fail(err, LCT_E_LIMIT, "no memory for the index of %ld images", n);
    source->info.n_frames = n;
    enum lct_status status = read_offsets(ser->at, ser, head, 0, (uint64_t)n, err);
    for (long i = 0; i < n && status == LCT_OK; i++) {
        status = place(&ser->at[i], b, ser, i, err);
        if (status == LCT_OK && i == 0) {
            status = read_layout(&ser->layout, b, err);
            lct_source_set_pixel_size(
                source, 1e9 * lct_load_double(b + 8, foreign()), 1e9 * lct_load_double(b + 28, foreign()));
        } else if (status == LCT_END)
            lct_source_cut(source, i, "%ld images are whole, %ld were announced", i, n);
    }
    if (status != LCT_OK && status != LCT_END)
        return status;
    if (head->valid < head->total)
        lct_source_warn(source, "room for %u images, %u were recorded", head->total, head->valid);
    ser->first_s = seconds_of(ser, head, 0);
    ser->last_s = seconds_of(ser, head, source->info.n_frames - 1);
    return LCT_OK;
}

/* Time tags count whole seconds: of a long series their mean is worth something, of each frame they are not. */
static void take_times(struct lct_source *source, const struct ser *ser)
{
    const long n = source->info.n_frames;
    if (n < 1 || ser->first_s == 0)
        return;
    char text[32];
    snprintf(text, sizeof text, "%u", ser->first_s);
    lct_source_note(source, "recorded_unix_s", text, SIZE_MAX);
    const double span_s = n > 1 ? (double)ser->last_s - (double)ser->first_s : 0;
    if (span_s >= 20 && span_s < 1e7) {
        source->info.frame_time_s = span_s / (double)(n - 1);
        source->info.duration_s = source->info.frame_time_s * (double)n;
        lct_source_warn(source,
            "the frame time of %.4g s is the mean of time tags in whole seconds (+- %.2g %%); a better one can "
            "be given with --frame-time",
            source->info.frame_time_s, 100 / span_s);
    }
}

static enum lct_status open_ser(struct lct_source *source, const struct lct_source_params *params, struct lct_err *err)
{
    struct ser *ser = calloc(1, sizeof *ser);
    if (!ser)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    source->state = ser;
    struct ser_head head;
    enum lct_status status = planes_open(&ser->file, source->info.path, params->threads, err);
    if (status == LCT_OK)
        status = read_head(&head, ser, err);
    if (status == LCT_OK)
        status = index_frames(source, ser, &head, err);
    if (status != LCT_OK)
        return status;
    planes_describe(source, &ser->layout);
    take_times(source, ser);
    emi_note(source);
    return LCT_OK;
}

static enum lct_status read_ser(
    struct lct_source *source, long index, struct lct_image *out, double *time_s, struct lct_err *err)
{
    (void)time_s;
    struct ser *ser = source->state;
    return planes_read(&ser->file, ser->at[index], &ser->layout, out, err);
}

static void close_ser(struct lct_source *source)
{
    struct ser *ser = source->state;
    if (!ser)
        return;
    planes_close(&ser->file);
    free(ser->at);
    free(ser);
    source->state = NULL;
}

const struct lct_reader lct_reader_ser = {
    .name = "ser",
    .still = true,
    .probe = probe,
    .open = open_ser,
    .read = read_ser,
    .close = close_ser,
};
