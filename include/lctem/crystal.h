/* crystal.h -- crystals that are built in or that the user describes, and the spacings of their planes */
#ifndef LCTEM_CRYSTAL_H
#define LCTEM_CRYSTAL_H

#include <lctem/err.h>
#include <stddef.h>

/** A crystal. Density and mass are NaN where they are not known. */
struct lct_crystal {
    char name[32];
    double a_nm, b_nm, c_nm, alpha_deg, beta_deg, gamma_deg;
    double density_g_per_cm3, molar_mass_g_per_mol;
    const char *source; /**< of the numbers; static */
};

/** Built-in material of that name (data/constants/crystals.def), NULL: none. */
const struct lct_crystal *lct_crystal_find(const char *name);

/** All of them, ended by one with an empty name. */
const struct lct_crystal *lct_crystals(void);

/** Read "NAME:SYSTEM:a[,b][,c][,alpha,beta,gamma]" with lengths in nm, angles in degrees: "Au:cubic:0.40782",
 *  "X:tetragonal:a,c", "X:hexagonal:a,c", "X:orthorhombic:a,b,c", "X:triclinic:a,b,c,alpha,beta,gamma".
 *  LCT_E_ARG: not of that form. */
LCT_MUST_CHECK enum lct_status lct_crystal_parse(struct lct_crystal *out, const char *text, struct lct_err *err);

/** Spacing of the planes (hkl), from the reciprocal metric of the cell [equations L7]. NaN for (000). */
double lct_crystal_spacing_nm(const struct lct_crystal *material, int h, int k, int l);

/** Read Miller or Miller-Bravais indices "110", "11-20", "10-10", "0003": one digit each, a minus before it. LCT_E_ARG: not of that form,
 *  or h + k + i is not 0. */
LCT_MUST_CHECK enum lct_status lct_crystal_indices(const char *text, int hkl[3], struct lct_err *err);

/** A spacing in nm from "MATERIAL:INDICES" ("Cd:11-20") or from a plain number with or without "nm".
 *  `also` (may be NULL) is looked at before the built-in materials. LCT_E_ARG: neither; names what is known. */
LCT_MUST_CHECK enum lct_status lct_crystal_known_spacing(
    double *out_nm, const char *text, const struct lct_crystal *also, struct lct_err *err);

#endif
