/* rows.h -- rows of areas.csv as numbers, checked */
#ifndef LCTEM_CURVES_ROWS_H
#define LCTEM_CURVES_ROWS_H

#include <lctem/err.h>
#include <stdbool.h>
#include <stddef.h>

struct row {
    long frame;
    double time_s;
    int particle;
    size_t line;
    double core, core_sd, shell, shell_sd, total_sd, core_common_sd, total_common_sd, core_shared_sd, total_shared_sd,
        core_light_sd, total_light_sd; /* NaN: empty */
    bool border, in_px;                /* in_px: no nm2, areas and sigmas are px2 */
    int parents[4];
};

struct rows {
    struct row *row;
    size_t n;
    bool has_sd, has_common, in_px;
};

/* Statuses of lct_curves_read. Rows are in the order of the file. */
LCT_MUST_CHECK enum lct_status rows_read(struct rows *out, const char *path, struct lct_err *err);
void rows_finish(struct rows *rows);

/* A frame and when it was taken. */
struct instant {
    long frame;
    double time_s;
};
struct times {
    struct instant *at;
    size_t n;
};

/* Those of frames.csv; none where there is no such file. Caller frees `at`. */
LCT_MUST_CHECK enum lct_status rows_read_times(struct times *out, const char *path, struct lct_err *err);

#endif
