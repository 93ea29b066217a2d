/* plot_script.h -- a gnuplot script with the head that all share */
#ifndef LCTEM_REPORT_PLOT_SCRIPT_H
#define LCTEM_REPORT_PLOT_SCRIPT_H

#include <lctem/err.h>

struct plot_script {
    const char *name; /* plots/<name>.gp, .svg, .png */
    const char *head; /* lines before the loop over the two kinds of pictures; "": none */
    const char *body; /* what is done in the loop; ends it */
};

/* The line by which lct_plot_draw knows its own scripts. */
#define PLOT_SCRIPT_MARK "# Make the pictures again, in this folder, with: gnuplot "

/* Write `<dir>/plots/<name>.gp`. LCT_E_OUTPUT: cannot be written. */
LCT_MUST_CHECK enum lct_status plot_script_write(
    const char *dir, const struct plot_script *script, struct lct_err *err);

#endif
