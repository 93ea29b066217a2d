/* lctem phantom SCENE -o MOVIE: a synthetic movie with its exact truth beside it */
#include "cli.h"
#include "mc_film.h"

#include <lctem/file.h>
#include <lctem/parallel.h>
#include <lctem/phantom.h>
#include <lctem/writer.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder part of a path; caller frees. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
}

static enum lct_status write_masks(const struct lct_phantom *phantom, const char *dir, long every, struct lct_err *err)
{
    const struct lct_phantom_info info = lct_phantom_info(phantom);
    const struct lct_writer_params params = {
        .width = info.width, .height = info.height, .fps = info.fps, .pixel_size_nm = info.pixel_size_nm, .bits = 16
    };
    struct lct_phantom_scratch *scratch = NULL;
    uint16_t *labels = calloc((size_t)info.width * (size_t)info.height, sizeof *labels);
    enum lct_status s =
        labels ? lct_phantom_scratch_create(&scratch, phantom, err) : lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    for (long f = 0; s == LCT_OK && f < info.frames; f += every) {
        char name[64];
        snprintf(name, sizeof name, "mask_%05ld.tif", f);
        char *path = lct_file_join(dir, name);
        struct lct_writer *writer = NULL;
        s = path ? lct_phantom_labels(phantom, f, scratch, labels, err)
                 : lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
        if (s == LCT_OK)
            s = lct_writer_open(&writer, path, &params, err);
        if (s == LCT_OK)
            s = lct_writer_frame(writer, labels, err);
        if (s == LCT_OK)
            s = lct_writer_close(&writer, err);
        lct_writer_abandon(&writer);
        free(path);
    }
    lct_phantom_scratch_destroy(&scratch);
    free(labels);
    return s;
}

static bool show(void *context, long done, long total)
{
    const struct lct_progress *progress = context;
    return progress->report(progress->context, "rendering", done, total);
}

static enum lct_status make(struct call *call, const struct lct_phantom *phantom, const char *dir, struct lct_err *err)
{
    const struct lct_recipe *r = &call->recipe;
    const int threads = r->threads == LCT_OPTION_AUTO ? lct_parallel_cores() : (int)r->threads;
    char *folder = folder_of(r->output);
    if (!folder)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", r->output);
    enum lct_status s = lct_file_check_output(r->output, r->force, err);
    if (s == LCT_OK)
        s = cli_make_folders(folder, err);
    if (s == LCT_OK)
        s = cli_make_folders(dir, err);
    if (s == LCT_OK && !r->no_movie)
        s = lct_phantom_film(phantom, r->output, threads, show, &call->progress, err);
    if (s == LCT_OK)
        s = lct_phantom_write_truth(phantom, dir, err);
    if (s == LCT_OK && r->masks)
        s = write_masks(phantom, dir, r->masks, err);
    free(folder);
    return s;
}

/* The crystal of a mc grow; the frame rate and the pixels of mc render's defaults. */
static enum lct_status film_lattice(struct call *call, struct lct_err *err)
{
    const struct lct_recipe *r = &call->recipe;
    const struct mc_film film = { .dir = r->from_mc,
        .scene = call->n_words ? call->words[0] : NULL,
        .movie = r->output,
        .replica = r->replica,
        .nm_per_site = r->site_nm,
        .step_s = r->step_s,
        .fps = 5,
        .nm_per_px = 0,
        .dose_e_per_nm2_s = isnan(r->dose) ? 0 : r->dose,
        .seed = r->seed,
        .force = r->force,
        .threads = r->threads == LCT_OPTION_AUTO ? lct_parallel_cores() : (int)r->threads };
    char *folder = folder_of(r->output);
    const enum lct_status s = folder ? cli_make_folders(folder, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
    free(folder);
    return s == LCT_OK ? mc_film_make(&film, &call->progress, err) : s;
}

enum lct_status cmd_phantom(struct call *call, struct lct_err *err)
{
    const struct lct_recipe *r = &call->recipe;
    if (!r->output)
        return lct_fail(err, LCT_E_ARG, "phantom: where to? give a movie with -o MOVIE");
    if (r->from_mc)
        return film_lattice(call, err);
    if (call->n_words < 1)
        return lct_fail(
            err, LCT_E_ARG, "phantom: SCENE is missing; usage: lctem phantom SCENE -o MOVIE, or --from-mc DIR");
    struct lct_phantom *phantom = NULL;
    char *dir = r->truth ? strdup(r->truth) : folder_of(r->output);
    enum lct_status s =
        dir ? lct_phantom_create(&phantom, call->words[0], err) : lct_fail(err, LCT_E_LIMIT, "no memory");
    if (s == LCT_OK && lct_options_origin(&call->options, "seed") != LCT_ORIGIN_DEFAULT)
        lct_phantom_reseed(phantom, r->seed);
    if (s == LCT_OK && !isnan(r->dose))
        s = lct_phantom_expose(phantom, 0, r->dose, 0, err);
    if (s == LCT_OK)
        s = make(call, phantom, dir, err);
    if (s == LCT_OK && !r->quiet)
        printf("%s: %ld frames; truth in %s\n", r->output, lct_phantom_info(phantom).frames, dir);
    lct_phantom_destroy(&phantom);
    free(dir);
    return s;
}
