    # height of a facet along itself and through time, against the first frame: choose another one here
    particle = 1
    facet = -1 # -1: the one that moves most
    stats table using (column('particle') == particle ? column('facet') : NaN) name 'F' nooutput
    if (facet < 0) {
        most = -1
        do for [f = int(F_min):int(F_max)] {
            stats table using (column('particle') == particle && column('facet') == f ? column('height_nm') : NaN) name 'R' nooutput
            if (R_max - R_min > most) { most = R_max - R_min; facet = f }
        }
    }
    mine(z) = column('particle') == particle && column('facet') == facet
    stats table using (mine(0) ? column('frame') : NaN) name 'K' nooutput
    stats table using (mine(0) && column('frame') == K_min ? column('height_nm') : NaN) name 'H' nooutput
    set multiplot layout 1,1 title sprintf('Facet %d of particle %d', facet, particle)
    set xlabel axis
    set ylabel 'Position along the facet (nm)'
    unset grid
    set rmargin 14
    set style fill solid
    set palette defined (-1 '#14469a', -0.5 '#78aad7', 0 '#f2f2f2', 0.5 '#eba55f', 1 '#aa4600')
    set cblabel 'Height against the mean of the first frame (nm)'
    stats table using (mine(0) && column('frame') == K_min ? column('x_nm') : NaN) name 'X' nooutput
    dx = X_records > 1 ? (X_max - X_min) / (X_records - 1) : 1
    stats table using (mine(0) ? when(0) : NaN) name 'T' nooutput
    dt = K_max > K_min ? (T_max - T_min) / (K_max - K_min) : 1
    set xrange [T_min - dt / 2:T_max + dt / 2]
    stats table using (mine(0) ? abs(column('height_nm') - H_mean) : NaN) name 'M' nooutput
    set cbrange [-M_max:M_max]
    plot table using (mine(0) ? when(0) : NaN):(column('x_nm')):(0.52 * dt):(0.52 * dx):(column('height_nm') - H_mean) \
        with boxxyerror linecolor palette
    unset multiplot
    unset output
}
