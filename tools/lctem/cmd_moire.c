/* lctem moire FILE: spacings, twist and Moire period, checked against equation (4) */
#include "cli.h"

#include <lctem/json.h>
#include <lctem/moire_run.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void print_spacing(const char *name, double d_nm, double sd_nm)
{
    if (isfinite(d_nm))
        printf("  %-10s %.6f +- %.6f nm\n", name, d_nm, sd_nm);
    else
        printf("  %-10s not measured\n", name);
}

static void print_peaks(const struct lct_moire *m)
{
    printf("  %-10s %-22s %-9s %-7s %s\n", "peaks", "spacing (nm)", "angle", "snr", "");
    for (size_t i = 0; i < m->n_peaks; i++) {
        double sd;
        const double d = lct_vector_spacing_nm(&m->peaks[i].g, &sd);
        printf("  %10zu %.6f +- %.6f  %6.2f   %6.1f  %s\n", i + 1, d, sd, lct_vector_angle_deg(&m->peaks[i].g),
            m->peaks[i].wave.snr, m->peaks[i].assigned);
    }
}

static void print_words(const char *path, const struct lct_moire_result *r)
{
    const struct lct_moire *m = &r->moire;
    char flags[128];
    printf("%s: ", path);
    if (r->n_frames > 1)
        printf("mean of %ld frames, drift up to %.1f px taken out", r->n_frames, r->drift_px);
    else
        printf("frame %ld", r->frame);
    if (r->particle > 0)
        printf(", core of particle %d", r->particle);
    if (r->part.width_px > 0)
        printf(", the part that holds the strongest lattice (x %d to %d, y %d to %d px)", r->part.x_px,
            r->part.x_px + r->part.width_px - 1, r->part.y_px, r->part.y_px + r->part.height_px - 1);
    printf(", %.6g nm per px (%s)\n", r->pixel_size_nm, r->scale_source);
    print_peaks(m);
    if (isfinite(r->halo_nm))
        printf("  %-10s %.4f nm, a broad ring\n", "halo", r->halo_nm);
    print_spacing("D1", m->d1_nm, m->d1_sd_nm);
    print_spacing("D2", m->d2_nm, m->d2_sd_nm);
    if (isfinite(m->twist_deg))
        printf("  %-10s %.3f +- %.3f deg\n", "twist", m->twist_deg, m->twist_sd_deg);
    print_spacing("Moire", m->moire_nm, m->moire_sd_nm);
    print_spacing("eq. (4)", m->moire_eq4_nm, m->moire_eq4_sd_nm);
    if (isfinite(m->moire_twist_nm))
        printf("  %-10s %.5f nm\n", "with twist", m->moire_twist_nm);
    lct_moire_flag_words(m->flags, flags, sizeof flags);
    if (flags[0])
        printf("  %-10s %s\n", "flags", flags);
}

/* Are there lattices that nobody asked for? */
static bool others(const struct lct_moire *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_peaks; i++)
        n += m->peaks[i].assigned[0] == '\0';
    return n >= 2;
}

/* Decimals that show two digits of a standard deviation. */
static int decimals(double sd)
{
    return sd > 0.0 ? (int)fmin(fmax(1.0 - floor(log10(sd)), 4.0), 7.0) : 4;
}

/* One line for a person. */
static void print_verdict(const struct lct_moire *m, bool blind)
{
    if (m->agrees == LCT_VERDICT_NONE) {
        printf("no comparison: %s%s\n",
            !isfinite(m->moire_nm) ? "no Moire period found" : "equation (4) needs both lattice spacings",
            !blind && others(m)
                ? "; other lattices are there: name them with --d1 and --d2, or let --blind take the strongest"
                : "");
        return;
    }
    const int n = decimals(fmin(m->moire_sd_nm, m->moire_eq4_sd_nm));
    printf(
        "Moire period %.*f +- %.*f nm; equation (4) says %.*f +- %.*f nm from D1 = %.5f and D2 = %.5f nm: %+.2f %%, %s",
        n, m->moire_nm, n, m->moire_sd_nm, n, m->moire_eq4_nm, n, m->moire_eq4_sd_nm, m->d1_nm, m->d2_nm,
        m->difference_percent,
        m->agrees == LCT_VERDICT_NO        ? "NO agreement"
            : m->flags & LCT_MOIRE_TWISTED ? "agreement within the tolerance"
                                           : "agreement");
    if (m->method == LCT_MOIRE_FRINGES)
        printf("; it is the beat of the two fringes: the picture shows no peak of that period");
    if (m->flags & LCT_MOIRE_TWISTED)
        printf("; the twist of %.2f deg explains the difference: %.*f nm", m->twist_deg, n, m->moire_twist_nm);
    printf("\n");
}

static enum lct_status print_json(const char *path, const struct lct_moire_result *r, struct lct_err *err)
{
    struct lct_json *json = NULL;
    const enum lct_status status = lct_json_create(&json, err);
    if (status != LCT_OK)
        return status;
    lct_json_text(json, "file", path);
    lct_moire_result_json(r, json);
    return cli_json(&json, err);
}

enum lct_status cmd_moire(struct call *call, struct lct_err *err)
{
    const struct lct_recipe *recipe = &call->recipe;
    struct lct_moire_result *r = malloc(sizeof *r);
    if (!r)
        return lct_fail(err, LCT_E_LIMIT, "moire: no memory");
    enum lct_status status = lct_moire_run(r, call->words[0], recipe, &call->progress, &call->log, err);
    if (status == LCT_OK && recipe->json)
        status = print_json(call->words[0], r, err);
    else if (status == LCT_OK && !recipe->quiet) {
        print_words(call->words[0], r);
        print_verdict(&r->moire, recipe->blind);
    }
    if (status == LCT_OK && recipe->check && r->moire.agrees == LCT_VERDICT_NO)
        status = lct_fail(err, LCT_E_CHECK, "%s: the Moire period, %.4f nm, is %+.2f %% off what equation (4) says",
            call->words[0], r->moire.moire_nm, r->moire.difference_percent);
    free(r);
    return status;
}
