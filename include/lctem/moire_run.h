/* moire_run.h -- lattice spacings and Moire period of a picture or of frames of a movie */
#ifndef LCTEM_MOIRE_RUN_H
#define LCTEM_MOIRE_RUN_H

#include <lctem/json.h>
#include <lctem/log.h>
#include <lctem/moire.h>
#include <lctem/option.h>
#include <lctem/progress.h>
#include <lctem/recipe.h>

/** What was measured, and on what. */
struct lct_moire_result {
    struct lct_moire moire;
    struct lct_moire_params params; /**< as the recipe set them */
    const char *path;               /**< of the movie; borrowed */
    int particle;                   /**< whose core was looked at; 0: the whole picture */
    struct lct_rect
        part;   /**< box of the part of the picture that holds the lattice, where that was looked at; else no width */
    long frame; /**< frame that was looked at; the first one of a mean */
    long n_frames;   /**< frames in the mean */
    double drift_px; /**< largest displacement that was taken out of the mean */
    double time_s;
    double pixel_size_nm, pixel_size_sd_nm, pixel_size_y_nm; /**< in use; sd NaN unless calibrated here */
    double halo_nm;           /**< spacing of a broad ring, see lct_spectrum_halo; NaN: none */
    const char *scale_source; /**< "user", "file", "calibration" */
};

/** What the recipe says about lattices. LCT_E_ARG: settings that contradict each other, or spacings that cannot be read. */
LCT_MUST_CHECK enum lct_status lct_moire_params_make(
    struct lct_moire_params *out, const struct lct_recipe *recipe, struct lct_err *err);

/** Measure `path` as the recipe says (frame, average, particle, roi, d1, d2, blind, tolerance, calibrate, pixel_size). With recipe->output, write
 *  lattice.csv, moire.csv, spectrum.png and spectrum.svg there.
 *  LCT_E_ARG: no pixel size known, region out of the picture, settings that contradict each other. LCT_E_NODATA is turned into a
 *  result without numbers. LCT_E_CHECK is the caller's to make. LCT_E_INPUT, LCT_E_FORMAT, LCT_E_OUTPUT, LCT_E_LIMIT as everywhere. */
LCT_MUST_CHECK enum lct_status lct_moire_run(struct lct_moire_result *out, const char *path,
    const struct lct_recipe *recipe, const struct lct_progress *progress, const struct lct_log *log,
    struct lct_err *err);

/** The result as members of the object that is open in `json`. */
void lct_moire_result_json(const struct lct_moire_result *result, struct lct_json *json);

#endif
