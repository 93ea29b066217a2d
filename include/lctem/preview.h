/* preview.h -- one frame with what is found in it, to tune the settings before a long run */
#ifndef LCTEM_PREVIEW_H
#define LCTEM_PREVIEW_H

#include <lctem/background.h>
#include <lctem/err.h>
#include <lctem/progress.h>
#include <lctem/recipe.h>
#include <lctem/segment.h>
#include <stdbool.h>
#include <stddef.h>

/** A particle of the frame; places in px of the frame as recorded, areas in px^2 of it, sd: one standard deviation. */
struct lct_preview_particle {
    int number;        /**< as in the picture: from left to right. Not the identity that a whole run gives it */
    double x_px, y_px; /**< centroid */
    double core_px2, core_sd_px2, shell_px2, shell_sd_px2;
    bool border, contact; /**< cut by the border of the image; touches another particle */
};

/** What `auto` has become, and what was found. */
struct lct_preview_found {
    long frame;                    /**< number in the movie */
    double time_s;                 /**< NaN: not known */
    long first, last;              /**< levels, noise and drift are those of these frames of the movie */
    double nm_per_px, nm_per_px_y; /**< NaN: not known */
    enum lct_contrast contrast;
    struct lct_levels levels; /**< liquid 1; meaningless without a particle */
    bool no_particle;
    bool no_liquid;                         /**< this frame shows no background of its own */
    double smoothing_px;                    /**< sigma, px of the frame */
    int mean_frames;                        /**< frames in the time mean that is segmented */
    double min_area_px2;                    /**< a smaller core is no particle */
    struct lct_preview_particle *particles; /**< n_particles, owned */
    size_t n_particles;
};
void lct_preview_found_finish(struct lct_preview_found *found);

/** Segment frame recipe->frame of `movie` as lct_analyze would, and draw it into the PNG file recipe->output, with
 *  probabilities, spectrum and levels. Reads at most 25 frames: 24 of them for the background, the 17 around the one shown for
 *  the rest. Levels differ from those of a whole run, which sees more frames, learns the grain of the film and looks
 *  ahead for gaps: on test films its areas differ by up to 2 % (core) and 5 % (shell), more than the sd says. `progress` may be
 *  NULL. A frame without particle is LCT_OK. `out` is written only on LCT_OK; finish it.
 *  LCT_E_ARG: no output, or no such frame. LCT_E_OUTPUT: cannot be written, or is there and recipe->force is not set.
 *  LCT_E_INPUT, LCT_E_FORMAT, LCT_E_LIMIT, LCT_E_CANCELLED: as lct_analyze. */
LCT_MUST_CHECK enum lct_status lct_preview_make(struct lct_preview_found *out, const char *movie,
    const struct lct_recipe *recipe, const struct lct_progress *progress, struct lct_err *err);

#endif
