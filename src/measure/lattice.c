#include <lctem/lattice.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

struct lct_metric lct_metric_pixels(double nm_per_px, double nm_per_px_y)
{
    return (struct lct_metric){ { 1.0 / nm_per_px, 0.0, 0.0, -1.0 / nm_per_px_y } };
}

static struct lct_vector transform(const double m[4], double x, double y, const double c[3])
{
    return (struct lct_vector){ .x = m[0] * x + m[1] * y,
        .y = m[2] * x + m[3] * y,
        .xx = m[0] * m[0] * c[0] + 2 * m[0] * m[1] * c[1] + m[1] * m[1] * c[2],
        .xy = m[0] * m[2] * c[0] + (m[0] * m[3] + m[1] * m[2]) * c[1] + m[1] * m[3] * c[2],
        .yy = m[2] * m[2] * c[0] + 2 * m[2] * m[3] * c[1] + m[3] * m[3] * c[2] };
}

struct lct_vector lct_metric_apply(const struct lct_metric *metric, const struct lct_wave *wave)
{
    const double c[3] = { wave->cov_xx, wave->cov_xy, wave->cov_yy };
    return transform(metric->m, wave->gx, wave->gy, c);
}

void lct_metric_invert(const struct lct_metric *metric, double x, double y, double *gx, double *gy)
{
    const double *m = metric->m, det = m[0] * m[3] - m[1] * m[2];
    *gx = (m[3] * x - m[1] * y) / det;
    *gy = (m[0] * y - m[2] * x) / det;
}

double lct_vector_spacing_nm(const struct lct_vector *g, double *sd_nm)
{
    const double length = hypot(g->x, g->y), ux = g->x / length, uy = g->y / length;
    if (sd_nm)
        *sd_nm = sqrt(ux * ux * g->xx + 2 * ux * uy * g->xy + uy * uy * g->yy) / (length * length);
    return 1.0 / length;
}

double lct_vector_angle_deg(const struct lct_vector *g)
{
    double a = atan2(g->y, g->x) * 180.0 / M_PI;
    a = a < 0 ? a + 180.0 : a;
    return a >= 180.0 ? a - 180.0 : a;
}

struct lct_vector lct_vector_turn(const struct lct_vector *g, double angle_rad)
{
    const double c = cos(angle_rad), s = sin(angle_rad), m[4] = { c, -s, s, c }, cov[3] = { g->xx, g->xy, g->yy };
    return transform(m, g->x, g->y, cov);
}

struct lct_vector lct_vector_add(const struct lct_vector *a, const struct lct_vector *b, double sign)
{
    return (struct lct_vector){ a->x + sign * b->x, a->y + sign * b->y, a->xx + b->xx, a->xy + b->xy, a->yy + b->yy };
}

struct lct_vector lct_lattice_star(const struct lct_lattice *lattice, int k)
{
    return lct_vector_turn(&lattice->g, 2 * M_PI * k / lattice->fold);
}

/* The vector of the star of `g` that lies nearest to `to`, as an angle by which g must be turned. */
static double nearest_turn(const struct lct_vector *g, const struct lct_vector *to, int fold)
{
    const double between = atan2(to->y, to->x) - atan2(g->y, g->x), step = 2 * M_PI / fold;
    return step * round(between / step);
}

/* Sum of inverse covariances and of inverse covariance times vector. */
struct normal {
    double a[3], b[2];
};

static void add_normal(struct normal *n, const struct lct_vector *v)
{
    const double det = v->xx * v->yy - v->xy * v->xy;
    const double i[3] = { v->yy / det, -v->xy / det, v->xx / det };
    for (int k = 0; k < 3; k++)
        n->a[k] += i[k];
    n->b[0] += i[0] * v->x + i[1] * v->y;
    n->b[1] += i[1] * v->x + i[2] * v->y;
}

static double distance2(const struct lct_vector *v, const struct lct_vector *mean)
{
    const double det = v->xx * v->yy - v->xy * v->xy, x = v->x - mean->x, y = v->y - mean->y;
    return (v->yy * x * x - 2 * v->xy * x * y + v->xx * y * y) / det;
}

