#include "station.h"

#include "asset.h"
#include "station_model.h"

#include <lctem/after.h>
#include <lctem/analyze.h>
#include <lctem/file.h>
#include <lctem/option.h>
#include <lctem/phantom.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static enum lct_status make_folders(char *path, struct lct_err *err)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        const enum lct_status status = lct_folder_make(path, err);
        *slash = '/';
        if (status != LCT_OK)
            return status;
    }
    return LCT_OK;
}

enum lct_status station_path(const struct stations *s, const char *name, char **out, struct lct_err *err)
{
    *out = lct_file_join(s->params->output, name);
    return *out ? make_folders(*out, err) : lct_fail(err, LCT_E_LIMIT, "reproduce: no memory");
}

enum lct_status station_unpack(
    const struct stations *s, const char *asset, const char *folder, char **path, struct lct_err *err)
{
    const struct asset *a = reproduce_assets;
    while (a->name && strcmp(a->name, asset) != 0)
        a++;
    char name[100];
    snprintf(name, sizeof name, "%s/%s", folder, asset);
    char *to = NULL;
    enum lct_status status = station_path(s, name, &to, err);
    if (status == LCT_OK && !a->name)
        status = lct_fail(err, LCT_E_INTERNAL, "reproduce: %s is not built in", asset);
    if (status == LCT_OK)
        status = lct_file_write(to, a->bytes, a->n, err);
    if (status == LCT_OK && path)
        *path = to;
    else
        free(to);
    return status;
}

/* ---- films ---- */

static bool show(void *context, long done, long total)
{
    const struct lct_progress *p = context;
    return !p || !p->report || p->report(p->context, "rendering", done, total);
}

/* Render the scene; *pixel_nm: of its pictures. */
static enum lct_status film(
    const struct stations *s, const char *scene, const char *movie, double *pixel_nm, struct lct_err *err)
{
    char *path = NULL, *folder = strndup(movie, (size_t)(strrchr(movie, '/') - movie));
    struct lct_progress mine = s->hooks->progress ? *s->hooks->progress : (struct lct_progress){ 0 };
    struct lct_phantom *phantom = NULL;
    enum lct_status status =
        folder ? station_unpack(s, scene, "scenes", &path, err) : lct_fail(err, LCT_E_LIMIT, "reproduce: no memory");
    if (status == LCT_OK)
        status = lct_phantom_create(&phantom, path, err);
    if (status == LCT_OK) {
        *pixel_nm = lct_phantom_info(phantom).pixel_size_nm;
        status = lct_phantom_film(phantom, movie, s->params->threads, show, &mine, err);
    }
    if (status == LCT_OK)
        status = lct_phantom_write_truth(phantom, folder, err);
    lct_phantom_destroy(&phantom);
    free(folder);
    free(path);
    return status;
}

/* Settings of a command, as its flags would set them; the texts of `pairs` (KEY, VALUE, ..., NULL). */
static enum lct_status settings(struct lct_options *options, struct lct_recipe *recipe, unsigned command,
    const struct stations *s, const char *const *pairs, struct lct_err *err)
{
    enum lct_status status = lct_recipe_init(options, recipe, command, err);
    for (; status == LCT_OK && *pairs; pairs += 2)
        if (pairs[1])
            status = lct_options_set(options, pairs[0], pairs[1], LCT_ORIGIN_USER, err);
    recipe->threads = s->params->threads;
    return status;
}

static const char *every_second(const struct stations *s)
{
    return s->params->quick ? "0:100000:2" : NULL;
}

