/* strip.h -- where a straight edge lies, from the mean profile of the picture across it */
#ifndef LCTEM_STRIP_H
#define LCTEM_STRIP_H

#include <lctem/facet.h>
#include <lctem/image.h>
#include <lctem/segment.h>

/** A piece of the smoothed plane; NaN where nothing is known. Pixel (i, j) lies at (x_px + i step_px, y_px + j
 * step_y_px) of the sample, in the square px of facet.h. Borrowed. */
struct lct_strip_picture {
    const struct lct_image *image;
    double x_px, y_px, step_px, step_y_px;
};

enum { LCT_GRAIN_LAGS = 64 };

/** What disturbs the plane: covariance of two points r apart, in steps of step_px; beyond the last lag: none. */
struct lct_grain {
    double covariance[LCT_GRAIN_LAGS];
    double step_px;
};

/** Covariance at any distance, linear between the lags. */
double lct_grain_at(const struct lct_grain *grain, double r_px);

/** What the profile is made of. */
struct lct_strip_model {
    double core, shell; /**< levels; the liquid is 1. Without a shell phase both are the same and `bare` is true */
    double blur_px;     /**< sd of an edge */
    double soft_px; /**< the part of blur_px that is the specimen's own: thickness falls off over it, and grey goes as
                       the exponential of thickness; 0: edges are blurred in the picture only */
    double core_sd, shell_sd; /**< how far the levels may be off at one place */
};

/** What a profile is held against. */
struct lct_strip_scene {
    struct lct_strip_model model;
    struct lct_grain still; /**< what the fit allows for besides the noise: all that may stand under an edge */
    struct lct_grain film;  /**< the part of it that errors come from: what stands there in all frames */
    struct lct_grain shot;  /**< what is new in every frame */
};

/** An edge and the stretch of it that is looked at. */
struct lct_strip_edge {
    double height_px;      /**< where it is thought to be */
    double from_px, to_px; /**< stretch of positions along the facet */
    double shell_px;       /**< thickness of the rim there, mean over what has one; NaN or large: out of sight */
    double bare_frac;      /**< share of the stretch without rim, 0 to 1 */
};

struct lct_strip_fit {
    double height_px, sd_px;
    double noise_sd_px; /**< the part of sd_px that is new in every frame */
    double chi2;        /**< misfit per sample of the profile; about 1 where the model holds */
};

/** Height at which the model explains the mean profile across the edge best: generalised least squares with the
 * covariance that the grain gives a mean over the stretch, levels free within their sd. The height given may lie at a
 * false edge: where the profile is not explained well from there, beginnings up to 3.2 blurs away are tried. Pure;
 * deterministic. [equations FA4] False: the picture does not cover the strip, or no edge is found near the height given; `out` is untouched. */
bool lct_strip_fit(struct lct_strip_fit *out, const struct lct_strip_picture *picture, const struct lct_facet_set *set,
    int facet, const struct lct_strip_edge *edge, const struct lct_strip_scene *scene);

#endif
