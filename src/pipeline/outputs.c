#include "outputs.h"

#include "moire_tables.h"

#include <lctem/file.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static enum lct_status make_folder(const char *dir, bool force, struct lct_err *err)
{
    if (mkdir(dir, 0777) != 0 && errno != EEXIST)
        return lct_fail(err, LCT_E_OUTPUT, "%s: the folder cannot be made: %s", dir, strerror(errno));
    struct stat st;
    if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode))
        return lct_fail(err, LCT_E_OUTPUT, "%s: is not a folder; give another one with -o", dir);
    char *areas = lct_file_join(dir, "areas.csv");
    if (!areas)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    const bool there = stat(areas, &st) == 0;
    free(areas);
    if (there && !force)
        return lct_fail(err, LCT_E_OUTPUT,
            "%s: holds results already; --force overwrites them, --resume goes on with an interrupted run", dir);
    return LCT_OK;
}

static enum lct_status open_pictures(struct outputs *o, const struct movie *movie, const struct plan *plan,
    const struct lct_overlay_layout *layout, struct lct_err *err)
{
    char *labels = lct_file_join(o->dir, "labels.tif"), *overlay = lct_file_join(o->dir, "overlay.mp4");
    enum lct_status status = LCT_OK;
    if (!labels || !overlay)
        status = lct_fail(err, LCT_E_LIMIT, "%s: no memory", o->dir);
    if (status == LCT_OK) {
        const struct lct_labels_params params = { .width = plan->grid.width, .height = plan->grid.height,
            .scale = movie->scale, .expected_pages = plan->n };
        status = lct_labels_create(&o->labels, labels, &params, err);
    }
    if (status == LCT_OK && layout) {
        struct lct_overlay_params params = lct_overlay_defaults();
        params.pixel_size_nm = movie->scale.nm_per_px;
        if (!isfinite(plan->frames[0].time_s))
            params.fps = 10.0;
        status = lct_overlay_create(&o->overlay, overlay, layout, &params, err);
    }
    free(labels);
    free(overlay);
    return status;
}

enum lct_status outputs_open(struct outputs *out, const char *dir, const struct movie *movie, const struct plan *plan,
    const struct lct_overlay_layout *layout, bool force, struct lct_err *err)
{
    struct outputs o = { .dir = dir };
    enum lct_status status = make_folder(dir, force, err);
    if (status == LCT_OK)
        status = lct_table_create(&o.areas, dir, &tables_areas, err);
    if (status == LCT_OK)
        status = lct_table_create(&o.drift, dir, &tables_drift, err);
    if (status == LCT_OK)
        status = lct_table_create(&o.frames, dir, &tables_frames, err);
    if (status == LCT_OK)
        status = lct_table_create(&o.events, dir, &tables_events, err);
    if (status == LCT_OK)
        status = lct_table_create(&o.lattice, dir, &moire_tables_lattice, err);
    if (status == LCT_OK)
        status = lct_table_create(&o.moire, dir, &moire_tables_moire, err);
    if (status == LCT_OK)
        status = open_pictures(&o, movie, plan, layout, err);
    if (status != LCT_OK) {
        outputs_abandon(&o);
        return status;
    }
    *out = o;
    return LCT_OK;
}

enum lct_status outputs_add(struct outputs *outputs, const struct movie *movie, const struct plan *plan,
    const struct result *result, struct lct_err *err)
{
    const struct plan_frame *f = &plan->frames[result->k];
    const long number = movie_frame(movie, result->k);
    enum lct_status status = LCT_OK;
    bool flagged = f->ambiguous || f->no_drift || f->duplicate || f->no_liquid;
    for (size_t i = 0; status == LCT_OK && i < result->n_particles; i++) {
        struct area_row row = result->rows[i];
        row.cx_px += movie->roi.x_px;
        row.cy_px += movie->roi.y_px;
        row.x_px += movie->roi.x_px;
        row.y_px += movie->roi.y_px;
        flagged |= row.low_contrast;
        status = tables_write_area(outputs->areas, number, f->time_s, &row, movie->scale, err);
        const struct moire_place place = { number, f->time_s, row.particle, "core" };
        if (status == LCT_OK && result->moire)
            status = moire_tables_write_lattice(outputs->lattice, &place, &result->moire[i], err);
        if (status == LCT_OK && result->moire)
            status = moire_tables_write_moire(outputs->moire, &place, &result->moire[i], err);
    }
    if (status == LCT_OK)
        status = tables_write_drift(outputs->drift, number, f, plan->drift_given, movie->scale, err);
    const double dose = movie->info->dose_e_per_nm2_s * f->time_s;
    if (status == LCT_OK)
        status = tables_write_frame(outputs->frames, number, f, plan->no_particle ? (double)NAN : 1.0 - plan->levels.core, dose, err);
    if (status == LCT_OK)
        status = lct_labels_append(outputs->labels, result->page, err);
    if (status == LCT_OK && outputs->overlay)
        status = lct_overlay_encode(outputs->overlay, result->picture, f->time_s, err);
    outputs->n_flagged += flagged;
    return status;
}

enum lct_status outputs_add_events(struct outputs *outputs, const struct movie *movie, const struct plan *plan, long k,
    const struct lct_event *events, size_t n, struct lct_err *err)
{
    const struct plane_shift s = plan_shift(plan, k);
    for (size_t i = 0; i < n; i++) {
        const struct lct_event *e = &events[i];
        /* tracker's place -> sample: the whole pixels of the drift are in it already */
        const double x = (e->x_px - s.x) * plan->bin + 0.5 * (plan->bin - 1) + movie->roi.x_px;
        const double y = (e->y_px - s.y) * plan->bin + 0.5 * (plan->bin - 1) + movie->roi.y_px;
        const enum lct_status status = tables_write_event(outputs->events, e, movie_frame(movie, e->frame),
            plan->frames[e->frame].time_s, x, y, e->size_px2 * plan->bin * plan->bin, movie->scale, err);
        if (status != LCT_OK)
            return status;
        outputs->n_events++;
    }
    return LCT_OK;
}

enum lct_status outputs_flush(struct outputs *outputs, struct lct_err *err)
{
    struct lct_table *tables[] = { outputs->areas, outputs->drift, outputs->frames, outputs->events, outputs->lattice,
        outputs->moire };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const enum lct_status status = lct_table_flush(tables[i], NULL, err);
        if (status != LCT_OK)
            return status;
    }
    return LCT_OK;
}

enum lct_status outputs_close(struct outputs *outputs, struct lct_err *err)
{
    struct lct_table **tables[] = { &outputs->areas, &outputs->drift, &outputs->frames, &outputs->events,
        &outputs->lattice, &outputs->moire };
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < sizeof tables / sizeof *tables; i++)
        status = lct_table_close(tables[i], err);
    if (status == LCT_OK)
        status = lct_labels_finish(&outputs->labels, err);
    if (status == LCT_OK && outputs->overlay)
        status = lct_overlay_finish(&outputs->overlay, err);
    return status;
}

void outputs_abandon(struct outputs *outputs)
{
    struct lct_table **tables[] = { &outputs->areas, &outputs->drift, &outputs->frames, &outputs->events,
        &outputs->lattice, &outputs->moire };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (lct_table_close(tables[i], NULL) != LCT_OK)
            *tables[i] = NULL;
    lct_labels_destroy(&outputs->labels);
    lct_overlay_destroy(&outputs->overlay);
}