static enum lct_status analyze(
    struct stations *s, const char *movie, const char *result, double pixel_nm, struct lct_err *err)
{
    char pixel[32];
    snprintf(pixel, sizeof pixel, "%.9g", pixel_nm);
    const char *const pairs[] = { "output", result, "pixel_size", pixel, "force", "yes", "frames", every_second(s),
        NULL };
    struct lct_options options = { 0 };
    struct lct_recipe recipe = { 0 };
    struct lct_analysis found;
    enum lct_status status = settings(&options, &recipe, LCT_CMD_ANALYZE, s, pairs, err);
    if (status == LCT_OK) {
        const struct lct_analyze_hooks hooks = { .progress = s->hooks->progress,
            .log = s->hooks->log,
            .command = "lctem reproduce",
            .options = &options,
            .version = "" };
        status = lct_analyze(&found, movie, &recipe, &hooks, err);
    }
    lct_options_finish(&options);
    return status;
}

static enum lct_status look_at_still(struct stations *s, const char *movie, double pixel_nm, struct lct_err *err)
{
    char pixel[32], *result = NULL;
    snprintf(pixel, sizeof pixel, "%.9g", pixel_nm);
    enum lct_status status = station_path(s, "still/result", &result, err);
    const char *const pairs[] = { "output", result, "pixel_size", pixel, "average", "yes", "force", "yes", NULL };
    struct lct_options options = { 0 };
    struct lct_recipe recipe = { 0 };
    struct lct_moire_result *r = calloc(1, sizeof *r);
    if (status == LCT_OK && !r)
        status = lct_fail(err, LCT_E_LIMIT, "reproduce: no memory");
    if (status == LCT_OK)
        status = settings(&options, &recipe, LCT_CMD_MOIRE, s, pairs, err);
    if (status == LCT_OK)
        status = lct_moire_run(r, movie, &recipe, s->hooks->progress, s->hooks->log, err);
    if (status == LCT_OK)
        s->still = r->moire;
    lct_options_finish(&options);
    free(result);
    free(r);
    return status;
}

static enum lct_status make_film(struct stations *s, enum station station, struct lct_err *err)
{
    static const struct {
        const char *scene, *movie, *result;
    } films[N_STATIONS] = {
        [STATION_FILM] = { "paper.yaml", "film/movie.mp4", "film/result" },
        [STATION_ETCHING] = { "etching.yaml", "etching/movie.mp4", "etching/result" },
        [STATION_STILL] = { "moire.yaml", "still/movie.tif", "still/result" },
    };
    char *movie = NULL, *result = NULL;
    double pixel_nm = (double)NAN;
    enum lct_status status = station_path(s, films[station].movie, &movie, err);
    if (status == LCT_OK)
        status = film(s, films[station].scene, movie, &pixel_nm, err);
    if (status == LCT_OK)
        status = station_path(s, films[station].result, &result, err);
    if (status == LCT_OK)
        status = station == STATION_STILL ? look_at_still(s, movie, pixel_nm, err)
                                          : analyze(s, movie, result, pixel_nm, err);
    free(movie);
    free(result);
    return status;
}

/* ---- pocket ---- */

enum { POCKET_ROWS = 26, POCKET_PRECIPITATION_S = 16 };

/* Core 2 as printed, 201 -> 148 nm2 in 16 s; the rim takes what keeps the volume of the salt, so that metal alone
 * dissolves. */
static enum lct_status write_areas(const char *path, struct lct_err *err)
{
    const double start_nm2 = 201, end_nm2 = 148, rim_nm2 = 100, core_over_plate = 7.0 / 12;
    char text[POCKET_ROWS * 60 + 100];
    int used = snprintf(text, sizeof text, "frame,time_s,particle,core_area_nm2,shell_area_nm2\n");
    for (int t = 0; t < POCKET_ROWS; t++) {
        const double share = fmin(1, (double)t / POCKET_PRECIPITATION_S), lost = share * (start_nm2 - end_nm2);
        used += snprintf(text + used, sizeof text - (size_t)used, "%d,%d,2,%.9g,%.9g\n", t, t, start_nm2 - lost,
            rim_nm2 + lost * (1 - core_over_plate));
    }
    return lct_file_write(path, text, (size_t)used, err);
}

