#include "amounts.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#define AT(member) offsetof(struct lct_pocket, member)
#define NO_SD ((size_t)-1)

/* A tenth is what one would not be surprised by in any of them; what is better known says so with its sigma. */
static const double STEP_FRAC = 0.1;

static const struct parameter {
    const char *name, *unit;
    size_t value, sd; /* offsets in struct lct_pocket */
} parameters[] = {
    { "core_thickness", "nm", AT(core_thickness_nm), AT(core_thickness_sd_nm) },
    { "plate_thickness", "nm", AT(plate_thickness_nm), AT(plate_thickness_sd_nm) },
    { "liquid_volume", "nm3", AT(liquid_volume_nm3), AT(liquid_volume_sd_nm3) },
    { "reference_time", "s", AT(reference_s), AT(reference_sd_s) },
    { "area_scale", "", AT(area_scale), NO_SD },
    { "core_area_scale", "", AT(core_area_scale), NO_SD },
    { "core_density", "g/cm3", AT(core.density_g_per_cm3), NO_SD },
    { "shell_density", "g/cm3", AT(shell.density_g_per_cm3), NO_SD },
    { "saturation", "mol/L", AT(saturation_mol_per_l), NO_SD },
    { "feed_cation", "mol/L", AT(feed_cation_mol_per_l), NO_SD },
    { "feed_anion", "mol/L", AT(feed_anion_mol_per_l), NO_SD },
};
enum { N_PARAMETERS = sizeof parameters / sizeof *parameters };

static double *field(struct lct_pocket *pocket, size_t offset)
{
    return (double *)(void *)((char *)pocket + offset);
}

/* The pocket with one parameter moved, kept where it makes sense: a plate is no thinner than its core, an instant is in the
 * movie. */
static struct lct_pocket moved(
    const struct lct_pocket *pocket, const struct parameter *p, double by, const struct lct_curves *curves)
{
    struct lct_pocket m = *pocket;
    *field(&m, p->value) += by;
    m.plate_thickness_nm = fmax(m.plate_thickness_nm, m.core_thickness_nm);
    if (!isnan(m.reference_s))
        m.reference_s = fmin(fmax(m.reference_s, curves->times_s[0]), curves->times_s[curves->n_times - 1]);
    return m;
}

static void compare(struct lct_sensitivity *row, const struct lct_concentration *up,
    const struct lct_concentration *down, const struct lct_curves *curves)
{
    const struct lct_solution *a = &up->solution[row->anchor], *b = &down->solution[row->anchor];
    double best = -1.0;
    for (size_t t = 0; t < curves->n_times; t++) {
        const double cation = 0.5 * (a->cation[t] - b->cation[t]), anion = 0.5 * (a->anion[t] - b->anion[t]);
        const double size =
            fabs(cation) + 1e-6 * fabs(anion); /* the anion decides only where the cation does not care */
        if (!(size > best))
            continue;
        best = size;
        row->time_s = curves->times_s[t];
        row->cation_mol_per_l = cation;
        row->anion_mol_per_l = anion;
        row->residual_mol_per_l = 0.5 * (a->residual[t] - b->residual[t]);
    }
}

static enum lct_status probe(struct lct_sensitivity rows[LCT_N_ANCHORS], const struct lct_curves *curves,
    const struct lct_pocket *pocket, const struct parameter *p, struct lct_err *err)
{
    struct lct_pocket middle = *pocket;
    const double value = *field(&middle, p->value), sd = p->sd == NO_SD ? 0.0 : *field(&middle, p->sd);
    const double change = sd > 0.0 ? sd : STEP_FRAC * value;
    const struct lct_pocket more = moved(pocket, p, change, curves), less = moved(pocket, p, -change, curves);
    struct lct_concentration up = { 0 }, down = { 0 };
    enum lct_status status = amounts_in_liquid(&up, curves, &more, err);
    if (status == LCT_OK)
        status = amounts_in_liquid(&down, curves, &less, err);
    for (int a = 0; status == LCT_OK && a < LCT_N_ANCHORS; a++) {
        rows[a] = (struct lct_sensitivity){ .parameter = p->name,
            .unit = p->unit,
            .value = value,
            .change = change,
            .is_sd = sd > 0.0,
            .anchor = (enum lct_anchor)a,
            .time_s = (double)NAN };
        compare(&rows[a], &up, &down, curves);
    }
    lct_concentration_finish(&up);
    lct_concentration_finish(&down);
    return status;
}

/* What an unknown value, or an unknown anchor, does to the result is not known either. */
static size_t keep_known(struct lct_sensitivity *rows, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(rows[i].value) && isfinite(rows[i].time_s))
            rows[kept++] = rows[i];
    return kept;
}

static void rank(struct lct_sensitivity *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        rows[i].rank = 1;
        for (size_t k = 0; k < n; k++) {
            const double mine = fabs(rows[i].cation_mol_per_l), other = fabs(rows[k].cation_mol_per_l);
            rows[i].rank += rows[k].anchor == rows[i].anchor && (other > mine || (other == mine && k < i));
        }
    }
}

enum lct_status lct_concentration_sensitivity(struct lct_sensitivity **rows, size_t *n, const struct lct_curves *curves,
    const struct lct_pocket *pocket, struct lct_err *err)
{
    struct lct_pocket known = *pocket;
    if (isnan(known.saturation_mol_per_l))
        known.saturation_mol_per_l = lct_material_saturation_mol_per_l(&known.shell);
    struct lct_sensitivity *found = calloc((size_t)N_PARAMETERS * LCT_N_ANCHORS, sizeof *found);
    if (!found)
        return lct_fail(err, LCT_E_LIMIT, "sensitivity: no memory");
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < N_PARAMETERS; i++)
        status = probe(&found[i * LCT_N_ANCHORS], curves, &known, &parameters[i], err);
    if (status != LCT_OK) {
        free(found);
        return status;
    }
    *n = keep_known(found, (size_t)N_PARAMETERS * LCT_N_ANCHORS);
    rank(found, *n);
    *rows = found;
    return LCT_OK;
}
