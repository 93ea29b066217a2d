#include "tables.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct lct_column area_columns[] = {
    { "frame", "", "frame in the movie, from 0" },
    { "time_s", "s", "time of the frame from the movie's first frame" },
    { "particle", "", "identity, 1, 2, ... in the order of appearance, then from left to right" },
    { "core_area_nm2", "nm2", "projected area where core is" },
    { "core_area_sd_nm2", "nm2", "its standard deviation" },
    { "shell_area_nm2", "nm2", "projected area of the particle outside its core (the rim)" },
    { "shell_area_sd_nm2", "nm2", "its standard deviation" },
    { "total_area_nm2", "nm2", "core + shell" },
    { "total_area_sd_nm2", "nm2", "its standard deviation" },
    { "x_nm", "nm", "centroid of the particle, drift-corrected to the first frame, to the right" },
    { "y_nm", "nm", "centroid of the particle, drift-corrected to the first frame, down" },
    { "core_area_px", "px2", "core area in pixels" },
    { "shell_area_px", "px2", "shell area in pixels" },
    { "cx_px", "px", "centroid in the frame as it was recorded" },
    { "cy_px", "px", "centroid in the frame as it was recorded" },
    { "parent", "", "identity that it came from by a split or a merge; several are separated by ;" },
    { "flags", "",
        "border: cut by the image's edge; contact: touches another particle; low_contrast: edges are guesses" },
    { "core_area_sd_px", "px2", "standard deviation of core_area_px" },
    { "shell_area_sd_px", "px2", "standard deviation of shell_area_px" },
    { "core_area_common_sd_nm2", "nm2",
        "the part of core_area_sd_nm2 that is alike in all frames: edges that all lie a little off" },
    { "total_area_common_sd_nm2", "nm2", "the same part of total_area_sd_nm2" },
    { "core_area_shared_sd_nm2", "nm2",
        "the part of core_area_sd_nm2 that a touching particle has with the other sign: where one ends is not seen" },
    { "total_area_shared_sd_nm2", "nm2", "the same part of total_area_sd_nm2" },
    { "core_area_light_sd_nm2", "nm2", "the part of core_area_sd_nm2 that comes and goes with the light, in seconds" },
    { "total_area_light_sd_nm2", "nm2", "the same part of total_area_sd_nm2" },
};
const struct lct_table_spec tables_areas = { "areas", "core and shell area of each particle in each frame", 1,
    area_columns, COUNT(area_columns) };

static const struct lct_column drift_columns[] = {
    { "frame", "", "frame in the movie, from 0" },
    { "time_s", "s", "time of the frame" },
    { "dx_px", "px", "displacement of the scene from the first analysed frame, to the right" },
    { "dy_px", "px", "displacement of the scene from the first analysed frame, down" },
    { "dx_nm", "nm", "the same in nm" },
    { "dy_nm", "nm", "the same in nm" },
    { "sd_px", "px", "standard deviation of each component" },
    { "peak_ratio", "", "height of the correlation peak over that of its strongest rival" },
    { "flags", "",
        "ambiguous: a rival displacement is nearly as likely; no_signal: nothing to follow, the last one is repeated; "
        "given: read from a file" },
};
const struct lct_table_spec tables_drift = { "drift", "displacement of the scene in each frame", 1, drift_columns,
    COUNT(drift_columns) };

static const struct lct_column frame_columns[] = {
    { "frame", "", "frame in the movie, from 0" },
    { "time_s", "s", "time of the frame" },
    { "mean", "", "mean grey value of the frame as recorded" },
    { "noise", "", "sd of the noise of a pixel, grey values" },
    { "contrast", "", "depth of the core below the liquid over the liquid's level" },
    { "sharpness", "",
        "mean square difference of pixels 1 apart over that of pixels 2 apart: falls as the picture blurs" },
    { "dose_e_per_nm2", "1/nm2", "dose accumulated up to this frame, where the dose rate is known" },
    { "flags", "", "duplicate: same picture as the frame before; no_liquid: no background found" },
};
const struct lct_table_spec tables_frames = { "frames", "state of each frame", 1, frame_columns, COUNT(frame_columns) };

static const struct lct_column event_columns[] = {
    { "event", "", "what happened" },
    { "frame", "", "frame in the movie, from 0: the last one that is not later than time_s" },
    { "time_s", "s",
        "when; layers and onsets lie between frames (layer_added, layer_removed: half of the layer was there), all "
        "others at the time of the frame" },
    { "particle", "", "who it happened to" },
    { "other", "", "partner, where there is one" },
    { "facet", "", "facet, where it belongs to one" },
    { "x_nm", "nm", "place, drift-corrected" },
    { "y_nm", "nm", "place, drift-corrected" },
    { "size_nm", "nm",
        "diameter of a circle of the area concerned (a layer: of its area, not its height); cracks: median width; "
        "dislocations: length of the Burgers vector" },
    { "duration_s", "s", "how long it lasted" },
    { "score", "", "how sure it is, 0 to 1" },
};
const struct lct_table_spec tables_events = { "events", "what happened, and when", 1, event_columns,
    COUNT(event_columns) };

/* Words joined by ';'; NULL if there are none. */
struct words {
    char text[96];
};

