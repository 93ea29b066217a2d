#include <lctem/concentration.h>

#include "amounts.h"
#include "uncertainty.h"

#include <math.h>
#include <stdlib.h>

enum { QUANTITIES = 4 }; /* core, shell, cation, anion */

struct budget {
    const struct lct_curves *curves;
    const struct lct_pocket *pocket;
    const struct area_scatter *scatter;
    struct gradient gradient[QUANTITIES];
    double factor[QUANTITIES];
};

/* Values of the four quantities before and after, and the sigma of their change. */
struct change {
    double before[QUANTITIES], after[QUANTITIES];
    struct uncertainty_sum errors[QUANTITIES];
};

/* A stretch that begins or ends between two frames, and identities between them: half of what splits, merges or is gone would fall to
 * either side, and pass for a loss here and a gain there. Then it is the nearer frame. */
static struct lct_curves_place end_at(const struct lct_curves *c, double time_s)
{
    const struct lct_curves_place at = lct_curves_find(c, time_s);
    for (size_t p = 0; p < c->n_particles && at.low != at.high; p++)
        if (c->particles[p].last == (long)at.low || c->particles[p].first == (long)at.high)
            return lct_curves_place_of(c, at.part < 0.5 ? at.low : at.high);
    return at;
}

static void add_particle(struct change *change, const struct budget *b, size_t p, double start_s, double end_s)
{
    const struct lct_curves_place start = end_at(b->curves, start_s), end = end_at(b->curves, end_s);
    const struct areas before = amounts_areas(b->curves, b->pocket, p, &start),
                       after = amounts_areas(b->curves, b->pocket, p, &end);
    const struct area_error then = uncertainty_at(b->curves, b->scatter, p, &start);
    const struct area_error now = uncertainty_at(b->curves, b->scatter, p, &end);
    for (int k = 0; k < QUANTITIES; k++) {
        change->before[k] += b->factor[k] * amounts_of(b->gradient[k], before);
        change->after[k] += b->factor[k] * amounts_of(b->gradient[k], after);
        uncertainty_add(&change->errors[k], &then, &now, b->gradient[k].core, b->gradient[k].total);
    }
}

/* d(quantity)/d(thickness) x sigma: what the thicknesses, common to all, add to the change [V7]. */
static double thickness_variance(const struct budget *b, const struct change *change, int k)
{
    const struct lct_pocket *p = b->pocket;
    const double core_nm2 = (change->after[0] - change->before[0]) / p->core_thickness_nm;
    const double total_nm2 =
        (change->after[1] - change->before[1] + change->after[0] - change->before[0]) / p->plate_thickness_nm;
    const double by_core = b->gradient[k].core / p->core_thickness_nm * core_nm2 * p->core_thickness_sd_nm;
    const double by_plate = b->gradient[k].total / p->plate_thickness_nm * total_nm2 * p->plate_thickness_sd_nm;
    return by_core * by_core + by_plate * by_plate;
}

static struct lct_transfer make_row(
    const struct budget *b, const struct change *change, double start_s, double end_s, int particle)
{
    double difference[QUANTITIES], sd[QUANTITIES];
    for (int k = 0; k < QUANTITIES; k++) {
        const struct gradient g = b->gradient[k];
        difference[k] = change->after[k] - change->before[k];
        sd[k] = b->factor[k]
            * sqrt(
                uncertainty_total(&change->errors[k], g.core, g.total, uncertainty_lasting(b->pocket->area_correlation))
                + thickness_variance(b, change, k));
    }
    return (struct lct_transfer){ .start_s = start_s,
        .end_s = end_s,
        .particle = particle,
        .counted = true,
        .core_nm3 = difference[0],
        .core_sd_nm3 = sd[0],
        .shell_nm3 = difference[1],
        .shell_sd_nm3 = sd[1],
        .core_before_nm3 = change->before[0],
        .core_after_nm3 = change->after[0],
        .shell_before_nm3 = change->before[1],
        .shell_after_nm3 = change->after[1],
        .cation_before_amol = change->before[2],
        .cation_after_amol = change->after[2],
        .cation_amol = difference[2],
        .cation_sd_amol = sd[2],
        .anion_before_amol = change->before[3],
        .anion_after_amol = change->after[3],
        .anion_amol = difference[3],
        .anion_sd_amol = sd[3] };
}

static struct lct_transfer liquid_of(const struct lct_transfer *sum)
{
    struct lct_transfer liquid = *sum;
    liquid.particle = LCT_TRANSFER_LIQUID;
    liquid.core_nm3 = liquid.core_sd_nm3 = liquid.shell_nm3 = liquid.shell_sd_nm3 = (double)NAN;
    liquid.core_before_nm3 = liquid.core_after_nm3 = liquid.shell_before_nm3 = liquid.shell_after_nm3 = (double)NAN;
    liquid.cation_before_amol = liquid.cation_after_amol = liquid.anion_before_amol = liquid.anion_after_amol =
        (double)NAN;
    liquid.cation_amol = -sum->cation_amol;
    liquid.anion_amol = -sum->anion_amol;
    return liquid;
}

static void add_stretch(struct lct_transfer *rows, const struct budget *b, double start_s, double end_s)
{
    const struct lct_curves *c = b->curves;
    struct change sum = { 0 };
    for (size_t p = 0; p < c->n_particles; p++) {
        struct change own = { 0 };
        add_particle(&own, b, p, start_s, end_s);
        rows[p] = make_row(b, &own, start_s, end_s, c->particles[p].id);
        rows[p].counted = !c->particles[p].cut;
        if (rows[p].counted)
            add_particle(&sum, b, p, start_s, end_s);
    }
    rows[c->n_particles] = make_row(b, &sum, start_s, end_s, LCT_TRANSFER_SUM);
    rows[c->n_particles + 1] = liquid_of(&rows[c->n_particles]);
}

enum lct_status lct_concentration_transfer(struct lct_transfer **rows, size_t *n_rows, const struct lct_curves *curves,
    const struct lct_pocket *pocket, const double *edges_s, size_t n, struct lct_err *err)
{
    const size_t per_stretch = curves->n_particles + 2;
    struct lct_transfer *found = calloc(n ? n * per_stretch : 1, sizeof *found);
    struct area_scatter *scatter = calloc(curves->n_particles, sizeof *scatter);
    if (!found || !scatter) {
        free(found);
        free(scatter);
        return lct_fail(err, LCT_E_LIMIT, "mass budget: no memory");
    }
    uncertainty_scatter(curves, scatter);
    const struct budget b = { .curves = curves,
        .pocket = pocket,
        .scatter = scatter,
        .gradient = { amounts_core_nm3(pocket), amounts_shell_nm3(pocket), amounts_cation_mol(pocket),
            amounts_anion_mol(pocket) },
        .factor = { 1.0, 1.0, AMOL_PER_MOL, AMOL_PER_MOL } };
    for (size_t i = 0; i < n; i++)
        add_stretch(&found[i * per_stretch], &b, edges_s[i], edges_s[i + 1]);
    free(scatter);
    *rows = found;
    *n_rows = n * per_stretch;
    return LCT_OK;
}
