#include <lctem/clones.h>
#include <lctem/strip.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    HALF = 12,
    STARTS = 5,
    FARTHEST_START = 8,
    MAX_ROWS = 2 * HALF + 1,
    ALL_ROWS = MAX_ROWS + 2 * FARTHEST_START,
    MAX_ROUNDS = 6
};
static const int start_rows[STARTS] = { 0, -4, 4, -8, FARTHEST_START }; /* beginnings, from the height given */
static const double ROW_BLURS = 0.4,      /* HALF of them reach 5 blurs to either side of the edge */
    COLUMN_BLURS = 0.6;                   /* spacing of the samples: the plane is smooth on the scale of a blur */
static const double COVERED = 0.8;        /* share of the columns that must be known */
static const double FARTHEST_BLURS = 3.0; /* from the height given */
static const double GOOD_CHI2 = 0.3, BETTER = 0.6; /* a fit that needs no other; how much better another must be */
static const double WHITE = 0.02; /* of the variance: what is not covered by the grain, and keeps the matrix regular */

double lct_grain_at(const struct lct_grain *grain, double r_px)
{
    const double at = r_px / grain->step_px;
    if (!(at < LCT_GRAIN_LAGS - 1))
        return 0.0;
    const int i = (int)at;
    return grain->covariance[i] + (at - i) * (grain->covariance[i + 1] - grain->covariance[i]);
}

/* What the four pixels about a place u behind the second one count: Catmull and Rom's cubic. */
static void cubic_shares(double u, double share[4])
{
    share[0] = 0.5 * u * (u * (2.0 - u) - 1.0);
    share[1] = 0.5 * (u * u * (3.0 * u - 5.0) + 2.0);
    share[2] = 0.5 * u * (u * (4.0 - 3.0 * u) + 1.0);
    share[3] = 0.5 * u * u * (u - 1.0);
}

/* At pixel (i, j) of the image; NaN beyond it and beside what is not known. */
static double sample(const struct lct_image *image, double i, double j)
{
    if (!(i >= 1.0 && j >= 1.0 && i < image->width - 2 && j < image->height - 2))
        return (double)NAN;
    const int i0 = (int)i, j0 = (int)j;
    double across[4], down[4], sum = 0.0;
    cubic_shares(i - i0, across);
    cubic_shares(j - j0, down);
    const float *px = image->px + (size_t)(j0 - 1) * (size_t)image->width + i0 - 1;
    for (int k = 0; k < 4; k++, px += image->width)
        sum += down[k]
            * (across[0] * (double)px[0] + across[1] * (double)px[1] + across[2] * (double)px[2]
                + across[3] * (double)px[3]);
    return sum;
}

/* Mean grey along the stretch, row by row; NaN where too little of it is known. Row 0 is ALL_ROWS / 2 rows below the
 * height given. Rows are taken when they are asked for: few edges need those far off. */
struct strip {
    const struct lct_strip_picture *picture;
    const struct lct_facet_set *set;
    const struct lct_facet *f;
    const struct lct_strip_edge *edge;
    int columns, from, to; /* rows from .. to - 1 are there */
    double row_px, value[ALL_ROWS];
};

static void take_rows(struct strip *s, int from, int to)
{
    const struct lct_strip_edge *e = s->edge;
    const struct lct_facet *f = s->f;
    const struct lct_strip_picture *p = s->picture;
    const int columns = s->columns;
    /* along a row pixels follow each other at equal steps */
    const double step = (e->to_px - e->from_px) / columns, di = -step * f->ny / p->step_px,
                 dj = step * f->nx / p->step_y_px;
    for (int r = from; r < to; r++) {
        const double h = e->height_px + (r - ALL_ROWS / 2) * s->row_px;
        const double i = (s->set->x_px + h * f->nx - e->from_px * f->ny - p->x_px) / p->step_px,
                     j = (s->set->y_px + h * f->ny + e->from_px * f->nx - p->y_px) / p->step_y_px;
        double sum = 0.0;
        int known = 0;
        for (int c = 0; c < columns; c++) {
            const double v = sample(p->image, i + (c + 0.5) * di, j + (c + 0.5) * dj);
            if (!isfinite(v))
                continue;
            sum += v;
            known++;
        }
        s->value[r] = known < COVERED * columns ? (double)NAN : sum / known;
    }
}

/* The rows about a beginning. */
static void take_strip(struct strip *s, int start)
{
    const int from = start - HALF + ALL_ROWS / 2, to = start + HALF + ALL_ROWS / 2 + 1;
    if (s->from == s->to)
        s->from = s->to = from;
    if (from < s->from)
        take_rows(s, from, s->from);
    if (to > s->to)
        take_rows(s, s->to, to);
    s->from = from < s->from ? from : s->from;
    s->to = to > s->to ? to : s->to;
}

