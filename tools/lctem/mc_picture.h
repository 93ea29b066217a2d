/* mc_picture.h -- a configuration of the lattice model as a picture and as an occupancy stack */
#ifndef LCTEM_TOOLS_MC_PICTURE_H
#define LCTEM_TOOLS_MC_PICTURE_H

#include <lctem/err.h>
#include <lctem/mc.h>
#include <stdint.h>

/** What is drawn: nx x ny columns of nz sites, (y * nx + x) * nz + z. */
struct mc_columns {
    int nx, ny, nz;
    const uint8_t *occupancy;
    double scale_px; /**< width of a column */
};

/** Write a PNG, seen along z, every column a hexagon: core dark red, shell ochre, paler where a column is not full, a white dot where
 *  core meets an empty column. Cropped to the core with some columns around. LCT_E_LIMIT, LCT_E_OUTPUT. */
LCT_MUST_CHECK enum lct_status mc_picture_write(
    const struct mc_columns *columns, const char *path, struct lct_err *err);

/** Write a TIFF of nz pages, nx x ny, values 0, 1, 2. */
LCT_MUST_CHECK enum lct_status mc_stack_write(const struct mc_columns *columns, const char *path, struct lct_err *err);

/** Read such a stack: `out` with its sizes, and `*occupancy`, which `out` borrows and the caller frees. LCT_E_FORMAT: other values. */
LCT_MUST_CHECK enum lct_status mc_stack_read(
    const char *path, struct mc_columns *out, uint8_t **occupancy, struct lct_err *err);

#endif
