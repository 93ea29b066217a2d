/* Protects: what a table writes is the contract (locale, NaN, quoting, whole lines), and reading gives it back. */
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/file.h>
#include <lctem/table.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct lct_column columns[] = {
    { "frame", "", "number of the frame" },
    { "area_nm2", "nm2", "projected area" },
    { "flags", "", "words" },
};
static const struct lct_table_spec spec = { "areas", "areas of particles", 1, columns, 3 };

TestSuite(table, .init = folder_make, .fini = folder_remove);

static char *path_of(const char *name)
{
    char *path = lct_file_join(folder, name);
    cr_assert(path != NULL);
    return path;
}

static void must_contain(const char *name, const char *expected)
{
    char *text = NULL, *path = path_of(name);
    size_t n;
    cr_assert(eq(int, lct_file_read(&text, &n, path, 1 << 20, NULL), LCT_OK));
    cr_assert(eq(str, text, (char *)expected));
    free(path);
    free(text);
}

static void write_text(const char *name, const char *text)
{
    char *path = path_of(name);
    cr_assert(eq(int, lct_file_write(path, text, strlen(text), NULL), LCT_OK));
    free(path);
}

static void add(struct lct_table *table, long frame, double area_nm2, const char *flags)
{
    const struct lct_cell row[] = { lct_int(frame), lct_num(area_nm2), lct_text(flags) };
    cr_assert(eq(int, lct_table_row(table, row, NULL), LCT_OK));
}

Test(table, writes_the_contract_in_any_locale)
{
    setlocale(LC_ALL, "de_DE.UTF-8"); /* where it is not installed, the test is weaker but still right */
    struct lct_table *table = NULL;
    cr_assert(eq(int, lct_table_create(&table, folder, &spec, NULL), LCT_OK));
    add(table, 0, 1.0 / 3.0, "border;contact");
    add(table, 1, (double)NAN, NULL);
    add(table, 2, -0.0, "a,b \"c\"\nd");
    add(table, 3, 1e-300, " x");
    cr_assert(eq(int, lct_table_close(&table, NULL), LCT_OK));
    cr_assert(table == NULL);
    must_contain("areas.csv",
        "frame,area_nm2,flags\n0,0.333333333,border;contact\n1,,\n"
        "2,0,\"a,b \"\"c\"\"\nd\"\n3,1e-300,\" x\"\n");
}

Test(table, integers_are_whole_at_both_ends)
{
    static const long numbers[] = { 0, 9, 10, -1, -10, 1234567890, LONG_MAX, LONG_MIN };
    struct lct_table *table = NULL;
    cr_assert(eq(int, lct_table_create(&table, folder, &spec, NULL), LCT_OK));
    char expected[512] = "frame,area_nm2,flags\n";
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        add(table, numbers[i], (double)NAN, NULL);
        sprintf(expected + strlen(expected), "%ld,,\n", numbers[i]);
    }
    cr_assert(eq(int, lct_table_close(&table, NULL), LCT_OK));
    must_contain("areas.csv", expected);
}

Test(table, the_twin_describes_each_column)
{
    struct lct_table *table = NULL;
    cr_assert(eq(int, lct_table_create(&table, folder, &spec, NULL), LCT_OK));
    cr_assert(eq(int, lct_table_close(&table, NULL), LCT_OK));
    char *text = NULL, *path = path_of("areas.json");
    size_t n;
    cr_assert(eq(int, lct_file_read(&text, &n, path, 1 << 20, NULL), LCT_OK));
    cr_assert(strstr(text, "\"schema\": 1") != NULL);
    cr_assert(strstr(text, "\"unit\": \"nm2\"") != NULL);
    free(path);
    free(text);
}

Test(table, reading_gives_back_what_was_written)
{
    struct lct_table *table = NULL;
    cr_assert(eq(int, lct_table_create(&table, folder, &spec, NULL), LCT_OK));
    for (long i = 0; i < 5000; i++)
        add(table, i, (double)i * 0.25, i % 2 ? "odd \"one\",\r\nyes" : NULL);
    cr_assert(eq(int, lct_table_close(&table, NULL), LCT_OK));
    char *path = path_of("areas.csv");
    struct lct_csv csv;
    cr_assert(eq(int, lct_csv_read(&csv, path, NULL), LCT_OK));
    cr_assert(eq(sz, csv.n_rows, 5000));
    cr_assert(eq(sz, csv.n_columns, 3));
    cr_assert(eq(long, lct_csv_column(&csv, "area_nm2"), 1));
    cr_assert(eq(long, lct_csv_column(&csv, "area"), -1));
    for (size_t i = 0; i < csv.n_rows; i++) {
        double x;
        cr_assert(eq(int, lct_csv_number(&csv, i, 1, &x, NULL), LCT_OK));
        cr_assert(eq(dbl, x, (double)i * 0.25));
        cr_assert(eq(str, csv.cells[i * 3 + 2], i % 2 ? "odd \"one\",\r\nyes" : ""));
    }
    lct_csv_finish(&csv);
    free(path);
}

