/* Protects: the page of a run that is not over shows what is in its table, stays small however long the movie, and takes words for words. */
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/file.h>
#include <lctem/live_page.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *page, *areas;

static void make_folder(void)
{
    folder_make();
    page = lct_file_join(folder, "live.html");
    areas = lct_file_join(folder, "areas.csv");
}

static void remove_folder(void)
{
    folder_remove();
    free(page);
    free(areas);
}

TestSuite(live_page, .init = make_folder, .fini = remove_folder);

static char *written(const struct lct_live_page *what)
{
    char *text = NULL;
    size_t n;
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_live_page_write(page, what, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, lct_file_read(&text, &n, page, 1 << 20, &err), LCT_OK), "%s", err.text);
    return text;
}

static void write_areas(int frames)
{
    FILE *f = fopen(areas, "w");
    fputs("frame,time_s,particle,core_area_nm2,core_area_sd_nm2,shell_area_nm2,shell_area_sd_nm2,core_area_px,shell_"
          "area_px\n",
        f);
    for (int k = 0; k < frames; k++)
        for (int p = 1; p <= 2; p++)
            fprintf(f, "%d,%g,%d,%g,0.5,%s,,9,9\n", k, 0.2 * k, p, 100.0 + 0.001 * k, p == 1 ? "50" : "");
    fclose(f);
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (; (text = strstr(text, what)); text += strlen(what))
        n++;
    return n;
}

Test(live_page, without_a_table_it_says_where_the_run_is)
{
    char *text = written(
        &(struct lct_live_page){ .title = "a <b> & \"c\".tif", .areas = areas, .words = "8 frames", .refresh_s = 3 });
    cr_assert(ne(ptr, strstr(text, "<h1>a &lt;b&gt; &amp; &quot;c&quot;.tif</h1>"), NULL));
    cr_assert(ne(ptr, strstr(text, "8 frames"), NULL));
    cr_assert(ne(ptr, strstr(text, "http-equiv='refresh' content='3'"), NULL));
    cr_assert(eq(ptr, strstr(text, "<svg"), NULL));
    cr_assert(eq(ptr, strstr(text, "<script"), NULL));
    free(text);
}

Test(live_page, shows_each_particle_and_its_latest_areas)
{
    write_areas(11);
    char *text =
        written(&(struct lct_live_page){ .title = "m", .areas = areas, .words = "", .picture = "live/frame.png?3" });
    cr_assert(eq(sz, count(text, "<path fill='none'"), 4), "core and shell of two");
    cr_assert(ne(ptr, strstr(text, "<td>2</td><td>100.01 ± 0.50</td><td>50</td>"), NULL), "%s", text);
    cr_assert(ne(ptr, strstr(text, "<td>100.01 ± 0.50</td><td></td>"), NULL), "what was not measured is empty");
    cr_assert(ne(ptr, strstr(text, "<img src='live/frame.png?3'"), NULL));
    cr_assert(eq(ptr, strstr(text, "nan"), NULL));
    free(text);
}

Test(live_page, is_small_however_long_the_movie)
{
    write_areas(20000);
    char *text = written(&(struct lct_live_page){ .title = "m", .areas = areas, .words = "" });
    cr_assert(lt(sz, strlen(text), 60000), "%zu bytes", strlen(text));
    cr_assert(gt(sz, count(text, "L"), 600), "but not empty");
    cr_assert(ne(ptr, strstr(text, "<td>3999.8</td>"), NULL), "the table shows the last row, not the last point");
    free(text);
}

Test(live_page, when_it_is_over_it_leads_to_the_results)
{
    char *text = written(&(struct lct_live_page){ .title = "m", .words = "done", .over = "report.html" });
    cr_assert(ne(ptr, strstr(text, "content='0; url=report.html'"), NULL));
    free(text);
}

Test(live_page, a_folder_that_is_not_there_is_a_fault)
{
    struct lct_err err = { 0 };
    cr_assert(eq(int,
        lct_live_page_write("/nowhere/at/all/live.html", &(struct lct_live_page){ .title = "", .words = "" }, &err),
        LCT_E_OUTPUT));
}
