#include <lctem/plot_shapes.h>

#include "part.h"
#include "plot_script.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Viridis (Smith and van der Walt, public domain): lightness rises evenly, so it reads in grey and without colour
 * vision. */
#define VIRIDIS                                                                                                        \
    "0 '#440154', 1 '#482878', 2 '#3e4989', 3 '#31688e', 4 '#26828e', 5 '#1f9e89', 6 '#35b779', 7 '#6ece58', 8 "       \
    "'#b5de2b'"

static const char plain[] =
    "    set datafile separator whitespace; set datafile nocolumnheaders\n"
    "    set palette defined (" VIRIDIS ")\n"
    "    unset grid; unset key; set style fill solid 1 noborder; set border 15 linewidth 1.2; set tics out nomirror\n";

static const char contour_body[] =
    "    set lmargin screen 0.095; set rmargin screen 0.845; set tmargin screen 0.885; set bmargin screen 0.135\n"
    "    set title sprintf('Core of particle %d over time (the whole particle: dotted at first, dashed at last)', "
    "particle)\n"
    "    set xlabel sprintf('x (%s)', unit); set ylabel sprintf('y (%s)', unit) offset 0.5\n"
    "    set cblabel (timed ? 'Time (s)' : 'Frame') offset 0.5; set cbrange [from:to]\n"
    "    set colorbox user origin screen 0.868, 0.21 size screen 0.028, 0.6\n"
    "    set size ratio -1; set xrange [left:right]; set yrange [bottom:top] # y runs down, as in the movie\n"
    "    plot data index 1 using 1:2 with lines linewidth 1.5 dashtype 3 linecolor rgb '#444444', \\\n"
    "         data index 2 using 1:2 with lines linewidth 1.5 dashtype 2 linecolor rgb '#999999', \\\n"
    "         data index 0 using 1:2:3 with lines linewidth 1.8 linecolor palette\n"
    "    unset output\n"
    "}\n";

static const char kymograph_body[] =
    "    set multiplot title sprintf('Particle %d: change of height along its facets', particle)\n"
    "    set cbrange [low:high]\n"
    "    if (layer > 0) { # a colour for each whole number of layers\n"
    "        lowest = floor(low / layer + 0.5); highest = floor(high / layer + 0.5)\n"
    "        set palette maxcolors highest - lowest + 1\n"
    "        set cbrange [(lowest - 0.5) * layer:(highest + 0.5) * layer]\n"
    "    }\n"
    "    do for [i = 0:panels - 1] {\n"
    "        column_of = i % 2; row_of = i / 2; rows = (panels + 1) / 2\n"
    "        high_of = 0.87 / rows\n"
    "        set lmargin screen 0.09 + 0.40 * column_of; set rmargin screen 0.42 + 0.40 * column_of\n"
    "        set tmargin screen 0.925 - high_of * row_of; set bmargin screen 0.925 - high_of * (row_of + 1) + 0.075\n"
    "        set title word(names, i + 1) offset 0, -0.7\n"
    "        set xlabel (i >= panels - 2 ? (timed ? 'Time (s)' : 'Frame') : '') offset 0, 0.4\n"
    "        set ylabel (column_of == 0 ? sprintf('Position (%s)', unit) : '') offset 1\n"
    "        if (i == 0) {\n"
    "            set colorbox user origin screen 0.855, 0.2 size screen 0.03, 0.6\n"
    "            set cblabel sprintf('Change of height (%s)', unit) offset 0.5\n"
    "            if (layer > 0) {\n"
    "                set label 1 sprintf(\"one colour for\\neach layer\\n(%.3f %s)\", layer, unit) at screen 0.855, "
    "0.15\n"
    "            }\n"
    "        } else {\n"
    "            unset colorbox; unset label 1\n"
    "        }\n"
    "        set xrange [begin:end]; set yrange [-reach:reach]\n"
    "        plot data index i nonuniform matrix using 1:2:3 with image # warns of cells beyond the facet's ends\n"
    "    }\n"
    "    unset multiplot\n"
    "    unset output\n"
    "}\n";

