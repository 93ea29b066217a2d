    # one panel for each particle: heights of its facets against the first frame
    if (kind == 1) { # read once
        stats table using (column('particle')) name 'P' nooutput
        stats table using (column('facet')) name 'F' nooutput
        n = int(P_max) > 4 ? 4 : int(P_max)
        shown = int(P_max) > 4 ? sprintf("\n%d more particles are in the table", int(P_max) - 4) : ''
        facets = int(F_max - F_min) + 1
        curves = n * facets
        array v[2 * curves * slots]
        do for [i = 1:|v|] { v[i] = NaN }
        array drawn[4] = ['', '', '', '']
        array found[curves]
        found_in(k, x) = (found[k + 1] = x == x ? 1 : found[k + 1], x)
        do for [k = 1:curves] { found[k] = 0 }
        stats table using (go(column('frame')), p = column('particle') - 1, k = p * facets + column('facet') - F_min, p < n ? \
            (put(k, found_in(k, cell('height_change_nm'))), put(curves + k, cell('height_sd_nm'))) : 0, 0) nooutput
        do for [k = 0:curves - 1] { p = k / facets + 1; if (found[k + 1]) { drawn[p] = drawn[p].' '.k } }
        set datafile nocolumnheaders
        set xrange [begin:end]
    }
    set multiplot layout n,1 title 'Heights of the facets against the first frame (bands: one standard deviation)'.shown
    do for [p = 1:n] {
        set xlabel (p == n ? axis : '')
        set ylabel sprintf("Particle %d:\nheight change (nm)", p)
        if (strlen(drawn[p])) {
            plot for [c in drawn[p]] t using (t[$1]):(at(c) - at(curves + c)):(at(c) + at(curves + c)) \
                     with filledcurves linecolor rgb colour(c % facets + 1), \
                 for [c in drawn[p]] t using (t[$1]):(at(c)) with lines linewidth 2 \
                     linecolor rgb colour(c % facets + 1) title sprintf('facet %d', F_min + c % facets), \
                 for [c in drawn[p]] t using (t[$1]):(alone(c)) with points pointtype 7 pointsize 0.2 \
                     linecolor rgb colour(c % facets + 1)
        } else {
            set multiplot next
        }
    }
    unset multiplot
    unset output
}
