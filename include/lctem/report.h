/* report.h -- one HTML file that shows a folder of results: film beside curves, marks, maps, tables, provenance */
#ifndef LCTEM_REPORT_H
#define LCTEM_REPORT_H

#include <lctem/err.h>
#include <stdbool.h>
#include <stddef.h>

struct lct_report_params {
    const char *output; /**< file to write; NULL: `<dir>/report.html` */
    const char
        *dygraphs;       /**< folder with dygraph.min.js and dygraph.min.css; NULL: where it was when lctem was built */
    const char *version; /**< of the program; NULL: not said */
    size_t film_bytes;   /**< a longer overlay.mp4 is linked, not embedded; default 64 MiB */
    size_t table_bytes;  /**< a longer table is linked, and embedded with every k-th frame only; default 8 MiB */
    size_t tables_bytes; /**< so are the longest ones while all together are longer than this; default 16 MiB */
};
struct lct_report_params lct_report_defaults(void);

/** What was made. */
struct lct_report {
    long long bytes;
    size_t n_tables;   /**< tables in it */
    size_t n_outside;  /**< of these, the ones that are thinned, with a link to the whole one */
    bool no_film;      /**< there is no overlay.mp4 */
    bool film_outside; /**< it is linked, for it is longer than film_bytes */
    bool no_dygraphs;  /**< no curves to move over: its files are not there. The plots are shown instead */
};

/** Make the report of the results in `dir`: every table (`*.csv`, with its `.json` twin) that is there, overlay.mp4, the pictures
 *  in plots/, run.json, recipe.yaml and log.jsonl; what is missing is left out. The file needs nothing beside it, and fetches
 *  nothing; but for what is linked, it is complete. It appears under its name only when it is whole. Memory does not grow
 *  with the length of the tables.
 *  LCT_E_INPUT: no folder, no table in it, or a file cannot be read. LCT_E_OUTPUT: cannot be written. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_report_make(
    struct lct_report *out, const char *dir, const struct lct_report_params *params, struct lct_err *err);

#endif
