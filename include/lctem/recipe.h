/* recipe.h -- every setting of a run: one struct, one table that reads it from flags and recipe files */
#ifndef LCTEM_RECIPE_H
#define LCTEM_RECIPE_H

#include <lctem/background.h>
#include <lctem/err.h>
#include <lctem/option.h>
#include <lctem/segment.h>
#include <stdbool.h>
#include <stdint.h>

/** Commands, as bits of lct_option.commands. */
enum lct_command {
    LCT_CMD_ANALYZE = 1 << 0,
    LCT_CMD_PREVIEW = 1 << 1,
    LCT_CMD_INFO = 1 << 2,
    LCT_CMD_PHANTOM = 1 << 3,
    LCT_CMD_MOIRE = 1 << 4,
    LCT_CMD_CONCENTRATION = 1 << 10,
    LCT_CMD_CONVERT = 1 << 11,
    LCT_CMD_REPORT = 1 << 13,
    LCT_CMD_THICKNESS = 1 << 16,
    LCT_CMD_MEASURE = 1 << 17,
    LCT_CMD_REPRODUCE = 1 << 18,
};

/** What a solid is; NaN: what the table of materials says. */
struct lct_material_settings {
    char *name;
    double density_g_per_cm3, molar_mass_g_per_mol, cations, anions, solubility_g_per_100ml;
};

/** From volumes to concentrations; see concentration.h for the meaning. A sigma of 0: taken as exact. */
struct lct_chemistry_settings {
    double core_thickness_nm, core_thickness_sd_nm, plate_thickness_nm, plate_thickness_sd_nm;
    double liquid_volume_nm3, liquid_volume_sd_nm3;
    double reference_s;          /**< NaN: the onset of shell growth */
    double saturation_mol_per_l; /**< NaN: from the solubility */
    double feed_cation_mol_per_l, feed_anion_mol_per_l;
    double area_correlation;
    struct lct_material_settings core, shell;
    double dose_rate_e_per_nm2_s; /**< NaN: what the movie says */
    bool compare_dose;
};

/** Settings of the commands that look at a movie. Texts are owned (lct_options_finish frees them); NULL: not given. */
struct lct_recipe {
    /* the movie */
    struct lct_range frames; /**< end -1: to the end */
    struct lct_rect roi;     /**< width_px 0: the whole frame */
    double pixel_size_nm;    /**< NaN: what the file says */
    double frame_time_s;     /**< NaN: what the file says */
    double fps;              /**< NaN: what the file says; another way to give frame_time_s */
    char *dataset, *raw;
    bool align; /**< convert: take the drift out */
    long bin;   /**< convert: px that become one, each way */

    /* preparation */
    char *drift;                 /**< path of a drift.csv to use instead of measuring it */
    long background_order;       /**< of the polynomial; 0: a constant */
    struct lct_length smoothing; /**< sigma; NaN: from the noise */

    /* segmentation and identities */
    int contrast;        /**< enum lct_contrast */
    int phases;          /**< enum lct_phases */
    char *first_seed;    /**< "x,y;x,y": a point inside each particle in the first frame, px */
    double min_area_nm2; /**< NaN: from the size of the frame */

    struct lct_chemistry_settings chemistry;
    /* lattices and Moire */
    char *d1, *d2;              /**< spacings to look for: nm, or MATERIAL:INDICES; NULL: {11-20} of Cd and of CdCl2 */
    char *lattice;              /**< a material of the user's, see lct_crystal_parse */
    char *calibrate;            /**< known spacing that gives the pixel size: nm, or MATERIAL:INDICES */
    bool affine;                /**< take the distortion of the scan out, so that the strongest star is regular */
    double tolerance_percent;   /**< NaN: 2 sigma or 1 %, whichever is larger */
    bool maps;                  /**< moire: write maps.tif and dislocations.csv */
    long particle;              /**< moire: whose core to look at; 0: the whole picture */
    bool blind, average, check; /**< the two strongest lattices; mean of all frames; exit status 6 for a disagreement */

    char *labels;                 /**< measure: label stack to take instead of segmenting; NULL: none */
    char *movie;                  /**< measure: what the labels were made of; NULL: nothing is known but the labels */
    long core_label, shell_label; /**< measure: their values; 0: odd values are cores, even ones shells */
    struct lct_length edge_reach; /**< measure: how far an edge may lie from the mask's; NaN: a blur of the edge */
    char *line;                   /**< thickness: "x0,y0,x1,y1" across a plate, px; NULL: found */
    double line_width_px;         /**< what is averaged beside it; NaN: a tenth of its length */

    /* the run itself */
    uint64_t seed;
    long threads;                /**< LCT_OPTION_AUTO: all cores */
    uint64_t memory_limit_bytes; /**< 0: not limited */
    bool resume, force, strict, json, quiet, verbose, dump_config, help;
    bool follow; /**< analyze: the movie is still being written */
    double follow_timeout_s,
        follow_every_s; /**< it is complete when it has not changed for so long; time between two looks */
    char *output, *config, *set;
    long frame;             /**< preview, moire: which frame */
    bool stats;             /**< info: read all frames */
    char *from_mc;          /**< phantom: folder of a `mc grow` to film instead of the scene's particles */
    double site_nm, step_s; /**< phantom, from_mc: between columns; seconds per step; NaN: auto */
    double dose;            /**< phantom: electrons per nm2 and second; NaN: the scene's */
    long replica;           /**< phantom, from_mc: which trajectory */
    char *truth;            /**< phantom: folder of the truth; NULL: that of the movie */
    long masks;             /**< phantom: label masks of every N-th frame; 0: none */
    bool no_movie;          /**< phantom: the truth only */
    bool quick;             /**< reproduce: every second frame, small ensembles */
    char *dygraphs;         /**< analyze, report: folder of dygraph.min.js; NULL: where Debian has it */
};

/** The table for struct lct_recipe. */
const struct lct_option_table *lct_recipe_options(void);

/** Defaults for the given commands; see lct_options_init. */
LCT_MUST_CHECK enum lct_status lct_recipe_init(
    struct lct_options *out, struct lct_recipe *recipe, unsigned commands, struct lct_err *err);

/** What two or more keys must say together: fps and frame_time exclude each other (fps becomes frame_time_s), resume and force too.
 *  LCT_E_ARG: they contradict. */
LCT_MUST_CHECK enum lct_status lct_recipe_check(struct lct_recipe *recipe, struct lct_err *err);

/** Points of first_seed; `*xy_px` gets 2 n values, caller frees (NULL, 0 if there are none). LCT_E_ARG: not of the form x,y;x,y. */
LCT_MUST_CHECK enum lct_status lct_recipe_seeds(
    const struct lct_recipe *recipe, double **xy_px, size_t *n, struct lct_err *err);

#endif
