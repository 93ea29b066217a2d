#include <lctem/outline.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SHARE_OF_STEP =
    M_PI / 4.0; /* length of a line over that of its stairs along pixel edges, mean over directions */
static const double CLOSEST = 0.02; /* an edge keeps this far from a pixel centre, so that points stay apart */

/* What is being traced. Pixels outside the box count as outside the region. */
struct trace {
    const uint16_t *labels;
    const struct lct_image *plane;
    const struct lct_levels *levels;
    struct lct_extent box;
    uint16_t core, shell; /* labels that are inside; equal when only the core is */
    uint8_t *visited;     /* (box width + 1) * (box height + 1) crossings of vertical pixel pairs, see below */
    int columns;
    size_t shared; /* boundary steps towards another particle */
};

static uint16_t label_at(const struct trace *t, int x, int y)
{
    if (x < 0 || y < 0 || x >= t->plane->width || y >= t->plane->height)
        return 0;
    return t->labels[(size_t)y * (size_t)t->plane->width + (size_t)x];
}

static bool is_inside(const struct trace *t, uint16_t label)
{
    return label && (label == t->core || label == t->shell);
}

static bool inside(const struct trace *t, int x, int y)
{
    return is_inside(t, label_at(t, x, y));
}

static double value_at(const struct trace *t, int x, int y)
{
    const int w = t->plane->width, h = t->plane->height;
    x = x < 0 ? 0 : x >= w ? w - 1 : x;
    y = y < 0 ? 0 : y >= h ? h - 1 : y;
    return (double)t->plane->px[(size_t)y * (size_t)w + (size_t)x];
}

/* Where between an inside pixel (0) and an outside neighbour (1) the edge lies. */
static double crossing(const struct trace *t, int xi, int yi, int xo, int yo)
{
    const uint16_t li = label_at(t, xi, yi), lo = label_at(t, xo, yo);
    const bool off = xo < 0 || yo < 0 || xo >= t->plane->width || yo >= t->plane->height;
    if (off || (lo && lct_label_particle(lo) != lct_label_particle(li)))
        return 0.5;
    const double edge = lct_levels_edge(t->levels, lct_label_phase(li), lct_label_phase(lo));
    const double a = value_at(t, xi, yi), b = value_at(t, xo, yo);
    const double u = (edge - a) / (b - a);
    return !isfinite(u) ? 0.5 : fmin(fmax(u, CLOSEST), 1.0 - CLOSEST);
}

/* The walk goes along pixel edges with the region on its left (as seen on the screen: counter-clockwise round it). A step is
 * an inside pixel and the direction (0 right, 1 up, 2 left, 3 down) towards its outside neighbour. */
static const int DX[4] = { 1, 0, -1, 0 }, DY[4] = { 0, -1, 0, 1 };

struct step {
    int x, y, side;
};

/* Next boundary step counter-clockwise: turn round the corner ahead. 4-connected regions: diagonal touch does not join. */
static struct step advance(const struct trace *t, struct step s)
{
    const int ahead = (s.side + 1) % 4; /* with the outside on the right hand, we move towards `ahead` */
    const int xa = s.x + DX[ahead], ya = s.y + DY[ahead];
    if (!inside(t, xa, ya))
        return (struct step){ s.x, s.y, ahead };
    const int xd = xa + DX[s.side], yd = ya + DY[s.side];
    if (inside(t, xd, yd))
        return (struct step){ xd, yd, (s.side + 3) % 4 };
    return (struct step){ xa, ya, s.side };
}

/* Every closed boundary has a step whose outside lies to the right or left, so marking side 0 and 2 suffices. */
static uint8_t *mark_of(const struct trace *t, struct step s)
{
    return &t->visited[(size_t)(s.y - t->box.y0) * (size_t)t->columns + (size_t)(s.x - t->box.x0)];
}

static bool ring_grow(struct lct_ring *ring, size_t *capacity)
{
    if (ring->n < *capacity)
        return true;
    const size_t more = *capacity ? 2 * *capacity : 256;
    double *x = realloc(ring->x_px, more * sizeof *x);
    if (x)
        ring->x_px = x;
    double *y = realloc(ring->y_px, more * sizeof *y);
    if (y)
        ring->y_px = y;
    if (!x || !y)
        return false;
    *capacity = more;
    return true;
}

static bool is_shared(const struct trace *t, struct step s)
{
    const uint16_t there = label_at(t, s.x + DX[s.side], s.y + DY[s.side]);
    return there && lct_label_particle(there) != lct_label_particle(t->core);
}

