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

static const double CUT_SLACK_PX = 2.5; /* as long as a blur: chords this much longer than the shortest are no worse */

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

static bool chord_is_inside(
    const struct lct_track *t, const uint8_t *phase, struct point a, struct point b, uint16_t p, uint16_t q)
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
    t->has_barrier = true;
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
static void core_ends(const struct lct_track *t, const uint8_t *phase, const double from[2], const double step[2],
    uint16_t a, uint16_t b, double ends[2])
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

/* Two cores and what lies between them, for the search of a cut. */
struct strait {
    const uint8_t *phase;
    uint16_t a, b;
    double x, y, ux, uy; /* centre of core a, and from there to the centre of core b */
    double ends[2];
};

/* Length of the chord, far more where it lies far from the middle between the cores; HUGE_VAL if it is no cut, or is not below `most`. */
static double chord_cost(const struct lct_track *t, const struct strait *s, struct point p, struct point q, double most)
{
    const double cp = s->ux * (p.y - s->y) - s->uy * (p.x - s->x), cq = s->ux * (q.y - s->y) - s->uy * (q.x - s->x);
    const double d = hypot(p.x - q.x, p.y - q.y);
    if (cp <= 0.0 || cq > 0.0 || d >= most)
        return HUGE_VAL;
    const double at = cp / (cp - cq); /* where the chord meets the line of centres */
    const double mx = p.x + at * (q.x - p.x) - s->x, my = p.y + at * (q.y - p.y) - s->y;
    const double along = (mx * s->ux + my * s->uy) / (s->ux * s->ux + s->uy * s->uy);
    const double off = 2.0 * (along - s->ends[0]) / (s->ends[1] - s->ends[0]) - 1.0; /* 0 half way, +-1 at a core */
    const double cost = d * (1.0 + t->params.off_centre * off * off);
    return fabs(off) < 1.0 && cost < most && chord_is_inside(t, s->phase, p, q, s->a, s->b) ? cost : HUGE_VAL;
}

/* The middle of all chords that are nearly as short as the shortest: the bottom of a notch is blunt, and one of its corners is chance. */
static bool mean_chord(
    const struct lct_track *t, const struct strait *s, const struct point *points, int count, struct point cut[2])
{
    double best = HUGE_VAL, sum[4] = { 0.0 }, weights = 0.0;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++)
            best = fmin(best, chord_cost(t, s, points[i], points[j], best));
    for (int i = 0; best < HUGE_VAL && i < count; i++)
        for (int j = 0; j < count; j++) {
            const double cost = chord_cost(t, s, points[i], points[j], best + CUT_SLACK_PX);
            if (cost == HUGE_VAL)
                continue;
            const double weight = best + CUT_SLACK_PX - cost;
            const double place[4] = { points[i].x, points[i].y, points[j].x, points[j].y };
            for (int k = 0; k < 4; k++)
                sum[k] += weight * place[k];
            weights += weight;
        }
    if (weights > 0.0)
        for (int k = 0; k < 2; k++)
            cut[k] = (struct point){ (int)lround(sum[2 * k] / weights), (int)lround(sum[2 * k + 1] / weights) };
    return weights > 0.0;
}

/* Shortest chord between two border points that crosses the line from core to core between the two. */
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
        struct strait s = { .phase = phase, .a = a, .b = b, .x = sx[0] / n[0], .y = sy[0] / n[0] };
        s.ux = sx[1] / n[1] - s.x;
        s.uy = sy[1] / n[1] - s.y;
        core_ends(t, phase, (double[]){ s.x, s.y }, (double[]){ s.ux, s.uy }, a, b, s.ends);
        const int count = region_border(t, phase, seed, points, MAX_POINTS);
        struct point cut[2];
        found = mean_chord(t, &s, points, count, cut);
        if (found)
            draw_barrier(t, cut[0], cut[1]);
    }
    free(points);
    return found;
}
