/* format.h -- what one output format must be able to do */
#ifndef WRITER_FORMAT_H
#define WRITER_FORMAT_H

#include <lctem/writer.h>
#include <stdbool.h>

struct writer_format {
    const char *name;
    const char *endings; /* each between spaces */
    int most_bits;       /* of a sample: 8, 16, or 32 for floats */
    bool one_file;       /* it is made under the name `part`; else open gets NULL there and sees to it itself */
    enum lct_status (*open)(
        void **state, const char *path, const char *part, const struct lct_writer_params *p, struct lct_err *err);
    enum lct_status (*frame)(
        void *state, const void *samples, struct lct_err *err); /* uint16_t, or float for 32 bits */
    enum lct_status (*close)(void *state, struct lct_err *err); /* frees state, whatever happens */
};

/** LCT_E_OUTPUT with file, reason of `why` (an errno; 0: not known) and remedy. */
enum lct_status writer_fail(const char *path, int why, struct lct_err *err);

extern const struct writer_format writer_video, writer_tiff, writer_mrc, writer_png;

#endif
