/* datasets.h -- several images in one file, and the one that is read */
#ifndef LCTEM_IO_DATASETS_H
#define LCTEM_IO_DATASETS_H

#include "reader.h"

/** One of them. */
struct dataset {
    char name[64];
    char shape[64];      /**< for people: "512 x 512, 20 frames, uint16" */
    const char *refusal; /**< why it cannot be read ("a spectrum"), NULL: it can */
    bool aside;          /**< a thumbnail: read only when it is asked for */
};

/** Choose by name or number (from 0, in the order of `all`); wanted NULL: the first that can be read and is no thumbnail. Notes all
 *  of them in the metadata, and warns when there was a choice.
 *  LCT_E_ARG: no such data set. LCT_E_FORMAT: none that can be read, or the one that was asked for cannot. */
LCT_MUST_CHECK enum lct_status dataset_choose(size_t *out, struct lct_source *source, const struct dataset *all,
    size_t n, const char *wanted, struct lct_err *err);

#endif
