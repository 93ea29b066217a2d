/* plot_script.h -- a gnuplot script with the head that all share, and its pictures */
#ifndef LCTEM_REPORT_PLOT_SCRIPT_H
#define LCTEM_REPORT_PLOT_SCRIPT_H

#include <lctem/err.h>

struct plot_script {
    const char *name;  /* plots/<name>.gp, .svg, .png */
    const char *head;  /* lines before the loop over the two kinds of pictures; "": none */
    const char *body;  /* what is done in the loop; ends it */
};

/* Write `<dir>/plots/<name>.gp` and let `gnuplot` (NULL: on the PATH) make its pictures. Statuses as gnuplot_make_pictures. */
LCT_MUST_CHECK enum lct_status plot_script_draw(
    const char *dir, const struct plot_script *script, const char *gnuplot, struct lct_err *err);

#endif
