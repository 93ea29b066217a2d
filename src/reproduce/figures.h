/* figures.h -- the paper's figures from what the stations hold: gnuplot scripts, and the trajectories of figure 5 */
#ifndef LCTEM_REPRODUCE_FIGURES_H
#define LCTEM_REPRODUCE_FIGURES_H

#include "station.h"

/* The reading that is shown: all four of the paper's results hold in it. */
#define FIGURE_READING "one-layer-300"

/* Write <output>/figures/NAME.gp, run the trajectories that they show, and let the caller draw. */
enum lct_status figures_make(struct stations *s, struct lct_err *err);

#endif
