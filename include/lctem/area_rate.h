/* area_rate.h -- mean rates and changes of areas and of facets' heights over a stretch of time, with what their sigmas hold */
#ifndef LCTEM_AREA_RATE_H
#define LCTEM_AREA_RATE_H

#include <lctem/curves.h>
#include <lctem/facet_series.h>
#include <lctem/rate.h>

/** An area of a particle. */
enum lct_quantity {
    LCT_QUANTITY_CORE,
    LCT_QUANTITY_SHELL,
    LCT_QUANTITY_TOTAL,
};
enum { LCT_N_QUANTITIES = LCT_QUANTITY_TOTAL + 1 };
const char *lct_quantity_name(enum lct_quantity quantity); /**< "core_area", "shell_area", "total_area" */

/** Its values, n_times of them. */
const double *lct_quantity_row(const struct lct_curves *curves, enum lct_quantity quantity, size_t p);

/** An area of a particle over a stretch of time. Frames in which the particle is there count: a stretch may reach beyond its life. */
struct lct_area_stretch {
    size_t p; /**< index in curves->particles; the identity is another number */
    enum lct_quantity quantity;
    double start_s, end_s; /**< times of the movie, frames at either are inside; -INFINITY to INFINITY: all of it */
};

/** Mean rate of an area over a stretch, in nm2/s (px2/s where curves->in_px): the least-squares slope, which is that of the true area
 *  over the same frames but for the errors of the measured ones. Those are the scatter from frame to frame; light, which is alike
 *  for a sixteenth of the movie; the place of the edge, four fifths of whose variance last while the edge moves by 10 nm, the rest
 *  0.1 nm; likewise the border to a touching particle. Errors of core and total add up in the shell's. Without sigmas in the table,
 *  what the curve scatters over a sixteenth of the movie stands for light. Pure; both are borrowed. [equation K5]
 *  LCT_E_NODATA: fewer than three frames. LCT_E_LIMIT: no memory; `out` is untouched then. */
LCT_MUST_CHECK enum lct_status lct_area_rate(
    const struct lct_curves *curves, const struct lct_area_stretch *stretch, struct lct_rate *out, struct lct_err *err);

/** How an area changes over the life of a particle: the means of up to five frames at either end; to 0 where it dissolves, that is
 *  where it is last seen before the end, with at most a quarter of its largest total area. */
struct lct_area_change {
    double start_nm2, end_nm2, mean_nm2;
    double change_nm2, change_sd_nm2; /**< end - start, through the same errors */
};
/** LCT_E_NODATA: fewer than four frames. LCT_E_LIMIT. */
LCT_MUST_CHECK enum lct_status lct_area_change(const struct lct_curves *curves, size_t p, enum lct_quantity quantity,
    struct lct_area_change *out, struct lct_err *err);

/** Mean rate of a facet's height over points from .. to - 1 of its series, in nm/s. `movie_s`: length of the movie. Of three times the
 *  variance that its sigma leaves after the scatter, errors fade as the edge moves by 0.3 nm; a tenth of it as light does.
 *  [equation K5] Statuses of lct_area_rate. */
LCT_MUST_CHECK enum lct_status lct_height_rate(const struct lct_facet_series *facet, size_t from, size_t to,
    double movie_s, struct lct_rate *out, struct lct_err *err);

#endif
