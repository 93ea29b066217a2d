#include <lctem/change_point.h>

#include <lctem/robust.h>

#include <math.h>
#include <stdlib.h>

enum { MAX_POINTS = 120, GRID = 60, ROUNDS = 4, MIN_SIDE = 4 };
static const double BEND_SIGMAS = 4.0; /* a bend that is surer than that counts */
static const double MAX_LAG1 = 0.9;

/* One curve within the window, times from the window's middle. */
struct stretch {
    double x[MAX_POINTS], y[MAX_POINTS];
    int n;
    double step; /* between points */
};

/* What one curve says about the change. */
struct opinion {
    double time, sd;
    bool bends;
};

/* A bent line through the points: value at the bend, slopes before and after; the rest is the residual. */
struct bend {
    double value, before, after, rss, slope_change_factor; /* variance of (after - before) per variance of a point */
    double lag1;
};

static void take_stretch(
    struct stretch *s, const struct lct_curve_bundle *b, size_t curve, size_t from, size_t to, double middle_s)
{
    const size_t per = (to - from + MAX_POINTS - 1) / MAX_POINTS;
    s->n = 0;
    for (size_t t = from; t < to; t += per) {
        double x = 0.0, y = 0.0;
        size_t n = 0;
        for (size_t k = t; k < t + per && k < to; k++, n++) {
            x += b->times_s[k] - middle_s;
            y += b->values[curve][k];
        }
        s->x[s->n] = x / (double)n;
        s->y[s->n++] = y / (double)n;
    }
    s->step = s->n > 1 ? (s->x[s->n - 1] - s->x[0]) / (s->n - 1) : 0.0;
}

static bool fit_bend(const struct stretch *s, double at, struct bend *out)
{
    double a[9] = { 0 }, c[3] = { 0 };
    for (int i = 0; i < s->n; i++) {
        const double f[3] = { 1.0, fmin(s->x[i] - at, 0.0), fmax(s->x[i] - at, 0.0) };
        for (int j = 0; j < 3; j++) {
            c[j] += f[j] * s->y[i];
            for (int k = 0; k < 3; k++)
                a[3 * j + k] += f[j] * f[k];
        }
    }
    double copy[9], z[3] = { 0.0, -1.0, 1.0 };
    for (int i = 0; i < 9; i++)
        copy[i] = a[i];
    if (!lct_linear_solve(a, c, 3) || !lct_linear_solve(copy, z, 3))
        return false;
    *out = (struct bend){ .value = c[0], .before = c[1], .after = c[2], .slope_change_factor = z[2] - z[1] };
    double last = 0.0, products = 0.0;
    for (int i = 0; i < s->n; i++) {
        const double left = s->y[i] - c[0] - c[1] * fmin(s->x[i] - at, 0.0) - c[2] * fmax(s->x[i] - at, 0.0);
        out->rss += left * left;
        products += i ? left * last : 0.0;
        last = left;
    }
    out->lag1 = out->rss > 0.0 ? fmin(MAX_LAG1, fmax(0.0, products / out->rss)) : 0.0;
    return true;
}

static double rss_line(const struct stretch *s, int from, int to)
{
    double mx = 0.0, my = 0.0, sxx = 0.0, sxy = 0.0, syy = 0.0;
    for (int i = from; i < to; i++) {
        mx += s->x[i] / (to - from);
        my += s->y[i] / (to - from);
    }
    for (int i = from; i < to; i++) {
        sxx += (s->x[i] - mx) * (s->x[i] - mx);
        sxy += (s->x[i] - mx) * (s->y[i] - my);
        syy += (s->y[i] - my) * (s->y[i] - my);
    }
    return fmax(0.0, syy - (sxx > 0.0 ? sxy * sxy / sxx : 0.0));
}

/* Two separate lines fit much better than a bent one, and their ends lie apart: a jump. */
static bool find_jump(const struct stretch *s, double rss_bend, double floor_sd, struct opinion *out)
{
    double best = (double)INFINITY;
    int at = 0;
    for (int i = MIN_SIDE; i + MIN_SIDE <= s->n; i++) {
        const double rss = rss_line(s, 0, i) + rss_line(s, i, s->n);
        if (rss < best) {
            best = rss;
            at = i;
        }
    }
    const double noise = fmax(best / fmax(1.0, s->n - 4), floor_sd * floor_sd);
    if (!at || rss_bend - best < 25.0 * noise)
        return false;
    *out = (struct opinion){ .time = 0.5 * (s->x[at - 1] + s->x[at]), .sd = 0.0, .bends = true };
    return true;
}

