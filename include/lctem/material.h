/* material.h -- solids that make cores and shells: density, molar mass, ions per formula */
#ifndef LCTEM_MATERIAL_H
#define LCTEM_MATERIAL_H

#include <lctem/err.h>
#include <stddef.h>

struct lct_material {
    char name[32];
    double density_g_per_cm3;
    double molar_mass_g_per_mol;
    double cations, anions;        /**< per formula unit; a metal has no anions */
    double solubility_g_per_100ml; /**< in water; NaN: not known */
    char cation[16], anion[16];    /**< what the ions are called in words */
    char source[256];              /**< of the numbers */
};

/** The n-th material of data/constants/materials.def; NULL behind the last. */
const struct lct_material *lct_material_row(size_t n);

/** By name; NULL: not in the table. */
const struct lct_material *lct_material_find(const char *name);

/** mol of formula units in a cubic nanometre. */
double lct_material_mol_per_nm3(const struct lct_material *material);

/** Saturation of its cation in mol per litre of water, from the solubility [equation V6]; NaN: not known. */
double lct_material_saturation_mol_per_l(const struct lct_material *material);

/** LCT_E_ARG: density, molar mass or ions make no sense; `key` ("core" or "shell") begins the names in the message. */
LCT_MUST_CHECK enum lct_status lct_material_check(
    const struct lct_material *material, const char *key, struct lct_err *err);

#endif
