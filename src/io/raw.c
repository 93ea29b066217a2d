#include "planes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct raw {
    struct planes file;
    struct plane_layout layout;
    uint64_t start, frame_bytes;
};

// clang-format off
static const struct {
    const char *name;
    enum lct_dtype dtype;
    bool big;
} types[] = {
    { "u8", LCT_DTYPE_U8, false }, { "i8", LCT_DTYPE_I8, false }, { "u16le", LCT_DTYPE_U16, false },
    { "u16be", LCT_DTYPE_U16, true }, { "i16le", LCT_DTYPE_I16, false }, { "i16be", LCT_DTYPE_I16, true },
    { "u32le", LCT_DTYPE_U32, false }, { "u32be", LCT_DTYPE_U32, true }, { "i32le", LCT_DTYPE_I32, false },
    { "i32be", LCT_DTYPE_I32, true }, { "f32le", LCT_DTYPE_F32, false }, { "f32be", LCT_DTYPE_F32, true },
    { "f64le", LCT_DTYPE_F64, false }, { "f64be", LCT_DTYPE_F64, true },
};
// clang-format on

/* A type of several bytes without its order is little-endian, as nearly every camera writes. */
static bool find_type(struct plane_layout *out, const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const size_t full = strlen(types[i].name);
        const bool same = length == full || (length + 2 == full && !types[i].big);
        if (!same || length < 2 || strncasecmp(types[i].name, name, length) != 0)
            continue;
        out->dtype = types[i].dtype;
        out->swap = lct_dtype_bytes(out->dtype) > 1 && lct_other_order(!types[i].big);
        return true;
    }
    return false;
}

static bool parse_count(const char **at, unsigned long long *out)
{
    const size_t digits = strspn(*at, "0123456789");
    if (digits < 1 || digits > 18)
        return false;
    *out = strtoull(*at, NULL, 10);
    *at += digits;
    return true;
}

/* "WxHxN:TYPE@START"; xN and @START may be left out. *frames 0: as many as there are. */
static enum lct_status parse(struct raw *raw, unsigned long long *frames, const char *text, struct lct_err *err)
{
    unsigned long long width = 0, height = 0, start = 0;
    const char *at = text;
    bool good = parse_count(&at, &width) && *at++ == 'x' && parse_count(&at, &height);
    *frames = 0;
    if (good && *at == 'x') {
        at++;
        good = parse_count(&at, frames) && *frames > 0;
    }
    good = good && *at++ == ':';
    const size_t length = good ? strcspn(at, "@") : 0;
    if (good && !find_type(&raw->layout, at, length))
        return lct_fail(err, LCT_E_ARG,
            "--raw %.60s: the type is none of u8, i8, u16, i16, u32, i32, f32, f64, with le or be "
            "behind it; give that of the file",
            text);
    at += length;
    if (good && *at == '@') {
        at++;
        good = parse_count(&at, &start);
    }
    if (!good || *at)
        return lct_fail(err, LCT_E_ARG,
            "--raw %.60s: is not of the form WxHxN:TYPE, such as 512x512x100:u16le (WxH:TYPE: all "
            "frames there are; with @BYTES behind it: a header of that length is passed over)",
            text);
    const enum lct_status status = lct_check_size(width, height, err);
    if (status != LCT_OK)
        return status;
    raw->layout.width = (int)width;
    raw->layout.height = (int)height;
    raw->start = start;
    raw->frame_bytes = planes_bytes(&raw->layout);
    return LCT_OK;
}

static enum lct_status open_raw(struct lct_source *source, const struct lct_source_params *params, struct lct_err *err)
{
    struct raw *raw = calloc(1, sizeof *raw);
    if (!raw)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    source->state = raw;
    unsigned long long frames = 0;
    enum lct_status status = parse(raw, &frames, params->raw, err);
    if (status == LCT_OK)
        status = planes_open(&raw->file, source->info.path, params->threads, err);
    if (status != LCT_OK)
        return status;
    const long there = planes_whole(&raw->file, raw->start, raw->frame_bytes);
    planes_describe(source, &raw->layout);
    source->info.n_frames = there;
    const uint64_t rest =
        (raw->file.bytes > raw->start ? raw->file.bytes - raw->start : 0) - (uint64_t)there * raw->frame_bytes;
    if (frames > (unsigned long long)there)
        lct_source_cut(source, there, "%ld frames are whole, --raw announces %llu", there, frames);
    else if (frames > 0 && frames < (unsigned long long)there)
        source->info.n_frames = (long)frames;
    if (rest > 0 || (frames > 0 && frames < (unsigned long long)there))
        lct_source_warn(source, "the file is longer than --raw %s says; are size and type right?", params->raw);
    return LCT_OK;
}

static enum lct_status read_raw(
    struct lct_source *source, long index, struct lct_image *out, double *time_s, struct lct_err *err)
{
    (void)time_s;
    struct raw *raw = source->state;
    return planes_read(&raw->file, raw->start + (uint64_t)index * raw->frame_bytes, &raw->layout, out, err);
}

static void close_raw(struct lct_source *source)
{
    struct raw *raw = source->state;
    if (raw)
        planes_close(&raw->file);
    free(raw);
    source->state = NULL;
}

/* Only on demand: such a file cannot be known by its content. */
static bool probe(const unsigned char *head, size_t n, const char *path)
{
    (void)head;
    (void)n;
    (void)path;
    return false;
}

const struct lct_reader lct_reader_raw = {
    .name = "raw",
    .still = true,
    .probe = probe,
    .open = open_raw,
    .read = read_raw,
    .close = close_raw,
};
