    # measured period, and dashed what equation (4) gives for the two spacings; a panel for each of a few particles,
    # or for all of them together a panel for each of the two
    if (kind == 1) { # read once
        period = number('moire_nm'); period_sd = number('moire_sd_nm'); expected_period = number('moire_eq4_nm')
        stats table using particle name 'P' nooutput
        n = int(P_max)
        curves = 2 * n # measured, then expected
        array v[2 * curves * slots]
        eval empty
        stats table using (go($1), p = column(particle) - 1, put(p, cell(period), cell(period_sd)), \
            put(n + p, cell(expected_period), NaN), 0) nooutput
        eval keep
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
        plot for [p = from:measured ? to : from - 1] $curves index p using 1:3:4 \
                 with filledcurves linecolor rgb colour(p + 1), \
             for [p = from:measured ? to : from - 1] $curves index p using 1:2 with lines linewidth 2 linecolor rgb colour(p + 1) \
                 title sprintf('particle %d', p + 1), \
             for [p = from:measured ? to : from - 1] $curves index p using 1:5 with points pointtype 7 pointsize 0.2 \
                 linecolor rgb colour(p + 1), \
             for [p = from:expected ? to : from - 1] $curves index n + p using 1:2 with lines linewidth 1.2 dashtype 2 \
                 linecolor rgb (together ? colour(p + 1) : '#222222') title sprintf('%d, equation (4)', p + 1), \
             for [p = from:expected ? to : from - 1] $curves index n + p using 1:5 with points pointtype 7 pointsize 0.2 \
                 linecolor rgb (together ? colour(p + 1) : '#222222')
    }
    unset multiplot
    unset output
}
