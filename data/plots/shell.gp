    # one panel for each particle: thickness of the shell at its facets
    stats table using (column('particle')) name 'P' nooutput
    stats table using (column('facet')) name 'F' nooutput
    n = int(P_max) > 4 ? 4 : int(P_max)
    stats table using (when(0)) name 'T' nooutput
    if (T_max > T_min) { set xrange [T_min:T_max] }
    set multiplot layout n,1 title 'Thickness of the shell at the facets (bands: one standard deviation)'
    of(p, f, c) = column('particle') == p && column('facet') == f ? column(c) : NaN
    edge(p, f, k) = column('particle') == p && column('facet') == f ? column('shell_thickness_nm') + k * column('shell_thickness_sd_nm') : NaN
    do for [p = 1:n] {
        set xlabel (p == n ? axis : '')
        set ylabel sprintf('Particle %d: shell (nm)', p)
        plot for [f = int(F_min):int(F_max)] table using (when(0)):(edge(p, f, -1)):(edge(p, f, 1)) with filledcurves linecolor rgb colour(f - int(F_min) + 1), \
             for [f = int(F_min):int(F_max)] table using (when(0)):(of(p, f, 'shell_thickness_nm')) with lines linewidth 2 \
                 linecolor rgb colour(f - int(F_min) + 1) title sprintf('facet %d', f)
    }
    unset multiplot
    unset output
}
