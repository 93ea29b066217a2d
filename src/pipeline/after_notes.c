#include "after.h"

#include <lctem/file.h>
#include <lctem/json.h>
#include <lctem/number.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_parameter(
    struct lct_json *j, const char *name, double value, double sd, const char *unit, const char *source)
{
    lct_json_open_object(j, NULL);
    lct_json_text(j, "name", name);
    lct_json_number(j, "value", value);
    if (isnan(sd))
        lct_json_text(j, "sd", "does not apply");
    else if (sd > 0.0)
        lct_json_number(j, "sd", sd);
    else
        lct_json_text(j, "sd", "none given: taken as exact");
    lct_json_text(j, "unit", unit);
    lct_json_text(j, "source", source);
    lct_json_close(j);
}

static void add_material(struct lct_json *j, const char *key, const struct lct_material *m)
{
    lct_json_open_object(j, key);
    lct_json_text(j, "name", m->name);
    lct_json_number(j, "density_g_per_cm3", m->density_g_per_cm3);
    lct_json_number(j, "molar_mass_g_per_mol", m->molar_mass_g_per_mol);
    lct_json_number(j, "cations_per_formula", m->cations);
    lct_json_number(j, "anions_per_formula", m->anions);
    lct_json_number(j, "solubility_g_per_100ml_water", m->solubility_g_per_100ml);
    lct_json_text(j, "source", m->source);
    lct_json_close(j);
}

static void add_constant(struct lct_json *j, const char *key, double value, double sd)
{
    const struct lct_pocket_constant *row = NULL;
    for (size_t n = 0; (row = lct_pocket_row(n)) != NULL && strcmp(row->key, key) != 0; n++)
        ;
    if (row)
        add_parameter(j, key, value, sd, row->unit, value == row->value ? row->source : "given by the user");
}

static void add_parameters(struct lct_json *j, const struct after *a)
{
    const struct lct_pocket *p = &a->pocket;
    const double no_sd = (double)NAN;
    lct_json_open_array(j, "parameters");
    add_constant(j, "core_thickness", p->core_thickness_nm, p->core_thickness_sd_nm);
    add_constant(j, "plate_thickness", p->plate_thickness_nm, p->plate_thickness_sd_nm);
    add_constant(j, "liquid_volume", p->liquid_volume_nm3, p->liquid_volume_sd_nm3);
    if (a->auto_reference)
        add_parameter(j, "reference_time", p->reference_s, p->reference_sd_s, "s",
            isnan(p->reference_s) ? "not known: no shell begins to grow" : "onset of shell growth in stages.csv");
    else
        add_constant(j, "reference_time", p->reference_s, p->reference_sd_s);
    add_constant(j, "feed_cation", p->feed_cation_mol_per_l, no_sd);
    add_constant(j, "feed_anion", p->feed_anion_mol_per_l, no_sd);
    add_parameter(j, "saturation", a->amounts.solution[LCT_ANCHOR_SATURATION].cation_mol_per_l, no_sd, "mol/L",
        isnan(p->saturation_mol_per_l) ? "solubility of the shell [V6]" : "given by the user");
    add_parameter(j, "area_correlation", a->amounts.lasting, (double)NAN, "frac",
        isnan(p->area_correlation) ? "usual: errors of levels and of cores' edges last, those of particles' edges "
                                     "change as fringes move through them"
                                   : "given by the user");
    lct_json_close(j);
    add_material(j, "core", &p->core);
    add_material(j, "shell", &p->shell);
}

static void add_anchors(struct lct_json *j, const struct after *a)
{
    const char *const choices[LCT_N_ANCHORS] = {
        "the liquid is saturated with the shell's salt when the shell begins to grow; per litre of water",
        "the liquid is the feed solution in the first frame"
    };
    lct_json_open_array(j, "anchors");
    for (int i = 0; i < LCT_N_ANCHORS; i++) {
        const struct lct_solution *s = &a->amounts.solution[i];
        lct_json_open_object(j, NULL);
        lct_json_text(j, "name", lct_anchor_name((enum lct_anchor)i));
        lct_json_text(j, "choice", choices[i]);
        lct_json_number(j, "time_s", s->anchor_s);
        lct_json_number(j, "cd_mol_per_l", s->cation_mol_per_l);
        lct_json_number(j, "cl_mol_per_l", s->anion_mol_per_l);
        lct_json_close(j);
    }
    lct_json_close(j);
}

