#include "after.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum lct_status after_table(
    const struct after *a, const struct lct_table_spec *spec, size_t n, after_row_fn *row, struct lct_err *err)
{
    struct lct_table *table = NULL;
    enum lct_status status = lct_table_create(&table, a->to, spec, err);
    for (size_t i = 0; status == LCT_OK && i < n; i++)
        status = row(table, a, i, err);
    const enum lct_status closed = lct_table_close(&table, status == LCT_OK ? err : NULL);
    return status == LCT_OK ? closed : status;
}

static const struct lct_column stage_columns[] = {
    { "stage", "", "number, from 1" },
    { "start_s", "s", "when it begins" },
    { "end_s", "s", "when it ends" },
    { "start_sd_s", "s",
        "standard deviation of the beginning, with the scatter between the curves; 0: the movie begins" },
    { "label", "", "I to IV where the paper's pattern fits, else empty" },
    { "description", "",
        "who shrinks and who grows, surer than 4 sigma; perhaps: where nothing is, what is surer than 3; rates and "
        "sigmas are those of rates.csv" },
};
static const struct lct_table_spec stages_spec = { "stages", "stretches between the change points of all area curves",
    1, stage_columns, COUNT(stage_columns) };

static enum lct_status write_stage(struct lct_table *table, const struct after *a, size_t i, struct lct_err *err)
{
    const struct lct_stage *s = &a->stages.stages[i];
    const struct lct_cell cells[] = { lct_int((long)i + 1), lct_num(s->start_s), lct_num(s->end_s),
        lct_num(s->start_sd_s), lct_text(lct_stage_name(s->label)), lct_text(s->description) };
    return lct_table_row(table, cells, err);
}

static const struct lct_column change_columns[] = {
    { "change", "", "number, from 1" },
    { "time_s", "s", "when the curves bend or jump" },
    { "time_sd_s", "s", "its standard deviation, with the scatter between the curves" },
    { "curves", "", "curves that say so; 0: no curve alone is sure, sigma is half the shorter neighbour" },
};
static const struct lct_table_spec changes_spec = { "change_points", "all change points, also those inside a stage", 1,
    change_columns, COUNT(change_columns) };

static enum lct_status write_change(struct lct_table *table, const struct after *a, size_t i, struct lct_err *err)
{
    const struct lct_change *c = &a->stages.changes[i];
    const struct lct_cell cells[] = { lct_int((long)i + 1), lct_num(c->time_s), lct_num(c->sd_s),
        lct_int(c->n_curves) };
    return lct_table_row(table, cells, err);
}

enum lct_status after_write_stages(const struct after *a, struct lct_err *err)
{
    const enum lct_status status = after_table(a, &stages_spec, a->stages.n, write_stage, err);
    return status == LCT_OK ? after_table(a, &changes_spec, a->stages.n_changes, write_change, err) : status;
}

static const struct lct_column concentration_columns[] = {
    { "frame", "", "frame in the movie, from 0" },
    { "time_s", "s", "time of the frame" },
    { "core_volume_nm3", "nm3", "volume of all cores that count" },
    { "shell_volume_nm3", "nm3", "volume of all shells that count, rim and covers" },
    { "delta_cd_mol_per_l", "mol/L",
        "cation concentration (Cd(II) for Cd and CdCl2) minus that at the anchor's instant" },
    { "delta_cl_mol_per_l", "mol/L", "anion concentration (total Cl) minus that at the anchor's instant" },
    { "cd_mol_per_l", "mol/L", "cation concentration: what the anchor sets, plus delta" },
    { "cd_sd_mol_per_l", "mol/L",
        "standard deviation of delta: areas, thicknesses, pocket volume, instant; the anchor is a choice" },
    { "cl_mol_per_l", "mol/L", "anion concentration" },
    { "cl_sd_mol_per_l", "mol/L", "its standard deviation" },
    { "charge_residual_mol_per_l", "mol/L",
        "2 cd - cl (in general: anions per cation x cation - anion): charge that oxidation must make up" },
    { "anchor", "", "saturation: saturated at the reference instant; feed: the feed solution at the first frame" },
    { "charge_residual_sd_mol_per_l", "mol/L", "its standard deviation" },
    { "cd_area_sd_mol_per_l", "mol/L", "the part of cd_sd that comes from the areas" },
    { "cl_area_sd_mol_per_l", "mol/L", "the part of cl_sd that comes from the areas" },
};
static const struct lct_table_spec concentration_spec = { "concentration",
    "ions in the pocket against time, one row for each anchor and frame", 1, concentration_columns,
    COUNT(concentration_columns) };

