/* live_page.h -- live.html: the curves so far and the latest frame, for a run that is not over */
#ifndef LCTEM_LIVE_PAGE_H
#define LCTEM_LIVE_PAGE_H

#include <lctem/err.h>
#include <stdbool.h>

struct lct_live_page {
    const char *title;   /**< name of the movie */
    const char *areas;   /**< path of the areas.csv so far; NULL, or a file that is not there: no curves yet */
    const char *picture; /**< latest frame, as the page is to name it; NULL: none */
    const char *words;   /**< one line about where the run is */
    double refresh_s;    /**< the page loads itself anew after so long, 1 s or more */
    const char *over;    /**< the run is over, and this page has its results; NULL: it goes on */
};

/** Write the page: one file without scripts that needs nothing from elsewhere but the picture beside it. At most some hundred points a
 *  curve are drawn, however long the movie. It appears under its name when it is whole. LCT_E_OUTPUT: cannot be written. */
LCT_MUST_CHECK enum lct_status lct_live_page_write(
    const char *path, const struct lct_live_page *page, struct lct_err *err);

#endif
