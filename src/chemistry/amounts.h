/* amounts.h -- what an area holds: the linear map from areas to volumes and amounts */
#ifndef LCTEM_CHEMISTRY_AMOUNTS_H
#define LCTEM_CHEMISTRY_AMOUNTS_H

#include <lctem/concentration.h>

#define AMOL_PER_MOL 1e18
#define L_PER_NM3 1e-24

/* Areas at one instant, after the pocket's scales. */
struct areas {
    double core, total;
};

/* d(amount)/d(area) of core and total: amounts are linear in the areas. */
struct gradient {
    double core, total;
};

struct areas amounts_areas(
    const struct lct_curves *curves, const struct lct_pocket *pocket, size_t p, const struct lct_curves_place *at);

/* Volumes in nm3 [V1, V2]. */
struct gradient amounts_core_nm3(const struct lct_pocket *pocket);
struct gradient amounts_shell_nm3(const struct lct_pocket *pocket);

/* Amounts of the ions in mol [V3]. */
struct gradient amounts_cation_mol(const struct lct_pocket *pocket);
struct gradient amounts_anion_mol(const struct lct_pocket *pocket);

/* lct_concentration_compute without volumes, amounts and closure: those pointers stay NULL. Also for lct_concentration_finish. */
LCT_MUST_CHECK enum lct_status amounts_in_liquid(struct lct_concentration *out, const struct lct_curves *curves,
    const struct lct_pocket *pocket, struct lct_err *err);

static inline double amounts_of(struct gradient g, struct areas a)
{
    return g.core * a.core + g.total * a.total;
}

#endif
