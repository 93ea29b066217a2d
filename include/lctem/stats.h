/* stats.h -- order statistics and small linear systems */
#ifndef LCTEM_STATS_H
#define LCTEM_STATS_H

#include <stdbool.h>
#include <stddef.h>

/** q-quantile (0 .. 1, linear between order statistics) of n >= 1 finite values; the values are reordered. */
double lct_stats_quantile(double *values, size_t n, double q);
/** Median; the values are reordered. */
double lct_stats_median(double *values, size_t n);
/** Mode by repeated halving of the shortest interval that holds half the values (half-sample mode, Bickel and Fruehwirth
 *  2006); the values are sorted. */
double lct_stats_mode(double *values, size_t n);
/** Solve the m x m system a x = b in place (x replaces b; a is destroyed) by elimination with pivoting; false: singular. */
bool lct_stats_solve(double *a, double *b, int m);

#endif
