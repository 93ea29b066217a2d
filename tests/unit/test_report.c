/* Protects: report.html is whole and safe. What is embedded comes out as it went in; words from files cannot become markup; long
 * tables are thinned by frames; a folder without tables is refused. What browsers make of it: tests/browser. */
#include <lctem/report.h>

#include "../../src/report/embed.h"

#include <lctem/file.h>

#include "folder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void put(const char *name, const char *text)
{
    char *path = lct_file_join(folder, name);
    cr_assert_eq(lct_file_write(path, text, strlen(text), NULL), LCT_OK);
    free(path);
}

static char *get(const char *name)
{
    char *path = lct_file_join(folder, name), *text = NULL;
    size_t n;
    cr_assert_eq(lct_file_read(&text, &n, path, 64u << 20, NULL), LCT_OK, "%s is not there", name);
    free(path);
    return text;
}

TestSuite(report, .init = folder_make, .fini = folder_remove);

/* RFC 4648, section 10 */
static const struct {
    const char *plain, *letters;
} vectors[] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
    { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };

Test(report, writes_base64_in_any_portions)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        for (size_t portion = 1; portion < 4; portion++) {
            char *text = NULL;
            size_t n = 0;
            FILE *f = open_memstream(&text, &n);
            struct embed *e = NULL;
            cr_assert_eq(embed_begin(&e, f, false, NULL), LCT_OK);
            const size_t all = strlen(vectors[i].plain);
            for (size_t at = 0; at < all; at += portion)
                embed_put(e, vectors[i].plain + at, portion < all - at ? portion : all - at);
            embed_end(&e);
            cr_assert_null(e);
            fclose(f);
            cr_assert_str_eq(text, vectors[i].letters);
            free(text);
        }
}

Test(report, keeps_words_from_becoming_markup)
{
    put("areas.csv", "frame,time_s\n0,0\n");
    put("run.json", "{\"command\": \"</script><blink>\"}");
    put("recipe.yaml", "a: \"<i>&\"\n");
    const struct lct_report_params params = lct_report_defaults();
    struct lct_report made;
    cr_assert_eq(lct_report_make(&made, folder, &params, NULL), LCT_OK);
    char *page = get("report.html");
    cr_assert(strstr(page, "\\u003c/script>\\u003cblink>"));
    cr_assert(strstr(page, "a: &quot;&lt;i&gt;&amp;&quot;"));
    cr_assert_null(strstr(page, "<blink>"));
    cr_assert_eq(made.bytes, (long long)strlen(page));
    cr_assert(made.no_film);
    cr_assert_eq(made.n_tables, 1);
    free(page);
}

Test(report, says_which_tables_stay_outside)
{
    put("areas.csv", "frame,time_s\n0,0\n0,0\n1,1\n");
    put("facets.csv", "frame,time_s\n0,0\n");
    struct lct_report_params params = lct_report_defaults();
    params.table_bytes = 20;
    struct lct_report made;
    cr_assert_eq(lct_report_make(&made, folder, &params, NULL), LCT_OK);
    cr_assert_eq(made.n_tables, 2);
    cr_assert_eq(made.n_outside, 1);
}

Test(report, goes_without_dygraphs)
{
    put("areas.csv", "frame,time_s\n0,0\n");
    struct lct_report_params params = lct_report_defaults();
    params.dygraphs = folder;
    struct lct_report made;
    cr_assert_eq(lct_report_make(&made, folder, &params, NULL), LCT_OK);
    cr_assert(made.no_dygraphs);
}

Test(report, refuses_a_folder_without_tables)
{
    const struct lct_report_params params = lct_report_defaults();
    struct lct_report made = { .bytes = 7 };
    struct lct_err err = { 0 };
    cr_assert_eq(lct_report_make(&made, folder, &params, &err), LCT_E_INPUT);
    cr_assert(strstr(err.text, "lctem analyze"), "%s", err.text);
    cr_assert_eq(lct_report_make(&made, "/none/such", &params, &err), LCT_E_INPUT);
    cr_assert(strstr(err.text, "/none/such"));
    cr_assert_eq(made.bytes, 7, "out was touched");
}

Test(report, refuses_a_place_that_cannot_be_written)
{
    put("areas.csv", "frame,time_s\n0,0\n");
    struct lct_report_params params = lct_report_defaults();
    params.output = "/none/such/report.html";
    struct lct_report made = { .bytes = 7 };
    struct lct_err err = { 0 };
    cr_assert_eq(lct_report_make(&made, folder, &params, &err), LCT_E_OUTPUT);
    cr_assert(strstr(err.text, "/none/such/report.html"));
    cr_assert_eq(made.bytes, 7, "out was touched");
}
