/* masks.h -- label stacks made elsewhere: whose values are core and shell, and what they say of each frame */
#ifndef LCTEM_PIPELINE_MASKS_H
#define LCTEM_PIPELINE_MASKS_H

#include "movie.h"

#include <lctem/contour.h>
#include <stdint.h>

struct masks {
    struct movie movie;           /* the label stack: the same range and region as the pictures' */
    struct lct_image page;        /* one frame of it */
    bool one_class;               /* whatever is not 0 is core */
    long core_label, shell_label; /* where they are given; 0: odd values are cores, even ones shells */
    bool has_shell;
};

/* Open recipe->labels and look at some of its frames. LCT_E_INPUT: not there, or no labels (fractions, negative values,
 * more than 65535). LCT_E_NODATA: every frame is empty. LCT_E_ARG: a label is given that is another's, too. */
LCT_MUST_CHECK enum lct_status masks_open(struct masks *out, const struct lct_recipe *recipe, struct lct_err *err);
void masks_close(struct masks *masks);

/* Do the masks fit on the frames of a movie? LCT_E_INPUT: says how they differ. */
LCT_MUST_CHECK enum lct_status masks_check(const struct masks *masks, const struct movie *movie, struct lct_err *err);

/* What neither the user nor the movie knows of its scale is what the masks say. */
void masks_lend_scale(const struct masks *masks, struct movie *movie);

/* Phases of frame k of the run, one per pixel of the region. */
LCT_MUST_CHECK enum lct_status masks_read(struct masks *masks, long k, uint8_t *phase, struct lct_err *err);

/* Let a movie whose frames are label pages show them as pictures: liquid 1, shell and core darker, as plan_of_masks
 * expects. */
enum lct_phase masks_phase(const struct masks *masks, float value);
static const float masks_grey[] = { [LCT_LIQUID] = 1.0F, [LCT_CORE] = 0.7F, [LCT_SHELL] = 0.85F };

#endif
