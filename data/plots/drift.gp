    # displacement of the scene from the first frame
    if (kind == 1) { # read once
        array v[3 * slots]
        do for [i = 1:|v|] { v[i] = NaN }
        stats table using (go(column('frame')), put(0, cell('dx_px')), put(1, cell('dy_px')), put(2, cell('sd_px')), 0) nooutput
        set datafile nocolumnheaders
        set xrange [begin:end]
    }
    set multiplot layout 1,1 title 'Drift (bands: one standard deviation)'
    set xlabel axis
    set ylabel 'Displacement (px)'
    plot t using (t[$1]):(at(0) - at(2)):(at(0) + at(2)) with filledcurves linecolor rgb colour(6), \
         t using (t[$1]):(at(1) - at(2)):(at(1) + at(2)) with filledcurves linecolor rgb colour(4), \
         t using (t[$1]):(at(0)) with lines linewidth 2 linecolor rgb colour(6) title 'to the right', \
         t using (t[$1]):(at(1)) with lines linewidth 2 linecolor rgb colour(4) title 'down', \
         t using (t[$1]):(alone(0)) with points pointtype 7 pointsize 0.2 linecolor rgb colour(6), \
         t using (t[$1]):(alone(1)) with points pointtype 7 pointsize 0.2 linecolor rgb colour(4)
    unset multiplot
    unset output
}
