/* shapes.h -- facets and profiles, once the movie is through: the outlines of all frames lie in the spool */
#ifndef LCTEM_PIPELINE_SHAPES_H
#define LCTEM_PIPELINE_SHAPES_H

#include "cracks.h"
#include "spool.h"

#include <lctem/facet.h>
#include <lctem/facet_life.h>
#include <lctem/layer.h>
#include <lctem/progress.h>
#include <lctem/robust.h>
#include <lctem/table.h>

/* Values of one quantity in the frames round frame k0, and what makes of them the value in k0. */
struct shapes_series {
    double x[LCT_ROBUST_POINTS], y[LCT_ROBUST_POINTS], sd[LCT_ROBUST_POINTS]; /* frames from k0, values, noise */
    size_t n;
};

/* What is known of a particle when all frames have been looked through. */
struct shapes_particle {
    struct lct_facet_set set;
    struct lct_facet_census census;
    long first, last, frames; /* first and last frame with a core; number of frames with one */
    double tilt[LCT_FACET_MAX], tilt_weight[LCT_FACET_MAX];
    double first_height_px[LCT_FACET_MAX]; /* NaN: not there yet */
    double spacing_nm[LCT_FACET_MAX];      /* of the planes along the facet; NaN: not known */
    struct lct_facet_life lives[LCT_FACET_MAX];
    struct lct_layer_follower layers[LCT_FACET_MAX];
    struct shapes_series start[2]; /* centroid in the first frames: x, y */
    char hkil[LCT_FACET_MAX][16];  /* "": not known */
};

struct shapes {
    const struct movie *movie;
    const struct plan *plan;
    struct spool *spool;
    const struct lct_progress *progress;
    const char *dir;
    int threads;
    struct lct_facet_params params;     /* square px of the frame */
    double aspect;                      /* height of a pixel over its width */
    struct shapes_particle **particles; /* n_particles by identity - 1; NULL: none of that number */
    int n_particles;
    struct cracks *cracks;      /* in their rims; owned; to be begun before shapes_write */
    struct shapes_plots *plots; /* borrowed; NULL: no pictures are wanted */
    struct lct_table *events;   /* borrowed; NULL: none are written */
    long n_events;              /* that were added */
    long tilt_stride;           /* frames from one whose edges' tilts are looked at to the next */
};

/* What one frame holds of one particle: outlines of core and whole particle in square px of the sample. */
struct shapes_view {
    long k;
    struct shapes_particle *particle;
    const struct lct_outline *core, *whole;
    const struct band *band;
    unsigned flags;
    void *product; /* what the walk's work has made of it */
};
typedef enum lct_status shapes_visit_fn(
    struct shapes *shapes, void *context, const struct shapes_view *view, struct lct_err *err);

/* Of what the facets are found. */
struct shapes_job {
    const struct movie *movie;
    const struct plan *plan;
    struct spool *spool; /* the sketches of all frames */
    const char *dir;     /* for the tables */
    int threads;
    const struct lct_progress *progress;
};

/* Find the facets of all particles. Everything given is borrowed until shapes_finish. */
LCT_MUST_CHECK enum lct_status shapes_begin(struct shapes *out, const struct shapes_job *job, struct lct_err *err);
void shapes_finish(struct shapes *shapes);

/* What is looked at of each frame, and what is made of it. */
struct shapes_walk {
    shapes_visit_fn *visit;
    void *context;                                      /* of visit */
    bool (*wants)(const struct shapes *shapes, long k); /* NULL: all frames */
    bool with_bands;                                    /* false: the views' bands are empty */

    /* What can be done before its turn, by any thread, while other frames are visited: it must not look at what `visit` changes. Into
     * view->product: product_size bytes, at first all 0, later as the work before has left them. NULL: nothing. */
    enum lct_status (*work)(const struct shapes *shapes, const struct shapes_view *view, struct lct_err *err);
    size_t product_size;
    void (*product_finish)(void *product); /* NULL: owns nothing */
};

/* Go through the wanted frames in order, and in each through its particles, ascending. */
LCT_MUST_CHECK enum lct_status shapes_each(struct shapes *shapes, const struct shapes_walk *walk, struct lct_err *err);

/* Error of the core's edge in frame k: the mean planes at the ends of a movie are of fewer frames. Square px of the
 * frame. */
struct lct_edge_error shapes_edge_error(const struct shapes *shapes, long k, enum lct_phase phase);

/* Indices and spacings of facets that run along planes of the crystal `core` in <dir>/lattice.csv; their directions are
 * then the lattice's. `core` is its name, or a name with indices. */
LCT_MUST_CHECK enum lct_status shapes_index(struct shapes *shapes, const char *core, struct lct_err *err);

/* Heights from the picture along the edges (lct_strip_fit) in place of those of the outline, where the picture shows
 * them. */
void shapes_refine(const struct shapes *shapes, const struct shapes_view *view, struct lct_facet_edge *edges);

/* Frames on either side of one that its heights are smoothed over. */
long shapes_lag(const struct shapes *shapes);

/* The origin of each particle: centroid of its core in its first frame, from the frames that follow as well. */
LCT_MUST_CHECK enum lct_status shapes_find_origins(struct shapes *shapes, struct lct_err *err);

/* Robust line at k0; `gain`: sd of the result over the noise of a frame like k0, whose mean is of `in_mean` frames. */
double shapes_series_at(const struct shapes_series *series, double lag, double in_mean, double *gain);

/* What is seen of a particle in one frame without looking at others: edges at the height that the picture gives, and the
 * core's profile along each of them. */
struct shapes_profile {
    long first;   /* its columns are centred on first, first + 1 .. first + n - 1 steps */
    size_t n, at; /* n heights, from heights_px[at] */
};
struct shapes_seen {
    struct lct_facet_edge edges[LCT_FACET_MAX];
    struct shapes_profile profiles[LCT_FACET_MAX];
    double *heights_px; /* n_heights of all facets; NaN: not known */
    size_t n_heights, capacity;
};

/* Work of a walk with bands: view->product is a struct shapes_seen. */
LCT_MUST_CHECK enum lct_status shapes_see(
    const struct shapes *shapes, const struct shapes_view *view, struct lct_err *err);
void shapes_seen_finish(void *seen);

/* Width of a profile's columns. */
double shapes_profile_step_px(const struct shapes *shapes);

/* facets.csv and profiles.csv; layers that come and go as events. */
LCT_MUST_CHECK enum lct_status shapes_write(struct shapes *shapes, struct lct_err *err);

#endif
