#include "checkpoint.h"

#include <lctem/file.h>
#include <lctem/sha256.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char magic[16] = "lctem state 1\n";

/* A file of parts that lie as in memory, with a sum behind them: for the same program on the same machine. */
struct part {
    const void *at;
    size_t n;
};

static enum lct_status write_parts(
    const char *folder, const char *name, const struct part *parts, size_t n_parts, struct lct_err *err)
{
    size_t size = sizeof magic;
    for (size_t i = 0; i < n_parts; i++)
        size += parts[i].n;
    char *bytes = malloc(size + LCT_SHA256_TEXT), *path = lct_file_join(folder, name);
    enum lct_status status = LCT_OK;
    if (bytes && path) {
        char *at = bytes;
        memcpy(at, magic, sizeof magic);
        at += sizeof magic;
        for (size_t i = 0; i < n_parts; i++) {
            if (parts[i].n)
                memcpy(at, parts[i].at, parts[i].n);
            at += parts[i].n;
        }
        lct_sha256_bytes(bytes, size, at);
        status = lct_file_write(path, bytes, size + LCT_SHA256_TEXT, err);
    } else {
        status = lct_fail(err, LCT_E_LIMIT, "%s: no memory for a checkpoint", folder);
    }
    free(bytes);
    free(path);
    return status;
}

struct reading {
    char *bytes;
    size_t at, n; /* n: without the sum */
    char *path;
};

static void reading_finish(struct reading *r)
{
    free(r->bytes);
    free(r->path);
    *r = (struct reading){ 0 };
}

static enum lct_status damaged(const struct reading *r, struct lct_err *err)
{
    return lct_fail(err, LCT_E_INPUT, "%s: damaged, or of another version of lctem; start again with --force", r->path);
}

static enum lct_status read_parts(struct reading *r, const char *folder, const char *name, struct lct_err *err)
{
    *r = (struct reading){ .path = lct_file_join(folder, name) };
    if (!r->path)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", folder);
    enum lct_status status = lct_file_read(&r->bytes, &r->n, r->path, (size_t)1 << 40, err);
    if (status != LCT_OK)
        return status;
    char sum[LCT_SHA256_TEXT];
    if (r->n < sizeof magic + LCT_SHA256_TEXT || memcmp(r->bytes, magic, sizeof magic) != 0)
        return damaged(r, err);
    r->n -= LCT_SHA256_TEXT;
    lct_sha256_bytes(r->bytes, r->n, sum);
    r->at = sizeof magic;
    return memcmp(sum, r->bytes + r->n, sizeof sum) == 0 ? LCT_OK : damaged(r, err);
}

static bool take(struct reading *r, void *to, size_t n)
{
    if (n > r->n - r->at)
        return false;
    memcpy(to, r->bytes + r->at, n);
    r->at += n;
    return true;
}

/* Sizes of the structs as they were compiled. */
struct shape {
    size_t plan, frame, ignore, film, truncated;
};

enum lct_status checkpoint_save_plan(
    const char *folder, const struct plan *plan, const char *truncated, struct lct_err *err)
{
    const struct shape shape = { .plan = sizeof *plan,
        .frame = sizeof *plan->frames,
        .ignore = plan->ignore ? (size_t)plan->grid.width * (size_t)plan->grid.height : 0,
        .film = plan->film.px ? lct_image_count(&plan->film) * sizeof *plan->film.px : 0,
        .truncated = truncated ? strlen(truncated) : 0 };
    struct plan flat = *plan;
    flat.frames = NULL;
    flat.ignore = NULL;
    flat.film.px = NULL;
    flat.grid.mean = NULL;
    const struct part parts[] = { { &shape, sizeof shape }, { &flat, sizeof flat },
        { plan->frames, (size_t)plan->n * sizeof *plan->frames }, { plan->ignore, shape.ignore },
        { plan->film.px, shape.film }, { truncated, shape.truncated } };
    return write_parts(folder, CHECKPOINT_PLAN, parts, sizeof parts / sizeof *parts, err);
}

