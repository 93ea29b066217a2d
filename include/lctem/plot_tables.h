/* plot_tables.h -- plots of every table of a folder that is there, as gnuplot scripts */
#ifndef LCTEM_PLOT_TABLES_H
#define LCTEM_PLOT_TABLES_H

#include <lctem/err.h>

/** Facet heights, shell thickness, Moire period, drift, gaps in the shell, outlines through time, a kymograph: each where its table
 *  in `dir` has numbers, as `<dir>/plots/<name>.gp`, which lct_plot_draw makes pictures of. Of long movies about a thousand frames are
 *  drawn; the script says how. What an earlier run drew of a table that is empty now is removed. LCT_E_OUTPUT: cannot be written. */
LCT_MUST_CHECK enum lct_status lct_plot_tables(const char *dir, struct lct_err *err);

#endif
