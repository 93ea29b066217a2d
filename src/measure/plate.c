#include <lctem/plate.h>

#include "plate_fit.h"

#include <lctem/sampling.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>

enum { STRIPS = 8, LEAST_STRIPS = 4, STARTS = 3 };
static const double LEAST_LINE_PX = 8.0;
static const double SURE = 5.0;      /* sigmas that a depth must be clear of nothing */
static const double END_SHARE = 0.1; /* of the line at either end: where the outside is looked for first */

/* Points along a line, one px apart. */
struct profile {
    double x0, y0, ux, uy; /* start, unit vector */
    size_t n;
    double *y; /* n */
};

static bool is_inside(const struct lct_image *image, double x, double y)
{
    return x >= 0.0 && y >= 0.0 && x <= image->width - 1.0 && y <= image->height - 1.0;
}

/* Means across the line over from .. to px beside it. */
static void read_profile(struct profile *f, const struct lct_image *image, double from, double to)
{
    const int count = (int)fmax(1.0, floor(to - from + 0.5));
    for (size_t i = 0; i < f->n; i++) {
        double sum = 0.0, n = 0.0;
        for (int k = 0; k < count; k++) {
            const double across = from + (k + 0.5) * (to - from) / count;
            const double x = f->x0 + (double)i * f->ux - across * f->uy, y = f->y0 + (double)i * f->uy + across * f->ux;
            if (is_inside(image, x, y)) {
                sum += lct_image_at(image, x, y);
                n += 1.0;
            }
        }
        f->y[i] = n > 0.0 ? sum / n : i > 0 ? f->y[i - 1] : 0.0;
    }
}

/* First place from one end where the profile has come the given share of the way from the outside to its deepest point.
 */
static double crossing(const struct profile *f, double outside, double deepest, double share, bool from_end)
{
    const double level = outside + share * (deepest - outside);
    for (size_t k = 0; k < f->n; k++) {
        const size_t i = from_end ? f->n - 1 - k : k;
        if ((f->y[i] - level) * (deepest - outside) >= 0.0)
            return (double)i;
    }
    return from_end ? (double)f->n - 1.0 : 0.0;
}

/* Outside level and the level farthest from it. */
static void find_range(const struct profile *f, double *scratch, double *outside, double *deepest)
{
    const size_t ends = (size_t)fmax(2.0, END_SHARE * (double)f->n);
    size_t n = 0;
    for (size_t i = 0; i < ends; i++) {
        scratch[n++] = f->y[i];
        scratch[n++] = f->y[f->n - 1 - i];
    }
    *outside = lct_stats_median(scratch, n);
    for (size_t i = 0; i < f->n; i++)
        scratch[i] = f->y[i];
    const double low = lct_stats_quantile(scratch, f->n, 0.05), high = lct_stats_quantile(scratch, f->n, 0.95);
    *deepest = *outside - low > high - *outside ? low : high;
}

static bool fit_plate(struct plate_fit *fit, const struct profile *f, double outside, double deepest)
{
    const double a = crossing(f, outside, deepest, 0.3, false), b = crossing(f, outside, deepest, 0.3, true);
    *fit = (struct plate_fit){ .n_terms = PLATE_TERMS };
    fit->p[PLATE_LEVEL] = outside;
    fit->p[PLATE_BLUR] = fmax(1.0, 0.02 * (b - a));
    fit->p[PLATE_DEPTH] = outside - deepest;
    fit->p[PLATE_FROM] = a;
    fit->p[PLATE_TO] = b;
    return plate_fit_run(fit, f->y, f->n);
}

/* From several starts, for the inner edges may be anywhere in the plate. */
static bool fit_core(
    struct plate_fit *best, const struct profile *f, const struct plate_fit *plate, double outside, double deepest)
{
    static const double share[STARTS] = { 0.6, 0.75, 0.9 };
    bool any = false;
    for (int k = 0; k < STARTS; k++) {
        struct plate_fit fit = { .n_terms = CORE_TERMS };
        for (int i = 0; i < PLATE_TERMS; i++)
            fit.p[i] = plate->p[i];
        fit.p[PLATE_FROM] = crossing(f, outside, deepest, 0.25, false);
        fit.p[PLATE_TO] = crossing(f, outside, deepest, 0.25, true);
        fit.p[PLATE_DEPTH] = 0.5 * plate->p[PLATE_DEPTH];
        fit.p[CORE_DEPTH] = 0.5 * plate->p[PLATE_DEPTH];
        fit.p[CORE_FROM] = fmax(crossing(f, outside, deepest, share[k], false), fit.p[PLATE_FROM] + 1.0);
        fit.p[CORE_TO] = fmin(crossing(f, outside, deepest, share[k], true), fit.p[PLATE_TO] - 1.0);
        fit.p[PLATE_BLUR] = fmin(fit.p[PLATE_BLUR], 0.25 * (fit.p[CORE_FROM] - fit.p[PLATE_FROM] + 2.0));
        if (plate_fit_run(&fit, f->y, f->n) && (!any || fit.rss < best->rss)) {
            *best = fit;
            any = true;
        }
    }
    return any;
}

