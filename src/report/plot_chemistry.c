#include <lctem/plot_chemistry.h>

#include "gnuplot.h"
#include "palette.h"
#include "part.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* `part` is set by lctem, so that a picture gets its name when it is whole; `colours` by the head that is written below. */
static const char script_setup[] =
    "if (!exists('part')) part = ''\n"
    "set encoding utf8\n"
    "set datafile separator comma\n"
    "set datafile columnheaders\n"
    "set datafile missing NaN\n"
    "colour(p) = word(colours, (p - 1) % words(colours) + 1)\n"
    "set style fill transparent solid 0.25 noborder\n"
    "set border 3 linewidth 1.2\n"
    "set tics out nomirror\n"
    "set grid y linetype 1 linecolor rgb '#dddddd' linewidth 0.8\n"
    "set lmargin 11\n"
    "set rmargin 22\n"
    "set key at graph 1.02, 1.0 left top reverse Left samplen 2 noautotitle\n"
    "\n"
    "do for [kind = 1:2] {\n"
    "    if (kind == 1) {\n"
    "        set terminal svg size 900,900 dynamic font 'DejaVu Sans,15' background rgb 'white'\n"
    "        set output name.'.svg'.part\n"
    "    } else {\n"
    "        set terminal pngcairo size 1350,1350 font 'DejaVu Sans,16' linewidth 1.5 background rgb 'white'\n"
    "        set output name.'.png'.part\n"
    "    }\n";

static const char concentration_body[] =
    "    of(a, c) = strcol('anchor') eq a ? column(c) : NaN\n"
    "    low(a, c, s) = strcol('anchor') eq a ? column(c) - column(s) : NaN\n"
    "    high(a, c, s) = strcol('anchor') eq a ? column(c) + column(s) : NaN\n"
    "    table = '../concentration.csv'\n"
    "    stages = '../stages.csv'\n"
    "    stats stages using (column('stage')) name 'S' nooutput\n"
    "    do for [i = 2:int(S_max)] { # the beginnings of the stages\n"
    "        stats stages using (column('stage') == i ? column('start_s') : NaN) name 'X' nooutput\n"
    "        set arrow i from X_min, graph 0 to X_min, graph 1 nohead linetype 1 dashtype 2 linecolor rgb '#888888'\n"
    "    }\n"
    "    # without a solubility there is no saturation anchor, and nothing to draw in its panel\n"
    "    undefine A_*\n"
    "    stats table using (of('saturation', 'cd_mol_per_l')) name 'A' nooutput\n"
    "    first = exists('A_records') && A_records > 0 ? 1 : 2\n"
    "    set multiplot layout 4 - first,1 title 'Ions in the pocket, for both anchors (bands: one standard deviation)'\n"
    "    do for [panel = first:3] {\n"
    "        anchor = panel == 1 ? 'saturation' : 'feed'\n"
    "        set xlabel (panel == 3 ? 'Time (s)' : '')\n"
    "        set ylabel (panel == 3 ? 'Charge residual (mol/L)' : 'Concentration (mol/L)')\n"
    "        unset label\n"
    "        set label 1 (panel == 1 ? 'saturated at the reference instant' : panel == 2 ? 'feed at the first frame' : 'feed anchor') \\\n"
    "            at graph 0.98, 0.1 right\n"
    "        if (panel < 3) {\n"
    "            plot table using (column('time_s')):(low(anchor, 'cd_mol_per_l', 'cd_sd_mol_per_l')):(high(anchor, 'cd_mol_per_l', 'cd_sd_mol_per_l')) \\\n"
    "                     with filledcurves linecolor rgb colour(1), \\\n"
    "                 table using (column('time_s')):(low(anchor, 'cl_mol_per_l', 'cl_sd_mol_per_l')):(high(anchor, 'cl_mol_per_l', 'cl_sd_mol_per_l')) \\\n"
    "                     with filledcurves linecolor rgb colour(2), \\\n"
    "                 table using (column('time_s')):(of(anchor, 'cd_mol_per_l')) with lines linewidth 2 linecolor rgb colour(1) title 'cation (Cd)', \\\n"
    "                 table using (column('time_s')):(of(anchor, 'cl_mol_per_l')) with lines linewidth 2 linecolor rgb colour(2) title 'anion (Cl)'\n"
    "        } else {\n"
    "            plot table using (column('time_s')):(low(anchor, 'charge_residual_mol_per_l', 'charge_residual_sd_mol_per_l')): \\\n"
    "                     (high(anchor, 'charge_residual_mol_per_l', 'charge_residual_sd_mol_per_l')) with filledcurves linecolor rgb colour(3), \\\n"
    "                 table using (column('time_s')):(of(anchor, 'charge_residual_mol_per_l')) with lines linewidth 2 linecolor rgb colour(3) \\\n"
    "                     title '2 cation - anion', \\\n"
    "                 0 with lines linecolor rgb '#444444' linewidth 0.8\n"
    "        }\n"
    "    }\n"
    "    unset multiplot\n"
    "    unset output\n"
    "}\n";

