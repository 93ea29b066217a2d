/* plot.h -- plots of the tables, as gnuplot scripts that anybody can change, and as pictures */
#ifndef LCTEM_PLOT_H
#define LCTEM_PLOT_H

#include <lctem/err.h>
#include <stdbool.h>

struct lct_plot_params {
    const char *title;    /**< above the plot; NULL: none */
    bool has_pixel_size;  /**< areas in nm2 with error bands; false: areas in px */
    bool no_time;         /**< the frames' times are not known: the axis counts frames */
    const char *gnuplot;  /**< program to run; NULL: "gnuplot" on the PATH */
};

/** Core and shell area of every particle of `<dir>/areas.csv` against time: writes `<dir>/plots/areas.gp` and lets gnuplot
 *  make `areas.svg` and `areas.png` beside it. Nothing else is printed anywhere.
 *  LCT_E_INPUT: no areas.csv. LCT_E_NODATA: the table has no rows, or there is no gnuplot (the script is written all the
 *  same). LCT_E_OUTPUT: cannot be written, or gnuplot failed. */
LCT_MUST_CHECK enum lct_status lct_plot_areas(
    const char *dir, const struct lct_plot_params *params, struct lct_err *err);

#endif
