#include "mc_film.h"

#include "mc_picture.h"

#include <lctem/file.h>
#include <lctem/phantom.h>
#include <lctem/table.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct lct_column columns[] = {
    { "frame", "", "frame, from 0" },
    { "time_s", "s", "frame / fps" },
    { "replica", "", "trajectory that is filmed" },
    { "step", "steps", "of the snapshot that the frame shows" },
    { "core_sites", "", "sites that hold core" },
    { "shell_sites", "", "sites that hold shell" },
    { "core_area_sites", "columns", "columns with any core" },
    { "shell_area_sites", "columns", "columns with shell and no core" },
    { "exposed_core_sites", "", "core sites with an empty neighbour" },
    { "core_filled_nm2", "nm2",
        "core sites / layers x area of a column: as wide as the core would be if all its columns were full" },
    { "shell_filled_nm2", "nm2", "the same for shell" },
    { "open_columns", "columns",
        "columns at least half core beside one that is empty in all layers: what a projection shows as exposed" },
};
enum { N_COLUMNS = sizeof columns / sizeof *columns, N_COPIED = 5, MAX_FRAMES = 1000000 };
static const struct lct_table_spec truth_lattice = { "truth_lattice", "what the filmed lattice holds in each frame", 1,
    columns, N_COLUMNS };

struct reel {
    struct lct_phantom_lattice lattice;
    uint8_t *core, *shell;
    long *shown, *step; /* [frames], [n_states] */
};

static void reel_finish(struct reel *r)
{
    free(r->core);
    free(r->shell);
    free(r->shown);
    free(r->step);
}

/* Layers of core and shell in each column of state k. */
static enum lct_status take_state(struct reel *r, long k, const char *path, size_t n_states, struct lct_err *err)
{
    struct mc_columns c = { 0 };
    uint8_t *occupancy = NULL;
    enum lct_status s = mc_stack_read(path, &c, &occupancy, err);
    const size_t n = (size_t)c.nx * (size_t)c.ny;
    if (s == LCT_OK && k == 0) {
        r->lattice.nx = c.nx;
        r->lattice.ny = c.ny;
        r->lattice.nz = c.nz;
        r->core = calloc(n_states, n);
        r->shell = calloc(n_states, n);
        if (!r->core || !r->shell)
            s = lct_fail(err, LCT_E_LIMIT, "%s: no memory for %zu snapshots", path, n_states);
    } else if (s == LCT_OK && (c.nx != r->lattice.nx || c.ny != r->lattice.ny || c.nz != r->lattice.nz)) {
        s = lct_fail(err, LCT_E_INPUT, "%s: of another size than the snapshots before it", path);
    }
    for (size_t i = 0; s == LCT_OK && i < n; i++)
        for (int z = 0; z < c.nz; z++) {
            r->core[(size_t)k * n + i] += occupancy[i * (size_t)c.nz + (size_t)z] == LCT_MC_CORE;
            r->shell[(size_t)k * n + i] += occupancy[i * (size_t)c.nz + (size_t)z] == LCT_MC_SHELL;
        }
    free(occupancy);
    return s;
}

/* The snapshots of the replica; their names carry the step, with zeros in front, so that glob gives them in order. */
static enum lct_status read_states(struct reel *r, const struct mc_film *f, struct lct_err *err)
{
    char name[64];
    snprintf(name, sizeof name, "snapshots/replica_%05ld_step_*.tif", f->replica);
    char *pattern = lct_file_join(f->dir, name);
    glob_t found = { 0 };
    enum lct_status s = pattern ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory");
    if (s == LCT_OK && glob(pattern, 0, NULL, &found) != 0)
        s = lct_fail(err, LCT_E_INPUT,
            "%s: no snapshots of replica %ld; make them with 'lctem mc grow -o %s --snapshot-every N'", f->dir,
            f->replica, f->dir);
    if (s == LCT_OK) {
        r->lattice.n_states = (long)found.gl_pathc;
        r->step = calloc(found.gl_pathc, sizeof *r->step);
        if (!r->step)
            s = lct_fail(err, LCT_E_LIMIT, "%s: no memory", f->dir);
    }
    for (long k = 0; s == LCT_OK && k < r->lattice.n_states; k++) {
        const char *path = found.gl_pathv[k];
        r->step[k] = strtol(strstr(path, "_step_") + 6, NULL, 10);
        s = take_state(r, k, path, found.gl_pathc, err);
    }
    globfree(&found);
    free(pattern);
    return s;
}

/* Which state each frame shows. */
static enum lct_status set_times(struct reel *r, const struct mc_film *f, struct lct_err *err)
{
    const long n = r->lattice.n_states, length = r->step[n - 1] - r->step[0];
    long least = length > 0 ? length : 1;
    for (long k = 1; k + 1 < n; k++) /* the last one comes when the run ends */
        least = r->step[k] - r->step[k - 1] < least ? r->step[k] - r->step[k - 1] : least;
    const double per_frame = isnan(f->step_s) ? (double)(least > 0 ? least : 1) : 1 / (f->fps * f->step_s),
                 frames = floor((double)length / per_frame) + 1;
    if (!(per_frame > 0) || !(frames <= MAX_FRAMES))
        return lct_fail(err, LCT_E_ARG,
            "step_s: %g s a step at %g frames a second make %g frames, but %d are the most; give another step_s or fps",
            f->step_s, f->fps, frames, MAX_FRAMES);
    r->lattice.frames = (long)frames;
    r->lattice.fps = f->fps;
    r->lattice.nm_per_site = f->nm_per_site;
    r->lattice.core = r->core;
    r->lattice.shell = r->shell;
    r->shown = calloc((size_t)frames, sizeof *r->shown);
    if (!r->shown)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for %g frames", f->movie, frames);
    for (long i = 0, k = 0; i < r->lattice.frames; i++) {
        while (k + 1 < n && (double)(r->step[k + 1] - r->step[0]) <= (double)i * per_frame + 1e-6)
            k++;
        r->shown[i] = k;
    }
    r->lattice.shown = r->shown;
    return LCT_OK;
}

