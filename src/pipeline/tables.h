/* tables.h -- the tables of a run, with their columns */
#ifndef LCTEM_PIPELINE_TABLES_H
#define LCTEM_PIPELINE_TABLES_H

#include <lctem/area.h>
#include <lctem/table.h>
#include <lctem/track.h>

#include "plan.h"

extern const struct lct_table_spec tables_areas, tables_drift, tables_frames, tables_events;

/* What a row of areas.csv says of one particle; lengths in px of the frame, areas in px^2. */
struct area_row {
    int particle;
    int parents[LCT_TRACK_MAX_PARENTS];
    double core_px2, core_sd_px2, shell_px2, shell_sd_px2, total_px2, total_sd_px2;
    double core_common_sd_px2, total_common_sd_px2, core_shared_sd_px2, total_shared_sd_px2;
    double core_light_sd_px2, total_light_sd_px2;
    double cx_px, cy_px; /* in the frame as recorded */
    double x_px, y_px;   /* drift-corrected */
    bool border, contact, low_contrast;
};

LCT_MUST_CHECK enum lct_status tables_write_area(struct lct_table *table, long frame, double time_s,
    const struct area_row *row, struct lct_scale scale, struct lct_err *err);
LCT_MUST_CHECK enum lct_status tables_write_drift(struct lct_table *table, long frame, const struct plan_frame *f,
    bool given, struct lct_scale scale, struct lct_err *err);
LCT_MUST_CHECK enum lct_status tables_write_frame(struct lct_table *table, long frame, const struct plan_frame *f,
    double contrast, double dose_e_per_nm2, struct lct_err *err);
LCT_MUST_CHECK enum lct_status tables_write_event(struct lct_table *table, const struct lct_event *event, long frame,
    double time_s, double x_px, double y_px, double size_px2, struct lct_scale scale, struct lct_err *err);

/* A row of events.csv; "other" and facets: below 1 and below 0, none. */
struct event_row {
    const char *name;
    long frame;
    double time_s;
    int particle, other, facet;
    double x_nm, y_nm, size_nm, duration_s, score;
};
LCT_MUST_CHECK enum lct_status tables_write_event_row(
    struct lct_table *table, const struct event_row *row, struct lct_err *err);

#endif