static enum lct_status make_pocket(struct stations *s, struct lct_err *err)
{
    char *areas = NULL, *result = NULL;
    struct lct_options options = { 0 };
    struct lct_recipe recipe = { 0 };
    struct lct_after found;
    const char *const pairs[] = { "force", "yes", "reference_time", "16", NULL };
    enum lct_status status = station_path(s, "pocket/areas.csv", &areas, err);
    if (status == LCT_OK)
        status = station_path(s, "pocket/result", &result, err);
    if (status == LCT_OK)
        status = write_areas(areas, err);
    if (status == LCT_OK)
        status = settings(&options, &recipe, LCT_CMD_CONCENTRATION, s, pairs, err);
    if (status == LCT_OK)
        status = lct_after_run(&found, areas, result, &recipe, s->hooks->log, err);
    lct_options_finish(&options);
    free(areas);
    free(result);
    return status;
}

enum lct_status station_visit(struct stations *s, enum station station, struct lct_err *err)
{
    if (s->made[station])
        return LCT_OK;
    enum lct_status status = LCT_OK;
    if (station == STATION_FILM || station == STATION_ETCHING || station == STATION_STILL)
        status = make_film(s, station, err);
    else if (station == STATION_POCKET)
        status = make_pocket(s, err);
    else if (station >= STATION_CORE)
        status = station_free_energy(s, station, err);
    s->made[station] = status == LCT_OK;
    return status;
}

const char *station_folder(struct stations *s, enum station station)
{
    static const char *const names[N_STATIONS] = { [STATION_FILM] = "film/result",
        [STATION_ETCHING] = "etching/result",
        [STATION_STILL] = "still/result",
        [STATION_POCKET] = "pocket/result" };
    snprintf(s->folder, sizeof s->folder, "%s/%s", s->params->output, names[station] ? names[station] : "");
    return s->folder;
}

const char *station_command(struct stations *s, enum station station, const char *reading)
{
    const char *d = s->params->output, *frames = every_second(s);
    char flags[60] = "";
    if (frames)
        snprintf(flags, sizeof flags, " --frames %s", frames);
    switch (station) {
    case STATION_FILM:
        snprintf(s->command, sizeof s->command,
            "lctem phantom %s/scenes/paper.yaml -o %s/film/movie.mp4 && "
            "lctem analyze %s/film/movie.mp4 -o %s/film/result --pixel-size 0.1%s",
            d, d, d, d, flags);
        break;
    case STATION_ETCHING:
        snprintf(s->command, sizeof s->command,
            "lctem phantom %s/scenes/etching.yaml -o %s/etching/movie.mp4 && "
            "lctem analyze %s/etching/movie.mp4 -o %s/etching/result --pixel-size 0.05%s",
            d, d, d, d, flags);
        break;
    case STATION_STILL:
        snprintf(s->command, sizeof s->command,
            "lctem phantom %s/scenes/moire.yaml -o %s/still/movie.tif && "
            "lctem moire %s/still/movie.tif --pixel-size 0.04 --average -o %s/still/result",
            d, d, d, d);
        break;
    case STATION_POCKET:
        snprintf(s->command, sizeof s->command,
            "lctem concentration %s/pocket/areas.csv -o %s/pocket/result --reference-time 16", d, d);
        break;
    case STATION_FORMULA:
        snprintf(s->command, sizeof s->command,
            "lctem phantom %s/scenes/moire.yaml -o %s/still/movie.tif && "
            "head -2 %s/still/truth_frames.csv",
            d, d, d);
        break;
    case STATION_NONE:
    case N_STATIONS: s->command[0] = '\0'; break;
    default: station_model_command(s, station, reading);
    }
    return s->command;
}

void stations_finish(struct stations *s)
{
    for (size_t i = 0; i < N_READINGS; i++)
        free(s->ensembles[i].passages);
}