/* The part of a strip that is held against the model: heights, values, and the n of them. */
struct profile {
    int n, row[MAX_ROWS];
    double height[MAX_ROWS], value[MAX_ROWS];
};

/* The rows about a beginning that lies `start` rows from the height given. */
static bool take_profile(struct profile *p, struct strip *s, double height_px, int start)
{
    take_strip(s, start);
    p->n = 0;
    for (int r = start - HALF; r <= start + HALF; r++) {
        const double v = s->value[r + ALL_ROWS / 2];
        if (!isfinite(v))
            continue;
        p->row[p->n] = r;
        p->height[p->n] = height_px + r * s->row_px;
        p->value[p->n++] = v;
    }
    return p->n >= HALF;
}

static double normal(double x)
{
    return 0.5 * erfc(-x * M_SQRT1_2);
}

/* Share of the rim's outer edge that height h sees. */
static double outer_at(const struct lct_strip_model *m, const struct lct_strip_edge *e, double h)
{
    return isfinite(e->shell_px) ? normal((h - e->height_px - e->shell_px) / m->blur_px) : 0.0;
}

/* Value of the model for an edge u blurs below, and its derivative with respect to the edge's height. */
static double model_at(
    const struct lct_strip_model *m, const struct lct_strip_edge *e, double u, double outer, double *slope)
{
    const double density = exp(-0.5 * u * u) / (sqrt(2.0 * M_PI) * m->blur_px);
    const double covered = m->core + (m->shell - m->core) * normal(u) + (1.0 - m->shell) * outer;
    const double bare = m->core + (1.0 - m->core) * normal(u);
    *slope = -density * ((1.0 - e->bare_frac) * (m->shell - m->core) + e->bare_frac * (1.0 - m->core));
    return (1.0 - e->bare_frac) * covered + e->bare_frac * bare;
}

/* The grey of a soft edge between the levels `in` and `out` is that of a sharp one this much farther out: half of the
 * thickness absorbs more than half of the way between the levels. */
static double soft_shift(double in, double out, double soft_px)
{
    const double t = log(out / in);
    return t > 0.0 ? 0.5 * t * t / (1.0 - in / out) * soft_px / sqrt(M_PI) : 0.0;
}

/* Covariances of rows by their distance, in rows. */
struct lags {
    double still[MAX_ROWS], film[MAX_ROWS], shot[MAX_ROWS];
};

/* Of means over a stretch of length w: by Simpson's rule over the distance along it. */
static void fill_lags(struct lags *l, const struct lct_strip_scene *scene, int rows, double w, double row_px)
{
    enum { STEPS = 32 };
    for (int lag = 0; lag < rows; lag++) {
        double still = 0.0, film = 0.0, shot = 0.0;
        for (int k = 0; k <= STEPS; k++) {
            const double u = w * k / STEPS, r = sqrt(lag * row_px * lag * row_px + u * u);
            const double weight = (k == 0 || k == STEPS ? 1.0 : k % 2 ? 4.0 : 2.0) * (w - u);
            still += weight * lct_grain_at(&scene->still, r);
            film += weight * lct_grain_at(&scene->film, r);
            shot += weight * lct_grain_at(&scene->shot, r);
        }
        l->still[lag] = 2.0 * still / (3.0 * STEPS * w);
        l->film[lag] = 2.0 * film / (3.0 * STEPS * w);
        l->shot[lag] = 2.0 * shot / (3.0 * STEPS * w);
    }
}

/* The grain's covariance, and what the levels do: the core's on one side, the rim's on the other. */
static void fill_covariance(double *c, const struct lags *lags, const struct profile *p, const struct lct_strip_edge *e,
    const struct lct_strip_model *m)
{
    double outside[MAX_ROWS];
    for (int i = 0; i < p->n; i++)
        outside[i] = normal((p->height[i] - e->height_px) / m->blur_px);
    for (int i = 0; i < p->n; i++)
        for (int j = 0; j < p->n; j++) {
            const int lag = abs(p->row[i] - p->row[j]);
            const double si = outside[i], sj = outside[j];
            c[i * p->n + j] = lags->still[lag] + lags->shot[lag]
                + (i == j ? WHITE * (lags->still[0] + lags->shot[0]) + 1e-12 : 0.0)
                + m->core_sd * m->core_sd * (1.0 - si) * (1.0 - sj)
                + m->shell_sd * m->shell_sd * (1.0 - e->bare_frac) * si * sj;
        }
}

/* Variance of the sum of w times the rows that noise of these covariances makes. */
static double variance_of(const double *lags, const struct profile *p, const double *w)
{
    double sum = 0.0;
    for (int i = 0; i < p->n; i++)
        for (int j = 0; j < p->n; j++)
            sum += w[i] * w[j] * lags[abs(p->row[i] - p->row[j])];
    return fmax(0.0, sum);
}

