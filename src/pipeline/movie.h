/* movie.h -- the frames of a run: a source, the range, the region and the scale that the recipe asks for */
#ifndef LCTEM_PIPELINE_MOVIE_H
#define LCTEM_PIPELINE_MOVIE_H

#include "frame_store.h"

#include <lctem/progress.h>
#include <lctem/recipe.h>
#include <lctem/source.h>

struct masks;

struct movie {
    struct lct_source *source;
    const struct lct_source_info *info;
    long first, step;
    long n;                 /* frames of the run; shrinks when the movie ends early */
    struct lct_rect roi;    /* whole frame, or a part of it */
    struct lct_scale scale; /* what the user gave, else what the file says, else what its masks say, else NaN */
    bool time_from_user, lent_pixel_size, lent_frame_time; /* lent: by the masks */
    double dose_e_per_nm2_s;                               /* what the user gave, else what the file says, else NaN */
    const struct masks *masks; /* frames are pages of labels, to be shown as pictures; NULL: they are pictures */
    struct lct_image whole;    /* a frame as read, where the region is a part of it */
    struct frame_store *store; /* frames that were read, for the next time; NULL: none */
    long n_stored;             /* all frames below this were read in their order */
    const struct lct_progress *progress; /* told while frames are read ahead */
    struct lct_image *kept;              /* frames that movie_keep wants in memory; NULL: none */
    double *kept_s;                      /* their times */
    long kept_first, n_kept;             /* numbers in the movie are kept_first + i * step */
};

LCT_MUST_CHECK enum lct_status movie_open(
    struct movie *out, const char *path, const struct lct_recipe *recipe, struct lct_err *err);
void movie_close(struct movie *movie);

/* Frame k of the run (0 .. n-1) into `out` of the region's size, with its time. LCT_END: the movie ends before it; n is then k. */
LCT_MUST_CHECK enum lct_status movie_read(
    struct movie *movie, long k, struct lct_image *out, double *time_s, struct lct_err *err);

/* Is frame k there without reading the file? Then any number of threads may recall frames at once, as long as none reads. */
bool movie_remembers(const struct movie *movie, long k);
LCT_MUST_CHECK enum lct_status movie_recall(
    const struct movie *movie, long k, struct lct_image *out, double *time_s, struct lct_err *err);

/* Keep the frames from .. from + count - 1 of the run in memory from the first time one of them, or a later one, is read: who goes
 * over them again does not go back in a file that can only be read forwards. Once for a movie. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status movie_keep(struct movie *movie, long from, long count, struct lct_err *err);

/* From here on, frames that are read are kept for the next time, as long as `memory_bytes` hold them; those of a video, which take
 * longer to decode than to write down, in a file in `folder` as well (frame_store.h). progress (may be NULL) is told, and may stop, while
 * frames are read ahead. */
void movie_remember(struct movie *movie, size_t memory_bytes, const char *folder, const struct lct_progress *progress);
/* Let go of all frames that were kept: they are read again where they are wanted. */
void movie_forget(struct movie *movie);

/* Which frame of the run has this number in the movie? LCT_E_ARG: none of them. */
LCT_MUST_CHECK enum lct_status movie_find(const struct movie *movie, long number, long *k, struct lct_err *err);

/* Number in the movie of frame k of the run. */
static inline long movie_frame(const struct movie *movie, long k)
{
    return movie->first + k * movie->step;
}

#endif
