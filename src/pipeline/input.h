/* input.h -- which bytes went into a run */
#ifndef LCTEM_PIPELINE_INPUT_H
#define LCTEM_PIPELINE_INPUT_H

#include <lctem/sha256.h>
#include <lctem/source.h>

struct input {
    char sha256
        [LCT_SHA256_TEXT]; /* of the file; of a sequence: of the lines "sha256  size  name" of its files, in order */
    long long bytes;       /* in all */
    size_t n_files;
};

/* Read all bytes of the movie once. LCT_E_INPUT: unreadable. */
LCT_MUST_CHECK enum lct_status input_identify(
    struct input *out, const struct lct_source_info *info, int threads, struct lct_err *err);

#endif
