#include <lctem/plot_chemistry.h>

#include "plot_script.h"

#include <stdio.h>
#include <stdlib.h>

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
    "    set multiplot layout 4 - first,1 title 'Ions in the pocket, for both anchors (bands: one standard "
    "deviation)'\n"
    "    set y2range [0:1] # for the names of the stages\n"
    "    do for [panel = first:3] {\n"
    "        anchor = panel == 1 ? 'saturation' : 'feed'\n"
    "        set xlabel (panel == 3 ? 'Time (s)' : '')\n"
    "        set ylabel (panel == 3 ? 'Charge residual (mol/L)' : 'Concentration (mol/L)')\n"
    "        unset label\n"
    "        set label 1 (panel == 1 ? 'saturated at the reference instant' : panel == 2 ? 'feed at the first frame' : "
    "'feed anchor') \\\n"
    "            at graph 0.98, 0.1 right\n"
    "        if (panel < 3) {\n"
    "            plot table using (column('time_s')):(low(anchor, 'cd_mol_per_l', 'cd_sd_mol_per_l')):(high(anchor, "
    "'cd_mol_per_l', 'cd_sd_mol_per_l')) \\\n"
    "                     with filledcurves linecolor rgb colour(1), \\\n"
    "                 table using (column('time_s')):(low(anchor, 'cl_mol_per_l', 'cl_sd_mol_per_l')):(high(anchor, "
    "'cl_mol_per_l', 'cl_sd_mol_per_l')) \\\n"
    "                     with filledcurves linecolor rgb colour(2), \\\n"
    "                 table using (column('time_s')):(of(anchor, 'cd_mol_per_l')) with lines linewidth 2 linecolor rgb "
    "colour(1) title cation, \\\n"
    "                 table using (column('time_s')):(of(anchor, 'cl_mol_per_l')) with lines linewidth 2 linecolor rgb "
    "colour(2) title anion, \\\n"
    "                 stages using (0.5 * (column('start_s') + column('end_s'))):(panel == 1 ? 0.5 : "
    "0.95):(strcol('label')) axes x1y2 with labels\n"
    "        } else {\n"
    "            plot table using (column('time_s')):(low(anchor, 'charge_residual_mol_per_l', "
    "'charge_residual_sd_mol_per_l')): \\\n"
    "                     (high(anchor, 'charge_residual_mol_per_l', 'charge_residual_sd_mol_per_l')) with "
    "filledcurves linecolor rgb colour(3), \\\n"
    "                 table using (column('time_s')):(of(anchor, 'charge_residual_mol_per_l')) with lines linewidth 2 "
    "linecolor rgb colour(3) \\\n"
    "                     title sprintf('%.3g %s - %s', ratio, cation, anion), \\\n"
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
    "    set y2range [0:1] # the names of the stages stand above the bars\n"
    "    set offsets 0, 0, graph 0.08, 0\n"
    "    stats table using (strcol('stage') eq '' ? NaN : column('stage')) name 'S' nooutput\n"
    "    stats table using (strcol('stage') eq '1' && strcol('who') ne 'sum' && strcol('who') ne 'liquid' ? "
    "column('who') : NaN) name 'P' nooutput\n"
    "    n = int(P_max) > 6 ? 6 : int(P_max)\n"
    "    w = 0.8 / (n + 1)\n"
    "    place(k) = column('stage') + (k - 0.5 * (n + 2)) * w\n"
    "    low(ion) = column(ion.'_change_amol') - column(ion.'_change_sd_amol')\n"
    "    bar(ion) = 2 * column(ion.'_change_sd_amol')\n"
    "    set xrange [0.5:S_max + 0.5]\n"
    "    do for [panel = 1:2] {\n"
    "        ion = panel == 1 ? 'cd' : 'cl'\n"
    "        set xlabel (panel == 2 ? 'Stage' : '')\n"
    "        set ylabel (panel == 1 ? sprintf('Change of %s and its metal (amol)', cation) : sprintf('Change of %s "
    "(amol)', anion))\n"
    "        plot for [k = 1:n] table using (strcol('stage') ne '' && strcol('who') eq sprintf('%d', k) ? place(k) : "
    "NaN): \\\n"
    "                 (column(ion.'_change_amol')):(w) \\\n"
    "                 with boxes linecolor rgb colour(k) title sprintf('particle %d', k), \\\n"
    "             for [k = 1:n] table using (strcol('stage') ne '' && strcol('who') eq sprintf('%d', k) ? place(k) : "
    "NaN): \\\n"
    "                 (low(ion)):(0):(bar(ion)) with vectors heads size screen 0.006,90 linecolor rgb '#222222', \\\n"
    "             table using (strcol('stage') ne '' && strcol('who') eq 'liquid' ? place(n + 1) : "
    "NaN):(column(ion.'_change_amol')):(w) \\\n"
    "                 with boxes linecolor rgb '#7799bb' title 'liquid', \\\n"
    "             table using (strcol('stage') ne '' && strcol('who') eq 'liquid' ? place(n + 1) : "
    "NaN):(low(ion)):(0):(bar(ion)) \\\n"
    "                 with vectors heads size screen 0.006,90 linecolor rgb '#222222', \\\n"
    "             '../stages.csv' using (column('stage')):(0.97):(strcol('label')) axes x1y2 with labels, \\\n"
    "             0 with lines linecolor rgb '#444444' linewidth 0.8\n"
    "    }\n"
    "    unset multiplot\n"
    "    unset output\n"
    "}\n";

static enum lct_status write_script(
    const char *dir, struct plot_script *script, const struct lct_plot_ions *ions, struct lct_err *err)
{
    char *head = NULL;
    if (asprintf(
            &head, "cation = '%s'\nanion = '%s'\nratio = %.9g\n", ions->cation, ions->anion, ions->anions_per_cation)
        < 0)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    script->head = head;
    const enum lct_status status = plot_script_write(dir, script, err);
    free(head);
    return status;
}

enum lct_status lct_plot_concentration(const char *dir, const struct lct_plot_ions *ions, struct lct_err *err)
{
    struct plot_script script = { .name = "concentration", .body = concentration_body };
    return write_script(dir, &script, ions, err);
}

enum lct_status lct_plot_mass_budget(const char *dir, const struct lct_plot_ions *ions, struct lct_err *err)
{
    struct plot_script script = { .name = "mass_budget", .body = budget_body };
    return write_script(dir, &script, ions, err);
}
