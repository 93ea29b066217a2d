/* uncertainty.h -- errors of areas, their correlated parts kept correlated */
#ifndef LCTEM_CHEMISTRY_UNCERTAINTY_H
#define LCTEM_CHEMISTRY_UNCERTAINTY_H

#include <lctem/curves.h>

/* Error of an area at one instant: a random part, new in each frame, and a systematic part that has one sign for all particles
 * and lasts (a level that is a little off moves all edges together). Correlations: of the errors of core and total, in either part. */
struct area_error {
    double core_random, total_random, random_correlation, core_system, total_system, correlation;
};

/* Frame-to-frame scatter of a particle's core and total area, and how far the two scatter together. */
struct area_scatter {
    double core, total, correlation;
};

/* Share of the systematic variance that is the same at both instants: `given`, or where that is NaN, what is usual [V7]. */
double uncertainty_lasting(double given);

/* Of each particle: n_particles of them. */
void uncertainty_scatter(const struct lct_curves *curves, struct area_scatter *scatter);

struct area_error uncertainty_at(
    const struct lct_curves *curves, const struct area_scatter *scatter, size_t p, const struct lct_curves_place *at);

/* Variance of g_core x core + g_total x total for one error. */
double uncertainty_variance(const struct area_error *error, double g_core, double g_total);

/* Running sums for the difference of two instants over several particles. */
struct uncertainty_sum {
    double independent;              /* variance of what differs between the instants */
    double core, total, correlation; /* systematic amplitudes, later minus earlier; |amplitude|-weighted correlation */
    double weight;
    double separate; /* variance of the systematic parts if they did not last */
};
void uncertainty_add(struct uncertainty_sum *sum, const struct area_error *then, const struct area_error *now,
    double g_core, double g_total);

/* Variance of the difference; `lasting`: share of the systematic variance that is the same at both instants. */
double uncertainty_total(const struct uncertainty_sum *sum, double g_core, double g_total, double lasting);

#endif
