/* after.h -- what follows from finished tables: volumes, concentrations, stages, rates, correlations, dose */
#ifndef LCTEM_AFTER_H
#define LCTEM_AFTER_H

#include <lctem/err.h>
#include <lctem/log.h>
#include <lctem/recipe.h>

enum { LCT_AFTER_STAGES = 12 };

/** What was found, in short. NaN: not known. */
struct lct_after {
    size_t n_stages;
    double begin_s[LCT_AFTER_STAGES], begin_sd_s[LCT_AFTER_STAGES]; /**< of the first stages */
    const char *label[LCT_AFTER_STAGES]; /**< of the same: "I" to "IV", "" for plain; static */
    bool named;                          /**< stages I to IV */
    double reference_s;                  /**< instant of saturation */
    double saturation_mol_per_l;         /**< cation at the reference instant, from the solubility */
    double from_feed_mol_per_l;          /**< the same counted from the feed */
    double residual_mol_per_l;           /**< charge residual in the last frame, counted from the feed */
    double closure;                      /**< of the amounts, relative */
};

/** Read `<from>/areas.csv`, or the table `from` itself, with frames.csv, facets.csv and events.csv beside it where they are; write
 *  into the folder `to` (NULL: where the table is; made if missing): stages, change_points, volumes, concentration, mass_budget,
 *  sensitivity, rates, controls, correlations, dose and dose_events (with a dose rate) as tables, assumptions.json, and the plots
 *  `concentration` and `mass_budget`. Remarks go to `log` (may be NULL).
 *  A table without nm2 gives stages, change_points, rates, controls (in percent) and correlations, in px2, before it is refused.
 *  LCT_E_ARG: a setting makes no sense with this movie. LCT_E_INPUT: a table is missing or wrong. LCT_E_NODATA: no particles, no
 *  pixel size, no times. LCT_E_OUTPUT: results are there already (without recipe->force), or cannot be written. LCT_E_LIMIT. */
LCT_MUST_CHECK enum lct_status lct_after_run(struct lct_after *out, const char *from, const char *to,
    const struct lct_recipe *recipe, const struct lct_log *log, struct lct_err *err);

/** One table, compare_dose.csv, over n analyzed folders: cracks, onset and growth against time and dose, and compare_dose_summary.json
 *  with what it says about the beam. The dose rate is the recipe's, else that of each folder's frames.csv.
 *  LCT_E_ARG: fewer than two folders. Else as above. */
LCT_MUST_CHECK enum lct_status lct_after_compare_dose(const char *const *folders, size_t n, const char *to,
    const struct lct_recipe *recipe, const struct lct_log *log, struct lct_err *err);

#endif
