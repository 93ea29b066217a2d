/* tiff_scale.h -- pixel size, frame time and words in the tags of a TIFF page; private to tiff*.c */
#ifndef LCTEM_IO_TIFF_SCALE_H
#define LCTEM_IO_TIFF_SCALE_H

#include "reader.h"

#include <tiffio.h>

/** Scale from, in this order: OME's or ImageJ's description, DigitalMicrograph's tags, FEI's metadata, the resolution. */
void tiff_take_scale(struct lct_source *source, TIFF *tif, const struct lct_description *said);

/** Software, date and the like -> metadata. */
void tiff_take_words(struct lct_source *source, TIFF *tif);

#endif
