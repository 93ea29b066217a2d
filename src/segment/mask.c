#include <lctem/mask.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { WORD = 64 };

enum lct_status lct_mask_work_init(struct lct_mask_work *out, int width, int height, struct lct_err *err)
{
    const size_t n = (size_t)width * (size_t)height, words = lct_mask_words(width) * (size_t)height;
    struct lct_mask_work w = { .width = width, .height = height };
    w.label = calloc(n, sizeof *w.label);
    w.distance = calloc(n, sizeof *w.distance);
    w.plane = calloc(n, sizeof *w.plane);
    const size_t columns = ((size_t)width + LCT_MASK_CELL_PX - 1) / LCT_MASK_CELL_PX;
    w.cells = calloc(columns * (((size_t)height + LCT_MASK_CELL_PX - 1) / LCT_MASK_CELL_PX), sizeof *w.cells);
    w.runs_capacity = (n + 1) / 2 + (size_t)height; /* no mask has more */
    w.runs = malloc(w.runs_capacity * sizeof *w.runs);
    w.area_px = malloc(w.runs_capacity * sizeof *w.area_px);
    w.mark = malloc((w.runs_capacity + 1) * sizeof *w.mark);
    w.from = calloc(words, sizeof *w.from);
    w.reached = calloc(words, sizeof *w.reached);
    w.widened = calloc((LCT_MASK_MAX_RADIUS_PX + 1) * lct_mask_words(width), sizeof *w.widened);
    bool ok = w.label && w.distance && w.plane && w.cells && w.runs && w.area_px && w.mark && w.from && w.reached
        && w.widened;
    for (int i = 0; i < LCT_MASK_BITS; i++)
        ok &= (w.bits[i] = calloc(words, sizeof *w.bits[i])) != NULL;
    if (!ok) {
        lct_mask_work_finish(&w);
        return lct_fail(err, LCT_E_LIMIT, "mask: no memory for %d x %d pixels", width, height);
    }
    *out = w;
    return LCT_OK;
}

void lct_mask_work_finish(struct lct_mask_work *work)
{
    free(work->label);
    free(work->distance);
    free(work->plane);
    free(work->cells);
    free(work->runs);
    free(work->area_px);
    free(work->mark);
    free(work->from);
    free(work->reached);
    free(work->widened);
    for (int i = 0; i < LCT_MASK_BITS; i++)
        free(work->bits[i]);
    *work = (struct lct_mask_work){ 0 };
}

static int32_t find_root(struct lct_mask_run *runs, int32_t i)
{
    while (runs[i].parent != i) {
        runs[i].parent = runs[runs[i].parent].parent;
        i = runs[i].parent;
    }
    return i;
}

/* The smaller index becomes the root, so that roots come in raster order. */
static void join(struct lct_mask_run *runs, int32_t a, int32_t b)
{
    a = find_root(runs, a);
    b = find_root(runs, b);
    if (a < b)
        runs[b].parent = a;
    else
        runs[a].parent = b;
}

static const uint64_t *row_of(const struct lct_mask_work *work, const uint64_t *mask, int y)
{
    return mask + (size_t)y * lct_mask_words(work->width);
}

/* First pixel from x on that is set (or clear), or the width. */
static int find_pixel(const uint64_t *row, int width, int x, bool set)
{
    if (x >= width)
        return width;
    const uint64_t flip = set ? 0 : UINT64_MAX;
    const size_t words = lct_mask_words(width);
    size_t k = (size_t)x / WORD;
    uint64_t word = (row[k] ^ flip) & UINT64_MAX << (x % WORD);
    while (!word) {
        if (++k == words)
            return width;
        word = row[k] ^ flip;
    }
    const int found = (int)k * WORD + __builtin_ctzll(word);
    return found < width ? found : width;
}

bool lct_mask_next_run(const uint64_t *row, int width, int *x, int *end)
{
    *x = find_pixel(row, width, *x, true);
    *end = find_pixel(row, width, *x, false);
    return *x < width;
}

