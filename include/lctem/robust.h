/* robust.h -- the mode of a sample, and small linear systems */
#ifndef LCTEM_ROBUST_H
#define LCTEM_ROBUST_H

#include <stdbool.h>
#include <stddef.h>

/** Mode of n >= 1 finite values by repeated halving of the shortest interval that holds half of them (half-sample mode,
 *  Bickel and Fruehwirth 2006); the values are sorted. */
double lct_robust_mode(double *values, size_t n);

enum { LCT_ROBUST_POINTS = 64 };

/** Points with their sd (> 0); borrowed. At most LCT_ROBUST_POINTS count. */
struct lct_robust_points {
    const double *x, *y, *sd;
    size_t n;
};

/** Value at x = 0 of a straight line through points within `width` of it: weights 1/sd^2, falling with |x| (tricube); points that lie
 *  far off (bisquare, after a start by least absolute values) do not count. `share` (n values) gets the weight of each in the
 *  result; they sum to 1. NaN: no points. */
double lct_robust_line_at(const struct lct_robust_points *points, double width, double *share);

enum { LCT_LINEAR_MOST = 64 };

/** Solve the m x m system a x = b in place (x replaces b; a is destroyed) by elimination with pivoting; false: singular but for
 *  rounding, or m > LCT_LINEAR_MOST. */
bool lct_linear_solve(double *a, double *b, int m);

#endif
