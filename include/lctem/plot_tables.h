/* plot_tables.h -- plots of every table of a folder that is there, as gnuplot scripts and pictures */
#ifndef LCTEM_PLOT_TABLES_H
#define LCTEM_PLOT_TABLES_H

#include <lctem/err.h>

/** Facet heights, shell thickness, Moire period, drift, gaps in the shell, outlines through time, a kymograph: each where its table
 *  in `dir` has numbers, as `<dir>/plots/<name>.gp`, `.svg` and `.png`. Of long movies about a thousand frames are drawn; the
 *  script says how. `gnuplot`: program to run, NULL: "gnuplot" on the PATH.
 *  LCT_E_NODATA: there is no gnuplot (the scripts are written all the same). LCT_E_OUTPUT: cannot be written, or gnuplot failed. */
LCT_MUST_CHECK enum lct_status lct_plot_tables(const char *dir, const char *gnuplot, struct lct_err *err);

#endif
