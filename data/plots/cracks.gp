    # each gap in each frame: where along its facet, how wide; a lane and a colour for each facet that has any
    if (kind == 1) {
        facet = number('facet'); place = number('position_frac'); width = number('width_nm'); width_sd = number('width_sd_nm')
        stats table using particle name 'P' nooutput
        stats table using facet name 'F' nooutput # none where the core has no facets
        facets = (exists('F_max') ? int(F_max) : -1) + 2 # the first of a particle: over no facet
        array lane[int(P_max) * facets]
        do for [i = 1:|lane|] { lane[i] = 0 }
        facet_of(z) = (column(particle) - 1) * facets + (valid(facet) ? column(facet) + 2 : 1)
        when(z) = timed ? column(time_s) : $1
        stats table using (lane[facet_of(0)] = 1, 0) nooutput
        names = ''; lanes = 0
        do for [i = 1:|lane|] {
            if (lane[i]) {
                lanes = lanes + 1; lane[i] = lanes
                f = (i - 1) % facets - 1
                names = names.sprintf(' %d/%s', (i - 1) / facets + 1, f < 0 ? '-' : sprintf('%d', f))
            }
        }
        tint(k) = int('0x'.substr(colour(k), 2, 7))
    }
    set xrange [begin:end]
    set multiplot
    set size 1, 0.56; set origin 0, 0.42
    set title 'Gaps in the shell: where along the facet (grey: its corners)'
    set ylabel 'Particle / facet'
    set yrange [0.45:lanes + 0.55]; set ytics scale 0; set ytics ()
    do for [k = 1:lanes] {
        set ytics add (word(names, k) k)
        do for [side = 0:1] {
            set arrow 2 * k + side from graph 0, first k + 0.8 * side - 0.4 to graph 1, first k + 0.8 * side - 0.4 nohead \
                linecolor rgb '#bbbbbb' linewidth 0.8
        }
    }
    unset key
    plot table using (when(0)):(lane[facet_of(0)] + 0.4 * (q = cell(place), q == q ? q : 0)):(tint(lane[facet_of(0)])) with points \
        pointtype 7 pointsize 0.5 linecolor rgb variable
    unset arrow
    set size 1, 0.42; set origin 0, 0
    set title 'How wide (bars: one standard deviation)'
    set xlabel axis
    set ylabel 'Width (nm)'
    set yrange [0:*]; set ytics autofreq scale 1; set errorbars 0
    set key at graph 1.02, 1.0 left top reverse Left samplen 2 noautotitle title 'Particle / facet' left
    plot table using (when(0)):(cell(width)):(cell(width_sd)):(tint(lane[facet_of(0)])) with yerrorbars \
             pointtype 7 pointsize 0.4 linewidth 0.8 linecolor rgb variable, \
         for [k = 1:lanes] NaN with points pointtype 7 pointsize 1 linecolor rgb colour(k) title word(names, k)
    unset multiplot
    unset output
}
