# Figure 4a of the paper from ../film/result; make the picture again, in this folder, with: gnuplot 4a.gp
set terminal pngcairo size 900,520 font 'DejaVu Sans,10' background rgb 'white'
set output '4a.png'
set encoding utf8
set datafile missing NaN
set datafile separator ','
set tics out nomirror
set xlabel 'Time (s)'
set ylabel 'Change of height (nm)'
set title '4a: facets of core 1'
set key top left Left reverse samplen 1.5
set xrange [0:50]
set yrange [-1.6:4.6]
set grid y lc rgb '#dddddd'
do for [t in "16 25 40"] { set arrow from first t+0, graph 0 to first t+0, graph 1 nohead lc rgb '#cc2222' lw 1.5 dt 2 }
colours = '#E69F00 #56B4E9 #009E73 #D55E00 #CC79A7 #0072B2'
colour(f) = word(colours, f + 1)
d = '../film/result/facets.csv'
of(f, c) = column('particle') == 1 && column('facet') == f ? column(c) : NaN
life = '../film/result/crack_lives.csv'
bar(f, c) = column('particle') == 1 && column('facet') == f ? column(c) : NaN
from(f) = bar(f, 'began_s') == bar(f, 'began_s') ? bar(f, 'began_s') : bar(f, 'opened_s')
until(f) = bar(f, 'healed_s') == bar(f, 'healed_s') ? bar(f, 'healed_s') : 50
plot for [f = 0:5] d using (column('time_s')):(of(f, 'height_change_nm')) with lines lw 2 lc rgb colour(f) title sprintf('facet %d', f), \
     for [f = 0:5] life using (from(f)):(-0.5 - 0.17 * f):(until(f) - from(f)):(0) \
         with vectors nohead lw 5 lc rgb colour(f) notitle
