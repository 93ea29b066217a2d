#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

uint16_t track_owner_before(const struct lct_track *t, int x, int y)
{
    const int xb = x - t->x_offset + t->x_offset_before, yb = y - t->y_offset + t->y_offset_before;
    if (xb < 0 || yb < 0 || xb >= t->width || yb >= t->height)
        return 0;
    return t->owner_before[(size_t)yb * (size_t)t->width + (size_t)xb];
}

/* The matter without an owner beside pixel i = (x, y); the others are i itself. */
static int unowned_beside(const struct lct_track *t, const uint8_t *phase, uint32_t i, uint32_t x, uint32_t y, uint32_t found[4])
{
    const uint32_t w = (uint32_t)t->width, h = (uint32_t)t->height;
    const uint32_t near[4] = { x > 0 ? i - 1 : i, x < w - 1 ? i + 1 : i, y > 0 ? i - w : i, y < h - 1 ? i + w : i };
    int n = 0;
    for (int k = 0; k < 4; k++)
        if (!t->owner[near[k]] && phase[near[k]] != LCT_LIQUID)
            found[n++] = near[k];
    return n;
}

/* Breadth first from all owned pixels at once; with `through_barrier` false, pixels of the barrier stay unowned. */
static void flood(struct lct_track *t, const uint8_t *phase, bool through_barrier)
{
    const uint32_t w = (uint32_t)t->width;
    uint32_t head = 0, tail = 0, beside[4];
    for (int y = t->matter.y0; y <= t->matter.y1; y++)
        for (int x = t->matter.x0; x <= t->matter.x1; x++) {
            const uint32_t i = (uint32_t)y * w + (uint32_t)x;
            if (t->owner[i] && unowned_beside(t, phase, i, (uint32_t)x, (uint32_t)y, beside))
                t->queue[tail++] = i;
        }
    while (head < tail) {
        const uint32_t i = t->queue[head++];
        const int n = unowned_beside(t, phase, i, i % w, i / w, beside);
        for (int k = 0; k < n; k++) {
            const uint32_t j = beside[k];
            if (!through_barrier && t->barrier[j])
                continue;
            t->owner[j] = t->owner[i];
            t->queue[tail++] = j;
        }
    }
}

void track_flood(struct lct_track *t, const uint8_t *phase)
{
    flood(t, phase, false);
    flood(t, phase, true);
}

struct point {
    int x, y;
};

/* Border pixels of the connected particle region that holds pixel `seed`; at most `max`. */
static int region_border(struct lct_track *t, const uint8_t *phase, uint32_t seed, struct point *points, int max)
{
    const uint32_t w = (uint32_t)t->width, h = (uint32_t)t->height;
    uint8_t *seen = t->work.plane;
    memset(seen, 0, (size_t)w * h);
    uint32_t head = 0, tail = 0;
    int n = 0;
    t->queue[tail++] = seed;
    seen[seed] = 1;
    while (head < tail) {
        const uint32_t i = t->queue[head++], x = i % w, y = i / w;
        const uint32_t near[4] = { x > 0 ? i - 1 : i, x < w - 1 ? i + 1 : i, y > 0 ? i - w : i, y < h - 1 ? i + w : i };
        bool edge = false;
        for (int k = 0; k < 4; k++) {
            const uint32_t j = near[k];
            edge |= j == i || phase[j] == LCT_LIQUID;
            if (!seen[j] && phase[j] != LCT_LIQUID) {
                seen[j] = 1;
                t->queue[tail++] = j;
            }
        }
        if (edge && n < max)
            points[n++] = (struct point){ (int)x, (int)y };
    }
    return n;
}

static bool chord_is_inside(const struct lct_track *t, const uint8_t *phase, struct point a, struct point b, uint16_t p, uint16_t q)
{
    const int steps = (int)ceil(hypot(a.x - b.x, a.y - b.y));
    for (int k = 0; k <= steps; k++) {
        const int x = (int)lround(a.x + (double)(b.x - a.x) * k / (steps ? steps : 1));
        const int y = (int)lround(a.y + (double)(b.y - a.y) * k / (steps ? steps : 1));
        const size_t i = (size_t)y * (size_t)t->width + (size_t)x;
        if (phase[i] == LCT_LIQUID || (phase[i] == LCT_CORE && (t->owner[i] == p || t->owner[i] == q)))
            return false;
    }
    return true;
}