static enum lct_status write_concentration(
    struct lct_table *table, const struct after *a, size_t i, struct lct_err *err)
{
    const size_t t = i / LCT_N_ANCHORS;
    const enum lct_anchor anchor = (enum lct_anchor)(i % LCT_N_ANCHORS);
    const struct lct_solution *s = &a->amounts.solution[anchor];
    const struct lct_cell cells[] = { lct_int(a->curves.frames[t]), lct_num(a->curves.times_s[t]),
        lct_num(a->amounts.sum_core_nm3[t]), lct_num(a->amounts.sum_shell_nm3[t]), lct_num(s->delta_cation[t]),
        lct_num(s->delta_anion[t]), lct_num(s->cation[t]), lct_num(s->delta_cation_sd[t]), lct_num(s->anion[t]),
        lct_num(s->delta_anion_sd[t]), lct_num(s->residual[t]), lct_text(lct_anchor_name(anchor)),
        lct_num(s->residual_sd[t]), lct_num(s->delta_cation_area_sd[t]), lct_num(s->delta_anion_area_sd[t]) };
    return lct_table_row(table, cells, err);
}

static const struct lct_column volume_columns[] = {
    { "frame", "", "frame in the movie, from 0" },
    { "time_s", "s", "time of the frame" },
    { "particle", "", "identity" },
    { "core_volume_nm3", "nm3", "core area x core thickness" },
    { "core_volume_sd_nm3", "nm3", "standard deviation through the area; thicknesses are common to all" },
    { "shell_volume_nm3", "nm3", "total area x plate thickness - core volume: rim and covers" },
    { "shell_volume_sd_nm3", "nm3", "standard deviation through the areas" },
    { "cd_amol", "amol", "cations in core and shell" },
    { "cd_sd_amol", "amol", "standard deviation through the areas" },
    { "cl_amol", "amol", "anions in core and shell" },
    { "cl_sd_amol", "amol", "standard deviation through the areas" },
    { "counted", "", "no: cut by the border of the image, not in the balance" },
};
static const struct lct_table_spec volumes_spec = { "volumes", "volumes and amounts of each particle in each frame", 1,
    volume_columns, COUNT(volume_columns) };

static enum lct_status write_volume(struct lct_table *table, const struct after *a, size_t i, struct lct_err *err)
{
    const size_t t = i / a->curves.n_particles, p = i % a->curves.n_particles, k = p * a->curves.n_times + t;
    const enum lct_presence there = (enum lct_presence)a->curves.presence[k];
    const struct lct_concentration *c = &a->amounts;
    if (there == LCT_PRESENCE_BEFORE || there == LCT_PRESENCE_GONE)
        return LCT_OK;
    const struct lct_cell cells[] = { lct_int(a->curves.frames[t]), lct_num(a->curves.times_s[t]),
        lct_int(a->curves.particles[p].id), lct_num(c->core_nm3[k]), lct_num(c->core_sd_nm3[k]),
        lct_num(c->shell_nm3[k]), lct_num(c->shell_sd_nm3[k]), lct_num(c->cation_amol[k]),
        lct_num(c->cation_sd_amol[k]), lct_num(c->anion_amol[k]), lct_num(c->anion_sd_amol[k]),
        lct_text(a->curves.particles[p].cut ? "no" : "yes") };
    return lct_table_row(table, cells, err);
}

static const struct lct_column sensitivity_columns[] = {
    { "parameter", "", "what is changed" },
    { "value", "", "its value" },
    { "unit", "", "of value and change" },
    { "change", "", "the step to both sides; effects are half the difference" },
    { "change_is", "", "sd: the sigma that was given; tenth: 10 % of the value" },
    { "anchor", "", "which of the two" },
    { "time_s", "s", "where the cation changes most" },
    { "cd_change_mol_per_l", "mol/L", "effect on the cation there" },
    { "cl_change_mol_per_l", "mol/L", "effect on the anion there" },
    { "charge_residual_change_mol_per_l", "mol/L", "effect on the charge residual there" },
    { "rank", "", "1: matters most for the cation with this anchor" },
};
static const struct lct_table_spec sensitivity_spec = { "sensitivity", "which assumption matters most", 1,
    sensitivity_columns, COUNT(sensitivity_columns) };

static enum lct_status write_sensitivity(const struct after *a, struct lct_err *err)
{
    struct lct_sensitivity *rows = NULL;
    size_t n = 0;
    struct lct_table *table = NULL;
    enum lct_status status = lct_concentration_sensitivity(&rows, &n, &a->curves, &a->pocket, err);
    if (status == LCT_OK)
        status = lct_table_create(&table, a->to, &sensitivity_spec, err);
    for (size_t i = 0; status == LCT_OK && i < n; i++) {
        const struct lct_sensitivity *s = &rows[i];
        const struct lct_cell cells[] = { lct_text(s->parameter), lct_num(s->value), lct_text(s->unit),
            lct_num(s->change), lct_text(s->is_sd ? "sd" : "tenth"), lct_text(lct_anchor_name(s->anchor)),
            lct_num(s->time_s), lct_num(s->cation_mol_per_l), lct_num(s->anion_mol_per_l),
            lct_num(s->residual_mol_per_l), lct_int(s->rank) };
        status = lct_table_row(table, cells, err);
    }
    const enum lct_status closed = lct_table_close(&table, status == LCT_OK ? err : NULL);
    free(rows);
    return status == LCT_OK ? closed : status;
}

