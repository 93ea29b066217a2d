/* plot_shapes.h -- how a particle's shape changes: contour map and kymographs, as gnuplot scripts and their data */
#ifndef LCTEM_PLOT_SHAPES_H
#define LCTEM_PLOT_SHAPES_H

#include <lctem/contour.h>
#include <lctem/err.h>
#include <lctem/facet.h>
#include <stdbool.h>
#include <stddef.h>

/** What the axes of both pictures say. */
struct lct_plot_axes {
    const char *length_unit; /**< "nm" or "px" */
    bool timed;              /**< times in s; false: frames are counted */
};

/** Outlines of one particle at n instants, rising. Borrowed. */
struct lct_contour_map {
    int particle;
    size_t n;
    const struct lct_outline *cores; /**< n; coordinates in px, times `scale` and `scale_y` they are in length_unit */
    const double *times;             /**< n: s, or frames */
    const struct lct_outline *first, *last; /**< the whole particle then; NULL: none */
    double scale, scale_y;
};

/** Core outlines coloured by time: `<dir>/plots/contours_<particle>.dat` and `.gp`, which lct_plot_draw makes
 * pictures of. LCT_E_ARG: no outlines. LCT_E_OUTPUT: cannot be written. */
LCT_MUST_CHECK enum lct_status lct_plot_contours(
    const char *dir, const struct lct_contour_map *map, const struct lct_plot_axes *axes, struct lct_err *err);

/** Change of height along one facet; value of position p at time t is change[p * n_times + t], NaN: nothing there.
 * Borrowed. */
struct lct_kymograph_facet {
    int facet;
    double angle_deg;
    const char *hkil;   /**< NULL: not known */
    double first, step; /**< position of the first row, and from row to row, length_unit */
    size_t n_positions;
    const float *change;
};

/** All facets of one particle. */
struct lct_kymograph {
    int particle;
    size_t n_times, n_facets; /**< n_facets at most LCT_FACET_MAX */
    double first_time, time_step;
    double layer; /**< thickness of a layer, length_unit: colours then go in steps of layers; NaN: not known */
    const struct lct_kymograph_facet *facets;
};

/** A panel for each facet, time against position, colour for the change of height:
 * `<dir>/plots/kymograph_<particle>.*`. Statuses as above. */
LCT_MUST_CHECK enum lct_status lct_plot_kymograph(
    const char *dir, const struct lct_kymograph *kymograph, const struct lct_plot_axes *axes, struct lct_err *err);

#endif
