/* Protects: shares of order against regions that are ordered in part; a dislocation in a film becomes one event with
 * its Burgers vector and place, and a film without one has none. */
#include "movies.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/analyze.h>
#include <lctem/map_file.h>
#include <lctem/order.h>
#include <lctem/random.h>
#include <lctem/table.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A wave in the left part of a plane, noise all over. */
static struct lct_order order_of(double share, double amplitude, double noise)
{
    enum { N = 192 };
    struct lct_image image = { 0 };
    struct lct_random r = lct_random_start(11, 0, 0);
    struct lct_spectrum *s = NULL;
    struct lct_wave wave = { .gx = 0.23, .gy = 0.11 };
    static struct lct_spectrum_cells cells;
    cr_assert(eq(int, lct_image_init(&image, N, N, NULL), LCT_OK));
    for (int y = 0; y < N; y++)
        for (int x = 0; x < N; x++)
            image.px[y * N + x] = (float)(100 + (x < share * N ? amplitude * cos(2 * M_PI * (0.23 * x + 0.11 * y)) : 0)
                + noise * lct_random_normal(&r));
    cr_assert(eq(int, lct_spectrum_create(&s, N, N, NULL), LCT_OK));
    cr_assert(eq(int, lct_spectrum_load(s, &image, NULL), LCT_OK));
    lct_spectrum_fit(s, &wave, 1);
    lct_spectrum_local(s, &wave, 1, 8, &cells);
    const struct lct_order order = lct_order_measure(&cells, 1);
    lct_spectrum_destroy(&s);
    lct_image_finish(&image);
    return order;
}

/* The border fades out over a tenth of either side, so that a half weighs a half, and 0.35 of the width 0.35 - 0.05
 * of 0.9; half the amplitude lies where the fringes end. Cells are 6 px wide. */
Test(order, the_share_of_a_region_that_has_fringes)
{
    cr_assert(epsilon_eq(dbl, order_of(1.0, 4, 1).frac, 1.0, 0.005));
    cr_assert(epsilon_eq(dbl, order_of(0.5, 4, 1).frac, 0.5, 0.03));
    cr_assert(epsilon_eq(dbl, order_of(0.35, 4, 1).frac, 0.30 / 0.9, 0.03));
    cr_assert(epsilon_eq(dbl, order_of(1.0, 4, 1).amplitude, 4.0, 0.2));
}

/* 192 px square, smoothed by 8 px: some 50 places of 4 pi 8^2 px2. The share of a region that is ordered all over is no
 * better known than to half of one, however little noise there is. */
Test(order, a_share_of_one_is_not_known_for_certain)
{
    const double sd = order_of(1.0, 4, 1e-3).frac_sd;
    cr_assert(gt(dbl, sd, 0.004), "%g", sd);
    cr_assert(lt(dbl, sd, 0.03), "%g", sd);
    cr_assert(epsilon_eq(dbl, lct_order_share_sd(0.0, 9.0), 0.05, 1e-12));
    cr_assert(epsilon_eq(dbl, lct_order_share_sd(0.3, 9.0), 0.3, 1e-12));
}

Test(order, fringes_that_are_too_faint_are_not_measured)
{
    cr_assert(isnan(order_of(1.0, 0.05, 1).frac));
    cr_assert(isnan(lct_order_measure(NULL, 0).frac));
}

/* Film: a disc of core in a ring of shell, 0.1 nm per px, {10-10} of Cd and {11-20} of CdCl2 multiplied. In frames
 * from .. to - 1 the core's lattice winds around a place by g.b for b = a <11-20> / 3. */
enum { SIDE = 240, FRAMES = 16, FROM = 5, TO = 12 };
static const double at_nm[2] = { 13.1, 11.2 }, direction = 0.3, a_nm = 0.29794;

static double fringes(double x_nm, double y_nm, bool dislocated)
{
    const double b[2] = { a_nm * cos(direction + M_PI / 6), a_nm * sin(direction + M_PI / 6) }; /* right and up */
    const double around = atan2(-(y_nm - at_nm[1]), x_nm - at_nm[0]);
    double core = 0, cover = 0;
    for (int k = 0; k < 3; k++) {
        const double t = direction + k * M_PI / 3, g = 1 / 0.25802, turned = t + M_PI / 6;
        const double turns = dislocated ? -round(g * (cos(t) * b[0] + sin(t) * b[1])) : 0;
        core += cos(2 * M_PI * g * (cos(t) * x_nm - sin(t) * y_nm) + turns * around);
        cover += cos(2 * M_PI * (cos(turned) * x_nm - sin(turned) * y_nm) / 0.192295);
    }
    return (1 + 0.12 * core) * (1 + 0.1 * cover);
}

