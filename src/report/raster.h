/* raster.h -- float planes to screen pixels */
#ifndef LCTEM_REPORT_RASTER_H
#define LCTEM_REPORT_RASTER_H

#include <lctem/err.h>
#include <lctem/image.h>
#include <stdint.h>

/** Draw `image`, scaled by `zoom`, with its corner at the corner of `xrgb` (width * height, `stride` values a row); what the
 *  image does not cover becomes black. Scaling down takes means, scaling up interpolates. */
LCT_MUST_CHECK enum lct_status raster_draw(const struct lct_image *image, double lo, double hi, double zoom,
    uint32_t *xrgb, int width, int height, int stride, struct lct_err *err);

#endif
