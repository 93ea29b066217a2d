# Figures 2c and 2d of the paper from ../film/result; make the picture again, in this folder, with: gnuplot 2cd.gp
set terminal pngcairo size 1400,500 font 'DejaVu Sans,10' background rgb 'white'
set output '2cd.png'
set encoding utf8
set datafile missing NaN
set multiplot
set tics out nomirror
set palette defined (0 '#440154', 1 '#482878', 2 '#3e4989', 3 '#31688e', 4 '#26828e', 5 '#1f9e89', 6 '#35b779', 7 '#6ece58', 8 '#b5de2b')
set cbrange [0:50]
set cblabel 'Time (s)' offset 1,0
set xlabel 'x (nm)'
set yrange [45:8]
set size ratio -1
unset key
do for [p = 1:2] {
    set lmargin at screen (p == 1 ? 0.05 : 0.31)
    set rmargin at screen (p == 1 ? 0.27 : 0.53)
    set tmargin at screen 0.9
    set bmargin at screen 0.13
    set title sprintf('2c: core %d', p)
    set xrange [(p == 1 ? 4 : 18) : (p == 1 ? 33 : 47)]
    if (p == 1) { unset colorbox; set ylabel 'y (nm)' } else { set colorbox user origin 0.545,0.2 size 0.008,0.6; unset ylabel }
    plot sprintf('../film/result/plots/contours_%d.dat', p) index 0 using 1:2:3 with lines lw 1.2 lc palette
}
set datafile separator ','
unset colorbox
set size noratio
set lmargin at screen 0.67
set rmargin at screen 0.98
set title '2d: areas'
set xrange [0:50]
set yrange [0:*]
set xlabel 'Time (s)'
set ylabel 'Area (nm²)'
set key top left Left reverse samplen 1.5
do for [t in "16 25 40"] { set arrow from first t+0, graph 0 to first t+0, graph 1 nohead lc rgb '#cc2222' lw 1.5 dt 2 }
d = '../film/result/areas.csv'
of(p, c) = column('particle') == p ? column(c) : NaN
plot d using (column('time_s')):(of(1, 'core_area_nm2')) with lines lw 2 lc rgb '#D55E00' title 'core 1', \
     d using (column('time_s')):(of(2, 'core_area_nm2')) with lines lw 2 lc rgb '#0072B2' title 'core 2', \
     d using (column('time_s')):(of(1, 'shell_area_nm2')) with lines lw 2 dt 2 lc rgb '#E69F00' title 'shell 1', \
     d using (column('time_s')):(of(2, 'shell_area_nm2')) with lines lw 2 dt 2 lc rgb '#56B4E9' title 'shell 2', \
     '-' using 1:2 with points pt 4 ps 1.6 lw 2 lc rgb '#cc2222' title 'printed'
0,201
16,148
e
unset multiplot
