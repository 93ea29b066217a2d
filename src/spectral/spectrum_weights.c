#include "spectrum_private.h"

#include <lctem/clones.h>
#include <lctem/window.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TERMS = 6, MOST_SOFT_PX = 8 };
static const double FADE_FRAC = 0.1; /* of each side of a whole plane: wider costs precision, narrower leaks */
static const double SOFT_FRAC =
    0.02; /* of the shorter side: a third of the way on which the weights rise beside what is left out */

static double hann(int i, int n)
{
    return 0.5 - 0.5 * cos(2.0 * M_PI * i / n);
}

/* The sum of squared weights under the Hann window on top. */
static double hann_weight2(const struct lct_spectrum *s)
{
    double sum = 0;
    for (int y = s->used_y; y < s->used_y + s->used_height; y++) {
        const double hy = hann(y, s->height);
        for (int x = s->used_x; x < s->used_x + s->used_width; x++) {
            const double w = (double)s->weights[(size_t)y * (size_t)s->width + (size_t)x] * hann(x, s->width) * hy;
            sum += w * w;
        }
    }
    return sum;
}

/* Sums over rows, for each column, of w, y w, y^2 w: the compiler can do several columns at a time. */
LCT_CLONES static void add_moments(
    const float *restrict w, int n, float y, float *restrict c0, float *restrict c1, float *restrict c2)
{
    for (int x = 0; x < n; x++) {
        c0[x] += w[x];
        c1[x] += y * w[x];
        c2[x] += y * y * w[x];
    }
}

/* Sums over all of w times 1, x, y, x^2, x y, y^2 from those of the columns. */
static void total_moments(const struct lct_spectrum *s, const float *c, double *out)
{
    const int n = s->used_width;
    memset(out, 0, TERMS * sizeof *out);
    for (int i = 0; i < n; i++) {
        const double x = i + s->used_x - 0.5 * (s->width - 1), c0 = (double)c[i], c1 = (double)c[n + i],
                     c2 = (double)c[2 * n + i];
        const double terms[TERMS] = { c0, x * c0, c1, x * x * c0, x * c1, c2 };
        for (int k = 0; k < TERMS; k++)
            out[k] += terms[k];
    }
}

/* Sums of the weights over the plane and over its blocks. */
void spectrum_sum_weights(struct lct_spectrum *s)
{
    const int n = s->used_width;
    float *columns = s->phases, *squares = columns + 3 * n, *square = squares + 3 * n, *before = square + n;
    double n1[TERMS], n2[TERMS], *m1 = s->m1, *m2 = s->m2;
    memset(s->phases, 0, 8 * (size_t)n * sizeof *s->phases);
    memset(s->block_weight, 0, sizeof s->block_weight);
    for (int stripe = 0, y = s->used_y; stripe < BLOCKS; stripe++) {
        memcpy(before, columns, (size_t)n * sizeof *before);
        for (; y < spectrum_block(stripe + 1, s->used_y, s->used_height); y++) {
            const float *w = s->weights + (size_t)y * (size_t)s->width + (size_t)s->used_x,
                        dy = (float)(y - 0.5 * (s->height - 1));
            for (int x = 0; x < n; x++)
                square[x] = w[x] * w[x];
            add_moments(w, n, dy, columns, columns + n, columns + 2 * n);
            add_moments(square, n, dy, squares, squares + n, squares + 2 * n);
        }
        for (int block = 0, x = 0; block < BLOCKS; block++)
            for (; x < spectrum_block(block + 1, 0, n); x++)
                s->block_weight[stripe * BLOCKS + block] += (double)(columns[x] - before[x]);
    }
    total_moments(s, columns, n1);
    total_moments(s, squares, n2);
    s->weight_sum = n1[0];
    s->weight2_sum = n2[0];
    s->find_weight2_sum = s->hann ? hann_weight2(s) : n2[0];
    if (s->weight_sum <= 0)
        return;
    const double cx = s->centre_x = n1[1] / n1[0], cy = s->centre_y = n1[2] / n1[0];
    m1[0] = n1[3] - n1[0] * cx * cx;
    m1[1] = n1[4] - n1[0] * cx * cy;
    m1[2] = n1[5] - n1[0] * cy * cy;
    const double wide_x = sqrt(12 * m1[0] / s->weight_sum) / s->width,
                 wide_y = sqrt(12 * m1[2] / s->weight_sum) / s->height;
    s->zoom = s->hann ? 1.0 : fmax(1.0, 1.0 / fmax(0.05, fmin(wide_x, wide_y)));
    s->resolution_x = s->hann ? 1.0 / s->used_width : s->zoom / s->width;
    s->resolution_y = s->hann ? 1.0 / s->used_height : s->zoom / s->height;
    m2[0] = n2[3] - 2 * cx * n2[1] + cx * cx * n2[0];
    m2[1] = n2[4] - cy * n2[1] - cx * n2[2] + cx * cy * n2[0];
    m2[2] = n2[5] - 2 * cy * n2[2] + cy * cy * n2[0];
}

/* What lies in the box and is not left out, as 0 to 1. */
static enum lct_status fade_around(struct lct_spectrum *s, const unsigned char *ignore, int plane_width,
    const struct lct_box *box, struct lct_err *err)
{
    const size_t n = (size_t)box->width * (size_t)box->height;
    const int shorter = box->width < box->height ? box->width : box->height, soft = (int)(SOFT_FRAC * shorter) + 2;
    unsigned char *inside = malloc(n);
    float *around = malloc(n * sizeof *around);
    enum lct_status status = inside && around ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "spectrum: no memory");
    for (int y = 0; status == LCT_OK && y < box->height; y++)
        memcpy(inside + (size_t)y * (size_t)box->width,
            ignore + (size_t)(y + box->y) * (size_t)plane_width + (size_t)box->x, (size_t)box->width);
    if (status == LCT_OK)
        status =
            lct_window_around(around, inside, box->width, box->height, soft < MOST_SOFT_PX ? soft : MOST_SOFT_PX, err);
    for (int y = 0; status == LCT_OK && y < box->height; y++) {
        float *w = s->weights + (size_t)(y + s->used_y) * (size_t)s->width + (size_t)s->used_x;
        const float *factor = around + (size_t)y * (size_t)box->width;
        for (int x = 0; x < box->width; x++)
            w[x] *= factor[x];
    }
    free(inside);
    free(around);
    return status;
}

enum lct_status spectrum_weigh_plane(struct lct_spectrum *s, const unsigned char *ignore, int plane_width,
    const struct lct_box *box, struct lct_err *err)
{
    float *fade_x = s->column, *fade_y = s->phases; /* both longer than a side */
    lct_window_tukey(fade_x, box->width, FADE_FRAC);
    lct_window_tukey(fade_y, box->height, FADE_FRAC);
    for (int y = 0; y < box->height; y++)
        for (int x = 0; x < box->width; x++)
            s->weights[(size_t)(y + s->used_y) * (size_t)s->width + (size_t)(x + s->used_x)] = fade_x[x] * fade_y[y];
    const enum lct_status status = ignore ? fade_around(s, ignore, plane_width, box, err) : LCT_OK;
    if (status == LCT_OK)
        spectrum_sum_weights(s);
    return status;
}
