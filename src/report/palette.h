/* palette.h -- one colour for each particle, the same in the overlay and in the plots */
#ifndef LCTEM_REPORT_PALETTE_H
#define LCTEM_REPORT_PALETTE_H

#include <stdint.h>

enum { PALETTE_SIZE = 7 };

/* Okabe and Ito's colours for all kinds of colour vision; the dark blue comes late because it is weak on a dark core, the
 * yellow last because it is weak on white paper. 0xRRGGBB */
static const uint32_t palette_rgb[PALETTE_SIZE] = {
    0xE69F00, /* orange */
    0x56B4E9, /* sky blue */
    0x009E73, /* bluish green */
    0xD55E00, /* vermillion */
    0xCC79A7, /* reddish purple */
    0x0072B2, /* blue */
    0xF0E442, /* yellow */
};

/** Colour of particle 1, 2, ...; repeats after PALETTE_SIZE particles. */
static inline uint32_t palette_particle(int particle)
{
    return palette_rgb[particle > 0 ? (particle - 1) % PALETTE_SIZE : 0];
}

#endif
