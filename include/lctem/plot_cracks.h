/* plot_cracks.h -- when and where shells cracked, as a gnuplot script and pictures */
#ifndef LCTEM_PLOT_CRACKS_H
#define LCTEM_PLOT_CRACKS_H

#include <lctem/err.h>

/** A bar for each crack against time, one lane for each facet, with the onsets of growth, and the histogram of places
 * along the facet, from
 *  `<dir>/crack_lives.csv` and `<dir>/onsets.csv`: `<dir>/plots/crack_lives.gp`, `.svg` and `.png`. `gnuplot`: program
 * to run, NULL: "gnuplot" on the PATH. LCT_E_NODATA: there is no gnuplot (the script is written all the same).
 * LCT_E_OUTPUT: cannot be written, or gnuplot failed. */
LCT_MUST_CHECK enum lct_status lct_plot_cracks(const char *dir, const char *gnuplot, struct lct_err *err);

#endif
