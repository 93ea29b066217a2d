/* live.h -- a movie that is still being written: what can be said of it so far, while it grows */
#ifndef LCTEM_LIVE_H
#define LCTEM_LIVE_H

#include <lctem/analyze.h>
#include <lctem/err.h>
#include <stdbool.h>

/** Who lets time pass. */
struct lct_live_hooks {
    bool (*pause)(void *context, double seconds); /**< false: the user wants to stop following */
    void *context;
};

/** Follow `movie` (TIFF, MRC, a folder of images; any format but video) as it grows, until it has not changed for
 *  recipe->follow_timeout_s, or holds all frames that recipe->frames asks for, or the user stops it. Tables as those of lct_analyze keep up in
 *  <output>/live, and <output>/live.html shows them and the latest frame; it loads itself anew. They are provisional: the plan (levels, background)
 *  comes from the frames that were there when it was made, and is made again from all frames each time their number has doubled; the
 *  time means lean to the past. A frame counts once it is whole: once there is one behind it, or the file has rested for a moment, and
 *  it can be read.
 *  When this comes back with LCT_OK, <output>/live is gone and lct_analyze is to be called: it makes what is not provisional.
 *  hooks->clock must be there. LCT_E_ARG: settings that cannot be followed. LCT_E_OUTPUT: the folder holds results and force is not
 *  given, or cannot be written. LCT_E_FORMAT: a video. LCT_E_INPUT: no frame has come at all, and why. */
LCT_MUST_CHECK enum lct_status lct_live_run(const char *movie, const struct lct_recipe *recipe,
    const struct lct_analyze_hooks *hooks, const struct lct_live_hooks *live, struct lct_err *err);

/** When lct_analyze has come to its end: let live.html lead to the report. LCT_E_OUTPUT: cannot be written. */
LCT_MUST_CHECK enum lct_status lct_live_close(const char *movie, const struct lct_recipe *recipe, struct lct_err *err);

#endif
