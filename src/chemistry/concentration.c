#include <lctem/concentration.h>

#include "amounts.h"
#include "uncertainty.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PER_PARTICLE = 8, PER_SOLUTION = 10, PER_TIME = 2 };

static enum lct_status make_arrays(struct lct_concentration *c, bool solids, struct lct_err *err)
{
    const size_t n = c->n_times, of_solids = solids ? PER_PARTICLE * c->n_particles + PER_TIME : 0,
                 rows = of_solids + PER_SOLUTION * LCT_N_ANCHORS;
    c->pool = n > SIZE_MAX / sizeof(double) / rows ? NULL : calloc(n * rows, sizeof *c->pool);
    if (!c->pool)
        return lct_fail(err, LCT_E_LIMIT, "concentration: no memory");
    double *at = c->pool;
    double **particles[PER_PARTICLE] = { &c->core_nm3, &c->core_sd_nm3, &c->shell_nm3, &c->shell_sd_nm3,
        &c->cation_amol, &c->cation_sd_amol, &c->anion_amol, &c->anion_sd_amol };
    for (int i = 0; solids && i < PER_PARTICLE; i++, at += n * c->n_particles)
        *particles[i] = at;
    if (solids) {
        c->sum_core_nm3 = at;
        c->sum_shell_nm3 = at + n;
        at += PER_TIME * n;
    }
    for (int a = 0; a < LCT_N_ANCHORS; a++) {
        struct lct_solution *s = &c->solution[a];
        double **arrays[PER_SOLUTION] = { &s->delta_cation, &s->delta_anion, &s->delta_cation_sd, &s->delta_anion_sd,
            &s->delta_cation_area_sd, &s->delta_anion_area_sd, &s->cation, &s->anion, &s->residual, &s->residual_sd };
        for (int i = 0; i < PER_SOLUTION; i++, at += n)
            *arrays[i] = at;
    }
    return LCT_OK;
}

static void fill_particle(struct lct_concentration *c, const struct lct_curves *curves, const struct lct_pocket *pocket,
    const struct area_scatter *scatter, size_t p)
{
    const struct gradient core = amounts_core_nm3(pocket), shell = amounts_shell_nm3(pocket);
    const struct gradient cation = amounts_cation_mol(pocket), anion = amounts_anion_mol(pocket);
    /* before and behind its life it is nothing: what stays 0 since it was allocated takes no memory */
    for (size_t t = (size_t)curves->particles[p].first; t <= (size_t)curves->particles[p].last; t++) {
        const size_t i = p * c->n_times + t;
        const struct lct_curves_place at = lct_curves_place_of(curves, t);
        const struct areas a = amounts_areas(curves, pocket, p, &at);
        const struct area_error e = uncertainty_at(curves, scatter, p, &at);
        const struct {
            struct gradient g;
            double factor, *value, *sd;
        } rows[] = { { core, 1.0, c->core_nm3, c->core_sd_nm3 }, { shell, 1.0, c->shell_nm3, c->shell_sd_nm3 },
            { cation, AMOL_PER_MOL, c->cation_amol, c->cation_sd_amol },
            { anion, AMOL_PER_MOL, c->anion_amol, c->anion_sd_amol } };
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
            rows[k].value[i] = rows[k].factor * amounts_of(rows[k].g, a);
            rows[k].sd[i] = rows[k].factor * sqrt(uncertainty_variance(&e, rows[k].g.core, rows[k].g.total));
        }
        if (!curves->particles[p].cut) {
            c->sum_core_nm3[t] += c->core_nm3[i];
            c->sum_shell_nm3[t] += c->shell_nm3[i];
        }
    }
}

/* What is needed for the concentrations at one instant. */
struct workspace {
    const struct lct_curves *curves;
    const struct lct_pocket *pocket;
    const struct area_scatter *scatter;
    struct area_error *then, *now; /* n_particles: at the anchor, and at the instant that is looked at */
    size_t *who, n_who;            /* n_particles: those that count and are there at one of the two */
    struct lct_curves_place anchor_at;
    struct areas anchor; /* sums at the anchor */
    struct areas slope;  /* d(sum)/dt there */
};

