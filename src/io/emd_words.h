/* emd_words.h -- what the two kinds of EMD files say about their images, in words: no HDF5 here */
#ifndef LCTEM_IO_EMD_WORDS_H
#define LCTEM_IO_EMD_WORDS_H

#include "reader.h"

/** An axis of the NCEM convention. */
struct emd_axis {
    char name[32], unit[32]; /**< unit without brackets and underlines: "[n_m]" is "nm" */
    double step;             /**< from one pixel to the next; NaN: not said */
};

/** Take brackets and underlines out, in place. */
void emd_clean_unit(char *unit);

/** Which axis is x, which y, which counts frames (-1: none)? By their names; without them the first one is x, the last one counts
 *  frames. */
void emd_assign_axes(const struct emd_axis *axes, int rank, int *x, int *y, int *frame);

/** Take over pixel size and frame time (`frame` may be NULL). */
void emd_axes_take(
    struct lct_source *source, const struct emd_axis *x, const struct emd_axis *y, const struct emd_axis *frame);

/** Name of the detector in Velox's JSON; unchanged where it has none. */
void emd_velox_name(char *name, size_t size, const char *text);

/** Take over pixel size and frame time from Velox's JSON, and note the rest. */
void emd_velox_take(struct lct_source *source, const char *text);

#endif
