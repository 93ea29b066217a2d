/* crack.h -- which gap is which: gaps in the rims of a movie followed from frame to frame, and told from noise and from
 * bare windows */
#ifndef LCTEM_CRACK_H
#define LCTEM_CRACK_H

#include <lctem/err.h>
#include <stdbool.h>
#include <stddef.h>

/** A gap as seen in one frame; px of the sample (drift-corrected). */
struct lct_crack_sighting {
    int particle;
    double x_px, y_px, width_px;
    double depth;   /**< 0 rim, 1 liquid */
    double side_px; /**< a sixth of the core's circumference: what the width is held against */
    double width_sd_px;
    double along_x, along_y; /**< direction of the rim there, a unit vector; both 0: not known, any way counts */
};

/** What a gap that was followed turned out to be. */
enum lct_crack_kind {
    LCT_CRACK_NOISE, /**< seen too shortly, or too shallow for its width: grain, fringes */
    LCT_CRACK_CRACK,
    LCT_CRACK_WINDOW, /**< so wide that the facet is bare rather than its shell cracked */
};

struct lct_crack {
    int particle;
    long first, last; /**< frames in which it was seen first and last */
    long n;           /**< frames in which it was seen */
    double width_px;  /**< median */
    enum lct_crack_kind kind;
};

struct lct_crack_params {
    double blur_px;      /**< sd of an edge, px; > 0 */
    double depth_sd_px;  /**< sd of all that smooths the depth along the outline; default 1.28 blurs */
    double jump_px;      /**< a gap moves no farther between two sightings; default 4 blurs, at least 10 px */
    double step_px;      /**< along the rim it stays this close to where it lately was, or would be by now had it moved
                            on; default 1.2 blurs, at least 3 px */
    double step_share;   /**< and this share of its width: both ends of a wide one wander; default 0.15 */
    int recent;          /**< sightings that "lately" is; 1 to 15, default reach + 3 */
    int pause;           /**< frames without a sighting after which one that was half closed has healed; default 1 +
                            reach / 2 */
    int patience;        /**< frames without a sighting before it is over; default reach + 1, at least 4 */
    long least_frames;   /**< sightings that a crack needs; default 0.6 of the frames of a time mean, at least 2 */
    double least_share;  /**< of the depth that a channel of its width must show; default 0.78 */
    double window_share; /**< of the side, from which a gap is a window; default 0.28 */
};
/** `reach`: each frame is the mean over `reach` frames on either side. */
struct lct_crack_params lct_crack_defaults(double blur_px, int reach);

struct lct_cracks; /* opaque; frames go in one after the other */

/** LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_cracks_create(
    struct lct_cracks **out, const struct lct_crack_params *params, struct lct_err *err);
/** Accepts NULL inside; writes NULL. */
void lct_cracks_destroy(struct lct_cracks **cracks);

/** Give the sightings of a frame (frames rise) to the cracks they belong to, nearest first. One crack ends and another
 * begins where a gap is farther along the rim from where it lately was than cracks move, and where one that had fallen
 * below half of its usual width is not seen for a while or widens again. `ids` (n of them) gets
 * their numbers, from 0 in the order in which they were first seen. The same sightings get the same numbers whenever
 * they are gone through again [equations R3]. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_cracks_frame(struct lct_cracks *cracks, long frame,
    const struct lct_crack_sighting *sightings, size_t n, size_t *ids, struct lct_err *err);

/** Number of cracks so far, and what is known of each up to now. */
size_t lct_cracks_count(const struct lct_cracks *cracks);
struct lct_crack lct_cracks_get(const struct lct_cracks *cracks, size_t id);

/** The crack that number `id` is part of: itself, or where it is too short for one, what was there before it (a sighting
 * that went astray, the moment in which one crack hands over to the next). */
size_t lct_cracks_owner(const struct lct_cracks *cracks, size_t id);

/** Is the shell open at a sighting, which belongs to something of this kind? At cracks and windows it is. Windows that join or part
 *  begin as something new, with no history that would tell them from noise: what is as wide as a window and as pale as a crack must
 *  be is open too [equations R4]. */
bool lct_crack_is_open(
    const struct lct_crack_params *params, enum lct_crack_kind kind, const struct lct_crack_sighting *sighting);

#endif
