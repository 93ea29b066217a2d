/* Any bytes as areas.csv, frames.csv (behind a line "--") and facets.csv. */
#include "fuzz.h"

#include <lctem/curves.h>
#include <lctem/facet_series.h>
#include <lctem/table.h>
#include <stdlib.h>
#include <string.h>

static void check(enum lct_status status, const struct lct_err *err)
{
    if (status != LCT_OK && ((status != LCT_E_INPUT && status != LCT_E_NODATA) || !*err->text))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char between[] = "\n--\n";
    const uint8_t *cut = memmem(data, n, between, sizeof between - 1);
    const size_t first = cut ? (size_t)(cut - data) + 1 : n, second = cut ? n - first - 3 : 0;
    const char *areas = fuzz_file(0, data, first), *frames = cut ? fuzz_file(1, data + n - second, second) : NULL;
    struct lct_err err = { 0 };
    struct lct_curves curves = { 0 };
    enum lct_status status = lct_curves_read(&curves, areas, frames, &err);
    check(status, &err);
    lct_curves_finish(&curves);
    struct lct_facet_table facets = { 0 };
    status = lct_facet_table_read(&facets, areas, &err);
    check(status, &err);
    lct_facet_table_finish(&facets);
    struct lct_csv csv = { 0 };
    status = lct_csv_read(&csv, areas, &err);
    check(status, &err);
    for (size_t i = 0; status == LCT_OK && i < csv.n_rows * csv.n_columns; i++) {
        double x;
        check(lct_csv_number(&csv, i / csv.n_columns, i % csv.n_columns, &x, &err), &err);
    }
    lct_csv_finish(&csv);
    return 0;
}
