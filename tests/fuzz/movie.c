/* Any bytes as a movie: whatever reader takes them must open them or refuse them with a promised status, and read what it promised. */
#include "fuzz.h"

#include <lctem/source.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the header of a small file may make us allocate for a frame: beyond it a test would measure the allocator. */
enum { MAX_PX = 1 << 22, MAX_FRAMES = 6 };

static void demand(bool good, const char *what, const struct lct_err *err)
{
    if (good)
        return;
    fprintf(stderr, "%s: %s\n", what, err->text);
    abort();
}

static bool promised(enum lct_status status)
{
    return status == LCT_OK || status == LCT_E_INPUT || status == LCT_E_FORMAT;
}

static void read_frames(struct lct_source *s)
{
    const struct lct_source_info *info = lct_source_info(s);
    struct lct_image image = { 0 };
    struct lct_err err = { 0 };
    double time_s;
    if ((long long)info->width * info->height > MAX_PX
        || lct_image_init(&image, info->width, info->height, &err) != LCT_OK)
        return;
    const long last = info->n_frames - 1;
    for (long i = 0; i < MAX_FRAMES; i++) {
        const enum lct_status status = lct_source_read(s, i, &image, &time_s, &err);
        demand(promised(status) || status == LCT_END, "reading", &err);
        if (status == LCT_END)
            break;
    }
    const enum lct_status status = lct_source_read(s, last, &image, NULL, &err);
    demand(promised(status) || status == LCT_END || last < 0, "the last frame", &err);
    lct_image_finish(&image);
}

static void try(const char *path, const struct lct_source_params *params)
{
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    const enum lct_status status = lct_source_open(&s, path, params, &err);
    demand(promised(status) || ((params->dataset || params->raw) && status == LCT_E_ARG), "opening", &err);
    demand((status == LCT_OK) == (s != NULL) && (status == LCT_OK || *err.text), "status and source disagree", &err);
    if (s)
        read_frames(s);
    lct_source_close(&s);
}

#ifdef LCT_FUZZ_RAW
/* The shape comes first, up to a line feed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const uint8_t *end = memchr(data, '\n', n);
    const size_t length = end ? (size_t)(end - data) : n;
    char *raw = strndup((const char *)data, length);
    if (!raw)
        return 0;
    const size_t rest = end ? n - length - 1 : 0;
    try(fuzz_file(0, data + n - rest, rest), &(struct lct_source_params){ .raw = raw, .threads = 1 });
    free(raw);
    return 0;
}
#else
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *path = fuzz_file(0, data, n);
    try(path, &(struct lct_source_params){ .threads = 1 });
    if (n % 8 == 0)
        try(path, &(struct lct_source_params){ .threads = 1, .dataset = "1" });
    return 0;
}
#endif
