/* robust.h -- the mode of a sample, and small linear systems */
#ifndef LCTEM_ROBUST_H
#define LCTEM_ROBUST_H

#include <stdbool.h>
#include <stddef.h>

/** Mode of n >= 1 finite values by repeated halving of the shortest interval that holds half of them (half-sample mode,
 *  Bickel and Fruehwirth 2006); the values are sorted. */
double lct_robust_mode(double *values, size_t n);

/** Solve the m x m system a x = b in place (x replaces b; a is destroyed) by elimination with pivoting; false: singular. */
bool lct_linear_solve(double *a, double *b, int m);

#endif
