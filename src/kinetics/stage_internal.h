/* stage_internal.h -- segments with their slopes, and the rule that names them */
#ifndef LCTEM_KINETICS_STAGE_INTERNAL_H
#define LCTEM_KINETICS_STAGE_INTERNAL_H

#include <lctem/stage.h>

/* Curve of a particle: 2 p is its core, 2 p + 1 its shell. */
struct segment {
    double start_s, end_s;
    double *slope, *slope_sd; /* 2 n_particles, borrowed from the segments' memory; NaN: not there */
    double core_at_start;     /* of the loser, nm2 */
};

struct cast {
    size_t grower, loser;           /* particles */
    bool has_grower, has_loser;     /* else nobody is */
    double core_slope, shell_slope; /* slower than this stands still, nm2/s */
    double loser_max_nm2;
};

/* Who grows and who loses most? False: it takes two, and one is missing; of *out, only who there is stands then. */
bool stage_cast(struct cast *out, const struct lct_curves *curves, const struct segment *segments, size_t n);

/* Name each segment: the best rising sequence of labels. False: it leaves too much of the movie unexplained, or has no III. */
bool stage_name_segments(
    const struct cast *cast, const struct segment *segments, size_t n, enum lct_stage_label *labels);

/* When particle p is gone: it is lost from sight before. Its last areas go on as A = k (t0 - t)^q, q from 1 to 2, each q with the
 * weight that its fit deserves; *end is the mean of t0, its sigma holds their spread [K4]. *end stays as it is where the particle was
 * not small when last seen, or is seen until the last frame. */
void stage_find_end(struct lct_change *end, const struct lct_curves *curves, size_t p);

/* "core 1 grows (9.24 +- 0.11 nm2/s); ..." for what moves, by more than 4 sigma: mean rates as lct_area_rate has them. Where nothing does,
 * "perhaps ..." for the surest above 3, or "nothing changes". */
void stage_describe(char *text, size_t size, const struct lct_curves *curves, double start_s, double end_s);

#endif
