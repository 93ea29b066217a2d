#include <lctem/recipe.h>

#include <lctem/number.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct lct_recipe, member)
#define BETWEEN(a, b) .min = (a), .max = (b)
#define FROM(a) .min = (a), .max = HUGE_VAL

enum {
    MOVIE = LCT_CMD_ANALYZE | LCT_CMD_PREVIEW | LCT_CMD_MOIRE,
    FRAMES = MOVIE | LCT_CMD_MOIRE | LCT_CMD_CONVERT | LCT_CMD_THICKNESS,
    READS = FRAMES | LCT_CMD_INFO,
    WRITES = LCT_CMD_ANALYZE | LCT_CMD_PREVIEW | LCT_CMD_PHANTOM | LCT_CMD_MOIRE | LCT_CMD_CONVERT | LCT_CMD_THICKNESS,
    CHEMISTRY = LCT_CMD_ANALYZE | LCT_CMD_CONCENTRATION,
    EVERY = READS | WRITES | LCT_CMD_CONCENTRATION | LCT_CMD_REPORT,
};

/* The rows of one solid. */
// clang-format off
#define MATERIAL(word, member, name_)                                                                                       \
    { .key = word "_material", .type = LCT_OPTION_TEXT, .offset = AT(chemistry.member.name), .fallback = name_,             \
        .choices = "NAME", .commands = CHEMISTRY, .help = "what the " word " is; others than Cd and CdCl2 need the next rows" }, \
    { .key = word "_density", .type = LCT_OPTION_DOUBLE, .offset = AT(chemistry.member.density_g_per_cm3),                  \
        .fallback = "auto", FROM(1e-6), .unit = "g/cm3", .choices = "G/CM3", .commands = CHEMISTRY,                         \
        .help = "density of the " word "; auto: of the material" },                                                         \
    { .key = word "_molar_mass", .type = LCT_OPTION_DOUBLE, .offset = AT(chemistry.member.molar_mass_g_per_mol),            \
        .fallback = "auto", FROM(1e-6), .unit = "g/mol", .choices = "G/MOL", .commands = CHEMISTRY,                         \
        .help = "molar mass of the " word "; auto: of the material" },                                                      \
    { .key = word "_cations", .type = LCT_OPTION_DOUBLE, .offset = AT(chemistry.member.cations), .fallback = "auto",        \
        FROM(1e-6), .choices = "N", .commands = CHEMISTRY, .help = "cations per formula of the " word },                    \
    { .key = word "_anions", .type = LCT_OPTION_DOUBLE, .offset = AT(chemistry.member.anions), .fallback = "auto", FROM(0), \
        .choices = "N", .commands = CHEMISTRY, .help = "anions per formula of the " word },                                 \
    { .key = word "_solubility", .type = LCT_OPTION_DOUBLE, .offset = AT(chemistry.member.solubility_g_per_100ml),          \
        .fallback = "auto", FROM(0), .unit = "g/100mL", .choices = "G/100ML", .commands = CHEMISTRY,                        \
        .help = "solubility of the " word " in water" }
// clang-format on

