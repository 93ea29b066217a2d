/* map_file.h -- planes of measured values as a TIFF of 32-bit floats */
#ifndef LCTEM_MAP_FILE_H
#define LCTEM_MAP_FILE_H

#include <lctem/err.h>
#include <lctem/image.h>
#include <stddef.h>

/** One page; borrowed. */
struct lct_map {
    const char *name; /**< written as the page's name */
    const struct lct_image *image;
};

/** Write n pages of one size, calibrated the way ImageJ reads it (pixel_size_nm NaN: px); the file is there whole or not at all.
 *  LCT_E_OUTPUT: cannot be written. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_maps_write(
    const char *path, const struct lct_map *maps, size_t n, double pixel_size_nm, struct lct_err *err);

#endif
