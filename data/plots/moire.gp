    # measured period, and dashed what equation (4) gives for the two spacings; a panel for each of a few particles
    if (kind == 1) { # read once
        stats table using (column('particle')) name 'P' nooutput
        n = int(P_max)
        array v[3 * n * slots]
        do for [i = 1:|v|] { v[i] = NaN }
        stats table using (go(column('frame')), p = column('particle') - 1, put(p, cell('moire_nm')), \
            put(n + p, cell('moire_sd_nm')), put(2 * n + p, cell('moire_eq4_nm')), 0) nooutput
        set datafile nocolumnheaders
        set xrange [begin:end]
    }
    panels = n > 4 ? 1 : n
    set multiplot layout panels,1 title 'Moiré period (bands: one standard deviation)'
    do for [panel = 0:panels - 1] {
        set xlabel (panel == panels - 1 ? axis : '')
        set ylabel (panels > 1 ? sprintf('Particle %d: Moiré period (nm)', panel + 1) : 'Moiré period (nm)')
        from = n > 4 ? 0 : panel; to = n > 4 ? n - 1 : panel
        plot for [p = from:to] t using (t[$1]):(at(p) - at(n + p)):(at(p) + at(n + p)) with filledcurves linecolor rgb colour(p + 1), \
             for [p = from:to] t using (t[$1]):(at(p)) with lines linewidth 2 linecolor rgb colour(p + 1) \
                 title sprintf('particle %d', p + 1), \
             for [p = from:to] t using (t[$1]):(at(2 * n + p)) with lines linewidth 1.2 dashtype 2 \
                 linecolor rgb (n > 4 ? colour(p + 1) : '#222222') title sprintf('%d, equation (4)', p + 1), \
             for [p = from:to] t using (t[$1]):(alone(p)) with points pointtype 7 pointsize 0.2 linecolor rgb colour(p + 1)
    }
    unset multiplot
    unset output
}
