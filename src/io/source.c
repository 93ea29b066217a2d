#include "reader.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The sequence first, it alone looks at what is no file; MRC has no mark of its own at the start, its numbers must make sense;
 * video last, its probing costs most. Raw is for those who ask for it. */
static const struct lct_reader *const readers[] = {
    &lct_reader_sequence,
    &lct_reader_tiff,
    &lct_reader_png,
    &lct_reader_dm,
    &lct_reader_ser,
#if LCT_HAVE_HDF5
    &lct_reader_emd,
#endif
    &lct_reader_mrc,
    &lct_reader_still,
    &lct_reader_raw,
    &lct_reader_video,
    NULL,
};

const struct lct_reader *const *lct_readers(void)
{
    return readers;
}

const char *const *lct_source_formats(void)
{
    // clang-format off
    static const char *const names[] = { "sequence", "tiff", "png", "dm", "ser",
#if LCT_HAVE_HDF5
        "emd",
#endif
        "mrc", "still", "raw", "video", NULL };
    // clang-format on
    _Static_assert(sizeof names / sizeof *names == sizeof readers / sizeof *readers, "one name per reader");
    return names;
}

static char *format_text(const char *fmt, va_list ap)
{
    char *text = NULL;
    return vasprintf(&text, fmt, ap) < 0 ? NULL : text;
}

void lct_source_warn(struct lct_source *source, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = format_text(fmt, ap);
    va_end(ap);
    struct lct_source_info *info = &source->info;
    char **grown = text ? realloc(info->warnings, (info->n_warnings + 1) * sizeof *grown) : NULL;
    if (!grown) {
        free(text);
        return;
    }
    grown[info->n_warnings++] = text;
    info->warnings = grown;
}

/* `key` itself, or `key` with a number: "encoder#2". */
static bool is_key(const char *have, const char *key)
{
    const size_t n = strlen(key);
    return strncmp(have, key, n) == 0 && (have[n] == '\0' || have[n] == '#');
}

void lct_source_note(struct lct_source *source, const char *key, const char *value, size_t length)
{
    struct lct_source_info *info = &source->info;
    struct lct_metadata *grown = realloc(info->metadata, (info->n_metadata + 1) * sizeof *grown);
    if (!grown)
        return;
    info->metadata = grown;
    /* a container and its stream may both have an "encoder": keys stay unique, as JSON wants them */
    int times = 1;
    for (size_t i = 0; i < info->n_metadata; i++)
        times += is_key(info->metadata[i].key, key);
    struct lct_metadata entry = { .value = strndup(value, length) };
    if (times == 1 ? !(entry.key = strdup(key)) : asprintf(&entry.key, "%s#%d", key, times) < 0)
        entry.key = NULL;
    if (!entry.key || !entry.value) {
        free(entry.key);
        free(entry.value);
        return;
    }
    grown[info->n_metadata++] = entry;
}

void lct_source_cut(struct lct_source *source, long n_frames, const char *fmt, ...)
{
    if (n_frames < source->info.n_frames)
        source->info.n_frames = n_frames;
    if (source->truncated)
        return;
    va_list ap;
    va_start(ap, fmt);
    source->truncated = format_text(fmt, ap);
    va_end(ap);
}

enum lct_status lct_check_size(uint64_t width, uint64_t height, struct lct_err *err)
{
    if (width < 1 || height < 1 || width > LCT_MAX_SIDE_PX || height > LCT_MAX_SIDE_PX
        || width * height > LCT_MAX_AREA_PX)
        return lct_fail(err, LCT_E_FORMAT,
            "a size of %llu x %llu px is not supported (at most 2^20 px a side and 2^30 px in all), or the header is "
            "damaged",
            (unsigned long long)width, (unsigned long long)height);
    return LCT_OK;
}

static enum lct_status missing(const char *path, struct lct_err *err)
{
    const int why = errno;
    if (strstr(path, "://"))
        return lct_fail(err, LCT_E_INPUT, "is an address; download the movie, then give the name of the file");
    if (why == ENOENT || why == ENOTDIR)
        return lct_fail(
            err, LCT_E_INPUT, "no such file or folder; check the name (a pattern such as 'img_*.png' needs quotes)");
    return lct_fail(err, LCT_E_INPUT, "cannot be read (%s); check its permissions", strerror(why));
}

static enum lct_status read_head(unsigned char *head, size_t *n, const char *path, struct lct_err *err)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return missing(path, err);
    *n = fread(head, 1, LCT_HEAD_BYTES, file);
    const bool failed = ferror(file);
    fclose(file);
    if (failed)
        return lct_fail(err, LCT_E_INPUT, "cannot be read; check the disk");
    if (*n == 0)
        return lct_fail(err, LCT_E_INPUT, "the file is empty; was the copy or the recording broken off?");
    return LCT_OK;
}

static enum lct_status find_by_head(const struct lct_reader **out, const char *path, struct lct_err *err)
{
    unsigned char *head = calloc(1, LCT_HEAD_BYTES + LCT_HEAD_PADDING);
    if (!head)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    size_t n = 0;
    enum lct_status status = read_head(head, &n, path, err);
    for (const struct lct_reader *const *r = readers; status == LCT_OK && *r && !*out; r++)
        if ((*r)->probe(head, n, path))
            *out = *r;
    const char *reason = status == LCT_OK && !*out ? lct_foreign(head, n) : NULL;
    if (reason)
        status = lct_fail(err, LCT_E_FORMAT, "%s", reason);
    free(head);
    return status;
}

