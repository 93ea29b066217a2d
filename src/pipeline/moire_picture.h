/* moire_picture.h -- spectrum.png and spectrum.svg of a measurement */
#ifndef LCTEM_PIPELINE_MOIRE_PICTURE_H
#define LCTEM_PIPELINE_MOIRE_PICTURE_H

#include <lctem/moire_run.h>

LCT_MUST_CHECK enum lct_status moire_picture_write(const char *dir, const char *title,
    const struct lct_spectrum *spectrum, const struct lct_metric *metric, const struct lct_moire_result *result,
    struct lct_err *err);

#endif
