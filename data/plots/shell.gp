    # one panel for each particle: thickness of the shell at its facets
    if (kind == 1) { # read once
        facet = number('facet'); value = number('shell_thickness_nm'); value_sd = number('shell_thickness_sd_nm')
        stats table using particle:facet name 'T' nooutput
        F_min = T_min_y; F_max = T_max_y
        array panel_of[int(T_max_x)] # of each particle; 0: it has none
        do for [p = 1:|panel_of|] { panel_of[p] = 0 }
        stats table using (x = cell(value), p = column(particle), panel_of[p] = x == x ? 1 : panel_of[p], 0) nooutput
        n = 0; more = 0; particles = ''
        do for [p = 1:|panel_of|] {
            if (panel_of[p]) {
                if (n < 4) { n = n + 1; panel_of[p] = n; particles = particles.' '.p } else { more = more + 1; panel_of[p] = 0 }
            }
        }
        shown = more ? sprintf("\n%d more particle%s in the table", more, more > 1 ? 's are' : ' is') : ''
        facets = int(F_max - F_min) + 1
        curves = n * facets
        array v[2 * curves * slots]
        eval empty
        array drawn[4] = ['', '', '', '']
        array found[curves]
        found_in(k, x) = (found[k + 1] = x == x ? 1 : found[k + 1], x)
        do for [k = 1:curves] { found[k] = 0 }
        stats table using (go($1), p = panel_of[column(particle)], k = (p - 1) * facets + column(facet) - F_min, p ? \
            put(k, found_in(k, cell(value)), cell(value_sd)) : 0, 0) nooutput
        do for [k = 0:curves - 1] { p = k / facets + 1; if (found[k + 1]) { drawn[p] = drawn[p].' '.k } }
        eval keep
        set xrange [begin:end]
    }
    set lmargin 13 # two lines of label and the numbers
    set multiplot layout n,1 title 'Thickness of the shell at the facets (bands: one standard deviation)'.shown
    do for [p = 1:n] {
        set xlabel (p == n ? axis : '')
        set ylabel sprintf("Particle %s:\nshell (nm)", word(particles, p)) offset -1
        plot for [c in drawn[p]] $curves index int(c) using 1:3:4 \
                 with filledcurves linecolor rgb colour(c % facets + 1), \
             for [c in drawn[p]] $curves index int(c) using 1:2 with lines linewidth 2 \
                 linecolor rgb colour(c % facets + 1) title sprintf('facet %d', F_min + c % facets), \
             for [c in drawn[p]] $curves index int(c) using 1:5 with points pointtype 7 pointsize 0.2 \
                 linecolor rgb colour(c % facets + 1)
    }
    unset multiplot
    unset output
}