Test(table, reopening_cuts_at_the_checkpoint_and_goes_on)
{
    struct lct_table *table = NULL;
    long long bytes = 0;
    cr_assert(eq(int, lct_table_create(&table, folder, &spec, NULL), LCT_OK));
    add(table, 0, 1, NULL);
    cr_assert(eq(int, lct_table_flush(table, &bytes, NULL), LCT_OK));
    add(table, 1, 2, "lost");
    cr_assert(eq(int, lct_table_close(&table, NULL), LCT_OK));
    cr_assert(eq(int, lct_table_reopen(&table, folder, &spec, bytes, NULL), LCT_OK));
    add(table, 1, 3, "kept");
    cr_assert(eq(int, lct_table_close(&table, NULL), LCT_OK));
    must_contain("areas.csv", "frame,area_nm2,flags\n0,1,\n1,3,kept\n");
}

Test(table, reopening_refuses_other_columns_and_short_files)
{
    struct lct_table *table = NULL;
    struct lct_err err;
    cr_assert(eq(int, lct_table_reopen(&table, folder, &spec, 21, &err), LCT_E_INPUT));
    write_text("areas.csv", "frame,area_px2,flags\n0,1,\n");
    cr_assert(eq(int, lct_table_reopen(&table, folder, &spec, 26, &err), LCT_E_INPUT));
    cr_assert(strstr(err.text, "other columns") != NULL);
    write_text("areas.csv", "frame,area_nm2,flags\n");
    cr_assert(eq(int, lct_table_reopen(&table, folder, &spec, 26, &err), LCT_E_INPUT));
    cr_assert(table == NULL, "out must be untouched on failure");
}

Test(table, a_folder_that_is_not_there_is_an_output_fault)
{
    struct lct_table *table = NULL;
    cr_assert(eq(int, lct_table_create(&table, "/nonexistent/x", &spec, NULL), LCT_E_OUTPUT));
    cr_assert(table == NULL);
}

Test(table, a_full_disk_is_an_output_fault)
{
    char *path = path_of("areas.csv");
    cr_assert(eq(int, symlink("/dev/full", path), 0));
    struct lct_table *table = NULL;
    cr_assert(eq(int, lct_table_create(&table, folder, &spec, NULL), LCT_E_OUTPUT));
    free(path);
}

struct refusal {
    const char *text, *expected;
};

static enum lct_status take_any(void *context, const struct lct_csv *table, struct lct_err *err)
{
    (void)context;
    (void)table;
    (void)err;
    return LCT_OK;
}

static enum lct_status stop_at_begin(void *context, const struct lct_csv *table, struct lct_err *err)
{
    (void)context;
    (void)table;
    return lct_fail(err, LCT_E_ARG, "no");
}

