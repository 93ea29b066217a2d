/* mc_scan_plot.h -- the picture of lctem mc scan */
#ifndef LCTEM_TOOLS_MC_SCAN_PLOT_H
#define LCTEM_TOOLS_MC_SCAN_PLOT_H

#include <lctem/table.h>
#include <lctem/mc_scan.h>
#include <stdio.h>

/** A grid of n_points; the last axis runs fastest. */
struct mc_map {
    const struct lct_mc_axis *axis;
    size_t n_axes, n_points;
};

/** Write a gnuplot script that draws scan.csv as scan.png: a row of panels for each combination of the axes behind the second; maps over
 *  the first two, or, where one of them has a single value, lines with error bars over the other. */
void mc_scan_script(const struct mc_map *map, const struct lct_csv *csv, FILE *f);

#endif