static struct opinion ask(const struct stretch *s, double floor_sd)
{
    struct opinion o = { 0 };
    if (s->n < 2 * MIN_SIDE + 1)
        return o;
    const double low = 0.5 * (s->x[MIN_SIDE - 1] + s->x[MIN_SIDE]),
                 high = 0.5 * (s->x[s->n - MIN_SIDE] + s->x[s->n - MIN_SIDE - 1]);
    double from = low, step = (high - low) / GRID, best = (double)INFINITY, at = low;
    struct bend bend = { 0 }, trial;
    for (int round = 0; round < 2; round++) { /* coarse, then fine about the best */
        for (int i = 0; i <= GRID; i++) {
            const double t = from + step * i;
            if (t < low || t > high || !fit_bend(s, t, &trial) || !(trial.rss < best))
                continue;
            best = trial.rss;
            at = t;
            bend = trial;
        }
        from = at - step;
        step = 2.0 * step / GRID;
    }
    if (!isfinite(best))
        return o;
    if (find_jump(s, best, floor_sd, &o))
        return o;
    const double inflate = (1.0 + bend.lag1) / (1.0 - bend.lag1);
    const double noise = fmax(best / (s->n - 4), 1e-4 * floor_sd * floor_sd) * inflate;
    const double slope_change = bend.after - bend.before;
    o.time = at;
    /* linearised about the bend: sd(t) = 4 sd / (|slope change| sqrt n) = sd(slope change) / |slope change| x window / sqrt 12 */
    o.sd = sqrt(noise * bend.slope_change_factor) / fabs(slope_change) * (high - low) / sqrt(12.0);
    /* what moves less than the floor is not seen: a slow bend may have begun that much earlier */
    o.sd = hypot(o.sd, floor_sd / fabs(slope_change));
    o.bends = fabs(slope_change) > BEND_SIGMAS * sqrt(noise * bend.slope_change_factor) && at > low + s->step
        && at < high - s->step;
    return o;
}

/* Mean of the opinions with a random effect between them (DerSimonian and Laird); false: nobody has one [K3]. */
static bool combine(const struct opinion *opinions, size_t n, double frame_sd, double *time, double *sd, int *count)
{
    double w_sum = 0.0, w2_sum = 0.0, wt_sum = 0.0, q = 0.0;
    int k = 0;
    for (size_t i = 0; i < n; i++) {
        if (!opinions[i].bends)
            continue;
        const double w = 1.0 / (opinions[i].sd * opinions[i].sd + frame_sd * frame_sd);
        w_sum += w;
        w2_sum += w * w;
        wt_sum += w * opinions[i].time;
        k++;
    }
    if (k == 0)
        return false;
    for (size_t i = 0; i < n; i++)
        if (opinions[i].bends)
            q += (opinions[i].time - wt_sum / w_sum) * (opinions[i].time - wt_sum / w_sum)
                / (opinions[i].sd * opinions[i].sd + frame_sd * frame_sd);
    const double between = k > 1 ? fmax(0.0, (q - (k - 1)) / (w_sum - w2_sum / w_sum)) : 0.0;
    double weight = 0.0, sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (!opinions[i].bends)
            continue;
        const double w = 1.0 / (opinions[i].sd * opinions[i].sd + frame_sd * frame_sd + between);
        weight += w;
        sum += w * opinions[i].time;
    }
    *time = sum / weight;
    *sd = sqrt(1.0 / weight + between);
    *count = k;
    return true;
}

static bool moves(const double *values, size_t from, size_t to)
{
    for (size_t t = from + 1; t < to; t++)
        if (values[t] != values[from])
            return true;
    return false;
}

static bool look(
    struct lct_change *change, const struct lct_curve_bundle *b, double from_s, double to_s, struct opinion *opinions)
{
    size_t from = 0, to = b->n_times;
    while (from < b->n_times && b->times_s[from] < from_s)
        from++;
    while (to > from && b->times_s[to - 1] > to_s)
        to--;
    if (to - from < 2 * MIN_SIDE + 1)
        return false;
    const double middle = change->time_s, frame_s = (b->times_s[to - 1] - b->times_s[from]) / (double)(to - from - 1);
    for (size_t c = 0; c < b->n_curves; c++) {
        struct stretch s;
        opinions[c] = (struct opinion){ .bends = false };
        if (!moves(b->values[c], from, to)) /* in a long movie most particles are not there at a time */
            continue;
        take_stretch(&s, b, c, from, to, middle);
        opinions[c] = ask(&s, b->sd[c]);
    }
    double shift;
    if (!combine(opinions, b->n_curves, frame_s / sqrt(12.0), &shift, &change->sd_s, &change->n_curves))
        return false;
    change->time_s += shift;
    return true;
}

enum lct_status lct_change_refine(struct lct_change *change, const struct lct_curve_bundle *bundle, double from_s,
    double to_s, double window_s, struct lct_err *err)
{
    struct opinion *opinions = calloc(bundle->n_curves ? bundle->n_curves : 1, sizeof *opinions);
    if (!opinions)
        return lct_fail(err, LCT_E_LIMIT, "change points: no memory");
    struct lct_change c = *change;
    c.n_curves = 0;
    for (int round = 0; round < ROUNDS; round++)
        if (!look(&c, bundle, fmax(from_s, c.time_s - window_s), fmin(to_s, c.time_s + window_s), opinions))
            break;
    free(opinions);
    if (c.time_s > from_s && c.time_s < to_s)
        *change = c;
    else
        change->n_curves = 0;
    return LCT_OK;
}