static void add_sentences(struct lct_json *j, const struct after *a, const struct lct_after *found)
{
    const struct lct_material *core = &a->pocket.core, *shell = &a->pocket.shell;
    const struct lct_solution *feed = &a->amounts.solution[LCT_ANCHOR_FEED];
    const double sd = feed->residual_sd[a->curves.n_times - 1], ratio = shell->anions / shell->cations;
    char text[640];
    if (isnan(found->reference_s))
        lct_json_text(j, "anchor_discrepancy",
            "No instant of saturation is known, so there is no saturation anchor; give --reference-time S.");
    else if (isfinite(found->saturation_mol_per_l)) {
        snprintf(text, sizeof text,
            "At %.4g s the liquid holds %.4g mol/L of %s if it is saturated then, but %.4g mol/L counted from the "
            "feed: "
            "the two anchors disagree by a factor of %.3g, and only their common change in time is measured.",
            found->reference_s, found->saturation_mol_per_l, shell->cation, found->from_feed_mol_per_l,
            found->saturation_mol_per_l / found->from_feed_mol_per_l);
        lct_json_text(j, "anchor_discrepancy", text);
        lct_json_number(j, "anchor_ratio", found->saturation_mol_per_l / found->from_feed_mol_per_l);
    } else {
        lct_json_text(j, "anchor_discrepancy",
            "No solubility is known for the shell, so there is no saturation anchor; give shell_solubility "
            "or saturation.");
    }
    char residual[LCT_NUMBER_PAIR];
    snprintf(text, sizeof text, "In the last frame %.3g x %s - %s is %s mol/L, counted from the feed: %s", ratio,
        shell->cation, shell->anion, lct_number_pair(residual, found->residual_mol_per_l, sd, " +- "),
        found->residual_mol_per_l > 2.0 * sd ? "more positive charge went into solution than the shell's anions "
                                               "balance; other anions, or reduction elsewhere, must make up for it."
            : found->residual_mol_per_l < -2.0 * sd
            ? "anions are in excess of the cations: core was deposited from ions that the shells gave, so something "
              "else was oxidised for it."
            : "cations and anions balance within two sigma: on the whole, no net oxidation.");
    lct_json_text(j, "charge", text);
    snprintf(text, sizeof text,
        "Each %s atom of the core that dissolves must be oxidised and each one that is deposited reduced; the residual "
        "counts these electrons per volume. Total %s and %s are meant, complexes included.",
        core->name, shell->cation, shell->anion);
    lct_json_text(j, "charge_meaning", text);
}

enum lct_status after_write_notes(const struct after *a, const struct lct_after *found, struct lct_err *err)
{
    struct lct_json *j = NULL;
    enum lct_status status = lct_json_create(&j, err);
    if (status != LCT_OK)
        return status;
    lct_json_text(j, "description", "what the volumes, amounts and concentrations rest on");
    const char *slash = strrchr(a->areas, '/'); /* the name only: the same bytes wherever the folder is */
    lct_json_text(j, "areas", slash ? slash + 1 : a->areas);
    add_parameters(j, a);
    add_anchors(j, a);
    add_sentences(j, a, found);
    lct_json_number(j, "closure", found->closure);
    lct_json_text(j, "closure_meaning",
        "largest relative change of solid + dissolved amounts over the movie; 0 but for rounding");
    lct_json_text(j, "stages",
        a->stages.named ? "I to IV fit" : "the pattern I to IV does not fit; plain stretches with their slopes");
    char *path = lct_file_join(a->to, "assumptions.json");
    status = path ? lct_json_write(j, path, err) : lct_fail(err, LCT_E_LIMIT, "assumptions.json: no memory");
    free(path);
    lct_json_destroy(&j);
    return status;
}
