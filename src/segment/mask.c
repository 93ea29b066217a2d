#include <lctem/mask.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 3, DIAGONAL = 4, FAR = UINT16_MAX - DIAGONAL, WORD = 64 };

static size_t words_of(int width)
{
    return ((size_t)width + WORD - 1) / WORD;
}

enum lct_status lct_mask_work_init(struct lct_mask_work *out, int width, int height, struct lct_err *err)
{
    const size_t n = (size_t)width * (size_t)height, words = words_of(width) * (size_t)height;
    struct lct_mask_work w = { .width = width, .height = height };
    w.label = calloc(n, sizeof *w.label);
    w.distance = calloc(n, sizeof *w.distance);
    w.plane = calloc(n, sizeof *w.plane);
    w.runs_capacity = (n + 1) / 2 + (size_t)height; /* no mask has more */
    w.runs = malloc(w.runs_capacity * sizeof *w.runs);
    w.bits = calloc(words, sizeof *w.bits);
    w.bits_out = calloc(words, sizeof *w.bits_out);
    w.bits_row = calloc((LCT_MASK_MAX_RADIUS_PX + 1) * words_of(width), sizeof *w.bits_row);
    if (!w.label || !w.distance || !w.plane || !w.runs || !w.bits || !w.bits_out || !w.bits_row) {
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
    free(work->runs);
    free(work->bits);
    free(work->bits_out);
    free(work->bits_row);
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

/* First pixel from x on that is set (or clear), or the width; eight at a time where all are alike. */
static int skip_while(const uint8_t *row, int x, int w, bool set)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    for (; x + 8 <= w; x += 8) {
        uint64_t eight;
        memcpy(&eight, row + x, sizeof eight);
        if (set ? ((eight - ones) & ~eight & tops) != 0 : eight != 0)
            break;
    }
    while (x < w && (row[x] != 0) == set)
        x++;
    return x;
}

/* Runs of row y where (mask != 0) == inside. */
static void find_row_runs(struct lct_mask_work *work, const uint8_t *row, int y, bool inside)
{
    const int w = work->width;
    int x = 0;
    while (x < w) {
        x = skip_while(row, x, w, !inside);
        if (x == w)
            return;
        const int from = x;
        x = skip_while(row, x, w, inside);
        const int32_t k = (int32_t)work->n_runs++;
        work->runs[k] = (struct lct_mask_run){ .x0 = from, .x1 = x - 1, .y = y, .parent = k };
    }
}

/* Runs of the mask (or of its outside), joined where they touch by a side. */
static void find_runs(struct lct_mask_work *work, const uint8_t *mask, bool inside)
{
    work->n_runs = 0;
    size_t above = 0, above_end = 0;
    for (int y = 0; y < work->height; y++) {
        const size_t first = work->n_runs;
        find_row_runs(work, mask + (size_t)y * (size_t)work->width, y, inside);
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

int lct_mask_label(struct lct_mask_work *work, const uint8_t *mask, struct lct_piece *pieces, int max)
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
        if (root == (int32_t)i && k)
            pieces[k - 1] = (struct lct_piece){ 0 };
        for (int32_t x = r->x0; x <= r->x1; x++)
            label[x] = k;
        if (k)
            grow_piece(&pieces[k - 1], r);
    }
    return n;
}

void lct_mask_fill_holes(struct lct_mask_work *work, uint8_t *mask, double max_area_px)
{
    find_runs(work, mask, false);
    int32_t *area = work->label; /* per root; negative: open to the border, no hole */
    for (size_t i = 0; i < work->n_runs; i++)
        area[i] = 0;
    for (size_t i = 0; i < work->n_runs; i++) {
        const struct lct_mask_run *r = &work->runs[i];
        int32_t *a = &area[find_root(work->runs, (int32_t)i)];
        const bool open = r->y == 0 || r->y == work->height - 1 || r->x0 == 0 || r->x1 == work->width - 1;
        *a = open || *a < 0 ? -1 : *a + r->x1 - r->x0 + 1;
    }
    for (size_t i = 0; i < work->n_runs; i++) {
        const struct lct_mask_run *r = &work->runs[i];
        const int32_t a = area[find_root(work->runs, (int32_t)i)];
        if (a >= 0 && a < max_area_px)
            memset(mask + (size_t)r->y * (size_t)work->width + (size_t)r->x0, 1, (size_t)(r->x1 - r->x0 + 1));
    }
}

static uint16_t nearer(uint16_t a, int b)
{
    return b < a ? (uint16_t)b : a;
}

void lct_mask_distance(struct lct_mask_work *work, const uint8_t *from)
{
    const int w = work->width, h = work->height;
    uint16_t *d = work->distance;
    for (int y = 0; y < h; y++) {
        uint16_t *row = d + (size_t)y * (size_t)w;
        const uint16_t *up = row - w;
        for (int x = 0; x < w; x++) {
            uint16_t v = from[(size_t)y * (size_t)w + (size_t)x] ? 0 : FAR;
            if (v && y > 0) {
                v = nearer(v, up[x] + SIDE);
                if (x > 0)
                    v = nearer(v, up[x - 1] + DIAGONAL);
                if (x < w - 1)
                    v = nearer(v, up[x + 1] + DIAGONAL);
            }
            if (v && x > 0)
                v = nearer(v, row[x - 1] + SIDE);
            row[x] = v;
        }
    }
    for (int y = h - 1; y >= 0; y--) {
        uint16_t *row = d + (size_t)y * (size_t)w;
        const uint16_t *down = row + w;
        for (int x = w - 1; x >= 0; x--) {
            uint16_t v = row[x];
            if (v && y < h - 1) {
                v = nearer(v, down[x] + SIDE);
                if (x > 0)
                    v = nearer(v, down[x - 1] + DIAGONAL);
                if (x < w - 1)
                    v = nearer(v, down[x + 1] + DIAGONAL);
            }
            if (v && x < w - 1)
                v = nearer(v, row[x + 1] + SIDE);
            row[x] = v;
        }
    }
}

static void to_bits(const struct lct_mask_work *work, const uint8_t *mask, bool inside, uint64_t *bits)
{
    const size_t words = words_of(work->width);
    for (int y = 0; y < work->height; y++) {
        const uint8_t *row = mask + (size_t)y * (size_t)work->width;
        for (size_t k = 0; k < words; k++) {
            const int from = (int)k * WORD, n = work->width - from < WORD ? work->width - from : WORD;
            uint64_t word = 0;
            for (int b = 0; b < n; b++)
                word |= (uint64_t)((row[from + b] != 0) == inside) << b;
            bits[(size_t)y * words + k] = word;
        }
    }
}

/* dst |= src moved by d px to the right and to the left, bits beyond the ends lost. */
static void or_moved(uint64_t *dst, const uint64_t *src, size_t words, unsigned d)
{
    const size_t far = d / WORD;
    const unsigned near = d % WORD;
    for (size_t k = 0; k + far < words; k++) {
        dst[k + far] |= src[k] << near;
        dst[k] |= src[k + far] >> near;
        if (near && k + far + 1 < words) {
            dst[k + far + 1] |= src[k] >> (WORD - near);
            dst[k] |= src[k + far + 1] << (WORD - near);
        }
    }
}

/* The disc is a stack of rows: each row of the mask, widened to the disc's width at that height, is laid over the rows around it. */
static void dilate_bits(struct lct_mask_work *work, const uint64_t *in, double radius_px, uint64_t *out)
{
    const size_t words = words_of(work->width);
    const int r = (int)fmin(floor(radius_px), LCT_MASK_MAX_RADIUS_PX);
    memset(out, 0, words * (size_t)work->height * sizeof *out);
    for (int y = 0; y < work->height; y++) {
        const uint64_t *row = in + (size_t)y * words;
        uint64_t any = 0;
        for (size_t k = 0; k < words; k++)
            any |= row[k];
        if (!any)
            continue;
        uint64_t *widened = work->bits_row; /* by 0 .. r px */
        memcpy(widened, row, words * sizeof *row);
        for (int d = 1; d <= r; d++) {
            memcpy(widened + (size_t)d * words, widened + (size_t)(d - 1) * words, words * sizeof *row);
            or_moved(widened + (size_t)d * words, row, words, (unsigned)d);
        }
        for (int dy = -r; dy <= r; dy++) {
            if (y + dy < 0 || y + dy >= work->height)
                continue;
            const size_t half = (size_t)fmin(floor(sqrt(radius_px * radius_px - dy * dy)), r);
            uint64_t *dst = out + (size_t)(y + dy) * words;
            for (size_t k = 0; k < words; k++)
                dst[k] |= widened[half * words + k];
        }
    }
}

static bool bit_at(const uint64_t *bits, size_t words, int x, int y)
{
    return bits[(size_t)y * words + (size_t)x / WORD] >> ((unsigned)x % WORD) & 1;
}

void lct_mask_dilate(struct lct_mask_work *work, const uint8_t *mask, double radius_px, uint8_t *out)
{
    const size_t words = words_of(work->width);
    to_bits(work, mask, true, work->bits);
    dilate_bits(work, work->bits, radius_px, work->bits_out);
    for (int y = 0; y < work->height; y++)
        for (int x = 0; x < work->width; x++)
            out[(size_t)y * (size_t)work->width + (size_t)x] = bit_at(work->bits_out, words, x, y);
}

void lct_mask_open(struct lct_mask_work *work, const uint8_t *mask, double radius_px, uint8_t *out)
{
    const size_t words = words_of(work->width), n = words * (size_t)work->height;
    to_bits(work, mask, false, work->bits);
    dilate_bits(work, work->bits, radius_px, work->bits_out); /* what the disc cannot reach */
    for (size_t k = 0; k < n; k++)
        work->bits[k] = ~work->bits_out[k];
    const unsigned used = (unsigned)work->width % WORD;
    for (int y = 0; used && y < work->height; y++)
        work->bits[(size_t)(y + 1) * words - 1] &= (1ull << used) - 1;
    dilate_bits(work, work->bits, radius_px, work->bits_out);
    for (int y = 0; y < work->height; y++)
        for (int x = 0; x < work->width; x++) {
            const size_t i = (size_t)y * (size_t)work->width + (size_t)x;
            out[i] = mask[i] && bit_at(work->bits_out, words, x, y);
        }
}
