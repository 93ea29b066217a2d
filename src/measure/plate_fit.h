/* plate_fit.h -- the profile of a plate with blurred edges, fitted to points */
#ifndef LCTEM_MEASURE_PLATE_FIT_H
#define LCTEM_MEASURE_PLATE_FIT_H

#include <stdbool.h>
#include <stddef.h>

/* Parameters: level and slope of the outside, blur, depth and edges of the plate, depth and edges of the core in it. */
enum {
    PLATE_LEVEL,
    PLATE_SLOPE,
    PLATE_BLUR,
    PLATE_DEPTH,
    PLATE_FROM,
    PLATE_TO,
    PLATE_TERMS,
    CORE_DEPTH = PLATE_TERMS,
    CORE_FROM,
    CORE_TO,
    CORE_TERMS
};

struct plate_fit {
    int n_terms; /* PLATE_TERMS or CORE_TERMS */
    double p[CORE_TERMS];
    double covariance[CORE_TERMS][CORE_TERMS]; /* residuals that are alike along the line are allowed for */
    double rss, alike;                         /* neighbours being alike enlarges errors by this */
};

/* Fit n points y at 0, 1, 2, ...; false: it does not converge to a plate. `p` of the start in fit->p. */
bool plate_fit_run(struct plate_fit *fit, const double *y, size_t n);

/* Value of the model at t. */
double plate_fit_value(const struct plate_fit *fit, double t);

#endif
