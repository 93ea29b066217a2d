/* band.h -- the plane along the outline of a core, packed: what edges are measured on when the movie is through */
#ifndef LCTEM_PIPELINE_BAND_H
#define LCTEM_PIPELINE_BAND_H

#include "plan.h"

#include <math.h>

/* Pixels of a plane within some blurs of an outline; the rest is NaN. The plane is smooth, so every second pixel is
 * enough. */
struct band {
    struct lct_image image;
    int x0, y0, step; /* pixel (i, j) of the image is pixel (x0 + i step, y0 + j step) of the plane */
};

/* Cut the band along `outline` (px of frame k as recorded) out of its plane. An outline without rings gives no pixels.
 * LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status band_cut(struct band *out, const struct plan *plan, long k,
    const struct lct_image *plane, const struct lct_outline *outline, struct lct_err *err);
void band_finish(struct band *band);

/* Levels are kept in steps of 1/16384, up to 4; 0 stands for NaN. */
static inline unsigned band_code(float value)
{
    return value > 0.0f && value < 3.99f ? (unsigned)(value * 16384.0f + 0.5f) : 0;
}
static inline float band_value(unsigned code)
{
    return code ? (float)code / 16384.0f : (float)NAN;
}

#endif