/* Exposure that a film can show: through all layers. */
static long open_columns(const struct lct_phantom_lattice *l, long state)
{
    static const int step[6][2] = { { 1, 0 }, { -1, 0 }, { 0, 1 }, { 0, -1 }, { 1, -1 }, { -1, 1 } };
    const size_t first = (size_t)state * (size_t)l->nx * (size_t)l->ny;
    const uint8_t *core = l->core + first, *shell = l->shell + first;
    long n = 0;
    for (int y = 0; y < l->ny; y++)
        for (int x = 0; x < l->nx; x++) {
            bool open = false;
            for (int d = 0; d < 6; d++) {
                const int u = (x + step[d][0] + l->nx) % l->nx, v = (y + step[d][1] + l->ny) % l->ny;
                open = open || core[v * l->nx + u] + shell[v * l->nx + u] == 0;
            }
            n += open && 2 * core[y * l->nx + x] >= l->nz;
        }
    return n;
}

/* The rows of growth.csv that the frames show. */
static enum lct_status write_rows(const struct reel *r, const struct mc_film *f, const char *dir, struct lct_err *err)
{
    char *path = lct_file_join(f->dir, "growth.csv");
    struct lct_csv csv = { 0 };
    struct lct_table *table = NULL;
    enum lct_status s = path ? lct_csv_read(&csv, path, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
    if (s == LCT_OK)
        s = lct_table_create(&table, dir, &truth_lattice, err);
    size_t row = 0;
    for (long i = 0; s == LCT_OK && i < r->lattice.frames; i++) {
        double replica = NAN, step = NAN;
        for (; s == LCT_OK && row < csv.n_rows; row++) {
            s = lct_csv_number(&csv, row, 0, &replica, err);
            if (s == LCT_OK)
                s = lct_csv_number(&csv, row, 1, &step, err);
            if (s != LCT_OK || (lround(replica) == f->replica && lround(step) == r->step[r->shown[i]]))
                break;
        }
        if (s == LCT_OK && row == csv.n_rows)
            s = lct_fail(
                err, LCT_E_INPUT, "%s: no row for replica %ld, step %ld", path, f->replica, r->step[r->shown[i]]);
        double sites[N_COPIED] = { 0 };
        struct lct_cell cells[N_COLUMNS] = { lct_int(i), lct_num((double)i / f->fps), lct_int(f->replica),
            lct_int(r->step[r->shown[i]]) };
        for (size_t c = 0; s == LCT_OK && c < N_COPIED; c++) {
            s = lct_csv_number(&csv, row, c + 2, &sites[c], err);
            cells[4 + c] = lct_num(sites[c]);
        }
        const double column_nm2 = f->nm_per_site * f->nm_per_site * sqrt(0.75) / r->lattice.nz;
        for (size_t c = 0; c < 2; c++)
            cells[4 + N_COPIED + c] = lct_num(sites[c] * column_nm2);
        cells[4 + N_COPIED + 2] = lct_int(open_columns(&r->lattice, r->shown[i]));
        if (s == LCT_OK)
            s = lct_table_row(table, cells, err);
    }
    const enum lct_status closed = lct_table_close(&table, s == LCT_OK ? err : NULL);
    lct_csv_finish(&csv);
    free(path);
    return s == LCT_OK ? closed : s;
}

static bool show(void *context, long done, long total)
{
    const struct lct_progress *p = context;
    return !p->report || p->report(p->context, "rendering", done, total);
}

static enum lct_status shoot(const struct reel *r, const struct mc_film *f, const char *dir,
    const struct lct_progress *progress, struct lct_err *err)
{
    struct lct_phantom *phantom = NULL;
    struct lct_progress mine = *progress;
    enum lct_status s = lct_phantom_create(&phantom, f->scene, err);
    if (s == LCT_OK)
        s = lct_phantom_expose(phantom, f->nm_per_px, f->dose_e_per_nm2_s, f->size_px, err);
    if (s == LCT_OK)
        s = lct_phantom_show_lattice(phantom, &r->lattice, err);
    if (s == LCT_OK) {
        lct_phantom_reseed(phantom, f->seed);
        s = lct_phantom_film(phantom, f->movie, f->threads, show, &mine, err);
    }
    if (s == LCT_OK)
        s = lct_phantom_write_truth(phantom, dir, err);
    if (s == LCT_OK)
        s = write_rows(r, f, dir, err);
    lct_phantom_destroy(&phantom);
    return s;
}

enum lct_status mc_film_make(const struct mc_film *f, const struct lct_progress *progress, struct lct_err *err)
{
    if (!(f->fps > 0) || !(f->nm_per_site > 0) || f->step_s <= 0)
        return lct_fail(err, LCT_E_ARG, "mc render: fps %g, site_nm %g and step_s %g must be above 0", f->fps,
            f->nm_per_site, f->step_s);
    if (lct_file_check_output(f->movie, f->force, err) != LCT_OK)
        return LCT_E_OUTPUT;
    const char *slash = strrchr(f->movie, '/');
    char *dir = slash ? strndup(f->movie, (size_t)(slash - f->movie)) : strdup(".");
    struct reel r = { 0 };
    enum lct_status s = dir ? read_states(&r, f, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
    if (s == LCT_OK)
        s = set_times(&r, f, err);
    if (s == LCT_OK)
        s = shoot(&r, f, dir, progress, err);
    reel_finish(&r);
    free(dir);
    return s;
}