static enum lct_status make_folder(const char *dir, struct lct_err *err)
{
    char *plots = NULL;
    if (asprintf(&plots, "%s/plots", dir) < 0)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    const enum lct_status status = mkdir(plots, 0777) != 0 && errno != EEXIST ? part_fail(plots, errno, err) : LCT_OK;
    free(plots);
    return status;
}

/* Write `<dir>/plots/<name>.dat` by `put`. */
static enum lct_status write_data(
    const char *dir, const char *name, void (*put)(FILE *file, const void *what), const void *what, struct lct_err *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s/plots/%s.dat", dir, name) < 0)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    char *part = part_name(path);
    enum lct_status status = make_folder(dir, err);
    FILE *file = status == LCT_OK && part ? fopen(part, "w") : NULL;
    if (status == LCT_OK && !file)
        status = part_fail(path, errno, err);
    if (file) {
        put(file, what);
        const int failed = ferror(file);
        if (fclose(file) != 0 || failed)
            status = part_fail(path, errno, err);
    }
    if (status == LCT_OK)
        status = part_keep(part, path, err);
    free(part);
    free(path);
    return status;
}

struct limits {
    double low, high;
};

static void widen(struct limits *l, double v)
{
    l->low = fmin(l->low, v);
    l->high = fmax(l->high, v);
}

static void put_rings(FILE *file, const struct lct_contour_map *map, const struct lct_outline *o, double time)
{
    for (size_t r = 0; o && r < o->n_rings; r++) {
        const struct lct_ring *ring = &o->rings[r];
        for (size_t i = 0; i <= ring->n && ring->n > 0; i++)
            fprintf(file, "%.4f %.4f %.6g\n", ring->x_px[i % ring->n] * map->scale,
                ring->y_px[i % ring->n] * map->scale_y, time);
        fputc('\n', file);
    }
}

static void put_contours(FILE *file, const void *what)
{
    const struct lct_contour_map *map = what;
    fputs("# x, y, time: outlines of the core\n", file);
    for (size_t k = 0; k < map->n; k++)
        put_rings(file, map, &map->cores[k], map->times[k]);
    fputs(
        "\n\n# the whole particle at first\nNaN NaN NaN\n\n", file); /* a block without any point is none to gnuplot */
    put_rings(file, map, map->first, map->times[0]);
    fputs("\n\n# and at last\nNaN NaN NaN\n\n", file);
    put_rings(file, map, map->last, map->times[map->n - 1]);
}

static void take_limits(
    struct limits *x, struct limits *y, const struct lct_contour_map *map, const struct lct_outline *o)
{
    for (size_t r = 0; o && r < o->n_rings; r++)
        for (size_t i = 0; i < o->rings[r].n; i++) {
            widen(x, o->rings[r].x_px[i] * map->scale);
            widen(y, o->rings[r].y_px[i] * map->scale_y);
        }
}

static enum lct_status write_script(
    const char *dir, const char *name, const char *settings, const char *body, struct lct_err *err)
{
    char *script = NULL;
    if (!settings || asprintf(&script, "%s%s%s", plain, settings, body) < 0)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for a picture", dir);
    const struct plot_script whole = { name, "", script };
    const enum lct_status status = plot_script_write(dir, &whole, err);
    free(script);
    return status;
}

enum lct_status lct_plot_contours(
    const char *dir, const struct lct_contour_map *map, const struct lct_plot_axes *axes, struct lct_err *err)
{
    if (map->n == 0)
        return lct_fail(err, LCT_E_ARG, "contour map: no outlines");
    struct limits x = { (double)INFINITY, -(double)INFINITY }, y = x;
    for (size_t k = 0; k < map->n; k++)
        take_limits(&x, &y, map, &map->cores[k]);
    take_limits(&x, &y, map, map->first);
    take_limits(&x, &y, map, map->last);
    const double half = 0.54 * fmax(fmax(x.high - x.low, y.high - y.low), 1e-6);
    const double cx = 0.5 * (x.low + x.high), cy = 0.5 * (y.low + y.high);
    const double from = map->times[0], to = map->times[map->n - 1] > from ? map->times[map->n - 1] : from + 1.0;
    char name[48], *settings = NULL;
    snprintf(name, sizeof name, "contours_%d", map->particle);
    enum lct_status status = write_data(dir, name, put_contours, map, err);
    if (status != LCT_OK)
        return status;
    if (asprintf(&settings,
            "    particle = %d; unit = '%s'; timed = %d; data = '%s.dat'; from = %.9g; to = %.9g\n"
            "    left = %.6g; right = %.6g; top = %.6g; bottom = %.6g\n",
            map->particle, axes->length_unit, axes->timed, name, from, to, cx - half, cx + half, cy - half, cy + half)
        < 0)
        settings = NULL;
    status = write_script(dir, name, settings, contour_body, err);
    free(settings);
    return status;
}