/* Outside its life, areas and errors of a particle are 0: sums go without it. */
static bool is_there(const struct workspace *w, size_t p, const struct lct_curves_place *at)
{
    const struct lct_curve_particle *particle = &w->curves->particles[p];
    return !particle->cut && (long)at->high >= particle->first && (long)at->low <= particle->last;
}

static struct areas sum_areas(const struct workspace *w, const struct lct_curves_place *at)
{
    struct areas sum = { 0 };
    for (size_t p = 0; p < w->curves->n_particles; p++) {
        if (!is_there(w, p, at))
            continue;
        const struct areas a = amounts_areas(w->curves, w->pocket, p, at);
        sum.core += a.core;
        sum.total += a.total;
    }
    return sum;
}

static void take_errors(struct workspace *w, const struct lct_curves_place *at)
{
    w->n_who = 0;
    for (size_t p = 0; p < w->curves->n_particles; p++) {
        const bool now = is_there(w, p, at);
        if (now || is_there(w, p, &w->anchor_at))
            w->who[w->n_who++] = p;
        w->now[p] = now ? uncertainty_at(w->curves, w->scatter, p, at) : (struct area_error){ 0 };
    }
}

/* Variance of an amount in mol through the areas' errors between the anchor and the present instant. */
static double area_variance(const struct workspace *w, struct gradient g, double time_s)
{
    struct uncertainty_sum sum = { 0 };
    if (time_s == w->anchor_at.time_s)
        return 0.0;
    g.core *= w->pocket->area_scale * w->pocket->core_area_scale;
    g.total *= w->pocket->area_scale;
    for (size_t i = 0; i < w->n_who; i++)
        uncertainty_add(&sum, &w->then[w->who[i]], &w->now[w->who[i]], g.core, g.total);
    return uncertainty_total(&sum, g.core, g.total, uncertainty_lasting(w->pocket->area_correlation));
}

/* The parameters that all frames share: each moves the amount of ion by its own derivative, so that what cancels, cancels. */
static double shared_variance(
    const struct workspace *w, double per_core, double per_shell, struct areas lost, double mol)
{
    const struct lct_pocket *p = w->pocket;
    const double a = per_core * lct_material_mol_per_nm3(&p->core), b = per_shell * lct_material_mol_per_nm3(&p->shell);
    const double parts[] = {
        p->core_thickness_sd_nm * lost.core * (a - b),
        p->plate_thickness_sd_nm * lost.total * b,
        p->liquid_volume_sd_nm3 / p->liquid_volume_nm3 * mol,
        p->reference_sd_s
            * (a * p->core_thickness_nm * w->slope.core
                + b * (p->plate_thickness_nm * w->slope.total - p->core_thickness_nm * w->slope.core)),
    };
    double sum = 0.0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        sum += parts[i] * parts[i];
    return sum;
}

