    # measured period, and dashed what equation (4) gives for the two spacings
    stats table using (column('particle')) name 'P' nooutput
    n = int(P_max)
    of(p, c) = column('particle') == p ? column(c) : NaN
    edge(p, k) = column('particle') == p ? column('moire_nm') + k * column('moire_sd_nm') : NaN
    stats table using (when(0)) name 'T' nooutput
    if (T_max > T_min) { set xrange [T_min:T_max] }
    set multiplot layout 1,1 title 'Moiré period (bands: one standard deviation)'
    set xlabel axis
    set ylabel 'Moiré period (nm)'
    plot for [p = 1:n] table using (when(0)):(edge(p, -1)):(edge(p, 1)) with filledcurves linecolor rgb colour(p), \
         for [p = 1:n] table using (when(0)):(of(p, 'moire_nm')) with lines linewidth 2 linecolor rgb colour(p) title sprintf('particle %d', p), \
         for [p = 1:n] table using (when(0)):(of(p, 'moire_eq4_nm')) with lines linewidth 1.5 dashtype 2 linecolor rgb colour(p) \
             title sprintf('%d, equation (4)', p)
    unset multiplot
    unset output
}
