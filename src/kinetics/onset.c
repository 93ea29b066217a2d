#include <lctem/crack_stats.h>


#include <math.h>
#include <stdlib.h>

static const double SURE = 6.0;        /* sigmas of a point, neighbours being alike, that the rise must be above */
static const double SLOW_SHARE = 0.25; /* of the speed behind the onset: no faster may it rise before */
enum { LEAST_POINTS = 12, LEAST_SEGMENT = 3, KNOTS = 120, TERMS = 4 };

/* Sums over the points from index k on, for k = 0 .. n: with them, any broken line is fitted in constant time. */
struct sums {
    double n, t, tt, y, ty;
};

struct series {
    size_t n;
    double *t, *y;     /* t from 0 */
    struct sums *from; /* n + 1 */
    double yy;
};

/* y = c0 + c1 t + c2 (t - t0)+ + c3 (t - t1)+ */
struct broken {
    size_t i, j;       /* of the bends, t0 = t[i], t1 = t[j] */
    double c[TERMS];
    double rss;
};

static size_t take_points(const struct lct_facet_series *s, double *t, double *y, double *first_s)
{
    size_t n = 0;
    *first_s = 0.0;
    for (size_t i = 0; i < s->n; i++) {
        if (!isfinite(s->height_nm[i]) || !isfinite(s->time_s[i]) || (n > 0 && s->time_s[i] - *first_s <= t[n - 1]))
            continue;
        if (n == 0)
            *first_s = s->time_s[i];
        t[n] = s->time_s[i] - *first_s;
        y[n++] = s->height_nm[i];
    }
    return n;
}

static void sum_up(struct series *s)
{
    s->from[s->n] = (struct sums){ 0 };
    for (size_t k = s->n; k-- > 0;) {
        const struct sums *a = &s->from[k + 1];
        const double t = s->t[k], y = s->y[k];
        s->from[k] = (struct sums){ a->n + 1.0, a->t + t, a->tt + t * t, a->y + y, a->ty + t * y };
        s->yy += y * y;
    }
}

/* Normal equations: sums of products of the four terms, each of which is 0 up to its bend. */
static void normal_equations(const struct series *s, size_t i, size_t j, double m[TERMS][TERMS + 1])
{
    const size_t start[TERMS] = { 0, 0, i, j };
    const double shift[TERMS] = { 0.0, 0.0, s->t[i], s->t[j] };
    for (int a = 0; a < TERMS; a++) {
        for (int b = 0; b < TERMS; b++) {
            const struct sums *q = &s->from[start[a] > start[b] ? start[a] : start[b]];
            const double linear_a = a > 0, linear_b = b > 0; /* term: linear * (t - shift), or 1 */
            const double fixed_a = a > 0 ? -shift[a] : 1.0, fixed_b = b > 0 ? -shift[b] : 1.0;
            m[a][b] = linear_a * linear_b * q->tt + (linear_a * fixed_b + linear_b * fixed_a) * q->t + fixed_a * fixed_b * q->n;
        }
        const struct sums *q = &s->from[start[a]];
        m[a][TERMS] = (a > 0) * q->ty + (a > 0 ? -shift[a] : 1.0) * q->y;
    }
}

/* Gauss with pivots; false: singular. */
static bool solve(double m[TERMS][TERMS + 1], double c[TERMS])
{
    for (int k = 0; k < TERMS; k++) {
        int best = k;
        for (int r = k + 1; r < TERMS; r++)
            if (fabs(m[r][k]) > fabs(m[best][k]))
                best = r;
        if (!(fabs(m[best][k]) > 1e-12))
            return false;
        for (int q = 0; best != k && q <= TERMS; q++) {
            const double swap = m[k][q];
            m[k][q] = m[best][q];
            m[best][q] = swap;
        }
        for (int r = 0; r < TERMS; r++) {
            const double f = r == k ? 0.0 : m[r][k] / m[k][k];
            for (int q = k; q <= TERMS; q++)
                m[r][q] -= f * m[k][q];
        }
    }
    for (int k = 0; k < TERMS; k++)
        c[k] = m[k][TERMS] / m[k][k];
    return true;
}

static void try_bends(const struct series *s, size_t i, size_t j, struct broken *best)
{
    double m[TERMS][TERMS + 1], rhs[TERMS];
    struct broken b = { .i = i, .j = j };
    normal_equations(s, i, j, m);
    for (int a = 0; a < TERMS; a++)
        rhs[a] = m[a][TERMS];
    if (!solve(m, b.c))
        return;
    b.rss = s->yy;
    for (int a = 0; a < TERMS; a++)
        b.rss -= b.c[a] * rhs[a];
    if (b.rss < best->rss)
        *best = b;
}

