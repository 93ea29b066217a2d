    # measured period, and dashed what equation (4) gives for the two spacings
    if (kind == 1) { # read once: time, particle, period, its sd, and what the equation gives
        cell(name) = strlen(strcol(name)) ? strcol(name) : 'NaN'
        set datafile missing # an empty cell ends a line
        set table $rows
        plot table using (when(0)):(column('particle')):(cell('moire_nm')):(cell('moire_sd_nm')):(cell('moire_eq4_nm')) with table
        unset table
        set datafile separator whitespace
        set datafile nocolumnheaders
        stats $rows using 1:2 name 'R' nooutput
    }
    n = int(R_max_y)
    of(p, v) = $2 == p ? v : NaN
    if (R_max_x > R_min_x) { set xrange [R_min_x:R_max_x] }
    set multiplot layout 1,1 title 'Moiré period (bands: one standard deviation)'
    set xlabel axis
    set ylabel 'Moiré period (nm)'
    plot for [p = 1:n] $rows using 1:(of(p, $3 - $4)):(of(p, $3 + $4)) with filledcurves linecolor rgb colour(p), \
         for [p = 1:n] $rows using 1:(of(p, $3)) with lines linewidth 2 linecolor rgb colour(p) title sprintf('particle %d', p), \
         for [p = 1:n] $rows using 1:(of(p, $5)) with lines linewidth 1.5 dashtype 2 linecolor rgb colour(p) \
             title sprintf('%d, equation (4)', p)
    unset multiplot
    unset output
}
