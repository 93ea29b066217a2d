#include "core_weights.h"

#include <lctem/clones.h>
#include <lctem/mask.h>

#include <math.h>
#include <stdlib.h>

enum { RISE = 1024 };              /* distances that are told apart */
static const double EDGE_NM = 0.4; /* the soft edge of a core, kept out */

/* The labels are those of a coarser plane, a cell of it for each square of pixels: distances are taken from cell to cell, and the
 * weights, which rise over a dozen cells and more, interpolated. */
struct core_weights {
    int step_px;
    struct lct_mask_work mask; /* of the cells */
    uint8_t *outside;          /* cells */
    float *cells;              /* their weights, and one more */
    float *line;               /* a row of cells, and one more */
    int *left;                 /* the cell at or before a pixel; side */
    float *beyond;             /* and how far it is on the way to the next one; side */
    float *px;                 /* side * side */
    float rise[RISE];          /* weight by distance from the nearest cell outside, thirds of a cell */
};

void core_weights_destroy(struct core_weights **weights)
{
    struct core_weights *w = *weights;
    if (!w)
        return;
    lct_mask_work_finish(&w->mask);
    free(w->outside);
    free(w->cells);
    free(w->line);
    free(w->left);
    free(w->beyond);
    free(w->px);
    free(w);
    *weights = NULL;
}

enum lct_status core_weights_create(struct core_weights **out, int side_px, int step_px, struct lct_err *err)
{
    const int cells = (side_px + step_px - 1) / step_px;
    const size_t side = (size_t)side_px, n = (size_t)cells * (size_t)cells;
    struct core_weights *w = calloc(1, sizeof *w);
    *out = NULL;
    if (!w)
        return lct_fail(err, LCT_E_LIMIT, "lattices: no memory");
    w->step_px = step_px;
    w->outside = malloc(n);
    w->cells = calloc(n + 1, sizeof *w->cells);
    w->line = calloc((size_t)cells + 1, sizeof *w->line);
    w->left = malloc(side * sizeof *w->left);
    w->beyond = malloc(side * sizeof *w->beyond);
    w->px = malloc(side * side * sizeof *w->px);
    enum lct_status status = w->outside && w->cells && w->line && w->left && w->beyond && w->px
        ? lct_mask_work_init(&w->mask, cells, cells, err)
        : lct_fail(err, LCT_E_LIMIT, "lattices: no memory");
    if (status != LCT_OK)
        core_weights_destroy(&w);
    *out = w;
    return status;
}

/* Zero up to the soft edge, then a cosine rise to one. */
static float weight_at(double inside_nm)
{
    const double t = (inside_nm - EDGE_NM) / CORE_WEIGHTS_FADE_NM;
    return t <= 0.0 ? 0.0F : t >= 1.0 ? 1.0F : (float)(0.5 - 0.5 * cos(M_PI * t));
}

/* As if the pixels themselves had been asked: an edge lies half a pixel before the nearest one outside, and half a cell before the
 * nearest cell. */
static void make_rise(struct core_weights *w, double nm_per_px)
{
    const double unit_nm = w->step_px * nm_per_px / LCT_CHAMFER_PX, nearer_nm = 0.5 * (w->step_px - 1) * nm_per_px;
    for (int i = 0; i < RISE; i++)
        w->rise[i] = weight_at(i * unit_nm - nearer_nm);
}

/* The pixel in the middle of a cell. */
static int middle_of(const struct core_weights *w, int cell, int length)
{
    const int at = cell * w->step_px + (w->step_px - 1) / 2;
    return at < length ? at : length - 1;
}

/* The weight that the ends of a side leave to a cell: they count as an edge, behind the soft one. */
static float weight_of_place(const struct core_weights *w, int cell, int length, double nm_per_px)
{
    const int at = middle_of(w, cell, length), from_end = at < length - 1 - at ? at : length - 1 - at;
    return weight_at((from_end + 0.5) * nm_per_px + EDGE_NM);
}

static void fill_cells(struct core_weights *w, int width, int height, double nm_per_px)
{
    struct lct_mask_work mask = w->mask;
    lct_mask_distance(&mask, w->outside);
    for (int i = 0; i < mask.width; i++)
        w->line[i] = weight_of_place(w, i, width, nm_per_px);
    for (int j = 0; j < mask.height; j++) {
        const float most = weight_of_place(w, j, height, nm_per_px);
        const uint16_t *distance = mask.distance + (size_t)j * (size_t)mask.width;
        float *cells = w->cells + (size_t)j * (size_t)mask.width;
        for (int i = 0; i < mask.width; i++) {
            const float here = w->rise[distance[i] < RISE ? distance[i] : RISE - 1],
                        limit = w->line[i] < most ? w->line[i] : most;
            cells[i] = here < limit ? here : limit;
        }
    }
}

static void mark_outside(struct core_weights *w, const struct core_weights_page *page, const struct lct_extent *cut)
{
    const int width = cut->x1 - cut->x0 + 1, height = cut->y1 - cut->y0 + 1;
    uint8_t *outside = w->outside;
    for (int j = 0; j < w->mask.height; j++) {
        const uint16_t *row = page->labels + (size_t)(cut->y0 + middle_of(w, j, height)) * (size_t)page->width;
        for (int i = 0; i < w->mask.width; i++)
            *outside++ = row[cut->x0 + middle_of(w, i, width)] != page->label;
    }
}

/* Between which cells a pixel lies along a side, and where: `beyond` runs from 0 to 1. */
static int place(const struct core_weights *w, int at, int cells, float *beyond)
{
    const double u = fmin(fmax((at - 0.5 * (w->step_px - 1)) / w->step_px, 0.0), cells - 1.0);
    const int left = u < cells - 2.0 ? (int)u : cells > 1 ? cells - 2 : 0;
    *beyond = (float)(u - left);
    return left;
}

LCT_CLONES static void blend_rows(const float *restrict a, const float *restrict b, float share, int n, float *out)
{
    for (int i = 0; i < n; i++)
        out[i] = a[i] + share * (b[i] - a[i]);
}

LCT_CLONES static void interpolate_row(
    const float *restrict cells, const int *restrict left, const float *restrict beyond, int n, float *restrict out)
{
    for (int x = 0; x < n; x++)
        out[x] = cells[left[x]] + beyond[x] * (cells[left[x] + 1] - cells[left[x]]);
}

static void interpolate(struct core_weights *w, int width, int height)
{
    const int columns = w->mask.width, rows = w->mask.height;
    for (int x = 0; x < width; x++)
        w->left[x] = place(w, x, columns, &w->beyond[x]);
    for (int y = 0; y < height; y++) {
        float share;
        const float *above = w->cells + (size_t)place(w, y, rows, &share) * (size_t)columns;
        blend_rows(above, rows > 1 ? above + columns : above, share, columns, w->line);
        interpolate_row(w->line, w->left, w->beyond, width, w->px + (size_t)y * (size_t)width);
    }
}

const float *core_weights_make(struct core_weights *weights, const struct core_weights_page *page,
    const struct lct_extent *cut, double nm_per_px)
{
    struct core_weights *w = weights;
    const int width = cut->x1 - cut->x0 + 1, height = cut->y1 - cut->y0 + 1;
    w->mask.width = (width + w->step_px - 1) / w->step_px;
    w->mask.height = (height + w->step_px - 1) / w->step_px;
    make_rise(w, nm_per_px);
    mark_outside(w, page, cut);
    fill_cells(w, width, height, nm_per_px);
    interpolate(w, width, height);
    return w->px;
}
