/* analysis.h -- what analyze and measure share: one run of the chain, and what is said of it */
#ifndef LCTEM_TOOLS_ANALYSIS_H
#define LCTEM_TOOLS_ANALYSIS_H

#include "cli.h"

/** Analyze `movie` with the settings of the call, and print what came of it. */
LCT_MUST_CHECK enum lct_status analysis_run(struct call *call, const char *movie, struct lct_err *err);

#endif
