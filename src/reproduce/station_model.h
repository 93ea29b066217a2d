/* station_model.h -- the stations of the lattice model, and files that are built in */
#ifndef LCTEM_REPRODUCE_STATION_MODEL_H
#define LCTEM_REPRODUCE_STATION_MODEL_H

#include "station.h"

/* Sample a free energy and write its barrier.csv below model/. */
enum lct_status station_free_energy(struct stations *s, enum station station, struct lct_err *err);

/* Into s->command. */
void station_model_command(struct stations *s, enum station station, const char *reading);

/* Write a file that is built in to <output>/<folder>/<asset>; *path (may be NULL): where, the caller's to free. */
enum lct_status station_unpack(
    const struct stations *s, const char *asset, const char *folder, char **path, struct lct_err *err);

#endif
