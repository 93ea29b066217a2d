#include "camera.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

void camera_spread(float *plane, int width, int height, double mtf_nyquist, float *line)
{
    const float side = (float)((1 - mtf_nyquist) / 4), middle = 1 - 2 * side;
    if (side <= 0 || width < 2 || height < 2)
        return;
    float *above = line, *here = line + width;
    for (int y = 0; y < height; y++) {
        float *row = plane + (size_t)y * (size_t)width;
        memcpy(here, row, (size_t)width * sizeof *row);
        for (int x = 1; x + 1 < width; x++)
            row[x] = middle * here[x] + side * (here[x - 1] + here[x + 1]);
        row[0] = middle * here[0] + 2 * side * here[1];
        row[width - 1] = middle * here[width - 1] + 2 * side * here[width - 2];
    }
    memcpy(above, plane + width, (size_t)width * sizeof *plane);
    for (int y = 0; y < height; y++) {
        float *row = plane + (size_t)y * (size_t)width;
        const float *below = y + 1 < height ? row + width : above;
        for (int x = 0; x < width; x++) {
            const float old = row[x];
            row[x] = middle * old + side * (above[x] + below[x]);
            above[x] = old;
        }
    }
}

static int gauss_taps(double sigma, float taps[2 * CAMERA_MAX_RADIUS + 1])
{
    int radius = (int)ceil(3.5 * sigma);
    radius = radius > CAMERA_MAX_RADIUS ? CAMERA_MAX_RADIUS : radius;
    double sum = 0;
    for (int k = -radius; k <= radius; k++)
        sum += exp(-0.5 * k * k / (sigma * sigma));
    for (int k = -radius; k <= radius; k++)
        taps[k + radius] = (float)(exp(-0.5 * k * k / (sigma * sigma)) / sum);
    return radius;
}

static void gauss_row(const float *row, float *out, int width, const float *taps, int radius, float *padded)
{
    for (int k = 0; k < radius; k++) {
        padded[k] = row[0];
        padded[radius + width + k] = row[width - 1];
    }
    memcpy(padded + radius, row, (size_t)width * sizeof *row);
    memset(out, 0, (size_t)width * sizeof *out);
    for (int k = 0; k <= 2 * radius; k++)
        for (int x = 0; x < width; x++)
            out[x] += taps[k] * padded[x + k];
}

void camera_gauss(const float *in, float *out, int width, int height, double sigma_px, float *tmp)
{
    const size_t w = (size_t)width;
    if (sigma_px < 0.05) {
        memmove(out, in, w * (size_t)height * sizeof *out);
        return;
    }
    float taps[2 * CAMERA_MAX_RADIUS + 1];
    const int radius = gauss_taps(sigma_px, taps);
    for (int y = 0; y < height; y++)
        gauss_row(in + (size_t)y * w, tmp + (size_t)y * w, width, taps, radius, tmp + w * (size_t)height);
    for (int y = 0; y < height; y++) {
        float *row = out + (size_t)y * w;
        memset(row, 0, w * sizeof *row);
        for (int k = -radius; k <= radius; k++) {
            const int from = y + k < 0 ? 0 : y + k >= height ? height - 1 : y + k;
            const float *source = tmp + (size_t)from * w, tap = taps[k + radius];
            for (int x = 0; x < width; x++)
                row[x] += tap * source[x];
        }
    }
}

static void four_normals(const struct random4 *r, float z[4])
{
    random_normal_pair(r->v[0], r->v[1], &z[0], &z[1]);
    random_normal_pair(r->v[2], r->v[3], &z[2], &z[3]);
}

static float poisson_small(uint32_t word, double mean)
{
    const double u = ((double)word + 0.5) / 4294967296.0;
    double term = exp(-mean), sum = term;
    int n = 0;
    while (u > sum && n < 200) {
        n++;
        term *= mean / n;
        sum += term;
    }
    return (float)n;
}

/* Cornish and Fisher's expansion to 1/mean; rounding to whole counts adds 1/12 to the variance, which is taken off first. */
static float poisson_large(float z, float mean)
{
    const float sd = sqrtf(mean - 1.0F / 12.0F);
    return floorf(mean + sd * z + (z * z - 1) / 6 + (z - z * z * z) / (72 * sd) + 0.5F);
}

void camera_count(struct shot shot, float *plane, size_t n, double counts_per_unit)
{
    const float unit = (float)counts_per_unit, back = (float)(1 / counts_per_unit);
    const float large = 16; /* below it the expansion is off by more than 0.1 % of the variance */
    for (size_t block = 0; block * 4 < n; block++) {
        const struct random4 r = random_words(shot.seed, FOR_SHOT_NOISE, (uint32_t)block, shot.frame, 0);
        float z[4];
        four_normals(&r, z);
        struct random4 u = { { 0 } };
        bool have_u = false;
        for (size_t k = 0; k < 4 && block * 4 + k < n; k++) {
            const float wanted = plane[block * 4 + k] * unit, mean = wanted > 0 ? wanted : 0;
            if (mean < large && !have_u) {
                u = random_words(shot.seed, FOR_SMALL_COUNTS, (uint32_t)block, shot.frame, 0);
                have_u = true;
            }
            plane[block * 4 + k] =
                back * (mean < large ? poisson_small(u.v[k], (double)mean) : poisson_large(z[k], mean));
        }
    }
}

void camera_read_out(struct shot shot, float *plane, size_t n, double sd)
{
    for (size_t block = 0; sd > 0 && block * 4 < n; block++) {
        const struct random4 r = random_words(shot.seed, FOR_READ_NOISE, (uint32_t)block, shot.frame, 0);
        float z[4];
        four_normals(&r, z);
        for (size_t k = 0; k < 4 && block * 4 + k < n; k++)
            plane[block * 4 + k] += (float)sd * z[k];
    }
}
