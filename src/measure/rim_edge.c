#include <lctem/rim_edge.h>
#include <lctem/sampling.h>

#include <math.h>
#include <stdbool.h>

static const double CAMERA_VARIANCE_PX2 =
    1.0 / 12.0 + 0.25; /* of a pixel's square, and of a camera that passes 0.5 to 0.6 at Nyquist */
static const double LINEAR_VARIANCE_PX2 = 1.0 / 6.0; /* of straight lines between pixels, mean over places */
static const double BESIDE_BLURS = 3.0;              /* how far from an edge its blur is not felt */

/* A wave along the outward normal, counted from an edge, summed over outline; and what says whether it is there. */
struct edge_wave {
    double cosine, sine, power, length;
};

/* Greys of core, rim and liquid in the frame, beside the edges. */
struct greys {
    double core, rim, liquid, n;
};

static void add(struct edge_wave *w, double c, double s, double length)
{
    w->cosine += length * c;
    w->sine += length * s;
    w->power += length * length * (c * c + s * s);
    w->length += length;
}

static void add_greys(struct greys *g, const struct lct_image *frame, const struct lct_rim_point *p,
    const double normal[2], const struct lct_rim_edge_params *params)
{
    const double x = p->x_px + params->dx_px, y = p->y_px + params->dy_px,
                 far = 0.5 * p->thickness_px + BESIDE_BLURS * params->blur_px;
    g->core += lct_image_at(frame, x - far * normal[0], y - far * normal[1]);
    for (int side = -1; side <= 1; side += 2) { /* half a layer apart: without the layers */
        const double off = side * 0.25 * params->spacing_px;
        g->rim += 0.5 * lct_image_at(frame, x + off * normal[0], y + off * normal[1]);
    }
    g->liquid += lct_image_at(frame, x + far * normal[0], y + far * normal[1]);
    g->n += 1.0;
}

/* How far out of the crossing the edge lies. */
static double edge_offset(const struct edge_wave *w, double step, const struct lct_rim_edge_params *p)
{
    const double k = 2.0 * M_PI / p->spacing_px;
    if (!(w->length > 0.0) || step == 0.0)
        return 0.0;
    const double sure = (w->cosine * w->cosine + w->sine * w->sine) / w->power;
    if (!(sure > 1.0))
        return 0.0;
    const double variance = p->smoothing_px * p->smoothing_px + CAMERA_VARIANCE_PX2;
    const double lost = exp(-0.5 * k * k * (CAMERA_VARIANCE_PX2 + LINEAR_VARIANCE_PX2));
    const double slope = step / (p->blur_px * sqrt(2.0 * M_PI));
    const double height = (1.0 - 1.0 / sure) * w->cosine / (lost * w->length);
    return 0.5 * exp(-0.5 * k * k * variance) * height / slope;
}

/* How much rim there is. One too thin for its layers to be seen has some all the same, and one that another particle follows too. */
static double covered(const struct lct_rim_point *p)
{
    if (p->thickness_px == 0.0)
        return 0.0;
    const bool seen = p->fringe[0] != 0.0 || p->fringe[1] != 0.0;
    return seen || isnan(p->liquid) ? 1.0 : 1.0 - fmax(0.0, fmin(1.0, p->liquid));
}

struct lct_rim_edge_shift lct_rim_edge_shift_of(
    const struct lct_rim *rim, const struct lct_image *frame, const struct lct_rim_edge_params *params)
{
    struct edge_wave inner = { 0 }, outer = { 0 };
    struct greys g = { 0 };
    double core_px = 0.0, total_px = 0.0; /* of edges that layers end at */
    for (size_t i = 0; i < rim->n; i++) {
        const struct lct_rim_point *p = &rim->points[i];
        const struct lct_rim_point *a = &rim->points[(i + rim->n - 1) % rim->n], *b = &rim->points[(i + 1) % rim->n];
        const double tx = b->x_px - a->x_px, ty = b->y_px - a->y_px, t = hypot(tx, ty), there = covered(p);
        const double outside = isnan(p->thickness_px) ? 0.0 : fmax(0.0, t - rim->spacing_px);
        core_px += p->void_px > 0.0 ? 0.0 : there * rim->spacing_px;
        total_px += there * outside;
        if (isnan(p->thickness_px) || (p->fringe[0] == 0.0 && p->fringe[1] == 0.0) || !(t > 0.0))
            continue;
        const double normal[2] = { -ty / t, tx / t };
        const double h = M_PI * p->thickness_px / params->spacing_px, c = 2.0 * cos(h), s = 2.0 * sin(h);
        add(&inner, p->fringe[0] * c - p->fringe[1] * s, p->fringe[0] * s + p->fringe[1] * c, rim->spacing_px);
        add(&outer, p->fringe[0] * c + p->fringe[1] * s, p->fringe[1] * c - p->fringe[0] * s, outside);
        add_greys(&g, frame, p, normal, params);
    }
    if (!(g.n > 0.0))
        return (struct lct_rim_edge_shift){ 0 };
    return (struct lct_rim_edge_shift){ .core_px2 = core_px * edge_offset(&inner, (g.rim - g.core) / g.n, params),
        .total_px2 = total_px * edge_offset(&outer, (g.liquid - g.rim) / g.n, params) };
}
