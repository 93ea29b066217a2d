/* claim.h -- a number of the paper and how ours is got; the table of them is in claims.c */
#ifndef LCTEM_REPRODUCE_CLAIM_H
#define LCTEM_REPRODUCE_CLAIM_H

#include "station.h"

#include <lctem/reproduce.h>

/* Ours. NaN: it did not happen. */
struct measured {
    double value, sd;
    char note[200]; /* instead of the claim's own, where not empty */
};

/* What a function of measure.h reads: cells of a table of the station, and instants. */
struct ask {
    const char *table, *column, *sd; /* sd: column of the sigma; NULL: none */
    const char *where;               /* "particle=2,facet=1"; NULL: every row */
    double from_s, to_s;             /* rows between them; both 0: all */
    double at;                       /* an instant, or a factor: see the function */
};

struct claim;
typedef enum lct_status measure_fn(
    struct measured *out, struct stations *s, const struct claim *claim, struct lct_err *err);

struct claim {
    const char *name, *figure, *quantity, *unit, *said;
    double paper, low, high;
    enum station station;
    const char *reading; /* STATION_READING: which one */
    measure_fn *measure; /* NULL: cannot be computed */
    struct ask ask;
    const char *note;
};

/* Ended by a row without a name. */
extern const struct claim claims[];

#endif
