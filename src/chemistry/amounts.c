#include "amounts.h"

struct areas amounts_areas(
    const struct lct_curves *c, const struct lct_pocket *pocket, size_t p, const struct lct_curves_place *at)
{
    const double core = lct_curves_value(lct_curves_row(c, c->core_nm2, p), at);
    const double total = lct_curves_value(lct_curves_row(c, c->total_nm2, p), at);
    return (struct areas){ core * pocket->area_scale * pocket->core_area_scale, total * pocket->area_scale };
}

struct gradient amounts_core_nm3(const struct lct_pocket *pocket)
{
    return (struct gradient){ pocket->core_thickness_nm, 0.0 };
}

struct gradient amounts_shell_nm3(const struct lct_pocket *pocket)
{
    return (struct gradient){ -pocket->core_thickness_nm, pocket->plate_thickness_nm };
}

static struct gradient ions(const struct lct_pocket *pocket, double per_core, double per_shell)
{
    const struct gradient core = amounts_core_nm3(pocket), shell = amounts_shell_nm3(pocket);
    const double a = per_core * lct_material_mol_per_nm3(&pocket->core);
    const double b = per_shell * lct_material_mol_per_nm3(&pocket->shell);
    return (struct gradient){ a * core.core + b * shell.core, a * core.total + b * shell.total };
}

struct gradient amounts_cation_mol(const struct lct_pocket *pocket)
{
    return ions(pocket, pocket->core.cations, pocket->shell.cations);
}

struct gradient amounts_anion_mol(const struct lct_pocket *pocket)
{
    return ions(pocket, pocket->core.anions, pocket->shell.anions);
}
