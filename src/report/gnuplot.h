/* gnuplot.h -- the one way to run gnuplot */
#ifndef LCTEM_REPORT_GNUPLOT_H
#define LCTEM_REPORT_GNUPLOT_H

#include <lctem/err.h>

/* Let `program` (NULL: "gnuplot" on the PATH) run `<plots>/<name>.gp`, and give `<name>.svg` and `<name>.png` their names when they are
 * whole. LCT_E_NODATA: there is no gnuplot. LCT_E_OUTPUT: it failed, or a picture cannot be written. */
LCT_MUST_CHECK enum lct_status gnuplot_make_pictures(
    const char *plots, const char *name, const char *program, struct lct_err *err);

#endif
