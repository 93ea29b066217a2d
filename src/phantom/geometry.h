/* geometry.h -- where core and shell are at one instant: convex polygons and their exact differences */
#ifndef PHANTOM_GEOMETRY_H
#define PHANTOM_GEOMETRY_H

#include "polygon.h"
#include "scene.h"
#include <lctem/err.h>
#include <stddef.h>

/** One particle at one instant; nm from the centre of the top-left pixel, right and down, without drift. */
struct body {
    bool present;
    struct polygon core, whole; /**< whole: core and shell, gaps filled; clipped to nothing when absent */
    double x_nm, y_nm;
    struct polygon *gaps;      /**< n_gaps, owned: convex holes in the rim */
    const struct crack **open; /**< the crack of each gap */
    size_t n_gaps;
};

/** All particles of a scene at one instant. An earlier particle owns what two cover; cores go before shells. */
struct layout {
    struct body *bodies; /**< n, owned */
    size_t n;
    struct polygon *holes;     /**< scratch for the holes of one region, owned */
    const struct cells *cells; /**< the scene's; NULL: facets */
    long state;                /**< of the cells */
};

LCT_MUST_CHECK enum lct_status layout_init(struct layout *out, const struct scene *scene, struct lct_err *err);
void layout_finish(struct layout *layout);

/** Put every particle where it is at `time_s`. */
void layout_set(struct layout *layout, const struct scene *scene, double time_s);

/** Visit the signed convex pieces of the core, or of the shell, of particle i. */
void layout_visit_core(struct layout *layout, size_t i, polygon_visit_fn *visit, void *context);
void layout_visit_shell(struct layout *layout, size_t i, polygon_visit_fn *visit, void *context);

/** Area and centroid of a region; cx, cy NaN where the area is 0. */
struct region {
    double area_nm2, x_nm, y_nm;
};
struct region layout_core(struct layout *layout, size_t i);
struct region layout_shell(struct layout *layout, size_t i);

/** Height of a facet above the particle's own centre and thickness of its shell at an instant. */
double facet_height(const struct particle *p, size_t facet, double time_s);
double facet_shell(const struct particle *p, size_t facet, double time_s);

/** The straight edge of the core on a facet. */
struct edge {
    double length_nm;  /**< 0: the facet is not on the outline */
    double x_nm, y_nm; /**< its middle */
    double nx, ny;     /**< outward normal, y down */
    double tx, ty;     /**< along the facet, clockwise as seen on the screen */
};
struct edge body_edge(const struct body *body, const struct particle *p, size_t facet, double time_s);

#endif
