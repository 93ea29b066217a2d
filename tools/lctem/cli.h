/* cli.h -- the terminal: error line, progress bar, signals, clock */
#ifndef LCTEM_TOOLS_CLI_H
#define LCTEM_TOOLS_CLI_H

#include "command.h"

/** SIGINT and SIGTERM ask the run to stop (a second one stops it at once); a closed pipe is an error, not a signal. Called again, it
 *  forgets that it was asked. */
void cli_signals_init(void);

/** Has the user asked to stop? */
bool cli_cancelled(void);

/** Wait; false: the user asks to stop. The pause of struct lct_live_hooks; `context` is not used. */
bool cli_pause(void *context, double seconds);

/** Seconds since 1970: an lct_clock_fn; `context` is not used. */
double cli_clock(void *context);

/** "lctem: <text>" on stderr, in red where that is a terminal and NO_COLOR is not set. */
void cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** Log to stderr: warnings unless quiet, the rest with verbose. */
struct lct_log cli_log(struct lct_recipe *recipe);

/** Bar with rate and time left if stderr is a terminal and not quiet, else silent; false once the user wants to stop. */
struct lct_progress cli_progress(struct lct_recipe *recipe);

/** Columns of the terminal at stdout; 80 if it is none. */
int cli_width(void);

/** Print a document on one line of stdout and destroy it. */
struct lct_json;
LCT_MUST_CHECK enum lct_status cli_json(struct lct_json **json, struct lct_err *err);

/** Flush stdout. LCT_E_OUTPUT: not everything could be written. */
LCT_MUST_CHECK enum lct_status cli_flush(struct lct_err *err);

/** argv as one line that a shell would read back; caller frees. NULL: no memory. */
char *cli_command_line(int argc, char **argv);

/** What the shell gets: statuses that are none become 1 or 3. */
int cli_exit_status(enum lct_status status);

/** Make a folder and those above it. LCT_E_OUTPUT. */
LCT_MUST_CHECK enum lct_status cli_make_folders(const char *path, struct lct_err *err);

/** Make the folder's report.html again, if it has one; a fault is a warning. */
void cli_refresh_report(const struct lct_log *log, const char *dir);

/** Let gnuplot draw a script in the folder; false: there is no gnuplot, or it failed. The script stays. */
bool cli_gnuplot(const char *dir, const char *script);

#endif
