#include <lctem/material.h>

#include <math.h>
#include <string.h>

#define MATERIAL(name_, density, mass, cations_, anions_, solubility, cation_, anion_, source_)                           \
    { .name = name_, .density_g_per_cm3 = (density), .molar_mass_g_per_mol = (mass), .cations = (cations_),               \
        .anions = (anions_), .solubility_g_per_100ml = (double)(solubility), .cation = cation_, .anion = anion_,          \
        .source = source_ },
static const struct lct_material table[] = {
#include "materials.def"
};
#undef MATERIAL

static const double CM3_PER_NM3 = 1e-21;

const struct lct_material *lct_material_row(size_t n)
{
    return n < sizeof table / sizeof *table ? &table[n] : NULL;
}

const struct lct_material *lct_material_find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

double lct_material_mol_per_nm3(const struct lct_material *material)
{
    return material->density_g_per_cm3 * CM3_PER_NM3 / material->molar_mass_g_per_mol;
}

double lct_material_saturation_mol_per_l(const struct lct_material *material)
{
    return 10.0 * material->solubility_g_per_100ml / material->molar_mass_g_per_mol * material->cations;
}

enum lct_status lct_material_check(const struct lct_material *m, const char *key, struct lct_err *err)
{
    if (!(m->density_g_per_cm3 > 0.0) || !isfinite(m->density_g_per_cm3))
        return lct_fail(err, LCT_E_ARG, "%s_density: nothing known of \"%s\"; give its density, above 0 g/cm3", key, m->name);
    if (!(m->molar_mass_g_per_mol > 0.0) || !isfinite(m->molar_mass_g_per_mol))
        return lct_fail(err, LCT_E_ARG, "%s_molar_mass: nothing known of \"%s\"; give its molar mass, above 0 g/mol", key,
            m->name);
    if (!(m->cations > 0.0) || !isfinite(m->cations))
        return lct_fail(err, LCT_E_ARG, "%s_cations: nothing known of \"%s\"; give its cations per formula, above 0", key,
            m->name);
    if (!(m->anions >= 0.0) || !isfinite(m->anions))
        return lct_fail(err, LCT_E_ARG, "%s_anions: nothing known of \"%s\"; give its anions per formula, 0 or more", key,
            m->name);
    return LCT_OK;
}
