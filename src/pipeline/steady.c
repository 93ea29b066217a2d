#include "steady.h"

#include <lctem/clones.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 4, SIDE_BLOCKS = 3, MOST_BLOCKS = 2 * SIDE_BLOCKS + 1, SAMPLE_STRIDE = 7 };
static const double END_BLOCKS = 1.5;  /* of the stretch to either side, at the ends of the movie */
static const double OWN_WEIGHT = 0.25; /* of the frame's own mean against the block it lies in */
static const double CHANGE_SDS = 1.8;  /* of the difference between two means: beyond it something has moved */

struct steady {
    const struct plan *plan;
    long slots;            /* block j lives in slot j % slots */
    struct lct_image *sum; /* in the position of the first frame */
    float **cells;         /* means over CELL x CELL px of a block that is complete */
    int columns, rows;     /* of the cells */
    long *block, *count;   /* which block a slot holds, and of how many frames */
};

void steady_destroy(struct steady **steady)
{
    struct steady *s = *steady;
    if (!s)
        return;
    for (long i = 0; i < s->slots; i++) {
        if (s->sum)
            lct_image_finish(&s->sum[i]);
        if (s->cells)
            free(s->cells[i]);
    }
    free(s->sum);
    free(s->cells);
    free(s->block);
    free(s->count);
    free(s);
    *steady = NULL;
}

enum lct_status steady_create(struct steady **out, const struct plan *plan, long chunk, struct lct_err *err)
{
    *out = NULL;
    if (plan->span == 0)
        return LCT_OK;
    struct steady *s = calloc(1, sizeof *s);
    if (!s)
        return lct_fail(err, LCT_E_LIMIT, "no memory for the means of the movie");
    *s = (struct steady){ .plan = plan,
        .slots = chunk / plan->span + 2 * SIDE_BLOCKS + 4,
        .columns = (plan->width + CELL - 1) / CELL,
        .rows = (plan->height + CELL - 1) / CELL };
    s->sum = calloc((size_t)s->slots, sizeof *s->sum);
    s->cells = calloc((size_t)s->slots, sizeof *s->cells);
    s->block = malloc((size_t)s->slots * sizeof *s->block);
    s->count = calloc((size_t)s->slots, sizeof *s->count);
    enum lct_status status = LCT_OK;
    if (!s->sum || !s->cells || !s->block || !s->count)
        status = lct_fail(err, LCT_E_LIMIT, "no memory for the means of the movie");
    for (long i = 0; status == LCT_OK && i < s->slots; i++) {
        s->block[i] = -1;
        s->cells[i] = malloc((size_t)s->columns * (size_t)s->rows * sizeof **s->cells);
        status = s->cells[i] ? lct_image_init(&s->sum[i], plan->width, plan->height, err)
                             : lct_fail(err, LCT_E_LIMIT, "no memory for the means of the movie");
    }
    if (status != LCT_OK) {
        steady_destroy(&s);
        return status;
    }
    *out = s;
    return LCT_OK;
}

/* First and last block whose middle is less than SIDE_BLOCKS spans from frame k. */
static void blocks_around(const struct plan *plan, long k, long *first, long *last)
{
    const long own = k / plan->span, end = (plan->n - 1) / plan->span;
    *first = own > SIDE_BLOCKS ? own - SIDE_BLOCKS : 0;
    *last = own + SIDE_BLOCKS < end ? own + SIDE_BLOCKS : end;
}

long steady_before(const struct plan *plan, long k)
{
    if (plan->span == 0)
        return 0;
    long first, last;
    blocks_around(plan, k, &first, &last);
    return k - first * plan->span;
}

long steady_after(const struct plan *plan, long k)
{
    if (plan->span == 0)
        return 0;
    long first, last;
    blocks_around(plan, k, &first, &last);
    const long end = (last + 1) * plan->span < plan->n ? (last + 1) * plan->span : plan->n;
    return end - 1 - k;
}

