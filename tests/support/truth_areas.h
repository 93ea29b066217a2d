/* truth_areas.h -- truth_particles.csv of a sample movie as a table with the columns of areas.csv */
#ifndef SUPPORT_TRUTH_AREAS_H
#define SUPPORT_TRUTH_AREAS_H

#include <lctem/table.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "<data>/truth/<movie>/truth_particles.csv"; false: the sample data are not here. */
static inline bool truth_path(char *path, size_t size, const char *movie)
{
    const char *data = getenv("LCTEM_TEST_DATA");
#ifdef LCT_SOURCE_ROOT
    const char *beside = LCT_SOURCE_ROOT "/../shared/data";
#else
    const char *beside = "../shared/data";
#endif
    snprintf(path, size, "%s/truth/%s/truth_particles.csv", data ? data : beside, movie);
    return access(path, R_OK) == 0;
}

/* P1 becomes 1; rows of particles that are not present are left out, as analyze leaves them out. */
static inline bool truth_convert(const char *from, const char *to)
{
    struct lct_csv csv = { 0 };
    if (lct_csv_read(&csv, from, NULL) != LCT_OK)
        return false;
    FILE *file = fopen(to, "w");
    fputs("frame,time_s,particle,core_area_nm2,shell_area_nm2\n", file);
    const long columns[] = { lct_csv_column(&csv, "frame"), lct_csv_column(&csv, "time_s"),
        lct_csv_column(&csv, "particle"), lct_csv_column(&csv, "core_area_nm2"), lct_csv_column(&csv, "shell_area_nm2"),
        lct_csv_column(&csv, "present") };
    for (size_t i = 0; i < csv.n_rows; i++) {
        char *const *row = csv.cells + i * csv.n_columns;
        if (strcmp(row[columns[5]], "1") == 0)
            fprintf(file, "%s,%s,%s,%s,%s\n", row[columns[0]], row[columns[1]], row[columns[2]] + 1, row[columns[3]],
                row[columns[4]]);
    }
    fclose(file);
    lct_csv_finish(&csv);
    return true;
}

#endif
