/* plot_chemistry.h -- plots of concentrations and of the mass budget, as gnuplot scripts and pictures */
#ifndef LCTEM_PLOT_CHEMISTRY_H
#define LCTEM_PLOT_CHEMISTRY_H

#include <lctem/err.h>

/** What the ions are called in the pictures. */
struct lct_plot_ions {
    const char *cation, *anion; /**< "Cd(II)", "Cl"; plain words without quotes */
    double anions_per_cation;   /**< of the shell: the charge residual is this x cation - anion */
};

/** Concentrations of both ions for both anchors, and the charge residual, from `<dir>/concentration.csv` and `<dir>/stages.csv`:
 *  `<dir>/plots/concentration.gp`, `.svg` and `.png`. `gnuplot`: program to run, NULL: "gnuplot" on the PATH.
 *  LCT_E_NODATA: there is no gnuplot (the script is written all the same). LCT_E_OUTPUT: cannot be written, or gnuplot failed. */
LCT_MUST_CHECK enum lct_status lct_plot_concentration(
    const char *dir, const struct lct_plot_ions *ions, const char *gnuplot, struct lct_err *err);

/** Who lost and who gained in each stage, from `<dir>/mass_budget.csv`: `<dir>/plots/mass_budget.*`. As above. */
LCT_MUST_CHECK enum lct_status lct_plot_mass_budget(
    const char *dir, const struct lct_plot_ions *ions, const char *gnuplot, struct lct_err *err);

#endif