static bool walk(struct trace *t, struct step start, struct lct_ring *ring)
{
    size_t capacity = 0;
    struct step s = start;
    do {
        if (!ring_grow(ring, &capacity))
            return false;
        const double u = crossing(t, s.x, s.y, s.x + DX[s.side], s.y + DY[s.side]);
        ring->x_px[ring->n] = s.x + u * DX[s.side];
        ring->y_px[ring->n] = s.y + u * DY[s.side];
        ring->n++;
        t->shared += is_shared(t, s);
        *mark_of(t, s) |= (uint8_t)(1u << s.side);
        s = advance(t, s);
    } while (s.x != start.x || s.y != start.y || s.side != start.side);
    return true;
}

static double signed_area(const struct lct_ring *r)
{
    double twice = 0.0;
    for (size_t i = 0, j = r->n - 1; i < r->n; j = i++)
        twice += (r->x_px[i] - r->x_px[0]) * (r->y_px[j] - r->y_px[0])
            - (r->x_px[j] - r->x_px[0]) * (r->y_px[i] - r->y_px[0]);
    return 0.5 * twice; /* positive: counter-clockwise on the screen (y down) */
}

static bool add_ring(struct lct_outline *out, struct lct_ring *ring)
{
    struct lct_ring *rings = realloc(out->rings, (out->n_rings + 1) * sizeof *rings);
    if (!rings)
        return false;
    ring->hole = signed_area(ring) < 0.0;
    rings[out->n_rings++] = *ring;
    out->rings = rings;
    return true;
}

/* Walk round from pixel (x, y) if its right or left side is a boundary that no walk has passed yet. */
static bool trace_from(struct trace *t, int x, int y, struct lct_outline *made)
{
    for (int side = 0; side < 4; side += 2) {
        const struct step s = { x, y, side };
        if (inside(t, x + DX[side], y) || *mark_of(t, s) & (1u << side))
            continue;
        struct lct_ring ring = { 0 };
        if (!walk(t, s, &ring) || !add_ring(made, &ring)) {
            free(ring.x_px);
            free(ring.y_px);
            return false;
        }
    }
    return true;
}

static bool trace_row(struct trace *t, int y, struct lct_outline *made)
{
    const int x0 = t->box.x0, x1 = t->box.x1;
    bool left = inside(t, x0 - 1, y), here = inside(t, x0, y);
    for (int x = x0; x <= x1; x++) {
        const bool right = inside(t, x + 1, y);
        if (here && !(left && right) && !trace_from(t, x, y, made))
            return false;
        left = here;
        here = right;
    }
    return true;
}

enum lct_status lct_outline_trace(struct lct_outline *out, const uint16_t *labels, const struct lct_image *plane,
    const struct lct_levels *levels, int particle, enum lct_phase phase, struct lct_extent box, struct lct_err *err)
{
    struct trace t = { .labels = labels, .plane = plane, .levels = levels, .box = box };
    t.core = (uint16_t)(2 * particle - 1);
    t.shell = phase == LCT_CORE ? t.core : (uint16_t)(2 * particle);
    t.columns = box.x1 - box.x0 + 1;
    struct lct_outline made = { .particle = particle, .phase = phase };
    t.visited = calloc((size_t)t.columns * (size_t)(box.y1 - box.y0 + 1), 1);
    bool ok = t.visited != NULL;
    for (int y = box.y0; ok && y <= box.y1; y++)
        ok = trace_row(&t, y, &made);
    free(t.visited);
    if (!ok) {
        lct_outline_finish(&made);
        return lct_fail(err, LCT_E_LIMIT, "outline: no memory");
    }
    made.shared_px = SHARE_OF_STEP * (double)t.shared;
    *out = made;
    return LCT_OK;
}

struct lct_enclosed lct_outline_enclosed(const struct lct_outline *outline)
{
    double area = 0.0, mx = 0.0, my = 0.0, length = 0.0;
    int turns = 0;
    for (size_t k = 0; k < outline->n_rings; k++) {
        const struct lct_ring *r = &outline->rings[k];
        turns += r->hole ? -1 : 1;
        for (size_t i = 0, j = r->n - 1; i < r->n; j = i++) {
            const double cross = r->x_px[i] * r->y_px[j] - r->x_px[j] * r->y_px[i];
            area += 0.5 * cross;
            mx += cross * (r->x_px[i] + r->x_px[j]) / 6.0;
            my += cross * (r->y_px[i] + r->y_px[j]) / 6.0;
            length += hypot(r->x_px[i] - r->x_px[j], r->y_px[i] - r->y_px[j]);
        }
    }
    return (struct lct_enclosed){ .area_px2 = area,
        .x_px = area > 0.0 ? mx / area : NAN,
        .y_px = area > 0.0 ? my / area : NAN,
        .perimeter_px = length,
        .turns = turns,
        .shared_px = outline->shared_px };
}
