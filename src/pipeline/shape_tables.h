/* shape_tables.h -- tables of the shapes: contours, facets, profiles */
#ifndef LCTEM_PIPELINE_SHAPE_TABLES_H
#define LCTEM_PIPELINE_SHAPE_TABLES_H

#include <lctem/contour.h>
#include <lctem/image.h>
#include <lctem/rim_order.h>
#include <lctem/table.h>

extern const struct lct_table_spec shape_tables_contours, shape_tables_facets, shape_tables_profiles;

/* When and whose; what brings places of the frame to the sample. */
struct shape_place {
    long frame;
    double time_s;
    int particle;
    double dx_px, dy_px;
};

/* An outline in px of the frame as recorded. Points that lie within 0.05 px of the line through their neighbours are
 * left out. */
LCT_MUST_CHECK enum lct_status shape_tables_write_contour(struct lct_table *table, const struct shape_place *place,
    const struct lct_outline *outline, struct lct_scale scale, struct lct_err *err);

/* A row of facets.csv; lengths in square px, NaN: not measured. */
struct facet_row {
    int facet;
    double angle_deg;
    double height_px, height_sd_px, change_px;
    double layers;
    double start_px, end_px; /* of the edge, positions along the facet */
    double shell_thickness_px, shell_thickness_sd_px, exposed_frac;
    double shell_layers, fringe_snr;
    struct lct_rim_order order;
    const char *hkil; /* NULL: not known */
    bool border, contact;
};
LCT_MUST_CHECK enum lct_status shape_tables_write_facet(struct lct_table *table, const struct shape_place *place,
    const struct facet_row *row, double nm_per_px, struct lct_err *err);

LCT_MUST_CHECK enum lct_status shape_tables_write_profile(struct lct_table *table, const struct shape_place *place,
    int facet, double x_px, double height_px, double nm_per_px, struct lct_err *err);

#endif
