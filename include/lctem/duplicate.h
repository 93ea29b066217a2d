/* duplicate.h -- frames that show the picture before them once more */
#ifndef LCTEM_DUPLICATE_H
#define LCTEM_DUPLICATE_H

#include <lctem/image.h>
#include <stdbool.h>

/** How a frame differs from the one before it; both in grey values, over the pixels that are known and not ignored. */
struct lct_difference {
    double mean_abs;  /**< mean |this - previous|; NaN: nothing to compare */
    double roughness; /**< mean |pixel - its right neighbour| of this frame: what noise and texture make */
};

/** Compare two frames of one size. `ignore` (may be NULL): nonzero where a pixel does not count. Pure. */
struct lct_difference lct_duplicate_compare(
    const struct lct_image *previous, const struct lct_image *frame, const unsigned char *ignore);

enum { LCT_DUPLICATE_MEMORY = 31 };

/** What the judge remembers: a plain value, zeroed at the start of a movie, which may be copied into a checkpoint. */
struct lct_duplicate_state {
    double differences[LCT_DUPLICATE_MEMORY]; /**< of the latest frames that were no duplicates, a ring */
    int n, next;
};

/** True if the frame repeats the one before: no difference, or (encoded anew) less than a tenth of what is usual between
 *  frames of this movie; before enough of them were seen, of the frame's own roughness. Frames in order. */
bool lct_duplicate_judge(struct lct_duplicate_state *state, struct lct_difference difference);

#endif
