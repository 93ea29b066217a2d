/* plan.h -- what a run knows about its movie before the first frame is measured */
#ifndef LCTEM_PIPELINE_PLAN_H
#define LCTEM_PIPELINE_PLAN_H

#include "movie.h"

#include <lctem/background.h>
#include <lctem/progress.h>
#include <lctem/sampling.h>
#include <lctem/segment.h>

/* What the first pass keeps of a frame. */
struct plan_frame {
    double time_s;
    double offset;         /* of its background */
    double dx_px, dy_px;   /* displacement of the scene from the first frame */
    double drift_sd_px, peak_ratio;
    float mean, noise, sharpness;
    bool no_liquid;        /* no background found: its neighbours' is used */
    bool ambiguous, drift_given;
    bool duplicate;
};

struct plan {
    struct lct_background background;
    struct lct_blocks grid;      /* geometry only */
    unsigned char *valid;        /* pixels of the region that take part; NULL: all */
    struct plan_frame *frames;   /* movie->n */
    long n;
    int bin;                     /* px of the frame in one px of the planes that are segmented */
    int width, height;           /* of those planes */
    struct lct_gaussian smoothing;
    double sigma_px;             /* of the smoothing, px of the planes */
    int reach;                   /* a plane is the mean over the frames k - reach .. k + reach */
    double frame_noise_sd;       /* of one plane against the next */
    struct lct_levels levels;
    struct lct_segment_params segment;
    double min_appear_px;        /* a particle is reported once its core is as large as this, px of the planes */
    bool no_particle;
    double display_lo, display_hi; /* grey values shown black and white */
};

LCT_MUST_CHECK enum lct_status plan_make(struct plan *out, struct movie *movie, const struct lct_recipe *recipe, int threads,
    const struct lct_progress *progress, struct lct_err *err);
void plan_finish(struct plan *plan);

/* Bring a frame to the plane that is segmented: normalised, binned, shifted by the fraction of its drift so that the scene lies on
 * whole pixels, smoothed. `work` and `spare` as made by plane_work_init. */
struct plane_work {
    struct lct_image normal, binned, spare;
};
LCT_MUST_CHECK enum lct_status plane_work_init(struct plane_work *out, const struct plan *plan, struct lct_err *err);
void plane_work_finish(struct plane_work *work);
void plan_plane(const struct plan *plan, long k, const struct lct_image *frame, struct plane_work *work, struct lct_image *out);

/* Drift of frame k in px of the planes: whole pixels, and the rest. */
struct plane_shift {
    int x, y;
    double fx, fy;
};
struct plane_shift plan_shift(const struct plan *plan, long k);

#endif
