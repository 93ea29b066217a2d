/* lctem report DIR: make report.html again */
#include "cli.h"

#include <lctem/report.h>

#include <stdio.h>

enum lct_status cmd_report(struct call *call, struct lct_err *err)
{
    const struct lct_recipe *recipe = &call->recipe;
    const char *dir = call->words[0];
    struct lct_report_params params = lct_report_defaults();
    struct lct_report made;
    params.output = recipe->output;
    params.dygraphs = recipe->dygraphs;
    params.version = LCT_VERSION;
    const enum lct_status status = lct_report_make(&made, dir, &params, err);
    if (status != LCT_OK)
        return status;
    if (made.no_dygraphs)
        lct_log_say(&call->log, LCT_LOG_WARNING,
            "the report has plots but no curves to move over: dygraphs is not there; install "
            "the package libjs-dygraphs or name its folder with --dygraphs");
    if (made.film_outside)
        lct_log_say(&call->log, LCT_LOG_WARNING, "overlay.mp4 is too long to be part of the report: keep it beside");
    if (made.n_outside > 0)
        lct_log_say(&call->log, LCT_LOG_WARNING,
            "%zu of %zu tables are too long to be part of the report: keep them beside", made.n_outside, made.n_tables);
    if (!recipe->quiet)
        printf("%s%s: %.1f MB, %zu tables%s\n", recipe->output ? recipe->output : dir,
            recipe->output ? "" : "/report.html", (double)made.bytes * 1e-6, made.n_tables,
            made.no_film ? ", no film" : "");
    return LCT_OK;
}
