#include <lctem/plot.h>

#include "plot_script.h"

#include <stdio.h>
#include <stdlib.h>

static const char head_rest[] = "# particles are numbered 1, 2, ... in the order of appearance\n"
                                "stats table using 'particle' name 'P' nooutput\n"
                                "n = int(P_max)\n"
                                "stats table using 'time_s' name 'T' nooutput # warns where no time is known\n"
                                "timed = exists('T_records') && T_records > 0\n"
                                "mine(p) = column('particle') == p\n"
                                "# a movie whose frame time nobody knows is drawn against its frames\n"
                                "when(p) = timed ? column('time_s') : column('frame')\n"
                                "of(p, name) = mine(p) ? column(name) : NaN\n"
                                "edge(p, phase, k) = mine(p) ? column(phase.area) + k * column(phase.sd) : NaN\n"
                                "set yrange [0:*]\n"
                                "\n";

static const char body[] =
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

/* What the script says before it draws; to be freed. */
static char *head_of(const struct lct_plot_params *params)
{
    char *text = NULL;
    size_t n = 0;
    FILE *file = open_memstream(&text, &n);
    if (!file)
        return NULL;
    fputs("# Areas of cores and shells against time; bands are one standard deviation.\n"
          "table = '../areas.csv'\nheading = ",
        file);
    put_quoted(file, params->title ? params->title : "");
    fputs(params->has_pixel_size ? "\nunit = 'nm\u00b2'; area = '_area_nm2'; sd = '_area_sd_nm2'; bands = 1\n"
                                 : "\nunit = 'px'; area = '_area_px'; sd = ''; bands = 0 # no pixel size was given\n",
        file);
    fputs(head_rest, file);
    const bool failed = ferror(file) != 0;
    if (fclose(file) == 0 && !failed)
        return text;
    free(text);
    return NULL;
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
    char *head = head_of(params);
    if (!head)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    const struct plot_script script = { "areas", head, body };
    status = plot_script_write(dir, &script, err);
    free(head);
    return status;
}
