/* mc_settings.h -- what the sub-commands of `lctem mc` share: settings, output folder, mc.json */
#ifndef LCTEM_TOOLS_MC_SETTINGS_H
#define LCTEM_TOOLS_MC_SETTINGS_H

#include "cli.h"

#include <lctem/json.h>
#include <lctem/mc_ensemble.h>
#include <lctem/option.h>

enum { MC_GROW = 1, MC_DOUBLING = 2, MC_BARRIER = 4, MC_SCAN = 8, MC_RENDER = 16, MC_MAX_KEYS = 32, MC_MAX_GRIDS = 8 };
enum mc_shell { MC_SHELL_AUTO, MC_SHELL_YES, MC_SHELL_NO, MC_SHELL_BOTH };

/** Settings of all sub-commands; texts are owned by the options. */
struct mc_settings {
    char *preset, *output, *config, *set, *range, *scene;
    char *key[MC_MAX_KEYS]; /**< parameters of the model as text, in the order of lct_mc_keys; NULL: the preset's */
    long replicas, threads, every, snapshot_every, rounds, runs, width, strays, replica, width_px;
    int shell, engine, order, keep_start;
    double max_steps, max_events, events, scale_px, site_nm, step_s, fps, dose, pixel_size;
    uint64_t seed;
    bool resume, force, quiet, verbose, help, dump_config, no_pictures, open;
};

/** One run of a sub-command. */
struct mc_call {
    struct mc_settings settings;
    struct lct_option *rows; /**< of the option table, owned */
    struct lct_option_table table;
    struct lct_options options;
    const char *command; /**< "grow" ... */
    char **words;
    int n_words;
    const char *grid[MC_MAX_GRIDS]; /**< scan: the words behind --grid */
    int n_grids;
    struct lct_mc_params params;
    struct lct_mc_run run;
    struct lct_recipe session; /**< quiet and verbose, as the terminal's functions want them */
    struct lct_progress progress;
    double began_s;
};

typedef enum lct_status mc_command_fn(struct mc_call *call, struct lct_err *err);

/** A sub-command; the table ends with a row without name. */
struct mc_command {
    const char *name, *summary;
    unsigned bit;
    mc_command_fn *run;
};
extern const struct mc_command mc_commands[];

/** Table and defaults only, as the manual wants them; mc_call_finish. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status mc_call_options(struct mc_call *out, unsigned bit, struct lct_err *err);

/** Read the command line behind `mc <sub-command>`; LCT_E_CANCELLED without text: help or recipe was printed. */
LCT_MUST_CHECK enum lct_status mc_call_init(
    struct mc_call *out, const char *command, unsigned bit, int argc, char **argv, struct lct_err *err);
void mc_call_finish(struct mc_call *call);

/** Make the output folder and begin mc.json. LCT_E_ARG: no -o, or --resume with other settings. LCT_E_OUTPUT: it holds an mc.json and neither --force nor --resume is given. */
LCT_MUST_CHECK enum lct_status mc_call_folder(const struct mc_call *call, struct lct_err *err);

/** A folder in the output folder; caller frees `*out`. */
LCT_MUST_CHECK enum lct_status mc_call_subfolder(
    const struct mc_call *call, const char *name, char **out, struct lct_err *err);

/** Write mc.json as that of a run that has begun; with --resume, the one that is there must be of the same model, seed, grid and
 *  limits: else LCT_E_ARG. mc_call_folder does this. */
LCT_MUST_CHECK enum lct_status mc_books_open(const struct mc_call *call, struct lct_err *err);
/** Begin mc.json: model, run, seeds; an object "results" is open when it comes back. */
LCT_MUST_CHECK enum lct_status mc_json_begin(struct lct_json **out, const struct mc_call *call, struct lct_err *err);
/** Close "results", add attempts, events and wall time, write <output>/mc.json, free. */
LCT_MUST_CHECK enum lct_status mc_json_end(struct lct_json **json, const struct mc_call *call, double attempts,
    double events, bool partial, struct lct_err *err);
void mc_json_estimate(struct lct_json *json, const char *key, struct lct_mc_estimate e);
void mc_json_waiting(struct lct_json *json, const char *key, const struct lct_mc_waiting *w);

mc_command_fn cmd_mc_grow, cmd_mc_doubling, cmd_mc_barrier, cmd_mc_scan, cmd_mc_render;

#endif
