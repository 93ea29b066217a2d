    # the edge of the cores (or phase = 'shell') in `steps` frames, coloured by time; y runs down as in the picture
    phase = 'core'
    steps = 12
    stats table using (column('frame')) name 'K' nooutput
    set multiplot layout 1,1 title 'Edges of the cores through time'
    set size ratio -1
    set yrange [*:*] reverse
    set xlabel 'x (nm)'
    set ylabel 'y (nm)'
    unset grid
    set rmargin 14
    set style fill solid
    set datafile missing '?' # NaN must end a line here
    set palette defined (0 '#2a145a', 0.25 '#325096', 0.5 '#238c8c', 0.75 '#78be5a', 1 '#ebcd28')
    set cblabel axis
    # frames in rows of the table are every `step`-th; a ring ends where particle or ring changes
    ring = ''
    frames = ''
    stats table using (strstrt(frames, sprintf(' %d ', column('frame'))) ? 0 : (frames = frames.sprintf(' %d ', column('frame')), 0)) nooutput
    shown = ''
    do for [i = 1:words(frames)] {
        if (i == words(frames) || (i - 1) % (words(frames) / steps + 1) == 0) { shown = shown.sprintf(' %s ', word(frames, i)) }
    }
    key(z) = sprintf('%d/%d/%d', column('frame'), column('particle'), column('ring'))
    take(c) = strcol('phase') eq phase && strstrt(shown, sprintf(' %d ', column('frame'))) \
        ? (key(0) eq ring ? column(c) : (ring = key(0), NaN)) : NaN
    plot table using (take('x_nm')):(column('y_nm')):(when(0)) with lines linewidth 1.3 linecolor palette
    unset multiplot
    unset output
}