/* The best two bends: on a grid of places, then point by point around the first. */
static struct broken fit(const struct series *s)
{
    struct broken best = { .rss = HUGE_VAL };
    const size_t step = (s->n + KNOTS - 1) / KNOTS, least = LEAST_SEGMENT;
    for (size_t i = least; i + 2 * least < s->n; i += step)
        for (size_t j = i + least; j + least <= s->n; j += step)
            try_bends(s, i, j, &best);
    const size_t i0 = best.i, j0 = best.j;
    for (size_t i = i0 > least + step ? i0 - step : least; isfinite(best.rss) && i <= i0 + step && i + least <= j0; i++)
        try_bends(s, i, j0, &best);
    return best;
}

static double value(const struct broken *b, const struct series *s, double t)
{
    return b->c[0] + b->c[1] * t + b->c[2] * fmax(0.0, t - s->t[b->i]) + b->c[3] * fmax(0.0, t - s->t[b->j]);
}

/* Residual sd, and by how much neighbours being alike enlarges the error of a mean. */
static double residual_sd(const struct broken *b, const struct series *s, double *alike)
{
    double square = 0.0, product = 0.0, before = 0.0;
    for (size_t k = 0; k < s->n; k++) {
        const double r = s->y[k] - value(b, s, s->t[k]);
        square += r * r;
        product += k > 0 ? r * before : 0.0;
        before = r;
    }
    const double lag1 = square > 0.0 ? fmin(fmax(product / square, 0.0), 0.95) : 0.0;
    *alike = sqrt((1.0 + lag1) / (1.0 - lag1));
    return sqrt(square / fmax(1.0, (double)s->n - TERMS - 2.0));
}

/* What the bends say: a rise that is one, behind a stretch that is none. */
static void judge(struct lct_onset *onset, const struct series *s, double first_s, double least_nm)
{
    const struct broken b = fit(s);
    if (!isfinite(b.rss))
        return;
    double alike;
    const double sd = residual_sd(&b, s, &alike), start = s->t[b.i], end = s->t[b.j];
    const double before = b.c[1], speed = b.c[1] + b.c[2], rise = speed * (end - start);
    const double short_side = fmin((double)b.i, (double)(b.j - b.i));
    if (!(rise > fmax(least_nm, SURE * sd * alike / sqrt(short_side))) || before > SLOW_SHARE * speed)
        return;
    const double frame_s = s->t[s->n - 1] / (double)(s->n - 1);
    onset->time_s = first_s + start;
    /* two lines, each as sure as the points beside the bend, cross there */
    onset->time_sd_s = hypot(sqrt(8.0) * sd * alike / sqrt(short_side) / (speed - before), 0.5 * frame_s);
    onset->speed_nm_per_s = speed;
    onset->speed_sd_nm_per_s = sqrt(12.0) * sd * alike / sqrt((double)(b.j - b.i)) / (end - start);
}

enum lct_status lct_onset_find(
    struct lct_onset *out, const struct lct_facet_series *series, double least_nm, struct lct_err *err)
{
    struct lct_onset onset = { .particle = series->particle, .facet = series->facet, .time_s = (double)NAN,
        .time_sd_s = (double)NAN, .speed_nm_per_s = (double)NAN, .speed_sd_nm_per_s = (double)NAN, .crack_s = (double)NAN };
    struct series s = { .t = malloc((2 * series->n + 1) * sizeof *s.t), .from = malloc((series->n + 1) * sizeof *s.from) };
    if (!s.t || !s.from) {
        free(s.t);
        free(s.from);
        return lct_fail(err, LCT_E_LIMIT, "onset: no memory for %zu points", series->n);
    }
    double first_s;
    s.y = s.t + series->n;
    s.n = take_points(series, s.t, s.y, &first_s);
    if (s.n >= LEAST_POINTS) {
        sum_up(&s);
        judge(&onset, &s, first_s, least_nm);
    }
    free(s.t);
    free(s.from);
    *out = onset;
    return LCT_OK;
}

void lct_onsets_match(struct lct_onset *onsets, size_t n, const struct lct_crack_record *cracks, size_t n_cracks)
{
    for (size_t i = 0; i < n; i++) {
        struct lct_onset *o = &onsets[i];
        o->crack_s = (double)NAN;
        for (size_t k = 0; isfinite(o->time_s) && k < n_cracks; k++) {
            const struct lct_crack_record *c = &cracks[k];
            if (c->particle == o->particle && c->facet == o->facet && c->opened_known &&
                c->opened_s < o->time_s + 2.0 * o->time_sd_s && !(c->opened_s < o->crack_s))
                o->crack_s = c->opened_s;
        }
    }
}
