#include "bare_edge.h"

#include <lctem/clones.h>

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { WORD = 64 };
static const double THIN_RIMS = 2.0;                      /* false rims: what is wider at any place is shell there */
static const double THINNER_RIMS = 6.0, LEAST_THIN = 1.4; /* less of it in noise as deep as the core: specks are wide */
static const double BARE_RIMS = 1.08; /* false rims: as wide looks a layer whose loss is as bad as its invention */
static const double NOISE_RIMS = 3.3; /* false rims by which noise as deep as the core may widen a mean */
static const double CELL_BLURS = 3.0; /* widths are averaged over three by three cells of this side */

/* Widths by cell. */
struct grid {
    struct lct_mask_cell *cells;
    int side_px, columns, rows;
};

static bool is_set(const struct lct_mask_work *work, const uint64_t *mask, int x, int y)
{
    if (x < 0 || y < 0 || x >= work->width || y >= work->height)
        return false;
    return mask[(size_t)y * lct_mask_words(work->width) + (size_t)x / WORD] >> (x % WORD) & 1;
}

/* From (x, y) to the nearest pixel of the core, at most `reach`: squares that widen until none can hold a nearer one. */
static double distance_px(const struct lct_mask_work *work, const uint64_t *core, int x, int y, int reach)
{
    int best = reach * reach;
    for (int d = 1; d * d < best; d++)
        for (int e = 0; e <= d && d * d + e * e < best; e++)
            for (int sign = -1; sign <= 1; sign += 2)
                if (is_set(work, core, x + sign * e, y - d) || is_set(work, core, x + sign * e, y + d)
                    || is_set(work, core, x - d, y + sign * e) || is_set(work, core, x + d, y + sign * e))
                    best = d * d + e * e;
    return sqrt(best);
}

static void measure_widths(
    const struct lct_mask_work *work, const uint64_t *core, const uint64_t *thin, int reach, const struct grid *g)
{
    memset(g->cells, 0, (size_t)g->columns * (size_t)g->rows * sizeof *g->cells);
    for (int y = 0; y < work->height; y++) {
        const uint64_t *row = thin + (size_t)y * lct_mask_words(work->width);
        for (int x = 0, end; lct_mask_next_run(row, work->width, &x, &end);)
            for (; x < end; x++) {
                struct lct_mask_cell *c = &g->cells[(ptrdiff_t)(y / g->side_px) * g->columns + x / g->side_px];
                c->n += 1.0;
                c->sum += distance_px(work, core, x, y, reach);
            }
    }
}

/* Mean width around a thin pixel: centres lie from 1 px to the width away from the core's last ones. */
static double mean_width_px(const struct grid *g, int x, int y)
{
    const int cx = x / g->side_px, cy = y / g->side_px;
    double n = 0.0, sum = 0.0;
    for (int j = cy > 0 ? cy - 1 : 0; j <= cy + 1 && j < g->rows; j++)
        for (int i = cx > 0 ? cx - 1 : 0; i <= cx + 1 && i < g->columns; i++) {
            const struct lct_mask_cell *c = &g->cells[(ptrdiff_t)j * g->columns + i];
            n += c->n;
            sum += c->sum;
        }
    return 2.0 * sum / n - 1.0;
}

static void keep_bare(const struct lct_mask_work *work, const struct grid *g, double most_px, uint64_t *thin)
{
    for (int y = 0; y < work->height; y++) {
        uint64_t *row = thin + (size_t)y * lct_mask_words(work->width);
        for (int x = 0, end; lct_mask_next_run(row, work->width, &x, &end);)
            for (; x < end; x++)
                if (mean_width_px(g, x, y) > most_px)
                    row[x / WORD] &= ~((uint64_t)1 << (x % WORD));
    }
}

LCT_CLONES void bare_edge_find(const struct lct_levels *levels, struct lct_mask_work *work, const uint64_t *core,
    const uint64_t *shell, uint64_t *bare)
{
    const double noise = levels->noise_sd / (1.0 - levels->core), rim_px = lct_levels_false_rim_px(levels);
    const double width = fmax(THIN_RIMS - THINNER_RIMS * noise, LEAST_THIN) * rim_px;
    uint64_t *const wide = work->bits[LCT_MASK_BITS - 1];
    lct_mask_open(work, shell, 0.5 * width, wide);
    lct_mask_dilate(work, core, width + 1.0, bare);
    for (size_t i = 0; i < lct_mask_words(work->width) * (size_t)work->height; i++)
        bare[i] &= shell[i] & ~wide[i];
    struct grid g = { .cells = work->cells };
    g.side_px = (int)fmax(LCT_MASK_CELL_PX, round(CELL_BLURS * levels->blur_px));
    g.columns = (work->width + g.side_px - 1) / g.side_px;
    g.rows = (work->height + g.side_px - 1) / g.side_px;
    measure_widths(work, core, bare, (int)ceil(width) + 2, &g);
    keep_bare(work, &g, (BARE_RIMS + NOISE_RIMS * noise) * rim_px, bare);
}