static void solve_at(struct lct_solution *s, struct workspace *w, size_t t)
{
    const struct lct_pocket *p = w->pocket;
    const double time_s = w->curves->times_s[t], litres = p->liquid_volume_nm3 * L_PER_NM3;
    const struct lct_curves_place at = lct_curves_place_of(w->curves, t);
    const struct areas now = sum_areas(w, &at), lost = { w->anchor.core - now.core, w->anchor.total - now.total };
    const double ratio = p->shell.anions / p->shell.cations;
    const struct gradient cation = amounts_cation_mol(p), anion = amounts_anion_mol(p);
    const struct gradient charge = { ratio * cation.core - anion.core, ratio * cation.total - anion.total };
    const struct {
        struct gradient g;
        double per_core, per_shell, *delta, *sd, *area_sd;
    } rows[] = {
        { cation, p->core.cations, p->shell.cations, s->delta_cation, s->delta_cation_sd, s->delta_cation_area_sd },
        { anion, p->core.anions, p->shell.anions, s->delta_anion, s->delta_anion_sd, s->delta_anion_area_sd },
        { charge, ratio * p->core.cations - p->core.anions, ratio * p->shell.cations - p->shell.anions, s->residual,
            s->residual_sd, NULL },
    };
    take_errors(w, &at);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const double mol = amounts_of(rows[k].g, lost), areas = area_variance(w, rows[k].g, time_s);
        rows[k].delta[t] = mol / litres;
        rows[k].sd[t] = sqrt(areas + shared_variance(w, rows[k].per_core, rows[k].per_shell, lost, mol)) / litres;
        if (rows[k].area_sd)
            rows[k].area_sd[t] = sqrt(areas) / litres;
    }
    s->cation[t] = s->cation_mol_per_l + s->delta_cation[t];
    s->anion[t] = s->anion_mol_per_l + s->delta_anion[t];
    s->residual[t] = ratio * s->cation[t] - s->anion[t];
}

/* Nobody knows when the anchor holds. */
static void leave_empty(struct lct_solution *s, size_t n)
{
    double *const arrays[PER_SOLUTION] = { s->delta_cation, s->delta_anion, s->delta_cation_sd, s->delta_anion_sd,
        s->delta_cation_area_sd, s->delta_anion_area_sd, s->cation, s->anion, s->residual, s->residual_sd };
    for (int i = 0; i < PER_SOLUTION; i++)
        for (size_t t = 0; t < n; t++)
            arrays[i][t] = (double)NAN;
}

static void solve(struct lct_concentration *c, const struct workspace *all, enum lct_anchor anchor)
{
    const struct lct_curves *curves = all->curves;
    const struct lct_pocket *pocket = all->pocket;
    struct lct_solution *s = &c->solution[anchor];
    struct lct_pocket own = *pocket;
    struct workspace w = *all;
    w.pocket = &own;
    if (anchor == LCT_ANCHOR_SATURATION) {
        const double known = pocket->saturation_mol_per_l;
        s->anchor_s = pocket->reference_s;
        s->cation_mol_per_l = isnan(s->anchor_s) ? (double)NAN
            : isnan(known)                       ? lct_material_saturation_mol_per_l(&pocket->shell)
                                                 : known;
        s->anion_mol_per_l = s->cation_mol_per_l * pocket->shell.anions / pocket->shell.cations;
    } else {
        s->anchor_s = curves->times_s[0];
        s->cation_mol_per_l = pocket->feed_cation_mol_per_l;
        s->anion_mol_per_l = pocket->feed_anion_mol_per_l;
        own.reference_sd_s = 0.0; /* the first frame is the first frame */
    }
    if (isnan(s->anchor_s)) {
        leave_empty(s, c->n_times);
        return;
    }
    w.anchor_at = lct_curves_find(curves, s->anchor_s);
    w.anchor = sum_areas(&w, &w.anchor_at);
    take_errors(&w, &w.anchor_at);
    memcpy(w.then, w.now, curves->n_particles * sizeof *w.then);
    const double step = own.reference_sd_s;
    if (step > 0.0) {
        const struct lct_curves_place later = lct_curves_find(curves, s->anchor_s + step),
                                      earlier = lct_curves_find(curves, s->anchor_s - step);
        const struct areas after = sum_areas(&w, &later), before = sum_areas(&w, &earlier);
        w.slope =
            (struct areas){ (after.core - before.core) / (2.0 * step), (after.total - before.total) / (2.0 * step) };
    }
    for (size_t t = 0; t < c->n_times; t++)
        solve_at(s, &w, t);
}

