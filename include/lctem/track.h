/* track.h -- which particle is which: identities through contact, merging, splitting and dissolution */
#ifndef LCTEM_TRACK_H
#define LCTEM_TRACK_H

#include <lctem/err.h>
#include <lctem/image.h>
#include <lctem/segment.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lct_event_kind { LCT_EVENT_APPEAR, LCT_EVENT_CONTACT, LCT_EVENT_MERGE, LCT_EVENT_SPLIT, LCT_EVENT_DISSOLVED };

/** Name of an event as in events.csv. */
const char *lct_event_name(enum lct_event_kind kind);

/** Something that happened to a particle; `other` is 0 where there is no partner. x_px, y_px in the frame's own plane. */
struct lct_event {
    enum lct_event_kind kind;
    long frame;
    int particle, other;
    double x_px, y_px, size_px2;
};

enum { LCT_TRACK_MAX_PARENTS = 4 };

/** A particle that is reported in the present frame. */
struct lct_track_particle {
    int id;                             /**< 1, 2, ... */
    int parents[LCT_TRACK_MAX_PARENTS]; /**< ids it came from by a split or a merge; 0: none further */
    struct lct_piece pixels;            /**< its pixels, core and shell: area, box, sums */
    int32_t core_px;                    /**< pixels of core */
    bool border;                        /**< cut by the border of the image */
    bool contact;                       /**< touches another particle */
};

struct lct_track_params {
    double min_appear_px; /**< a particle is reported from the frame in which its core reaches this area */
    double min_follow_px; /**< smaller pieces of core are not followed on their own */
    int patience;         /**< frames a particle may be out of sight before it counts as dissolved; default 5 */
    double
        split_share; /**< smallest share of the core that a part must have to be a particle of its own; default 0.2 */
    double merge_ratio; /**< two touching cores are one when the grey between them has come this close to the core's:
                                0 at the core's level, 1 at the core's edge; default 0.09 */
    double
        off_centre; /**< between particles first seen in touch: how much longer, relatively, a cut half way between the cores may be
                                than one at a core. Notches show the border in a clear picture, and wander in a noisy one; default 0.6 */
    const double *
        seeds_px; /**< x, y of n_seeds points in the sample, one in each particle of the first frame that is wanted; copied.
                                 NULL: all that are large enough */
    size_t n_seeds;
};
struct lct_track_params lct_track_defaults(void);

struct lct_track; /* opaque; frames go in one after the other */

LCT_MUST_CHECK enum lct_status lct_track_create(
    struct lct_track **out, int width, int height, const struct lct_track_params *params, struct lct_err *err);
void lct_track_destroy(struct lct_track **track);

/** A segmented frame; everything is borrowed. */
struct lct_track_input {
    const uint8_t *phase; /**< enum lct_phase per pixel (width * height) */
    const uint8_t
        *weak; /**< nonzero where a pixel does not hold a particle together (lct_segment_weak, lct_segment_foresee) */
    const struct lct_image *plane; /**< what it was segmented from */
    int x_offset, y_offset;        /**< pixel (x, y) lies at (x - x_offset, y - y_offset) of the sample, whole px */
};

/** Give each pixel its particle: `labels` (width * height) receives 2p-1 for core and 2p for shell of particle p, 0 elsewhere. A pixel
 *  of shell stays with the particle it belonged to; new ones go to the nearest along the shell; where two particles are seen in
 *  touch for the first time, the border is the shortest cut between their cores.
 *  LCT_E_LIMIT: no memory, or more than 30 000 particles. */
LCT_MUST_CHECK enum lct_status lct_track_frame(struct lct_track *track, long frame, const struct lct_track_input *in,
    const struct lct_levels *levels, uint16_t *labels, struct lct_err *err);

/** Particles of the frame given last, ascending ids; borrowed until the next frame. */
const struct lct_track_particle *lct_track_particles(const struct lct_track *track, size_t *n);

/** Events found since the last call (they may name a frame up to `patience` back); borrowed until the next frame. */
const struct lct_event *lct_track_events(struct lct_track *track, size_t *n);

/** What the tracker has to know to go on with the next frame, as bytes for this program on this machine; call it when the events
 *  of the last frame have been taken. `*bytes` (n of them) is the caller's to free. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_track_save(
    const struct lct_track *track, unsigned char **bytes, size_t *n, struct lct_err *err);

/** Put a fresh tracker of the same size and parameters into the state that was saved: it goes on as if it had never stopped.
 *  LCT_E_INPUT: damaged, or of another size or version; the tracker is then good for nothing but lct_track_destroy. */
LCT_MUST_CHECK enum lct_status lct_track_restore(
    struct lct_track *track, const unsigned char *bytes, size_t n, struct lct_err *err);

#endif
