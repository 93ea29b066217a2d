/* area.h -- projected areas of core and shell with their sigma */
#ifndef LCTEM_AREA_H
#define LCTEM_AREA_H

#include <lctem/outline.h>
#include <lctem/segment.h>

/** Areas of one particle in one frame, px^2 of the plane; sd is one standard deviation. */
struct lct_area {
    double core_px2, core_sd_px2;
    double shell_px2, shell_sd_px2;
    double total_px2, total_sd_px2;
    double core_common_sd_px2,
        total_common_sd_px2; /**< the part of sd that one sign of the edge's error gives, through the movie */
    double core_shared_sd_px2, total_shared_sd_px2; /**< the part by which a neighbour's area is off the other way */
    double core_light_sd_px2, total_light_sd_px2;   /**< the part that comes and goes with the light, in seconds */
};

/** How uncertain the place of an edge is, px of the plane. */
struct lct_edge_error {
    double noise_px, noise_length_px; /**< scatter of one point, and the length over which points are alike */
    double film_px, film_length_px;   /**< the same for the film's grain, which stands still */
    double common_px;                 /**< error of all points together, through the movie */
    double light_px;                  /**< of all points of a particle together, as blotches of light come and go */
};

/** Of the core's edge (LCT_CORE), or of the particle's (LCT_SHELL); zero where there is no step. [equations A1] */
struct lct_edge_error lct_edge_error_of(const struct lct_levels *levels, enum lct_phase phase);

/** Areas from the outlines of the core and of the whole particle. Sigma [equations A1]: each stretch of outline as long as the noise is
 *  correlated moves by noise / slope of the edge, independently; an error of the levels moves the whole outline at once. */
struct lct_area lct_area_measure(
    const struct lct_enclosed *core, const struct lct_enclosed *total, const struct lct_levels *levels);

#endif
