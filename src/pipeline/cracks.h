/* cracks.h -- gaps and voids in the rims of a whole movie: cracks.csv, voids.csv, and what happened to each crack */
#ifndef LCTEM_PIPELINE_CRACKS_H
#define LCTEM_PIPELINE_CRACKS_H

#include "plan.h"
#include "spool.h"

#include <lctem/crack.h>
#include <lctem/crack_stats.h>
#include <lctem/rim_facet.h>
#include <lctem/table.h>

extern const struct lct_table_spec cracks_table, voids_table;

/* A crack over its life. Frames are those of the run; px are those of the sample. */
struct crack_life {
    int particle;
    int facet;           /* in which it was seen most often; -1: none */
    long first, last;    /* seen */
    long opened, healed; /* first and last frame in which it was at least half as wide as usual */
    long n;              /* frames in which it was seen */
    double width_px;     /* median */
    double most_px;      /* widest */
    double x_px, y_px;   /* where it opened */
    double opened_frac;  /* position along its facet then, -1 to 1; NaN: not over a facet */
    size_t trail;        /* its number among all gaps that were followed */
    struct crack_rise {
        struct crack_point {
            double time_s, width_px;
        } points[3];        /* its width passes 1/4, 1/2 and 3/4 of width_px; NaN: not yet */
        double width_sd_px; /* then */
        double mean_s;      /* over which the frame was the mean */
        long k;             /* of the last frame in which it was seen; -1: none */
        double width_px;    /* in that frame */
    } rise;
    long seen_on[LCT_FACET_MAX];
};

struct cracks; /* opaque */

/* Thickness of a layer of the shell that the recipe names: its (0003) spacing; NaN: not known. */
double cracks_layer_nm(const struct lct_recipe *recipe);

/* What the search is done on; all borrowed until cracks_destroy. */
struct cracks_job {
    const char *dir;
    const struct movie *movie;
    const struct plan *plan;
    double layer_px;    /* thickness of a layer of the shell; NaN: not known */
    struct spool *rims; /* of all frames of the plan */
};

/* Follow all gaps through the rims of a finished second pass, and begin the tables. Whatever is seen too shortly or is
 * too shallow for its width is noise; what is too wide for a crack is a bare window [equations R3]. */
LCT_MUST_CHECK enum lct_status cracks_begin(struct cracks **out, const struct cracks_job *job, struct lct_err *err);

/* A particle in a frame, with its facets; square px of the sample. */
struct cracks_view {
    long k;
    const struct lct_facet_set *set;
    const struct lct_facet_edge *edges; /* set->n */
    struct lct_edge_error inner, outer; /* of the core's edge and of the particle's */
};

/* Write what is missing in the rim of this particle, and say what each facet's rim is like (`rims`, set->n). Frames
 * rise. */
LCT_MUST_CHECK enum lct_status cracks_visit(
    struct cracks *cracks, const struct cracks_view *view, struct lct_rim_facet *rims, struct lct_err *err);

/* When all have been visited: close the tables. */
LCT_MUST_CHECK enum lct_status cracks_end(struct cracks *cracks, struct lct_err *err);

/* The cracks, in the order in which they were first seen; number i + 1 in cracks.csv. Borrowed. */
const struct crack_life *cracks_lives(const struct cracks *cracks, size_t *n);

/* When a crack was of no width, on the straight line that it opens along, and the standard deviation of that instant.
 * NaN: its opening was not seen. [equations R5] */
struct crack_beginning {
    double time_s, sd_s;
} cracks_beginning(const struct crack_life *life);

/* How long which length of each facet was watched. Borrowed. */
const struct lct_crack_risk *cracks_risks(const struct cracks *cracks, size_t *n);

/* Accepts NULL inside; writes NULL. */
void cracks_destroy(struct cracks **cracks);

#endif