static void add_word(struct words *w, bool present, const char *word)
{
    if (!present)
        return;
    const size_t used = strlen(w->text);
    snprintf(w->text + used, sizeof w->text - used, "%s%s", used ? ";" : "", word);
}

static struct words parents_of(const struct area_row *row)
{
    struct words w = { "" };
    for (int k = 0; k < LCT_TRACK_MAX_PARENTS; k++) {
        char id[16];
        snprintf(id, sizeof id, "%d", row->parents[k]);
        add_word(&w, row->parents[k] > 0, id);
    }
    return w;
}

enum lct_status tables_write_area(struct lct_table *table, long frame, double time_s, const struct area_row *row,
    struct lct_scale scale, struct lct_err *err)
{
    const double px2 = scale.nm_per_px * scale.nm_per_px_y; /* NaN without a scale: the cells stay empty */
    const struct words parents = parents_of(row);
    struct words flags = { "" };
    add_word(&flags, row->border, "border");
    add_word(&flags, row->contact, "contact");
    add_word(&flags, row->low_contrast, "low_contrast");
    const struct lct_cell cells[] = { lct_int(frame), lct_num(time_s), lct_int(row->particle),
        lct_num(row->core_px2 * px2), lct_num(row->core_sd_px2 * px2), lct_num(row->shell_px2 * px2),
        lct_num(row->shell_sd_px2 * px2), lct_num(row->total_px2 * px2), lct_num(row->total_sd_px2 * px2),
        lct_num(row->x_px * scale.nm_per_px), lct_num(row->y_px * scale.nm_per_px_y), lct_num(row->core_px2),
        lct_num(row->shell_px2), lct_num(row->cx_px), lct_num(row->cy_px), lct_text(parents.text), lct_text(flags.text),
        lct_num(row->core_sd_px2), lct_num(row->shell_sd_px2), lct_num(row->core_common_sd_px2 * px2),
        lct_num(row->total_common_sd_px2 * px2), lct_num(row->core_shared_sd_px2 * px2),
        lct_num(row->total_shared_sd_px2 * px2), lct_num(row->core_light_sd_px2 * px2),
        lct_num(row->total_light_sd_px2 * px2) };
    return lct_table_row(table, cells, err);
}

enum lct_status tables_write_drift(struct lct_table *table, long frame, const struct plan_frame *f, bool given,
    struct lct_scale scale, struct lct_err *err)
{
    struct words flags = { "" };
    add_word(&flags, f->ambiguous, "ambiguous");
    add_word(&flags, f->no_drift, "no_signal");
    add_word(&flags, given, "given");
    const struct lct_cell cells[] = { lct_int(frame), lct_num(f->time_s), lct_num(f->dx_px), lct_num(f->dy_px),
        lct_num(f->dx_px * scale.nm_per_px), lct_num(f->dy_px * scale.nm_per_px_y),
        lct_num(given ? (double)NAN : f->drift_sd_px), lct_num(given ? (double)NAN : f->peak_ratio),
        lct_text(flags.text) };
    return lct_table_row(table, cells, err);
}

enum lct_status tables_write_frame(struct lct_table *table, long frame, const struct plan_frame *f, double contrast,
    double dose_e_per_nm2, struct lct_err *err)
{
    struct words flags = { "" };
    add_word(&flags, f->duplicate, "duplicate");
    add_word(&flags, f->no_liquid, "no_liquid");
    const struct lct_cell cells[] = { lct_int(frame), lct_num(f->time_s), lct_num((double)f->mean),
        lct_num((double)f->noise), lct_num(contrast), lct_num((double)f->sharpness), lct_num(dose_e_per_nm2),
        lct_text(flags.text) };
    return lct_table_row(table, cells, err);
}

enum lct_status tables_write_event_row(struct lct_table *table, const struct event_row *row, struct lct_err *err)
{
    const struct lct_cell cells[] = { lct_text(row->name), lct_int(row->frame), lct_num(row->time_s),
        lct_int(row->particle), row->other > 0 ? lct_int(row->other) : lct_text(NULL),
        row->facet >= 0 ? lct_int(row->facet) : lct_text(NULL), lct_num(row->x_nm), lct_num(row->y_nm),
        lct_num(row->size_nm), lct_num(row->duration_s), lct_num(row->score) };
    return lct_table_row(table, cells, err);
}

enum lct_status tables_write_event(struct lct_table *table, const struct lct_event *event, long frame, double time_s,
    double x_px, double y_px, double size_px2, struct lct_scale scale, struct lct_err *err)
{
    const double diameter_nm = 2.0 * sqrt(size_px2 / M_PI) * sqrt(scale.nm_per_px * scale.nm_per_px_y);
    const struct event_row row = { .name = lct_event_name(event->kind),
        .frame = frame,
        .time_s = time_s,
        .particle = event->particle,
        .other = event->other,
        .facet = -1,
        .x_nm = x_px * scale.nm_per_px,
        .y_nm = y_px * scale.nm_per_px_y,
        .size_nm = diameter_nm,
        .duration_s = (double)NAN,
        .score = (double)NAN };
    return tables_write_event_row(table, &row, err);
}
