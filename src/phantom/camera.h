/* camera.h -- blurs, electron counting, read-out */
#ifndef PHANTOM_CAMERA_H
#define PHANTOM_CAMERA_H

#include "noise.h"
#include <stddef.h>
#include <stdint.h>

/** A place in the streams of random numbers: a frame of a film. */
struct shot {
    uint64_t seed;
    uint32_t frame;
};

/** Three taps along x and along y with MTF(f) = m + (1 - m) cos^2(pi f) along each axis, f in cycles per pixel, m the value at
 *  Nyquist: positive, of sum one, borders mirrored. `line`: 2 * width floats. In place. */
void camera_spread(float *plane, int width, int height, double mtf_nyquist, float *line);

/** Gaussian blur, truncated at 3.5 sigma, borders repeated. `tmp`: width * height + width + 2 * CAMERA_MAX_RADIUS floats. */
enum { CAMERA_MAX_RADIUS = 128 };
void camera_gauss(const float *in, float *out, int width, int height, double sigma_px, float *tmp);

/** Replace expected intensities by counts / counts_per_unit, counts Poisson with mean intensity * counts_per_unit. */
void camera_count(struct shot shot, float *plane, size_t n, double counts_per_unit);

/** Add normal read-out noise of standard deviation `sd`. */
void camera_read_out(struct shot shot, float *plane, size_t n, double sd);

#endif
