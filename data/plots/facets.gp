    # one panel for each particle: heights of its facets against the first frame
    if (kind == 1) { # read once, for looking columns up by name takes its time: time, particle, facet, value, its sd
        set table $rows
        plot table using (when(0)):(column('particle')):(column('facet')):(column('height_change_nm')):(column('height_sd_nm')) with table
        unset table
        set datafile separator whitespace
        set datafile nocolumnheaders
        stats $rows using 1:2 name 'R' nooutput
        stats $rows using 3 name 'F' nooutput
    }
    n = int(R_max_y) > 4 ? 4 : int(R_max_y)
    if (R_max_x > R_min_x) { set xrange [R_min_x:R_max_x] }
    set multiplot layout n,1 title 'Heights of the facets against the first frame (bands: one standard deviation)'
    of(p, f, v) = $2 == p && $3 == f ? v : NaN
    do for [p = 1:n] {
        set xlabel (p == n ? axis : '')
        set ylabel sprintf('Particle %d: height change (nm)', p)
        plot for [f = int(F_min):int(F_max)] $rows using 1:(of(p, f, $4 - $5)):(of(p, f, $4 + $5)) with filledcurves linecolor rgb colour(f - int(F_min) + 1), \
             for [f = int(F_min):int(F_max)] $rows using 1:(of(p, f, $4)) with lines linewidth 2 \
                 linecolor rgb colour(f - int(F_min) + 1) title sprintf('facet %d', f)
    }
    unset multiplot
    unset output
}
