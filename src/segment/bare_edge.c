#include "bare_edge_find.h"
#include "segment_by_level.h"

#include <lctem/clones.h>
#include <lctem/parallel.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { WORD = 64, BINS = 64, LEAST_PIXELS = 300 };
static const double THIN_RIMS = 2.0;                      /* false rims: what is wider at any place is shell there */
static const double THINNER_RIMS = 6.0, LEAST_THIN = 1.4; /* less of it in noise as deep as the core: specks are wide */
static const double BARE_SHARE =
    1.2; /* of a bare edge's width: 1.08, where a layer's loss is as bad as its invention, and more for what is learnt low */
static const double NOISE_RIMS = 2.4;  /* false rims by which noise as deep as the core may widen a mean: two sds */
static const double CELL_BLURS = 3.0;  /* widths are averaged over three by three cells of this side */
static const double SEAM_BLURS = 2.0;  /* half of a gap between two cores, whose grey is the rim of neither */
static const double STILL_SHARE = 0.2; /* of the widths in time means; others are of edges that moved meanwhile */
static const double USUAL_RIMS = 0.95; /* false rims that a bare edge is wide in pixels, where nothing is known */
static const double BARE_AT_MOST_RIMS = 1.25, LEAST_RIMS = 0.75,
                    MOST_RIMS = 1.1; /* of edges to learn from; what is learnt, or it was no bare edge */

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

static double noise_of(const struct lct_levels *levels)
{
    return levels->noise_sd / (1.0 - levels->core);
}

/* What may be the rim of a bare edge, in `thin`, and the widths there; how wide the false rim is. */
LCT_CLONES static double find_thin(const struct lct_levels *levels, struct lct_mask_work *work, const uint64_t *core,
    const uint64_t *shell, uint64_t *thin, struct grid *g)
{
    const double rim_px = lct_levels_false_rim_px(levels),
                 width = fmax(THIN_RIMS - THINNER_RIMS * noise_of(levels), LEAST_THIN) * rim_px;
    uint64_t *const wide = work->bits[LCT_MASK_BITS - 1];
    lct_mask_open(work, shell, 0.5 * width, wide);
    lct_mask_dilate(work, core, width + 1.0, thin);
    for (size_t i = 0; i < lct_mask_words(work->width) * (size_t)work->height; i++)
        thin[i] &= shell[i] & ~wide[i];
    *g = (struct grid){ .cells = work->cells,
        .side_px = (int)fmax(LCT_MASK_CELL_PX, round(CELL_BLURS * levels->blur_px)) };
    g->columns = (work->width + g->side_px - 1) / g->side_px;
    g->rows = (work->height + g->side_px - 1) / g->side_px;
    measure_widths(work, core, thin, (int)ceil(width) + 2, g);
    return rim_px;
}

void bare_edge_find(const struct lct_levels *levels, struct lct_mask_work *work, const uint64_t *core,
    const uint64_t *shell, uint64_t *bare)
{
    struct grid g;
    const double rim_px = find_thin(levels, work, core, shell, bare, &g);
    const double rims = levels->bare_rims > 0.0 ? levels->bare_rims : USUAL_RIMS;
    keep_bare(work, &g, (BARE_SHARE * rims + NOISE_RIMS * noise_of(levels)) * rim_px, bare);
}

/* Mean widths of thin rims, pixel by pixel, counted for each plane in bins up to BARE_AT_MOST_RIMS. */
struct learning {
    const struct lct_planes *planes;
    const struct lct_levels *levels;
    const struct lct_segment_params *segment;
    struct lct_mask_work *work; /* threads */
    long (*seen)[BINS];         /* planes */
};

static enum lct_status look_at_plane(void *context, size_t k, int worker, struct lct_err *err)
{
    (void)err;
    struct learning *l = context;
    struct lct_mask_work *work = &l->work[worker];
    uint64_t *const core = work->bits[0], *const shell = work->bits[1], *const thin = work->bits[2],
                    *const closed = work->bits[3];
    struct grid g;
    segment_by_level(&l->planes->plane[k], l->levels, l->segment, work, core, shell);
    lct_mask_close(work, core, SEAM_BLURS * l->levels->blur_px, closed);
    for (size_t i = 0; i < lct_mask_words(work->width) * (size_t)work->height; i++)
        shell[i] &= ~closed[i];
    const double bins = BINS / (BARE_AT_MOST_RIMS * find_thin(l->levels, work, core, shell, thin, &g));
    for (int y = 0; y < work->height; y++)
        for (int x = 0, end; lct_mask_next_run(thin + (size_t)y * lct_mask_words(work->width), work->width, &x, &end);)
            for (; x < end; x++) {
                const int bin = (int)fmin(fmax(mean_width_px(&g, x, y) * bins, 0.0), BINS);
                if (bin < BINS)
                    l->seen[k][bin]++;
            }
    return LCT_OK;
}

/* In false rims; 0: too few. */
static double still_rims(const struct learning *l)
{
    long counts[BINS] = { 0 }, n = 0, below = 0;
    for (int k = 0; k < l->planes->n; k++)
        for (int i = 0; i < BINS; i++) {
            counts[i] += l->seen[k][i];
            n += l->seen[k][i];
        }
    if (n < LEAST_PIXELS)
        return 0.0;
    const double wanted = STILL_SHARE * (double)n;
    int i = 0;
    while ((double)(below + counts[i]) < wanted)
        below += counts[i++];
    return (i + (wanted - (double)below) / (double)counts[i]) * BARE_AT_MOST_RIMS / BINS;
}

enum lct_status lct_bare_edges_learn(struct lct_levels *levels, const struct lct_planes *planes,
    const struct lct_segment_params *segment, struct lct_err *err)
{
    struct learning l = { .planes = planes, .levels = levels, .segment = segment };
    if (!levels->has_shell)
        return LCT_OK;
    enum lct_status status = LCT_OK;
    l.work = calloc((size_t)planes->threads, sizeof *l.work);
    l.seen = calloc((size_t)planes->n, sizeof *l.seen);
    if (!l.work || !l.seen)
        status = lct_fail(err, LCT_E_LIMIT, "bare edges: no memory");
    for (int i = 0; status == LCT_OK && i < planes->threads; i++)
        status = lct_mask_work_init(&l.work[i], planes->plane[0].width, planes->plane[0].height, err);
    if (status == LCT_OK)
        status = lct_parallel_for(planes->threads, (size_t)planes->n, look_at_plane, &l, err);
    const double rims = status == LCT_OK ? still_rims(&l) : 0.0;
    if (rims >= LEAST_RIMS && rims <= MOST_RIMS)
        levels->bare_rims = rims;
    for (int i = 0; l.work && i < planes->threads; i++)
        lct_mask_work_finish(&l.work[i]);
    free(l.work);
    free(l.seen);
    return status;
}
