#include <lctem/plot_chemistry.h>

#include "plot_look.h"
#include "plot_script.h"

#include <stdio.h>
#include <stdlib.h>

enum { FRAMES = 2000 };

static const char concentration_head[] =
    "stages = '../stages.csv'\n"
    "stats stages using (column('stage')) name 'S' nooutput\n"
    "array from[int(S_max)]\n"
    "array to[int(S_max)]\n"
    "array stage[int(S_max)]\n"
    "stats stages using (i = int(column('stage')), from[i] = column('start_s'), to[i] = column('end_s'), \\\n"
    "    stage[i] = strlen(strcol('label')) ? strcol('label') : sprintf('%d', i), 0) nooutput\n"
    "anchor = number('anchor')\n"
    "numbers = 'cd_mol_per_l cd_sd_mol_per_l cl_mol_per_l cl_sd_mol_per_l charge_residual_mol_per_l '. \\\n"
    "    'charge_residual_sd_mol_per_l'\n"
    "array at[6]\n"
    "do for [i = 1:6] { at[i] = number(word(numbers, i)) }\n"
    "curves = 6 # cation, anion, residual; of one anchor, then of the other\n"
    "array v[2 * curves * slots]\n"
    "eval empty\n"
    "stats table using (go($1), c = strcol(anchor) eq 'saturation' ? 0 : 3, put(c, cell(at[1]), cell(at[2])), \\\n"
    "    put(c + 1, cell(at[3]), cell(at[4])), put(c + 2, cell(at[5]), cell(at[6])), 0) nooutput\n"
    "# without a solubility there is no saturation anchor, and nothing to draw in its panel\n"
    "saturated = sum [i = 1:slots] (seen(0, i))\n"
    "eval keep\n"
    "set xrange [begin:end]\n";

static const char concentration_body[] =
    "    do for [i = 1:|from|] {\n"
    "        if (i > 1) {\n"
    "            set arrow i from from[i], graph 0 to from[i], graph 1 nohead linetype 1 dashtype 2 linecolor rgb "
    "'#888888'\n"
    "        }\n"
    "        set label i stage[i] at 0.5 * (from[i] + to[i]), graph 1 center offset 0, 0.6\n"
    "    }\n"
    "    first = saturated ? 1 : 2\n"
    "    set multiplot layout 4 - first,1 title 'Ions in the pocket, for both anchors (bands: one standard "
    "deviation)'\n"
    "    set tmargin 2.2\n"
    "    do for [panel = first:3] {\n"
    "        k = panel == 1 ? 0 : 3\n"
    "        set xlabel (panel == 3 ? 'Time (s)' : '')\n"
    "        set ylabel (panel == 3 ? 'Charge residual (mol/L)' : 'Concentration (mol/L)')\n"
    "        set key title (panel == 1 ? \"saturated at the\\nreference instant\" : panel == 2 ? \"feed at the\\nfirst "
    "frame\" : 'feed anchor') left\n"
    "        if (panel < 3) {\n"
    "            plot for [c = 0:1] $curves index k + c using 1:3:4 with filledcurves linecolor rgb colour(c + 1), \\\n"
    "                 for [c = 0:1] $curves index k + c using 1:2 with lines linewidth 2 linecolor rgb colour(c + 1) "
    "\\\n"
    "                     title (c ? anion : cation), \\\n"
    "                 for [c = 0:1] $curves index k + c using 1:5 with points pointtype 7 pointsize 0.2 linecolor rgb "
    "colour(c + 1), \\\n"
    "        } else {\n"
    "            plot $curves index k + 2 using 1:3:4 with filledcurves linecolor rgb colour(3), \\\n"
    "                 $curves index k + 2 using 1:2 with lines linewidth 2 linecolor rgb colour(3) \\\n"
    "                     title sprintf('%.3g %s - %s', ratio, cation, anion), \\\n"
    "                 $curves index k + 2 using 1:5 with points pointtype 7 pointsize 0.2 linecolor rgb colour(3), \\\n"
    "                 0 with lines linecolor rgb '#444444' linewidth 0.8\n"
    "        }\n"
    "    }\n"
    "    unset multiplot\n"
    "    unset output\n"
    "}\n";

static const char budget_body[] =
    "    table = '../mass_budget.csv'\n"
    "    set style fill solid 0.85 noborder\n"
    "    set xtics 1 scale 0\n"
    "    set y2range [0:1] # the names of the stages stand above the bars\n"
    "    set offsets 0, 0, graph 0.08, 0\n"
    "    stats table using (strcol('stage') eq '' ? NaN : column('stage')) name 'S' nooutput\n"
    "    stats table using (strcol('stage') eq '1' && strcol('who') ne 'sum' && strcol('who') ne 'liquid' ? "
    "column('who') : NaN) name 'P' nooutput\n"
    "    n = int(P_max) > 12 ? 12 : int(P_max)\n"
    "    more = int(P_max) > n ? sprintf(\"\\n%d more particles are in the table\", int(P_max) - n) : ''\n"
    "    set multiplot layout 2,1 title 'Who lost and who gained (bars: one standard deviation)'.more\n"
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

static enum lct_status write_script(const char *dir, struct plot_script *script, const struct lct_plot_ions *ions,
    const char *rows, struct lct_err *err)
{
    char *head = NULL;
    if (!rows
        || asprintf(&head, "cation = '%s'\nanion = '%s'\nratio = %.9g\n%s", ions->cation, ions->anion,
               ions->anions_per_cation, rows)
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
    const struct plot_look look = plot_look_at(dir, "concentration.csv", "cd_mol_per_l");
    char *places = plot_look_head(dir, "concentration.csv", &look, FRAMES), *rows = NULL;
    if (places && asprintf(&rows, "%s%s", places, concentration_head) < 0)
        rows = NULL;
    const enum lct_status status = write_script(dir, &script, ions, rows, err);
    free(rows);
    free(places);
    return status;
}

enum lct_status lct_plot_mass_budget(const char *dir, const struct lct_plot_ions *ions, struct lct_err *err)
{
    struct plot_script script = { .name = "mass_budget", .body = budget_body };
    return write_script(dir, &script, ions, "", err);
}
