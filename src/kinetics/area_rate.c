#include <lctem/area_rate.h>

#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>

/* Films of known truth, but for the first: light that is left changes from key plane to key plane, and there are twelve. */
static const double LIGHT_FRAC = 1.0 / 16.0; /* of the movie: how long it is alike */
static const double FRINGE_NM = 0.1;         /* an edge that moves as far lies in another phase of its fringes, */
static const double LASTING_NM = 10.0;       /* and so far, along another facet */
static const double PX_PER_NM = 10.0;        /* where there is no scale: only sigmas hang on it */
static const double LASTING_SHARE = 0.8;     /* [V7] */
static const double HEIGHT_NM = 0.3, HEIGHT_SHARE = 3.0, HEIGHT_LIGHT_SHARE = 0.1;

enum { PART_ARRAYS = 3, PART_ERRORS = 6, MOST_ERRORS = 2 * PART_ERRORS };

const char *lct_quantity_name(enum lct_quantity quantity)
{
    static const char *const names[] = { "core_area", "shell_area", "total_area" };
    return names[quantity];
}

const double *lct_quantity_row(const struct lct_curves *c, enum lct_quantity quantity, size_t p)
{
    const double *const all[] = { c->core_nm2, c->shell_nm2, c->total_nm2 };
    return lct_curves_row(c, all[quantity], p);
}

/* Indices of a curve: from .. to - 1 of an area of particle p. */
struct cut {
    size_t p;
    enum lct_quantity quantity;
    size_t from, to;
};

static struct cut whole_of(const struct lct_curves *c, size_t p, enum lct_quantity quantity)
{
    return (struct cut){ p, quantity, (size_t)c->particles[p].first, (size_t)c->particles[p].last + 1 };
}

static struct cut cut_of(const struct lct_curves *c, const struct lct_area_stretch *stretch)
{
    struct cut cut = whole_of(c, stretch->p, stretch->quantity);
    while (cut.from < cut.to && c->times_s[cut.from] < stretch->start_s)
        cut.from++;
    while (cut.to > cut.from && c->times_s[cut.to - 1] > stretch->end_s)
        cut.to--;
    return cut;
}

static double movie_s(const struct lct_curves *c)
{
    return c->times_s[c->n_times - 1] - c->times_s[0];
}

/* Errors of an area over a stretch; `memory` holds what had to be computed. */
struct errors {
    struct lct_slow_error slow[MOST_ERRORS];
    struct lct_curve_error all;
    double *memory;
};

static double memory_of(double distance, double speed)
{
    return speed > 0.0 ? distance / speed : (double)INFINITY;
}

/* How fast the edge of a round particle of this area moves, nm/s; 0 for too few points. */
static double edge_speed(const double *time_s, const double *area, size_t n)
{
    struct lct_line line;
    double mean = 0.0;
    for (size_t i = 0; i < n; i++)
        mean += area[i] / (double)n;
    if (!(mean > 0.0) || lct_stats_line(time_s, area, NULL, n, &line, NULL) != LCT_OK)
        return 0.0;
    return fabs(line.slope) / (2.0 * sqrt(M_PI * mean));
}

/* What wanders without sigmas that say so: more scatter over the time that light is alike for than from frame to frame. */
static double slow_scatter(const struct lct_curves *c, const double *all, size_t p, double quick_sd)
{
    const double frames = LIGHT_FRAC * (double)c->n_times;
    return frames > 1.0 ? lct_stats_without(lct_curves_scatter(c, all, p, (size_t)frames), quick_sd) : 0.0;
}

