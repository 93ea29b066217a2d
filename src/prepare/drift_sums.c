/* Sums over a row of kept coefficients. What is left of a row that does not fill the lanes goes into the first. */
#include "drift_private.h"

#include <lctem/clones.h>
#include <lctem/lanes.h>

/* k, k + 1, ... of the lanes. */
__attribute__((always_inline)) static inline void number(lct_lanes *x, int k)
{
    for (int j = 0; j < LCT_LANES; j++)
        (*x)[j] = (float)(k + j);
}

LCT_CLONES double drift_multiply(
    const float complex *frame, const float complex *reference, const float *band, size_t n, float complex *product)
{
    const float *a = (const float *)frame, *b = (const float *)reference;
    float *out = (float *)product;
    lct_lanes sum = { 0 };
    size_t i = 0;
    for (; i + LCT_LANES <= n; i += LCT_LANES) {
        lct_lanes ar, ai, br, bi, share;
        lct_lanes_load_complex(&ar, &ai, a + 2 * i);
        lct_lanes_load_complex(&br, &bi, b + 2 * i);
        lct_lanes_load(&share, band + i);
        lct_lanes re = ar * br + ai * bi, im = ai * br - ar * bi;
        lct_lanes_store_complex(&re, &im, out + 2 * i);
        lct_lanes_magnitude(&re);
        lct_lanes_magnitude(&im);
        sum += share * (re + im);
    }
    for (; i < n; i++) {
        out[2 * i] = a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
        out[2 * i + 1] = a[2 * i + 1] * b[2 * i] - a[2 * i] * b[2 * i + 1];
        sum[0] += band[i] * (fabsf(out[2 * i]) + fabsf(out[2 * i + 1]));
    }
    return lct_lanes_sum(&sum);
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
    lct_lanes re[3] = { { 0 } }, im[3] = { { 0 } };
    int k = 0;
    for (; k + LCT_LANES <= n; k += LCT_LANES) {
        lct_lanes ar, ai, br, bi, share, x;
        lct_lanes_load_complex(&ar, &ai, a + 2 * k);
        lct_lanes_load_complex(&br, &bi, b + 2 * k);
        lct_lanes_load(&share, band + k);
        number(&x, k);
        const lct_lanes wr = share * (ar * br - ai * bi), wi = share * (ar * bi + ai * br);
        re[0] += wr;
        im[0] += wi;
        re[1] += x * wr;
        im[1] += x * wi;
        re[2] += x * x * wr;
        im[2] += x * x * wi;
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
        m.re[i] = lct_lanes_sum(&re[i]);
        m.im[i] = lct_lanes_sum(&im[i]);
    }
    return m;
}

LCT_CLONES struct drift_residue drift_row_residue(
    const float complex *product, const float complex *ramp, const float *band, float complex turn, int n)
{
    const float *a = (const float *)product, *b = (const float *)ramp;
    const float tr = crealf(turn), ti = cimagf(turn);
    lct_lanes v[3] = { { 0 } };
    int k = 0;
    for (; k + LCT_LANES <= n; k += LCT_LANES) {
        lct_lanes ar, ai, br, bi, share, x;
        lct_lanes_load_complex(&ar, &ai, a + 2 * k);
        lct_lanes_load_complex(&br, &bi, b + 2 * k);
        lct_lanes_load(&share, band + k);
        number(&x, k);
        const lct_lanes re = ar * br - ai * bi, im = ar * bi + ai * br;
        const lct_lanes w = share * (re * ti + im * tr);
        v[0] += w * w;
        v[1] += x * w * w;
        v[2] += x * x * w * w;
    }
    for (; k < n; k++) {
        const float re = a[2 * k] * b[2 * k] - a[2 * k + 1] * b[2 * k + 1],
                    im = a[2 * k] * b[2 * k + 1] + a[2 * k + 1] * b[2 * k];
        const float w = band[k] * (re * ti + im * tr), x = (float)k;
        v[0][0] += w * w;
        v[1][0] += x * w * w;
        v[2][0] += x * x * w * w;
    }
    return (struct drift_residue){ { lct_lanes_sum(&v[0]), lct_lanes_sum(&v[1]), lct_lanes_sum(&v[2]) } };
}
