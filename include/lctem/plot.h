/* plot.h -- plots of the tables, as gnuplot scripts that anybody can change, and as pictures */
#ifndef LCTEM_PLOT_H
#define LCTEM_PLOT_H

#include <lctem/err.h>
#include <stdbool.h>

struct lct_plot_params {
    const char *title;   /**< above the plot; NULL: none */
    bool has_pixel_size; /**< areas in nm2 with error bands; false: areas in px */
};

/** Core and shell area of every particle of `<dir>/areas.csv` against time (of about 2000 frames of a longer movie): writes `<dir>/plots/areas.gp`, as the other lct_plot_*
 *  write scripts of theirs there. LCT_E_INPUT: no areas.csv. LCT_E_NODATA: the table has no rows. LCT_E_OUTPUT: cannot be written. */
LCT_MUST_CHECK enum lct_status lct_plot_areas(
    const char *dir, const struct lct_plot_params *params, struct lct_err *err);

/** Let gnuplot (NULL: that on the PATH) make `<name>.svg` and `<name>.png` of every script in `<dir>/plots` that lctem wrote, `threads`
 *  at a time. Nothing is printed anywhere; a picture gets its name when it is whole. Without scripts there is nothing to do.
 *  LCT_E_NODATA: there is no gnuplot. LCT_E_OUTPUT: it failed, or a picture cannot be written. */
LCT_MUST_CHECK enum lct_status lct_plot_draw(const char *dir, const char *gnuplot, int threads, struct lct_err *err);

#endif