enum lct_status after_write_amounts(const struct after *a, struct lct_err *err)
{
    enum lct_status status =
        after_table(a, &volumes_spec, a->curves.n_times * a->curves.n_particles, write_volume, err);
    if (status == LCT_OK)
        status = after_table(a, &concentration_spec, a->curves.n_times * LCT_N_ANCHORS, write_concentration, err);
    return status == LCT_OK ? write_sensitivity(a, err) : status;
}

static const struct lct_column budget_columns[] = {
    { "stage", "", "number in stages.csv; empty: the whole movie" },
    { "label", "", "of the stage" },
    { "start_s", "s", "from" },
    { "end_s", "s", "to" },
    { "who", "", "a particle's identity; sum: all particles that count; liquid: what they gave or took" },
    { "counted", "", "no: cut by the border, not in sum and liquid" },
    { "core_volume_change_nm3", "nm3", "change of the core's volume" },
    { "core_volume_change_sd_nm3", "nm3", "its standard deviation, errors that both ends share left out" },
    { "shell_volume_change_nm3", "nm3", "change of the shell's volume" },
    { "shell_volume_change_sd_nm3", "nm3", "its standard deviation" },
    { "cd_before_amol", "amol", "cations at the beginning" },
    { "cd_after_amol", "amol", "cations at the end" },
    { "cd_change_amol", "amol", "their change" },
    { "cd_change_sd_amol", "amol", "its standard deviation" },
    { "cl_before_amol", "amol", "anions at the beginning" },
    { "cl_after_amol", "amol", "anions at the end" },
    { "cl_change_amol", "amol", "their change" },
    { "cl_change_sd_amol", "amol", "its standard deviation" },
    { "core_volume_before_nm3", "nm3", "volume of the core at the beginning" },
    { "core_volume_after_nm3", "nm3", "volume of the core at the end" },
    { "shell_volume_before_nm3", "nm3", "volume of the shell at the beginning" },
    { "shell_volume_after_nm3", "nm3", "volume of the shell at the end" },
    { "cd_change_mol_per_l", "mol/L",
        "what the change of cations is in the pocket: of the liquid, the change of its concentration" },
    { "cl_change_mol_per_l", "mol/L", "the same of anions" },
};
static const struct lct_table_spec budget_spec = { "mass_budget", "who lost, who gained, and what went into solution",
    1, budget_columns, COUNT(budget_columns) };

static enum lct_status write_transfer(
    struct lct_table *table, const struct after *a, const struct lct_transfer *r, size_t stage, struct lct_err *err)
{
    char who[16];
    static const double MOL_PER_AMOL = 1e-18, L_PER_NM3 = 1e-24;
    const double per_litre = MOL_PER_AMOL / (a->pocket.liquid_volume_nm3 * L_PER_NM3);
    snprintf(who, sizeof who, "%d", r->particle);
    const bool whole = stage >= a->stages.n;
    const struct lct_cell cells[] = { whole ? lct_text(NULL) : lct_int((long)stage + 1),
        lct_text(whole ? NULL : lct_stage_name(a->stages.stages[stage].label)), lct_num(r->start_s), lct_num(r->end_s),
        lct_text(r->particle == LCT_TRANSFER_SUM     ? "sum"
                : r->particle == LCT_TRANSFER_LIQUID ? "liquid"
                                                     : who),
        lct_text(r->counted ? "yes" : "no"), lct_num(r->core_nm3), lct_num(r->core_sd_nm3), lct_num(r->shell_nm3),
        lct_num(r->shell_sd_nm3), lct_num(r->cation_before_amol), lct_num(r->cation_after_amol),
        lct_num(r->cation_amol), lct_num(r->cation_sd_amol), lct_num(r->anion_before_amol),
        lct_num(r->anion_after_amol), lct_num(r->anion_amol), lct_num(r->anion_sd_amol), lct_num(r->core_before_nm3),
        lct_num(r->core_after_nm3), lct_num(r->shell_before_nm3), lct_num(r->shell_after_nm3),
        lct_num(r->cation_amol * per_litre), lct_num(r->anion_amol * per_litre) };
    return lct_table_row(table, cells, err);
}

static enum lct_status write_stretch(struct lct_table *table, const struct after *a, size_t stage, struct lct_err *err)
{
    const bool whole = stage >= a->stages.n;
    const double edges[2] = { whole ? a->curves.times_s[0] : a->stages.stages[stage].start_s,
        whole ? a->curves.times_s[a->curves.n_times - 1] : a->stages.stages[stage].end_s };
    struct lct_transfer *rows = NULL;
    size_t n = 0;
    enum lct_status status = lct_concentration_transfer(&rows, &n, &a->curves, &a->pocket, edges, 1, err);
    for (size_t i = 0; status == LCT_OK && i < n; i++)
        status = write_transfer(table, a, &rows[i], stage, err);
    free(rows);
    return status;
}

enum lct_status after_write_budget(const struct after *a, struct lct_err *err)
{
    return after_table(a, &budget_spec, a->stages.n + 1, write_stretch, err); /* the last one: the whole movie */
}
