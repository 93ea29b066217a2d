/* live_growth.h -- how many frames of a movie that is being written are whole */
#ifndef LCTEM_PIPELINE_LIVE_GROWTH_H
#define LCTEM_PIPELINE_LIVE_GROWTH_H

#include <lctem/image.h>
#include <lctem/recipe.h>

/* Zeroed with movie, recipe and settle_s before the first look; growth_finish. */
struct growth {
    const char *movie;
    const struct lct_recipe *recipe;
    double settle_s;    /* a file that has not changed for so long is not being written to just now */
    long whole;         /* frames that can be read, from the first one on */
    double changed_s;   /* when it was last seen to have changed */
    long frames, bytes; /* as last seen */
    long long mtime_ns;
    struct lct_image frame;
    struct lct_err why; /* why it cannot be opened; code LCT_OK: it can */
};

/* Look at it now. LCT_E_FORMAT: it is a video, which has no end while it is written. LCT_E_LIMIT. What cannot be opened (yet) is no
 * fault. */
LCT_MUST_CHECK enum lct_status growth_look(struct growth *growth, double now_s, struct lct_err *err);
void growth_finish(struct growth *growth);

#endif
