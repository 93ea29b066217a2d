/* Matter that no piece of core has claimed: shell goes to the body it had, and the rest to the nearest one. */
#include "internal.h"

#include <lctem/clones.h>

/* What is still to be had, as bytes: matter without an owner. Whole rows at a time; the queue then asks for one byte a pixel. */
LCT_CLONES static void mark_open(const uint8_t *restrict phase, const uint16_t *restrict owner, int n, uint8_t *open)
{
    for (int x = 0; x < n; x++)
        open[x] = (phase[x] != LCT_LIQUID) & (owner[x] == 0);
}

/* The open pixels of the frame; those around t->matter are closed. */
static uint8_t *find_open(const struct lct_track *t, const uint8_t *phase)
{
    uint8_t *open = t->work.plane;
    const int from = t->matter.y0 > 0 ? t->matter.y0 - 1 : 0, to = t->matter.y1 + 1;
    for (int y = from; y <= to && y < t->height; y++) {
        const size_t row = (size_t)y * (size_t)t->width;
        mark_open(phase + row, t->owner + row, t->width, open + row);
    }
    return open;
}

/* Shell stays with the particle it belonged to as long as that one is in sight. */
static void inherit(struct lct_track *t, uint8_t *open)
{
    const int end = t->matter.x1 + 1;
    for (int y = t->matter.y0; y <= t->matter.y1; y++) {
        const size_t row = (size_t)y * (size_t)t->width;
        for (int x = track_next_set(open + row, t->matter.x0, end); x < end;
             x = track_next_set(open + row, x + 1, end)) {
            const uint16_t before = track_owner_before(t, x, y);
            if (!before || !track_body(t, before)->alive)
                continue;
            t->owner[row + (size_t)x] = before;
            open[row + (size_t)x] = 0;
        }
    }
}

/* Owned pixels beside an open one. */
LCT_CLONES static void mark_edge(const uint16_t *restrict owner, const uint8_t *const near[4], int n, uint8_t *edge)
{
    const uint8_t *left = near[0], *right = near[1], *above = near[2], *below = near[3];
    for (int x = 0; x < n; x++)
        edge[x] = (owner[x] != 0) & (left[x] | right[x] | above[x] | below[x]);
}

/* Put them in the queue, in the order of the rows. Beyond the border of the plane a pixel meets itself: what is owned is not
 * open. */
static uint32_t queue_edges(struct lct_track *t, const uint8_t *open, uint8_t *edge)
{
    uint32_t tail = 0;
    const int w = t->width;
    for (int y = t->matter.y0; y <= t->matter.y1; y++) {
        const size_t row = (size_t)y * (size_t)w;
        const uint8_t *at = open + row, *above = y > 0 ? at - w : at, *below = y < t->height - 1 ? at + w : at;
        const uint16_t *owner = t->owner + row;
        mark_edge(owner + 1, (const uint8_t *const[]){ at, at + 2, above + 1, below + 1 }, w - 2, edge + 1);
        edge[0] = owner[0] && (above[0] || below[0] || (w > 1 && at[1]));
        edge[w - 1] = owner[w - 1] && (above[w - 1] || below[w - 1] || (w > 1 && at[w - 2]));
        for (int x = track_next_set(edge, 0, w); x < w; x = track_next_set(edge, x + 1, w))
            t->queue[tail++] = (uint32_t)(row + (size_t)x);
    }
    return tail;
}

/* Breadth first from all owned pixels at once; with `through_barrier` false, pixels of the barrier stay open. */
static void flood(struct lct_track *t, uint8_t *open, uint8_t *edge, bool through_barrier)
{
    const uint32_t w = (uint32_t)t->width, h = (uint32_t)t->height;
    uint32_t head = 0, tail = queue_edges(t, open, edge);
    while (head < tail) {
        const uint32_t i = t->queue[head++], x = i % w, y = i / w;
        const uint32_t near[4] = { x > 0 ? i - 1 : i, x < w - 1 ? i + 1 : i, y > 0 ? i - w : i, y < h - 1 ? i + w : i };
        for (int k = 0; k < 4; k++) {
            const uint32_t j = near[k];
            if (!open[j] || (!through_barrier && t->barrier[j]))
                continue;
            t->owner[j] = t->owner[i];
            open[j] = 0;
            t->queue[tail++] = j;
        }
    }
}

void track_flood(struct lct_track *t, const uint8_t *phase)
{
    uint8_t *open = find_open(t, phase);
    inherit(t, open);
    flood(t, open, t->edge, false);
    if (t->has_barrier) /* else nothing that can be reached is left */
        flood(t, open, t->edge, true);
}
