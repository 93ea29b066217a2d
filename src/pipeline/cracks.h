/* cracks.h -- gaps and voids in the rims of a whole movie: cracks.csv, voids.csv, and what happened to each crack */
#ifndef LCTEM_PIPELINE_CRACKS_H
#define LCTEM_PIPELINE_CRACKS_H

#include "plan.h"
#include "spool.h"

#include <lctem/crack.h>
#include <lctem/table.h>

extern const struct lct_table_spec cracks_table, voids_table;

/* A crack over its life. Frames are those of the run. */
struct crack_life {
    size_t id;             /* of the linker */
    int particle;
    long first, last;      /* seen */
    long opened, healed;   /* first and last frame in which it was at least half as wide as usual */
    long n;
    double width_px;       /* median */
    double most_px;        /* widest */
    double x_px, y_px;     /* where it opened, in the sample */
    bool open_at_start, open_at_end; /* of the movie, or of its particle: when it opened or healed is not known */
};

struct crack_lives {
    struct crack_life *life; /* n, by the frame of opening; owned */
    size_t n;
};
void crack_lives_finish(struct crack_lives *lives);

/* What the search is done on; all borrowed. */
struct cracks_job {
    const char *dir;
    const struct movie *movie;
    const struct plan *plan;
    struct spool *rims;    /* of all frames of the plan */
};

/* Go twice through the rims of a finished second pass: follow all gaps, then write those that are cracks. Whatever is seen too shortly or
 * is too shallow for its width is noise; what is too wide for a crack is a bare window [equations R3]. */
LCT_MUST_CHECK enum lct_status cracks_run(struct crack_lives *out, const struct cracks_job *job, struct lct_err *err);

#endif
