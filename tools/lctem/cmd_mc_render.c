/* lctem mc render: occupancy stacks as pictures, again; or a whole trajectory as a film */
#include "mc_film.h"
#include "mc_picture.h"
#include "mc_settings.h"

#include <lctem/file.h>
#include <lctem/parallel.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static enum lct_status render(const struct mc_call *c, const char *path, struct lct_err *err)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    const int length = dot ? (int)(dot - base) : (int)strlen(base);
    char name[300];
    snprintf(name, sizeof name, "%.*s.png", length < 280 ? length : 280, base);
    char *out = lct_file_join(c->settings.output, name);
    uint8_t *occupancy = NULL;
    struct mc_columns columns;
    enum lct_status s = out ? mc_stack_read(path, &columns, &occupancy, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
    if (s == LCT_OK) {
        columns.scale_px = c->settings.scale_px;
        s = mc_picture_write(&columns, out, err);
    }
    free(occupancy);
    free(out);
    return s;
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static enum lct_status film(const struct mc_call *c, struct lct_err *err)
{
    const struct mc_settings *s = &c->settings;
    const char *slash = strrchr(s->output, '/');
    char *folder = slash ? strndup(s->output, (size_t)(slash - s->output)) : strdup(".");
    enum lct_status status = folder ? cli_make_folders(folder, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
    free(folder);
    if (status == LCT_OK && c->n_words > 1)
        status = lct_fail(err, LCT_E_ARG,
            "mc render: one film, one trajectory; '%.60s' is one word too many; run it once for each", c->words[1]);
    const struct mc_film f = { .dir = c->words[0],
        .scene = s->scene,
        .movie = s->output,
        .replica = s->replica,
        .nm_per_site = s->site_nm,
        .step_s = s->step_s,
        .fps = s->fps,
        .nm_per_px = isnan(s->pixel_size) ? 0 : s->pixel_size,
        .dose_e_per_nm2_s = isnan(s->dose) ? 0 : s->dose,
        .size_px = s->width_px == LCT_OPTION_AUTO ? 0 : (int)s->width_px,
        .seed = s->seed,
        .threads = s->threads == LCT_OPTION_AUTO ? lct_parallel_cores() : (int)s->threads,
        .force = s->force };
    return status == LCT_OK ? mc_film_make(&f, &c->progress, err) : status;
}

enum lct_status cmd_mc_render(struct mc_call *c, struct lct_err *err)
{
    if (c->n_words < 1)
        return lct_fail(err, LCT_E_ARG,
            "mc render: what? give one or more occupancy stacks (snapshots/*.tif), or the folder of a mc grow");
    if (!c->settings.output)
        return lct_fail(err, LCT_E_ARG, "mc render: where to? give a folder for pictures, or a movie, with -o");
    if (is_folder(c->words[0]))
        return film(c, err);
    char *folder = NULL;
    enum lct_status s = mc_call_subfolder(c, "", &folder, err);
    free(folder);
    for (int i = 0; s == LCT_OK && i < c->n_words; i++)
        s = render(c, c->words[i], err);
    return s;
}