static int clamp_index(int i, int n)
{
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* Means over the cells of a plane that lies (dx, dy) off the first frame's position. */
LCT_CLONES static void to_cells(
    const struct steady *s, const struct lct_image *plane, int dx, int dy, float scale, float *cells)
{
    memset(cells, 0, (size_t)s->columns * (size_t)s->rows * sizeof *cells);
    for (int y = 0; y < s->rows * CELL; y++) {
        const float *src = plane->px + (size_t)clamp_index(y + dy, plane->height) * (size_t)plane->width;
        float *row = cells + (size_t)(y / CELL) * (size_t)s->columns;
        for (int c = 0; c < s->columns; c++) {
            const int x = c * CELL + dx;
            if (x >= 0 && x + CELL <= plane->width) {
                row[c] += (src[x] + src[x + 1]) + (src[x + 2] + src[x + 3]);
                continue;
            }
            for (int i = 0; i < CELL; i++)
                row[c] += src[clamp_index(x + i, plane->width)];
        }
    }
    for (size_t i = 0; i < (size_t)s->columns * (size_t)s->rows; i++)
        cells[i] *= scale / (CELL * CELL);
}

LCT_CLONES static void add_moved(const struct lct_image *plane, struct plane_shift shift, struct lct_image *sum)
{
    const int w = sum->width, from = clamp_index(-shift.x, w), to = clamp_index(w - shift.x, w + 1);
    for (int y = 0; y < sum->height; y++) {
        const float *restrict src = plane->px + (size_t)clamp_index(y + shift.y, sum->height) * (size_t)w;
        float *restrict row = sum->px + (size_t)y * (size_t)w;
        for (int x = 0; x < from; x++)
            row[x] += src[0];
        for (int x = from; x < to; x++)
            row[x] += src[x + shift.x];
        for (int x = to > from ? to : from; x < w; x++)
            row[x] += src[w - 1];
    }
}

void steady_add(struct steady *steady, long k, const struct lct_image *plane)
{
    const long block = k / steady->plan->span, slot = block % steady->slots;
    struct lct_image *sum = &steady->sum[slot];
    if (steady->block[slot] != block) {
        memset(sum->px, 0, lct_image_count(sum) * sizeof *sum->px);
        steady->block[slot] = block;
        steady->count[slot] = 0;
    }
    add_moved(plane, plan_shift(steady->plan, k), sum);
    steady->count[slot]++;
    if (k + 1 == steady->plan->n || (k + 1) % steady->plan->span == 0)
        to_cells(steady, sum, 0, 0, (float)(1.0 / (double)steady->count[slot]), steady->cells[slot]);
}

/* Scratch of one blend, per cell; and the weights of a row of pixels. */
struct blend {
    int columns, rows, n_blocks;
    size_t n;
    float *own, *between, *smooth, *sample, *row, *share[MOST_BLOCKS];
};

static void blend_finish(struct blend *b)
{
    free(b->own);
    free(b->between);
    free(b->smooth);
    free(b->sample);
    free(b->row);
    for (int j = 0; j < MOST_BLOCKS; j++)
        free(b->share[j]);
}

static bool blend_init(struct blend *b, const struct steady *s, int n_blocks)
{
    *b = (struct blend){
        .columns = s->columns, .rows = s->rows, .n_blocks = n_blocks, .n = (size_t)s->columns * (size_t)s->rows
    };
    bool ok = (b->own = malloc(b->n * sizeof *b->own)) && (b->between = malloc(b->n * sizeof *b->between))
        && (b->smooth = malloc(b->n * sizeof *b->smooth)) && (b->sample = malloc(b->n * sizeof *b->sample))
        && (b->row = malloc((size_t)s->columns * CELL * sizeof *b->row));
    for (int j = 0; ok && j < n_blocks; j++)
        ok = (b->share[j] = malloc(b->n * sizeof **b->share));
    return ok;
}

/* Binomial over 5 cells each way. */
LCT_CLONES static void smooth_cells(const struct blend *b, const float *in, float *between, float *out)
{
    const int w = b->columns;
    for (int y = 0; y < b->rows; y++) {
        const float *v = in + (size_t)y * (size_t)w;
        float *row = between + (size_t)y * (size_t)w;
        for (int x = 0; x < w; x++) {
            const int l2 = x > 1 ? x - 2 : 0, l1 = x > 0 ? x - 1 : 0, r1 = x + 1 < w ? x + 1 : w - 1,
                      r2 = x + 2 < w ? x + 2 : w - 1;
            row[x] = (v[l2] + v[r2] + 4.0f * (v[l1] + v[r1]) + 6.0f * v[x]) / 16.0f;
        }
    }
    for (int y = 0; y < b->rows; y++) {
        const float *rows[5];
        for (int k = 0; k < 5; k++)
            rows[k] = between + (size_t)clamp_index(y + k - 2, b->rows) * (size_t)w;
        float *row = out + (size_t)y * (size_t)w;
        for (int x = 0; x < w; x++)
            row[x] = (rows[0][x] + rows[4][x] + 4.0f * (rows[1][x] + rows[3][x]) + 6.0f * rows[2][x]) / 16.0f;
    }
}

/* How far a block is the same picture as the frame's own mean: 1 where they differ by the noise, towards 0 where by more. */
LCT_CLONES static void compare(struct blend *b, const float *cells, float *share)
{
    for (size_t i = 0; i < b->n; i++)
        share[i] = cells[i] - b->own[i];
    smooth_cells(b, share, b->between, b->smooth);
    size_t taken = 0;
    for (size_t i = 0; i < b->n; i += SAMPLE_STRIDE)
        b->sample[taken++] = fabsf(b->smooth[i]);
    const float sd = 1.4826f * (float)lct_stats_quantile_f(b->sample, taken, 0.5);
    const float back = 1.0f / fmaxf((float)CHANGE_SDS * sd, 1e-6f);
    for (size_t i = 0; i < b->n; i++) {
        const float z = b->smooth[i] * back, z2 = z * z;
        share[i] = 1.0f / (1.0f + z2 * z2);
    }
}

/* What has changed once stays changed for the blocks farther off. */
static void keep_changed(struct blend *b, int own)
{
    for (int j = own + 1; j < b->n_blocks; j++)
        for (size_t i = 0; i < b->n; i++)
            b->share[j][i] = fminf(b->share[j][i], b->share[j - 1][i]);
    for (int j = own - 1; j >= 0; j--)
        for (size_t i = 0; i < b->n; i++)
            b->share[j][i] = fminf(b->share[j][i], b->share[j + 1][i]);
}

/* From likeness to weights that make one with the frame's own, which goes to b->own. */
static void weigh(struct blend *b, const double weight[MOST_BLOCKS])
{
    for (size_t i = 0; i < b->n; i++) {
        float total = (float)OWN_WEIGHT;
        for (int j = 0; j < b->n_blocks; j++)
            total += (float)weight[j] * b->share[j][i];
        b->own[i] = (float)OWN_WEIGHT / total;
        for (int j = 0; j < b->n_blocks; j++)
            b->share[j][i] *= (float)weight[j] / total;
    }
}

/* Weights of a row of pixels, straight lines between the middles of the cells. */
LCT_CLONES static void spread_row(struct blend *b, const float *cells, int y)
{
    const float v = fminf(fmaxf(((float)y - 0.5f * (CELL - 1)) / CELL, 0.0f), (float)(b->rows - 1));
    const int y0 = (int)v, y1 = clamp_index(y0 + 1, b->rows);
    const float fy = v - (float)y0;
    const float *top = cells + (size_t)y0 * (size_t)b->columns, *bottom = cells + (size_t)y1 * (size_t)b->columns;
    for (int c = 0; c < b->columns; c++) {
        const int l = c > 0 ? c - 1 : 0, r = c + 1 < b->columns ? c + 1 : c;
        const float left = top[l] + fy * (bottom[l] - top[l]), here = top[c] + fy * (bottom[c] - top[c]),
                    right = top[r] + fy * (bottom[r] - top[r]);
        float *row = b->row + (size_t)c * CELL;
        row[0] = here + 0.375f * (left - here);
        row[1] = here + 0.125f * (left - here);
        row[2] = here + 0.125f * (right - here);
        row[3] = here + 0.375f * (right - here);
    }
}

/* mean = own weight * mean + weight * block; what has come into view since the first frame keeps its own mean. */
LCT_CLONES static void mix_row(
    const float *restrict weight, const float *restrict src, float scale, int n, float *restrict row)
{
    for (int x = 0; x < n; x++)
        row[x] += weight[x] * scale * src[x];
}

LCT_CLONES static void scale_row(const float *restrict weight, int n, float *restrict row)
{
    for (int x = 0; x < n; x++)
        row[x] *= weight[x];
}

static void mix(const struct steady *s, struct blend *b, long first, struct plane_shift shift, struct lct_image *mean)
{
    const int w = mean->width, h = mean->height;
    const int from_x = shift.x > 0 ? shift.x : 0, to_x = shift.x < 0 ? w + shift.x : w;
    for (int y = shift.y > 0 ? shift.y : 0; y < (shift.y < 0 ? h + shift.y : h) && from_x < to_x; y++) {
        const size_t there = (size_t)(y - shift.y) * (size_t)w + (size_t)(from_x - shift.x);
        float *row = mean->px + (size_t)y * (size_t)w + (size_t)from_x;
        spread_row(b, b->own, y - shift.y);
        scale_row(b->row + from_x - shift.x, to_x - from_x, row);
        for (int j = 0; j < b->n_blocks; j++) {
            const long slot = (first + j) % s->slots;
            spread_row(b, b->share[j], y - shift.y);
            mix_row(b->row + from_x - shift.x, s->sum[slot].px + there, (float)(1.0 / (double)s->count[slot]),
                to_x - from_x, row);
        }
    }
}

enum lct_status steady_blend(const struct steady *steady, long k, struct lct_image *mean, struct lct_err *err)
{
    if (!steady)
        return LCT_OK;
    const struct plan *plan = steady->plan;
    const struct plane_shift shift = plan_shift(plan, k);
    long first, last;
    blocks_around(plan, k, &first, &last);
    struct blend b;
    if (!blend_init(&b, steady, (int)(last - first + 1))) {
        blend_finish(&b);
        return lct_fail(err, LCT_E_LIMIT, "no memory for the means of the movie");
    }
    /* near the ends of the movie a shorter stretch, so that it leans less to one side */
    const double end = (double)(k < plan->n - 1 - k ? k : plan->n - 1 - k);
    const double side = fmin(SIDE_BLOCKS, END_BLOCKS + end / plan->span) * plan->span;
    double weight[MOST_BLOCKS] = { 0.0 };
    to_cells(steady, mean, shift.x, shift.y, 1.0f, b.own);
    for (int j = 0; j < b.n_blocks; j++) {
        const long slot = (first + j) % steady->slots;
        const double count = (double)steady->count[slot],
                     middle = (double)((first + j) * plan->span) + 0.5 * (count - 1.0);
        weight[j] = fmax(0.0, 1.0 - fabs(middle - (double)k) / side) * count / plan->span;
        compare(&b, steady->cells[slot], b.share[j]);
    }
    keep_changed(&b, (int)(k / plan->span - first));
    weigh(&b, weight);
    mix(steady, &b, first, shift, mean);
    blend_finish(&b);
    return LCT_OK;
}
