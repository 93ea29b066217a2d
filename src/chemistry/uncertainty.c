#include "uncertainty.h"

#include <lctem/stats.h>

#include <math.h>

/* From the three sigmas of core, shell and total, for total = core + shell. */
static double core_total_correlation(double core, double shell, double total)
{
    if (!(core > 0.0) || !(total > 0.0))
        return 0.0;
    const double r = (core * core + total * total - shell * shell) / (2.0 * core * total);
    return fmax(-1.0, fmin(1.0, r));
}

/* Frames of one level wander together for about a second of video: what differs over a few frames is random too. */
enum { WANDER_FRAMES = 5 };

static double scatter_of(const struct lct_curves *c, const double *values, size_t p)
{
    return fmax(lct_curves_scatter(c, values, p, 1), lct_curves_scatter(c, values, p, WANDER_FRAMES));
}

/* Light and focus move all edges of a particle together: their difference, the shell, scatters less than both on their own would make it. */
static double scatter_together(const struct lct_curves *c, size_t p)
{
    return core_total_correlation(lct_curves_scatter(c, c->core_nm2, p, WANDER_FRAMES),
        lct_curves_scatter(c, c->shell_nm2, p, WANDER_FRAMES), lct_curves_scatter(c, c->total_nm2, p, WANDER_FRAMES));
}

void uncertainty_scatter(const struct lct_curves *curves, struct area_scatter *scatter)
{
    for (size_t p = 0; p < curves->n_particles; p++)
        scatter[p] = (struct area_scatter){ scatter_of(curves, curves->core_nm2, p),
            scatter_of(curves, curves->total_nm2, p), scatter_together(curves, p) };
}

double uncertainty_lasting(double given)
{
    /* Levels and cores' edges keep their error; a particle's edge cuts through other fringes of the rim as layers come and go. From
     * films of known truth. */
    static const double USUAL = 0.8;
    return !isnan(given) ? given : USUAL;
}

struct area_error uncertainty_at(
    const struct lct_curves *c, const struct area_scatter *scatter, size_t p, const struct lct_curves_place *at)
{
    const double core = lct_curves_value(lct_curves_row(c, c->core_sd_nm2, p), at);
    const double shell = lct_curves_value(lct_curves_row(c, c->shell_sd_nm2, p), at);
    const double total = lct_curves_value(lct_curves_row(c, c->total_sd_nm2, p), at);
    const struct lct_curve_particle *particle = &c->particles[p];
    const bool there = at->time_s >= c->times_s[particle->first] && at->time_s <= c->times_s[particle->last];
    struct area_error e = { .core_random = there ? scatter[p].core : 0.0,
        .total_random = there ? scatter[p].total : 0.0,
        .random_correlation = scatter[p].correlation };
    if (c->has_common) {
        const double core_common = lct_curves_value(lct_curves_row(c, c->core_common_sd_nm2, p), at);
        const double total_common = lct_curves_value(lct_curves_row(c, c->total_common_sd_nm2, p), at);
        e.core_random = fmax(e.core_random, lct_stats_without(core, core_common));
        e.total_random = fmax(e.total_random, lct_stats_without(total, total_common));
    }
    e.core_system = lct_stats_without(core, e.core_random);
    e.total_system = lct_stats_without(total, e.total_random);
    e.correlation = core_total_correlation(core, shell, total);
    return e;
}

static double quadratic(double a, double b, double correlation)
{
    return fmax(0.0, a * a + 2.0 * correlation * a * b + b * b);
}

double uncertainty_variance(const struct area_error *e, double g_core, double g_total)
{
    return quadratic(g_core * e->core_random, g_total * e->total_random, e->random_correlation)
        + quadratic(g_core * e->core_system, g_total * e->total_system, e->correlation);
}

void uncertainty_add(struct uncertainty_sum *sum, const struct area_error *then, const struct area_error *now,
    double g_core, double g_total)
{
    const struct area_error *errors[] = { then, now };
    for (int i = 0; i < 2; i++) {
        const struct area_error *e = errors[i];
        sum->independent += quadratic(g_core * e->core_random, g_total * e->total_random, e->random_correlation);
        sum->separate += quadratic(g_core * e->core_system, g_total * e->total_system, e->correlation);
        sum->correlation += e->correlation * e->core_system * e->total_system;
        sum->weight += e->core_system * e->total_system;
    }
    sum->core += now->core_system - then->core_system;
    sum->total += now->total_system - then->total_system;
}

double uncertainty_total(const struct uncertainty_sum *sum, double g_core, double g_total, double lasting)
{
    const double correlation = sum->weight > 0.0 ? sum->correlation / sum->weight : 0.0;
    const double together = quadratic(g_core * sum->core, g_total * sum->total, correlation);
    return sum->independent + lasting * together + (1.0 - lasting) * sum->separate;
}
