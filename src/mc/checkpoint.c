#include "checkpoint.h"

#include <lctem/file.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of this machine's byte order: a checkpoint goes on where it was made. */
struct header {
    char magic[8];
    uint64_t fingerprint, seed, replica, random_counter, finished, end, next_fifth, n_sites, n_rows;
    double reservoir_left;
    int64_t onset_level, burst_level;
    struct lct_mc_tally tally;
};

static const char magic[8] = "lctmc1\n";

enum lct_status lct_mc_checkpoint_write(
    const struct lct_mc_checkpoint *c, uint32_t n_sites, const char *path, struct lct_err *err)
{
    const size_t rows = (size_t)c->n_rows * sizeof *c->rows, n = sizeof(struct header) + n_sites + rows;
    char *bytes = calloc(1, n);
    if (!bytes)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for %zu bytes", path, n);
    struct header h = { .fingerprint = c->fingerprint,
        .seed = c->state.seed,
        .replica = c->state.replica,
        .random_counter = c->state.random_counter,
        .finished = c->finished,
        .end = c->end,
        .next_fifth = c->next_fifth,
        .n_sites = n_sites,
        .n_rows = c->n_rows,
        .reservoir_left = c->state.reservoir_left,
        .onset_level = c->state.onset_level,
        .burst_level = c->state.burst_level,
        .tally = c->state.tally };
    memcpy(h.magic, magic, sizeof magic);
    memcpy(bytes, &h, sizeof h);
    memcpy(bytes + sizeof h, c->state.occupancy, n_sites);
    if (rows)
        memcpy(bytes + sizeof h + n_sites, c->rows, rows);
    const enum lct_status status = lct_file_write(path, bytes, n, err);
    free(bytes);
    return status;
}

static enum lct_status take(struct lct_mc_checkpoint *out, const char *bytes, size_t n, uint32_t n_sites,
    uint64_t fingerprint, const char *path, struct lct_err *err)
{
    struct header h;
    if (n < sizeof h || memcmp(bytes, magic, sizeof magic) != 0)
        return lct_fail(err, LCT_E_INPUT, "%s: no checkpoint; remove it or start again with --force", path);
    memcpy(&h, bytes, sizeof h);
    if (h.fingerprint != fingerprint || h.n_sites != n_sites)
        return lct_fail(
            err, LCT_E_INPUT, "%s: of another model, engine or seed; --resume needs the same; else --force", path);
    const size_t left = n - sizeof h - n_sites;
    if (n < sizeof h + n_sites || h.n_rows > left / sizeof *out->rows || left != h.n_rows * sizeof *out->rows)
        return lct_fail(err, LCT_E_INPUT, "%s: cut short; remove it or start again with --force", path);
    struct lct_mc_growth_row *rows = malloc(left + 1);
    if (!rows)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for %zu bytes", path, left);
    memcpy(rows, bytes + sizeof h + n_sites, left);
    memcpy(out->state.occupancy, bytes + sizeof h, n_sites);
    uint8_t *occupancy = out->state.occupancy;
    *out = (struct lct_mc_checkpoint){ .fingerprint = h.fingerprint,
        .finished = h.finished,
        .end = h.end,
        .next_fifth = h.next_fifth,
        .n_rows = h.n_rows,
        .rows = rows,
        .state = { .seed = h.seed,
            .replica = h.replica,
            .random_counter = h.random_counter,
            .reservoir_left = h.reservoir_left,
            .onset_level = (long)h.onset_level,
            .burst_level = (long)h.burst_level,
            .tally = h.tally,
            .occupancy = occupancy } };
    return LCT_OK;
}

enum lct_status lct_mc_checkpoint_read(
    struct lct_mc_checkpoint *out, uint32_t n_sites, uint64_t fingerprint, const char *path, struct lct_err *err)
{
    if (access(path, F_OK) != 0)
        return LCT_E_NODATA;
    char *bytes = NULL;
    size_t n;
    enum lct_status status = lct_file_read(&bytes, &n, path, (size_t)1 << 32, err);
    if (status == LCT_OK)
        status = take(out, bytes, n, n_sites, fingerprint, path, err);
    free(bytes);
    return status;
}
