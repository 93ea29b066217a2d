#include <lctem/thickness.h>

#include "movie.h"

#include <lctem/file.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const double MOST_BLUR = 0.06; /* of the thickness */

static const double WIDTH_SHARE = 0.1; /* of a given line's length, where no width is given */

static enum lct_status parse_line(struct lct_plate_line *out, const struct lct_recipe *recipe, struct lct_err *err)
{
    struct lct_plate_line l = { 0 };
    int end = -1;
    if (sscanf(recipe->line, " %lf , %lf , %lf , %lf %n", &l.x0_px, &l.y0_px, &l.x1_px, &l.y1_px, &end) != 4 || end < 0
        || recipe->line[end])
        return lct_fail(err, LCT_E_ARG, "line: \"%.60s\" is not of the form X0,Y0,X1,Y1 (px)", recipe->line);
    l.width_px = isfinite(recipe->line_width_px) ? recipe->line_width_px
                                                 : fmax(1.0, WIDTH_SHARE * hypot(l.x1_px - l.x0_px, l.y1_px - l.y0_px));
    *out = l;
    return LCT_OK;
}

/* The frame, and its time, which nobody needs here. */
static enum lct_status read_frame(
    struct lct_image *out, struct movie *movie, const struct lct_recipe *recipe, struct lct_err *err)
{
    double time_s;
    if (recipe->frame >= movie->n)
        return lct_fail(err, LCT_E_ARG, "%s: --frame %ld: the frames to use are 0 to %ld; give one of them",
            movie->info->path, recipe->frame, movie->n - 1);
    enum lct_status status = lct_image_init(out, movie->roi.width_px, movie->roi.height_px, err);
    if (status == LCT_OK)
        status = movie_read(movie, recipe->frame, out, &time_s, err);
    return status == LCT_END
        ? lct_fail(err, LCT_E_INPUT, "%s: frame %ld cannot be read", movie->info->path, recipe->frame)
        : status;
}

/* Is the plate darker or brighter? The deeper side of the picture's greys, unless the user says. */
static enum lct_status find_line(
    struct lct_plate_line *out, const struct lct_image *image, const struct lct_recipe *recipe, struct lct_err *err)
{
    struct lct_err why = { 0 };
    enum lct_status status = LCT_E_NODATA;
    if (recipe->contrast != LCT_CONTRAST_BRIGHT)
        status = lct_plate_find(out, image, false, &why);
    if (status == LCT_E_NODATA && recipe->contrast != LCT_CONTRAST_DARK) {
        struct lct_err ignored = { 0 };
        const enum lct_status other =
            lct_plate_find(out, image, true, recipe->contrast == LCT_CONTRAST_BRIGHT ? &why : &ignored);
        status = other == LCT_E_NODATA ? status : other;
    }
    return status == LCT_OK ? status : lct_fail(err, status, "%s", why.text);
}

static void to_nm(struct lct_thickness *t, struct lct_scale scale)
{
    const double dx = t->line.x1_px - t->line.x0_px, dy = t->line.y1_px - t->line.y0_px, length = hypot(dx, dy);
    t->nm_per_px = hypot(dx / length * scale.nm_per_px, dy / length * scale.nm_per_px_y);
    t->core_nm = t->plate.core_px * t->nm_per_px;
    t->core_sd_nm = t->plate.core_sd_px * t->nm_per_px;
    t->plate_nm = t->plate.plate_px * t->nm_per_px;
    t->plate_sd_nm = t->plate.plate_sd_px * t->nm_per_px;
}

static enum lct_status write_json(
    const struct lct_thickness *t, const char *path, const struct lct_recipe *recipe, struct lct_err *err)
{
    const char *dir = recipe->output;
    if (lct_folder_make(dir, err) != LCT_OK)
        return LCT_E_OUTPUT;
    char *there = lct_file_join(dir, "thickness.json");
    struct lct_json *json = NULL;
    enum lct_status status = there ? lct_json_create(&json, err) : lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    if (status == LCT_OK && !recipe->force && access(there, F_OK) == 0)
        status = lct_fail(err, LCT_E_OUTPUT, "%s: is there already; --force overwrites it", there);
    if (status == LCT_OK) {
        lct_json_integer(json, "schema", 1);
        lct_json_text(json, "file", path);
        lct_thickness_json(t, json);
        status = lct_json_write(json, there, err);
    }
    lct_json_destroy(&json);
    free(there);
    return status;
}

