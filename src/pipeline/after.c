#include "after.h"

#include <lctem/file.h>
#include <lctem/plot_chemistry.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *after_beside(const struct after *a, const char *name)
{
    return lct_file_join(a->from, name);
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
}

enum lct_status after_open(struct after *a, const char *from, const char *to, const struct lct_recipe *recipe,
    const struct lct_log *log, struct lct_err *err)
{
    struct stat st;
    *a = (struct after){ .recipe = recipe, .log = log, .dose_rate = (double)NAN };
    if (stat(from, &st) != 0)
        return lct_fail(err, LCT_E_INPUT,
            "%s: cannot open: %s; give a folder of lctem analyze, or a table like its areas.csv", from,
            strerror(errno));
    const bool folder = S_ISDIR(st.st_mode);
    a->from = folder ? strdup(from) : folder_of(from);
    a->areas = folder ? lct_file_join(from, "areas.csv") : strdup(from);
    a->to = a->from ? strdup(to ? to : a->from) : NULL;
    if (a->areas && a->to)
        return LCT_OK;
    after_finish(a);
    return lct_fail(err, LCT_E_LIMIT, "%s: no memory", from);
}

void after_finish(struct after *a)
{
    free(a->areas);
    free(a->from);
    free(a->to);
    free(a->dose);
    lct_curves_finish(&a->curves);
    lct_facet_table_finish(&a->facets);
    lct_stages_finish(&a->stages);
    lct_concentration_finish(&a->amounts);
    *a = (struct after){ 0 };
}

static enum lct_status take_material(
    struct lct_material *out, const struct lct_material_settings *s, const char *key, struct lct_err *err)
{
    const struct lct_material *known = s->name ? lct_material_find(s->name) : NULL;
    struct lct_material m = { .density_g_per_cm3 = (double)NAN,
        .molar_mass_g_per_mol = (double)NAN,
        .cations = (double)NAN,
        .anions = (double)NAN,
        .solubility_g_per_100ml = (double)NAN,
        .cation = "cation",
        .anion = "anion",
        .source = "given by the user" };
    const bool changed = !isnan(s->density_g_per_cm3) || !isnan(s->molar_mass_g_per_mol) || !isnan(s->cations)
        || !isnan(s->anions) || !isnan(s->solubility_g_per_100ml);
    if (known)
        m = *known;
    if (known && changed) {
        const char mark[] = "partly given by the user; ";
        memmove(m.source + sizeof mark - 1, m.source, sizeof m.source - sizeof mark);
        memcpy(m.source, mark, sizeof mark - 1);
        m.source[sizeof m.source - 1] = '\0';
    }
    if (!known) {
        const char *name = s->name ? s->name : key;
        const size_t n = strlen(name) < sizeof m.name - 1 ? strlen(name) : sizeof m.name - 1;
        memcpy(m.name, name, n);
    }
    const struct {
        double given, *value;
    } rows[] = { { s->density_g_per_cm3, &m.density_g_per_cm3 }, { s->molar_mass_g_per_mol, &m.molar_mass_g_per_mol },
        { s->cations, &m.cations }, { s->anions, &m.anions },
        { s->solubility_g_per_100ml, &m.solubility_g_per_100ml } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!isnan(rows[i].given))
            *rows[i].value = rows[i].given;
    *out = m;
    return lct_material_check(&m, key, err);
}

enum lct_status after_pocket(struct lct_pocket *out, const struct lct_chemistry_settings *s, struct lct_err *err)
{
    struct lct_pocket p = lct_pocket_defaults();
    p.core_thickness_nm = s->core_thickness_nm;
    p.core_thickness_sd_nm = s->core_thickness_sd_nm;
    p.plate_thickness_nm = s->plate_thickness_nm;
    p.plate_thickness_sd_nm = s->plate_thickness_sd_nm;
    p.liquid_volume_nm3 = s->liquid_volume_nm3;
    p.liquid_volume_sd_nm3 = s->liquid_volume_sd_nm3;
    p.reference_s = s->reference_s;
    p.saturation_mol_per_l = s->saturation_mol_per_l;
    p.feed_cation_mol_per_l = s->feed_cation_mol_per_l;
    p.feed_anion_mol_per_l = s->feed_anion_mol_per_l;
    p.area_correlation = s->area_correlation;
    enum lct_status status = take_material(&p.core, &s->core, "core", err);
    if (status == LCT_OK)
        status = take_material(&p.shell, &s->shell, "shell", err);
    if (status == LCT_OK)
        *out = p;
    return status;
}

