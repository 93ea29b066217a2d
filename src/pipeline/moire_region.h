/* moire_region.h -- what `lctem moire` transforms: a picture, the part of it that holds the lattice, or the core of
 * one particle in it */
#ifndef LCTEM_PIPELINE_MOIRE_REGION_H
#define LCTEM_PIPELINE_MOIRE_REGION_H

#include "lattices.h"
#include "view.h"

struct moire_region {
    const unsigned char *ignore; /* pixels of the picture that are left out, NULL: none; borrowed, set by the caller */
    struct lct_spectrum *spectrum; /* loaded; borrowed from `whole` or `work` */
    struct lct_spectrum *whole;
    struct lattices_work *work;
    struct view view;
    struct lct_rect part; /* of the picture that was transformed, px; no width: all of it, or a core */
    double halo_px;       /* of the whole picture, see lct_spectrum_halo */
};

/* Load `picture`, or the core of recipe->particle as it is in frame `frame` of `path`. What was made is the caller's
 * to finish, after a fault too. LCT_E_NODATA: nothing in it. LCT_E_ARG: no such particle, or no pixel size to look
 * for one. */
LCT_MUST_CHECK enum lct_status moire_region_load(struct moire_region *out, const struct lct_image *picture,
    const char *path, long frame, const struct lct_recipe *recipe, struct lct_err *err);
void moire_region_finish(struct moire_region *region);

#endif
