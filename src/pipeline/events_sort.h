/* events_sort.h -- events.csv in the order of time */
#ifndef LCTEM_PIPELINE_EVENTS_SORT_H
#define LCTEM_PIPELINE_EVENTS_SORT_H

#include <lctem/err.h>

/* Identities are known while the frames go by, facets and cracks when the movie is through: put the rows of
 * `<dir>/events.csv` in the order of their times, those of one instant by frame, then as they were. For a run that is complete: an
 * interrupted one counts the bytes of this file. LCT_E_INPUT, LCT_E_OUTPUT, LCT_E_LIMIT as everywhere. */
LCT_MUST_CHECK enum lct_status events_sort(const char *dir, struct lct_err *err);

#endif
