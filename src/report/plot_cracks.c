#include <lctem/plot_cracks.h>

#include "plot_script.h"

/* Lanes from bottom to top: the facets of particle 1, a space, those of particle 2, and so on. */
static const char body[] =
    "    lives = '../crack_lives.csv'; onsets = '../onsets.csv'\n"
    "    set xrange [*:*]; set yrange [*:*] # of the picture before: what lies outside is not counted\n"
    "    stats lives using 'particle' name 'P' nooutput\n"
    "    stats lives using 'facet' name 'F' nooutput\n"
    "    stats lives using 'to_s' name 'T' nooutput\n"
    "    stats lives using 'position_frac' name 'A' nooutput\n"
    "    facets = exists('F_max') ? int(F_max) + 1 : 1\n"
    "    facets = facets < 6 ? 6 : facets\n"
    "    first = int(P_min); n = int(P_max)\n"
    "    lane(p, f) = (p - first) * (facets + 1) + f\n"
    "    mine(p) = column('particle') == p\n"
    "    set multiplot\n"
    "    set style fill solid 0.85 noborder\n"
    "    set size 1, 0.62; set origin 0, 0.38\n"
    "    set title 'Cracks in the rims: one bar each, from opening to healing'\n"
    "    set xlabel 'Time (s)'; set ylabel 'Particle / facet'\n"
    "    set ytics scale 0; set ytics () \n"
    "    do for [p = first:n] { do for [f = 0:facets - 1] { set ytics add (sprintf('%d/%d', p, f) lane(p, f)) } }\n"
    "    set yrange [-0.7:lane(n, facets - 1) + 0.7]; set xrange [0:exists('T_max') ? T_max : 1]\n"
    "    plot for [p = first:n] lives using (0.5 * (column('from_s') + column('to_s'))):(mine(p) ? lane(p, "
    "column('facet')) : NaN): \\\n"
    "             (column('from_s')):(column('to_s')):(lane(p, column('facet')) - 0.3):(lane(p, column('facet')) + "
    "0.3) \\\n"
    "             with boxxyerror linecolor rgb colour(p) title sprintf('particle %d', p), \\\n"
    "         onsets using (strcol('kind') eq 'growth' ? column('onset_s') : NaN):(column('particle') <= n && "
    "column('particle') >= first ? lane(column('particle'), column('facet')) : NaN): \\\n"
    "             (column('onset_sd_s')) with xerrorbars pointtype 9 pointsize 1.6 linewidth 1.5 linecolor rgb "
    "'#222222' title 'growth begins'\n"
    "    set size 1, 0.38; set origin 0, 0\n"
    "    set title 'Where they opened'\n"
    "    set xlabel 'Position along the facet (0: middle, -1 and 1: corners)'; set ylabel 'Cracks'\n"
    "    set xrange [-1.05:1.05]; set yrange [0:*]; set offsets 0, 0, 0.4, 0; set ytics autofreq scale 1\n"
    "    placed = exists('A_records') ? A_records : 0\n"
    "    edge(x) = x > 0.999 ? 0.999 : x\n"
    "    set boxwidth 0.18\n"
    "    plot lives using (0.2 * floor(edge(column('position_frac')) / 0.2) + 0.1):(1) smooth frequency with boxes "
    "linecolor rgb '#7799bb', \\\n"
    "         placed / 10.0 with lines linewidth 1.5 dashtype 2 linecolor rgb '#222222' title 'if anywhere alike'\n"
    "    unset multiplot\n"
    "    unset output\n"
    "}\n";

enum lct_status lct_plot_cracks(const char *dir, struct lct_err *err)
{
    const struct plot_script script = { "crack_lives", "", body };
    return plot_script_write(dir, &script, err);
}
