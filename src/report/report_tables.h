/* report_tables.h -- the tables of a folder, as parts of an HTML page */
#ifndef LCTEM_REPORT_TABLES_H
#define LCTEM_REPORT_TABLES_H

#include <lctem/err.h>
#include <lctem/report.h>
#include <stdio.h>

struct report_table {
    char *name; /* "areas.csv" */
    long long bytes;
    bool outside; /* too long to be embedded whole */
};

struct report_tables {
    struct report_table *rows; /* n, by name */
    size_t n;
};

/* Find `*.csv` in dir, and decide which are embedded whole: short ones first, until params->tables_bytes is reached.
 * LCT_E_INPUT: no such folder, no table in it. */
LCT_MUST_CHECK enum lct_status report_tables_find(
    struct report_tables *out, const char *dir, const struct lct_report_params *params, struct lct_err *err);
void report_tables_finish(struct report_tables *tables);

/* All tables with their twins as script elements. */
LCT_MUST_CHECK enum lct_status report_tables_put(
    FILE *out, const struct report_tables *tables, const char *dir, struct lct_err *err);

#endif
