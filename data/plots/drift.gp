    # displacement of the scene from the first frame
    stats table using (when(0)) name 'T' nooutput
    if (T_max > T_min) { set xrange [T_min:T_max] }
    set multiplot layout 1,1 title 'Drift (bands: one standard deviation)'
    set xlabel axis
    set ylabel 'Displacement (px)'
    plot table using (when(0)):(column('dx_px') - column('sd_px')):(column('dx_px') + column('sd_px')) with filledcurves linecolor rgb colour(6), \
         table using (when(0)):(column('dy_px') - column('sd_px')):(column('dy_px') + column('sd_px')) with filledcurves linecolor rgb colour(4), \
         table using (when(0)):(column('dx_px')) with lines linewidth 2 linecolor rgb colour(6) title 'to the right', \
         table using (when(0)):(column('dy_px')) with lines linewidth 2 linecolor rgb colour(4) title 'down'
    unset multiplot
    unset output
}
