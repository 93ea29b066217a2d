/* stage.h -- the film's stages: stretches between change points, named I to IV where the paper's pattern fits */
#ifndef LCTEM_STAGE_H
#define LCTEM_STAGE_H

#include <lctem/change_point.h>
#include <lctem/curves.h>

/** By rule. "G" is the particle whose core grows most over the movie, "L" the one whose core loses most. */
enum lct_stage_label {
    LCT_STAGE_PLAIN, /**< the pattern does not fit: a stretch with its slopes */
    LCT_STAGE_I,     /**< core L shrinks, core G does not grow */
    LCT_STAGE_II,    /**< neither core changes, shell L shrinks or shell G grows */
    LCT_STAGE_III,   /**< core G grows while core L shrinks */
    LCT_STAGE_IV,    /**< L is gone */
};
const char *lct_stage_name(enum lct_stage_label label); /**< "I" ... "IV", "" for plain */

struct lct_stage {
    double start_s, end_s;
    double start_sd_s; /**< 0 for the first: it begins with the movie */
    enum lct_stage_label label;
    char description[512]; /**< who shrinks and who grows, with the rates of lct_area_rate */
};

/** Owned; see lct_stages_finish. */
struct lct_stages {
    struct lct_stage *stages;
    size_t n;
    struct lct_change *changes; /**< all change points, also those inside a stage */
    size_t n_changes;
    bool named;                             /**< stages I to IV fit */
    int grower, loser;                      /**< identities of G and L; 0: none */
    double shell_onset_s, shell_onset_sd_s; /**< when a shell begins to grow; NaN: none does */
};

/** Change points of all area curves together [K2, K3] and stages by rule [K4]. Particles that are cut by the border do not count; fewer
 *  than ten frames are one stage. LCT_E_NODATA: every particle is cut. LCT_E_ARG, LCT_E_LIMIT as in change_point.h. */
LCT_MUST_CHECK enum lct_status lct_stages_find(struct lct_stages *out, const struct lct_curves *curves,
    const struct lct_change_params *params, struct lct_err *err);

/** Accepts a zeroed struct; leaves it zeroed. */
void lct_stages_finish(struct lct_stages *stages);

#endif
