#include "spectrum_private.h"

#include <lctem/stats.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WAVES = 3 };
static const double LEAST_FRAC = 0.3; /* of the brightest blocks' power: less does not belong to it */
static const double BRIGHTEST = 0.98; /* quantile of the blocks that is taken for the brightest */
static const double LEAST_SNR2 =
    8.0; /* power over noise in a domain: what is dimmer cannot be told from a lattice all over the plane */
static const double MOST_OUTSIDE = 0.15; /* of the power inside, between the blocks of the rest */
static const double MOST_SHARE = 0.4;    /* of the plane: more is as good as all of it */
static const double MOST_HOLES =
    0.1; /* of the set: with more it is no one crystal, and its weights would make waves of their own */
static const double LEAST_FILL = 0.6;   /* of its bounding box, for the same reason: a hexagon fills 0.65 or more */
static const double LEAST_WEIGHT = 0.2; /* of full blocks */

/* Power of the mean complex amplitude over 3 x 3 blocks; 0 at the border, where next to nothing was loaded. */
static double smooth_power(const struct lct_spectrum *s, const struct blocks *block, int bx, int by, double full)
{
    double re = 0, im = 0, w = 0;
    for (int y = by - 1; y <= by + 1; y++)
        for (int x = bx - 1; x <= bx + 1; x++)
            if (x >= 0 && y >= 0 && x < BLOCKS && y < BLOCKS) {
                re += block->re[y * BLOCKS + x];
                im += block->im[y * BLOCKS + x];
                w += s->block_weight[y * BLOCKS + x];
            }
    return w > LEAST_WEIGHT * full ? (re * re + im * im) / (w * w) : 0.0;
}

/* Blocks that can be reached from `start` over blocks above `least`; marks them with `mark`. Returns their number. */
static int flood(const double *power, double least, int start, uint8_t *marks, uint8_t mark)
{
    int stack[BLOCK_COUNT], n = 0, found = 0;
    stack[n++] = start;
    marks[start] = mark;
    while (n > 0) {
        const int at = stack[--n], x = at % BLOCKS, y = at / BLOCKS;
        const int next[4] = { x > 0 ? at - 1 : -1, x < BLOCKS - 1 ? at + 1 : -1, y > 0 ? at - BLOCKS : -1,
            y < BLOCKS - 1 ? at + BLOCKS : -1 };
        found++;
        for (int k = 0; k < 4; k++)
            if (next[k] >= 0 && marks[next[k]] == 0 && power[next[k]] >= least) {
                marks[next[k]] = mark;
                stack[n++] = next[k];
            }
    }
    return found;
}

/* The brightest connected set of blocks, as 0 and 1 in `inside`. Returns how many there are. */
static int brightest_set(const double *power, double least, uint8_t *inside)
{
    uint8_t marks[BLOCK_COUNT] = { 0 }, best = 0, mark = 0;
    double most = 0;
    int count = 0;
    for (int i = 0; i < BLOCK_COUNT; i++) {
        if (marks[i] || power[i] < least || mark == UINT8_MAX)
            continue;
        const int n = flood(power, least, i, marks, ++mark);
        double sum = 0;
        for (int k = 0; k < BLOCK_COUNT; k++)
            sum += marks[k] == mark ? power[k] : 0.0;
        if (sum > most) {
            most = sum;
            best = mark;
            count = n;
        }
    }
    for (int i = 0; i < BLOCK_COUNT; i++)
        inside[i] = best && marks[i] == best;
    return count;
}

/* Close the holes of a set: what cannot be reached from the border outside of it. Returns how many blocks that adds. */
static int fill_holes(uint8_t *inside)
{
    double empty[BLOCK_COUNT];
    uint8_t marks[BLOCK_COUNT] = { 0 };
    int added = 0;
    for (int i = 0; i < BLOCK_COUNT; i++)
        empty[i] = inside[i] ? 0.0 : 1.0;
    for (int i = 0; i < BLOCK_COUNT; i++) {
        const int x = i % BLOCKS, y = i / BLOCKS;
        if ((x == 0 || y == 0 || x == BLOCKS - 1 || y == BLOCKS - 1) && !inside[i] && !marks[i])
            (void)flood(empty, 0.5, i, marks, 1);
    }
    for (int i = 0; i < BLOCK_COUNT; i++) {
        added += !inside[i] && !marks[i];
        inside[i] |= !marks[i];
    }
    return added;
}

static double mean_where(const double *power, const uint8_t *inside, uint8_t value)
{
    double sum = 0, n = 0;
    for (int i = 0; i < BLOCK_COUNT; i++)
        if (inside[i] == value) {
            sum += power[i];
            n++;
        }
    return n > 0 ? sum / n : 0.0;
}

/* Blocks that hold a set, both corners inside. */
struct extent {
    int x0, y0, x1, y1;
};

static struct extent extent_of(const uint8_t *inside)
{
    struct extent e = { BLOCKS, BLOCKS, -1, -1 };
    for (int i = 0; i < BLOCK_COUNT; i++)
        if (inside[i]) {
            const int x = i % BLOCKS, y = i / BLOCKS;
            e.x0 = x < e.x0 ? x : e.x0;
            e.x1 = x > e.x1 ? x : e.x1;
            e.y0 = y < e.y0 ? y : e.y0;
            e.y1 = y > e.y1 ? y : e.y1;
        }
    return e;
}

/* One piece without many holes or arms. */
static bool is_compact(const uint8_t *inside, int n, int holes)
{
    const struct extent e = extent_of(inside);
    return n > 0 && holes <= MOST_HOLES * n && n >= LEAST_FILL * (e.x1 - e.x0 + 1) * (e.y1 - e.y0 + 1);
}

