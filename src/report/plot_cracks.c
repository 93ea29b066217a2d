#include <lctem/plot_cracks.h>

#include "plot_look.h"
#include "plot_script.h"

#include <stdio.h>
#include <stdlib.h>

/* Lanes from bottom to top: the facets of particle 1, a space, those of particle 2, and so on. */
static const char body[] =
    "    lives = '../crack_lives.csv'; onsets = '../onsets.csv'\n"
    "    set xrange [*:*]; set yrange [*:*] # of the picture before: what lies outside is not counted\n"
    "    stats lives using 'particle' name 'P' nooutput\n"
    "    stats lives using 'facet' name 'F' nooutput\n"
    "    stats lives using 'to_s' name 'T' nooutput\n"
    "    array bin[10]\n"
    "    do for [i = 1:10] { bin[i] = 0 }\n"
    "    place(x) = x > 0.999 ? 10 : x < -0.999 ? 1 : int(floor((x + 1) / 0.2)) + 1\n"
    "    most = 1; placed = 0; open = 0; loose = 0 # loose: over no facet\n"
    "    stats lives using (q = cell('position_frac'), i = q == q ? place(q) : 1, bin[i] = bin[i] + (q == q), \\\n"
    "        placed = placed + (q == q), most = most < bin[i] ? bin[i] : most, open = open + "
    "!strlen(strcol('healed_s')), \\\n"
    "        loose = loose + !strlen(strcol('facet')), 0) nooutput\n"
    "    until = exists('T_max') ? T_max : 1\n"
    "    until = end > until ? end : until\n"
    "    facets = exists('F_max') ? int(F_max) + 1 : 1\n"
    "    facets = facets < 6 ? 6 : facets\n"
    "    first = int(P_min); n = int(P_max)\n"
    "    lane(p, f) = (p - first) * (facets + 1) + f\n"
    "    mine(p) = column('particle') == p\n"
    "    set multiplot\n"
    "    set style fill solid 0.85 noborder\n"
    "    set size 1, 0.62; set origin 0, 0.38\n"
    "    set title 'Cracks in the rims: one bar each, from its beginning to its healing'\n"
    "    set xlabel 'Time (s)'; set ylabel 'Particle / facet'\n"
    "    set ytics scale 0; set ytics () \n"
    "    do for [p = first:n] { do for [f = 0:facets - 1] { set ytics add (sprintf('%d/%d', p, f) lane(p, f)) } }\n"
    "    if (loose) { do for [p = first:n] { set ytics add (sprintf('%d/-', p) lane(p, -1)) } }\n"
    "    set yrange [(loose ? -1.7 : -0.7):lane(n, facets - 1) + 0.7]; set xrange [begin:until]\n"
    "    bar(p, healed) = mine(p) && (strlen(strcol('healed_s')) > 0) == healed ? lane(p, strlen(strcol('facet')) ? "
    "column('facet') : -1) : NaN\n"
    "    # of no width yet, as onsets are timed against it; where that was not seen: half as wide as usual\n"
    "    from(z) = strlen(strcol('began_s')) ? column('began_s') : column('from_s')\n"
    "    middle(z) = 0.5 * (from(0) + column('to_s'))\n"
    "    plot for [p = first:n] lives using (middle(0)):(bar(p, 1)):(from(0)):(column('to_s')):(bar(p, 1) - 0.3):"
    "(bar(p, 1) + 0.3) \\\n"
    "             with boxxyerror linecolor rgb colour(p) fillstyle transparent solid 0.65 border title "
    "sprintf('particle %d', p), \\\n"
    "         for [p = first:n] lives using (middle(0)):(bar(p, 0)):(from(0)):(column('to_s')):(bar(p, 0) - 0.3):"
    "(bar(p, 0) + 0.3) \\\n"
    "             with boxxyerror linecolor rgb colour(p) fillstyle transparent solid 0.2 border \\\n"
    "             title (p == first && open ? 'open at the end' : ''), \\\n"
    "         lives using (from(0)):(lane(column('particle'), strlen(strcol('facet')) ? column('facet') : -1) - 0.2):"
    "(column('began_sd_s')) \\\n"
    "             with xerrorbars pointtype 0 linewidth 1 linecolor rgb '#555555' title 'sd of beginning', \\\n"
    "         onsets using (strcol('kind') eq 'growth' ? column('onset_s') : NaN):(column('particle') <= n && "
    "column('particle') >= first ? lane(column('particle'), column('facet')) : NaN): \\\n"
    "             (column('onset_sd_s')) with xerrorbars pointtype 9 pointsize 1.6 linewidth 1.5 linecolor rgb "
    "'#222222' title 'growth begins'\n"
    "    set size 1, 0.38; set origin 0, 0\n"
    "    set title 'Where they opened'\n"
    "    set xlabel 'Position along the facet (0: middle, -1 and 1: corners)'; set ylabel 'Cracks'\n"
    "    set xrange [-1.05:1.05]; set yrange [0:*]; set offsets 0, 0, 0.4, 0; set ytics autofreq scale 1\n"
    "    if (most < 8) { set ytics 1 }\n"
    "    set boxwidth 0.18\n"
    "    set datafile nocolumnheaders\n"
    "    plot bin using (0.2 * $1 - 1.1):(bin[$1]) with boxes linecolor rgb '#7799bb', \\\n"
    "         placed / 10.0 with lines linewidth 1.5 dashtype 2 linecolor rgb '#222222' title 'if anywhere alike'\n"
    "    set datafile columnheaders\n"
    "    unset multiplot\n"
    "    unset output\n"
    "}\n";

enum lct_status lct_plot_cracks(const char *dir, struct lct_err *err)
{
    const struct plot_look movie = plot_look_at(dir, "frames.csv", "time_s");
    char *head = NULL;
    if (asprintf(&head, "begin = %.9g; end = %.9g\ncell(name) = strlen(strcol(name)) ? real(strcol(name)) : NaN\n",
            movie.timed ? movie.begin : 0.0, movie.timed ? movie.end : 0.0)
        < 0)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    const struct plot_script script = { "crack_lives", head, body };
    const enum lct_status status = plot_script_write(dir, &script, err);
    free(head);
    return status;
}
