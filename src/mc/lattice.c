#include "rates.h"

#include <stdlib.h>

/* Half of each stencil; the other half is the opposite directions. Axial coordinates: (1,0), (0,1) and (1,-1) are the three
 * directions of the hexagonal plane. */
static const struct lct_mc_offset plane_and_z[] = { { 1, 0, 0 }, { 0, 1, 0 }, { 1, -1, 0 }, { 0, 0, 1 } };
/* hcp: a layer sits over the triangles of the one below, to and fro, so "up" depends on the layer's parity */
static const struct lct_mc_offset hcp[2][6] = {
    { { 1, 0, 0 }, { 0, 1, 0 }, { 1, -1, 0 }, { 0, 0, 1 }, { -1, 0, 1 }, { 0, -1, 1 } },
    { { 1, 0, 0 }, { 0, 1, 0 }, { 1, -1, 0 }, { 0, 0, 1 }, { 1, 0, 1 }, { 0, 1, 1 } },
};

struct lct_mc_offset lct_mc_offset_of(int stencil, int direction, int z)
{
    const int half = stencil / 2;
    const bool back = direction >= half;
    const int d = back ? direction - half : direction;
    struct lct_mc_offset o = stencil == 12 ? hcp[(z - (back && d >= 3 ? 1 : 0)) & 1][d] : plane_and_z[d];
    if (back)
        o = (struct lct_mc_offset){ -o.x, -o.y, -o.z };
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
    const struct lct_mc_offset o = lct_mc_offset_of(p->stencil, direction, z);
    const int u = wrap(x + o.x, p->nx, p->periodic_x);
    const int v = wrap(y + o.y, p->ny, p->periodic_y);
    const int w = wrap(z + o.z, p->nz, p->periodic_z);
    if (u < 0 || v < 0 || w < 0 || (u == x && v == y && w == z))
        return LCT_MC_NO_SITE;
    return (uint32_t)(((size_t)v * (size_t)p->nx + (size_t)u) * (size_t)p->nz + (size_t)w);
}

static void count_multiplicity(struct lct_mc_lattice *l, const int32_t *step)
{
    for (int d = 0; d < l->stencil; d++) {
        int times = 0;
        for (int e = 0; e < l->stencil; e++)
            times += step[e] == step[d];
        if (step[d])
            l->multiplicity[d] = times; /* the same at every site that has a neighbour there */
    }
}

/* 0 at the lower border, 2 at the upper, 1 between. */
static unsigned side(int i, int n)
{
    return i == 0 ? 0 : i == n - 1 ? 2 : 1;
}

/* Sites of one kind have their neighbours at the same steps; hcp's layers alternate. One small table for all of them instead of a row
 * of neighbours per site: it stays in the nearest cache whatever the size of the lattice. */
static unsigned kind_of(const struct lct_mc_params *p, int x, int y, int z)
{
    return ((side(y, p->ny) * 3 + side(x, p->nx)) * 2 + (unsigned)(z & 1)) * 4 + side(z, p->nz);
}

enum lct_status lct_mc_lattice_init(struct lct_mc_lattice *out, const struct lct_mc_params *p, struct lct_err *err)
{
    struct lct_mc_lattice l = { .nx = p->nx, .ny = p->ny, .nz = p->nz, .stencil = p->stencil, .half = p->stencil / 2 };
    l.n_sites = (uint32_t)((size_t)p->nx * (size_t)p->ny * (size_t)p->nz); /* bounded by lct_mc_check */
    l.kind = malloc(l.n_sites * sizeof *l.kind);
    l.step = calloc(LCT_MC_KINDS, sizeof *l.step);
    if (!l.kind || !l.step) {
        lct_mc_lattice_finish(&l);
        return lct_fail(err, LCT_E_LIMIT, "size: no memory for %d x %d x %d sites", p->nx, p->ny, p->nz);
    }
    for (int d = 0; d < l.stencil; d++)
        l.multiplicity[d] = 1;
    bool known[LCT_MC_KINDS] = { false };
    uint32_t i = 0;
    for (int y = 0; y < p->ny; y++)
        for (int x = 0; x < p->nx; x++)
            for (int z = 0; z < p->nz; z++, i++) {
                const unsigned kind = kind_of(p, x, y, z);
                l.kind[i] = (uint8_t)kind;
                for (int d = 0; d < l.stencil && !known[kind]; d++) {
                    const uint32_t j = neighbour_of(p, x, y, z, d);
                    l.step[kind][d] = j == LCT_MC_NO_SITE ? 0 : (int32_t)j - (int32_t)i; /* below 2^26 sites */
                    l.degree[kind] = (uint8_t)(l.degree[kind] + (j != LCT_MC_NO_SITE));
                }
                if (!known[kind])
                    count_multiplicity(&l, l.step[kind]);
                known[kind] = true;
            }
    *out = l;
    return LCT_OK;
}

void lct_mc_lattice_finish(struct lct_mc_lattice *lattice)
{
    free(lattice->kind);
    free(lattice->step);
    *lattice = (struct lct_mc_lattice){ 0 };
}