static enum lct_status measure(struct lct_thickness *t, const char *path, const struct lct_image *image,
    const struct lct_recipe *recipe, struct lct_err *err)
{
    enum lct_status status = t->found ? find_line(&t->line, image, recipe, err) : parse_line(&t->line, recipe, err);
    if (status == LCT_OK)
        status = lct_plate_measure(&t->plate, image, &t->line, err);
    return status == LCT_OK ? status : lct_fail_in(err, status, path);
}

/* Edges of a plate seen edge-on are straight all along the width: a mean over curved or slanting ones is blurred. */
static void warn(const struct lct_thickness *t, const char *path, const struct lct_log *log)
{
    const struct lct_plate *p = &t->plate;
    if (!isfinite(t->nm_per_px))
        lct_log_say(log, LCT_LOG_WARNING,
            "%s: the pixel size is not known, lengths are in px; give it with --pixel-size NM", path);
    if (p->blur_px > MOST_BLUR * p->plate_px)
        lct_log_say(log, LCT_LOG_WARNING,
            "%s: frame %ld: the edges are blurred by %.2g px, %.0f %% of the thickness: this may be no plate seen "
            "edge-on; look at it, or give a shorter width or another place with --line",
            path, t->frame, p->blur_px, 100.0 * p->blur_px / p->plate_px);
}

enum lct_status lct_thickness_run(struct lct_thickness *out, const char *path, const struct lct_recipe *recipe,
    const struct lct_log *log, struct lct_err *err)
{
    struct movie movie = { 0 };
    struct lct_image image = { 0 };
    struct lct_thickness t = { .found = !recipe->line };
    enum lct_status status = movie_open(&movie, path, recipe, err);
    for (size_t i = 0; status == LCT_OK && i < movie.info->n_warnings; i++)
        lct_log_say(log, LCT_LOG_WARNING, "%s: %s", path, movie.info->warnings[i]);
    if (status == LCT_OK)
        status = read_frame(&image, &movie, recipe, err);
    if (status == LCT_OK)
        status = measure(&t, path, &image, recipe, err);
    if (status == LCT_OK) {
        t.frame = movie_frame(&movie, recipe->frame);
        to_nm(&t, movie.scale);
        warn(&t, path, log);
    }
    if (status == LCT_OK && recipe->output)
        status = write_json(&t, path, recipe, err);
    lct_image_finish(&image);
    movie_close(&movie);
    if (status == LCT_OK)
        *out = t;
    return status;
}

void lct_thickness_json(const struct lct_thickness *t, struct lct_json *json)
{
    lct_json_integer(json, "frame", t->frame);
    lct_json_number(json, "core_thickness_nm", t->core_nm);
    lct_json_number(json, "core_thickness_sd_nm", t->core_sd_nm);
    lct_json_number(json, "plate_thickness_nm", t->plate_nm);
    lct_json_number(json, "plate_thickness_sd_nm", t->plate_sd_nm);
    lct_json_number(json, "core_thickness_px", t->plate.core_px);
    lct_json_number(json, "core_thickness_sd_px", t->plate.core_sd_px);
    lct_json_number(json, "plate_thickness_px", t->plate.plate_px);
    lct_json_number(json, "plate_thickness_sd_px", t->plate.plate_sd_px);
    lct_json_number(json, "edge_blur_px", t->plate.blur_px);
    lct_json_number(json, "tilt_deg", t->plate.tilt_deg);
    lct_json_number(json, "pixel_size_nm", t->nm_per_px);
    lct_json_bool(json, "line_found", t->found);
    lct_json_open_array(json, "line_px");
    const double line[] = { t->line.x0_px, t->line.y0_px, t->line.x1_px, t->line.y1_px };
    for (size_t i = 0; i < sizeof line / sizeof *line; i++)
        lct_json_number(json, NULL, line[i]);
    lct_json_close(json);
    lct_json_number(json, "line_width_px", t->line.width_px);
    lct_json_open_array(json, "edges_px");
    for (int k = 0; k < 4; k++)
        lct_json_number(json, NULL, t->plate.edge_px[k]);
    lct_json_close(json);
}
