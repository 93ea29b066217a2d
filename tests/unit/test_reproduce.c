/* Protects: the verdict is what its words say, at the edges of the range and without numbers; rows reach the caller in order, the first
 * of them with the paper's equation (4); a run that is stopped says so, and what cannot be written is refused. */
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/reproduce.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(reproduce, the_verdict_minds_range_and_sigma)
{
    static const struct {
        double low, high, ours, sd;
        enum lct_claim_verdict verdict;
    } rows[] = {
        { 12, 33, 20, 1, LCT_CLAIM_AGREES },
        { 12, 33, 34.9, 1, LCT_CLAIM_AGREES }, /* within two sigma of the edge */
        { 12, 33, 35.1, 1, LCT_CLAIM_DISAGREES },
        { 12, 33, 9.9, 1, LCT_CLAIM_DISAGREES },
        { 4, 4, 4, 0, LCT_CLAIM_AGREES },
        { 4, 4, 5, NAN, LCT_CLAIM_DISAGREES }, /* no sigma: exact */
        { 1, INFINITY, 1e9, NAN, LCT_CLAIM_AGREES },
        { 12, 33, NAN, NAN, LCT_CLAIM_DISAGREES }, /* it did not happen */
        { NAN, NAN, 5, 1, LCT_CLAIM_UNKNOWN },
        { NAN, NAN, NAN, NAN, LCT_CLAIM_UNKNOWN },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_assert(eq(int, lct_claim_judge(rows[i].low, rows[i].high, rows[i].ours, rows[i].sd), rows[i].verdict),
            "row %zu", i);
}

struct seen {
    int n;
    char first[80];
    double ours;
};

static void look(void *context, const struct lct_claim_row *row)
{
    struct seen *s = context;
    if (s->n++ == 0) {
        snprintf(s->first, sizeof s->first, "%s %s", row->name, lct_claim_verdict_text(row->verdict));
        s->ours = row->ours;
    }
}

static bool stop(void *context, const char *stage, long done, long total)
{
    (void)context, (void)stage, (void)done, (void)total;
    return false;
}

/* The formula needs no film: its row is there before the first film is stopped. 0.14885 x 0.192295 / 0.043445 = 0.65884. */
Test(reproduce, a_stopped_run_says_so_and_keeps_its_rows)
{
    char path[80];
    folder_make();
    const struct lct_progress progress = { stop, NULL };
    struct seen seen = { 0 };
    const struct lct_reproduce_params params = { .output = folder, .quick = true, .threads = 1 };
    const struct lct_reproduce_hooks hooks = { .progress = &progress, .row = look, .context = &seen };
    struct lct_reproduction found = { .n = 77 };
    cr_assert(eq(int, lct_reproduce_run(&found, &params, &hooks, NULL), LCT_E_CANCELLED));
    cr_assert(eq(int, seen.n, 1));
    cr_assert(eq(str, seen.first, "moire_eq4 agrees"));
    cr_assert(lt(dbl, fabs(seen.ours - 0.65884), 1e-5));
    cr_assert(eq(sz, found.n, 77)); /* written on success only */
    struct lct_csv csv;
    snprintf(path, sizeof path, "%s/reproduce.csv", folder);
    cr_assert(eq(int, lct_csv_read(&csv, path, NULL), LCT_OK));
    cr_assert(eq(sz, csv.n_rows, 1));
    cr_assert(eq(sz, csv.n_columns, lct_reproduce_table.n_columns));
    lct_csv_finish(&csv);
    folder_remove();
}

Test(reproduce, a_folder_that_cannot_be_made_is_refused)
{
    const struct lct_reproduce_params params = { .output = "/dev/null/here", .threads = 1 };
    struct lct_reproduction found;
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_reproduce_run(&found, &params, NULL, &err), LCT_E_OUTPUT));
    cr_assert(strstr(err.text, "/dev/null") != NULL);
}
