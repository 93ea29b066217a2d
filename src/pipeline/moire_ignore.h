/* moire_ignore.h -- what in a picture is no picture: pillar boxes, burnt-in bars, what a mean does not know */
#ifndef LCTEM_PIPELINE_MOIRE_IGNORE_H
#define LCTEM_PIPELINE_MOIRE_IGNORE_H

#include "movie.h"

/* Pixels of `picture`, frame k of the movie, that are to be left out of a transform: nonzero there; NULL where that is none of them,
 * owned by the caller. What stands still is told from a dozen frames from it on; from fewer than eight only borders of one grey are.
 * No movie: the picture is a mean of frames, and what it does not know is left out. */
LCT_MUST_CHECK enum lct_status moire_ignore_find(
    unsigned char **out, struct movie *movie, long k, const struct lct_image *picture, struct lct_err *err);

#endif