/* A new setting is one row here and one field in struct lct_recipe. The order is that of the help and of the recipe file. */
// clang-format off
static const struct lct_option rows[] = {
    /* the movie */
    { .key = "output", .letter = 'o', .type = LCT_OPTION_TEXT, .offset = AT(output), .choices = "PATH", .commands = WRITES | LCT_CMD_CONCENTRATION | LCT_CMD_REPORT | LCT_CMD_REPRODUCE,
        .session = true, .help = "folder or file for the results" },
    { .key = "quick", .type = LCT_OPTION_BOOL, .offset = AT(quick), .commands = LCT_CMD_REPRODUCE, .session = true,
        .help = "every second frame, small ensembles: about a minute" },
    { .key = "frames", .type = LCT_OPTION_RANGE, .offset = AT(frames), .commands = FRAMES,
        .help = "frames to use, from 0: A up to but without B, every STEP-th" },
    { .key = "frame", .type = LCT_OPTION_INT, .offset = AT(frame), FROM(0), .commands = LCT_CMD_PREVIEW | LCT_CMD_MOIRE | LCT_CMD_THICKNESS, .session = true,
        .help = "the frame to look at" },
    { .key = "roi", .type = LCT_OPTION_RECT, .offset = AT(roi), .commands = FRAMES,
        .help = "part of the frame to use; auto: all of it" },
    { .key = "pixel_size", .letter = 'p', .type = LCT_OPTION_LENGTH_NM, .offset = AT(pixel_size_nm), .fallback = "auto",
        BETWEEN(1e-3, 1e3), .commands = FRAMES, .help = "length of one pixel; auto: what the file says",
        .details = "Nothing physical is made from a guessed scale: where neither you nor the file know it, lengths stay in px." },
    { .key = "frame_time", .type = LCT_OPTION_TIME_S, .offset = AT(frame_time_s), .fallback = "auto", BETWEEN(1e-9, 1e7),
        .commands = FRAMES, .help = "time between two frames; auto: what the file says" },
    { .key = "fps", .type = LCT_OPTION_DOUBLE, .offset = AT(fps), .fallback = "auto", BETWEEN(1e-7, 1e9), .unit = "1/s",
        .commands = FRAMES, .choices = "F", .help = "frames per second, instead of frame_time" },
    { .key = "dataset", .type = LCT_OPTION_TEXT, .offset = AT(dataset), .choices = "NAME", .commands = READS,
        .help = "which of several data sets in a file, by name or number" },
    { .key = "raw", .type = LCT_OPTION_TEXT, .offset = AT(raw), .choices = "WxHxN:TYPE", .commands = READS,
        .help = "shape and type of a file without header, such as 512x512x100:u16le" },

    { .key = "align", .type = LCT_OPTION_BOOL, .offset = AT(align), .commands = LCT_CMD_CONVERT,
        .help = "take the drift out: every frame is moved onto the first one" },
    { .key = "bin", .type = LCT_OPTION_INT, .offset = AT(bin), .fallback = "1", BETWEEN(1, 64), .commands = LCT_CMD_CONVERT,
        .help = "mean of N x N px becomes one" },

    /* preparation */
    { .key = "drift", .type = LCT_OPTION_TEXT, .offset = AT(drift), .choices = "FILE", .commands = MOVIE,
        .help = "a drift.csv to use instead of measuring the drift" },
    { .key = "background_order", .type = LCT_OPTION_INT, .offset = AT(background_order), .fallback = "3", BETWEEN(0, 3),
        .commands = MOVIE, .help = "order of the polynomial that describes the background; 0: a constant" },
    { .key = "smoothing", .type = LCT_OPTION_LENGTH, .offset = AT(smoothing), .fallback = "auto", FROM(0), .commands = MOVIE,
        .help = "sigma of the smoothing before segmentation; auto: from the noise" },

    /* segmentation and identities */
    { .key = "contrast", .type = LCT_OPTION_CHOICE, .offset = AT(contrast), .fallback = "auto",
        .choices = "auto|dark|bright", .commands = MOVIE | LCT_CMD_THICKNESS, .help = "are particles darker or brighter than the liquid?" },
    { .key = "phases", .type = LCT_OPTION_CHOICE, .offset = AT(phases), .fallback = "auto",
        .choices = "auto|core|core+shell", .commands = MOVIE, .help = "what particles are made of" },
    { .key = "first_seed", .type = LCT_OPTION_TEXT, .offset = AT(first_seed), .choices = "X,Y;X,Y", .commands = MOVIE,
        .help = "a point inside each particle in the first frame, in px" },
    { .key = "min_area_nm2", .type = LCT_OPTION_DOUBLE, .offset = AT(min_area_nm2), .fallback = "auto", FROM(0),
        .unit = "nm2", .choices = "NM2", .commands = MOVIE, .help = "what is smaller is no particle; auto: from the frame" },

    /* volumes, concentrations, dose; see docs/concentrations.md */
    { .key = "core_thickness", .type = LCT_OPTION_LENGTH_NM, .offset = AT(chemistry.core_thickness_nm), .fallback = "7",
        BETWEEN(1e-3, 1e6), .commands = CHEMISTRY, .help = "thickness of the core along the beam" },
    { .key = "core_thickness_sd", .type = LCT_OPTION_LENGTH_NM, .offset = AT(chemistry.core_thickness_sd_nm), .fallback = "0",
        FROM(0), .commands = CHEMISTRY, .help = "its standard deviation; 0: taken as exact" },
    { .key = "plate_thickness", .type = LCT_OPTION_LENGTH_NM, .offset = AT(chemistry.plate_thickness_nm), .fallback = "12",
        BETWEEN(1e-3, 1e6), .commands = CHEMISTRY, .help = "thickness of the whole plate, core and both covers" },
    { .key = "plate_thickness_sd", .type = LCT_OPTION_LENGTH_NM, .offset = AT(chemistry.plate_thickness_sd_nm),
        .fallback = "0", FROM(0), .commands = CHEMISTRY, .help = "its standard deviation; 0: taken as exact" },
    { .key = "liquid_volume", .type = LCT_OPTION_DOUBLE, .offset = AT(chemistry.liquid_volume_nm3), .fallback = "50000",
        BETWEEN(1e-3, 1e15), .unit = "nm3", .choices = "NM3", .commands = CHEMISTRY, .help = "volume of the liquid pocket" },
    { .key = "liquid_volume_sd", .type = LCT_OPTION_DOUBLE, .offset = AT(chemistry.liquid_volume_sd_nm3), .fallback = "0",
        FROM(0), .unit = "nm3", .choices = "NM3", .commands = CHEMISTRY, .help = "its standard deviation; 0: taken as exact" },
    { .key = "reference_time", .type = LCT_OPTION_TIME_S, .offset = AT(chemistry.reference_s), .fallback = "16", FROM(0),
        .choices = "S|auto", .commands = CHEMISTRY,
        .help = "instant at which the liquid is saturated; auto: the onset of shell growth" },
    { .key = "saturation", .type = LCT_OPTION_DOUBLE, .offset = AT(chemistry.saturation_mol_per_l), .fallback = "auto", FROM(0),
        .unit = "mol/L", .choices = "MOL/L", .commands = CHEMISTRY,
        .help = "cation concentration then; auto: from the solubility of the shell" },
    { .key = "feed_cation", .type = LCT_OPTION_DOUBLE, .offset = AT(chemistry.feed_cation_mol_per_l), .fallback = "0.005",
        FROM(0), .unit = "mol/L", .choices = "MOL/L", .commands = CHEMISTRY, .help = "cations in the feed, at the first frame" },
    { .key = "feed_anion", .type = LCT_OPTION_DOUBLE, .offset = AT(chemistry.feed_anion_mol_per_l), .fallback = "0.011", FROM(0),
        .unit = "mol/L", .choices = "MOL/L", .commands = CHEMISTRY, .help = "anions in the feed, at the first frame" },
    { .key = "area_correlation", .type = LCT_OPTION_DOUBLE, .offset = AT(chemistry.area_correlation), .fallback = "auto",
        BETWEEN(0, 1), .unit = "frac", .choices = "FRAC", .commands = CHEMISTRY,
        .help = "share of an area's systematic variance that stays the same through the movie; auto: see docs/concentrations.md" },
    MATERIAL("core", core, "Cd"),
    MATERIAL("shell", shell, "CdCl2"),
    { .key = "dose_rate", .type = LCT_OPTION_DOUBLE, .offset = AT(chemistry.dose_rate_e_per_nm2_s), .fallback = "auto", FROM(0),
        .unit = "e/(nm2 s)", .choices = "E/NM2/S", .commands = CHEMISTRY, .help = "electrons; auto: what the movie's file says" },
    { .key = "compare_dose", .type = LCT_OPTION_BOOL, .offset = AT(chemistry.compare_dose), .commands = LCT_CMD_CONCENTRATION,
        .session = true, .help = "several folders: one table of cracks and growth against dose" },
    /* lattices and Moire */
    { .key = "d1", .type = LCT_OPTION_TEXT, .offset = AT(d1), .choices = "NM", .commands = LCT_CMD_ANALYZE | LCT_CMD_MOIRE,
        .help = "spacing of the first lattice, roughly, or MATERIAL:INDICES; empty: Cd 11-20" },
    { .key = "d2", .type = LCT_OPTION_TEXT, .offset = AT(d2), .choices = "NM", .commands = LCT_CMD_ANALYZE | LCT_CMD_MOIRE,
        .help = "spacing of the second lattice; empty: CdCl2 11-20" },
    { .key = "lattice", .type = LCT_OPTION_TEXT, .offset = AT(lattice), .choices = "NAME:SYSTEM:CELL",
        .commands = LCT_CMD_ANALYZE | LCT_CMD_MOIRE, .help = "another material for d1, d2 and calibrate: Au:cubic:0.40782" },
    { .key = "blind", .type = LCT_OPTION_BOOL, .offset = AT(blind), .commands = LCT_CMD_MOIRE,
        .help = "take the two strongest lattices, whatever they are" },
    { .key = "average", .type = LCT_OPTION_BOOL, .offset = AT(average), .commands = LCT_CMD_MOIRE,
        .help = "look at the mean of all frames, drift taken out" },
    { .key = "particle", .type = LCT_OPTION_INT, .offset = AT(particle), FROM(0), .commands = LCT_CMD_MOIRE,
        .help = "look at the core of this particle, numbered from left to right as preview shows them; 0: at the whole picture" },
    { .key = "calibrate", .type = LCT_OPTION_TEXT, .offset = AT(calibrate), .choices = "MATERIAL:INDICES", .commands = LCT_CMD_MOIRE,
        .help = "get the pixel size from a known spacing that is in the picture" },
    { .key = "affine", .type = LCT_OPTION_BOOL, .offset = AT(affine), .commands = LCT_CMD_MOIRE,
        .help = "take out the distortion that keeps the strongest star from being regular" },
    { .key = "tolerance", .type = LCT_OPTION_DOUBLE, .offset = AT(tolerance_percent), .fallback = "auto", FROM(0), .unit = "percent",
        .choices = "PERCENT", .commands = LCT_CMD_ANALYZE | LCT_CMD_MOIRE,
        .help = "what still agrees with equation (4); auto: 2 sigma or 1 %, whichever is larger" },
    { .key = "maps", .type = LCT_OPTION_BOOL, .offset = AT(maps), .commands = LCT_CMD_MOIRE,
        .help = "with -o: maps of amplitude and strain of each lattice, and dislocations" },
    { .key = "check", .type = LCT_OPTION_BOOL, .offset = AT(check), .commands = LCT_CMD_MOIRE, .session = true,
        .help = "exit status 6 if the period disagrees with equation (4)" },

    /* masks made elsewhere */
    { .key = "labels", .type = LCT_OPTION_TEXT, .offset = AT(labels), .choices = "FILE", .commands = LCT_CMD_MEASURE,
        .help = "the label stack; the command's first word" },
    { .key = "movie", .type = LCT_OPTION_TEXT, .offset = AT(movie), .choices = "MOVIE", .commands = LCT_CMD_MEASURE,
        .help = "the movie that was labelled: edges are then sought in it, to a fraction of a pixel" },
    { .key = "core_label", .type = LCT_OPTION_INT, .offset = AT(core_label), BETWEEN(0, 65535), .commands = LCT_CMD_MEASURE,
        .choices = "N", .help = "value of core pixels; 0: all odd values, or the only one there is" },
    { .key = "shell_label", .type = LCT_OPTION_INT, .offset = AT(shell_label), BETWEEN(0, 65535), .commands = LCT_CMD_MEASURE,
        .choices = "N", .help = "value of shell pixels; 0: all even values" },
    { .key = "edge_reach", .type = LCT_OPTION_LENGTH, .offset = AT(edge_reach), .fallback = "auto", FROM(0),
        .commands = LCT_CMD_MEASURE, .help = "how far an edge may lie from that of its mask; auto: one blur of the edge" },

    { .key = "line", .type = LCT_OPTION_TEXT, .offset = AT(line), .choices = "X0,Y0,X1,Y1", .commands = LCT_CMD_THICKNESS,
        .help = "a line across the plate, in px; without it, one is found" },
    { .key = "width", .type = LCT_OPTION_DOUBLE, .offset = AT(line_width_px), .fallback = "auto", FROM(1), .unit = "px",
        .choices = "PX", .commands = LCT_CMD_THICKNESS, .help = "width over which the line is averaged; auto: a tenth of its length" },

    /* the run itself */
    { .key = "seed", .type = LCT_OPTION_SEED, .offset = AT(seed), .fallback = "1", .commands = WRITES & ~LCT_CMD_CONVERT,
        .help = "seed of all random numbers" },
    { .key = "config", .letter = 'c', .type = LCT_OPTION_TEXT, .offset = AT(config), .choices = "FILE", .commands = EVERY,
        .session = true, .help = "recipe to read; flags have the last word" },
    { .key = "set", .type = LCT_OPTION_TEXT, .offset = AT(set), .choices = "KEY=VALUE", .commands = EVERY, .session = true,
        .help = "set one key of the recipe; may be repeated" },
    { .key = "dump_config", .type = LCT_OPTION_BOOL, .offset = AT(dump_config), .commands = EVERY, .session = true,
        .help = "print the recipe with all its keys and stop" },
    { .key = "threads", .letter = 'j', .type = LCT_OPTION_INT, .offset = AT(threads), .fallback = "auto",
        BETWEEN(1, 1024), .commands = EVERY | LCT_CMD_REPRODUCE, .session = true, .help = "threads to use; auto: one for each core" },
    { .key = "memory_limit", .type = LCT_OPTION_SIZE, .offset = AT(memory_limit_bytes), .fallback = "auto", FROM(1 << 20),
        .commands = WRITES & ~LCT_CMD_CONVERT, .session = true, .help = "memory to use at most; auto: below 400 MB up to 1024 x 1024 px",
        .details = "Fewer threads and frames at once are used to keep it; a run that needs more than this is refused." },
    { .key = "resume", .type = LCT_OPTION_BOOL, .offset = AT(resume), .commands = LCT_CMD_ANALYZE, .session = true,
        .help = "go on where an interrupted run stopped" },
    { .key = "force", .letter = 'f', .type = LCT_OPTION_BOOL, .offset = AT(force), .commands = WRITES | LCT_CMD_CONCENTRATION | LCT_CMD_REPRODUCE, .session = true,
        .help = "overwrite what is there" },
    { .key = "strict", .type = LCT_OPTION_BOOL, .offset = AT(strict), .commands = LCT_CMD_ANALYZE, .session = true,
        .help = "exit status 5 if frames were flagged" },
    { .key = "stats", .type = LCT_OPTION_BOOL, .offset = AT(stats), .commands = LCT_CMD_INFO, .session = true,
        .help = "read all frames: min, max, mean, sum" },
    { .key = "json", .type = LCT_OPTION_BOOL, .offset = AT(json), .commands = READS | LCT_CMD_CONCENTRATION, .session = true,
        .help = "results on stdout as JSON" },
    { .key = "from_mc", .type = LCT_OPTION_TEXT, .offset = AT(from_mc), .choices = "DIR", .commands = LCT_CMD_PHANTOM, .session = true,
        .help = "film the crystal of this 'mc grow' instead of the scene's particles; SCENE may then be left out" },
    { .key = "site_nm", .type = LCT_OPTION_DOUBLE, .offset = AT(site_nm), .fallback = "0.29794", .unit = "nm", .min = 1e-3, .max = 1e3,
        .commands = LCT_CMD_PHANTOM, .session = true, .help = "from_mc: distance between columns" },
    { .key = "step_s", .type = LCT_OPTION_DOUBLE, .offset = AT(step_s), .fallback = "auto", .unit = "s", .min = 1e-12, .max = 1e9,
        .commands = LCT_CMD_PHANTOM, .session = true, .help = "from_mc: seconds per step; auto: one frame for each snapshot" },
    { .key = "dose", .type = LCT_OPTION_DOUBLE, .offset = AT(dose), .fallback = "auto", .unit = "e/nm2/s", .min = 1e-3, .max = 1e15,
        .commands = LCT_CMD_PHANTOM, .session = true, .help = "electrons per nm2 and second; auto: the scene's" },
    { .key = "replica", .type = LCT_OPTION_INT, .offset = AT(replica), FROM(0), .commands = LCT_CMD_PHANTOM, .session = true,
        .help = "from_mc: which trajectory" },
    { .key = "truth", .type = LCT_OPTION_TEXT, .offset = AT(truth), .choices = "DIR", .commands = LCT_CMD_PHANTOM,
        .session = true, .help = "another folder for the truth than that of the movie" },
    { .key = "masks", .type = LCT_OPTION_INT, .offset = AT(masks), FROM(0), .commands = LCT_CMD_PHANTOM, .session = true,
        .help = "label masks of every N-th frame, mask_NNNNN.tif; 0: none" },
    { .key = "no_movie", .type = LCT_OPTION_BOOL, .offset = AT(no_movie), .commands = LCT_CMD_PHANTOM, .session = true,
        .help = "the truth only" },
    { .key = "follow", .type = LCT_OPTION_BOOL, .offset = AT(follow), .commands = LCT_CMD_ANALYZE, .session = true,
        .help = "the movie is still being written (TIFF, MRC, folder): live.html and live/ keep up, the results follow at its end" },
    { .key = "follow_timeout", .type = LCT_OPTION_TIME_S, .offset = AT(follow_timeout_s), .fallback = "30", BETWEEN(0.1, 1e6),
        .commands = LCT_CMD_ANALYZE, .session = true, .help = "a movie that has not changed for so long is complete" },
    { .key = "follow_every", .type = LCT_OPTION_TIME_S, .offset = AT(follow_every_s), .fallback = "1", BETWEEN(0.05, 3600),
        .commands = LCT_CMD_ANALYZE, .session = true, .help = "time between two looks at it, and between two pages" },
    { .key = "dygraphs", .type = LCT_OPTION_TEXT, .offset = AT(dygraphs), .choices = "DIR",
        .commands = LCT_CMD_ANALYZE | LCT_CMD_REPORT, .session = true,
        .help = "folder of dygraph.min.js and .css for the report; empty: that of the package libjs-dygraphs" },
    { .key = "quiet", .letter = 'q', .type = LCT_OPTION_BOOL, .offset = AT(quiet), .commands = EVERY | LCT_CMD_REPRODUCE, .session = true,
        .help = "errors only" },
    { .key = "verbose", .letter = 'v', .type = LCT_OPTION_BOOL, .offset = AT(verbose), .commands = EVERY | LCT_CMD_REPRODUCE, .session = true,
        .help = "say more" },
    { .key = "help", .letter = 'h', .type = LCT_OPTION_BOOL, .offset = AT(help), .commands = EVERY | LCT_CMD_REPRODUCE, .session = true,
        .help = "this text" },
};
// clang-format on

