/* batch_sums.h -- what the table of a batch takes from the folder of a movie */
#ifndef LCTEM_PIPELINE_BATCH_SUMS_H
#define LCTEM_PIPELINE_BATCH_SUMS_H

#include <lctem/batch.h>

/* Areas of all particles in the first and the last frame of areas.csv; NaN where there is none. */
void batch_sums_areas(struct lct_batch_row *row, const char *dir);

/* How long the run took that is in this folder, from its run.json; NaN: not known. */
double batch_sums_seconds(const char *dir);

#endif
