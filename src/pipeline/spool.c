#include "spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct spool {
    FILE *file;
    char *path;
    long long read_at, end;
};

static enum lct_status fail_write(const struct spool *s, struct lct_err *err)
{
    return lct_fail(err, LCT_E_OUTPUT, "%s: cannot be written: %s", s->path, strerror(errno));
}

void spool_close(struct spool **spool)
{
    if (!*spool)
        return;
    if ((*spool)->file)
        fclose((*spool)->file);
    free((*spool)->path);
    free(*spool);
    *spool = NULL;
}

enum lct_status spool_open(struct spool **out, const char *path, long long keep_bytes, struct lct_err *err)
{
    *out = NULL;
    struct spool *s = calloc(1, sizeof *s);
    if (!s || !(s->path = strdup(path))) {
        free(s);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    }
    s->end = keep_bytes;
    s->file = fopen(path, keep_bytes > 0 ? "r+b" : "w+b");
    enum lct_status status = LCT_OK;
    struct stat st;
    if (!s->file)
        status = fail_write(s, err);
    else if (fstat(fileno(s->file), &st) != 0 || st.st_size < keep_bytes)
        status = lct_fail(err, LCT_E_INPUT, "%s: shorter than the checkpoint says; start again with --force", path);
    else if (ftruncate(fileno(s->file), keep_bytes) != 0 || fseeko(s->file, keep_bytes, SEEK_SET) != 0)
        status = fail_write(s, err);
    if (status != LCT_OK)
        spool_close(&s);
    else
        *out = s;
    return status;
}

enum lct_status spool_add(struct spool *spool, const struct sketch *sketch, struct lct_err *err)
{
    const uint64_t n = sketch->n;
    if (fwrite(&n, sizeof n, 1, spool->file) != 1 || (n && fwrite(sketch->bytes, sketch->n, 1, spool->file) != 1))
        return fail_write(spool, err);
    spool->end += (long long)(sizeof n + sketch->n);
    return LCT_OK;
}

static bool read_record(struct spool *s, struct sketch *out, struct lct_err *err)
{
    uint64_t n;
    const long long left = s->end - s->read_at;
    if (left < (long long)sizeof n || fread(&n, sizeof n, 1, s->file) != 1 || n > (uint64_t)left - sizeof n)
        return false;
    if (n > out->capacity) {
        unsigned char *grown = realloc(out->bytes, (size_t)n);
        if (!grown)
            return lct_fail(err, LCT_E_LIMIT, "%s: no memory", s->path) == LCT_OK;
        out->bytes = grown;
        out->capacity = (size_t)n;
    }
    out->n = (size_t)n;
    s->read_at += (long long)(sizeof n + out->n);
    return out->n == 0 || fread(out->bytes, out->n, 1, s->file) == 1;
}

enum lct_status spool_next(struct spool *spool, struct sketch *out, struct lct_err *err)
{
    if (fseeko(spool->file, spool->read_at, SEEK_SET) != 0)
        return fail_write(spool, err);
    const bool ok = read_record(spool, out, err);
    if (fseeko(spool->file, spool->end, SEEK_SET) != 0)
        return fail_write(spool, err);
    return ok ? LCT_OK : lct_fail(err, LCT_E_INPUT, "%s: damaged; start again with --force", spool->path);
}

void spool_rewind(struct spool *spool)
{
    spool->read_at = 0;
}

enum lct_status spool_flush(struct spool *spool, long long *bytes, struct lct_err *err)
{
    *bytes = spool->end;
    return fflush(spool->file) == 0 ? LCT_OK : fail_write(spool, err);
}
