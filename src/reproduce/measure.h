/* measure.h -- how rows get their numbers from what the stations hold; `ask` says which cells */
#ifndef LCTEM_REPRODUCE_MEASURE_H
#define LCTEM_REPRODUCE_MEASURE_H

#include "claim.h"

measure_fn measure_eq4;         /* equation (4) on the printed spacings */
measure_fn measure_still;       /* column: d1, d2, moire */
measure_fn measure_cell;        /* the first cell that fits */
measure_fn measure_at;          /* line through from_s .. to_s, its value at `at` */
measure_fn measure_slope;       /* its slope times `at` */
measure_fn measure_linear;      /* slope of the second half over that of the first */
measure_fn measure_faster;      /* slope from_s .. to_s over that of the facet named by `sd`, whole film */
measure_fn measure_step;        /* mean within a second of to_s minus that of from_s */
measure_fn measure_count;       /* cells with from_s <= value <= to_s (both 0: any) */
measure_fn measure_span;        /* largest minus smallest cell */
measure_fn measure_until;       /* when the curve has 99 % of its last value, minus `at` */
measure_fn measure_correlation; /* r with its interval */
measure_fn measure_metal;       /* volume of core lost -> mol/L of the pocket */
measure_fn measure_ratio, measure_wait, measure_cost, measure_shell; /* of a reading */
measure_fn measure_coexistence, measure_opening;

#endif
