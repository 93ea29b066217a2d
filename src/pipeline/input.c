#include "input.h"

#include <lctem/parallel.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct listing {
    char *const *paths;
    long long *bytes;
    char (*sha256)[LCT_SHA256_TEXT];
};

static enum lct_status identify_one(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    struct listing *l = context;
    struct stat st;
    if (stat(l->paths[i], &st) != 0)
        return lct_fail(err, LCT_E_INPUT, "%s: cannot be read: %s", l->paths[i], strerror(errno));
    l->bytes[i] = (long long)st.st_size;
    return lct_sha256_file(l->paths[i], l->sha256[i], err);
}

/* The folder's own name is left out: a copy of the movie elsewhere is the same input. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static enum lct_status sum_up(struct input *out, const struct listing *l, size_t n, struct lct_err *err)
{
    char *text = NULL;
    size_t length = 0;
    FILE *f = open_memstream(&text, &length);
    if (!f)
        return lct_fail(err, LCT_E_LIMIT, "no memory for the list of %zu files", n);
    for (size_t i = 0; i < n; i++) {
        fprintf(f, "%s  %lld  %s\n", l->sha256[i], l->bytes[i], name_of(l->paths[i]));
        out->bytes += l->bytes[i];
    }
    const bool failed = fclose(f) != 0;
    if (!failed)
        lct_sha256_bytes(text, length, out->sha256);
    free(text);
    return failed ? lct_fail(err, LCT_E_LIMIT, "no memory for the list of %zu files", n) : LCT_OK;
}

enum lct_status input_identify(struct input *out, const struct lct_source_info *info, int threads, struct lct_err *err)
{
    char *const alone[] = { info->path };
    const size_t n = info->files ? info->n_files : 1;
    struct listing l = { .paths = info->files ? info->files : alone,
        .bytes = calloc(n, sizeof *l.bytes),
        .sha256 = calloc(n, sizeof *l.sha256) };
    struct input input = { .n_files = n };
    enum lct_status status = LCT_OK;
    if (!l.bytes || !l.sha256)
        status = lct_fail(err, LCT_E_LIMIT, "no memory for the list of %zu files", n);
    if (status == LCT_OK)
        status = lct_parallel_for(threads, n, identify_one, &l, err);
    if (status == LCT_OK && info->files)
        status = sum_up(&input, &l, n, err);
    else if (status == LCT_OK) {
        memcpy(input.sha256, l.sha256[0], sizeof input.sha256);
        input.bytes = l.bytes[0];
    }
    free(l.bytes);
    free(l.sha256);
    if (status == LCT_OK)
        *out = input;
    return status;
}