static bool take_plan(struct reading *r, struct plan *plan, char **truncated)
{
    struct shape shape;
    if (!take(r, &shape, sizeof shape) || shape.plan != sizeof *plan || shape.frame != sizeof *plan->frames
        || !take(r, plan, sizeof *plan))
        return false;
    const size_t pixels = (size_t)plan->grid.width * (size_t)plan->grid.height, left = r->n - r->at;
    if (plan->n < 1 || (size_t)plan->n > left / sizeof *plan->frames || (shape.ignore && shape.ignore != pixels)
        || shape.ignore > left || shape.truncated > left || shape.film > left
        || (shape.film && shape.film != (size_t)plan->width * (size_t)plan->height * sizeof *plan->film.px))
        return false;
    plan->frames = malloc((size_t)plan->n * sizeof *plan->frames);
    plan->ignore = shape.ignore ? malloc(shape.ignore) : NULL;
    plan->film = (struct lct_image){ .width = shape.film ? plan->width : 0,
        .height = shape.film ? plan->height : 0,
        .px = shape.film ? malloc(shape.film) : NULL };
    *truncated = shape.truncated ? calloc(shape.truncated + 1, 1) : NULL;
    return plan->frames && (plan->ignore || !shape.ignore) && (plan->film.px || !shape.film)
        && (*truncated || !shape.truncated) && take(r, plan->frames, (size_t)plan->n * sizeof *plan->frames)
        && (!shape.ignore || take(r, plan->ignore, shape.ignore)) && (!shape.film || take(r, plan->film.px, shape.film))
        && (!shape.truncated || take(r, *truncated, shape.truncated));
}

enum lct_status checkpoint_load_plan(const char *folder, struct plan *plan, char **truncated, struct lct_err *err)
{
    struct reading r;
    struct plan p = { 0 };
    char *words = NULL;
    enum lct_status status = read_parts(&r, folder, CHECKPOINT_PLAN, err);
    if (status == LCT_OK && !take_plan(&r, &p, &words))
        status = damaged(&r, err);
    reading_finish(&r);
    if (status != LCT_OK) {
        plan_finish(&p);
        free(words);
        return status;
    }
    *plan = p;
    *truncated = words;
    return LCT_OK;
}

enum lct_status checkpoint_save(
    const char *folder, const struct checkpoint *checkpoint, const struct lct_track *track, struct lct_err *err)
{
    unsigned char *state = NULL;
    size_t n = 0;
    enum lct_status status = lct_track_save(track, &state, &n, err);
    if (status != LCT_OK)
        return status;
    const struct part parts[] = { { checkpoint, sizeof *checkpoint }, { state, n } };
    status = write_parts(folder, CHECKPOINT_STATE, parts, sizeof parts / sizeof *parts, err);
    free(state);
    return status;
}

enum lct_status checkpoint_load(
    const char *folder, struct checkpoint *checkpoint, struct lct_track *track, struct lct_err *err)
{
    struct reading r;
    struct checkpoint c;
    enum lct_status status = read_parts(&r, folder, CHECKPOINT_STATE, err);
    if (status == LCT_OK && !take(&r, &c, sizeof c))
        status = damaged(&r, err);
    if (status == LCT_OK && track)
        status = lct_track_restore(track, (const unsigned char *)r.bytes + r.at, r.n - r.at, err);
    reading_finish(&r);
    if (status == LCT_OK)
        *checkpoint = c;
    return status;
}

static bool is_there(const char *folder, const char *name)
{
    char *path = lct_file_join(folder, name);
    const bool there = path && access(path, F_OK) == 0;
    free(path);
    return there;
}

bool checkpoint_exists(const char *folder)
{
    return is_there(folder, CHECKPOINT_PLAN) && is_there(folder, CHECKPOINT_STATE);
}

void checkpoint_remove(const char *folder)
{
    static const char *const names[] = { CHECKPOINT_STATE, CHECKPOINT_STATE ".part", CHECKPOINT_PLAN,
        CHECKPOINT_PLAN ".part", CHECKPOINT_SPOOL, CHECKPOINT_RIMS, CHECKPOINT_IDENTITY, CHECKPOINT_IDENTITY ".part",
        CHECKPOINT_LOCK };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = lct_file_join(folder, names[i]);
        if (path)
            (void)unlink(path);
        free(path);
    }
    (void)rmdir(folder);
}
