/* Protects: a script for each table that has numbers and none for one that has not, and long movies
 * drawn in bearable time. */
#include <lctem/plot_tables.h>

#include <lctem/file.h>

#include "folder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(plot_tables, .init = folder_make, .fini = folder_remove);

static void put_drift(int frames, const char *value)
{
    char *path = lct_file_join(folder, "drift.csv");
    FILE *f = fopen(path, "w");
    fputs("frame,time_s,dx_px,dy_px,dx_nm,dy_nm,sd_px,peak_ratio,flags\n", f);
    for (int k = 0; k < frames; k++)
        fprintf(f, "%d,%d,%s,%s,,,0.1,2,\n", k, k, value, value);
    fclose(f);
    free(path);
}

static char *get(const char *name)
{
    char *path = lct_file_join(folder, name), *text = NULL;
    size_t n;
    (void)!lct_file_read(&text, &n, path, 1u << 20, NULL);
    free(path);
    return text;
}

Test(plot_tables, writes_scripts_of_what_is_there)
{
    put_drift(3, "0.5");
    struct lct_err err = { 0 };
    cr_assert_eq(lct_plot_tables(folder, &err), LCT_OK, "%s", err.text);
    char *script = get("plots/drift.gp");
    cr_assert(script && strstr(script, "table = '../drift.csv'"));
    cr_assert(strstr(script, "timed = 1"));
    free(script);
    cr_assert_null(get("plots/facets.gp"), "there is no facets.csv");
}

Test(plot_tables, leaves_out_what_has_no_numbers_and_removes_what_was_there)
{
    put_drift(3, "0.5");
    cr_assert_eq(lct_plot_tables(folder, NULL), LCT_OK);
    put_drift(3, "");
    cr_assert_eq(lct_plot_tables(folder, NULL), LCT_OK);
    cr_assert_null(get("plots/drift.gp"));
}

Test(plot_tables, draws_some_frames_of_a_long_movie)
{
    put_drift(5000, "0.5");
    cr_assert_eq(lct_plot_tables(folder, NULL), LCT_OK);
    char *script = get("plots/drift.gp");
    cr_assert(script && strstr(script, "of 5000 frames every 3-th is drawn"), "%s", script);
    free(script);
}
