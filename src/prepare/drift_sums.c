/* Sums over a row of kept coefficients, in eight lanes: a single sum would wait for itself at every coefficient. */
#include "drift_private.h"

#include <lctem/clones.h>

enum { LANES = 8 };

static double sum_of(const float lane[LANES])
{
    double sum = 0;
    for (int j = 0; j < LANES; j++)
        sum += (double)lane[j];
    return sum;
}

LCT_CLONES double drift_multiply(
    const float complex *frame, const float complex *reference, const float *band, size_t n, float complex *product)
{
    const float *a = (const float *)frame, *b = (const float *)reference;
    float *out = (float *)product;
    float lane[LANES] = { 0 };
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t j = 0; j < LANES; j++) {
            const size_t at = 2 * (i + j);
            out[at] = a[at] * b[at] + a[at + 1] * b[at + 1];
            out[at + 1] = a[at + 1] * b[at] - a[at] * b[at + 1];
            lane[j] += band[i + j] * (fabsf(out[at]) + fabsf(out[at + 1]));
        }
    for (; i < n; i++) {
        out[2 * i] = a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
        out[2 * i + 1] = a[2 * i + 1] * b[2 * i] - a[2 * i] * b[2 * i + 1];
        lane[0] += band[i] * (fabsf(out[2 * i]) + fabsf(out[2 * i + 1]));
    }
    return sum_of(lane);
}

LCT_CLONES void drift_blend(
    const float complex *frame, const float complex *ramp, float complex turn, float share, int n, float complex *to)
{
    const float *a = (const float *)frame, *b = (const float *)ramp;
    const float tr = crealf(turn), ti = cimagf(turn);
    float *out = (float *)to;
    for (int k = 0; k < n; k++) {
        const float br = tr * b[2 * k] - ti * b[2 * k + 1], bi = tr * b[2 * k + 1] + ti * b[2 * k];
        const float re = a[2 * k] * br - a[2 * k + 1] * bi, im = a[2 * k] * bi + a[2 * k + 1] * br;
        out[2 * k] += share * (re - out[2 * k]);
        out[2 * k + 1] += share * (im - out[2 * k + 1]);
    }
}

LCT_CLONES struct drift_moments drift_row_moments(
    const float complex *product, const float complex *ramp, const float *band, int n)
{
    const float *a = (const float *)product, *b = (const float *)ramp;
    float re[3][LANES] = { 0 }, im[3][LANES] = { 0 };
    int k = 0;
    for (; k + LANES <= n; k += LANES)
        for (int j = 0; j < LANES; j++) {
            const int at = 2 * (k + j);
            const float wr = band[k + j] * (a[at] * b[at] - a[at + 1] * b[at + 1]);
            const float wi = band[k + j] * (a[at] * b[at + 1] + a[at + 1] * b[at]);
            const float x = (float)(k + j);
            re[0][j] += wr;
            im[0][j] += wi;
            re[1][j] += x * wr;
            im[1][j] += x * wi;
            re[2][j] += x * x * wr;
            im[2][j] += x * x * wi;
        }
    for (; k < n; k++) {
        const float wr = band[k] * (a[2 * k] * b[2 * k] - a[2 * k + 1] * b[2 * k + 1]);
        const float wi = band[k] * (a[2 * k] * b[2 * k + 1] + a[2 * k + 1] * b[2 * k]);
        const float x = (float)k;
        re[0][0] += wr;
        im[0][0] += wi;
        re[1][0] += x * wr;
        im[1][0] += x * wi;
        re[2][0] += x * x * wr;
        im[2][0] += x * x * wi;
    }
    struct drift_moments m;
    for (int i = 0; i < 3; i++) {
        m.re[i] = sum_of(re[i]);
        m.im[i] = sum_of(im[i]);
    }
    return m;
}

LCT_CLONES struct drift_residue drift_row_residue(
    const float complex *product, const float complex *ramp, const float *band, float complex turn, int n)
{
    const float *a = (const float *)product, *b = (const float *)ramp;
    const float tr = crealf(turn), ti = cimagf(turn);
    float v[3][LANES] = { 0 };
    int k = 0;
    for (; k + LANES <= n; k += LANES)
        for (int j = 0; j < LANES; j++) {
            const int at = 2 * (k + j);
            const float re = a[at] * b[at] - a[at + 1] * b[at + 1], im = a[at] * b[at + 1] + a[at + 1] * b[at];
            const float w = band[k + j] * (re * ti + im * tr), x = (float)(k + j);
            v[0][j] += w * w;
            v[1][j] += x * w * w;
            v[2][j] += x * x * w * w;
        }
    for (; k < n; k++) {
        const float re = a[2 * k] * b[2 * k] - a[2 * k + 1] * b[2 * k + 1],
                    im = a[2 * k] * b[2 * k + 1] + a[2 * k + 1] * b[2 * k];
        const float w = band[k] * (re * ti + im * tr), x = (float)k;
        v[0][0] += w * w;
        v[1][0] += x * w * w;
        v[2][0] += x * x * w * w;
    }
    return (struct drift_residue){ { sum_of(v[0]), sum_of(v[1]), sum_of(v[2]) } };
}
