/* station.h -- what rows are measured on: films and ensembles, each made once, when the first row asks for it */
#ifndef LCTEM_REPRODUCE_STATION_H
#define LCTEM_REPRODUCE_STATION_H

#include <lctem/mc_barrier.h>
#include <lctem/mc_ensemble.h>
#include <lctem/moire_run.h>
#include <lctem/reproduce.h>

enum station {
    STATION_NONE,
    STATION_FORMULA,     /* a formula of the library, no data */
    STATION_FILM,        /* the phantom of the paper's experiment, analyzed */
    STATION_ETCHING,     /* the phantom of its etched facets, analyzed */
    STATION_STILL,       /* two lattices on each other */
    STATION_POCKET,      /* the paper's areas, turned into concentrations */
    STATION_READING,     /* an ensemble of the lattice model, by name */
    STATION_CORE,        /* free energy of the core's new layer */
    STATION_OPENING_TWO, /* free energy of exposing the core, two shell layers */
    STATION_OPENING_ONE,
    N_STATIONS
};

/* A reading of the printed recipe: a preset and what is set beside it. */
struct reading {
    const char *name, *preset;
    const char *set[6]; /* "KEY=VALUE", NULL-terminated */
    const char *words;
};
extern const struct reading readings[];
enum { N_READINGS = 12 };

struct ensemble {
    struct lct_mc_passage *passages; /* n, owned; NULL: not run yet */
    size_t n;
    struct lct_mc_waiting bare, shell;
    struct lct_mc_estimate ratio;
};

struct stations {
    const struct lct_reproduce_params *params;
    const struct lct_reproduce_hooks *hooks;
    bool made[N_STATIONS];
    struct lct_moire still;
    struct ensemble ensembles[N_READINGS];
    struct lct_mc_mean coexistence_kt, opening_kt[2];
    char command[600];
    char folder[600];
};

/* Make the station unless it is there. */
enum lct_status station_visit(struct stations *s, enum station station, struct lct_err *err);

/* The ensemble of a reading, run unless it was. */
enum lct_status station_reading(struct stations *s, const char *name, const struct ensemble **out, struct lct_err *err);

/* Parameters of a reading. */
enum lct_status reading_params(const char *name, struct lct_mc_params *out, struct lct_err *err);

/* What is peculiar to it. */
const char *station_reading_words(const char *name);

/* Folder in which the station's tables are, below the output; valid until the next call. */
const char *station_folder(struct stations *s, enum station station);

/* The command that makes it; valid until the next call. */
const char *station_command(struct stations *s, enum station station, const char *reading);

/* Replicas of each kind. */
size_t station_replicas(const struct stations *s);

void stations_finish(struct stations *s);

/* `name` below the output folder, with the folders above it made; caller frees. */
enum lct_status station_path(const struct stations *s, const char *name, char **out, struct lct_err *err);

#endif
