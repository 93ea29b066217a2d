/* plot_cracks.h -- when and where shells cracked, as a gnuplot script */
#ifndef LCTEM_PLOT_CRACKS_H
#define LCTEM_PLOT_CRACKS_H

#include <lctem/err.h>

/** A bar for each crack against time, one lane for each facet, with the onsets of growth, and the histogram of places
 * along the facet, from
 *  `<dir>/crack_lives.csv` and `<dir>/onsets.csv`: `<dir>/plots/crack_lives.gp`, which lct_plot_draw makes pictures of.
 * LCT_E_OUTPUT: cannot be written. */
LCT_MUST_CHECK enum lct_status lct_plot_cracks(const char *dir, struct lct_err *err);

#endif
