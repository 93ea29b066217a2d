/* Protects: areas.csv becomes complete curves, and what is wrong with a table is said with its line and a remedy. */
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/curves.h>
#include <lctem/facet_series.h>
#include <lctem/random.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(curves, .init = folder_make, .fini = folder_remove);

static const char *write_file(const char *name, const char *text)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    return path;
}

#define HEAD "frame,time_s,particle,core_area_nm2,shell_area_nm2\n"

Test(curves, gaps_are_bridged_and_what_is_gone_is_nothing)
{
    struct lct_curves c = { 0 };
    struct lct_err err = { 0 };
    /* frame 2 has no row of particle 1; particle 2 ends at frame 1; frame 5 is known from frames.csv only */
    char frames[128];
    snprintf(frames, sizeof frames, "%s",
        write_file("frames.csv", "frame,time_s,mean\n0,0,1\n1,1,1\n2,2,1\n3,4,1\n5,6,1\n"));
    const char *areas = write_file("areas.csv", HEAD "0,0,1,100,50\n0,0,2,10,5\n1,1,1,110,50\n1,1,2,8,4\n3,4,1,140,\n");
    cr_assert(eq(int, lct_curves_read(&c, areas, frames, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(sz, c.n_times, 5));
    cr_assert(eq(sz, c.n_particles, 2));
    /* linear in time: at 2 s a third of the way from 1 s to 4 s */
    cr_assert(ieee_ulp_eq(dbl, c.core_nm2[2], 120.0, 4));
    cr_assert(eq(int, c.presence[2], LCT_PRESENCE_BETWEEN));
    cr_assert(eq(dbl, c.total_nm2[3], 140.0)); /* an empty shell cell beside a core is no shell */
    cr_assert(eq(dbl, c.core_nm2[4], 0.0));
    cr_assert(eq(int, c.presence[4], LCT_PRESENCE_GONE));
    cr_assert(eq(dbl, c.core_nm2[5 + 2], 0.0));
    cr_assert(eq(int, c.presence[5 + 2], LCT_PRESENCE_GONE));
    cr_assert(ieee_ulp_eq(dbl, lct_curves_at(&c, lct_curves_row(&c, c.core_nm2, 0), 3.0), 130.0, 4));
    cr_assert(eq(dbl, lct_curves_at(&c, lct_curves_row(&c, c.core_nm2, 0), -1.0), 100.0));
    lct_curves_finish(&c);
}

#define PX_HEAD                                                                                                        \
    "frame,time_s,particle,core_area_nm2,shell_area_nm2,core_area_px,shell_area_px,core_area_sd_px,shell_area_sd_px\n"

Test(curves, without_a_scale_areas_are_px2)
{
    struct lct_curves c = { 0 };
    struct lct_err err = { 0 };
    const char *px = write_file("px.csv", PX_HEAD "0,0,1,,,100,50,3,5\n1,1,1,,,,,,\n2,2,1,,,120,50,3,5\n");
    cr_assert(eq(int, lct_curves_read(&c, px, NULL, &err), LCT_OK), "%s", err.text);
    cr_assert(c.in_px && c.has_sd && !c.has_common);
    cr_assert(eq(dbl, c.core_nm2[1], 110.0)); /* bridged as ever */
    cr_assert(ieee_ulp_eq(dbl, c.total_sd_nm2[0], 4.0, 4));
    lct_curves_finish(&c);
    /* one row in nm2: what is px2 alone was not measured */
    const char *mixed =
        write_file("mixed.csv", PX_HEAD "0,0,1,1,0.5,100,50,,\n1,1,1,,,400,200,,\n2,2,1,3,0.5,300,50,,\n");
    cr_assert(eq(int, lct_curves_read(&c, mixed, NULL, &err), LCT_OK), "%s", err.text);
    cr_assert(c.in_px == false);
    cr_assert(eq(dbl, c.core_nm2[1], 2.0));
    lct_curves_finish(&c);
    const char *none = write_file("none.csv", PX_HEAD "0,0,1,,,,,,\n");
    cr_assert(eq(int, lct_curves_read(&c, none, NULL, &err), LCT_E_NODATA));
}

Test(curves, splits_and_border_are_known)
{
    struct lct_curves c = { 0 };
    struct lct_err err = { 0 };
    const char *areas = write_file("areas.csv",
        "frame,time_s,particle,core_area_nm2,shell_area_nm2,parent,flags\n"
        "0,0,1,100,50,,\n0,0,4,30,9,,border\n1,1,1,100,50,,contact;border\n1,1,4,33,9,,border\n2,2,1,104,50,,\n2,2,4,"
        "36,9,,\n"
        "3,3,2,60,30,1,\n3,3,3,44,20,1,\n");
    cr_assert(eq(int, lct_curves_read(&c, areas, NULL, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(sz, c.n_particles, 4));
    cr_assert(
        c.particles[0].is_parent && !c.particles[0].cut && c.particles[1].has_parent && c.particles[2].has_parent);
    cr_assert(c.particles[3].cut);            /* two of three rows at the border */
    cr_assert(eq(dbl, c.core_nm2[1], 102.0)); /* one row at the border is not measured */
    cr_assert(eq(int, c.presence[4 + 2], LCT_PRESENCE_BEFORE));
    lct_curves_finish(&c);
}

Test(curves, scatter_is_that_of_the_noise_not_of_the_trend)
{
    struct lct_curves c = { 0 };
    struct lct_err err = { 0 };
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    fputs(HEAD, file);
    struct lct_random r = lct_random_start(8, 0, 0);
    for (int k = 0; k < 400; k++) /* sd 0.6 about a steep curve */
        fprintf(file, "%d,%d,1,%.6f,1\n", k, k, 1000.0 + 5.0 * k + 0.01 * k * k + 0.6 * lct_random_normal(&r));
    fclose(file);
    cr_assert(eq(int, lct_curves_read(&c, write_file("areas.csv", text), NULL, &err), LCT_OK), "%s", err.text);
    const double scatter = lct_curves_scatter(&c, c.core_nm2, 0, 1);
    cr_assert(scatter > 0.5 && scatter < 0.7, "%g", scatter); /* a MAD of 400 is good to 5 %: three sigma */
    lct_curves_finish(&c);
    free(text);
}

Test(curves, bad_tables_are_refused_with_line_and_remedy)
{
    static const struct {
        const char *text, *line, *says;
        enum lct_status status;
    } rows[] = {
        { "frame,time_s,particle,core_area_nm2\n0,0,1,5\n", ":1:", "no column shell_area_nm2", LCT_E_INPUT },
        { "frame,particle,core_area_nm2,shell_area_nm2\n0,1,5,1\n", ":1:", "no column time_s", LCT_E_INPUT },
        { HEAD "0,0,1,5,1\n1,1,1,-5,1\n", ":3:", "below 0", LCT_E_INPUT },
        { HEAD "0,0,1,5,1\n1,1,1,x,1\n", "line 3", "no number", LCT_E_INPUT },
        { HEAD "0,0,1,5,1\n1,2,1,5,1\n2,1,1,5,1\n", ":4:", "goes back", LCT_E_INPUT },
        { HEAD "1,1,1,5,1\n0,0,1,5,1\n", ":3:", "sort the rows", LCT_E_INPUT },
        { HEAD "0,0,1,5,1\n0,0,1,5,1\n", ":3:", "remove one", LCT_E_INPUT },
        { HEAD "0,0,1,5,1\n0,1,2,5,1\n", ":3:", "one time", LCT_E_INPUT },
        { HEAD "0,0,,5,1\n", ":2:", "particle is empty", LCT_E_INPUT },
        { HEAD "0,0,1.5,5,1\n", ":2:", "whole number", LCT_E_INPUT },
        { HEAD "0,0,1,5,1\n0,0,2,,\n", ":3:", "particle 2 is empty", LCT_E_INPUT },
        { HEAD "0,0,1,5,1\n0,0,2,0,0\n", ":3:", "particle 2 is empty", LCT_E_INPUT },
        { HEAD "0,,1,5,1\n1,1,1,5,1\n", ":2:", "time_s is empty", LCT_E_INPUT },
        { HEAD "0,,1,5,1\n1,,1,5,1\n", "", "--frame-time", LCT_E_NODATA },
        { HEAD "0,0,1,,\n1,1,1,,\n", "", "--pixel-size", LCT_E_NODATA },
        { HEAD, "", "no particle", LCT_E_NODATA },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lct_curves c = { .n_times = 77 };
        struct lct_err err = { 0 };
        const char *path = write_file("areas.csv", rows[i].text);
        cr_assert(eq(int, lct_curves_read(&c, path, NULL, &err), rows[i].status), "row %zu: %s", i, err.text);
        cr_assert(strstr(err.text, rows[i].says) && strstr(err.text, rows[i].line), "row %zu: %s", i, err.text);
        cr_assert(strstr(err.text, "areas.csv") != NULL, "row %zu: %s", i, err.text);
        cr_assert(eq(sz, c.n_times, 77));
    }
}

Test(curves, facets_come_sorted)
{
    struct lct_facet_table t = { 0 };
    struct lct_err err = { 0 };
    const char *path = write_file("facets.csv",
        "frame,time_s,particle,facet,height_nm,exposed_frac\n"
        "1,1,1,2,7.5,0.5\n0,0,1,2,7.0,0\n0,0,1,1,6,\n0,0,2,1,5,1\n");
    cr_assert(eq(int, lct_facet_table_read(&t, path, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(sz, t.n, 3));
    cr_assert(t.series[1].facet == 2 && t.series[1].n == 2 && t.series[1].height_nm[1] == 7.5
        && t.series[1].time_s[0] == 0.0);
    cr_assert(isnan(t.series[0].exposed_frac[0]));
    lct_facet_table_finish(&t);
    unlink(path);
    cr_assert(eq(int, lct_facet_table_read(&t, path, &err), LCT_E_NODATA));
}

#define FACETS "frame,time_s,particle,facet,height_nm,exposed_frac\n0,0,1,1,6,0\n0,0,1,2,7,0\n"

struct growth {
    const char *path, *then;
};

/* Who opens the pipe first gets the table as it is, who opens it next what it has grown to. */
static void *grow(void *context)
{
    const struct growth *g = context;
    for (int k = 0; k < 2; k++) {
        FILE *file = fopen(g->path, "w");
        fputs(k == 0 ? FACETS : g->then, file);
        fclose(file);
        if (k == 0)
            usleep(300000); /* until the end of the file is seen */
    }
    return NULL;
}

/* The table is read twice: rows that come between must not be put where there is no room for them. */
Test(curves, facets_that_come_while_they_are_read_are_refused)
{
    static const char *const grown[] = { FACETS "1,1,1,1,6.5,0\n", FACETS "1,1,2,0,5,0\n", FACETS "1,1,1,9,5,0\n" };
    for (size_t i = 0; i < sizeof grown / sizeof *grown; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/growing.csv", folder);
        cr_assert(eq(int, mkfifo(path, 0600), 0));
        struct growth g = { path, grown[i] };
        pthread_t writer;
        cr_assert(eq(int, pthread_create(&writer, NULL, grow, &g), 0));
        struct lct_facet_table t = { 0 };
        struct lct_err err = { 0 };
        cr_assert(eq(int, lct_facet_table_read(&t, path, &err), LCT_E_INPUT));
        cr_assert(strstr(err.text, "grows while it is read; try again") != NULL, "%s", err.text);
        cr_assert(t.series == NULL);
        pthread_join(writer, NULL);
        unlink(path);
    }
}
