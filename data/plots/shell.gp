    # one panel for each particle: thickness of the shell at its facets
    if (kind == 1) { # read once, for looking columns up by name takes its time: time, particle, facet, value, its sd
        cell(name) = strlen(strcol(name)) ? strcol(name) : 'NaN'
        set datafile missing # an empty cell ends a line
        set table $rows
        plot table using (when(0)):(column('particle')):(column('facet')):(cell('shell_thickness_nm')):(cell('shell_thickness_sd_nm')) with table
        unset table
        set datafile separator whitespace
        set datafile nocolumnheaders
        stats $rows using 1:2 name 'R' nooutput
        stats $rows using 3 name 'F' nooutput
        n = int(R_max_y) > 4 ? 4 : int(R_max_y)
        facets = int(F_max - F_min) + 1
        array drawn[4] = ['', '', '', '']
        do for [curve = 0:n * facets - 1] { # a block for each curve: time, value, its band
            p = curve / facets + 1; f = F_min + curve % facets; found = 0
            set table $curves append
            plot $rows using 1:4:($4 - $5):($4 + $5) with table if ($2 == p && $3 == f && (found = found + (strcol(4) ne 'NaN'), 1))
            unset table
            set print $curves append
            do for [line in '"NaN NaN NaN NaN" "" ""'] { print line }
            unset print
            if (found) { drawn[p] = drawn[p].' '.curve }
        }
    }
    if (R_max_x > R_min_x) { set xrange [R_min_x:R_max_x] }
    set multiplot layout n,1 title 'Thickness of the shell at the facets (bands: one standard deviation)'
    do for [p = 1:n] {
        set xlabel (p == n ? axis : '')
        set ylabel sprintf('Particle %d: shell (nm)', p)
        if (strlen(drawn[p])) {
            plot for [c in drawn[p]] $curves index int(c) using 1:3:4 with filledcurves linecolor rgb colour(c % facets + 1), \
                 for [c in drawn[p]] $curves index int(c) using 1:2 with lines linewidth 2 \
                     linecolor rgb colour(c % facets + 1) title sprintf('facet %d', F_min + c % facets)
        } else {
            set multiplot next
        }
    }
    unset multiplot
    unset output
}
