/* lctem measure LABELS --movie M -o DIR: the chain from masks made elsewhere */
#include "analysis.h"

#include <stdlib.h>
#include <string.h>

enum lct_status cmd_measure(struct call *call, struct lct_err *err)
{
    if (call->recipe.follow)
        return lct_fail(err, LCT_E_ARG,
            "follow: masks are not followed while they are written; lctem analyze --follow is for movies");
    free(call->recipe.labels);
    call->recipe.labels = strdup(call->words[0]);
    if (!call->recipe.labels)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    return analysis_run(call, call->recipe.movie ? call->recipe.movie : call->words[0], err);
}
