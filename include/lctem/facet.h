/* facet.h -- straight sides of a particle: their directions over a movie, and how far out each stands in a frame */
#ifndef LCTEM_FACET_H
#define LCTEM_FACET_H

#include <lctem/area.h>
#include <lctem/contour.h>
#include <lctem/err.h>
#include <stdbool.h>
#include <stddef.h>

/* All coordinates here are square px of the sample: drift-corrected, x right, y down (the caller stretches y where
 * pixels are not square). Positions along a facet are counted from the foot of the perpendicular that is dropped on it
 * from the particle's origin, along (-ny, nx): clockwise round the particle as seen on the screen. */

enum { LCT_FACET_MAX = 12, LCT_FACET_BINS = 360 };

/** A direction that a particle has a facet in. */
struct lct_facet {
    double angle_deg; /**< of the outward normal, counter-clockwise from +x as seen on the screen (y up), [0, 360) */
    double angle_sd_deg;
    double nx, ny; /**< the same as a unit vector in the image (y down) */
    double weight; /**< share of the outline that ran along it, over the movie */
};

/** The facets of one particle, by rising angle; number i is facet i of the tables. */
struct lct_facet_set {
    int particle;
    double x_px, y_px;   /**< origin of the heights: centroid of the core in its first frame */
    double origin_sd_px; /**< its standard deviation along any direction */
    int n;               /**< 0: no straight sides */
    struct lct_facet facet[LCT_FACET_MAX];
};

/** Directions of an outline, added up over the frames of a particle. Zeroed to begin with. */
struct lct_facet_census {
    double length_px[LCT_FACET_BINS]; /**< length of outline with its normal in each degree */
    double frames;
};

struct lct_facet_params {
    double blur_px;     /**< sd of the edge spread; corners are round over about this length; > 0 */
    double min_edge_px; /**< a shorter edge is none; NaN: 4.5 blurs */
    double min_share;   /**< of the outline, over the movie, that a direction needs to be a facet; 0 to 1, default 0.02;
                           more is asked for where there are few frames */
};
struct lct_facet_params lct_facet_defaults(double blur_px);

/** Where the edge along a facet is in one frame. */
struct lct_facet_edge {
    bool present;        /**< false: the edge has shrunk to nothing; the rest is NaN, but for height_px of its corner */
    double height_px;    /**< from the origin along the normal, mean over the middle half of the edge */
    double height_sd_px; /**< one standard deviation of it */
    double noise_sd_px;  /**< the part of it that is new in every frame */
    double start_px, end_px; /**< its corners: positions along the facet, start < end */
    double tilt_rad;         /**< the edge's own direction against the facet's, positive: higher towards its end */
    double roughness_px;     /**< rms of the middle half about its straight line */
};

/** Add a core's outline (its outer rings) to the census. */
void lct_facet_census_add(
    struct lct_facet_census *census, const struct lct_outline *outline, const struct lct_facet_params *params);

/** Directions that stand out of the census: peaks of its density narrower and higher than those of a round outline.
 * Fills n and facet; the rest of `out` is the caller's. n = 0: no straight sides. Pure. [equations FA1] */
void lct_facet_find(
    struct lct_facet_set *out, const struct lct_facet_census *census, const struct lct_facet_params *params);

/** Measure all facets of a set on the outline of a core: the polygon of straight lines whose distances are the means
 * over the middle halves of its own edges. `edges` has room for set->n. Pure; deterministic. [equations FA2, FA3] */
void lct_facet_measure(const struct lct_facet_set *set, const struct lct_outline *outline,
    const struct lct_facet_params *params, const struct lct_edge_error *error, struct lct_facet_edge *edges);

/** Length below which an edge is a rounded corner. */
double lct_facet_least_edge_px(const struct lct_facet_params *params);

/** An edge that is not there; its corner is at `height_px`. */
struct lct_facet_edge lct_facet_absent_edge(double height_px);

/** Corners of the polygon that the present edges make with their heights: sets start_px and end_px. */
void lct_facet_corners(const struct lct_facet_set *set, struct lct_facet_edge *edges);

/** Centroid of that polygon. False: fewer than three edges, or it is open; x_px and y_px are untouched. */
bool lct_facet_centroid(
    const struct lct_facet_set *set, const struct lct_facet_edge *edges, double *x_px, double *y_px);

/** Columns of a profile: n of them, column k from from_px + k step_px on; parts of the outline below floor_px are
 * another side. */
struct lct_facet_columns {
    double from_px, step_px, floor_px;
    size_t n;
};

/** Height of an outline (of a core, or of a whole particle) over a facet, mean of each column, into `height_px` (n
 * values); NaN where the outline covers less than three quarters of the column. Overhangs are taken off. `width_px` (n
 * values) gets what is covered. Pure. [equations FA2] */
void lct_facet_profile(const struct lct_facet_set *set, int facet, const struct lct_outline *outline,
    const struct lct_facet_columns *columns, double *width_px, double *height_px);

/** Height over a facet of the centroid of an outline's largest ring: what lies below is another side of the particle.
 * NaN: no ring. */
double lct_facet_floor(const struct lct_facet_set *set, int facet, const struct lct_outline *outline);

/** Normal from its angle: sets angle_deg (into [0, 360)), nx and ny. */
void lct_facet_turn_to(struct lct_facet *facet, double angle_deg);

#endif
