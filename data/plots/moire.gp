    # measured period, and dashed what equation (4) gives for the two spacings; a panel for each of a few particles,
    # or for all of them together a panel for each of the two
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
    together = n > 4
    panels = together ? 2 : n
    set lmargin 14 # two lines of label and numbers of five digits
    set multiplot layout panels,1 title 'Moiré period (bands: one standard deviation)'
    do for [panel = 0:panels - 1] {
        set xlabel (panel == panels - 1 ? axis : '')
        set ylabel (together ? (panel ? 'Equation (4) (nm)' : 'Moiré period (nm)') : \
            n > 1 ? sprintf("Particle %d:\nMoiré period (nm)", panel + 1) : 'Moiré period (nm)') offset -1
        from = together ? 0 : panel; to = together ? n - 1 : panel
        measured = !together || panel == 0; expected = !together || panel == 1
        plot for [p = from:measured ? to : from - 1] t using (t[$1]):(at(p) - at(n + p)):(at(p) + at(n + p)) \
                 with filledcurves linecolor rgb colour(p + 1), \
             for [p = from:measured ? to : from - 1] t using (t[$1]):(at(p)) with lines linewidth 2 linecolor rgb colour(p + 1) \
                 title sprintf('particle %d', p + 1), \
             for [p = from:measured ? to : from - 1] t using (t[$1]):(alone(p)) with points pointtype 7 pointsize 0.2 \
                 linecolor rgb colour(p + 1), \
             for [p = from:expected ? to : from - 1] t using (t[$1]):(at(2 * n + p)) with lines linewidth 1.2 dashtype 2 \
                 linecolor rgb (together ? colour(p + 1) : '#222222') title sprintf('%d, equation (4)', p + 1), \
             for [p = from:expected ? to : from - 1] t using (t[$1]):(alone(2 * n + p)) with points pointtype 7 pointsize 0.2 \
                 linecolor rgb (together ? colour(p + 1) : '#222222')
    }
    unset multiplot
    unset output
}
