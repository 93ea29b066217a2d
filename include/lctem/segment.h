/* segment.h -- from a normalised, smoothed plane to liquid, shell and core */
#ifndef LCTEM_SEGMENT_H
#define LCTEM_SEGMENT_H

#include <lctem/contour.h>
#include <lctem/err.h>
#include <lctem/image.h>
#include <lctem/mask.h>
#include <stdbool.h>
#include <stdint.h>

/** Whether the particles have a shell of their own grey level. */
enum lct_phases { LCT_PHASES_AUTO = 0, LCT_PHASES_CORE, LCT_PHASES_CORE_SHELL };

/** Kinds of edge between two phases. */
enum lct_edge_kind { LCT_EDGE_CORE_LIQUID = 0, LCT_EDGE_CORE_SHELL, LCT_EDGE_SHELL_LIQUID, LCT_EDGE_KINDS };

/** Grey levels of a movie on the scale where the liquid is 1, and what blurs and disturbs them; found once for the movie. */
struct lct_levels {
    double shell, core;       /**< 1 > shell > core; without a shell phase `shell` equals `core` */
    double shell_sd, core_sd; /**< error of each level */
    bool has_shell;
    double edge_shift
        [LCT_EDGE_KINDS]; /**< what the grey at an edge differs from the mid-level (lct_edge_profiles_learn); 0 if not known */
    double edge_soft_px; /**< sd of an edge before smoothing, from the same profiles; 0 if not known */
    double bare_rims; /**< how wide the rim of a bare core edge looks in pixels of the movie, over lct_levels_false_rim_px
                            (lct_bare_edges_learn); 0 if not known */
    double noise_sd;  /**< of a smoothed plane in the liquid: film grain, shot noise, liquid */
    double blur_px;   /**< sd of the edge spread in the smoothed plane */
    double film_sd;   /**< grain of the film, as far as it is known; its stretches are several blurs long */
    double light_sd;  /**< of slow blotches of light, what is left of them; common to all edges of a particle */
    double core_edge_sd_px,
        outer_edge_sd_px;   /**< common error of the place of the core's edge, and of the particle's: fringes that
                                  end there, the rim of the microscope's transfer; 0 if not known */
    double largest_core_px; /**< area of the largest core seen in the movie */
};

/** Rules of the segmentation, in px of the plane. */
struct lct_segment_params {
    double min_core_px;  /**< smaller pieces of core are noise */
    double hole_px;      /**< smaller holes are filled */
    double despeckle_px; /**< opening radius for core and particle; 0: none */
};

/** The grey at the edge between two phases: their mid-level, where an edge blurred by a symmetric spread is crossed [equations S1], and
 *  what has been learnt beyond that [equations S6]. */
double lct_levels_edge(const struct lct_levels *levels, enum lct_phase a, enum lct_phase b);

/** Apparent width of shell at a bare core edge, where the blurred edge passes through the shell's level [equations S2]. */
double lct_levels_false_rim_px(const struct lct_levels *levels);

/** Core and shell of `plane` as masks. A rim next to a core that is no wider than the blur of a bare edge is no shell: its pixels go
 *  to core or liquid by their mid-level. Spoils the upper half of work->bits, so that `core` and `shell` may be of the lower. Pure.
 *  Returns the number of core pieces kept. */
int lct_segment_bits(const struct lct_image *plane, const struct lct_levels *levels,
    const struct lct_segment_params *params, struct lct_mask_work *work, uint64_t *core, uint64_t *shell);

/** Pixels of each phase that lie farther than `far_px` from all others: inside[enum lct_phase], work->bits[0] .. [2] in that order. Pure. */
void lct_segment_insides(const struct lct_image *plane, const struct lct_levels *levels,
    const struct lct_segment_params *params, double far_px, struct lct_mask_work *work,
    uint64_t *inside[LCT_SHELL + 1]);

/** The second half of that: from core and shell in work->bits[LCT_CORE] and [LCT_SHELL]. */
void lct_segment_shrink(double far_px, struct lct_mask_work *work, uint64_t *inside[LCT_SHELL + 1]);

/** As lct_segment_bits, into bytes: enum lct_phase into `phase` (width * height); the masks stay in work->bits[0] and [1]. */
int lct_segment_frame(const struct lct_image *plane, const struct lct_levels *levels,
    const struct lct_segment_params *params, struct lct_mask_work *work, uint8_t *phase);

/** Core pixels that are paler than the inside of a core, and not for a shell nearby: a gap narrower than the blur looks so. They, and
 *  spots of shell too small to be one, do not hold a particle together: nonzero in `weak`. Pure.
 *  Returns the number of pieces of strong core of at least params->min_core_px. */
int lct_segment_weak(const struct lct_image *plane, const struct lct_levels *levels,
    const struct lct_segment_params *params, struct lct_mask_work *work, const uint8_t *phase, uint8_t *weak);

/** A segmented plane with its weak pixels; borrowed. */
struct lct_segmented {
    const struct lct_image *plane;
    const uint8_t *phase;
    uint8_t *weak;
};

/** A gap that a later frame shows clearly is looked for in this one: where the cores of `later` lie apart and are one core here, a pale
 *  valley along the line between them is marked in now->weak, if there is one [equations S5]. The pixel (x, y) of `now` is the pixel
 *  (x + dx, y + dy) of `later`. Pure. Returns whether a gap was marked. LCT_E_LIMIT does not occur: without memory nothing is marked. */
bool lct_segment_foresee(const struct lct_segmented *now, const struct lct_segmented *later, int dx, int dy,
    const struct lct_levels *levels, const struct lct_segment_params *params, struct lct_mask_work *work);

/** Normalised, smoothed planes of one size that stand for a movie (time means in one position), n >= 1, and how many threads (>= 1)
 *  may look at them: the results do not depend on it. Borrowed. */
struct lct_planes {
    const struct lct_image *plane;
    int n, threads;
};

/** Find the levels of a movie: two classes darker than the liquid, refined on the insides of the segmented regions, away from their
 *  edges.
 *  `phases` decides whether there is a shell; auto: if what remains of it away from the edges is at least 4 % of the core.
 *  LCT_E_NODATA: no particle. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_levels_find(struct lct_levels *out, const struct lct_planes *planes, double blur_px,
    enum lct_phases phases, const struct lct_segment_params *params, struct lct_err *err);

/** Measure noise and levels again on other planes of the same movie, starting from `levels`. */
LCT_MUST_CHECK enum lct_status lct_levels_refine(struct lct_levels *levels, const struct lct_planes *planes,
    enum lct_phases phases, const struct lct_segment_params *params, struct lct_err *err);

#endif