static void put_kymograph(FILE *file, const void *what)
{
    const struct lct_kymograph *k = what;
    for (size_t i = 0; i < k->n_facets; i++) {
        const struct lct_kymograph_facet *f = &k->facets[i];
        fprintf(file, "%s# facet %d: times, then a row for each position\n%zu", i ? "\n\n" : "", f->facet, k->n_times);
        for (size_t t = 0; t < k->n_times; t++)
            fprintf(file, " %.6g", k->first_time + (double)t * k->time_step);
        fputc('\n', file);
        for (size_t p = 0; p < f->n_positions; p++) {
            fprintf(file, "%.5g", f->first + (double)p * f->step);
            for (size_t t = 0; t < k->n_times; t++) {
                const double v = (double)f->change[p * k->n_times + t];
                if (isfinite(v))
                    fprintf(file, " %.4f", v);
                else
                    fputs(" NaN", file);
            }
            fputc('\n', file);
        }
    }
}

/* Titles of the panels, each one word in quotes for gnuplot. */
static char *names_of(const struct lct_kymograph *k)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    if (!f)
        return NULL;
    for (size_t i = 0; i < k->n_facets; i++) {
        const struct lct_kymograph_facet *q = &k->facets[i];
        if (q->hkil)
            fprintf(f, "%s\"facet %d  (%s)  %.1f\u00b0\"", i ? " " : "", q->facet, q->hkil, q->angle_deg);
        else
            fprintf(f, "%s\"facet %d  %.1f\u00b0\"", i ? " " : "", q->facet, q->angle_deg);
    }
    if (fclose(f) == 0)
        return text;
    free(text);
    return NULL;
}

enum lct_status lct_plot_kymograph(
    const char *dir, const struct lct_kymograph *kymograph, const struct lct_plot_axes *axes, struct lct_err *err)
{
    const struct lct_kymograph *k = kymograph;
    if (k->n_facets == 0 || k->n_times == 0)
        return lct_fail(err, LCT_E_ARG, "kymograph: no facets");
    struct limits z = { 0.0, 0.0 };
    double reach = 0.0;
    for (size_t i = 0; i < k->n_facets; i++) {
        const struct lct_kymograph_facet *f = &k->facets[i];
        for (size_t j = 0; j < f->n_positions * k->n_times; j++)
            if (isfinite(f->change[j]))
                widen(&z, (double)f->change[j]);
        reach = fmax(reach, fmax(fabs(f->first), fabs(f->first + (double)f->n_positions * f->step)));
    }
    char name[48], *names = names_of(k), *settings = NULL;
    snprintf(name, sizeof name, "kymograph_%d", k->particle);
    enum lct_status status = names ? write_data(dir, name, put_kymograph, k, err)
                                   : lct_fail(err, LCT_E_LIMIT, "%s: no memory for a picture", dir);
    const double end = k->first_time + (double)k->n_times * k->time_step;
    if (status == LCT_OK
        && asprintf(&settings,
               "    particle = %d; unit = '%s'; timed = %d; data = '%s.dat'; panels = %zu; layer = %.6g\n"
               "    names = '%s'\n    low = %.4g; high = %.4g; begin = %.6g; end = %.6g; reach = %.4g\n",
               k->particle, axes->length_unit, axes->timed, name, k->n_facets, isfinite(k->layer) ? k->layer : 0.0,
               names, z.low, z.high > z.low ? z.high : z.low + 1.0, k->first_time, end, reach)
            < 0)
        settings = NULL;
    if (status == LCT_OK)
        status = write_script(dir, name, settings, kymograph_body, err);
    free(settings);
    free(names);
    return status;
}
