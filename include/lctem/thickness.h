/* thickness.h -- core and plate thickness from an image of a plate seen from the side */
#ifndef LCTEM_THICKNESS_H
#define LCTEM_THICKNESS_H

#include <lctem/json.h>
#include <lctem/log.h>
#include <lctem/plate.h>
#include <lctem/recipe.h>

/** Lengths in nm are NaN without a pixel size. */
struct lct_thickness {
    struct lct_plate plate;
    struct lct_plate_line line;
    bool found; /**< the line was found, not given */
    long frame;
    double nm_per_px; /**< along the line */
    double core_nm, core_sd_nm, plate_nm, plate_sd_nm;
};

/** Measure frame recipe->frame of `path` on the line recipe->line, `recipe->line_width_px` wide (NaN: a tenth of its
 * length), or, without a line, on one that is laid across the plate that is found. With recipe->output, writes
 * thickness.json into that folder. LCT_E_ARG: the line is no line. LCT_E_NODATA: no plate. Else as lct_source_open. */
LCT_MUST_CHECK enum lct_status lct_thickness_run(struct lct_thickness *out, const char *path,
    const struct lct_recipe *recipe, const struct lct_log *log, struct lct_err *err);

/** Its numbers as members of the object that is open. */
void lct_thickness_json(const struct lct_thickness *thickness, struct lct_json *json);

#endif
