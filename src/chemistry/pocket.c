#include <lctem/concentration.h>

#include <math.h>

struct lct_pocket lct_pocket_defaults(void)
{
    return (struct lct_pocket){
#define POCKET(key_, member_, value_, unit_, source_) .member_ = (value_),
#include "pocket.def"
#undef POCKET
        .area_correlation = (double)NAN,
        .area_scale = 1.0,
        .core_area_scale = 1.0,
        .core = *lct_material_find("Cd"),
        .shell = *lct_material_find("CdCl2"),
        .saturation_mol_per_l = (double)NAN
    };
}

const struct lct_pocket_constant *lct_pocket_row(size_t n)
{
    static const struct lct_pocket_constant rows[] = {
#define POCKET(key_, member_, value_, unit_, source_)                                                                  \
    { .key = key_, .value = (value_), .unit = unit_, .source = source_ },
#include "pocket.def"
#undef POCKET
    };
    return n < sizeof rows / sizeof *rows ? &rows[n] : NULL;
}

static enum lct_status check_sigmas(const struct lct_pocket *p, struct lct_err *err)
{
    const struct {
        const char *key, *unit;
        double value;
    } rows[] = { { "core_thickness_sd", "nm", p->core_thickness_sd_nm },
        { "plate_thickness_sd", "nm", p->plate_thickness_sd_nm },
        { "liquid_volume_sd", "nm3", p->liquid_volume_sd_nm3 }, { "reference_time_sd", "s", p->reference_sd_s },
        { "feed_cation", "mol/L", p->feed_cation_mol_per_l }, { "feed_anion", "mol/L", p->feed_anion_mol_per_l } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!(rows[i].value >= 0.0) || !isfinite(rows[i].value))
            return lct_fail(err, LCT_E_ARG, "%s: %g %s; give 0 or more", rows[i].key, rows[i].value, rows[i].unit);
    if (p->area_correlation < 0.0 || p->area_correlation > 1.0)
        return lct_fail(err, LCT_E_ARG, "area_correlation: %g; give a share from 0 to 1, or auto", p->area_correlation);
    if (p->saturation_mol_per_l < 0.0)
        return lct_fail(err, LCT_E_ARG, "saturation: %g mol/L; give 0 or more", p->saturation_mol_per_l);
    return LCT_OK;
}

enum lct_status lct_pocket_check(const struct lct_pocket *p, struct lct_err *err)
{
    const struct {
        const char *key, *unit;
        double value;
    } rows[] = { { "core_thickness", "nm", p->core_thickness_nm }, { "plate_thickness", "nm", p->plate_thickness_nm },
        { "liquid_volume", "nm3", p->liquid_volume_nm3 }, { "area_scale", "", p->area_scale },
        { "core_area_scale", "", p->core_area_scale } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!(rows[i].value > 0.0) || !isfinite(rows[i].value))
            return lct_fail(err, LCT_E_ARG, "%s: %g %s; it must be above 0", rows[i].key, rows[i].value, rows[i].unit);
    if (p->plate_thickness_nm < p->core_thickness_nm)
        return lct_fail(err, LCT_E_ARG,
            "plate_thickness: %g nm is less than core_thickness (%g nm), but the plate is the core "
            "with its covers; exchange them?",
            p->plate_thickness_nm, p->core_thickness_nm);
    enum lct_status status = check_sigmas(p, err);
    if (status == LCT_OK)
        status = lct_material_check(&p->core, "core", err);
    return status == LCT_OK ? lct_material_check(&p->shell, "shell", err) : status;
}

const char *lct_anchor_name(enum lct_anchor anchor)
{
    return anchor == LCT_ANCHOR_SATURATION ? "saturation" : "feed";
}
