/* lctem measure LABELS --movie M -o DIR: the chain from masks made elsewhere */
#include "analysis.h"

#include <stdlib.h>
#include <string.h>

enum lct_status cmd_measure(struct call *call, struct lct_err *err)
{
    free(call->recipe.labels);
    call->recipe.labels = strdup(call->words[0]);
    if (!call->recipe.labels)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    return analysis_run(call, call->recipe.movie ? call->recipe.movie : call->words[0], err);
}
