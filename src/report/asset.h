/* asset.h -- files of data/ that are built into the library; written by tools/dev/embed */
#ifndef LCTEM_REPORT_ASSET_H
#define LCTEM_REPORT_ASSET_H

#include <stddef.h>

struct asset {
    const char *name;           /* file name without folder; NULL ends the table */
    const unsigned char *bytes; /* n, and a 0 that is not counted */
    size_t n;
};

extern const struct asset report_assets[]; /* data/report */
extern const struct asset plot_assets[];   /* data/plots */

#endif
