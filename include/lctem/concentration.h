/* concentration.h -- areas -> volumes -> amounts -> concentrations in the pocket, with what they depend on */
#ifndef LCTEM_CONCENTRATION_H
#define LCTEM_CONCENTRATION_H

#include <lctem/curves.h>
#include <lctem/material.h>

/** The pocket and its particles. A sigma of 0 means "taken as exact". */
struct lct_pocket {
    double core_thickness_nm, core_thickness_sd_nm;   /**< of the core along the beam, > 0; 7 (0) */
    double plate_thickness_nm, plate_thickness_sd_nm; /**< core and both covers, >= core_thickness; 12 (0) */
    double liquid_volume_nm3, liquid_volume_sd_nm3;   /**< of the pocket, > 0; 50 000 (0) */
    double reference_s, reference_sd_s; /**< instant of saturation, within the movie; 16 (0); NaN: not known, that
                                                           anchor stays empty */
    double
        area_correlation; /**< share of the systematic variance of an area that stays the same in time, 0 to 1; NaN: 0.8. Systematic
                                    is what the table calls common, or what is above the scatter where it does not say */
    double area_scale; /**< all areas are multiplied by this; 1 (for the sensitivity to the pixel size) */
    double
        core_area_scale; /**< core areas only, at the expense of the rim; 1 (for the sensitivity to the core's edge) */
    struct lct_material core, shell; /**< Cd, CdCl2 */
    double saturation_mol_per_l;     /**< of the cation at the reference instant; NaN: from the shell's solubility */
    double feed_cation_mol_per_l, feed_anion_mol_per_l; /**< at the first frame; 0.005, 0.011 */
};
struct lct_pocket lct_pocket_defaults(void);

/** A default of the pocket, from data/constants/pocket.def. */
struct lct_pocket_constant {
    const char *key, *unit, *source; /**< key: of the setting */
    double value;
};
const struct lct_pocket_constant *lct_pocket_row(size_t n); /**< NULL: there are no more */

/** LCT_E_ARG: a value makes no sense; the message begins with its key. */
LCT_MUST_CHECK enum lct_status lct_pocket_check(const struct lct_pocket *pocket, struct lct_err *err);

/** Two ways to say what the liquid held at one instant. They disagree; both are reported. */
enum lct_anchor {
    LCT_ANCHOR_SATURATION, /**< saturated with the shell's salt at reference_s */
    LCT_ANCHOR_FEED,       /**< the feed solution at the first frame */
    LCT_N_ANCHORS
};
const char *lct_anchor_name(enum lct_anchor anchor); /**< "saturation", "feed" */

/** Concentrations against time for one anchor; n_times each, NaN where the anchor's concentration is not known. */
struct lct_solution {
    double anchor_s, cation_mol_per_l, anion_mol_per_l; /**< the instant, and what is set there */
    double *delta_cation, *delta_anion;                 /**< mol/L since the anchor */
    double *delta_cation_sd,
        *delta_anion_sd; /**< from areas, thicknesses, pocket volume and, for saturation, the instant */
    double *delta_cation_area_sd, *delta_anion_area_sd; /**< the part of the areas */
    double *cation, *anion;         /**< mol/L; sigma: those of the deltas, for what is set is a choice */
    double *residual, *residual_sd; /**< charge: anions/cations of the shell x cation - anion, mol/L */
};

/** Volumes, amounts and concentrations. Owned; see lct_concentration_finish. */
struct lct_concentration {
    size_t n_times, n_particles;
    /* n_particles x n_times; amol = 1e-18 mol. Of every particle, also of those that are cut. */
    double *core_nm3, *core_sd_nm3, *shell_nm3, *shell_sd_nm3;
    double *cation_amol, *cation_sd_amol, *anion_amol, *anion_sd_amol;
    /* n_times, sums over the particles that count (not cut by the border) */
    double *sum_core_nm3, *sum_shell_nm3;
    struct lct_solution solution[LCT_N_ANCHORS];
    double
        lasting; /**< share of the systematic variance that was taken to last: area_correlation, or what stands for its NaN */
    double closure; /**< largest |solid + dissolved - the same at the anchor| over all that is there, relative */
    double *pool;   /**< memory of all arrays */
};

/** Volumes [V1, V2], amounts [V3], concentrations [V4, V5], sigmas [V7] of `curves` (borrowed).
 *  LCT_E_ARG: pocket, or its reference instant is outside the movie. LCT_E_NODATA: every particle is cut. LCT_E_LIMIT. */
LCT_MUST_CHECK enum lct_status lct_concentration_compute(struct lct_concentration *out, const struct lct_curves *curves,
    const struct lct_pocket *pocket, struct lct_err *err);

/** Accepts a zeroed struct; leaves it zeroed. */
void lct_concentration_finish(struct lct_concentration *c);

/** What one assumption does to the result. */
struct lct_sensitivity {
    const char *parameter, *unit;
    double value, change; /**< the step is +-change; half of the difference is reported */
    bool is_sd;           /**< change is the sigma that was given, else a tenth of the value */
    enum lct_anchor anchor;
    double time_s;                                                /**< where the cation changes most */
    double cation_mol_per_l, anion_mol_per_l, residual_mol_per_l; /**< change of the concentrations there */
    int rank; /**< 1: matters most for the cation, among the rows of this anchor */
};

/** Effect of each parameter that is known on each anchor that is known [V8]. `*rows` is for the caller to free. Statuses as above. */
LCT_MUST_CHECK enum lct_status lct_concentration_sensitivity(struct lct_sensitivity **rows, size_t *n,
    const struct lct_curves *curves, const struct lct_pocket *pocket, struct lct_err *err);

/** Who lost and who gained over a stretch of time. */
struct lct_transfer {
    double start_s, end_s;
    int particle;                                          /**< LCT_TRANSFER_*, or an identity */
    bool counted;                                          /**< false: cut by the border, not in the sum */
    double core_nm3, core_sd_nm3, shell_nm3, shell_sd_nm3; /**< change of volume; NaN for the liquid */
    double core_before_nm3, core_after_nm3, shell_before_nm3, shell_after_nm3; /**< NaN for the liquid */
    double cation_before_amol, cation_after_amol, cation_amol,
        cation_sd_amol; /**< NaN before and after for the liquid */
    double anion_before_amol, anion_after_amol, anion_amol, anion_sd_amol;
};
enum { LCT_TRANSFER_SUM = 0, LCT_TRANSFER_LIQUID = -1 };

/** Budget [V9] of n stretches: rows of every particle, their sum, and the liquid (the sum's negative); `*rows` is for the caller
 *  to free. LCT_E_LIMIT. */
LCT_MUST_CHECK enum lct_status lct_concentration_transfer(struct lct_transfer **rows, size_t *n_rows,
    const struct lct_curves *curves, const struct lct_pocket *pocket, const double *edges_s, size_t n,
    struct lct_err *err);

#endif
