/* lattice.h -- the fringes of core, shell and rim as sums of plane waves */
#ifndef PHANTOM_LATTICE_H
#define PHANTOM_LATTICE_H

#include "scene.h"

enum { WAVES_MAX = 48 };

struct waves {
    int n;
    double gx[WAVES_MAX], gy[WAVES_MAX], amplitude[WAVES_MAX]; /**< 1/nm, y down */
};

/** Relative modulation of the intensity: core under its covers (a product of two lattices, so that it holds their sums and
 *  differences, the Moire among them), and the rim without its {0003} fringes. Waves that the pixels cannot carry are left out. */
void lattice_waves(
    const struct lattice *l, double direction_rad, double nm_per_px, struct waves *core, struct waves *rim);

/** What is left of a {0003} fringe after the microscope's information limit. */
double lattice_rim_amplitude(const struct lattice *l, double nm_per_px);

/** line[i] += sum of the waves at (x_nm + i nm_per_px, y_nm), i = 0 .. n-1. */
void lattice_add_row(const struct waves *w, double x_nm, double y_nm, double nm_per_px, int n, float *line);

/** 1/|g1 - g2| of the {11-20} pair. */
double lattice_moire_nm(const struct lattice *l);

#endif