Test(table, bad_csv_is_refused_with_its_line)
{
    static const struct refusal rows[] = {
        { "", "empty" },
        { "a,b\n1,2\n3\n", ":3: 1 cells, but the header names 2 columns" },
        { "a,b\n1,\"x\ny\"\n3,4,5\n", ":4: 3 cells" },
        { "a,b\n1,\"x\n", ":2: a quote is not closed" },
        { "a,b\n\"x\"y,2\n", ":2: text behind a closing quote" },
        { "a;b\n1,5;2\n", ":1: its columns are separated by semicolons; save the table with commas" },
        { "a\tb\n1\t2\n", ":1: its columns are separated by tabs" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lct_err err = { 0 };
        struct lct_csv csv = { .n_rows = 77 };
        write_text("bad.csv", rows[i].text);
        char *path = path_of("bad.csv");
        cr_assert(eq(int, lct_csv_read(&csv, path, &err), LCT_E_INPUT));
        cr_assert(strstr(err.text, rows[i].expected) != NULL, "%s", err.text);
        cr_assert(eq(sz, csv.n_rows, 77));
        cr_assert(eq(int, lct_csv_each(path, NULL, take_any, NULL, &err), LCT_E_INPUT));
        cr_assert(strstr(err.text, rows[i].expected) != NULL, "%s", err.text);
        free(path);
    }
}

/* A table read whole, and how far the other way to read it has come. */
struct comparison {
    struct lct_csv whole;
    size_t seen;
    bool begun;
};

static enum lct_status compare_names(void *context, const struct lct_csv *table, struct lct_err *err)
{
    (void)err;
    struct comparison *c = context;
    cr_assert(eq(sz, table->n_columns, c->whole.n_columns));
    cr_assert(eq(sz, table->n_rows, 0));
    for (size_t k = 0; k < table->n_columns; k++)
        cr_assert(eq(str, table->names[k], c->whole.names[k]));
    c->begun = true;
    return LCT_OK;
}

static enum lct_status compare_row(void *context, const struct lct_csv *table, struct lct_err *err)
{
    (void)err;
    struct comparison *c = context;
    cr_assert(c->begun && c->seen < c->whole.n_rows);
    cr_assert(eq(sz, table->n_rows, 1));
    cr_assert(eq(sz, table->lines[0], c->whole.lines[c->seen]));
    for (size_t k = 0; k < table->n_columns; k++)
        cr_assert(eq(str, table->names[k], c->whole.names[k]));
    for (size_t k = 0; k < table->n_columns; k++)
        cr_assert(eq(str, table->cells[k], c->whole.cells[c->seen * c->whole.n_columns + k]));
    c->seen++;
    return LCT_OK;
}

static void must_agree(const char *name)
{
    char *path = path_of(name);
    struct comparison c = { .seen = 0 };
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_csv_read(&c.whole, path, NULL), LCT_OK));
    cr_assert(eq(int, lct_csv_each(path, compare_names, compare_row, &c, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(sz, c.seen, c.whole.n_rows));
    lct_csv_finish(&c.whole);
    free(path);
}

Test(table, row_by_row_gives_what_reading_it_whole_gives)
{
    static const char *const texts[] = { "a,b\n", "a,b", "a,b\r\n1,\"x\"\"\r\n,y\"\r\n3,",
        "\xef\xbb\xbf\"a,a\",b\n5\"2,\"\"\n\"\n\n\",z\n", "a\n\n\"\"\n", "\xef\xbb\xbf\"a\na\",b\n1,2\n" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_text("small.csv", texts[i]);
        must_agree("small.csv");
    }
}

/* Cells of all lengths, so that every buffer ends somewhere within a row, a quote, a doubled quote; one is larger than any buffer. */
Test(table, row_by_row_does_not_see_where_its_buffer_ends)
{
    enum { ROWS = 3000, LARGE = 300000 };
    char *path = path_of("long.csv");
    FILE *f = fopen(path, "w");
    cr_assert(f != NULL);
    fputs("n,\"text\",more\n", f);
    for (int i = 0; i < ROWS; i++) {
        fprintf(f, "%d,\"", i);
        for (int k = 0; k < (i == ROWS / 2 ? LARGE : i % 101); k++)
            fputs(k % 7 == 3 ? "\"\"" : k % 11 == 5 ? "\n" : k % 5 ? "x" : ",", f);
        fprintf(f, "\",%s\r\n", i % 2 ? "plain" : "");
    }
    fclose(f);
    free(path);
    must_agree("long.csv");
}

static enum lct_status stop_at_three(void *context, const struct lct_csv *table, struct lct_err *err)
{
    size_t *seen = context;
    (*seen)++;
    return table->cells[0][0] == '3' ? lct_fail(err, LCT_E_NODATA, "three") : LCT_OK;
}

Test(table, row_by_row_ends_where_the_reader_says)
{
    write_text("numbers.csv", "n\n1\n3\n4\n");
    char *path = path_of("numbers.csv");
    struct lct_err err = { 0 };
    size_t seen = 0;
    cr_assert(eq(int, lct_csv_each(path, NULL, stop_at_three, &seen, &err), LCT_E_NODATA));
    cr_assert(eq(sz, seen, 2));
    cr_assert(eq(str, err.text, "three"));
    cr_assert(eq(int, lct_csv_each(path, stop_at_begin, take_any, NULL, &err), LCT_E_ARG));
    free(path);
    cr_assert(eq(int, lct_csv_each("/nowhere/at.csv", NULL, take_any, NULL, &err), LCT_E_INPUT));
    cr_assert(strstr(err.text, "/nowhere/at.csv: cannot open") != NULL, "%s", err.text);
}

Test(table, reads_crlf_byte_order_mark_and_a_last_line_without_newline)
{
    write_text("dos.csv",
        "\xef\xbb\xbf"
        "a,b\r\n1,\"2\"\r\nx,");
    char *path = path_of("dos.csv");
    struct lct_csv csv;
    cr_assert(eq(int, lct_csv_read(&csv, path, NULL), LCT_OK));
    cr_assert(eq(str, csv.names[0], "a"));
    cr_assert(eq(str, csv.names[1], "b"));
    cr_assert(eq(sz, csv.n_rows, 2));
    cr_assert(eq(str, csv.cells[1], "2"));
    cr_assert(eq(str, csv.cells[3], ""));
    struct lct_err err = { 0 };
    double x = 5;
    cr_assert(eq(int, lct_csv_number(&csv, 1, 0, &x, &err), LCT_E_INPUT));
    cr_assert(eq(str, err.text, "line 3, column a: \"x\" is no number"));
    cr_assert(eq(dbl, x, 5));
    cr_assert(eq(int, lct_csv_number(&csv, 1, 1, &x, &err), LCT_OK));
    cr_assert(isnan(x));
    lct_csv_finish(&csv);
    free(path);
}
