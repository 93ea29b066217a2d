#include "mc_scan_plot.h"

#include <stdbool.h>
#include <string.h>

enum { LABELS = 12 }; /* along an axis */

/* What is shown; `low` and `high`: columns of its 95 % interval; from .. to: what the paper found. */
static const struct panel {
    const char *column, *low, *high, *title, *range;
    bool log;
    double from, to;
} panels[] = {
    { "onset_steps", "onset_low_steps", "onset_high_steps", "persistence / steps", "[1e2:1e7]", true, 3e3, 3e4 },
    { "ratio", "ratio_low", "ratio_high", "ratio, shell over bare", "[1:1e4]", true, 12, 33 },
    { "exposure_cost_kt", NULL, NULL, "exposure cost / kT", "[-4:10]", false, 2, 4 },
    { "shell_area_change", NULL, NULL, "shell area, end over start", "[0.1:10]", true, 0.75, 1.25 },
};
enum { PANELS = sizeof panels / sizeof *panels };

/* How a map is cut: rows of panels; in each nx x ny points. */
struct cut {
    size_t nx, ny, rows;
    const struct lct_mc_axis *x, *y; /* y NULL: lines */
};

static struct cut cut_of(const struct mc_map *m)
{
    struct cut c = { .nx = m->axis[0].n, .ny = m->n_axes > 1 ? m->axis[1].n : 1, .x = m->axis };
    c.rows = m->n_points / (c.nx * c.ny);
    if (c.nx > 1 && c.ny > 1)
        c.y = m->axis + 1;
    else if (c.ny > 1)
        c.x = m->axis + 1;
    return c;
}

static const char *cell_of(const struct lct_csv *csv, size_t row, const char *column)
{
    const long c = lct_csv_column(csv, column);
    const char *cell = c >= 0 ? csv->cells[row * csv->n_columns + (size_t)c] : "";
    return *cell ? cell : "NaN";
}

/* Is anything known at any point? */
static bool write_data(const struct panel *p, const struct cut *c, size_t r, const struct lct_csv *csv, FILE *f)
{
    bool known = false;
    fprintf(f, "$data << EOD\n");
    for (size_t i = r; i < csv->n_rows; i += c->rows) {
        const char *value = cell_of(csv, i, p->column);
        const size_t at = i / c->rows;
        known = known || strcmp(value, "NaN") != 0;
        if (c->y)
            fprintf(f, "%zu %zu %s\n", at / c->ny, at % c->ny, value);
        else
            fprintf(f, "%zu %s %s %s\n", at, value, p->low ? cell_of(csv, i, p->low) : value,
                p->high ? cell_of(csv, i, p->high) : value);
    }
    fprintf(f, "EOD\n");
    return known;
}

static void write_labels(const char *axis, const struct lct_mc_axis *a, FILE *f)
{
    fprintf(f, "set %stics (", axis);
    for (size_t i = 0; i < a->n; i += (a->n + LABELS - 1) / LABELS)
        fprintf(f, "%s'%s' %zu", i ? ", " : "", a->values[i], i);
    fprintf(f, ")%s\nset %slabel '%s' noenhanced\n", *axis == 'x' ? " rotate by 45 right" : "", axis, a->key);
}

static void write_title(const struct mc_map *m, const struct panel *p, const char *const *values, FILE *f)
{
    fprintf(f, "set title '%s", p->title);
    for (size_t a = 2; a < m->n_axes; a++)
        fprintf(f, ", %s = %s", m->axis[a].key, values[a]);
    fprintf(f, "' noenhanced\n");
}

static void write_map(const struct panel *p, const struct cut *c, FILE *f)
{
    fprintf(f, "%s logscale cb\nset cbrange %s\nplot [-0.5:%g] [-0.5:%g] $data using 1:2:3 with image\n",
        p->log ? "set" : "unset", p->range, (double)c->nx - 0.5, (double)c->ny - 0.5);
}

static void write_lines(const struct panel *p, const struct cut *c, FILE *f)
{
    fprintf(f,
        "%s logscale y\nset object 1 rectangle from graph 0, first %g to graph 1, first %g behind fillcolor rgb "
        "'#e4ecf4' fillstyle solid noborder\n",
        p->log ? "set" : "unset", p->from, p->to);
    fprintf(f, "plot [-0.5:%g] $data using 1:2%s pointtype 7 linecolor rgb '#0072B2'\n", (double)c->x->n - 0.5,
        p->low ? ":3:4 with yerrorlines" : " with linespoints");
}

static void write_nothing(const struct panel *p, const struct cut *c, FILE *f)
{
    fprintf(f,
        "%s logscale y\nset label 1 'not known at any point' at graph 0.5, 0.5 center\n"
        "plot [-0.5:%g] %s NaN\nunset label 1; unset logscale y\n",
        p->log ? "set" : "unset", (double)c->x->n - 0.5, p->range);
}

void mc_scan_script(const struct mc_map *map, const struct lct_csv *csv, FILE *f)
{
    const struct cut c = cut_of(map);
    fprintf(f,
        "set terminal pngcairo size 2000,%zu font ',11'\nset output 'scan.png'\nset multiplot layout %zu,%d%s\n"
        "unset key\nset pointintervalbox 0.001 # no white boxes behind points; 0 would mean 1\n",
        420 * c.rows + (c.y ? 0 : 40), c.rows, PANELS,
        c.y ? "" : " title 'Bars: 95 % intervals; bands: what the paper found'");
    if (!c.y)
        fprintf(f, "set offsets 0, 0, graph 0.06, graph 0.06\n");
    write_labels("x", c.x, f);
    if (c.y)
        write_labels("y", c.y, f);
    for (size_t r = 0; r < c.rows && r < csv->n_rows; r++)
        for (const struct panel *p = panels; p < panels + PANELS; p++) {
            const bool known = write_data(p, &c, r, csv, f);
            write_title(map, p, (const char *const *)csv->cells + r * csv->n_columns, f);
            (!known ? write_nothing : c.y ? write_map : write_lines)(p, &c, f);
        }
    fprintf(f, "unset multiplot\n");
}
