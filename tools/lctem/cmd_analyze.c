/* lctem analyze MOVIE -o DIR: the whole chain */
#include "cli.h"

#include <lctem/analyze.h>

#include <stdio.h>

enum lct_status cmd_analyze(struct call *call, struct lct_err *err)
{
    const struct lct_recipe *recipe = &call->recipe;
    if (!recipe->output)
        return lct_fail(err, LCT_E_ARG, "analyze: where to? give a folder with -o DIR");
    const struct lct_analyze_hooks hooks = { .progress = &call->progress, .log = &call->log,
        .command = call->command_line, .options = &call->options, .version = LCT_VERSION, .clock = cli_clock };
    struct lct_analysis found;
    const enum lct_status status = lct_analyze(&found, call->words[0], recipe, &hooks, err);
    if (status != LCT_OK)
        return status;
    if (recipe->json)
        printf("{\"frames\": %ld, \"particles\": %d, \"events\": %ld, \"flagged\": %ld}\n", found.n_frames, found.n_particles,
            found.n_events, found.n_flagged);
    else if (!recipe->quiet)
        printf("%s: %ld frame%s, %d particle%s, %ld event%s, %ld frame%s flagged\n", recipe->output, found.n_frames,
            found.n_frames == 1 ? "" : "s", found.n_particles, found.n_particles == 1 ? "" : "s", found.n_events, found.n_events == 1 ? "" : "s",
            found.n_flagged, found.n_flagged == 1 ? "" : "s");
    if (recipe->strict && found.n_flagged > 0)
        return lct_fail(err, LCT_E_FLAGGED, "%s: %ld frames were flagged; see frames.csv, areas.csv and drift.csv there",
            recipe->output, found.n_flagged);
    return LCT_OK;
}
