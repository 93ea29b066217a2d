/* after.h -- the parts of lct_after_run */
#ifndef LCTEM_PIPELINE_AFTER_H
#define LCTEM_PIPELINE_AFTER_H

#include <lctem/after.h>
#include <lctem/concentration.h>
#include <lctem/curves.h>
#include <lctem/facet_series.h>
#include <lctem/stage.h>
#include <lctem/table.h>

/* Everything that is known once the tables are read and the numbers made. */
struct after {
    char *areas, *from, *to; /* the table, its folder, the folder for the results */
    const struct lct_recipe *recipe;
    const struct lct_log *log;
    struct lct_curves curves;
    struct lct_facet_table facets; /* empty where there is no table */
    struct lct_stages stages;
    bool auto_reference;
    struct lct_pocket pocket;
    struct lct_concentration amounts;
    double dose_rate; /* e/(nm2 s), NaN: not known */
    double *dose;     /* curves.n_times: accumulated, 1/nm2; NULL: not known */
};

/* A table of `n` rows in a's folder; `row` writes row i. */
typedef enum lct_status after_row_fn(struct lct_table *table, const struct after *a, size_t i, struct lct_err *err);
LCT_MUST_CHECK enum lct_status after_table(
    const struct after *a, const struct lct_table_spec *spec, size_t n, after_row_fn *row, struct lct_err *err);

/* "<a->from>/<name>", for the caller to free; NULL: no memory. */
char *after_beside(const struct after *a, const char *name);

LCT_MUST_CHECK enum lct_status after_write_stages(const struct after *a, struct lct_err *err);
LCT_MUST_CHECK enum lct_status after_write_amounts(const struct after *a, struct lct_err *err);
LCT_MUST_CHECK enum lct_status after_write_budget(const struct after *a, struct lct_err *err);
LCT_MUST_CHECK enum lct_status after_write_rates(const struct after *a, struct lct_err *err);
LCT_MUST_CHECK enum lct_status after_write_correlations(const struct after *a, struct lct_err *err);
LCT_MUST_CHECK enum lct_status after_write_notes(
    const struct after *a, const struct lct_after *found, struct lct_err *err);

/* Fill a->dose and a->dose_rate from the recipe or frames.csv; nothing known is no fault. */
LCT_MUST_CHECK enum lct_status after_read_dose(struct after *a, struct lct_err *err);
LCT_MUST_CHECK enum lct_status after_write_dose(const struct after *a, struct lct_err *err);

/* LCT_E_NODATA: areas are in px. */
LCT_MUST_CHECK enum lct_status after_check_scale(const struct after *a, struct lct_err *err);

/* The pocket of a recipe. LCT_E_ARG: unknown material. reference_s is NaN for auto. */
LCT_MUST_CHECK enum lct_status after_pocket(
    struct lct_pocket *out, const struct lct_chemistry_settings *s, struct lct_err *err);

/* Read tables, find stages, compute: all but writing; without a scale, no amounts. a->areas, from, to, recipe and log are set. */
LCT_MUST_CHECK enum lct_status after_compute(struct after *a, struct lct_err *err);
LCT_MUST_CHECK enum lct_status after_open(struct after *a, const char *from, const char *to,
    const struct lct_recipe *recipe, const struct lct_log *log, struct lct_err *err);
void after_finish(struct after *a);

#endif