/* Runs of row y that are set (or clear). */
static void find_row_runs(struct lct_mask_work *work, const uint64_t *row, int y, bool inside)
{
    const int w = work->width;
    for (int x = find_pixel(row, w, 0, inside); x < w;) {
        const int end = find_pixel(row, w, x, !inside);
        const int32_t k = (int32_t)work->n_runs++;
        work->runs[k] = (struct lct_mask_run){ .x0 = x, .x1 = end - 1, .y = y, .parent = k };
        x = find_pixel(row, w, end, inside);
    }
}

/* Runs of the mask (or of its outside), joined where they touch by a side. */
static void find_runs(struct lct_mask_work *work, const uint64_t *mask, bool inside)
{
    work->n_runs = 0;
    size_t above = 0, above_end = 0;
    for (int y = 0; y < work->height; y++) {
        const size_t first = work->n_runs;
        find_row_runs(work, row_of(work, mask, y), y, inside);
        size_t a = above;
        for (size_t r = first; r < work->n_runs; r++) {
            while (a < above_end && work->runs[a].x1 < work->runs[r].x0)
                a++;
            for (size_t b = a; b < above_end && work->runs[b].x0 <= work->runs[r].x1; b++)
                join(work->runs, (int32_t)b, (int32_t)r);
        }
        above = first;
        above_end = work->n_runs;
    }
}

static void grow_piece(struct lct_piece *p, const struct lct_mask_run *r)
{
    const int32_t length = r->x1 - r->x0 + 1;
    if (p->area_px == 0)
        *p = (struct lct_piece){ .x0 = r->x0, .x1 = r->x1, .y0 = r->y, .y1 = r->y };
    p->area_px += length;
    p->x0 = r->x0 < p->x0 ? r->x0 : p->x0;
    p->x1 = r->x1 > p->x1 ? r->x1 : p->x1;
    p->y1 = r->y;
    p->x_sum += 0.5 * (double)length * (double)(r->x0 + r->x1);
    p->y_sum += (double)length * r->y;
}

int lct_mask_label(struct lct_mask_work *work, const uint64_t *mask, struct lct_piece *pieces, int max)
{
    find_runs(work, mask, true);
    memset(work->label, 0, (size_t)work->width * (size_t)work->height * sizeof *work->label);
    int n = 0;
    for (size_t i = 0; i < work->n_runs; i++) {
        struct lct_mask_run *r = &work->runs[i];
        int32_t *label = work->label + (size_t)r->y * (size_t)work->width;
        const int32_t root = find_root(work->runs, (int32_t)i);
        int32_t k; /* a root writes its number first, and its pixels keep it for the others */
        if (root == (int32_t)i)
            k = n < max ? ++n : 0;
        else
            k = work->label[(size_t)work->runs[root].y * (size_t)work->width + (size_t)work->runs[root].x0];
        if (root == (int32_t)i && k && pieces)
            pieces[k - 1] = (struct lct_piece){ 0 };
        for (int32_t x = r->x0; x <= r->x1; x++)
            label[x] = k;
        if (k && pieces)
            grow_piece(&pieces[k - 1], r);
    }
    return n;
}

/* Set or clear the pixels of a run. */
static void paint_run(const struct lct_mask_work *work, uint64_t *mask, const struct lct_mask_run *r, bool set)
{
    uint64_t *row = mask + (size_t)r->y * lct_mask_words(work->width);
    for (int32_t k = r->x0 / WORD; k <= r->x1 / WORD; k++) {
        uint64_t part = UINT64_MAX;
        if (k == r->x0 / WORD)
            part &= UINT64_MAX << (r->x0 % WORD);
        if (k == r->x1 / WORD)
            part &= UINT64_MAX >> (WORD - 1 - r->x1 % WORD);
        row[k] = set ? row[k] | part : row[k] & ~part;
    }
}

static size_t run_length(const struct lct_mask_run *r)
{
    return (size_t)(r->x1 - r->x0 + 1);
}

/* Pixels of each piece, by its root. */
static void measure_runs(struct lct_mask_work *work)
{
    memset(work->area_px, 0, work->n_runs * sizeof *work->area_px);
    for (size_t i = 0; i < work->n_runs; i++)
        work->area_px[find_root(work->runs, (int32_t)i)] += (int32_t)run_length(&work->runs[i]);
}

