/* plot_chemistry.h -- plots of concentrations and of the mass budget, as gnuplot scripts */
#ifndef LCTEM_PLOT_CHEMISTRY_H
#define LCTEM_PLOT_CHEMISTRY_H

#include <lctem/err.h>

/** What the ions are called in the pictures. */
struct lct_plot_ions {
    const char *cation, *anion; /**< "Cd(II)", "Cl"; plain words without quotes */
    double anions_per_cation;   /**< of the shell: the charge residual is this x cation - anion */
};

/** Concentrations of both ions for both anchors, and the charge residual, from `<dir>/concentration.csv` and `<dir>/stages.csv`:
 *  `<dir>/plots/concentration.gp`, which lct_plot_draw makes pictures of. LCT_E_OUTPUT: cannot be written. */
LCT_MUST_CHECK enum lct_status lct_plot_concentration(
    const char *dir, const struct lct_plot_ions *ions, struct lct_err *err);

/** Who lost and who gained in each stage, from `<dir>/mass_budget.csv`: `<dir>/plots/mass_budget.gp`. As above. */
LCT_MUST_CHECK enum lct_status lct_plot_mass_budget(
    const char *dir, const struct lct_plot_ions *ions, struct lct_err *err);

#endif