/* The core is one if it stands out by more than chance, on the same side as the covers do. */
static bool core_is_real(const struct plate_fit *core, const struct plate_fit *plate, size_t n)
{
    const double sd = sqrt(core->covariance[CORE_DEPTH][CORE_DEPTH]);
    const double effective = (double)n / (core->alike * core->alike);
    const double gain = effective * log(plate->rss / fmax(core->rss, 1e-300)),
                 price = (CORE_TERMS - PLATE_TERMS) * log(effective);
    return core->p[CORE_DEPTH] * core->p[PLATE_DEPTH] > 0.0 && fabs(core->p[CORE_DEPTH]) > SURE * sd && gain > price;
}

static double edge_sd(const struct plate_fit *f, int k)
{
    return sqrt(f->covariance[k][k]);
}

static double length_sd(const struct plate_fit *f, int from, int to)
{
    return sqrt(fmax(0.0, f->covariance[from][from] + f->covariance[to][to] - 2.0 * f->covariance[from][to]));
}

/* Tangent of the lean: where the middle of the plate lies in strips of the width, and a line through these places. */
static bool find_lean(struct profile *f, const struct lct_image *image, double width_px, const struct plate_fit *whole,
    struct lct_line *lean)
{
    double across[STRIPS], middle[STRIPS], sd[STRIPS];
    const int strips = (int)fmin(STRIPS, floor(width_px));
    size_t n = 0;
    for (int k = 0; k < strips; k++) {
        const double from = -0.5 * width_px + k * width_px / strips;
        struct plate_fit fit = *whole;
        read_profile(f, image, from, from + width_px / strips);
        if (!plate_fit_run(&fit, f->y, f->n))
            continue;
        across[n] = from + 0.5 * width_px / strips;
        middle[n] = 0.5 * (fit.p[PLATE_FROM] + fit.p[PLATE_TO]);
        sd[n++] = 0.5 * hypot(edge_sd(&fit, PLATE_FROM), edge_sd(&fit, PLATE_TO)) + 1e-6;
    }
    return n >= LEAST_STRIPS && lct_stats_line(across, middle, sd, n, lean, NULL) == LCT_OK;
}

static void fill(struct lct_plate *out, const struct plate_fit *f, double lean, double lean_sd, size_t n)
{
    const double t = cos(atan(lean)), relative = fabs(lean) * lean_sd; /* of d cos / cos, to first order */
    const double middle = 0.5 * (double)(n - 1);
    struct lct_plate p = { .has_core = f->n_terms == CORE_TERMS,
        .blur_px = f->p[PLATE_BLUR] * t,
        .n = n,
        .tilt_deg = atan(lean) * 180.0 / M_PI,
        .outside = f->p[PLATE_LEVEL] + f->p[PLATE_SLOPE] * middle };
    const int terms[4] = { PLATE_FROM, CORE_FROM, CORE_TO, PLATE_TO };
    for (int k = 0; k < 4; k++) {
        const bool known = p.has_core || k == 0 || k == 3;
        p.edge_px[k] = known ? f->p[terms[k]] : (double)NAN;
        p.edge_sd_px[k] = known ? edge_sd(f, terms[k]) : (double)NAN;
    }
    p.plate_px = (f->p[PLATE_TO] - f->p[PLATE_FROM]) * t;
    p.plate_sd_px = hypot(length_sd(f, PLATE_FROM, PLATE_TO) * t, p.plate_px * relative);
    p.core_px = p.has_core ? (f->p[CORE_TO] - f->p[CORE_FROM]) * t : (double)NAN;
    p.core_sd_px = p.has_core ? hypot(length_sd(f, CORE_FROM, CORE_TO) * t, p.core_px * relative) : (double)NAN;
    p.cover = p.outside - f->p[PLATE_DEPTH];
    p.core = p.has_core ? p.cover - f->p[CORE_DEPTH] : (double)NAN;
    *out = p;
}