void lct_lattice_fit(struct lct_lattice *lattice, const struct lct_vector *peaks, const double *snr)
{
    struct lct_lattice *l = lattice;
    struct lct_vector turned[3];
    struct normal sum = { 0 };
    l->strength = 0;
    for (int i = 0; i < l->n_members; i++) {
        const struct lct_vector *first = &peaks[l->member[0]], *v = &peaks[l->member[i]];
        turned[i] = lct_vector_turn(v, nearest_turn(v, first, l->fold));
        add_normal(&sum, &turned[i]);
        l->strength += snr[l->member[i]] * snr[l->member[i]];
    }
    const double *a = sum.a, det = a[0] * a[2] - a[1] * a[1];
    l->g = (struct lct_vector){ (a[2] * sum.b[0] - a[1] * sum.b[1]) / det, (a[0] * sum.b[1] - a[1] * sum.b[0]) / det,
        a[2] / det, -a[1] / det, a[0] / det };
    l->chi2 = 0;
    for (int i = 0; i < l->n_members; i++)
        l->chi2 += distance2(&turned[i], &l->g);
    const double dof = 2.0 * (l->n_members - 1), widen = dof > 0 && l->chi2 > dof ? l->chi2 / dof : 1.0;
    l->g.xx *= widen;
    l->g.xy *= widen;
    l->g.yy *= widen;
    const double step = 2 * M_PI / l->fold;
    l->g = lct_vector_turn(&l->g, -step * floor(atan2(l->g.y, l->g.x) / step + 1e-9));
}

/* Peak nearest to `want` or its mirror image that is still free; -1: none within reach. */
static int find_free(
    const struct lct_vector *peaks, size_t n, const bool *taken, const struct lct_vector *want, double reach)
{
    int best = -1;
    for (size_t i = 0; i < n; i++) {
        const double d =
            fmin(hypot(peaks[i].x - want->x, peaks[i].y - want->y), hypot(peaks[i].x + want->x, peaks[i].y + want->y));
        if (!taken[i] && d < reach) {
            reach = d;
            best = (int)i;
        }
    }
    return best;
}

static struct lct_lattice family_of(
    const struct lct_vector *peaks, size_t n, bool *taken, int first, const struct lct_lattice_params *params)
{
    static const int folds[] = { 6, 4 };
    struct lct_lattice l = { .fold = 2, .member = { first }, .n_members = 1 };
    const struct lct_vector *g = &peaks[first];
    const double reach = params->distortion_frac * hypot(g->x, g->y) + params->slack_per_nm;
    taken[first] = true;
    for (size_t f = 0; f < sizeof folds / sizeof *folds && l.n_members == 1; f++)
        for (int k = 1; k < folds[f] / 2; k++) {
            const struct lct_vector want = lct_vector_turn(g, 2 * M_PI * k / folds[f]);
            const int other = find_free(peaks, n, taken, &want, reach);
            if (other < 0)
                continue;
            taken[other] = true;
            l.fold = folds[f];
            l.member[l.n_members++] = other;
        }
    return l;
}

static int by_strength(const void *a, const void *b)
{
    const struct lct_lattice *p = a, *q = b;
    return (p->strength < q->strength) - (p->strength > q->strength);
}

size_t lct_lattice_group(const struct lct_vector *peaks, const double *snr, size_t n,
    const struct lct_lattice_params *params, struct lct_lattice *out)
{
    bool taken[LCT_SPECTRUM_WAVES] = { false };
    size_t families = 0;
    n = n < LCT_SPECTRUM_WAVES ? n : LCT_SPECTRUM_WAVES;
    for (size_t done = 0; done < n;) {
        int first = -1; /* the strongest that is left */
        for (size_t i = 0; i < n; i++)
            if (!taken[i] && (first < 0 || snr[i] > snr[first]))
                first = (int)i;
        struct lct_lattice *l = &out[families++];
        *l = family_of(peaks, n, taken, first, params);
        lct_lattice_fit(l, peaks, snr);
        done += (size_t)l->n_members;
    }
    qsort(out, families, sizeof *out, by_strength);
    return families;
}
