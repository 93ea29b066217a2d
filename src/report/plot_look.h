/* plot_look.h -- what a table holds, and how a script reads its curves */
#ifndef LCTEM_REPORT_PLOT_LOOK_H
#define LCTEM_REPORT_PLOT_LOOK_H

#include <stdbool.h>

/* What a look at a table says. */
struct plot_look {
    bool filled; /* the column has a number */
    bool timed;
    long frames, step; /* how many have rows; how far apart they mostly are */
    double begin, end; /* s, or frames */
};

/* Nothing seen, and steps of 1, where there is no such table. `column` NULL: any row will do. */
struct plot_look plot_look_at(const char *dir, const char *table, const char *column);

/* The lines that depend on the table: which rows are read (of at most `most` frames), the axis, which is the movie's, and places for
 * curves in which a line ends where frames are missing, not where another curve has its rows. To be freed; NULL: no memory. */
char *plot_look_head(const char *dir, const char *table, const struct plot_look *look, long most);

#endif
