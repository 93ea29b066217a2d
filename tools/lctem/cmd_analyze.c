/* lctem analyze MOVIE -o DIR: the whole chain; with --follow, while the movie is still being written */
#include "analysis.h"

#include <lctem/live.h>

static enum lct_status follow(struct call *call, const char *movie, struct lct_err *err)
{
    if (call->comm)
        return lct_fail(err, LCT_E_ARG, "follow: a movie is followed by one process; start it without mpirun");
    const struct lct_analyze_hooks hooks = {
        .progress = &call->progress, .log = &call->log, .version = LCT_VERSION, .clock = cli_clock
    };
    const struct lct_live_hooks live = { cli_pause, NULL };
    const enum lct_status status = lct_live_run(movie, &call->recipe, &hooks, &live, err);
    if (status == LCT_OK && cli_cancelled()) {
        lct_log_say(&call->log, LCT_LOG_WARNING,
            "stopped following; what is there is analysed now, another interrupt leaves that for --resume");
        cli_signals_init();
    }
    return status;
}

enum lct_status cmd_analyze(struct call *call, struct lct_err *err)
{
    const char *movie = call->words[0];
    enum lct_status status = call->recipe.follow ? follow(call, movie, err) : LCT_OK;
    if (status == LCT_OK)
        status = analysis_run(call, movie, err);
    struct lct_err why = { 0 };
    if (call->recipe.follow && (status == LCT_OK || status == LCT_E_FLAGGED)
        && lct_live_close(movie, &call->recipe, &why) != LCT_OK) {
        status = why.code;
        *err = why;
    }
    return status;
}