/* Solids, counted particle by particle, and liquid, from the sums of areas, must add up to the same at every instant. */
static double closure(
    const struct lct_concentration *c, const struct lct_curves *curves, const struct lct_pocket *pocket)
{
    const double litres = pocket->liquid_volume_nm3 * L_PER_NM3;
    double worst = 0.0;
    for (int ion = 0; ion < 2; ion++) {
        const struct lct_solution *s = &c->solution[LCT_ANCHOR_FEED];
        const double *amount = ion ? c->anion_amol : c->cation_amol, *delta = ion ? s->delta_anion : s->delta_cation;
        double at_anchor = 0.0;
        for (size_t t = 0; t < c->n_times; t++) {
            double all = delta[t] * litres * AMOL_PER_MOL;
            for (size_t p = 0; p < c->n_particles; p++)
                all += curves->particles[p].cut ? 0.0 : amount[p * c->n_times + t];
            if (t == 0)
                at_anchor = all;
            if (at_anchor > 0.0)
                worst = fmax(worst, fabs(all - at_anchor) / at_anchor);
        }
    }
    return worst;
}

static enum lct_status check(const struct lct_curves *curves, const struct lct_pocket *pocket, struct lct_err *err)
{
    const double first = curves->times_s[0], last = curves->times_s[curves->n_times - 1];
    const enum lct_status status = lct_pocket_check(pocket, err);
    if (status != LCT_OK)
        return status;
    if (pocket->reference_s < first || pocket->reference_s > last)
        return lct_fail(err, LCT_E_ARG,
            "reference_time: %g s is outside the movie, which goes from %g to %g s; give an instant "
            "within it, or auto",
            pocket->reference_s, first, last);
    for (size_t p = 0; p < curves->n_particles; p++)
        if (!curves->particles[p].cut)
            return LCT_OK;
    return lct_fail(
        err, LCT_E_NODATA, "concentration: every particle is cut by the border of the image, so nothing balances");
}

static enum lct_status compute(struct lct_concentration *out, const struct lct_curves *curves,
    const struct lct_pocket *pocket, bool solids, struct lct_err *err)
{
    struct lct_concentration c = { .n_times = curves->n_times, .n_particles = curves->n_particles };
    enum lct_status status = check(curves, pocket, err);
    if (status == LCT_OK)
        status = make_arrays(&c, solids, err);
    if (status != LCT_OK)
        return status;
    struct area_scatter *scatter = calloc(c.n_particles, sizeof *scatter);
    struct area_error *errors = calloc(2 * c.n_particles, sizeof *errors);
    size_t *who = calloc(c.n_particles, sizeof *who);
    if (scatter && errors && who) {
        const struct workspace w = { .curves = curves,
            .pocket = pocket,
            .scatter = scatter,
            .then = errors,
            .now = errors + c.n_particles,
            .who = who };
        uncertainty_scatter(curves, scatter);
        for (size_t p = 0; solids && p < c.n_particles; p++)
            fill_particle(&c, curves, pocket, scatter, p);
        for (int a = 0; a < LCT_N_ANCHORS; a++)
            solve(&c, &w, (enum lct_anchor)a);
        c.lasting = uncertainty_lasting(pocket->area_correlation);
        c.closure = solids ? closure(&c, curves, pocket) : 0.0;
        *out = c;
    } else {
        lct_concentration_finish(&c);
        status = lct_fail(err, LCT_E_LIMIT, "concentration: no memory");
    }
    free(scatter);
    free(errors);
    free(who);
    return status;
}

enum lct_status amounts_in_liquid(struct lct_concentration *out, const struct lct_curves *curves,
    const struct lct_pocket *pocket, struct lct_err *err)
{
    return compute(out, curves, pocket, false, err);
}

enum lct_status lct_concentration_compute(struct lct_concentration *out, const struct lct_curves *curves,
    const struct lct_pocket *pocket, struct lct_err *err)
{
    return compute(out, curves, pocket, true, err);
}

void lct_concentration_finish(struct lct_concentration *c)
{
    free(c->pool);
    *c = (struct lct_concentration){ 0 };
}