/* Errors of core or total from index `from` on, n of them. */
static void add_part(struct errors *e, const struct lct_curves *c, size_t p, bool core, size_t from, size_t n)
{
    const double *all = core ? c->core_nm2 : c->total_nm2;
    const size_t base = p * c->n_times + from;
    const double *sd = (core ? c->core_sd_nm2 : c->total_sd_nm2) + base;
    const double *known = (core ? c->core_common_sd_nm2 : c->total_common_sd_nm2) + base;
    const double *shared = (core ? c->core_shared_sd_nm2 : c->total_shared_sd_nm2) + base;
    const double quick_sd = lct_curves_scatter(c, all, p, 1);
    const double unknown_sd = c->has_sd ? 0.0 : slow_scatter(c, all, p, quick_sd);
    const double ratio = core ? c->core_light_ratio : c->total_light_ratio;
    double *light = e->memory + e->all.n_slow / PART_ERRORS * PART_ARRAYS * n, *grain = light + n, *common = grain + n;
    for (size_t i = 0; i < n; i++) {
        const double slow = lct_stats_without(sd[i], quick_sd);
        common[i] = c->has_common ? known[i] : slow;
        const double rest = !c->has_sd ? unknown_sd : lct_stats_without(slow, common[i]);
        light[i] = isnan(ratio) ? rest : fmin(rest, ratio * common[i]);
        grain[i] = lct_stats_without(rest, light[i]);
    }
    const double unit = c->in_px ? PX_PER_NM : 1.0, speed = edge_speed(c->times_s + from, all + base, n) / unit;
    const double fringe_s = memory_of(FRINGE_NM, speed), lasting_s = memory_of(LASTING_NM, speed);
    const struct lct_slow_error errors[PART_ERRORS] = { { light, 1.0, LIGHT_FRAC * movie_s(c) },
        { grain, 1.0, fringe_s }, { common, 1.0 - LASTING_SHARE, fringe_s }, { common, LASTING_SHARE, lasting_s },
        { shared, 1.0 - LASTING_SHARE, fringe_s }, { shared, LASTING_SHARE, lasting_s } };
    for (size_t k = 0; k < PART_ERRORS; k++)
        e->slow[e->all.n_slow++] = errors[k];
}

static enum lct_status errors_of(
    struct errors *e, const struct lct_curves *c, const struct cut *cut, struct lct_err *err)
{
    const double *const all[] = { c->core_nm2, c->shell_nm2, c->total_nm2 };
    const size_t n = cut->to - cut->from;
    *e = (struct errors){ .memory = calloc(2 * PART_ARRAYS * n + 1, sizeof *e->memory) };
    if (!e->memory)
        return lct_fail(err, LCT_E_LIMIT, "rate: no memory for %zu frames", n);
    e->all.quick_sd = lct_curves_scatter(c, all[cut->quantity], cut->p, 1);
    e->all.slow = e->slow;
    if (cut->quantity != LCT_QUANTITY_TOTAL)
        add_part(e, c, cut->p, true, cut->from, n);
    if (cut->quantity != LCT_QUANTITY_CORE)
        add_part(e, c, cut->p, false, cut->from, n);
    return LCT_OK;
}

enum lct_status lct_area_rate(
    const struct lct_curves *c, const struct lct_area_stretch *stretch, struct lct_rate *out, struct lct_err *err)
{
    struct errors errors;
    const struct cut cut = cut_of(c, stretch);
    const double *y = lct_quantity_row(c, cut.quantity, cut.p) + cut.from;
    enum lct_status status = errors_of(&errors, c, &cut, err);
    if (status == LCT_OK)
        status = lct_rate_mean(c->times_s + cut.from, y, cut.to - cut.from, &errors.all, out, err);
    free(errors.memory);
    return status;
}

/* Small when it was last seen, before the end: it is not there any more, and nobody has it. */
static bool dissolved(const struct lct_curves *c, size_t p)
{
    static const double SMALL = 0.25; /* of its largest total area */
    const struct lct_curve_particle *q = &c->particles[p];
    return q->last + 1 < (long)c->n_times && !q->is_parent && q->last_total_nm2 <= SMALL * q->max_total_nm2;
}

