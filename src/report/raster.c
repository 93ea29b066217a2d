#include "raster.h"

#include <lctem/clones.h>

#include <math.h>
#include <stdlib.h>

/* drawn grey = (value - lo) * gain; gain 0: everything is mid-grey */
struct tone {
    float lo, gain;
};

static const unsigned mid_grey = 128;

static struct tone tone_of(double lo, double hi)
{
    if (!isfinite(lo) || !isfinite(hi) || !(lo < hi) || !isfinite((float)(255.0 / (hi - lo))))
        return (struct tone){ 0.0f, 0.0f };
    return (struct tone){ (float)lo, (float)(255.0 / (hi - lo)) };
}

static inline uint32_t grey(float value, struct tone tone)
{
    const float level = (value - tone.lo) * tone.gain + 0.5f;
    unsigned byte = mid_grey;
    if (tone.gain > 0.0f && level == level)
        byte = level <= 0.0f ? 0 : level >= 255.0f ? 255 : (unsigned)level;
    return byte * 0x010101u;
}

LCT_CLONES static void copy_row(const float *in, int n, struct tone tone, uint32_t *out)
{
    for (int x = 0; x < n; x++)
        out[x] = grey(in[x], tone);
}

/* Interpolate row y of the magnified image: `sum` needs image->width floats. */
static void magnify_row(
    const struct lct_image *image, double zoom, int y, float *sum, int n, struct tone tone, uint32_t *out)
{
    const double v = fmin(fmax((y + 0.5) / zoom - 0.5, 0.0), image->height - 1);
    const int y0 = (int)v, y1 = y0 + 1 < image->height ? y0 + 1 : y0;
    const float fy = (float)(v - y0);
    const float *a = image->px + (size_t)y0 * (size_t)image->width, *b = image->px + (size_t)y1 * (size_t)image->width;
    for (int x = 0; x < image->width; x++)
        sum[x] = fy == 0.0f ? a[x] : a[x] + fy * (b[x] - a[x]);
    for (int x = 0; x < n; x++) {
        const double u = fmin(fmax((x + 0.5) / zoom - 0.5, 0.0), image->width - 1);
        const int x0 = (int)u, x1 = x0 + 1 < image->width ? x0 + 1 : x0;
        const float fx = (float)(u - x0);
        out[x] = grey(fx == 0.0f ? sum[x0] : sum[x0] + fx * (sum[x1] - sum[x0]), tone);
    }
}

/* Source pixels [first, last) whose mean makes drawn pixel i. */
static void span(int i, double zoom, int limit, int *first, int *last)
{
    *first = (int)(i / zoom);
    *last = (int)((i + 1) / zoom);
    *first = *first < limit ? *first : limit - 1;
    *last = *last <= *first ? *first + 1 : *last > limit ? limit : *last;
}

/* Means over boxes for row y; pixels that are not known do not count. */
static void shrink_row(const struct lct_image *image, double zoom, int y, int n, struct tone tone, uint32_t *out)
{
    int y0, y1;
    span(y, zoom, image->height, &y0, &y1);
    for (int x = 0; x < n; x++) {
        int x0, x1, count = 0;
        float sum = 0.0f;
        span(x, zoom, image->width, &x0, &x1);
        for (int row = y0; row < y1; row++)
            for (int col = x0; col < x1; col++) {
                const float value = image->px[(size_t)row * (size_t)image->width + (size_t)col];
                if (value == value) {
                    sum += value;
                    count++;
                }
            }
        out[x] = grey(sum / (float)count, tone); /* 0 / 0 is NaN: mid-grey */
    }
}

enum lct_status raster_draw(const struct lct_image *image, double lo, double hi, double zoom, uint32_t *xrgb, int width,
    int height, int stride, struct lct_err *err)
{
    const struct tone tone = tone_of(lo, hi);
    const int drawn_width = (int)fmin(width, fmax(1.0, round(image->width * zoom)));
    const int drawn_height = (int)fmin(height, fmax(1.0, round(image->height * zoom)));
    float *scratch = malloc((size_t)(image->width > width ? image->width : width) * sizeof *scratch);
    if (!scratch)
        return lct_fail(err, LCT_E_LIMIT, "picture: no memory for a row of %d pixels", image->width);
    for (int y = 0; y < height; y++) {
        uint32_t *out = xrgb + (size_t)y * (size_t)stride;
        const int n = y < drawn_height ? drawn_width : 0;
        if (n > 0 && zoom == 1.0)
            copy_row(image->px + (size_t)y * (size_t)image->width, n, tone, out);
        else if (n > 0 && zoom > 1.0)
            magnify_row(image, zoom, y, scratch, n, tone, out);
        else if (n > 0)
            shrink_row(image, zoom, y, n, tone, out);
        for (int x = n; x < width; x++)
            out[x] = 0;
    }
    free(scratch);
    return LCT_OK;
}
