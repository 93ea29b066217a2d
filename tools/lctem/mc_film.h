/* mc_film.h -- a trajectory of the lattice model as a movie, with its exact truth */
#ifndef LCTEM_TOOLS_MC_FILM_H
#define LCTEM_TOOLS_MC_FILM_H

#include <lctem/err.h>
#include <lctem/progress.h>
#include <stdbool.h>
#include <stdint.h>

struct mc_film {
    const char *dir;   /**< of a `mc grow`: its snapshots and growth.csv */
    const char *scene; /**< camera, light and film; NULL: plain liquid */
    const char *movie; /**< .mp4, .tif or a pattern ending in .png; the truth goes into its folder */
    long replica;
    double nm_per_site;
    double step_s; /**< seconds per step; NaN: one frame for the shortest time between two snapshots */
    double fps;
    double nm_per_px, dose_e_per_nm2_s; /**< 0: the scene's */
    int size_px;                        /**< likewise */
    uint64_t seed;
    int threads;
    bool force;
};

/** A frame shows the last snapshot before it. Beside the movie: truth_particles.csv and its like, and truth_lattice.csv with the rows of
 *  growth.csv that the frames show. LCT_E_INPUT: no snapshots. LCT_E_OUTPUT: exists, and no force. */
LCT_MUST_CHECK enum lct_status mc_film_make(
    const struct mc_film *film, const struct lct_progress *progress, struct lct_err *err);

#endif
