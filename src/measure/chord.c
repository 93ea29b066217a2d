#include "chord.h"

#include <math.h>

static double step(const struct chord *c, size_t at)
{
    const double dx = chord_x(c, at + 1) - chord_x(c, at), dy = chord_y(c, at + 1) - chord_y(c, at);
    return sqrt(dx * dx + dy * dy); /* of px: hypot's care for the very large and small is not needed, and slow */
}

struct chord chord_begin(const struct lct_ring *ring, double length_px)
{
    return (struct chord){ .ring = ring, .length_px = length_px };
}

bool chord_next(struct chord *chord)
{
    const size_t n = chord->ring->n;
    if (chord->to > 0) {
        chord->run_px -= chord->step_px;
        chord->from++;
    }
    if (n < 3 || chord->from >= n)
        return false;
    while (chord->run_px < chord->length_px || chord->to <= chord->from) {
        if (chord->to >= chord->from + n / 2)
            return false;
        chord->run_px += step(chord, chord->to++);
    }
    chord->step_px = step(chord, chord->from);
    return true;
}
