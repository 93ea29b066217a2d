/* asset.h -- files of data/ that are built in; written by tools/dev/embed */
#ifndef LCTEM_REPRODUCE_ASSET_H
#define LCTEM_REPRODUCE_ASSET_H

#include <stddef.h>

struct asset {
    const char *name;           /* file name without folder; NULL ends the table */
    const unsigned char *bytes; /* n, and a 0 that is not counted */
    size_t n;
};

extern const struct asset reproduce_assets[];

#endif