/* The mean over the width along the lean: the image is sheared back, one px of the width after the other. */
static void read_sheared(struct profile *f, const struct lct_image *image, double width_px, double slope, double *sum)
{
    const struct profile straight = *f;
    const int lines = (int)fmax(1.0, floor(width_px));
    for (size_t i = 0; i < f->n; i++)
        sum[i] = 0.0;
    for (int k = 0; k < lines; k++) {
        const double across = -0.5 * width_px + (k + 0.5) * width_px / lines;
        f->x0 = straight.x0 + slope * across * f->ux;
        f->y0 = straight.y0 + slope * across * f->uy;
        read_profile(f, image, across - 0.5, across + 0.5);
        for (size_t i = 0; i < f->n; i++)
            sum[i] += f->y[i] / lines;
    }
    *f = straight;
    for (size_t i = 0; i < f->n; i++)
        f->y[i] = sum[i];
}

/* The whole width, then its lean, then the width again along the lean. */
static enum lct_status measure(struct lct_plate *out, struct profile *f, const struct lct_image *image, double width_px,
    double *scratch, struct lct_err *err)
{
    struct plate_fit plate, core;
    struct lct_line lean = { 0 };
    double outside, deepest;
    read_profile(f, image, -0.5 * width_px, 0.5 * width_px);
    find_range(f, scratch, &outside, &deepest);
    if (!fit_plate(&plate, f, outside, deepest) || fabs(plate.p[PLATE_DEPTH]) < SURE * edge_sd(&plate, PLATE_DEPTH))
        return lct_fail(err, LCT_E_NODATA,
            "no plate on the line from %.0f,%.0f: the profile does not go down and up again; lay it "
            "across one with --line",
            f->x0, f->y0);
    const bool leans = find_lean(f, image, width_px, &plate, &lean);
    if (leans)
        read_sheared(f, image, width_px, lean.slope, scratch);
    else
        read_profile(f, image, -0.5 * width_px, 0.5 * width_px);
    find_range(f, scratch, &outside, &deepest);
    if (!fit_plate(&plate, f, outside, deepest))
        return lct_fail(
            err, LCT_E_NODATA, "no plate on the line from %.0f,%.0f; lay it across one with --line", f->x0, f->y0);
    const bool has_core = fit_core(&core, f, &plate, outside, deepest) && core_is_real(&core, &plate, f->n);
    fill(out, has_core ? &core : &plate, leans ? lean.slope : 0.0, leans ? lean.slope_sd : 0.0, f->n);
    return LCT_OK;
}

enum lct_status lct_plate_measure(
    struct lct_plate *out, const struct lct_image *image, const struct lct_plate_line *line, struct lct_err *err)
{
    const double dx = line->x1_px - line->x0_px, dy = line->y1_px - line->y0_px, length = hypot(dx, dy);
    if (!is_inside(image, line->x0_px, line->y0_px) || !is_inside(image, line->x1_px, line->y1_px))
        return lct_fail(err, LCT_E_ARG, "line: %g,%g to %g,%g leaves the image of %d x %d px; give points within it",
            line->x0_px, line->y0_px, line->x1_px, line->y1_px, image->width, image->height);
    if (!(length >= LEAST_LINE_PX) || !(line->width_px >= 1.0))
        return lct_fail(err, LCT_E_ARG,
            "line: %.3g px long and %.3g px wide; at least %g and 1 are needed; give a longer line", length,
            line->width_px, LEAST_LINE_PX);
    struct profile f = {
        .x0 = line->x0_px, .y0 = line->y0_px, .ux = dx / length, .uy = dy / length, .n = (size_t)floor(length) + 1
    };
    double *lines = malloc(2 * (f.n + 4) * sizeof *lines);
    if (!lines)
        return lct_fail(err, LCT_E_LIMIT, "line: no memory for %zu points", f.n);
    f.y = lines;
    struct lct_plate found;
    const enum lct_status status = measure(&found, &f, image, line->width_px, lines + f.n + 4, err);
    free(lines);
    if (status == LCT_OK)
        *out = found;
    return status;
}