enum lct_status lct_reader_find(const struct lct_reader **out, const char *path, struct lct_err *err)
{
    struct stat st;
    const bool there = stat(path, &st) == 0;
    *out = NULL;
    if (there && S_ISREG(st.st_mode)) {
        const enum lct_status status = find_by_head(out, path, err);
        if (status != LCT_OK)
            return status;
    } else if (there && !S_ISDIR(st.st_mode)) {
        return lct_fail(err, LCT_E_INPUT, "is neither a file nor a folder; movies are not read from pipes or devices");
    } else {
        const int why = there ? 0 : errno;
        for (const struct lct_reader *const *r = readers; *r && !*out; r++)
            if ((*r)->probe(NULL, 0, path))
                *out = *r;
        errno = why;
        if (!*out)
            return missing(path, err);
    }
    if (!*out)
        return lct_fail(err, LCT_E_FORMAT,
            "not an image or a movie that lctem reads (TIFF, PNG, BMP, JPEG, DM3, DM4, MRC, SER, EMD, video); "
            "convert it to one of them, or say what it holds with --raw WxHxN:TYPE");
    return LCT_OK;
}

static void clear_info(struct lct_source_info *info)
{
    free(info->path);
    for (size_t i = 0; i < info->n_metadata; i++) {
        free(info->metadata[i].key);
        free(info->metadata[i].value);
    }
    free(info->metadata);
    for (size_t i = 0; i < info->n_warnings; i++)
        free(info->warnings[i]);
    free(info->warnings);
}

static enum lct_status open_reader(
    struct lct_source *source, const struct lct_source_params *params, struct lct_err *err)
{
    struct lct_source_info *info = &source->info;
    struct stat st;
    const bool raw = params->raw && stat(info->path, &st) == 0 && S_ISREG(st.st_mode);
    enum lct_status status = LCT_OK;
    if (raw)
        source->reader = &lct_reader_raw;
    else
        status = lct_reader_find(&source->reader, info->path, err);
    if (status != LCT_OK)
        return status;
    *info = (struct lct_source_info){ .path = info->path,
        .format = source->reader->name,
        .channels = 1,
        .pixel_size_nm = NAN,
        .pixel_size_y_nm = NAN,
        .frame_time_s = NAN,
        .duration_s = NAN,
        .dose_e_per_nm2_s = NAN,
        .n_datasets = 1 };
    status = source->reader->open(source, params, err);
    if (params->dataset && !source->reader->datasets)
        lct_source_warn(source, "--dataset is not used: this format holds one movie");
    if (status == LCT_OK)
        status = lct_check_size((uint64_t)info->width, (uint64_t)info->height, err);
    if (status == LCT_OK && info->n_frames < 1)
        status = lct_fail(err, LCT_E_INPUT, "no whole frame in it%s%s; %s", source->truncated ? ": " : "",
            source->truncated ? source->truncated : "",
            raw ? "correct the size and the type in --raw" : "was the copy or the recording broken off?");
    return status;
}

enum lct_status lct_source_open(
    struct lct_source **out, const char *path, const struct lct_source_params *params, struct lct_err *err)
{
    static const struct lct_source_params defaults = { 0 };
    if (!path || !*path)
        return lct_fail(err, LCT_E_ARG, "no movie given; name a file, a folder or a quoted pattern");
    if (!params)
        params = &defaults;
    if (params->threads < 0)
        return lct_fail(err, LCT_E_ARG, "%s: %d threads; give 0 (own choice) or more", path, params->threads);
    struct lct_source *source = calloc(1, sizeof *source);
    if (!source)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    source->info.path = strdup(path);
    const enum lct_status status =
        source->info.path ? open_reader(source, params, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
    if (status != LCT_OK) {
        lct_source_close(&source);
        return lct_fail_in(err, status, path);
    }
    *out = source;
    return LCT_OK;
}

const struct lct_source_info *lct_source_info(const struct lct_source *source)
{
    return &source->info;
}

enum lct_status lct_source_read(
    struct lct_source *source, long index, struct lct_image *out, double *time_s, struct lct_err *err)
{
    const struct lct_source_info *info = &source->info;
    if (index < 0)
        return lct_fail(err, LCT_E_ARG, "%s: frame %ld; frames count from 0", info->path, index);
    if (out->width != info->width || out->height != info->height)
        return lct_fail(err, LCT_E_ARG, "%s: a plane of %d x %d px was given for frames of %d x %d px", info->path,
            out->width, out->height, info->width, info->height);
    if (index >= info->n_frames)
        return LCT_END;
    double time = NAN;
    const enum lct_status status = source->reader->read(source, index, out, &time, err);
    if (status == LCT_OK && time_s)
        *time_s = time;
    if (status == LCT_OK || status == LCT_END)
        return status;
    return lct_fail_in(err, status, info->path);
}

void lct_io_versions(lct_version_fn *say, void *context)
{
    for (size_t i = 0; readers[i]; i++)
        if (readers[i]->versions)
            readers[i]->versions(say, context);
}

const char *lct_source_truncated(const struct lct_source *source)
{
    return source->truncated;
}

void lct_source_close(struct lct_source **source)
{
    if (!*source)
        return;
    if ((*source)->reader)
        (*source)->reader->close(*source);
    clear_info(&(*source)->info);
    free((*source)->truncated);
    free(*source);
    *source = NULL;
}
