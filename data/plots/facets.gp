    # one panel for each particle: heights of its facets against the first frame
    stats table using (column('particle')) name 'P' nooutput
    stats table using (column('facet')) name 'F' nooutput
    n = int(P_max) > 4 ? 4 : int(P_max)
    stats table using (when(0)) name 'T' nooutput
    if (T_max > T_min) { set xrange [T_min:T_max] }
    set multiplot layout n,1 title 'Heights of the facets against the first frame (bands: one standard deviation)'
    of(p, f, c) = column('particle') == p && column('facet') == f ? column(c) : NaN
    edge(p, f, k) = column('particle') == p && column('facet') == f ? column('height_change_nm') + k * column('height_sd_nm') : NaN
    do for [p = 1:n] {
        set xlabel (p == n ? axis : '')
        set ylabel sprintf('Particle %d: height change (nm)', p)
        plot for [f = int(F_min):int(F_max)] table using (when(0)):(edge(p, f, -1)):(edge(p, f, 1)) with filledcurves linecolor rgb colour(f - int(F_min) + 1), \
             for [f = int(F_min):int(F_max)] table using (when(0)):(of(p, f, 'height_change_nm')) with lines linewidth 2 \
                 linecolor rgb colour(f - int(F_min) + 1) title sprintf('facet %d', f)
    }
    unset multiplot
    unset output
}
