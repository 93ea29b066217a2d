/* moire_maps.h -- maps.tif and dislocations.csv of a measured picture */
#ifndef LCTEM_PIPELINE_MOIRE_MAPS_H
#define LCTEM_PIPELINE_MOIRE_MAPS_H

#include <lctem/moire_run.h>

/* Amplitude and strain of each lattice that has two peaks that are not parallel; lattices without are left out. */
LCT_MUST_CHECK enum lct_status moire_maps_write(
    const char *dir, const struct lct_image *picture, const struct lct_moire_result *result, struct lct_err *err);

#endif