/* A particle that is not small when it is last seen takes its mass out of the balance at once. */
static void warn_of_losses(const struct after *a)
{
    static const double LARGE = 0.25; /* of its largest total area */
    const struct lct_curves *c = &a->curves;
    if (!c->has_sd)
        lct_log_say(a->log, LCT_LOG_WARNING,
            "%s: no sigmas of the areas; only their scatter from frame to frame counts", a->areas);
    for (size_t p = 0; p < c->n_particles; p++) {
        const struct lct_curve_particle *q = &c->particles[p];
        const bool leaves =
            q->last + 1 < (long)c->n_times && !q->is_parent && q->last_total_nm2 > LARGE * q->max_total_nm2;
        const bool comes = q->first > 0 && !q->has_parent && q->first_total_nm2 > LARGE * q->max_total_nm2;
        if (q->cut)
            lct_log_say(a->log, LCT_LOG_WARNING,
                "particle %d is cut by the border in most frames and is not in the balance", q->id);
        else if (leaves)
            lct_log_say(a->log, LCT_LOG_WARNING,
                "particle %d is last seen at %.4g s with %.3g nm2 and counts as dissolved from then "
                "on: amounts jump there",
                q->id, c->times_s[q->last], q->last_total_nm2);
        else if (comes)
            lct_log_say(a->log, LCT_LOG_WARNING,
                "particle %d appears at %.4g s with %.3g nm2 and counts as grown from nothing: "
                "amounts jump there",
                q->id, c->times_s[q->first], q->first_total_nm2);
    }
}

enum lct_status after_check_scale(const struct after *a, struct lct_err *err)
{
    if (!a->curves.in_px)
        return LCT_OK;
    return lct_fail(err, LCT_E_NODATA,
        "%s: areas in px only; volumes need the pixel size: analyze again with --pixel-size NM", a->areas);
}

/* The instant of saturation: the user's; where that is left to the curves, or the default lies outside this movie, the onset of
 * shell growth. */
static void find_reference(struct after *a)
{
    const struct lct_curves *c = &a->curves;
    const double first = c->times_s[0], last = c->times_s[c->n_times - 1], usual = lct_pocket_defaults().reference_s;
    const bool beyond = a->pocket.reference_s == usual && (usual < first || usual > last);
    if (beyond)
        lct_log_say(a->log, LCT_LOG_WARNING,
            "reference_time: the default, %g s, is outside this movie, which goes from %g to %g s; auto is taken",
            usual, first, last);
    a->auto_reference = beyond || isnan(a->pocket.reference_s);
    if (!a->auto_reference)
        return;
    a->pocket.reference_s = a->stages.shell_onset_s;
    if (!isnan(a->stages.shell_onset_s))
        a->pocket.reference_sd_s = a->stages.shell_onset_sd_s;
    else
        lct_log_say(a->log, LCT_LOG_WARNING,
            "reference_time: auto looks for the onset of shell growth, but no shell begins to grow here; what hangs on "
            "saturation stays empty, counting from the feed goes on; give an instant with --reference-time S");
}

enum lct_status after_compute(struct after *a, struct lct_err *err)
{
    char *frames = after_beside(a, "frames.csv"), *facets = after_beside(a, "facets.csv");
    enum lct_status status = frames && facets ? after_pocket(&a->pocket, &a->recipe->chemistry, err)
                                              : lct_fail(err, LCT_E_LIMIT, "%s: no memory", a->areas);
    if (status == LCT_OK)
        status = lct_pocket_check(&a->pocket, err);
    if (status == LCT_OK)
        status = lct_curves_read(&a->curves, a->areas, frames, err);
    if (status == LCT_OK) {
        struct lct_err why = { 0 };
        status = lct_facet_table_read(&a->facets, facets, &why);
        if (status == LCT_E_NODATA)
            status = LCT_OK; /* areas are enough */
        else if (status != LCT_OK && err)
            *err = why;
    }
    const struct lct_change_params params = lct_change_defaults();
    if (status == LCT_OK) {
        struct lct_err why = { 0 };
        status = lct_stages_find(&a->stages, &a->curves, &params, &why);
        if (status == LCT_E_NODATA) {
            lct_log_say(a->log, LCT_LOG_WARNING, "%s", why.text);
            a->stages.shell_onset_s = (double)NAN;
            status = LCT_OK;
        } else if (status != LCT_OK && err)
            *err = why;
    }
    if (status == LCT_OK && !a->curves.in_px)
        find_reference(a);
    if (status == LCT_OK && !a->curves.in_px)
        status = lct_concentration_compute(&a->amounts, &a->curves, &a->pocket, err);
    if (status == LCT_OK && !a->curves.in_px)
        status = after_read_dose(a, err);
    free(frames);
    free(facets);
    return status;
}

