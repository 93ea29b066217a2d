/* command.h -- what a command is: one row in main.c, one file cmd_<name>.c
 *
 * A command gets its settings parsed, makes one call into the library, reports, and returns what that call returned. Data go to
 * stdout; words go to stderr through cli_* below. It never calls exit(). */
#ifndef LCTEM_TOOLS_COMMAND_H
#define LCTEM_TOOLS_COMMAND_H

#include <lctem/comm.h>
#include <lctem/err.h>
#include <lctem/log.h>
#include <lctem/progress.h>
#include <lctem/recipe.h>

struct call;
typedef enum lct_status command_fn(struct call *call, struct lct_err *err);

struct command {
    const char *name;
    const char *words;        /**< what follows the name in the usage line */
    const char *summary;      /**< one line */
    unsigned bit;             /**< enum lct_command: picks the rows of the option table; 0: takes no options */
    int min_words, max_words; /**< words that are no flags; max < 0: any number */
    command_fn *run;
};

/** All commands, ended by a row without name. */
extern const struct command commands[];

const struct command *command_find(const char *name);

/** Print usage and options of a command. */
LCT_MUST_CHECK enum lct_status command_help(const struct command *command, struct lct_err *err);

/** LCT_E_ARG, with the nearest name. */
enum lct_status command_unknown(const char *name, struct lct_err *err);

/** One run of a command. */
struct call {
    const struct command *command;
    struct lct_options options; /**< over `recipe` */
    struct lct_recipe recipe;
    char **words; /**< the words that are no flags, n_words of them */
    int n_words;
    char *command_line; /**< as typed, quoted for a shell: for run.json */
    struct lct_log log; /**< to stderr, as loud as --quiet and -v say */
    const struct lct_comm
        *comm; /**< the commands that share their work (main.c): with whom; NULL: this process is alone */
    struct lct_progress progress; /**< bar on a terminal; notices SIGINT and SIGTERM */
};

/** The options of compare, which are no keys of the recipe. */
extern const struct lct_option_table compare_options;

command_fn cmd_analyze, cmd_compare, cmd_concentration, cmd_help, cmd_info, cmd_mc, cmd_measure, cmd_moire, cmd_phantom,
    cmd_preview, cmd_thickness;
command_fn cmd_analyze;
command_fn cmd_batch;
command_fn cmd_concentration;
command_fn cmd_convert;
command_fn cmd_help;
command_fn cmd_info;
command_fn cmd_mc;
command_fn cmd_moire;
command_fn cmd_phantom;
command_fn cmd_preview;
command_fn cmd_report;
command_fn cmd_reproduce;
command_fn cmd_thickness;

#endif
