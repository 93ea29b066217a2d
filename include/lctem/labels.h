/* labels.h -- label images as a calibrated ImageJ hyperstack */
#ifndef LCTEM_LABELS_H
#define LCTEM_LABELS_H

#include <lctem/contour.h>
#include <lctem/err.h>
#include <lctem/image.h>
#include <stddef.h>
#include <stdint.h>

/** Value of a pixel: 0 liquid, 2p-1 core of particle p, 2p its shell; 0 for a particle outside 1 .. 32767. */
static inline uint16_t lct_label_value(int particle, enum lct_phase phase)
{
    if (particle < 1 || particle > 32767 || phase == LCT_LIQUID)
        return 0;
    return (uint16_t)(phase == LCT_CORE ? 2 * particle - 1 : 2 * particle);
}

/** What the file will hold. */
struct lct_labels_params {
    int width, height;      /**< px of every page */
    struct lct_scale scale; /**< written into the file; NaN: px, no frame interval */
    long expected_pages;    /**< decides classic TIFF or BigTIFF; 0: not known, classic */
};

struct lct_labels; /* a TIFF file that is being written; one thread at a time */

/** Begin `path`: little-endian, deflate, one page per frame. Until lct_labels_finish the file is called `<path>.part`.
 *  BigTIFF (which Fiji opens, plain ImageJ does not) only when the expected pages may exceed 4 GB although labels
 *  shrink at least fourfold when deflated. LCT_E_ARG: a size below 1. LCT_E_OUTPUT: cannot be written. */
LCT_MUST_CHECK enum lct_status lct_labels_create(
    struct lct_labels **out, const char *path, const struct lct_labels_params *params, struct lct_err *err);

/** Go on with `<path>.part` behind its first `keep_pages` pages, which take `keep_bytes` (what lct_labels_flush
 *  reported); what follows is cut off. The finished file has the same bytes as one that was written in one go. Where only
 *  the finished file is there, it is taken back first. LCT_E_INPUT: missing, or not such a file. */
LCT_MUST_CHECK enum lct_status lct_labels_reopen(struct lct_labels **out, const char *path,
    const struct lct_labels_params *params, long keep_pages, long long keep_bytes, struct lct_err *err);

/** Append a page of width * height labels, row-major. LCT_E_OUTPUT: disk full, or 4 GB in a classic TIFF. */
LCT_MUST_CHECK enum lct_status lct_labels_append(struct lct_labels *labels, const uint16_t *page, struct lct_err *err);

/** Push everything to the file: `pages` and `bytes` (either may be NULL) are what a checkpoint has to record. */
LCT_MUST_CHECK enum lct_status lct_labels_flush(
    struct lct_labels *labels, long *pages, long long *bytes, struct lct_err *err);

/** Write the number of pages into the header, close, give the file its name, free; writes NULL. On a fault the file stays
 *  `<path>.part`. LCT_E_NODATA: no page (no file is left). LCT_E_OUTPUT: disk full or the like. */
LCT_MUST_CHECK enum lct_status lct_labels_finish(struct lct_labels **labels, struct lct_err *err);

/** Stop and keep the `.part` file for lct_labels_reopen; free; accepts NULL inside; writes NULL. */
void lct_labels_destroy(struct lct_labels **labels);

#endif