static const char budget_body[] =
    "    table = '../mass_budget.csv'\n"
    "    set multiplot layout 2,1 title 'Who lost and who gained (bars: one standard deviation)'\n"
    "    set style fill solid 0.85 noborder\n"
    "    set xtics 1 scale 0\n"
    "    stats table using (strcol('stage') eq '' ? NaN : column('stage')) name 'S' nooutput\n"
    "    stats table using (strcol('stage') eq '1' && strcol('who') ne 'sum' && strcol('who') ne 'liquid' ? column('who') : NaN) name 'P' nooutput\n"
    "    n = int(P_max) > 6 ? 6 : int(P_max)\n"
    "    w = 0.8 / (n + 1)\n"
    "    place(k) = column('stage') + (k - 0.5 * (n + 2)) * w\n"
    "    set xrange [0.5:S_max + 0.5]\n"
    "    do for [panel = 1:2] {\n"
    "        ion = panel == 1 ? 'cd' : 'cl'\n"
    "        set xlabel (panel == 2 ? 'Stage' : '')\n"
    "        set ylabel (panel == 1 ? 'Change of cation (amol)' : 'Change of anion (amol)')\n"
    "        plot for [k = 1:n] table using (strcol('stage') ne '' && strcol('who') eq sprintf('%d', k) ? place(k) : NaN): \\\n"
    "                 (column(ion.'_change_amol')):(w) \\\n"
    "                 with boxes linecolor rgb colour(k) title sprintf('particle %d', k), \\\n"
    "             for [k = 1:n] table using (strcol('stage') ne '' && strcol('who') eq sprintf('%d', k) ? place(k) : NaN): \\\n"
    "                 (column(ion.'_change_amol')):(column(ion.'_change_sd_amol')) with yerrorbars pointtype 0 linecolor rgb '#222222', \\\n"
    "             table using (strcol('stage') ne '' && strcol('who') eq 'liquid' ? place(n + 1) : NaN):(column(ion.'_change_amol')):(w) \\\n"
    "                 with boxes linecolor rgb '#7799bb' title 'liquid', \\\n"
    "             table using (strcol('stage') ne '' && strcol('who') eq 'liquid' ? place(n + 1) : NaN):(column(ion.'_change_amol')): \\\n"
    "                 (column(ion.'_change_sd_amol')) with yerrorbars pointtype 0 linecolor rgb '#222222', \\\n"
    "             '../stages.csv' using (column('stage')):(0):(strcol('label')) with labels offset 0, 0.8, \\\n"
    "             0 with lines linecolor rgb '#444444' linewidth 0.8\n"
    "    }\n"
    "    unset multiplot\n"
    "    unset output\n"
    "}\n";

static enum lct_status write_script(const char *path, const char *name, const char *body, struct lct_err *err)
{
    char *part = part_name(path);
    if (!part)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    enum lct_status status = LCT_OK;
    FILE *file = fopen(part, "w");
    if (file) {
        fprintf(file, "# Make the pictures again, in this folder, with: gnuplot %s.gp\nname = '%s'\ncolours = '", name, name);
        for (int i = 0; i < PALETTE_SIZE; i++)
            fprintf(file, "%s#%06X", i ? " " : "", (unsigned)palette_rgb[i]);
        fprintf(file, "'\n%s%s", script_setup, body);
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

static enum lct_status draw(const char *dir, const char *name, const char *body, const char *gnuplot, struct lct_err *err)
{
    char *plots = NULL, *script = NULL;
    if (asprintf(&plots, "%s/plots", dir) < 0)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    if (asprintf(&script, "%s/%s.gp", plots, name) < 0) {
        free(plots);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    }
    enum lct_status status = mkdir(plots, 0777) != 0 && errno != EEXIST ? part_fail(plots, errno, err) : LCT_OK;
    if (status == LCT_OK)
        status = write_script(script, name, body, err);
    if (status == LCT_OK)
        status = gnuplot_make_pictures(plots, name, gnuplot, err);
    free(script);
    free(plots);
    return status;
}

enum lct_status lct_plot_concentration(const char *dir, const char *gnuplot, struct lct_err *err)
{
    return draw(dir, "concentration", concentration_body, gnuplot, err);
}

enum lct_status lct_plot_mass_budget(const char *dir, const char *gnuplot, struct lct_err *err)
{
    return draw(dir, "mass_budget", budget_body, gnuplot, err);
}
