    # displacement of the scene from the first frame
    if (kind == 1) { # read once
        curves = 2; dx = number('dx_px'); dy = number('dy_px'); sd = number('sd_px')
        array v[2 * curves * slots]
        eval empty
        stats table using (go($1), put(0, cell(dx), cell(sd)), put(1, cell(dy), cell(sd)), 0) nooutput
        eval keep
        set xrange [begin:end]
    }
    set multiplot layout 1,1 title 'Drift (bands: one standard deviation)'
    set xlabel axis
    set ylabel 'Displacement (px)'
    plot $curves index 0 using 1:3:4 with filledcurves linecolor rgb colour(6), \
         $curves index 1 using 1:3:4 with filledcurves linecolor rgb colour(4), \
         $curves index 0 using 1:2 with lines linewidth 2 linecolor rgb colour(6) title 'to the right', \
         $curves index 1 using 1:2 with lines linewidth 2 linecolor rgb colour(4) title 'down', \
         $curves index 0 using 1:5 with points pointtype 7 pointsize 0.2 linecolor rgb colour(6), \
         $curves index 1 using 1:5 with points pointtype 7 pointsize 0.2 linecolor rgb colour(4)
    unset multiplot
    unset output
}
