/* polygon.h -- convex polygons: half planes, area, differences of unions, exact pixel coverage */
#ifndef PHANTOM_POLYGON_H
#define PHANTOM_POLYGON_H

#include <stdbool.h>
#include <stddef.h>

enum { POLYGON_MAX = 256 };

/** A convex polygon, vertices in ring order, either sense; n < 3: empty. Units are the caller's. */
struct polygon {
    int n;
    double x[POLYGON_MAX], y[POLYGON_MAX];
};

/** nx x + ny y <= d, (nx, ny) of length 1. */
struct half_plane {
    double nx, ny, d;
};

/** The square |x|, |y| <= half around (cx, cy). */
void polygon_square(struct polygon *out, double cx, double cy, double half);

/** Keep the part inside the half plane. */
void polygon_clip(struct polygon *p, struct half_plane keep);

/** p becomes p intersected with q; false: nothing is left. */
bool polygon_intersect(struct polygon *p, const struct polygon *q);

/** Area (>= 0) and, where it is not zero, the first moments divided by it. cx, cy may be NULL. */
double polygon_area(const struct polygon *p, double *cx, double *cy);

/** Whether the point lies in p (edges included). */
bool polygon_contains(const struct polygon *p, double x, double y);

/** Called with convex pieces whose signed sum is the region; sign is +1 or -1. */
typedef void polygon_visit_fn(void *context, const struct polygon *piece, int sign);

/** Visit base minus the union of holes[0..n), by inclusion and exclusion: exact for any overlap of the holes. */
void polygon_visit_difference(
    const struct polygon *base, const struct polygon *holes, size_t n, polygon_visit_fn *visit, void *context);

/** Differences of coverage along each row: after polygon_coverage_sum a pixel holds the part of its area that is covered.
 *  `rows` holds height rows of width + 2 floats. Coordinates in px, pixel centres at integers. */
void polygon_coverage_add(const struct polygon *p, float weight, int width, int height, float *rows);

/** Prefix sums of `rows` into `out` (width * height). */
void polygon_coverage_sum(const float *rows, int width, int height, float *out);

#endif
