/* Protects: contour maps and kymographs are drawn from any shapes, script and data lie side by side, and nothing is drawn of
 * nothing. */
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/plot.h>
#include <lctem/plot_shapes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { POINTS = 60, INSTANTS = 5, TIMES = 40, ROWS = 9 };

TestSuite(plot_shapes, .init = folder_make, .fini = folder_remove);

static long size_of(const char *name)
{
    char path[128];
    struct stat info;
    snprintf(path, sizeof path, "%s/plots/%s", folder, name);
    return stat(path, &info) == 0 ? (long)info.st_size : -1;
}

static struct lct_outline circle(double radius)
{
    struct lct_outline o = { .n_rings = 1, .rings = calloc(1, sizeof *o.rings) };
    o.rings[0] = (struct lct_ring){
        .n = POINTS, .x_px = malloc(POINTS * sizeof(double)), .y_px = malloc(POINTS * sizeof(double))
    };
    for (int i = 0; i < POINTS; i++) {
        o.rings[0].x_px[i] = 100.0 + radius * cos(2.0 * M_PI * i / POINTS);
        o.rings[0].y_px[i] = 80.0 - radius * sin(2.0 * M_PI * i / POINTS);
    }
    return o;
}

static enum lct_status write_contours(const struct lct_plot_axes *axes, size_t n)
{
    struct lct_outline cores[INSTANTS], whole = circle(60.0), none = { 0 };
    double times[INSTANTS];
    for (int i = 0; i < INSTANTS; i++) {
        cores[i] = circle(30.0 + 2.0 * i);
        times[i] = 0.5 * i;
    }
    const struct lct_contour_map map = { .particle = 3,
        .n = n,
        .cores = cores,
        .times = times,
        .first = &whole,
        .last = &none,
        .scale = 0.1,
        .scale_y = 0.1 };
    const enum lct_status status = lct_plot_contours(folder, &map, axes, NULL);
    for (int i = 0; i < INSTANTS; i++)
        lct_outline_finish(&cores[i]);
    lct_outline_finish(&whole);
    return status;
}

static enum lct_status write_kymograph(const struct lct_plot_axes *axes, double layer, bool empty)
{
    static float change[ROWS * TIMES];
    for (int i = 0; i < ROWS * TIMES; i++)
        change[i] = empty || i % 7 == 0 ? NAN : 0.05f * (float)(i % TIMES);
    const struct lct_kymograph_facet facets[] = {
        { .facet = 0,
            .angle_deg = 10,
            .hkil = "10-10",
            .first = -1,
            .step = 0.25,
            .n_positions = ROWS,
            .change = change },
        { .facet = 1, .angle_deg = 70, .first = -1, .step = 0.25, .n_positions = ROWS, .change = change },
        { .facet = 2, .angle_deg = 130, .first = -1, .step = 0.25, .n_positions = ROWS, .change = change },
    };
    const struct lct_kymograph k = {
        .particle = 3, .n_times = TIMES, .n_facets = 3, .time_step = 0.2, .layer = layer, .facets = facets
    };
    return lct_plot_kymograph(folder, &k, axes, NULL);
}

static void draw(void)
{
    struct lct_err err = { 0 };
    const enum lct_status status = lct_plot_draw(folder, NULL, 2, &err);
    if (status == LCT_E_NODATA)
        cr_skip_test("no gnuplot here");
    cr_assert(eq(int, status, LCT_OK), "%s", err.text);
}

Test(plot_shapes, draws_both_pictures)
{
    const struct lct_plot_axes axes = { .length_unit = "nm", .timed = true };
    cr_assert(eq(int, write_contours(&axes, INSTANTS), LCT_OK));
    cr_assert(eq(int, write_kymograph(&axes, 0.258, false), LCT_OK));
    draw();
    const char *names[] = { "contours_3.svg", "contours_3.png", "kymograph_3.svg", "kymograph_3.png" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_assert(size_of(names[i]) > 3000, "%s: %ld bytes", names[i], size_of(names[i]));
}

/* Frames instead of times, px instead of nm, no lattice, and a facet that was never there. */
Test(plot_shapes, draws_what_is_hardly_known)
{
    const struct lct_plot_axes axes = { .length_unit = "px", .timed = false };
    cr_assert(eq(int, write_contours(&axes, 1), LCT_OK));
    cr_assert(eq(int, write_kymograph(&axes, (double)NAN, false), LCT_OK));
    draw();
    cr_assert(eq(int, write_kymograph(&axes, (double)NAN, true), LCT_OK));
    draw();
}

Test(plot_shapes, scripts_have_their_data_beside_them)
{
    const struct lct_plot_axes axes = { .length_unit = "nm", .timed = true };
    cr_assert(eq(int, write_contours(&axes, INSTANTS), LCT_OK));
    cr_assert(eq(int, write_kymograph(&axes, 0.258, false), LCT_OK));
    cr_assert(size_of("contours_3.dat") > 0 && size_of("contours_3.gp") > 0);
    cr_assert(size_of("kymograph_3.dat") > 0 && size_of("kymograph_3.gp") > 0);
    cr_assert(eq(int, write_contours(&axes, 0), LCT_E_ARG));
}
