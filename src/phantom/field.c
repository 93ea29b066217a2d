#include "field.h"

#include <math.h>
#include <string.h>

/* Mean over a cell of the sum of the squared weights of a cubic B-spline: 151/315 of the nodes' variance is left in each
 * dimension. */
static const double SPLINE_VARIANCE = 151.0 / 315.0;

static void spline(double t, double w[4])
{
    const double u = 1 - t;
    w[0] = u * u * u / 6;
    w[1] = (3 * t * t * t - 6 * t * t + 4) / 6;
    w[2] = (3 * u * u * u - 6 * u * u + 4) / 6;
    w[3] = t * t * t / 6;
}

double field_curve(uint64_t seed, enum purpose purpose, double knots)
{
    const double whole = floor(knots);
    double w[4], sum = 0;
    spline(knots - whole, w);
    for (int k = 0; k < 4; k++)
        sum += w[k] * random_normal(seed, purpose, (uint32_t)(int32_t)(whole + k), 0, 1);
    return sum / sqrt(SPLINE_VARIANCE);
}

static double node(const struct field *f, int32_t ix, int32_t iy)
{
    if (!f->moving)
        return random_normal(f->seed, f->purpose, (uint32_t)ix, (uint32_t)iy, 0);
    const double whole = floor(f->time_knots);
    double w[4], sum = 0;
    spline(f->time_knots - whole, w);
    for (int k = 0; k < 4; k++)
        sum += w[k] * random_normal(f->seed, f->purpose, (uint32_t)ix, (uint32_t)iy, (uint32_t)(int32_t)(whole + k));
    return sum / sqrt(SPLINE_VARIANCE);
}

static size_t nodes_across(int length)
{
    return (size_t)ceil(length / FIELD_MIN_PITCH_PX) + 6;
}

size_t field_scratch(int width, int height)
{
    return nodes_across(width) * (nodes_across(height) + 1) + 5 * (size_t)width;
}

static void upsample_row(const float *nodes, const float *weights, const int *first, int width, float *out)
{
    for (int x = 0; x < width; x++) {
        const float *n = nodes + first[x], *w = weights + 4 * (size_t)x;
        out[x] += w[0] * n[0] + w[1] * n[1] + w[2] * n[2] + w[3] * n[3];
    }
}

void field_add(const struct field *f, int width, int height, float *scratch, float *out)
{
    const double pitch = fmax(f->pitch_px, FIELD_MIN_PITCH_PX);
    const int32_t left = (int32_t)floor(-f->x_px / pitch) - 1, top = (int32_t)floor(-f->y_px / pitch) - 1;
    const int columns = (int)((width - 1) / pitch) + 6, rows = (int)((height - 1) / pitch) + 6;
    const double gain = f->amplitude / SPLINE_VARIANCE;
    float *nodes = scratch, *line = nodes + (size_t)columns * (size_t)rows, *weights = line + columns;
    int *first = (int *)(void *)(weights + 4 * (size_t)width);
    for (int j = 0; j < rows; j++)
        for (int i = 0; i < columns; i++)
            nodes[(size_t)j * (size_t)columns + (size_t)i] = (float)(gain * node(f, left + i, top + j));
    for (int x = 0; x < width; x++) {
        const double u = (x - f->x_px) / pitch;
        double w[4];
        spline(u - floor(u), w);
        first[x] = (int)floor(u) - 1 - left;
        for (int k = 0; k < 4; k++)
            weights[4 * (size_t)x + (size_t)k] = (float)w[k];
    }
    for (int y = 0; y < height; y++) {
        const double v = (y - f->y_px) / pitch;
        const float *from = nodes + (size_t)((int)floor(v) - 1 - top) * (size_t)columns;
        double w[4];
        spline(v - floor(v), w);
        const float a = (float)w[0], b = (float)w[1], c = (float)w[2], d = (float)w[3];
        for (int i = 0; i < columns; i++)
            line[i] = a * from[i] + b * from[i + columns] + c * from[i + 2 * columns] + d * from[i + 3 * columns];
        upsample_row(line, weights, first, width, out + (size_t)y * (size_t)width);
    }
}
