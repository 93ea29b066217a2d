#include "rates.h"

#include <stdlib.h>

struct offset {
    int x, y, z;
};

/* Half of each stencil; the other half is the opposite directions. Axial coordinates: (1,0), (0,1) and (1,-1) are the three
 * directions of the hexagonal plane. */
static const struct offset plane_and_z[] = { { 1, 0, 0 }, { 0, 1, 0 }, { 1, -1, 0 }, { 0, 0, 1 } };
/* hcp: a layer sits over the triangles of the one below, to and fro, so "up" depends on the layer's parity */
static const struct offset hcp[2][6] = {
    { { 1, 0, 0 }, { 0, 1, 0 }, { 1, -1, 0 }, { 0, 0, 1 }, { -1, 0, 1 }, { 0, -1, 1 } },
    { { 1, 0, 0 }, { 0, 1, 0 }, { 1, -1, 0 }, { 0, 0, 1 }, { 1, 0, 1 }, { 0, 1, 1 } },
};

static struct offset offset_of(int stencil, int direction, int z)
{
    const int half = stencil / 2;
    const bool back = direction >= half;
    const int d = back ? direction - half : direction;
    struct offset o = stencil == 12 ? hcp[(z - (back && d >= 3 ? 1 : 0)) & 1][d] : plane_and_z[d];
    if (back)
        o = (struct offset){ -o.x, -o.y, -o.z };
    return o;
}

/* Coordinate on an axis of n sites; -1 beyond an open border. */
static int wrap(int i, int n, bool periodic)
{
    if (i >= 0 && i < n)
        return i;
    return periodic ? (i % n + n) % n : -1;
}

static uint32_t neighbour_of(const struct lct_mc_params *p, int x, int y, int z, int direction)
{
    const struct offset o = offset_of(p->stencil, direction, z);
    const int u = wrap(x + o.x, p->nx, p->periodic_x);
    const int v = wrap(y + o.y, p->ny, p->periodic_y);
    const int w = wrap(z + o.z, p->nz, p->periodic_z);
    if (u < 0 || v < 0 || w < 0 || (u == x && v == y && w == z))
        return LCT_MC_NO_SITE;
    return (uint32_t)(((size_t)v * (size_t)p->nx + (size_t)u) * (size_t)p->nz + (size_t)w);
}

static void count_multiplicity(struct lct_mc_lattice *l, const uint32_t *row)
{
    for (int d = 0; d < l->stencil; d++) {
        int times = 0;
        for (int e = 0; e < l->stencil; e++)
            times += row[e] == row[d];
        if (row[d] != LCT_MC_NO_SITE)
            l->multiplicity[d] = times; /* the same at every site that has a neighbour there */
    }
}

enum lct_status lct_mc_lattice_init(
    struct lct_mc_lattice *out, const struct lct_mc_params *p, struct lct_err *err)
{
    struct lct_mc_lattice l = { .nx = p->nx, .ny = p->ny, .nz = p->nz, .stencil = p->stencil, .half = p->stencil / 2 };
    l.n_sites = (uint32_t)((size_t)p->nx * (size_t)p->ny * (size_t)p->nz); /* bounded by lct_mc_check */
    l.neighbour = malloc((size_t)l.n_sites * (size_t)l.stencil * sizeof *l.neighbour);
    l.degree = calloc(l.n_sites, sizeof *l.degree);
    if (!l.neighbour || !l.degree) {
        lct_mc_lattice_finish(&l);
        return lct_fail(err, LCT_E_LIMIT, "size: no memory for %d x %d x %d sites", p->nx, p->ny, p->nz);
    }
    for (int d = 0; d < l.stencil; d++)
        l.multiplicity[d] = 1;
    size_t i = 0;
    for (int y = 0; y < p->ny; y++)
        for (int x = 0; x < p->nx; x++)
            for (int z = 0; z < p->nz; z++, i++) {
                uint32_t *row = l.neighbour + i * (size_t)l.stencil;
                for (int d = 0; d < l.stencil; d++) {
                    row[d] = neighbour_of(p, x, y, z, d);
                    l.degree[i] = (uint8_t)(l.degree[i] + (row[d] != LCT_MC_NO_SITE));
                }
                count_multiplicity(&l, row);
            }
    *out = l;
    return LCT_OK;
}

void lct_mc_lattice_finish(struct lct_mc_lattice *lattice)
{
    free(lattice->neighbour);
    free(lattice->degree);
    *lattice = (struct lct_mc_lattice){ 0 };
}
