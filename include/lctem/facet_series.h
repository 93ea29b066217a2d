/* facet_series.h -- facet heights and exposure against time, from facets.csv */
#ifndef LCTEM_FACET_SERIES_H
#define LCTEM_FACET_SERIES_H

#include <lctem/err.h>
#include <stddef.h>

/** One facet of one particle; n points in rising time, NaN: not measured. */
struct lct_facet_series {
    int particle, facet;
    size_t n;
    double *time_s, *height_nm, *height_sd_nm, *exposed_frac; /* height_sd_nm may be NULL: not known */
};

/** All of them, by particle, then facet. Owned; see lct_facet_table_finish. */
struct lct_facet_table {
    size_t n;
    struct lct_facet_series *series;
    double *pool;
};

/** Read a table with the columns of facets.csv (time_s, particle, facet, height_nm; height_sd_nm and exposed_frac where they are
 *  there).
 *  LCT_E_NODATA: no such file, or no rows. LCT_E_INPUT: unreadable; names file and line. LCT_E_LIMIT. */
LCT_MUST_CHECK enum lct_status lct_facet_table_read(struct lct_facet_table *out, const char *path, struct lct_err *err);

/** Accepts a zeroed struct; leaves it zeroed. */
void lct_facet_table_finish(struct lct_facet_table *table);

#endif
