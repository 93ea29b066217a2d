#include <lctem/plot.h>

#include "gnuplot.h"
#include "palette.h"
#include "part.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The body of areas.gp after its settings. `part` is set by lctem, so that a picture gets its name when it is whole. */
static const char script_body[] =
    "if (!exists('part')) part = ''\n"
    "set encoding utf8\n"
    "set datafile separator comma\n"
    "set datafile columnheaders\n"
    "set datafile missing NaN\n"
    "\n"
    "# particles are numbered 1, 2, ... in the order of appearance\n"
    "stats table using 'particle' name 'P' nooutput\n"
    "n = int(P_max)\n"
    "stats table using 'time_s' name 'T' nooutput # warns where no time is known\n"
    "timed = exists('T_records') && T_records > 0\n"
    "colour(p) = word(colours, (p - 1) % words(colours) + 1)\n"
    "mine(p) = column('particle') == p\n"
    "# a movie whose frame time nobody knows is drawn against its frames\n"
    "when(p) = timed ? column('time_s') : column('frame')\n"
    "of(p, name) = mine(p) ? column(name) : NaN\n"
    "edge(p, phase, k) = mine(p) ? column(phase.area) + k * column(phase.sd) : NaN\n"
    "\n"
    "set style fill transparent solid 0.25 noborder\n"
    "set border 3 linewidth 1.2\n"
    "set tics out nomirror\n"
    "set grid y linetype 1 linecolor rgb '#dddddd' linewidth 0.8\n"
    "set lmargin 10\n"
    "set rmargin 18\n"
    "set yrange [0:*]\n"
    "\n"
    "do for [kind = 1:2] {\n"
    "    if (kind == 1) {\n"
    "        set terminal svg size 900,720 dynamic font 'DejaVu Sans,15' background rgb 'white'\n"
    "        set output 'areas.svg'.part\n"
    "    } else {\n"
    "        set terminal pngcairo size 1000,800 font 'DejaVu Sans,12' linewidth 1.2 background rgb 'white'\n"
    "        set output 'areas.png'.part\n"
    "    }\n"
    "    set multiplot layout 2,1 title heading noenhanced\n"
    "    do for [panel = 1:2] {\n"
    "        phase = panel == 1 ? 'core' : 'shell'\n"
    "        set xlabel (panel == 2 ? (timed ? 'Time (s)' : 'Frame') : '')\n"
    "        set ylabel (panel == 1 ? 'Core area (' : 'Shell area (').unit.')'\n"
    "        if (panel == 1 && n <= 20) {\n"
    "            set key at graph 1.02, 1.0 left top reverse Left samplen 2 noautotitle\n"
    "        } else {\n"
    "            unset key\n"
    "        }\n"
    "        if (bands) {\n"
    "            plot for [p = 1:n] table using (when(p)):(edge(p, phase, -1)):(edge(p, phase, 1)) \\\n"
    "                     with filledcurves linecolor rgb colour(p) notitle, \\\n"
    "                 for [p = 1:n] table using (when(p)):(of(p, phase.area)) with lines \\\n"
    "                     linewidth 2 linecolor rgb colour(p) title sprintf('particle %d', p)\n"
    "        } else {\n"
    "            plot for [p = 1:n] table using (when(p)):(of(p, phase.area)) with lines \\\n"
    "                     linewidth 2 linecolor rgb colour(p) title sprintf('particle %d', p)\n"
    "        }\n"
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

static void put_script(FILE *file, const struct lct_plot_params *params)
{
    fputs("# Areas of cores and shells against time; bands are one standard deviation.\n"
          "# Make the pictures again, in this folder, with: gnuplot areas.gp\n"
          "table = '../areas.csv'\n", file);
    fputs("heading = ", file);
    put_quoted(file, params->title ? params->title : "");
    fputc('\n', file);
    if (params->has_pixel_size)
        fputs("unit = 'nm\u00b2'; area = '_area_nm2'; sd = '_area_sd_nm2'; bands = 1\n", file);
    else
        fputs("unit = 'px'; area = '_area_px'; sd = ''; bands = 0 # no pixel size was given\n", file);
    fputs("colours = '", file); /* Okabe and Ito, the same as in overlay.mp4 */
    for (int i = 0; i < PALETTE_SIZE; i++)
        fprintf(file, "%s#%06X", i ? " " : "", (unsigned)palette_rgb[i]);
    fputs("'\n", file);
    fputs(script_body, file);
}

static enum lct_status write_script(const char *path, const struct lct_plot_params *params, struct lct_err *err)
{
    char *part = part_name(path);
    if (!part)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    enum lct_status status = LCT_OK;
    FILE *file = fopen(part, "w");
    if (file) {
        put_script(file, params);
        const int failed = ferror(file);
        if (fclose(file) != 0 || failed)
            status = part_fail(path, errno, err);
    } else {
        status = part_fail(path, errno, err);
    }
    if (status == LCT_OK)
        status = part_keep(part, path, err);
    free(part);
    return status;
}

/* Is there anything below the header? */
static enum lct_status check_table(const char *dir, struct lct_err *err)
{
    char *path = NULL, *line = NULL;
    size_t size = 0;
    if (asprintf(&path, "%s/areas.csv", dir) < 0)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    enum lct_status status = LCT_OK;
    FILE *file = fopen(path, "r");
    if (!file)
        status = lct_fail(err, LCT_E_INPUT, "%s: cannot be read; run lctem analyze first", path);
    else if (getline(&line, &size, file) <= 0 || getline(&line, &size, file) <= 1)
        status = lct_fail(err, LCT_E_NODATA, "%s: no particle in the table, so there is nothing to plot", path);
    if (file)
        fclose(file);
    free(line);
    free(path);
    return status;
}

enum lct_status lct_plot_areas(const char *dir, const struct lct_plot_params *params, struct lct_err *err)
{
    enum lct_status status = check_table(dir, err);
    if (status != LCT_OK)
        return status;
    char *plots = NULL, *script = NULL;
    if (asprintf(&plots, "%s/plots", dir) < 0)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    if (asprintf(&script, "%s/areas.gp", plots) < 0) {
        free(plots);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    }
    if (mkdir(plots, 0777) != 0 && errno != EEXIST)
        status = part_fail(plots, errno, err);
    if (status == LCT_OK)
        status = write_script(script, params, err);
    if (status == LCT_OK)
        status = gnuplot_make_pictures(plots, "areas", params->gnuplot, err);
    free(script);
    free(plots);
    return status;
}
