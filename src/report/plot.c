#include <lctem/plot.h>

#include "plot_look.h"
#include "plot_script.h"

#include <lctem/file.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FRAMES = 2000 };

static const char head_rest[] =
    "# particles are numbered 1, 2, ... in the order of appearance; curves: their cores, then their shells\n"
    "stats table using particle name 'P' nooutput\n"
    "n = int(P_max)\n"
    "core = number('core'.area); shell = number('shell'.area)\n"
    "core_sd = number('core'.sd); shell_sd = number('shell'.sd)\n"
    "curves = 2 * n\n"
    "array v[2 * curves * slots]\n"
    "eval empty\n"
    "stats table using (go($1), p = column(particle) - 1, put(p, cell(core), cell(core_sd)), \\\n"
    "    put(n + p, cell(shell), cell(shell_sd)), 0) nooutput\n"
    "eval keep\n"
    "set xrange [begin:end]\n"
    "set yrange [0:*]\n"
    "\n";

static const char body[] =
    "    set multiplot layout 2,1 title heading noenhanced\n"
    "    do for [panel = 1:2] {\n"
    "        first = panel == 1 ? 0 : n\n"
    "        set xlabel (panel == 2 ? axis : '')\n"
    "        set ylabel (panel == 1 ? 'Core area (' : 'Shell area (').unit.')'\n"
    "        if (panel == 1 && n <= 20) {\n"
    "            set key at graph 1.02, 1.0 left top reverse Left samplen 2 noautotitle\n"
    "        } else {\n"
    "            unset key\n"
    "        }\n"
    "        plot for [c = first:first + (bands ? n : 0) - 1] $curves index c using 1:3:4 \\\n"
    "                 with filledcurves linecolor rgb colour(c - first + 1) notitle, \\\n"
    "             for [c = first:first + n - 1] $curves index c using 1:2 with lines \\\n"
    "                 linewidth 2 linecolor rgb colour(c - first + 1) title sprintf('particle %d', c - first + 1), \\\n"
    "             for [c = first:first + n - 1] $curves index c using 1:5 with points \\\n"
    "                 pointtype 7 pointsize 0.2 linecolor rgb colour(c - first + 1) notitle\n"
    "    }\n"
    "    unset multiplot\n"
    "    unset output\n"
    "}\n";

/* A gnuplot string in single quotes; a quote inside is doubled. */
static void put_quoted(FILE *file, const char *text)
{
    fputc('\'', file);
    for (; *text; text++) {
        if (*text == '\'')
            fputc('\'', file);
        fputc(*text == '\n' ? ' ' : *text, file);
    }
    fputc('\'', file);
}

/* What the script says before it draws; to be freed. */
static char *head_of(const char *dir, const struct plot_look *look, const struct lct_plot_params *params)
{
    char *text = NULL, *rows = plot_look_head(dir, "areas.csv", look, FRAMES);
    size_t n = 0;
    FILE *file = rows ? open_memstream(&text, &n) : NULL;
    if (!file) {
        free(rows);
        return NULL;
    }
    fprintf(file, "# Areas of cores and shells against time; bands are one standard deviation.\n%sheading = ", rows);
    put_quoted(file, params->title ? params->title : "");
    fputs(params->has_pixel_size ? "\nunit = 'nm\u00b2'; area = '_area_nm2'; sd = '_area_sd_nm2'; bands = 1\n"
                                 : "\nunit = 'px'; area = '_area_px'; sd = ''; bands = 0 # no pixel size was given\n",
        file);
    fputs(head_rest, file);
    free(rows);
    const bool failed = ferror(file) != 0;
    if (fclose(file) == 0 && !failed)
        return text;
    free(text);
    return NULL;
}

/* Is there anything below the header? */
static enum lct_status check_table(const char *dir, const struct plot_look *look, struct lct_err *err)
{
    char *path = lct_file_join(dir, "areas.csv");
    if (!path)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    enum lct_status status = LCT_OK;
    if (access(path, R_OK) != 0)
        status = lct_fail(err, LCT_E_INPUT, "%s: cannot be read; run lctem analyze first", path);
    else if (look->frames == 0)
        status = lct_fail(err, LCT_E_NODATA, "%s: no particle in the table, so there is nothing to plot", path);
    free(path);
    return status;
}

enum lct_status lct_plot_areas(const char *dir, const struct lct_plot_params *params, struct lct_err *err)
{
    const struct plot_look look = plot_look_at(dir, "areas.csv", NULL);
    enum lct_status status = check_table(dir, &look, err);
    if (status != LCT_OK)
        return status;
    char *head = head_of(dir, &look, params);
    if (!head)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    const struct plot_script script = { "areas", head, body };
    status = plot_script_write(dir, &script, err);
    free(head);
    return status;
}