static enum lct_status make_folder(const struct after *a, struct lct_err *err)
{
    if (lct_folder_make(a->to, err) != LCT_OK)
        return LCT_E_OUTPUT;
    char *there = lct_file_join(a->to, "concentration.csv");
    if (!there)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", a->to);
    const bool taken = access(there, F_OK) == 0;
    free(there);
    if (taken && !a->recipe->force)
        return lct_fail(err, LCT_E_OUTPUT,
            "%s: holds concentrations already; --force overwrites them, -o DIR puts them elsewhere", a->to);
    return LCT_OK;
}

static enum lct_status write_plots(const struct after *a, struct lct_err *err)
{
    const struct lct_material *shell = &a->pocket.shell;
    const struct lct_plot_ions ions = { shell->cation, shell->anion, shell->anions / shell->cations };
    const enum lct_status status = lct_plot_concentration(a->to, &ions, err);
    return status == LCT_OK ? lct_plot_mass_budget(a->to, &ions, err) : status;
}

static struct lct_after summarise(const struct after *a)
{
    const struct lct_solution *feed = &a->amounts.solution[LCT_ANCHOR_FEED];
    const double at_s = a->pocket.reference_s;
    struct lct_after found = { .n_stages = a->stages.n,
        .named = a->stages.named,
        .reference_s = at_s,
        .saturation_mol_per_l = a->amounts.solution[LCT_ANCHOR_SATURATION].cation_mol_per_l,
        .from_feed_mol_per_l = isnan(at_s) ? (double)NAN : lct_curves_at(&a->curves, feed->cation, at_s),
        .residual_mol_per_l = feed->residual[a->curves.n_times - 1],
        .closure = a->amounts.closure };
    for (size_t i = 0; i < a->stages.n && i < LCT_AFTER_STAGES; i++) {
        found.label[i] = lct_stage_name(a->stages.stages[i].label);
        found.begin_s[i] = a->stages.stages[i].start_s;
        found.begin_sd_s[i] = a->stages.stages[i].start_sd_s;
    }
    return found;
}

/* Stages, rates and correlations need areas and times alone. */
static enum lct_status write_without_scale(const struct after *a, struct lct_err *err)
{
    enum lct_status status = make_folder(a, err);
    if (status == LCT_OK)
        status = after_write_stages(a, err);
    if (status == LCT_OK)
        status = after_write_rates(a, err);
    if (status == LCT_OK)
        status = after_write_correlations(a, err);
    if (status != LCT_OK)
        return status;
    return lct_fail(err, LCT_E_NODATA,
        "%s: areas in px only, and so are stages.csv and rates.csv; volumes need the pixel size: analyze again with "
        "--pixel-size NM",
        a->areas);
}

static enum lct_status write_all(const struct after *a, const struct lct_after *found, struct lct_err *err)
{
    enum lct_status status = make_folder(a, err);
    if (status == LCT_OK)
        status = after_write_stages(a, err);
    if (status == LCT_OK)
        status = after_write_amounts(a, err);
    if (status == LCT_OK)
        status = after_write_budget(a, err);
    if (status == LCT_OK)
        status = after_write_rates(a, err);
    if (status == LCT_OK)
        status = after_write_correlations(a, err);
    if (status == LCT_OK)
        status = after_write_dose(a, err);
    if (status == LCT_OK)
        status = after_write_notes(a, found, err);
    return status == LCT_OK ? write_plots(a, err) : status;
}

enum lct_status lct_after_run(struct lct_after *out, const char *from, const char *to, const struct lct_recipe *recipe,
    const struct lct_log *log, struct lct_err *err)
{
    struct after a;
    enum lct_status status = after_open(&a, from, to, recipe, log, err);
    if (status != LCT_OK)
        return status;
    status = after_compute(&a, err);
    if (status == LCT_OK && a.curves.in_px) {
        status = write_without_scale(&a, err);
    } else if (status == LCT_OK) {
        warn_of_losses(&a);
        const struct lct_after found = summarise(&a);
        status = write_all(&a, &found, err);
        if (status == LCT_OK)
            *out = found;
    }
    after_finish(&a);
    return status;
}