/* Is it a part, and clearly so? Both means are freed of what noise adds to them. */
static bool is_part(const double *power, const uint8_t *inside, int n, double noise)
{
    const double in = mean_where(power, inside, 1), out = mean_where(power, inside, 0);
    return n < MOST_SHARE * BLOCK_COUNT && in > LEAST_SNR2 * noise && out - noise < MOST_OUTSIDE * (in - noise);
}

/* Share of a block's neighbourhood that lies inside, between 0 and 1. */
static double membership(const uint8_t *inside, int bx, int by)
{
    int n = 0;
    for (int y = by - 1; y <= by + 1; y++)
        for (int x = bx - 1; x <= bx + 1; x++)
            n += x >= 0 && y >= 0 && x < BLOCKS && y < BLOCKS && inside[y * BLOCKS + x];
    return n / 9.0;
}

/* Zero at the edge of the set and beyond, rising to one within about two blocks: interpolated between the middles of
 * the blocks. */
static void fill_weights(const struct lct_spectrum *s, const uint8_t *inside, struct lct_spectrum_domain *d)
{
    const double step_x = (double)s->used_width / BLOCKS, step_y = (double)s->used_height / BLOCKS;
    double share[BLOCK_COUNT];
    for (int i = 0; i < BLOCK_COUNT; i++)
        share[i] = membership(inside, i % BLOCKS, i / BLOCKS);
    for (int y = 0; y < d->height; y++)
        for (int x = 0; x < d->width; x++) {
            const double u = fmin(fmax((x + d->x0 + 0.5) / step_x - 0.5, 0), BLOCKS - 1),
                         v = fmin(fmax((y + d->y0 + 0.5) / step_y - 0.5, 0), BLOCKS - 1);
            const int i = u < BLOCKS - 1 ? (int)u : BLOCKS - 2, k = v < BLOCKS - 1 ? (int)v : BLOCKS - 2;
            const double *p = share + k * BLOCKS + i, fu = u - i, fv = v - k;
            const double here =
                (1 - fv) * ((1 - fu) * p[0] + fu * p[1]) + fv * ((1 - fu) * p[BLOCKS] + fu * p[BLOCKS + 1]);
            const double t = fmin(1.0, fmax(0.0, 2 * here - 1));
            d->weights[(size_t)y * (size_t)d->width + (size_t)x] = (float)(0.5 - 0.5 * cos(M_PI * t));
        }
}

/* What was left out of the plane is left out of a part of it. */
static void fade_as_loaded(const struct lct_spectrum *s, struct lct_spectrum_domain *d)
{
    for (int y = 0; y < d->height; y++) {
        const float *w = s->weights + (size_t)(y + d->y0 + s->used_y) * (size_t)s->width + (size_t)(d->x0 + s->used_x);
        for (int x = 0; x < d->width; x++)
            d->weights[(size_t)y * (size_t)d->width + (size_t)x] *= w[x];
    }
}

static enum lct_status make_domain(
    const struct lct_spectrum *s, const uint8_t *inside, struct lct_spectrum_domain *out, struct lct_err *err)
{
    const struct extent e = extent_of(inside);
    struct lct_spectrum_domain d = { .x0 = spectrum_block(e.x0, 0, s->used_width),
        .y0 = spectrum_block(e.y0, 0, s->used_height) };
    d.width = spectrum_block(e.x1 + 1, 0, s->used_width) - d.x0;
    d.height = spectrum_block(e.y1 + 1, 0, s->used_height) - d.y0;
    d.weights = malloc((size_t)d.width * (size_t)d.height * sizeof *d.weights);
    if (!d.weights)
        return lct_fail(err, LCT_E_LIMIT, "spectrum: no memory");
    fill_weights(s, inside, &d);
    if (!s->whole)
        fade_as_loaded(s, &d);
    d.x0 += s->x0;
    d.y0 += s->y0;
    *out = d;
    return LCT_OK;
}

void lct_spectrum_domain_finish(struct lct_spectrum_domain *domain)
{
    free(domain->weights);
    *domain = (struct lct_spectrum_domain){ 0 };
}

enum lct_status lct_spectrum_domain(struct lct_spectrum *spectrum, const struct lct_wave *waves, size_t n,
    struct lct_spectrum_domain *out, struct lct_err *err)
{
    struct lct_spectrum *s = spectrum;
    double power[BLOCK_COUNT] = { 0 }, sorted[BLOCK_COUNT], noise = 0;
    uint8_t inside[BLOCK_COUNT];
    struct lct_spectrum_domain d = { 0 };
    enum lct_status status = LCT_OK;
    const double full = 9.0 * s->used_width * s->used_height / BLOCK_COUNT;
    n = n < MOST_WAVES ? n : MOST_WAVES;
    spectrum_demodulate(s, waves, n);
    for (size_t j = 0; j < n; j++) {
        for (int i = 0; i < BLOCK_COUNT; i++)
            power[i] += smooth_power(s, &s->block[j], i % BLOCKS, i / BLOCKS, full);
        noise += waves[j].noise / s->find_weight2_sum / full;
    }
    memcpy(sorted, power, sizeof sorted);
    const double least = LEAST_FRAC * lct_stats_quantile(sorted, BLOCK_COUNT, BRIGHTEST);
    const int count = brightest_set(power, least, inside), holes = fill_holes(inside);
    if (is_compact(inside, count + holes, holes) && is_part(power, inside, count + holes, noise))
        status = make_domain(s, inside, &d, err);
    if (status == LCT_OK)
        *out = d;
    return status;
}
