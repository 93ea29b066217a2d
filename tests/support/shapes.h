/* shapes.h -- discs and polygons known in closed form, drawn into planes with an edge of known blur */
#ifndef SUPPORT_SHAPES_H
#define SUPPORT_SHAPES_H

#include <lctem/image.h>
#include <lctem/segment.h>
#include <stdint.h>

/** A disc (sides 0) or a regular polygon. `radius_px`: of the disc, or from the middle to the sides. */
struct shape {
    double x_px, y_px, radius_px;
    int sides;
    double turn_deg;
};
double shape_area(const struct shape *shape);
/** Distance from the outline, negative inside (beyond the corners of a polygon: to the extended sides). */
double shape_distance(const struct shape *shape, double x, double y);

/** A grey step across an outline: the normal distribution function, so that the middle lies exactly on the outline. */
double shape_edge(double distance_px, double blur_px);

/** Add `depth` (below 0: darker) inside the shape. */
void shape_add(struct lct_image *plane, const struct shape *shape, double depth, double blur_px);

/** A plane with the value 1 everywhere; aborts without memory. */
struct lct_image shape_plane(int width, int height);

/** Core of radius `core_px` in a particle of radius `total_px`, drawn with the levels of `levels`. */
void shape_add_particle(
    struct lct_image *plane, double x, double y, double core_px, double total_px, const struct lct_levels *levels);

/** White normal noise of the given sd, always the same. */
void shape_add_noise(struct lct_image *plane, double sd, uint64_t seed);

/** As the truth has it: phases of such a particle, without blur. */
void shape_phase(uint8_t *phase, int width, int height, double x, double y, double core_px, double total_px);

#endif
