/* lctem analyze MOVIE -o DIR: the whole chain */
#include "analysis.h"

enum lct_status cmd_analyze(struct call *call, struct lct_err *err)
{
    return analysis_run(call, call->words[0], err);
}
