#include <lctem/window.h>

#include <math.h>
#include <stdlib.h>

void lct_window_tukey(float *out, int n, double taper_frac)
{
    const double ramp = 0.5 * taper_frac * n;
    for (int i = 0; i < n; i++) {
        const double from_end = (i < n - 1 - i ? i : n - 1 - i) + 0.5;
        out[i] = from_end < ramp ? (float)(0.5 - 0.5 * cos(M_PI * from_end / ramp)) : 1.0f;
    }
}

struct lct_box lct_window_active(const unsigned char *ignore, int width, int height)
{
    if (!ignore)
        return (struct lct_box){ 0, 0, width, height };
    int x0 = width, x1 = -1, y0 = height, y1 = -1;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            if (!ignore[(size_t)y * (size_t)width + (size_t)x]) {
                x0 = x < x0 ? x : x0;
                x1 = x > x1 ? x : x1;
                y0 = y < y0 ? y : y0;
                y1 = y;
            }
    return x1 < 0 ? (struct lct_box){ 0 } : (struct lct_box){ x0, y0, x1 - x0 + 1, y1 - y0 + 1 };
}

static int clamp(int i, int n)
{
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* One line of n values, `step` apart: mean over 2r+1 neighbours, the ends repeated. A running sum, so that r costs nothing. */
static void blur_line(float *line, size_t step, int n, int r, float *copy)
{
    for (int i = 0; i < n; i++)
        copy[i] = line[(size_t)i * step];
    double sum = 0;
    for (int i = -r; i <= r; i++)
        sum += copy[clamp(i, n)];
    for (int i = 0; i < n; i++) {
        line[(size_t)i * step] = (float)(sum / (2 * r + 1));
        sum += copy[clamp(i + r + 1, n)] - copy[clamp(i - r, n)];
    }
}

static void blur(float *px, int width, int height, int r, float *line)
{
    for (int y = 0; y < height; y++)
        blur_line(px + (size_t)y * (size_t)width, 1, width, r, line);
    for (int x = 0; x < width; x++)
        blur_line(px + x, (size_t)width, height, r, line);
}

enum lct_status lct_window_around(
    float *out, const unsigned char *ignore, int width, int height, int soft_px, struct lct_err *err)
{
    if (width < 1 || height < 1 || soft_px < 0)
        return lct_fail(err, LCT_E_ARG, "window: %d x %d pixels, %d px soft", width, height, soft_px);
    const size_t n = (size_t)width * (size_t)height;
    for (size_t i = 0; i < n; i++)
        out[i] = ignore && ignore[i] ? 0.0f : 1.0f;
    if (!ignore || soft_px == 0)
        return LCT_OK;
    float *line = malloc((size_t)(width > height ? width : height) * sizeof *line);
    if (!line)
        return lct_fail(err, LCT_E_LIMIT, "window: no memory for a line of %d x %d pixels", width, height);
    /* Blur, keep what saw nothing of the hole, blur again: zero on the hole with a smooth rise outside of it. */
    blur(out, width, height, soft_px, line);
    for (size_t i = 0; i < n; i++)
        out[i] = out[i] > 1.0f - 1e-5f ? 1.0f : 0.0f;
    for (int pass = 0; pass < 2; pass++)
        blur(out, width, height, soft_px / 2, line);
    for (size_t i = 0; i < n; i++)
        if (ignore[i])
            out[i] = 0.0f;
    free(line);
    return LCT_OK;
}