static char *make_film(const char *folder)
{
    static struct lct_image image[FRAMES];
    struct lct_map map[FRAMES];
    struct lct_random r = lct_random_start(12, 0, 0);
    for (int i = 0; i < FRAMES; i++) {
        cr_assert(eq(int, lct_image_init(&image[i], SIDE, SIDE, NULL), LCT_OK));
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++) {
                const double u = 0.1 * x, v = 0.1 * y, radius = hypot(u - 12, v - 12);
                const double core = 0.5 * erfc((radius - 6) / 0.2), all = 0.5 * erfc((radius - 8.5) / 0.2);
                const double grey = 1 - 0.4 * core * fringes(u, v, i >= FROM && i < TO) - 0.15 * (all - core);
                image[i].px[y * SIDE + x] = (float)(1000 * (grey + 0.04 * lct_random_normal(&r)));
            }
        map[i] = (struct lct_map){ "frame", &image[i] };
    }
    char *path = movies_path(folder, "film.tif");
    cr_assert(eq(int, lct_maps_write(path, map, FRAMES, 0.1, NULL), LCT_OK));
    for (int i = 0; i < FRAMES; i++)
        lct_image_finish(&image[i]);
    return path;
}

static double number(const struct lct_csv *csv, size_t row, const char *name)
{
    double x;
    cr_assert(eq(int, lct_csv_number(csv, row, (size_t)lct_csv_column(csv, name), &x, NULL), LCT_OK));
    return x;
}

/* The core of the dislocation to 0.4 nm, half the smoothing; |b| to 2 %; noise may hide it in a frame. */
Test(order, a_dislocation_becomes_an_event)
{
    struct lct_options options;
    struct lct_recipe recipe;
    struct lct_analysis found;
    struct lct_err err = { 0 };
    struct lct_csv csv;
    char *folder = movies_folder(), *film = make_film(folder), *out = movies_path(folder, "out");
    cr_assert(eq(int, lct_recipe_init(&options, &recipe, LCT_CMD_ANALYZE, NULL), LCT_OK));
    const char *const settings[] = { "output", out, "pixel_size", "0.1", "frame_time", "0.2" };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i += 2)
        cr_assert(eq(int, lct_options_set(&options, settings[i], settings[i + 1], LCT_ORIGIN_USER, &err), LCT_OK), "%s",
            err.text);
    cr_assert(eq(int, lct_analyze(&found, film, &recipe, NULL, &err), LCT_OK), "%s", err.text);
    char *events = movies_path(out, "events.csv"), *order = movies_path(out, "order.csv");
    cr_assert(eq(int, lct_csv_read(&csv, events, NULL), LCT_OK));
    int n = 0, seen = 0;
    for (size_t i = 0; i < csv.n_rows; i++) {
        if (strcmp(csv.cells[i * csv.n_columns], "dislocation") != 0)
            continue;
        n++;
        cr_assert(epsilon_eq(dbl, number(&csv, i, "frame"), FROM, 1));
        cr_assert(epsilon_eq(dbl, number(&csv, i, "duration_s"), (TO - 1 - FROM) * 0.2, 0.2 + 1e-9));
        cr_assert(epsilon_eq(dbl, number(&csv, i, "size_nm"), a_nm, 0.02 * a_nm));
        cr_assert(epsilon_eq(dbl, number(&csv, i, "x_nm"), at_nm[0], 0.4));
        cr_assert(epsilon_eq(dbl, number(&csv, i, "y_nm"), at_nm[1], 0.4));
    }
    cr_assert(eq(int, n, 1));
    lct_csv_finish(&csv);
    cr_assert(eq(int, lct_csv_read(&csv, order, NULL), LCT_OK));
    cr_assert(eq(sz, csv.n_rows, FRAMES));
    for (size_t i = 0; i < csv.n_rows; i++) {
        cr_assert(gt(dbl, number(&csv, i, "shell_ordered_frac"), 0.97));
        cr_assert(le(dbl, number(&csv, i, "dislocations"), i >= FROM && i < TO));
        seen += (int)number(&csv, i, "dislocations");
    }
    cr_assert(ge(int, seen, TO - FROM - 1));
    lct_csv_finish(&csv);
    lct_options_finish(&options);
    free(events);
    free(order);
    free(out);
    free(film);
    free(folder);
}
