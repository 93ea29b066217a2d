#include <lctem/rim_facet.h>

#include <math.h>

static const double MIDDLE = 0.5;       /* of an edge: where the rim's thickness is the mean of */
static const double SEEN_SNR = 3.0;     /* of fringes: chance gives it once in 8000 facets, exp(-9) */
static const double LEAST_SEEN = 0.25;  /* of the middle: with less rim there is no mean */
static const double LEAST_KNOWN = 0.75; /* of the edge: with less there is no share */

static const double ATTACHED_RAYS = 8.0;  /* spacings (4 blurs, more than a layer) and */
static const double ATTACHED_SHARE = 0.3; /* of the rim: what stands out so far is no rim */
enum { BINS = 256 };

struct over {
    double height_px, along_px;
};

static struct over over_facet(const struct lct_facet_set *set, const struct lct_facet *f, double x_px, double y_px)
{
    const double dx = x_px - set->x_px, dy = y_px - set->y_px;
    return (struct over){ dx * f->nx + dy * f->ny, dy * f->nx - dx * f->ny };
}

static double mean_variance(const struct lct_edge_error *e, double length_px)
{
    return (e->noise_px * e->noise_px * e->noise_length_px + e->film_px * e->film_px * e->film_length_px) / length_px
        + e->common_px * e->common_px;
}

struct lct_rim_facet lct_rim_facet_none(void)
{
    const double none = (double)NAN;
    return (struct lct_rim_facet){ none, none, none, none, none, lct_rim_order_none() };
}

void lct_rim_facet_count_layers(struct lct_rim_facet *rim, double layer_px)
{
    if (rim->fringe_snr > SEEN_SNR && layer_px > 0.0)
        rim->layers = round(rim->thickness_px / layer_px);
}

/* A facet's edge, and the rays that lead out of it. */
struct stretch {
    const struct lct_rim *rim;
    const unsigned char *open;
    const struct lct_facet_set *set;
    const struct lct_facet *facet;
    double height_px, middle_px, half_px;
};

/* How far from the edge's middle ray i leads out, in half edges; infinity: not of this edge. */
static double aside(const struct stretch *s, size_t i)
{
    const struct over o = over_facet(s->set, s->facet, s->rim->points[i].x_px, s->rim->points[i].y_px);
    return o.height_px < s->height_px ? HUGE_VAL : fabs(o.along_px - s->middle_px) / s->half_px;
}

static bool has_rim(const struct stretch *s, size_t i)
{
    const struct lct_rim_point *p = &s->rim->points[i];
    return !s->open[i] && p->thickness_px > p->void_px;
}

/* Remains of a neighbour stand on the rim like a step: how thick the rim may be, from its median over the whole edge. */
static double most_thickness(const struct stretch *s)
{
    unsigned count[BINS] = { 0 };
    size_t n = 0, below = 0, k = 0;
    const double bin_px = 0.5 * s->rim->spacing_px;
    for (size_t i = 0; i < s->rim->n; i++)
        if (has_rim(s, i) && aside(s, i) <= 1.0) {
            const double bin = (s->rim->points[i].thickness_px - s->rim->points[i].void_px) / bin_px;
            count[bin < BINS - 1 ? (size_t)bin : BINS - 1]++;
            n++;
        }
    while (k < BINS - 1 && (below += count[k]) < (n + 1) / 2)
        k++;
    const double usual_px = ((double)k + 1.0) * bin_px;
    return usual_px + fmax(ATTACHED_RAYS * s->rim->spacing_px, ATTACHED_SHARE * usual_px);
}

struct lct_rim_facet lct_rim_facet_measure(const struct lct_rim *rim, const unsigned char *open,
    const struct lct_facet_set *set, int facet, const struct lct_facet_edge *edge, const struct lct_edge_error *inner,
    const struct lct_edge_error *outer)
{
    struct lct_rim_facet out = lct_rim_facet_none();
    if (!edge->present || rim->n == 0)
        return out;
    const struct stretch s = { .rim = rim,
        .open = open,
        .set = set,
        .facet = &set->facet[facet],
        .height_px = edge->height_px,
        .middle_px = 0.5 * (edge->start_px + edge->end_px),
        .half_px = 0.5 * (edge->end_px - edge->start_px) };
    const double most = most_thickness(&s);
    double edge_px = 0.0, all = 0.0, bare = 0.0, core = 0.0, seen = 0.0, sum = 0.0, re = 0.0, im = 0.0, power = 0.0;
    for (size_t i = 0; i < rim->n; i++) {
        const struct lct_rim_point *p = &rim->points[i];
        const double beside = aside(&s, i);
        if (beside > 1.0)
            continue;
        edge_px += p->step_px;
        all += isnan(p->liquid) && p->thickness_px <= 0.0 ? 0.0 : p->step_px; /* no rim, no liquid: who knows */
        bare += open[i] ? p->step_px * fmin(fmax(p->liquid, 0.0), 1.0) : 0.0;
        if (beside > MIDDLE)
            continue;
        core += p->step_px;
        if (has_rim(&s, i) && p->thickness_px - p->void_px <= most) {
            seen += p->step_px;
            sum += p->step_px * (p->thickness_px - p->void_px);
            re += p->fringe[0];
            im += p->fringe[1];
            power += p->fringe[0] * p->fringe[0] + p->fringe[1] * p->fringe[1];
        }
    }
    if (all > LEAST_KNOWN * edge_px)
        out.exposed_frac = bare / all;
    /* layers run along the facet: their waves add up, noise does not (Rayleigh) */
    out.fringe_snr = power > 0.0 ? sqrt((re * re + im * im) / power) : (double)NAN;
    if (seen > LEAST_SEEN * core && seen > 0.0) {
        out.thickness_px = sum / seen;
        out.thickness_sd_px = sqrt(mean_variance(inner, seen) + mean_variance(outer, seen));
    }
    return out;
}

struct lct_rim_place lct_rim_place_find(
    const struct lct_facet_set *set, const struct lct_facet_edge *edges, double x_px, double y_px)
{
    struct lct_rim_place best = { -1, (double)NAN, (double)NAN };
    double nearest = HUGE_VAL;
    for (int i = 0; i < set->n; i++) {
        if (!edges[i].present)
            continue;
        const struct over o = over_facet(set, &set->facet[i], x_px, y_px);
        const double beyond = fmax(fmax(edges[i].start_px - o.along_px, o.along_px - edges[i].end_px), 0.0);
        if (o.height_px < edges[i].height_px || beyond >= nearest)
            continue;
        const double half = 0.5 * (edges[i].end_px - edges[i].start_px);
        nearest = beyond;
        best.facet = i;
        best.position_px = o.along_px - 0.5 * (edges[i].start_px + edges[i].end_px);
        best.position_frac = fmin(fmax(best.position_px / half, -1.0), 1.0);
    }
    return best;
}
