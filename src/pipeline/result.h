/* result.h -- what is found in one frame, between the stages of the second pass */
#ifndef LCTEM_PIPELINE_RESULT_H
#define LCTEM_PIPELINE_RESULT_H

#include "lattices.h"
#include "sketch.h"
#include "tables.h"
#include "window.h"

#include <lctem/overlay.h>
#include <lctem/rim.h>

struct rims_sample;

struct result {
    long k;                 /* frame of the run */
    struct lct_image plane; /* time mean, on the pixels of the frame's planes */
    uint8_t *phase;         /* per pixel of the plane */
    uint8_t *weak;          /* pixels that do not hold a particle together */
    uint8_t *mask;          /* phases from elsewhere, per pixel of the frame; NULL: none */
    int n_strong;           /* pieces of core that do */
    uint16_t *labels;       /* per pixel of the plane */
    struct lct_track_particle *particles;
    size_t n_particles;
    struct lct_event *events; /* n_events: what the tracker said with this frame */
    size_t n_events;
    struct area_row *rows;           /* n_particles */
    struct lattices_found *lattices; /* n_particles; NULL: not measured in this movie */
    struct lct_outline *outlines;    /* 2 * n_particles: core and whole particle, px of the frame as recorded */
    struct lct_rim *rims;            /* n_particles; px of the frame, drift-corrected; packed: of the sample */
    uint16_t *page;                  /* labels per pixel of the frame */
    int32_t *columns;                /* grid width: pixel of the plane for each column of the page */
    struct band *bands;              /* n_particles: the plane along the cores' outlines */
    struct sketch sketch;            /* what the overlay shows of it */
    struct sketch packed_rims;       /* the rims, for the spool of them */
    uint32_t *picture;               /* the drawn overlay; NULL: none wanted */
};

LCT_MUST_CHECK enum lct_status result_init(
    struct result *out, const struct plan *plan, const struct lct_overlay_layout *layout, struct lct_err *err);
void result_finish(struct result *result);

/* Time mean and phases of frame result->k. Pure. */
LCT_MUST_CHECK enum lct_status result_segment(struct result *result, const struct plan *plan,
    const struct window *window, struct lct_mask_work *work, struct lct_err *err);

/* Put the phases of a mask (result->mask, per pixel of the frame) in the place of those that were found, but for edges: within
 * `reach_px` (of the plane) of the mask's own edges what was found stands. Pure. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status result_impose(
    struct result *result, const struct plan *plan, double reach_px, struct lct_mask_work *work, struct lct_err *err);

/* Look in frame result->k for the gaps that `later` shows. Pure. */
void result_foresee(
    struct result *result, const struct result *later, const struct plan *plan, struct lct_mask_work *work);

/* Keep a copy of the particles the tracker has just found. */
LCT_MUST_CHECK enum lct_status result_take_particles(
    struct result *result, const struct lct_track_particle *particles, size_t n, struct lct_err *err);

/* Likewise of its events. */
LCT_MUST_CHECK enum lct_status result_take_events(
    struct result *result, const struct lct_event *events, size_t n, struct lct_err *err);

/* Outlines, areas, the sketch and the label page of frame result->k, once it is known whose is whose. Pure. */
LCT_MUST_CHECK enum lct_status result_measure(struct result *result, const struct plan *plan, struct lct_err *err);

/* Fringes of layers `layer_px` thick in the rims (NaN: not looked for), on the frame as recorded; then their gaps; and pack
 * both. After result_measure. Pure. */
LCT_MUST_CHECK enum lct_status result_measure_rims(struct result *result, const struct plan *plan,
    const struct rims_sample *sample, double layer_px, const struct lct_image *frame, struct lct_err *err);

/* Lattices and Moire in the cores, on the frame as recorded; after result_measure. Pure. */
LCT_MUST_CHECK enum lct_status result_measure_lattices(struct result *result, const struct lattices_plan *plan,
    struct lattices_work *work, const struct lct_image *frame, struct lct_err *err);

#endif
