/* field.h -- granular random fields: cubic B-splines over a lattice of independent normal numbers */
#ifndef PHANTOM_FIELD_H
#define PHANTOM_FIELD_H

#include "noise.h"
#include <stddef.h>
#include <stdint.h>

/** A field of zero mean and standard deviation `amplitude` over the plane. Grains are about two pitches wide. It is a function
 *  of place and time alone, so that any frame can be made without the ones before. */
struct field {
    uint64_t seed;
    enum purpose purpose;
    double pitch_px;   /**< at least FIELD_MIN_PITCH_PX */
    double x_px, y_px; /**< how far the field is shifted */
    double amplitude;
    int moving;        /**< 0: the same at any time */
    double time_knots; /**< time over the lifetime of a grain */
};

#define FIELD_MIN_PITCH_PX 2.0

/** Scratch: floats that field_add needs for a plane of that size. */
size_t field_scratch(int width, int height);

/** out[y * width + x] += field there. */
void field_add(const struct field *field, int width, int height, float *scratch, float *out);

/** The same in one dimension: standard deviation 1, knots at whole numbers. */
double field_curve(uint64_t seed, enum purpose purpose, double knots);

#endif
