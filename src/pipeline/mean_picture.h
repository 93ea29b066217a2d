/* mean_picture.h -- the mean of the frames of a movie, drift taken out without blurring */
#ifndef LCTEM_PIPELINE_MEAN_PICTURE_H
#define LCTEM_PIPELINE_MEAN_PICTURE_H

#include "plan.h"

struct mean_picture {
    struct lct_image
        image;       /* in the place of the first frame; NaN where a frame does not reach and on what is burnt in */
    long n;          /* frames in it */
    double drift_px; /* largest displacement that was taken out */
};
void mean_picture_finish(struct mean_picture *mean);

/* Drift as an analysis would find it; the frames are moved by phases of their Fourier transform, so that fine
 * lattices keep their contrast. A frame that could not be followed is left out. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status mean_picture_make(struct mean_picture *out, struct movie *movie,
    const struct lct_recipe *recipe, const struct lct_progress *progress, struct lct_err *err);

#endif
