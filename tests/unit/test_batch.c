/* Protects: a list of movies says what its author meant or is refused by line, no two movies share a folder, and one bad movie does not
 * keep the others from being done. */
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/batch.h>
#include <lctem/file.h>
#include <lctem/table.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(batch, .init = folder_make, .fini = folder_remove);

static char *write_file(const char *name, const char *text)
{
    char *path = lct_file_join(folder, name);
    cr_assert(eq(int, lct_file_write(path, text, strlen(text), NULL), LCT_OK));
    return path;
}

static enum lct_status read_list(struct lct_batch_list *list, const char *text, struct lct_err *err)
{
    char *path = write_file("list.txt", text);
    *list = (struct lct_batch_list){ 0 };
    const enum lct_status status = lct_batch_read(list, path, err);
    free(path);
    return status;
}

Test(batch, a_list_says_movie_settings_and_remarks)
{
    struct lct_batch_list list;
    struct lct_err err = { 0 };
    cr_assert(eq(int,
                  read_list(&list,
                      "# first a remark\n\n/data/a.mp4\n  'b c.tif'  pixel_size=50pm roi=1,2,3,4 # a remark\r\n"
                      "d/*.png name=dots \"first_seed=1,2;3,4\" config=own.yaml",
                      &err),
                  LCT_OK),
        "%s", err.text);
    cr_assert(eq(sz, list.n, 3));
    cr_assert(eq(str, list.entries[0].movie, "/data/a.mp4"));
    cr_assert(eq(str, list.entries[0].name, "a"));
    cr_assert(eq(sz, list.entries[0].line, 3));
    char beside[128];
    snprintf(beside, sizeof beside, "%s/b c.tif", folder);
    cr_assert(eq(str, list.entries[1].movie, beside), "paths are beside the list");
    cr_assert(eq(str, list.entries[1].name, "b_c"));
    cr_assert(eq(sz, list.entries[1].n_settings, 2));
    cr_assert(eq(str, list.entries[1].settings[1], "roi=1,2,3,4"));
    cr_assert(eq(str, list.entries[2].name, "dots"));
    cr_assert(eq(str, list.entries[2].settings[0], "first_seed=1,2;3,4"));
    snprintf(beside, sizeof beside, "config=%s/own.yaml", folder);
    cr_assert(eq(str, list.entries[2].settings[1], beside));
    lct_batch_finish(&list);
}

Test(batch, no_two_movies_share_a_folder)
{
    struct lct_batch_list list = { 0 };
    static const char *const movies[] = { "x/a.mp4", "y/a.mp4", "z/a.tif", "a-2.mp4", "frames/", "f%05d.png", ".." };
    static const char *const names[] = { "a", "a-2", "a-3", "a-2-2", "frames", "f_05d", "movie" };
    for (size_t i = 0; i < 7; i++) {
        cr_assert(eq(int, lct_batch_add(&list, movies[i], NULL), LCT_OK));
        cr_assert(eq(str, list.entries[i].name, (char *)names[i]));
    }
    lct_batch_finish(&list);
}

Test(batch, a_bad_line_is_named)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        { "", "holds no movie" },
        { "# only words\n", "holds no movie" },
        { "a.mp4\n'b.mp4\n", "list.txt:2: a quote (') is not closed" },
        { "a.mp4 pixel\n", "list.txt:1: \"pixel\" is not KEY=VALUE" },
        { "a.mp4 =3\n", "list.txt:1: \"=3\" is not KEY=VALUE" },
        { "a.mp4 name=../b\n", "list.txt:1: name: \"../b\" is no name for a folder" },
        { "a.mp4 name=\n", "list.txt:1: name: \"\" is no name for a folder" },
        { "a.mp4\nb.mp4 name=a\n", "list.txt:2: name: \"a\" is that of another movie" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lct_batch_list list;
        struct lct_err err = { 0 };
        cr_assert(eq(int, read_list(&list, cases[i].text, &err), LCT_E_ARG), "%s", cases[i].text);
        cr_assert(ne(ptr, strstr(err.text, cases[i].says), NULL), "%s", err.text);
        lct_batch_finish(&list);
    }
}

