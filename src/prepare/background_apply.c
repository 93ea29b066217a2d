/* Frames brought to the common scale: the background taken out, row by row. */
#include <lctem/background.h>
#include <lctem/clones.h>
#include <lctem/lanes.h>
#include <lctem/sampling.h>

#include <math.h>
#include <string.h>

/* Coefficients of the polynomial in x alone along row y: sum_i row[i] x^i. */
static void row_polynomial(const struct lct_background *b, double y, double row[4])
{
    memset(row, 0, 4 * sizeof *row);
    const double power[4] = { 1.0, y, y * y, y * y * y };
    int k = 0;
    for (int degree = 0; degree <= b->order; degree++)
        for (int j = 0; j <= degree; j++)
            row[degree - j] += b->coef[k++] * power[j];
}

/* At column x of a row; per_px: 2 / width. */
static inline double level_at(const double row[4], double x, double per_px)
{
    const double u = (x + 0.5) * per_px - 1.0;
    return row[0] + u * (row[1] + u * (row[2] + u * row[3]));
}

/* exp(-step). Small steps by the series, whose rest is below 1e-15: a true exponential at every knot costs as much as all pixels. */
static inline double fall_of(double step)
{
    if (!(fabs(step) < 0.015))
        return exp(-step);
    const double t[] = { 1.0, 1.0, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720 };
    return t[0] - step * (t[1] - step * (t[2] - step * (t[3] - step * (t[4] - step * (t[5] - step * t[6])))));
}

/* exp(-level) along a row at knots with straight lines between: an exponential per pixel would cost more than all the rest,
 * and over KNOT px the background is straight to a few 1e-5. */
enum { KNOT = 2 * LCT_LANES };

LCT_CLONES static void divide_row(const double row[4], int w, const float *value, float *out)
{
    static const lct_lanes near = { 0, 1, 2, 3, 4, 5, 6, 7 }, far = { 8, 9, 10, 11, 12, 13, 14, 15 };
    const double per_px = 2.0 / w;
    double level = level_at(row, 0, per_px), gain = exp(-level);
    for (int x0 = 0; x0 < w; x0 += KNOT) {
        const double level_next = level_at(row, x0 + KNOT, per_px), next = gain * fall_of(level_next - level);
        const float from = (float)gain, step = (float)((next - gain) / KNOT);
        if (x0 + KNOT <= w) {
            lct_lanes a, b;
            lct_lanes_load(&a, value + x0);
            lct_lanes_load(&b, value + x0 + LCT_LANES);
            a *= from + step * near;
            b *= from + step * far;
            lct_lanes_store(&a, out + x0);
            lct_lanes_store(&b, out + x0 + LCT_LANES);
        } else
            for (int x = 0; x < w - x0; x++)
                out[x0 + x] = value[x0 + x] * (from + step * (float)x);
        gain = next;
        level = level_next;
    }
}

LCT_CLONES static void subtract_row(const double row[4], double scale, int w, const float *value, float *out)
{
    const float c0 = (float)row[0], c1 = (float)row[1], c2 = (float)row[2], c3 = (float)row[3], k = (float)scale;
    for (int x = 0; x < w; x++) {
        const float u = 2.0f * ((float)x + 0.5f) / (float)w - 1.0f;
        out[x] = 1.0f + k * (value[x] - (c0 + u * (c1 + u * (c2 + u * c3))));
    }
}

/* Liquid in place of what is no grey value, or is not to be looked at. */
LCT_CLONES static void leave_out(float *px, const unsigned char *ignore, int w)
{
    for (int x = 0; x < w; x++)
        px[x] = px[x] > -100.0f && px[x] < 100.0f ? px[x] : 1.0f;
    for (int x = 0; ignore && x < w; x++)
        px[x] = ignore[x] ? 1.0f : px[x];
}

/* Row y of the frame, brought to the common scale. */
static void apply_row(const struct lct_background *b, struct lct_background_light light, const struct lct_image *frame,
    int y, const unsigned char *ignore, float *px)
{
    const int w = frame->width;
    const size_t start = (size_t)y * (size_t)w;
    const double v = 2.0 * (y + 0.5) / frame->height - 1.0;
    double row[4];
    row_polynomial(b, v, row);
    row[0] += light.offset + light.y_slope * v;
    row[1] += light.x_slope;
    if (b->ratio)
        divide_row(row, w, frame->px + start, px);
    else
        subtract_row(row, (b->contrast == LCT_CONTRAST_BRIGHT ? -1.0 : 1.0) / b->range, w, frame->px + start, px);
    leave_out(px, ignore ? ignore + start : NULL, w);
}

void lct_background_apply(const struct lct_background *background, struct lct_background_light light,
    const struct lct_image *frame, const unsigned char *ignore, int bin, float *line, struct lct_image *out)
{
    const float share = 1.0f / (float)(bin * bin);
    for (int y = 0; y < out->height; y++) {
        float *row = out->px + (size_t)y * (size_t)out->width;
        if (bin == 1) {
            apply_row(background, light, frame, y, ignore, row);
            continue;
        }
        memset(row, 0, (size_t)out->width * sizeof *row);
        for (int dy = 0; dy < bin; dy++) {
            apply_row(background, light, frame, y * bin + dy, ignore, line);
            lct_row_add_binned(line, bin, out->width, row);
        }
        for (int x = 0; x < out->width; x++)
            row[x] *= share;
    }
}