static void draw_barrier(struct lct_track *t, struct point a, struct point b)
{
    const int steps = 2 * (int)ceil(hypot(a.x - b.x, a.y - b.y));
    for (int k = 0; k <= steps; k++) {
        const int x = (int)lround(a.x + (double)(b.x - a.x) * k / (steps ? steps : 1));
        const int y = (int)lround(a.y + (double)(b.y - a.y) * k / (steps ? steps : 1));
        const size_t i = (size_t)y * (size_t)t->width + (size_t)x;
        t->barrier[i] = 1; /* two pixels wide, so that a 4-connected flood cannot slip through */
        if (x + 1 < t->width)
            t->barrier[i + 1] = 1;
    }
}

/* Where the core of one body ends and that of the other begins, along the line of their centres (0 .. 1). */
static void core_ends(const struct lct_track *t, const uint8_t *phase, const double from[2], const double step[2], uint16_t a,
    uint16_t b, double ends[2])
{
    const int n = (int)ceil(hypot(step[0], step[1]));
    ends[0] = 0.0;
    ends[1] = 1.0;
    for (int k = 0; k <= n; k++) {
        const double s = (double)k / n;
        const long x = lround(from[0] + s * step[0]), y = lround(from[1] + s * step[1]);
        if (x < 0 || y < 0 || x >= t->width || y >= t->height)
            continue;
        const size_t i = (size_t)y * (size_t)t->width + (size_t)x;
        if (phase[i] == LCT_CORE && t->owner[i] == a)
            ends[0] = s;
        if (phase[i] == LCT_CORE && t->owner[i] == b && s < ends[1])
            ends[1] = s;
    }
}

/* Shortest chord between two border points that crosses the line from core to core between the two; one far from the middle has to
 * be much shorter. */
bool track_find_cut(struct lct_track *t, const uint8_t *phase, uint16_t a, uint16_t b)
{
    enum { MAX_POINTS = 6000 };
    struct point *points = malloc(MAX_POINTS * sizeof *points);
    double sx[2] = { 0 }, sy[2] = { 0 }, n[2] = { 0 };
    uint32_t seed = 0;
    for (int y = t->matter.y0; y <= t->matter.y1; y++)
        for (int x = t->matter.x0; x <= t->matter.x1; x++) {
            const uint32_t i = (uint32_t)(y * t->width + x);
            const int k = t->owner[i] == a ? 0 : t->owner[i] == b ? 1 : -1;
            if (k < 0 || phase[i] != LCT_CORE)
                continue;
            sx[k] += x;
            sy[k] += y;
            n[k] += 1.0;
            seed = i;
        }
    bool found = false;
    if (points && n[0] > 0.0 && n[1] > 0.0) {
        const double ax = sx[0] / n[0], ay = sy[0] / n[0], ux = sx[1] / n[1] - ax, uy = sy[1] / n[1] - ay;
        const int count = region_border(t, phase, seed, points, MAX_POINTS);
        double best = HUGE_VAL, ends[2];
        core_ends(t, phase, (double[]){ ax, ay }, (double[]){ ux, uy }, a, b, ends);
        struct point from = { 0 }, to = { 0 };
        for (int i = 0; i < count; i++) {
            const double ci = ux * (points[i].y - ay) - uy * (points[i].x - ax);
            if (ci <= 0.0)
                continue;
            for (int j = 0; j < count; j++) {
                const double cj = ux * (points[j].y - ay) - uy * (points[j].x - ax);
                const double d = hypot(points[i].x - points[j].x, points[i].y - points[j].y);
                if (cj > 0.0 || d >= best)
                    continue;
                const double s = ci / (ci - cj); /* where the chord meets the line of centres */
                const double mx = points[i].x + s * (points[j].x - points[i].x) - ax;
                const double my = points[i].y + s * (points[j].y - points[i].y) - ay;
                const double along = (mx * ux + my * uy) / (ux * ux + uy * uy);
                const double off = 2.0 * (along - ends[0]) / (ends[1] - ends[0]) - 1.0; /* 0 half way, +-1 at a core */
                const double cost = d * (1.0 + t->params.off_centre * off * off);
                if (!(fabs(off) < 1.0) || cost >= best || !chord_is_inside(t, phase, points[i], points[j], a, b))
                    continue;
                best = cost;
                from = points[i];
                to = points[j];
                found = true;
            }
        }
        if (found)
            draw_barrier(t, from, to);
    }
    free(points);
    return found;
}
