#include "stage_internal.h"

#include <lctem/stats.h>

#include <math.h>

enum { LEAST_FRAMES = 4, MOST_FRAMES = 60, POWERS = 9 };
static const double SMALL_FRAC = 0.15;   /* of its largest core: the end of a particle's life */
static const double WINDOW_FRAC = 0.1;   /* of the movie: how far back its end begins */
static const double LONGEST_FRAC = 0.25; /* of the movie: how long it may be out of sight */
static const double POWER_FROM = 1.0;    /* A ~ (t0 - t)^p of a plate: 1 where diffusion sets the pace, */
static const double POWER_TO = 2.0;      /* 2 where its edge does, as when bare facets etch evenly */
static const double LAW_SHARE = 0.2;     /* of the time out of sight: rates change while nobody looks */

/* The last frames of a core. */
struct tail {
    double x[MOST_FRAMES], area[MOST_FRAMES]; /* s from the last frame; nm2 */
    size_t n;
    double noise, error; /* of one area, from frame to frame, and as stated, nm2 */
};

static bool take_tail(struct tail *tail, const struct lct_curves *c, size_t p)
{
    const double *core = lct_curves_row(c, c->core_nm2, p);
    const long last = c->particles[p].last, first = c->particles[p].first;
    const double span = c->times_s[c->n_times - 1] - c->times_s[0];
    double most = 0.0;
    for (long t = first; t <= last; t++)
        most = fmax(most, core[t]);
    if (last + 1 >= (long)c->n_times || last - first + 1 < LEAST_FRAMES || core[last] > SMALL_FRAC * most)
        return false;
    for (long t = last; t >= first && tail->n < MOST_FRAMES; t--) {
        const double back_s = c->times_s[last] - c->times_s[t];
        if (tail->n >= LEAST_FRAMES && (core[t] > SMALL_FRAC * most || back_s > WINDOW_FRAC * span))
            break;
        if (!(core[t] > 0.0))
            return false;
        tail->x[tail->n] = -back_s;
        tail->area[tail->n++] = core[t];
    }
    for (size_t lag = 1; lag <= 4; lag += 3) /* frames that were averaged in time wander together */
        tail->noise = fmax(tail->noise, lct_curves_scatter(c, c->core_nm2, p, lag));
    tail->noise = fmax(tail->noise, 1e-3 * most);
    tail->error = lct_curves_row(c, c->core_sd_nm2, p)[last];
    return true;
}

/* When A = k (t0 - t)^power leads to nothing, in s after the last frame; chi2 of the fit in units of the noise. */
struct guess {
    double time_s, sd_s, chi2;
};

static bool extrapolate(struct guess *g, const struct tail *tail, double power)
{
    double y[MOST_FRAMES], sd[MOST_FRAMES];
    struct lct_line line;
    for (size_t i = 0; i < tail->n; i++) {
        y[i] = pow(tail->area[i], 1.0 / power);
        sd[i] = tail->noise * y[i] / (power * tail->area[i]);
    }
    if (lct_stats_line(tail->x, y, sd, tail->n, &line, NULL) != LCT_OK || !(line.slope < 0.0))
        return false;
    const double end_s = -line.intercept / line.slope;
    const double systematic = tail->error * y[0] / (power * tail->area[0]); /* every area a little too large */
    g->time_s = fmax(0.0, end_s);
    g->sd_s = hypot(hypot(line.mean_sd, line.slope_sd * (end_s - line.x_mean)), systematic) / -line.slope;
    g->chi2 = line.chi2;
    return true;
}

void stage_find_end(struct lct_change *end, const struct lct_curves *c, size_t p)
{
    struct tail tail = { 0 };
    struct guess guesses[POWERS];
    size_t n = 0;
    double least = (double)INFINITY, weights = 0.0, mean = 0.0, square = 0.0;
    if (!take_tail(&tail, c, p))
        return;
    for (int i = 0; i < POWERS; i++)
        if (extrapolate(&guesses[n], &tail, POWER_FROM + (POWER_TO - POWER_FROM) * i / (POWERS - 1)))
            least = fmin(least, guesses[n++].chi2);
    const double scale = fmax(1.0, least / (double)(tail.n - 3)); /* where no power fits, all are doubtful */
    for (size_t i = 0; i < n; i++) {
        const double w = exp(-0.5 * (guesses[i].chi2 - least) / scale);
        weights += w;
        mean += w * guesses[i].time_s;
        square += w * (guesses[i].time_s * guesses[i].time_s + scale * guesses[i].sd_s * guesses[i].sd_s);
    }
    const double span = c->times_s[c->n_times - 1] - c->times_s[0], frame_s = span / (double)(c->n_times - 1);
    if (!(weights > 0.0) || mean / weights > LONGEST_FRAC * span)
        return;
    mean /= weights;
    *end = (struct lct_change){ .time_s = c->times_s[c->particles[p].last] + mean,
        .sd_s = sqrt(fmax(0.0, square / weights - mean * mean) + pow(LAW_SHARE * mean, 2.0) + frame_s * frame_s / 12.0),
        .n_curves = 1 };
}