/* C = U^T U in place, the upper half, row by row, so that the compiler can take several columns at a time; false: not
 * positive. */
LCT_CLONES static bool factor(double *c, int n)
{
    for (int j = 0; j < n; j++) {
        double *restrict row = c + j * n;
        if (!(row[j] > 0.0))
            return false;
        const double pivot = sqrt(row[j]);
        for (int k = j; k < n; k++)
            row[k] /= pivot;
        for (int i = j + 1; i < n; i++) {
            double *restrict below = c + i * n;
            const double share = row[i];
            for (int k = i; k < n; k++)
                below[k] -= share * row[k];
        }
    }
    return true;
}

/* x = C^-1 y by its factor. */
LCT_CLONES static void solve(const double *restrict u, const double *y, double *restrict x, int n)
{
    memcpy(x, y, (size_t)n * sizeof *x);
    for (int i = 0; i < n; i++) {
        x[i] /= u[i * n + i];
        for (int k = i + 1; k < n; k++)
            x[k] -= u[i * n + k] * x[i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++)
            x[i] -= u[i * n + k] * x[k];
        x[i] /= u[i * n + i];
    }
}

static double dot(const double *a, const double *b, int n)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Generalised least squares from the height of `edge`. */
static bool fit_profile(struct lct_strip_fit *out, const struct profile *p, const struct lags *lags,
    const struct lct_strip_edge *edge, const struct lct_strip_model *model)
{
    double c[MAX_ROWS * MAX_ROWS], slope[MAX_ROWS], residual[MAX_ROWS], weighted[MAX_ROWS], outer[MAX_ROWS];
    for (int i = 0; i < p->n; i++)
        outer[i] = outer_at(model, edge, p->height[i]);
    fill_covariance(c, lags, p, edge, model);
    if (!factor(c, p->n))
        return false;
    double at = edge->height_px, information = 0.0;
    for (int round = 0; round < MAX_ROUNDS; round++) {
        for (int i = 0; i < p->n; i++)
            residual[i] =
                p->value[i] - model_at(model, edge, (p->height[i] - at) / model->blur_px, outer[i], &slope[i]);
        solve(c, slope, weighted, p->n);
        information = dot(slope, weighted, p->n);
        if (!(information > 0.0))
            return false;
        const double step = dot(residual, weighted, p->n) / information;
        at += fmin(fmax(step, -model->blur_px), model->blur_px);
        if (!(fabs(at - edge->height_px) < FARTHEST_BLURS * model->blur_px))
            return false;
        if (fabs(step) < 1e-3 * model->blur_px)
            break;
    }
    const double noise = variance_of(lags->shot, p, weighted), film = variance_of(lags->film, p, weighted);
    solve(c, residual, weighted, p->n);
    const double shift = (1.0 - edge->bare_frac) * soft_shift(model->core, model->shell, model->soft_px)
        + edge->bare_frac * soft_shift(model->core, 1.0, model->soft_px);
    *out = (struct lct_strip_fit){ .height_px = at - shift,
        .sd_px = sqrt(noise + film) / information,
        .noise_sd_px = sqrt(noise) / information,
        .chi2 = dot(residual, weighted, p->n) / p->n };
    return true;
}

bool lct_strip_fit(struct lct_strip_fit *out, const struct lct_strip_picture *picture, const struct lct_facet_set *set,
    int facet, const struct lct_strip_edge *edge, const struct lct_strip_scene *scene)
{
    const double width = edge->to_px - edge->from_px, blur = scene->model.blur_px;
    struct strip strip = {
        .picture = picture, .set = set, .f = &set->facet[facet], .edge = edge, .row_px = ROW_BLURS * blur
    };
    struct lags lags;
    if (!(width > 0.0))
        return false;
    strip.columns = (int)ceil(width / (COLUMN_BLURS * blur));
    fill_lags(&lags, scene, MAX_ROWS, width, strip.row_px);
    struct lct_strip_fit best = { .chi2 = (double)INFINITY };
    for (int k = 0; k < STARTS && !(best.chi2 < GOOD_CHI2); k++) {
        struct lct_strip_edge from = *edge;
        struct lct_strip_fit fit;
        struct profile p;
        from.height_px += start_rows[k] * strip.row_px;
        from.shell_px -= start_rows[k] * strip.row_px; /* the rim's outer edge stays where it is */
        if (take_profile(&p, &strip, edge->height_px, start_rows[k])
            && fit_profile(&fit, &p, &lags, &from, &scene->model)
            && fit.chi2 < (isfinite(best.chi2) ? BETTER * best.chi2 : (double)INFINITY))
            best = fit;
    }
    if (!isfinite(best.chi2))
        return false;
    *out = best;
    return true;
}
