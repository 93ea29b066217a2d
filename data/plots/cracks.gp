    # each gap in each frame: where along its facet, how wide
    stats table using (column('particle')) name 'P' nooutput
    n = int(P_max)
    of(p, c) = column('particle') == p ? column(c) : NaN
    stats table using (when(0)) name 'T' nooutput
    if (T_max > T_min) { set xrange [T_min:T_max] }
    set multiplot layout 2,1 title 'Gaps in the shell'
    set ylabel 'Position (0: middle, ±1: corners)'
    set yrange [-1.1:1.1]
    plot for [p = 1:n] table using (when(0)):(of(p, 'position_frac')) with points pointtype 7 pointsize 0.6 linecolor rgb colour(p) \
        title sprintf('particle %d', p)
    set yrange [0:*]
    set xlabel axis
    set ylabel 'Width (nm)'
    plot for [p = 1:n] table using (when(0)):(of(p, 'width_nm')):(column('width_sd_nm')) with yerrorbars pointtype 7 pointsize 0.4 \
        linecolor rgb colour(p) title ''
    unset multiplot
    unset output
}
