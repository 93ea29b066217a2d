/* facet_life.h -- is an edge that is seen where a facet was that facet? */
#ifndef LCTEM_FACET_LIFE_H
#define LCTEM_FACET_LIFE_H

#include <stdbool.h>

/** An edge along a facet in one frame; lengths and times in any units, those of the parameters. */
struct lct_facet_sighting {
    double time;
    double height, height_sd; /**< its sd from frame to frame */
    double length;            /**< from corner to corner */
};

struct lct_facet_life_params {
    double least_length; /**< a shorter edge is a rounded corner; > 0 */
    double tired_length; /**< a facet that was shorter than this when it was lost has shrunk to nothing; default 1.5
                            times least_length */
    double sure_length;  /**< an edge so long is a facet wherever it is; default twice least_length */
    double patience;     /**< how long a facet that has shrunk is waited for; > 0 */
    double speed_time;   /**< over which the speed is averaged; > 0 */
};
/** `smooth`: heights are smoothed over it to either side. */
struct lct_facet_life_params lct_facet_life_defaults(double least_length, double smooth);

/** What is remembered of a facet from frame to frame; zeroed to begin with. */
struct lct_facet_life {
    bool begun;
    struct lct_facet_sighting last;
    double speed; /**< of its height */
};

/** Whether the edge of the next frame is the facet. An edge that is shorter than least_length never is. A facet shrinks
 * to nothing when its plane moves beyond the corner of its neighbours; there it stays, out of sight, on the line it was
 * on. What is seen below that line is the corner, rounded off: so one that was short when it was lost is back only
 * within `patience` and on its line, or with an edge that no corner has. One that was lost with a long edge (under a
 * neighbour, beyond the image's border) is back wherever it is. Times rise. [equations FA6] */
bool lct_facet_life_follow(
    struct lct_facet_life *life, const struct lct_facet_life_params *params, const struct lct_facet_sighting *sighting);

#endif