const struct lct_option_table *lct_recipe_options(void)
{
    static const struct lct_option_table table = { rows, sizeof rows / sizeof *rows };
    return &table;
}

enum lct_status lct_recipe_init(
    struct lct_options *out, struct lct_recipe *recipe, unsigned commands, struct lct_err *err)
{
    *recipe = (struct lct_recipe){ 0 };
    return lct_options_init(out, lct_recipe_options(), commands, recipe, err);
}

enum lct_status lct_recipe_check(struct lct_recipe *recipe, struct lct_err *err)
{
    if (!isnan(recipe->fps) && !isnan(recipe->frame_time_s))
        return lct_fail(err, LCT_E_ARG, "frame_time and fps are both given; give one of them");
    if (recipe->resume && recipe->force)
        return lct_fail(err, LCT_E_ARG, "--resume goes on, --force starts again; give one of them");
    if (!isnan(recipe->fps)) {
        recipe->frame_time_s = 1.0 / recipe->fps;
        recipe->fps = (double)NAN;
    }
    return LCT_OK;
}

static size_t count_points(const char *text)
{
    size_t n = 1;
    for (; *text; text++)
        n += *text == ';';
    return n;
}

enum lct_status lct_recipe_seeds(const struct lct_recipe *recipe, double **xy_px, size_t *n, struct lct_err *err)
{
    const char *at = recipe->first_seed;
    if (!at) {
        *xy_px = NULL;
        *n = 0;
        return LCT_OK;
    }
    const size_t points = count_points(at);
    double *xy = calloc(points, 2 * sizeof *xy);
    if (!xy)
        return lct_fail(err, LCT_E_LIMIT, "first_seed: no memory for %zu points", points);
    for (size_t i = 0; i < 2 * points; i++) {
        const char stop = i % 2 == 0 ? ',' : i + 1 < 2 * points ? ';' : '\0';
        if (!lct_number_parse(at, &xy[i], &at) || *at != stop) {
            free(xy);
            return lct_fail(
                err, LCT_E_ARG, "first_seed: \"%.60s\" is not of the form x,y;x,y (in px)", recipe->first_seed);
        }
        at += stop != '\0';
    }
    *xy_px = xy;
    *n = points;
    return LCT_OK;
}