enum lct_status lct_area_change(
    const struct lct_curves *c, size_t p, enum lct_quantity quantity, struct lct_area_change *out, struct lct_err *err)
{
    enum { END_FRAMES = 5 };
    const struct cut cut = whole_of(c, p, quantity);
    const size_t n = cut.to - cut.from;
    const size_t k = n / 4 < END_FRAMES ? n / 4 : END_FRAMES;
    const double *y = lct_quantity_row(c, quantity, p) + cut.from;
    const bool gone = dissolved(c, p);
    struct lct_area_change change = { 0 };
    struct errors errors;
    if (k == 0)
        return lct_fail(err, LCT_E_NODATA, "change of an area: %zu frames; four are needed", n);
    enum lct_status status = errors_of(&errors, c, &cut, err);
    double *weight = status == LCT_OK ? calloc(n, sizeof *weight) : NULL;
    if (status == LCT_OK && !weight)
        status = lct_fail(err, LCT_E_LIMIT, "change of an area: no memory");
    for (size_t i = 0; weight && i < n; i++) {
        const bool first = i < k, last = i + k >= n && !gone;
        weight[i] = ((double)last - (double)first) / (double)k;
        change.start_nm2 += first ? y[i] / (double)k : 0.0;
        change.end_nm2 += last ? y[i] / (double)k : 0.0;
        change.mean_nm2 += y[i] / (double)n;
    }
    if (status == LCT_OK) {
        change.change_nm2 = change.end_nm2 - change.start_nm2;
        change.change_sd_nm2 = lct_rate_error_of(c->times_s + cut.from, weight, n, &errors.all);
        *out = change;
    }
    free(weight);
    free(errors.memory);
    return status;
}

/* Scatter about the line through both neighbours, as of a curve [K1]; 0: too few. */
static enum lct_status height_scatter(double *sd, const struct lct_facet_series *f, struct lct_err *err)
{
    const double *x = f->time_s, *y = f->height_nm;
    double *e = malloc((f->n + 1) * sizeof *e);
    size_t n = 0;
    if (!e)
        return lct_fail(err, LCT_E_LIMIT, "rate: no memory for %zu points", f->n);
    for (size_t i = 1; i + 1 < f->n; i++) {
        const double part = (x[i] - x[i - 1]) / (x[i + 1] - x[i - 1]);
        const double off = y[i] - (1.0 - part) * y[i - 1] - part * y[i + 1];
        if (isfinite(off))
            e[n++] = off / sqrt(1.0 + part * part + (1.0 - part) * (1.0 - part));
    }
    *sd = n >= 3 ? lct_stats_mad_sd(e, n, NULL) : 0.0;
    free(e);
    return LCT_OK;
}

enum lct_status lct_height_rate(const struct lct_facet_series *facet, size_t from, size_t to, double movie_s,
    struct lct_rate *out, struct lct_err *err)
{
    const double *x = facet->time_s + from, *y = facet->height_nm + from;
    double quick_sd = 0.0;
    struct lct_rate rate;
    enum lct_status status = height_scatter(&quick_sd, facet, err);
    if (status == LCT_OK)
        status = lct_rate_fit(x, y, to - from, &rate, err);
    if (status != LCT_OK)
        return status;
    double *rest = calloc(to - from, sizeof *rest);
    if (!rest)
        return lct_fail(err, LCT_E_LIMIT, "rate: no memory for %zu points", to - from);
    for (size_t i = 0; i < to - from; i++)
        rest[i] = facet->height_sd_nm ? lct_stats_without(facet->height_sd_nm[from + i], quick_sd) : 0.0;
    const struct lct_slow_error slow[] = { { rest, HEIGHT_SHARE, memory_of(HEIGHT_NM, fabs(rate.rate)) },
        { rest, HEIGHT_LIGHT_SHARE, LIGHT_FRAC * movie_s } };
    const struct lct_curve_error error = { quick_sd, slow, sizeof slow / sizeof *slow };
    status = lct_rate_mean(x, y, to - from, &error, out, err);
    free(rest);
    return status;
}
