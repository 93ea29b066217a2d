/* ring.h -- the sites around a move, whose neighbourhoods it changes; private to the room */
#ifndef LCT_MC_RING_H
#define LCT_MC_RING_H

#include <lctem/mc.h>

struct lct_mc_offset {
    int x, y, z;
};
/** From a site in layer z to its neighbour. */
struct lct_mc_offset lct_mc_offset_of(int stencil, int direction, int z);

/** A site beside an end of a move that is no end itself. Where the first end's tenant adds x to its neighbours, this site's neighbourhood
 *  changes by `change` x: the second end of a swap takes away what the first one brings. */
struct lct_mc_ring_site {
    uint8_t end, direction; /**< where it lies: from the first (0) or second (1) end, along the direction */
    int8_t change;
    uint16_t
        due; /**< bit d: the bond along d is this site's to do: its ends change differently and none of them is an end */
    int8_t shift[LCT_MC_MAX_STENCIL]; /**< there: own change minus the other's */
};

/** All of them, each once; those that change nothing are left out. */
struct lct_mc_ring {
    int n;
    struct lct_mc_ring_site site[2 * LCT_MC_MAX_STENCIL];
};

/** The ring of a swap along `direction` (0 .. half - 1) or, for `direction` half, of an exchange; the first end is in a layer of this
 *  parity. A border that cuts takes sites out but changes nothing for those that are left. */
struct lct_mc_ring lct_mc_ring_of(const struct lct_mc_params *params, int parity, int direction);

/** Parity of the layer of site i, as its kind tells. */
static inline unsigned lattice_parity(const struct lct_mc_lattice *lattice, uint32_t i)
{
    return lattice->kind[i] >> 2 & 1U;
}

#endif
