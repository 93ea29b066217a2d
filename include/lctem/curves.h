/* curves.h -- areas of all particles against time, complete: what chemistry and kinetics work on */
#ifndef LCTEM_CURVES_H
#define LCTEM_CURVES_H

#include <lctem/err.h>
#include <stdbool.h>
#include <stddef.h>

/** How a value of a curve was got. */
enum lct_presence {
    LCT_PRESENCE_BEFORE, /**< the particle is not there yet: areas 0 */
    LCT_PRESENCE_MEASURED,
    LCT_PRESENCE_BETWEEN, /**< between two measured frames, linear in time; sigma of the worse one */
    LCT_PRESENCE_GONE,    /**< dissolved, merged or split: areas 0 */
};

/** What is known of one particle as a whole. */
struct lct_curve_particle {
    int id;
    bool cut;         /**< cut by the image's border in most frames: its areas are no balance */
    bool has_parent;  /**< came from a split or a merge */
    bool is_parent;   /**< others came from it */
    long first, last; /**< indices of its first and last measured time */
    double first_total_nm2, last_total_nm2, max_total_nm2;
};

/** Areas of n_particles at n_times; value of particle p at time t is [p * n_times + t]. Owned; see lct_curves_finish. */
struct lct_curves {
    size_t n_times, n_particles;
    long *frames;    /**< n_times, rising */
    double *times_s; /**< n_times, rising */
    struct lct_curve_particle *particles;
    /** Sigmas leave out what a touching particle has with the other sign (the table's `shared` columns, kept apart below): it cancels in
     *  sums over particles. */
    double *core_nm2, *core_sd_nm2, *shell_nm2, *shell_sd_nm2, *total_nm2, *total_sd_nm2;
    double *core_common_sd_nm2, *total_common_sd_nm2; /**< the part of a sigma that is alike in all frames */
    double *core_shared_sd_nm2, *total_shared_sd_nm2; /**< through the border to a touching particle */
    /** What the light does, over what is alike in all frames: both go with the length of the edge, so that one number holds for a
     *  movie. NaN: the table does not say. */
    double core_light_ratio, total_light_ratio;
    unsigned char *presence; /**< enum lct_presence */
    bool in_px;              /**< the movie has no scale: all areas are px2 */
    bool has_sd;             /**< sigmas came with the table; else they are 0 and only the scatter speaks */
    bool has_common;         /**< so did that part; else it is 0 */
    size_t n_between;        /**< values that were interpolated */
};

/** Read a table with the columns of areas.csv; `frames_csv` (may be NULL, may be missing) adds the times of frames without any
 *  particle. Needed are frame, time_s, particle, core_area_nm2 and shell_area_nm2; the sigmas, their common and shared parts, parent and flags are used where
 *  they are there. A table without any nm2, of a movie without a scale, gives px2 (in_px). Rows that are flagged `border` count as not measured, unless most of a particle's rows are (then: cut).
 *  LCT_E_INPUT: unreadable, a column is missing, a number is none or negative, times go back, a particle without any area: names
 *  file, line and remedy. LCT_E_NODATA: no rows, no times, no area. */
LCT_MUST_CHECK enum lct_status lct_curves_read(
    struct lct_curves *out, const char *areas_csv, const char *frames_csv, struct lct_err *err);

/** Accepts a zeroed struct; leaves it zeroed. */
void lct_curves_finish(struct lct_curves *curves);

/** Row of particle p in one of the arrays. */
static inline const double *lct_curves_row(const struct lct_curves *curves, const double *values, size_t p)
{
    return values + p * curves->n_times;
}

/** Where an instant lies between the times of the curves: how many values are wanted there, it is sought once. */
struct lct_curves_place {
    double time_s;
    size_t low, high; /**< the same: at that time, or beyond the ends */
    double part;      /**< of the way from low to high */
};
struct lct_curves_place lct_curves_find(const struct lct_curves *curves, double time_s);

/** At the time of index t. */
static inline struct lct_curves_place lct_curves_place_of(const struct lct_curves *curves, size_t t)
{
    return (struct lct_curves_place){ .time_s = curves->times_s[t], .low = t, .high = t };
}

/** Value there; `values`: n_times of them. */
static inline double lct_curves_value(const double *values, const struct lct_curves_place *at)
{
    return at->low == at->high ? values[at->low] : values[at->low] + at->part * (values[at->high] - values[at->low]);
}

/** Value at any time by linear interpolation, constant beyond the ends. `values`: n_times of them. */
double lct_curves_at(const struct lct_curves *curves, const double *values, double time_s);

/** Scatter of a curve about the line through its neighbours `lag` >= 1 frames before and after, robust; 0 for fewer than 3 such
 *  values. Only measured values count. Noise that wanders shows at a longer lag. [equation K1] */
double lct_curves_scatter(const struct lct_curves *curves, const double *values, size_t p, size_t lag);

#endif