void lct_mask_fill_holes(struct lct_mask_work *work, uint64_t *mask, double max_area_px)
{
    find_runs(work, mask, false);
    measure_runs(work);
    for (size_t i = 0; i < work->n_runs; i++) {
        const struct lct_mask_run *r = &work->runs[i];
        if (r->y == 0 || r->y == work->height - 1 || r->x0 == 0 || r->x1 == work->width - 1)
            work->area_px[find_root(work->runs, (int32_t)i)] = INT32_MAX; /* open to the border, no hole */
    }
    for (size_t i = 0; i < work->n_runs; i++) {
        const struct lct_mask_run *r = &work->runs[i];
        const int32_t area = work->area_px[find_root(work->runs, (int32_t)i)];
        if (area < INT32_MAX && area < max_area_px)
            paint_run(work, mask, r, true);
    }
}

/* Clear the pieces whose root has an area of 0; returns how many are left. */
static int clear_emptied(struct lct_mask_work *work, uint64_t *mask)
{
    int left = 0;
    for (size_t i = 0; i < work->n_runs; i++) {
        const struct lct_mask_run *r = &work->runs[i];
        const int32_t root = find_root(work->runs, (int32_t)i);
        if (work->area_px[root] == 0)
            paint_run(work, mask, r, false);
        else
            left += root == (int32_t)i;
    }
    return left;
}

int lct_mask_keep(struct lct_mask_work *work, uint64_t *mask, const uint64_t *seed, double min_area_px)
{
    find_runs(work, mask, true);
    measure_runs(work);
    memset(work->mark, seed == NULL, work->n_runs * sizeof *work->mark);
    for (size_t i = 0; seed && i < work->n_runs; i++) {
        const struct lct_mask_run *r = &work->runs[i];
        int32_t *seeded = &work->mark[find_root(work->runs, (int32_t)i)];
        if (!*seeded)
            *seeded = find_pixel(row_of(work, seed, r->y), r->x1 + 1, r->x0, true) <= r->x1;
    }
    for (size_t i = 0; i < work->n_runs; i++)
        if (!work->mark[i] || work->area_px[i] < min_area_px)
            work->area_px[i] = 0;
    return clear_emptied(work, mask);
}

int32_t lct_mask_keep_large(struct lct_mask_work *work, uint64_t *mask, double share)
{
    int32_t largest = 0;
    find_runs(work, mask, true);
    measure_runs(work);
    for (size_t i = 0; i < work->n_runs; i++)
        largest = work->area_px[i] > largest ? work->area_px[i] : largest;
    for (size_t i = 0; i < work->n_runs; i++)
        if (work->area_px[i] < share * largest)
            work->area_px[i] = 0;
    clear_emptied(work, mask);
    return largest;
}

void lct_mask_drop_specks(struct lct_mask_work *work, uint64_t *mask, const uint64_t *within, double share)
{
    find_runs(work, within, true); /* the mask lies in them: other labels are never read */
    for (size_t i = 0; i < work->n_runs; i++) {
        const struct lct_mask_run *r = &work->runs[i];
        int32_t *label = work->label + (size_t)r->y * (size_t)work->width;
        const int32_t region = 1 + find_root(work->runs, (int32_t)i);
        for (int32_t x = r->x0; x <= r->x1; x++)
            label[x] = region;
    }
    int32_t *largest = work->mark; /* by region */
    memset(largest, 0, (work->n_runs + 1) * sizeof *largest);
    find_runs(work, mask, true);
    measure_runs(work);
    for (size_t i = 0; i < work->n_runs; i++) {
        const struct lct_mask_run *r = &work->runs[i];
        int32_t *most = &largest[work->label[(size_t)r->y * (size_t)work->width + (size_t)r->x0]];
        *most = work->area_px[i] > *most ? work->area_px[i] : *most;
    }
    for (size_t i = 0; i < work->n_runs; i++) {
        const struct lct_mask_run *r = &work->runs[i];
        if (work->area_px[i] < share * largest[work->label[(size_t)r->y * (size_t)work->width + (size_t)r->x0]])
            work->area_px[i] = 0;
    }
    clear_emptied(work, mask);
}
