/* moire_tables.h -- rows of lattice.csv and moire.csv */
#ifndef LCTEM_PIPELINE_MOIRE_TABLES_H
#define LCTEM_PIPELINE_MOIRE_TABLES_H

#include <lctem/json.h>
#include <lctem/moire.h>
#include <lctem/table.h>

extern const struct lct_table_spec moire_tables_lattice, moire_tables_moire;

/* Whose measurement it is. particle 0: none, the whole picture. */
struct moire_place {
    long frame;
    double time_s;
    int particle;
    const char *region;
};

/* One row for each peak. */
LCT_MUST_CHECK enum lct_status moire_tables_write_lattice(
    struct lct_table *table, const struct moire_place *place, const struct lct_moire *m, struct lct_err *err);
/* One row. */
LCT_MUST_CHECK enum lct_status moire_tables_write_moire(
    struct lct_table *table, const struct moire_place *place, const struct lct_moire *m, struct lct_err *err);

/* The same numbers under the same names as members of the open object. */
void moire_tables_json(struct lct_json *json, const struct lct_moire *m);

#endif
