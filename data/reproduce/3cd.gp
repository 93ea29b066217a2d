# Figures 3c and 3d of the paper from ../etching/result; make the picture again, in this folder, with: gnuplot 3cd.gp
set terminal pngcairo size 1000,480 font 'DejaVu Sans,10' background rgb 'white'
set output '3cd.png'
set encoding utf8
set datafile missing NaN
set datafile separator ','
set multiplot layout 1,2
set tics out nomirror
set palette defined (0 '#440154', 1 '#482878', 2 '#3e4989', 3 '#31688e', 4 '#26828e', 5 '#1f9e89', 6 '#35b779', 7 '#6ece58', 8 '#b5de2b')
set cbrange [0:30]
set cblabel 'Time (s)'
set xlabel 'Position along the facet (nm)'
set ylabel 'Height of the edge (nm)'
set yrange [3.8:6.2]
set xrange [-4:4]
unset key
layer = 0.25802
do for [k = 0:8] { set arrow k+1 from -4, 5.9 - k * layer to 4, 5.9 - k * layer nohead lc rgb '#bbbbbb' dt 3 back }
d = '../etching/result/profiles.csv'
second(t) = abs(t / 2.0 - floor(t / 2.0 + 0.5)) < 0.01
h(f) = column('facet') == f && second(column('time_s')) ? column('height_nm') : NaN
set title '3c: a bare facet, six layers in 25 s'
plot d using (column('x_nm')):(h(1)):(column('time_s')) with points pt 7 ps 0.5 lc palette
set title '3d: a covered facet, its shell opens at 18 s'
plot d using (column('x_nm')):(h(4)):(column('time_s')) with points pt 7 ps 0.5 lc palette
unset multiplot
