/* shapes_plot.h -- what the pictures of the shapes are made of, gathered while the outlines are walked through */
#ifndef LCTEM_PIPELINE_SHAPES_PLOT_H
#define LCTEM_PIPELINE_SHAPES_PLOT_H

#include "shapes.h"

#include <lctem/log.h>

struct shapes_plots; /* of the first few particles; opaque */

/* For the particles of `shapes`, which must have their facets. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status shapes_plots_create(
    struct shapes_plots **out, const struct shapes *shapes, struct lct_err *err);
void shapes_plots_destroy(struct shapes_plots **plots);

/* Keep the outlines of a view if this is one of the instants that are shown. */
LCT_MUST_CHECK enum lct_status shapes_plots_view(
    struct shapes_plots *plots, const struct shapes_view *view, struct lct_err *err);

/* A point of a profile: square px. */
void shapes_plots_profile(
    struct shapes_plots *plots, const struct shapes_view *view, int facet, double x_px, double height_px);

/* Write their scripts and data. */
LCT_MUST_CHECK enum lct_status shapes_plots_write(struct shapes_plots *plots, struct lct_err *err);

#endif
