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
    size_t i, j; /* of the bends, t0 = t[i], t1 = t[j] */
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
            m[a][b] = linear_a * linear_b * q->tt + (linear_a * fixed_b + linear_b * fixed_a) * q->t
                + fixed_a * fixed_b * q->n;
        }
        const struct sums *q = &s->from[start[a]];
        m[a][TERMS] = (a > 0) * q->ty + (a > 0 ? -shift[a] : 1.0) * q->y;
    }
}

/* Gauss with pivots; false: singular. */
static bool solve(double m[TERMS][TERMS + 1], int terms, double c[TERMS])
{
    for (int k = 0; k < terms; k++) {
        int best = k;
        for (int r = k + 1; r < terms; r++)
            if (fabs(m[r][k]) > fabs(m[best][k]))
                best = r;
        if (!(fabs(m[best][k]) > 1e-12))
            return false;
        for (int q = 0; best != k && q <= TERMS; q++) {
            const double swap = m[k][q];
            m[k][q] = m[best][q];
            m[best][q] = swap;
        }
        for (int r = 0; r < terms; r++) {
            const double f = r == k ? 0.0 : m[r][k] / m[k][k];
            for (int q = k; q <= TERMS; q++)
                m[r][q] -= f * m[k][q];
        }
    }
    for (int k = 0; k < terms; k++)
        c[k] = m[k][TERMS] / m[k][k];
    return true;
}

/* Two bends, or one where j is beyond the last point. */
static void try_bends(const struct series *s, size_t i, size_t j, struct broken *best)
{
    const int terms = j < s->n ? TERMS : TERMS - 1;
    double m[TERMS][TERMS + 1], rhs[TERMS];
    struct broken b = { .i = i, .j = j };
    normal_equations(s, i, j < s->n ? j : s->n - 1, m);
    for (int a = 0; a < TERMS; a++)
        rhs[a] = m[a][TERMS];
    if (!solve(m, terms, b.c))
        return;
    b.rss = s->yy;
    for (int a = 0; a < terms; a++)
        b.rss -= b.c[a] * rhs[a];
    if (b.rss < best->rss)
        *best = b;
}

/* The best two bends: on a grid of places, then point by point around each. */
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
    const size_t i1 = best.i;
    for (size_t j = j0 > i1 + least + step ? j0 - step : i1 + least;
         isfinite(best.rss) && j <= j0 + step && j + least <= s->n; j++)
        try_bends(s, i1, j, &best);
    return best;
}

/* The best single bend. */
static struct broken fit_one(const struct series *s)
{
    struct broken best = { .rss = HUGE_VAL };
    for (size_t i = LEAST_SEGMENT; i + LEAST_SEGMENT < s->n; i++)
        try_bends(s, i, s->n, &best);
    best.j = s->n - 1;
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

/* A bend between two straight pieces, from .. at .. to, in points. */
struct bend {
    size_t from, at, to;
    double before, after; /* slopes */
};

/* A rise that is one, behind a stretch that is none. */
static bool judge(
    struct lct_onset *onset, const struct series *s, const struct bend *b, double sd, double first_s, double least_nm)
{
    const double length_s = s->t[b->to] - s->t[b->at], rise = b->after * length_s;
    const double short_side = fmin((double)(b->at - b->from), (double)(b->to - b->at));
    if (!(rise > fmax(least_nm, SURE * sd / sqrt(short_side))) || b->before > SLOW_SHARE * b->after)
        return false;
    const double frame_s = s->t[s->n - 1] / (double)(s->n - 1);
    onset->time_s = first_s + s->t[b->at];
    /* two lines, each as sure as the points beside the bend, cross there */
    onset->time_sd_s = hypot(sqrt(8.0) * sd / sqrt(short_side) / (b->after - b->before), 0.5 * frame_s);
    onset->speed_nm_per_s = b->after;
    onset->speed_sd_nm_per_s = sqrt(12.0) * sd / sqrt((double)(b->to - b->at)) / length_s;
    return true;
}

/* The first bend that is an onset: of two; or the only one, for two may share one between them where there is no other.
 */
static void find_onset(struct lct_onset *onset, const struct series *s, double first_s, double least_nm)
{
    const struct broken two = fit(s), one = fit_one(s);
    if (!isfinite(two.rss) || !isfinite(one.rss))
        return;
    double alike;
    const double sd = residual_sd(&two, s, &alike) * alike;
    const struct bend bends[] = { { 0, two.i, two.j, two.c[1], two.c[1] + two.c[2] },
        { two.i, two.j, s->n - 1, two.c[1] + two.c[2], two.c[1] + two.c[2] + two.c[3] },
        { 0, one.i, one.j, one.c[1], one.c[1] + one.c[2] } };
    for (size_t k = 0; k < sizeof bends / sizeof *bends; k++)
        if (judge(onset, s, &bends[k], sd, first_s, least_nm))
            return;
}

enum lct_status lct_onset_find(
    struct lct_onset *out, const struct lct_facet_series *series, bool etches, double least_nm, struct lct_err *err)
{
    struct lct_onset onset = { .particle = series->particle,
        .facet = series->facet,
        .etches = etches,
        .time_s = (double)NAN,
        .time_sd_s = (double)NAN,
        .speed_nm_per_s = (double)NAN,
        .speed_sd_nm_per_s = (double)NAN,
        .crack_s = (double)NAN,
        .crack_sd_s = (double)NAN };
    struct series s = { .t = malloc((2 * series->n + 1) * sizeof *s.t),
        .from = malloc((series->n + 1) * sizeof *s.from) };
    if (!s.t || !s.from) {
        free(s.t);
        free(s.from);
        return lct_fail(err, LCT_E_LIMIT, "onset: no memory for %zu points", series->n);
    }
    double first_s;
    s.y = s.t + series->n;
    s.n = take_points(series, s.t, s.y, &first_s);
    for (size_t k = 0; etches && k < s.n; k++)
        s.y[k] = -s.y[k]; /* a fall is a rise upside down */
    if (s.n >= LEAST_POINTS) {
        sum_up(&s);
        find_onset(&onset, &s, first_s, least_nm);
        onset.speed_nm_per_s *= etches ? -1.0 : 1.0;
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
        o->crack_s = o->crack_sd_s = (double)NAN;
        for (size_t k = 0; isfinite(o->time_s) && k < n_cracks; k++) {
            const struct lct_crack_record *c = &cracks[k];
            if (c->particle != o->particle || c->facet != o->facet || c->began_s < o->crack_s
                || !(c->began_s < o->time_s + 2.0 * hypot(o->time_sd_s, c->began_sd_s)))
                continue;
            o->crack_s = c->began_s;
            o->crack_sd_s = c->began_sd_s;
        }
    }
}
