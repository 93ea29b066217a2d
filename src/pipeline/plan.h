/* plan.h -- what a run knows about its movie before the first frame is measured */
#ifndef LCTEM_PIPELINE_PLAN_H
#define LCTEM_PIPELINE_PLAN_H

#include "movie.h"

#include <lctem/background.h>
#include <lctem/light.h>
#include <lctem/progress.h>
#include <lctem/sampling.h>
#include <lctem/segment.h>
#include <lctem/static_mask.h>
#include <lctem/strip.h>
#include <lctem/track.h>

/* What the first pass keeps of a frame. */
struct plan_frame {
    double time_s;
    struct lct_background_light light;
    double dx_px, dy_px; /* displacement of the scene from the first frame */
    double drift_sd_px, peak_ratio;
    float mean, noise, sharpness;
    float change;             /* sd of its plane against that of the frame before; NaN: not looked at */
    bool no_liquid;           /* no background found: its neighbours' is used */
    bool ambiguous, no_drift; /* drift: a rival is as likely; nothing to follow */
    bool duplicate;
    bool sound; /* no pixel had to be repaired: the second pass need not look again */
};

/* Most time means that a plan is made from. */
enum { KEY_PLANES = 12 };

struct plan {
    struct lct_background background;
    struct lct_blocks grid; /* geometry only */
    unsigned char *ignore;  /* per pixel of the region: burnt in, pillar box (enum lct_static_kind); NULL: none */
    bool drift_given;
    struct lct_static_report still;
    struct plan_frame *frames; /* movie->n */
    long n;
    int n_keys;        /* key planes to make, at most KEY_PLANES */
    int bin;           /* px of the frame in one px of the planes that are segmented */
    int width, height; /* of those planes */
    struct lct_gaussian smoothing;
    double sigma_px;                        /* of the smoothing, px of the planes */
    int reach;                              /* a plane is the mean over the frames k - reach .. k + reach */
    int span;                               /* frames in a block of the long means around it (steady.h); 0: none */
    struct lct_image film;                  /* its transmission in the first frame's position; no pixels: not known */
    struct lct_light_map light[KEY_PLANES]; /* by key plane, in the first frame's position; with the film */
    int n_lights;
    double frame_noise_sd; /* of one plane against the next */
    struct lct_levels levels;
    struct lct_grain grain,
        film_grain; /* of the liquid in the key planes, and of the film that was taken out of them */
    struct lct_segment_params segment;
    double min_appear_px; /* a particle is reported once its core is as large as this, px of the planes */
    bool no_particle;
    double display_lo, display_hi; /* grey values shown black and white */
};

/* Survey: a few frames spread over the movie give what stands still in it (plan->ignore), the background, and the display range. */
LCT_MUST_CHECK enum lct_status plan_survey(struct plan *plan, struct movie *movie, const struct lct_recipe *recipe,
    const struct lct_progress *progress, struct lct_err *err);

/* Mean planes of up to KEY_PLANES stretches of the movie, in the first frame's position. */
struct keys {
    struct lct_image plane[KEY_PLANES];
    long count[KEY_PLANES];
    int n;
    int threads; /* that may look at them */
};

static inline struct lct_planes keys_planes(const struct keys *keys)
{
    return (struct lct_planes){ .plane = keys->plane, .n = keys->n, .threads = keys->threads };
}

/* Noise of the liquid away from particles: plan->grain, plan->film_grain. */
LCT_MUST_CHECK enum lct_status plan_measure_grain(struct plan *plan, const struct keys *keys, struct lct_err *err);

/* First pass: all frames in order give plan->frames (drift, background, duplicates) and the key planes. */
LCT_MUST_CHECK enum lct_status plan_pass(struct plan *plan, struct movie *movie, struct keys *keys, int threads,
    const struct lct_progress *progress, struct lct_err *err);

/* A plan in two steps: what the whole movie says (plan_survey), then what its frames say one after the other. Between the two, a
 * preview narrows `movie` to the frames around the one it shows, and plan->n_keys with it. After a fault of plan_complete the plan
 * is the caller's to finish. */
LCT_MUST_CHECK enum lct_status plan_begin(struct plan *out, struct movie *movie, const struct lct_recipe *recipe,
    const struct lct_progress *progress, struct lct_err *err);
LCT_MUST_CHECK enum lct_status plan_complete(struct plan *plan, struct movie *movie, const struct lct_recipe *recipe,
    int threads, const struct lct_progress *progress, struct lct_err *err);

/* Both. */
LCT_MUST_CHECK enum lct_status plan_make(struct plan *out, struct movie *movie, const struct lct_recipe *recipe,
    int threads, const struct lct_progress *progress, struct lct_err *err);

/* The plan of a movie whose pictures are masks: the first pass gives drift and times, the rest is known. */
LCT_MUST_CHECK enum lct_status plan_of_masks(struct plan *out, struct movie *movie, const struct lct_recipe *recipe,
    int threads, const struct lct_progress *progress, struct lct_err *err);
void plan_finish(struct plan *plan);

/* Bring a frame to the plane that is segmented: normalised, binned, shifted by the fraction of its drift so that the scene lies on
 * whole pixels, smoothed. `work` and `spare` as made by plane_work_init. */
struct plane_work {
    struct lct_image line, normal, spare;
};
LCT_MUST_CHECK enum lct_status plane_work_init(struct plane_work *out, const struct plan *plan, struct lct_err *err);
void plane_work_finish(struct plane_work *work);
void plan_plane(
    const struct plan *plan, long k, const struct lct_image *frame, struct plane_work *work, struct lct_image *out);

/* Drift of frame k in px of the planes: whole pixels, and the rest. */
struct plane_shift {
    int x, y;
    double fx, fy;
};
struct plane_shift plan_shift(const struct plan *plan, long k);

/* Frames in the time mean of frame k. */
double plan_frames_in_mean(const struct plan *plan, long k);

/* Frames that a window keeps beside those it works on. */
long plan_window_frames(const struct plan *plan);

/* A tracker for the planes of this plan, with the seeds of the recipe. */
LCT_MUST_CHECK enum lct_status plan_track(struct lct_track **out, const struct plan *plan, const struct movie *movie,
    const struct lct_recipe *recipe, struct lct_err *err);

#endif
