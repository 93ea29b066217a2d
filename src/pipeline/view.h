/* view.h -- one frame of a movie segmented, as a whole run would, from the few frames around it */
#ifndef LCTEM_PIPELINE_VIEW_H
#define LCTEM_PIPELINE_VIEW_H

#include "result.h"

/* One frame on its way from the movie to the picture. The caller sets recipe, frame and threads, the rest zero. */
struct view {
    const struct lct_recipe *recipe;
    long frame; /* its number in the movie */
    int threads;
    struct movie movie; /* narrowed to the stretch */
    struct plan plan;
    struct window *window;
    struct lct_track *track;
    struct lct_mask_work work;
    struct result result;
    long k; /* the frame within the stretch */
};

/* Open the movie, plan the stretch, segment and measure the frame. Particles are numbered from left to right in it.
 * What was made is the caller's to finish, after a fault too. LCT_E_ARG: no such frame. The rest as in lct_analyze.
 * */
LCT_MUST_CHECK enum lct_status view_make(
    struct view *out, const char *path, const struct lct_progress *progress, struct lct_err *err);
void view_finish(struct view *view);

#endif
