# Figures 5b to 5d of the paper from ../model; make the picture again, in this folder, with: gnuplot 5bcd.gp
set terminal pngcairo size 1400,460 font 'DejaVu Sans,10' background rgb 'white'
set output '5bcd.png'
set encoding utf8
set datafile missing NaN
set pointintervalbox 0.001
set datafile separator ','
set multiplot layout 1,3
set tics out nomirror
set format x '%.0s%c'
set title '5b: core and shell of eight replicas'
set xlabel 'Steps'
set ylabel 'Over the value at the start'
set logscale x
set xrange [100:2e5]
set yrange [0:2.2]
set key at graph 0.03, 0.32 left Left reverse samplen 1.5
one(r, c, first) = column('replica') == r ? column(c) / first : NaN
plot for [r = 0:7] '../model/grow/growth.csv' using (column('step')):(one(r, 'core_sites', 200.0)) with lines lc rgb '#D55E00' \
         title (r ? '' : 'core, with shell'), \
     for [r = 0:7] '../model/grow/growth.csv' using (column('step')):(one(r, 'shell_area_sites', 28.0)) with lines lc rgb '#E69F00' \
         title (r ? '' : 'area of its shell'), \
     for [r = 0:7] '../model/grow_bare/growth.csv' using (column('step')):(one(r, 'core_sites', 200.0)) with lines lc rgb '#0072B2' \
         title (r ? '' : 'core, bare')
set title '5c: doubling, printed: 20 times faster without shell'
set ylabel 'Share that has doubled'
set yrange [0:1.3]
set key default
set key top left Left reverse samplen 1.5
set xtics 1
d = '../model/one-layer-300/doubling.csv'
took(k) = strcol('shell') eq k ? log10(column('doubling_steps')) : NaN
unset logscale x
set xrange [2:5.3]
set format x '10^{%g}'
plot d using (took('no')):(1) smooth cnormal with lines lw 2 lc rgb '#0072B2' title 'bare', \
     d using (took('yes')):(1) smooth cnormal with lines lw 2 lc rgb '#D55E00' title 'with shell', \
     d using (log10(20) + took('no')):(1) smooth cnormal with lines lw 1.5 dt 2 lc rgb '#cc2222' title 'bare, 20 times slower'
set title '5d: free energy'
set format x '%g'
set xlabel 'q: core sites exposed, or beyond the start'
set ylabel 'F(q) / kT'
set xrange [-0.5:12.5]
set yrange [-2:40]
set key default
set key top right samplen 1.5
set xtics 2
plot '../model/opening_two/barrier.csv' using 1:2:3 with yerrorlines pt 7 lw 1.5 lc rgb '#D55E00' title 'exposed, two layers', \
     '../model/opening_one/barrier.csv' using 1:2:3 with yerrorlines pt 7 lw 1.5 lc rgb '#E69F00' title 'exposed, one layer', \
     '../model/layer/barrier.csv' using ($1 >= 0 ? $1 : NaN):2:3 with yerrorlines pt 5 lw 1.5 lc rgb '#0072B2' title 'new layer of the core, mu -36.7', \
     3 with lines dt 2 lc rgb '#cc2222' title 'printed: opening costs 3 kT'
unset multiplot
