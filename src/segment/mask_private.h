/* mask_private.h -- what mask.c and morphology.c share */
#ifndef LCTEM_SEGMENT_MASK_PRIVATE_H
#define LCTEM_SEGMENT_MASK_PRIVATE_H

#include <lctem/mask.h>
#include <stdbool.h>

/** Words of 64 bits that hold a row of `width` pixels. */
size_t lct_mask_words(int width);

#endif
