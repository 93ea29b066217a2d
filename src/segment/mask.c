#include <lctem/mask.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 3, DIAGONAL = 4, FAR = UINT16_MAX - DIAGONAL };

enum lct_status lct_mask_work_init(struct lct_mask_work *out, int width, int height, struct lct_err *err)
{
    const size_t n = (size_t)width * (size_t)height;
    struct lct_mask_work w = { .width = width, .height = height };
    w.label = calloc(n, sizeof *w.label);
    w.parent = calloc(n + 1, sizeof *w.parent);
    w.distance = calloc(n, sizeof *w.distance);
    w.plane = calloc(n, sizeof *w.plane);
    if (!w.label || !w.parent || !w.distance || !w.plane) {
        lct_mask_work_finish(&w);
        return lct_fail(err, LCT_E_LIMIT, "mask: no memory for %d x %d pixels", width, height);
    }
    *out = w;
    return LCT_OK;
}

void lct_mask_work_finish(struct lct_mask_work *work)
{
    free(work->label);
    free(work->parent);
    free(work->distance);
    free(work->plane);
    *work = (struct lct_mask_work){ 0 };
}

static int32_t find_root(int32_t *parent, int32_t i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

static int32_t join(int32_t *parent, int32_t a, int32_t b)
{
    a = find_root(parent, a);
    b = find_root(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
    return a < b ? a : b;
}

/* First pass: provisional labels; the smaller label becomes the root, so that roots come in raster order. */
static int32_t provisional_labels(struct lct_mask_work *work, const uint8_t *mask)
{
    const int w = work->width;
    int32_t next = 1;
    for (int y = 0; y < work->height; y++)
        for (int x = 0; x < w; x++) {
            const size_t i = (size_t)y * (size_t)w + (size_t)x;
            if (!mask[i]) {
                work->label[i] = 0;
                continue;
            }
            const int32_t left = x > 0 ? work->label[i - 1] : 0, up = y > 0 ? work->label[i - (size_t)w] : 0;
            if (!left && !up) {
                work->parent[next] = next;
                work->label[i] = next++;
            } else if (left && up && left != up) {
                work->label[i] = join(work->parent, left, up);
            } else {
                work->label[i] = left ? left : up;
            }
        }
    return next;
}

static void grow_piece(struct lct_piece *p, int x, int y)
{
    if (p->area_px++ == 0)
        *p = (struct lct_piece){ .area_px = 1, .x0 = x, .x1 = x, .y0 = y, .y1 = y };
    if (x < p->x0)
        p->x0 = x;
    if (x > p->x1)
        p->x1 = x;
    p->y1 = y;
    p->x_sum += x;
    p->y_sum += y;
}

int lct_mask_label(struct lct_mask_work *work, const uint8_t *mask, struct lct_piece *pieces, int max)
{
    const int32_t n_provisional = provisional_labels(work, mask);
    /* number the roots; a root's entry then holds minus its final number */
    int n = 0;
    for (int32_t i = 1; i < n_provisional; i++)
        work->parent[i] = work->parent[i] == i ? -(++n) : work->parent[i];
    for (int32_t i = 1; i < n_provisional; i++) {
        int32_t r = i;
        while (work->parent[r] > 0)
            r = work->parent[r];
        if (r != i)
            work->parent[i] = work->parent[r];
    }
    if (n > max)
        n = max;
    memset(pieces, 0, (size_t)n * sizeof *pieces);
    const int w = work->width;
    for (int y = 0; y < work->height; y++)
        for (int x = 0; x < w; x++) {
            int32_t *label = &work->label[(size_t)y * (size_t)w + (size_t)x];
            if (!*label)
                continue;
            const int32_t k = -work->parent[*label];
            *label = k <= n ? k : 0;
            if (*label)
                grow_piece(&pieces[k - 1], x, y);
        }
    return n;
}

void lct_mask_fill_holes(struct lct_mask_work *work, uint8_t *mask, double max_area_px)
{
    const size_t n = (size_t)work->width * (size_t)work->height;
    for (size_t i = 0; i < n; i++)
        work->plane[i] = !mask[i];
    const int32_t n_provisional = provisional_labels(work, work->plane);
    int32_t *area = work->parent; /* reused once every pixel knows its root */
    for (size_t i = 0; i < n; i++)
        if (work->label[i])
            work->label[i] = find_root(work->parent, work->label[i]);
    memset(area, 0, (size_t)n_provisional * sizeof *area);
    const int w = work->width, h = work->height;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const int32_t l = work->label[(size_t)y * (size_t)w + (size_t)x];
            if (x == 0 || y == 0 || x == w - 1 || y == h - 1)
                area[l] = INT32_MAX / 2; /* open to the border: no hole */
            else
                area[l]++;
        }
    for (size_t i = 0; i < n; i++)
        if (work->label[i] && (double)area[work->label[i]] < max_area_px)
            mask[i] = 1;
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

void lct_mask_open(struct lct_mask_work *work, const uint8_t *mask, double radius_px, uint8_t *out)
{
    const size_t n = (size_t)work->width * (size_t)work->height;
    const int reach = (int)lround(radius_px * LCT_CHAMFER_PX);
    for (size_t i = 0; i < n; i++)
        work->plane[i] = !mask[i];
    lct_mask_distance(work, work->plane);
    for (size_t i = 0; i < n; i++)
        work->plane[i] = work->distance[i] > reach;
    lct_mask_distance(work, work->plane);
    for (size_t i = 0; i < n; i++)
        out[i] = mask[i] && work->distance[i] <= reach;
}
