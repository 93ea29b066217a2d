/* crack_report.h -- what the cracks of a movie add up to: crack_lives.csv, onsets.csv, cracks.json, events and a
 * picture */
#ifndef LCTEM_PIPELINE_CRACK_REPORT_H
#define LCTEM_PIPELINE_CRACK_REPORT_H

#include "cracks.h"

#include <lctem/analyze.h>
#include <lctem/crack_stats.h>
#include <lctem/log.h>

struct crack_report_job {
    const char *dir; /* holds the finished facets.csv */
    const struct movie *movie;
    const struct plan *plan;
    const struct cracks *cracks; /* all visited */
    struct lct_table *events;    /* open */
    const struct lct_log *log;
};

struct crack_report {
    struct lct_crack_summary rows[LCT_ANALYSIS_CRACK_ROWS]; /* of the movie, then of its first particles */
    int n_rows;
    long n_events; /* rows added to the events */
};

LCT_MUST_CHECK enum lct_status crack_report_write(
    struct crack_report *out, const struct crack_report_job *job, struct lct_err *err);

#endif
