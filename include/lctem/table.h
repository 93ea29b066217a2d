/* table.h -- CSV tables with a unit and a description for each column, and their .json twin */
#ifndef LCTEM_TABLE_H
#define LCTEM_TABLE_H

#include <lctem/err.h>
#include <stddef.h>

/** A column: its name carries the unit too; `unit` is "" for counts and words. */
struct lct_column {
    const char *name, *unit, *description;
};

/** What a table is: rows of `columns` (n_columns of them). One const instance per file of the contract. */
struct lct_table_spec {
    const char *name; /**< file name without extension: "areas" */
    const char *description;
    int schema; /**< bumped when a column is renamed or reused */
    const struct lct_column *columns;
    size_t n_columns;
};

/** One cell. Exactly one kind is used; a NaN number or NULL text is an empty cell. */
struct lct_cell {
    enum { LCT_CELL_NUMBER, LCT_CELL_INTEGER, LCT_CELL_TEXT } kind;
    union {
        double number; /**< printed with %.9g, '.' decimal in any locale; NaN and infinity: empty */
        long integer;
        const char *text; /**< quoted where CSV needs it; borrowed */
    };
};
static inline struct lct_cell lct_num(double x)
{
    return (struct lct_cell){ .kind = LCT_CELL_NUMBER, .number = x };
}
static inline struct lct_cell lct_int(long x)
{
    return (struct lct_cell){ .kind = LCT_CELL_INTEGER, .integer = x };
}
static inline struct lct_cell lct_text(const char *x)
{
    return (struct lct_cell){ .kind = LCT_CELL_TEXT, .text = x };
}

struct lct_table; /* a CSV file that is being written */

/** Create `<dir>/<spec->name>.csv` (header) and its `.json` twin. `spec` is borrowed until close.
 *  Rows reach the file in whole lines, so that a killed run leaves a table that is complete up to its last row.
 *  LCT_E_OUTPUT: cannot be written. */
LCT_MUST_CHECK enum lct_status lct_table_create(
    struct lct_table **out, const char *dir, const struct lct_table_spec *spec, struct lct_err *err);

/** What stands in the twin (file, description, schema, columns) as members of the object that is open: for a document that takes its
 *  name and says more. */
struct lct_json;
void lct_table_describe(const struct lct_table_spec *spec, struct lct_json *json);

/** Open an existing table to go on behind its first `keep_bytes` bytes (what a checkpoint recorded); the rest is cut off.
 *  LCT_E_INPUT: missing, shorter than that, or with other columns. LCT_E_OUTPUT: cannot be written. */
LCT_MUST_CHECK enum lct_status lct_table_reopen(struct lct_table **out, const char *dir,
    const struct lct_table_spec *spec, long long keep_bytes, struct lct_err *err);

/** Append a row of spec->n_columns cells. LCT_E_OUTPUT: disk full or the like. */
LCT_MUST_CHECK enum lct_status lct_table_row(
    struct lct_table *table, const struct lct_cell *cells, struct lct_err *err);

/** Push everything to the file; `bytes` (may be NULL) is its length then. */
LCT_MUST_CHECK enum lct_status lct_table_flush(struct lct_table *table, long long *bytes, struct lct_err *err);

/** Flush, close, free; writes NULL; accepts NULL inside (then LCT_OK). */
LCT_MUST_CHECK enum lct_status lct_table_close(struct lct_table **table, struct lct_err *err);

/** A CSV file read whole: header and cells as text. */
struct lct_csv {
    size_t n_columns, n_rows;
    char **names;  /**< n_columns */
    char **cells;  /**< n_rows * n_columns, row-major; "" = empty */
    size_t *lines; /**< n_rows: line of the file at which the row begins, from 1 */
    char *text;    /**< what names and cells point into */
};

/** Read a CSV file (RFC 4180 quoting, LF or CRLF). LCT_E_INPUT: unreadable, or a row with another number of cells than the
 *  header; the message names file and line. */
LCT_MUST_CHECK enum lct_status lct_csv_read(struct lct_csv *out, const char *path, struct lct_err *err);
void lct_csv_finish(struct lct_csv *csv);

/** What is done with a table that is read row by row: `table` has the names, and one row, row 0, that is gone after the call. Another
 *  status than LCT_OK ends the reading. */
typedef enum lct_status lct_csv_row_fn(void *context, const struct lct_csv *table, struct lct_err *err);

/** Read a CSV file of any length in the memory of one row: `begin` (may be NULL) sees the names only, `row` each row in the order of
 *  the file. Statuses of lct_csv_read, found when the row is reached, also for a row of more than 64 MB; and those of the two. */
LCT_MUST_CHECK enum lct_status lct_csv_each(
    const char *path, lct_csv_row_fn *begin, lct_csv_row_fn *row, void *context, struct lct_err *err);

/** Column of that name, or -1. */
long lct_csv_column(const struct lct_csv *csv, const char *name);

/** Number in a cell: NaN if empty. LCT_E_INPUT: not a number; names column and line. */
LCT_MUST_CHECK enum lct_status lct_csv_number(
    const struct lct_csv *csv, size_t row, size_t column, double *out, struct lct_err *err);

#endif
