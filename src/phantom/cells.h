/* cells.h -- particles made of a lattice's columns instead of facets: hexagons with so many layers of core and shell */
#ifndef PHANTOM_CELLS_H
#define PHANTOM_CELLS_H

#include "polygon.h"
#include <lctem/phantom.h>

struct cells {
    struct lct_phantom_lattice given; /* its arrays are the caller's */
    double x0_nm, y0_nm;              /* of column (0, 0) */
};

/** Put the first state's middle at (x_nm, y_nm). */
void cells_set(struct cells *out, const struct lct_phantom_lattice *given, double x_nm, double y_nm);

/** What column i holds in a state, in layers. */
static inline unsigned cells_core(const struct cells *c, long state, size_t i)
{
    return c->given.core[(size_t)state * (size_t)c->given.nx * (size_t)c->given.ny + i];
}
static inline unsigned cells_shell(const struct cells *c, long state, size_t i)
{
    return c->given.shell[(size_t)state * (size_t)c->given.nx * (size_t)c->given.ny + i];
}

/** The column's hexagon, nm. */
void cells_outline(const struct cells *cells, size_t i, struct polygon *out);

/** Visit the hexagons with core (shell: those with shell and no core). */
void cells_visit(const struct cells *cells, long state, bool shell, polygon_visit_fn *visit, void *context);

/** Label at a place: 0 liquid, 1 core, 2 shell. */
uint16_t cells_label(const struct cells *cells, long state, double x_nm, double y_nm);

#endif
