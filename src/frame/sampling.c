#include <lctem/sampling.h>

#include <lctem/clones.h>
#include <lctem/lanes.h>

#include <math.h>
#include <string.h>

static inline void add_binned(const float *restrict row, int bin, int n, float *restrict sum)
{
    for (int x = 0; x < n; x++)
        for (int dx = 0; dx < bin; dx++)
            sum[x] += row[x * bin + dx];
}

/* The constant lets the compiler take pixels apart in registers. */
LCT_CLONES static void add_pairs(const float *row, int n, float *sum)
{
    add_binned(row, 2, n, sum);
}

void lct_row_add_binned(const float *row, int bin, int n, float *sum)
{
    if (bin == 2)
        add_pairs(row, n, sum);
    else
        add_binned(row, bin, n, sum);
}

void lct_image_bin(const struct lct_image *in, int bin, struct lct_image *out)
{
    const float share = 1.0f / (float)(bin * bin);
    for (int y = 0; y < out->height; y++) {
        float *row = out->px + (size_t)y * (size_t)out->width;
        memset(row, 0, (size_t)out->width * sizeof *row);
        for (int dy = 0; dy < bin; dy++)
            lct_row_add_binned(in->px + (size_t)(y * bin + dy) * (size_t)in->width, bin, out->width, row);
        for (int x = 0; x < out->width; x++)
            row[x] *= share;
    }
}

struct lct_gaussian lct_gaussian_make(double sigma_px)
{
    struct lct_gaussian g = { 0 };
    g.radius = (int)ceil(3.5 * sigma_px);
    if (g.radius > LCT_GAUSSIAN_MAX_TAPS - 1)
        g.radius = LCT_GAUSSIAN_MAX_TAPS - 1;
    double sum = 0.0, weight[LCT_GAUSSIAN_MAX_TAPS];
    for (int k = 0; k <= g.radius; k++) {
        weight[k] = sigma_px > 0.0 ? exp(-0.5 * k * k / (sigma_px * sigma_px)) : (k == 0);
        sum += k == 0 ? weight[k] : 2.0 * weight[k];
    }
    for (int k = 0; k <= g.radius; k++)
        g.taps[k] = (float)(weight[k] / sum);
    return g;
}

static int clamp_index(int i, int n)
{
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* Sums of eight neighbours stay in a register over all taps: written back for each, they would take twice as long. */
LCT_CLONES static void smooth_columns(const struct lct_image *in, const struct lct_gaussian *g, struct lct_image *out)
{
    const int w = in->width;
    for (int y = 0; y < in->height; y++) {
        const float *up[LCT_GAUSSIAN_MAX_TAPS], *down[LCT_GAUSSIAN_MAX_TAPS];
        for (int k = 0; k <= g->radius; k++) {
            up[k] = in->px + (size_t)clamp_index(y - k, in->height) * (size_t)w;
            down[k] = in->px + (size_t)clamp_index(y + k, in->height) * (size_t)w;
        }
        float *row = out->px + (size_t)y * (size_t)w;
        int x = 0;
        for (; x + LCT_LANES <= w; x += LCT_LANES) {
            lct_lanes sum, above, below;
            lct_lanes_load(&sum, up[0] + x);
            sum *= g->taps[0];
            for (int k = 1; k <= g->radius; k++) {
                lct_lanes_load(&above, up[k] + x);
                lct_lanes_load(&below, down[k] + x);
                sum += g->taps[k] * (above + below);
            }
            lct_lanes_store(&sum, row + x);
        }
        for (; x < w; x++) {
            row[x] = g->taps[0] * up[0][x];
            for (int k = 1; k <= g->radius; k++)
                row[x] += g->taps[k] * (up[k][x] + down[k][x]);
        }
    }
}

static float smooth_at_border(const float *row, int x, int w, const struct lct_gaussian *g)
{
    float sum = g->taps[0] * row[x];
    for (int k = 1; k <= g->radius; k++)
        sum += g->taps[k] * (row[clamp_index(x - k, w)] + row[clamp_index(x + k, w)]);
    return sum;
}

LCT_CLONES static void smooth_rows(const struct lct_image *in, const struct lct_gaussian *g, struct lct_image *out)
{
    const int w = in->width, r = g->radius;
    for (int y = 0; y < in->height; y++) {
        const float *src = in->px + (size_t)y * (size_t)w;
        float *row = out->px + (size_t)y * (size_t)w;
        int x = 0;
        for (; x < (r < w ? r : w); x++)
            row[x] = smooth_at_border(src, x, w, g);
        for (; x + LCT_LANES <= w - r; x += LCT_LANES) {
            lct_lanes sum, left, right;
            lct_lanes_load(&sum, src + x);
            sum *= g->taps[0];
            for (int k = 1; k <= r; k++) {
                lct_lanes_load(&left, src + x - k);
                lct_lanes_load(&right, src + x + k);
                sum += g->taps[k] * (left + right);
            }
            lct_lanes_store(&sum, row + x);
        }
        for (; x < w; x++)
            row[x] = smooth_at_border(src, x, w, g);
    }
}

void lct_image_smooth(struct lct_image *image, const struct lct_gaussian *gaussian, struct lct_image *scratch)
{
    smooth_columns(image, gaussian, scratch);
    smooth_rows(scratch, gaussian, image);
}

LCT_CLONES void lct_image_shift(const struct lct_image *in, double dx_px, double dy_px, struct lct_image *out)
{
    const int w = in->width, h = in->height;
    const int ix = (int)floor(dx_px), iy = (int)floor(dy_px);
    const float fx = (float)(dx_px - ix), fy = (float)(dy_px - iy);
    for (int y = 0; y < h; y++) {
        const float *a = in->px + (size_t)clamp_index(y + iy, h) * (size_t)w;
        const float *b = in->px + (size_t)clamp_index(y + iy + 1, h) * (size_t)w;
        float *row = out->px + (size_t)y * (size_t)w;
        const int from = ix < 0 ? (-ix < w ? -ix : w) : 0;
        const int to = w - 1 - ix < from ? from : w - 1 - ix < w ? w - 1 - ix : w;
        for (int x = from; x < to; x++) {
            const float top = a[x + ix] + fx * (a[x + ix + 1] - a[x + ix]);
            const float low = b[x + ix] + fx * (b[x + ix + 1] - b[x + ix]);
            row[x] = top + fy * (low - top);
        }
        for (int x = 0; x < w; x++) {
            if (x == from)
                x = to;
            if (x >= w)
                break;
            const int l = clamp_index(x + ix, w), r = clamp_index(x + ix + 1, w);
            const float top = a[l] + fx * (a[r] - a[l]), low = b[l] + fx * (b[r] - b[l]);
            row[x] = top + fy * (low - top);
        }
    }
}

/* NaN goes to `low`. Not by fmin and fmax: these are calls, and this is done for every sample. */
static double between(double x, double low, double high)
{
    return !(x > low) ? low : x < high ? x : high;
}

double lct_image_at(const struct lct_image *image, double x_px, double y_px)
{
    const double x = between(x_px, 0.0, image->width - 1.0), y = between(y_px, 0.0, image->height - 1.0);
    const int x0 = x < image->width - 2.0 ? (int)x : image->width - 2,
              y0 = y < image->height - 2.0 ? (int)y : image->height - 2;
    const double u = x - x0, v = y - y0;
    const float *q = image->px + (size_t)y0 * (size_t)image->width + (size_t)x0;
    return (1.0 - v) * ((1.0 - u) * (double)q[0] + u * (double)q[1])
        + v * ((1.0 - u) * (double)q[image->width] + u * (double)q[image->width + 1]);
}