/* ---- running ---- */

struct told {
    int n, failed;
};

static void tell(void *context, const struct lct_batch_entry *entry, const struct lct_batch_row *row)
{
    struct told *t = context;
    (void)entry;
    t->n++;
    t->failed += row->status != LCT_OK;
}

static enum lct_status run(const char *text, const char *key, const char *value, struct told *told, struct lct_err *err)
{
    struct lct_batch_list list;
    struct lct_recipe recipe;
    struct lct_options options;
    struct lct_batch_summary found;
    char *out = lct_file_join(folder, "out");
    const struct lct_batch_hooks hooks = { .tell = tell, .context = told };
    cr_assert(eq(int, read_list(&list, text, err), LCT_OK));
    cr_assert(eq(int, lct_recipe_init(&options, &recipe, LCT_CMD_ANALYZE, err), LCT_OK));
    cr_assert(eq(int, lct_options_set(&options, "output", out, LCT_ORIGIN_USER, err), LCT_OK));
    if (key)
        cr_assert(eq(int, lct_options_set(&options, key, value, LCT_ORIGIN_USER, err), LCT_OK));
    const enum lct_status status = lct_batch_run(&found, &list, &options, &hooks, err);
    lct_options_finish(&options);
    lct_batch_finish(&list);
    free(out);
    return status;
}

Test(batch, settings_are_refused_before_any_work)
{
    struct lct_err err = { 0 };
    struct told told = { 0 };
    cr_assert(eq(int, run("a.mp4\nb.mp4 pixle_size=3\n", NULL, NULL, &told, &err), LCT_E_ARG));
    cr_assert(ne(ptr, strstr(err.text, "list.txt:2: unknown key \"pixle_size\"; did you mean \"pixel_size\"?"), NULL),
        "%s", err.text);
    cr_assert(eq(int, run("a.mp4 output=x\n", NULL, NULL, &told, &err), LCT_E_ARG));
    cr_assert(eq(int, run("a.mp4 fps=3\n", "frame_time", "2", &told, &err), LCT_E_ARG), "as on the command line");
    cr_assert(eq(int, told.n, 0));
    char *made = lct_file_join(folder, "out");
    cr_assert(ne(int, access(made, F_OK), 0), "nothing is made");
    free(made);
}

Test(batch, a_movie_that_fails_is_a_row_and_the_next_is_begun)
{
    struct lct_err err = { 0 };
    struct told told = { 0 };
    free(write_file("words.mp4", "no movie"));
    cr_assert(eq(int, run("none.mp4\nwords.mp4\nnone2.mp4\n", NULL, NULL, &told, &err), LCT_E_INPUT),
        "the first one's status");
    cr_assert(
        ne(ptr, strstr(err.text, "3 of 3 movies failed, see batch.csv; the first: none: "), NULL), "%s", err.text);
    cr_assert(told.n == 3 && told.failed == 3);
    char *path = lct_file_join(folder, "out/batch.csv");
    struct lct_csv csv;
    cr_assert(eq(int, lct_csv_read(&csv, path, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(sz, csv.n_rows, 3));
    cr_assert(eq(str, csv.cells[csv.n_columns + 1], "words"));
    cr_assert(eq(str, csv.cells[csv.n_columns + (size_t)lct_csv_column(&csv, "exit_status")], "4"));
    lct_csv_finish(&csv);
    free(path);
    cr_assert(
        eq(int, run("none.mp4\n", NULL, NULL, &told, &err), LCT_E_OUTPUT), "it is not overwritten without being asked");
    cr_assert(eq(int, run("none.mp4\n", "resume", "yes", &told, &err), LCT_E_INPUT));
}
