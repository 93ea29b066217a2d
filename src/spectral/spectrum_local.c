#include "spectrum_private.h"

#include <lctem/clones.h>
#include <math.h>
#include <string.h>

enum { MOST_TAPS = 12 };
static const double LEAST_WEIGHT = 0.3; /* of full cells: at the rim of a region there is next to nothing to go by */

struct taps {
    int reach;
    float at[MOST_TAPS + 1];
};

static struct taps make_taps(double sigma)
{
    struct taps t = { .reach = (int)ceil(2.5 * sigma) };
    t.reach = t.reach > MOST_TAPS ? MOST_TAPS : t.reach;
    for (int i = 0; i <= t.reach; i++)
        t.at[i] = sigma > 0 ? (float)exp(-0.5 * i * i / (sigma * sigma)) : 1.0F;
    return t;
}

/* Sums over neighbouring cells by a Gaussian, not normalised; what lies beyond the border is nothing. */
LCT_CLONES static void smooth(const double *in, const struct taps *x, const struct taps *y, float *out)
{
    float line[BLOCK_COUNT], padded[BLOCKS + 2 * MOST_TAPS] = { 0 };
    for (int row = 0; row < BLOCKS; row++) {
        for (int i = 0; i < BLOCKS; i++)
            padded[MOST_TAPS + i] = (float)in[row * BLOCKS + i];
        float *restrict to = line + row * BLOCKS;
        for (int i = 0; i < BLOCKS; i++)
            to[i] = x->at[0] * padded[MOST_TAPS + i];
        for (int k = 1; k <= x->reach; k++)
            for (int i = 0; i < BLOCKS; i++)
                to[i] += x->at[k] * (padded[MOST_TAPS + i - k] + padded[MOST_TAPS + i + k]);
    }
    memset(out, 0, BLOCK_COUNT * sizeof *out);
    for (int row = 0; row < BLOCKS; row++)
        for (int k = -y->reach; k <= y->reach; k++) {
            if (row + k < 0 || row + k >= BLOCKS)
                continue;
            const float w = y->at[k < 0 ? -k : k], *restrict from = line + (row + k) * BLOCKS;
            float *restrict to = out + row * BLOCKS;
            for (int i = 0; i < BLOCKS; i++)
                to[i] += w * from[i];
        }
}

static double sum_of(const struct taps *t)
{
    double sum = (double)t->at[0];
    for (int i = 1; i <= t->reach; i++)
        sum += 2.0 * (double)t->at[i];
    return sum;
}

/* Variance of |z| in each cell over that of a pixel, and which cells count. */
static void weigh(const struct lct_spectrum *s, double sx, double sy, float *total, struct lct_spectrum_cells *c)
{
    const struct taps x = make_taps(sx), y = make_taps(sy), x2 = make_taps(sx / sqrt(2.0)),
                      y2 = make_taps(sy / sqrt(2.0));
    const double full = sum_of(&x) * sum_of(&y) * s->used_width * s->used_height / BLOCK_COUNT;
    float squares[BLOCK_COUNT];
    smooth(s->block_weight, &x, &y, total);
    smooth(s->block_weight, &x2, &y2, squares);
    for (int i = 0; i < BLOCK_COUNT; i++) {
        const bool counts = (double)total[i] > LEAST_WEIGHT * full;
        c->weight[i] = counts ? (float)s->block_weight[i] : 0.0F;
        total[i] = counts ? total[i] : 0.0F;
        c->noise[i] = counts ? squares[i] / (total[i] * total[i]) : 0.0F;
    }
}

void lct_spectrum_local(struct lct_spectrum *spectrum, const struct lct_wave *waves, size_t n, double sigma_px,
    struct lct_spectrum_cells *out)
{
    struct lct_spectrum *s = spectrum;
    const double step_x = (double)s->used_width / BLOCKS, step_y = (double)s->used_height / BLOCKS;
    const struct taps x = make_taps(sigma_px / step_x), y = make_taps(sigma_px / step_y);
    float total[BLOCK_COUNT];
    struct lct_spectrum_cells first = {
        .step_x = step_x, .step_y = step_y, .together = fmax(1.0, 4 * M_PI * sigma_px * sigma_px / (step_x * step_y))
    };
    weigh(s, sigma_px / step_x, sigma_px / step_y, total, &first);
    spectrum_demodulate(s, waves, n);
    for (size_t j = 0; j < n; j++) {
        struct lct_spectrum_cells *c = &out[j];
        const float variance = (float)(waves[j].noise / s->find_weight2_sum);
        *c = first;
        c->gx = waves[j].gx;
        c->gy = waves[j].gy;
        smooth(s->block[j].re, &x, &y, c->re);
        smooth(s->block[j].im, &x, &y, c->im);
        for (int i = 0; i < BLOCK_COUNT; i++) {
            const float share = total[i] > 0.0F ? 1.0F / total[i] : 0.0F;
            c->re[i] *= share;
            c->im[i] *= share;
            c->noise[i] *= variance;
        }
    }
}
