/* laps.h -- where the time of a run goes, for run.json and for who makes it faster */
#ifndef LCTEM_PIPELINE_LAPS_H
#define LCTEM_PIPELINE_LAPS_H

#include <lctem/json.h>
#include <lctem/log.h>

/* The stages of a run, in their order, each on all threads; tracking goes on beside measuring. */
enum lap {
    LAP_PLAN, /* first pass, levels, film, edges */
    LAP_READ, /* second pass: frames and their planes */
    LAP_SEGMENT,
    LAP_TRACK,
    LAP_MEASURE,  /* outlines, areas, lattices; drawing */
    LAP_WRITE,    /* tables, label stack, video */
    LAP_SHAPES,   /* facets, profiles, cracks */
    LAP_PICTURES, /* plots; concentrations, stages and rates with them */
    LAP_COUNT,
};

struct laps {
    lct_clock_fn *clock; /* NULL: no times */
    void *context;
    double last_s;
    double wall_s[LAP_COUNT];
};

void laps_begin(struct laps *laps, lct_clock_fn *clock, void *context);

/* The time since the last call was spent in `lap`. */
void laps_end(struct laps *laps, enum lap lap);

/* Of what was spent in `from`, `spent_s` was for `to`, which went on beside it. */
void laps_move(struct laps *laps, enum lap from, enum lap to, double spent_s);

/* An object `stages_s` of what was spent; nothing without a clock. */
void laps_put(const struct laps *laps, struct lct_json *json);

#endif
