/* drift.h -- where the scene has moved to since the first frame */
#ifndef LCTEM_DRIFT_H
#define LCTEM_DRIFT_H

#include <lctem/err.h>
#include <lctem/image.h>
#include <complex.h>
#include <stddef.h>

/** The grain of the film between two wavelengths is followed. Coarser: illumination, growing particles; finer: lattices,
 *  noise, and what binning folds back. The band in nm counts where the pixel size is known, that in px elsewhere; both are
 *  moved where the pixels or the picture do not allow them. */
struct lct_drift_params {
    double pixel_size_nm;          /**< NaN: not known */
    double finest_nm, coarsest_nm; /**< default 0.3 and 1 nm, > 0 */
    double finest_px, coarsest_px; /**< default 3 and 10 px, > 0 */
    double search_px;              /**< radius round the last displacement; default 8, > 0 */
    int anchor_frames;             /**< frames that are aligned jointly before the first answer; 1..100, default 24 */
    int reference_frames;          /**< memory of the running reference; >= anchor_frames, default 200 */
    double least_ratio;            /**< a peak less than this above its rival is ambiguous; >= 1, default 1.3 */
};
struct lct_drift_params lct_drift_defaults(void);

enum lct_drift_flag {
    LCT_DRIFT_AMBIGUOUS =
        1, /**< another displacement (a lattice vector away?) explains the frame as well; the one nearest to
                                  the frame before was taken */
    LCT_DRIFT_NO_SIGNAL = 2, /**< nothing to follow in this frame; the last displacement was repeated, sd_px is NaN */
    LCT_DRIFT_WIDE = 4,      /**< found beyond the search radius, in the whole picture */
};

struct lct_drift_result {
    double dx_px, dy_px; /**< displacement of the scene from the first frame, right and down positive */
    double sd_px;        /**< one standard deviation of each of the two; 0 in the first frame, NaN: not measured */
    double
        peak_ratio; /**< correlation at its peak over the next best peak, at most 99; NaN in a frame without signal */
    unsigned flags; /**< enum lct_drift_flag */
};

/** Plans and the running reference. The steps `prepare` (any thread) and `anchor`, `follow` (one after the other) may go on
 *  at the same time. */
struct lct_drift;
/** Scratch of one thread that prepares. */
struct lct_drift_work;

/** `ignore` (height*width, may be NULL; borrowed for the call): nonzero where a pixel is no picture (static_mask.h).
 *  LCT_E_ARG: a parameter. LCT_E_NODATA: less than 32 px of picture in one direction: too small to be followed.
 *  LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_drift_create(struct lct_drift **out, int width, int height,
    const unsigned char *ignore, const struct lct_drift_params *params, struct lct_err *err);
void lct_drift_destroy(struct lct_drift **drift);

LCT_MUST_CHECK enum lct_status lct_drift_work_create(
    struct lct_drift_work **out, const struct lct_drift *drift, struct lct_err *err);
void lct_drift_work_destroy(struct lct_drift_work **work);

/** Complex numbers in a prepared frame, and memory for one (free with lct_drift_spectrum_free). NULL: no memory.
 *  0.5 MB for 512 x 512 pixels and for 1024 x 1024, which are binned. */
size_t lct_drift_spectrum_count(const struct lct_drift *drift);
float complex *lct_drift_spectrum_alloc(const struct lct_drift *drift);
void lct_drift_spectrum_free(float complex *spectrum);

/** Turn a frame into its whitened, windowed spectrum. NaN pixels are left out. Pure: depends on frame and plan only.
 *  LCT_E_ARG: another size than the plan's. */
LCT_MUST_CHECK enum lct_status lct_drift_prepare(const struct lct_drift *drift, struct lct_drift_work *work,
    const struct lct_image *frame, float complex *spectrum, struct lct_err *err);

/** Start: the first n >= 1 frames (wanted: params.anchor_frames, fewer in a short movie) are aligned with each other, which
 *  makes the origin as good as a mean and not as bad as one noisy frame. results[n] belongs to the caller; results[0] is 0, 0.
 *  LCT_E_ARG: no frame, more than 100, or called twice. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_drift_anchor(struct lct_drift *drift, const float complex *const *spectra, size_t n,
    struct lct_drift_result *results, struct lct_err *err);

/** The next frame, in order; after lct_drift_anchor. LCT_E_ARG: not anchored. */
LCT_MUST_CHECK enum lct_status lct_drift_follow(
    struct lct_drift *drift, const float complex *spectrum, struct lct_drift_result *result, struct lct_err *err);

/** All that lct_drift_follow remembers, as bytes for a checkpoint of this machine; `state` holds lct_drift_state_bytes(). */
size_t lct_drift_state_bytes(const struct lct_drift *drift);
void lct_drift_save(const struct lct_drift *drift, void *state);
/** Go on from there; `drift` must have been created alike. LCT_E_INPUT: the state is of another plan. */
LCT_MUST_CHECK enum lct_status lct_drift_restore(
    struct lct_drift *drift, const void *state, size_t bytes, struct lct_err *err);

#endif
