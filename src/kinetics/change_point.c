#include <lctem/change_point.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { MAX_BINS = 400, MIN_BINS = 10, MIN_FRAMES = 5 };

/* Curves in bins, with running sums, so that the misfit of a line over any stretch costs the same few operations. */
struct segmenter {
    size_t n, n_curves, per_bin, min_bins;
    int max_changes;
    double *sums;  /* (2 + 3 n_curves) rows of n + 1: x, xx; y, xy, yy of each curve */
    double *count; /* n + 1 */
    double *cost;  /* (n + 1)^2: misfit of [i, j) */
    double *best;  /* (max_changes + 1) x (n + 1) */
    uint16_t *back;
};

struct lct_change_params lct_change_defaults(void)
{
    return (struct lct_change_params){ .floor_frac = 0.0025, .min_length_s = (double)NAN, .max_changes = 24,
        .window_s = (double)NAN };
}

static void segmenter_finish(struct segmenter *s)
{
    free(s->sums);
    free(s->count);
    free(s->cost);
    free(s->best);
    free(s->back);
}

static enum lct_status segmenter_init(
    struct segmenter *s, const struct lct_curve_bundle *b, const struct lct_change_params *p, struct lct_err *err)
{
    const double span = b->times_s[b->n_times - 1] - b->times_s[0], step = span / (double)(b->n_times - 1);
    s->per_bin = (b->n_times + MAX_BINS - 1) / MAX_BINS;
    s->n = (b->n_times + s->per_bin - 1) / s->per_bin;
    s->n_curves = b->n_curves;
    s->max_changes = p->max_changes;
    const double least_s = fmax(isnan(p->min_length_s) ? 0.01 * span : p->min_length_s, MIN_FRAMES * step);
    s->min_bins = (size_t)fmax(3.0, ceil(least_s / (step * (double)s->per_bin)));
    const size_t m = s->n + 1;
    s->sums = calloc((2 + 3 * b->n_curves) * m, sizeof *s->sums);
    s->count = calloc(m, sizeof *s->count);
    s->cost = calloc(m * m, sizeof *s->cost);
    s->best = calloc((size_t)(p->max_changes + 1) * m, sizeof *s->best);
    s->back = calloc((size_t)(p->max_changes + 1) * m, sizeof *s->back);
    if (s->sums && s->count && s->cost && s->best && s->back)
        return LCT_OK;
    return lct_fail(err, LCT_E_LIMIT, "change points: no memory");
}

/* Times and values are measured from their first one: sums of squares then keep their digits. */
static void add_sums(struct segmenter *s, const struct lct_curve_bundle *b)
{
    const size_t m = s->n + 1;
    for (size_t i = 0; i < s->n; i++) {
        for (size_t row = 0; row < 2 + 3 * s->n_curves; row++)
            s->sums[row * m + i + 1] = s->sums[row * m + i];
        s->count[i + 1] = s->count[i];
        for (size_t t = i * s->per_bin; t < (i + 1) * s->per_bin && t < b->n_times; t++) {
            const double x = b->times_s[t] - b->times_s[0];
            s->count[i + 1] += 1.0;
            s->sums[i + 1] += x;
            s->sums[m + i + 1] += x * x;
            for (size_t c = 0; c < s->n_curves; c++) {
                const double y = (b->values[c][t] - b->values[c][0]) / b->sd[c];
                double *const row = s->sums + (2 + 3 * c) * m + i + 1;
                row[0] += y;
                row[m] += x * y;
                row[2 * m] += y * y;
            }
        }
    }
}

static double misfit(const struct segmenter *s, size_t i, size_t j)
{
    const size_t m = s->n + 1;
    const double n = s->count[j] - s->count[i], sx = s->sums[j] - s->sums[i];
    const double sxx = s->sums[m + j] - s->sums[m + i] - sx * sx / n;
    double sum = 0.0;
    for (size_t c = 0; c < s->n_curves; c++) {
        const double *row = s->sums + (2 + 3 * c) * m;
        const double sy = row[j] - row[i], sxy = row[m + j] - row[m + i] - sx * sy / n;
        const double syy = row[2 * m + j] - row[2 * m + i] - sy * sy / n;
        sum += fmax(0.0, syy - sxy * sxy / sxx);
    }
    return sum;
}

/* Best segmentation of each beginning [0, j) with k breaks. */
static void solve(struct segmenter *s)
{
    const size_t m = s->n + 1;
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = i + s->min_bins; j <= s->n; j++)
            s->cost[i * m + j] = misfit(s, i, j);
    for (int k = 0; k <= s->max_changes; k++) {
        double *row = s->best + (size_t)k * m;
        const double *above = k > 0 ? row - m : row;
        for (size_t j = 0; j <= s->n; j++) {
            row[j] = k == 0 && j >= s->min_bins ? s->cost[j] : (double)INFINITY;
            for (size_t i = s->min_bins; k > 0 && i + s->min_bins <= j; i++) {
                const double total = above[i] + s->cost[i * m + j];
                if (total < row[j]) {
                    row[j] = total;
                    s->back[(size_t)k * m + j] = (uint16_t)i;
                }
            }
        }
    }
}

/* A break costs its time, and a level and a slope for each curve [K2]. */
static int choose(const struct segmenter *s, size_t n_values)
{
    const double price = (2.0 * (double)s->n_curves + 1.0) * log((double)n_values);
    double least = (double)INFINITY;
    int chosen = 0;
    for (int k = 0; k <= s->max_changes; k++) {
        const double score = s->best[(size_t)k * (s->n + 1) + s->n] + price * k;
        if (score < least) {
            least = score;
            chosen = k;
        }
    }
    return chosen;
}

static void read_back(const struct segmenter *s, const struct lct_curve_bundle *b, struct lct_change *changes, int n)
{
    size_t j = s->n;
    for (int k = n; k > 0; k--) {
        j = s->back[(size_t)k * (s->n + 1) + j];
        const size_t t = j * s->per_bin;
        changes[k - 1] = (struct lct_change){ .time_s = 0.5 * (b->times_s[t - 1] + b->times_s[t]) };
    }
}

static enum lct_status refine_all(struct lct_change *changes, size_t n, const struct lct_curve_bundle *b,
    const struct lct_change_params *p, struct lct_err *err)
{
    const double first = b->times_s[0], last = b->times_s[b->n_times - 1];
    const double window = isnan(p->window_s) ? 0.06 * (last - first) : p->window_s;
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < n; i++) {
        const double from = i ? changes[i - 1].time_s : first, to = i + 1 < n ? changes[i + 1].time_s : last;
        const double start = changes[i].time_s;
        changes[i].sd_s = 0.5 * fmin(start - from, to - start);
        /* a faint bend is sure only over a longer stretch */
        for (double w = window; status == LCT_OK && changes[i].n_curves == 0 && w < last - first; w *= 2.0)
            status = lct_change_refine(&changes[i], b, from, to, w, err);
        if (!(changes[i].time_s > from && changes[i].time_s < to))
            changes[i].time_s = start;
    }
    return status;
}

static enum lct_status check(const struct lct_curve_bundle *b, const struct lct_change_params *p, struct lct_err *err)
{
    if (!(p->floor_frac > 0.0 && p->floor_frac < 1.0) || p->max_changes < 1 || p->max_changes > 40)
        return lct_fail(err, LCT_E_ARG, "change points: floor_frac above 0 and below 1, max_changes 1 to 40");
    if (b->n_times < MIN_BINS || b->n_curves == 0)
        return lct_fail(err, LCT_E_NODATA, "change points: %zu frames and %zu curves that change; ten frames and one curve are "
                                           "needed", b->n_times, b->n_curves);
    return LCT_OK;
}

/* Sigmas that count, no smaller than the floor, and behind them the floor itself, for each curve. */
static double *raise_sd(const struct lct_curve_bundle *b, double floor_frac)
{
    double *sd = calloc(2 * b->n_curves, sizeof *sd), range = 0.0;
    for (size_t c = 0; sd && c < b->n_curves; c++) {
        double low = b->values[c][0], high = low;
        for (size_t t = 1; t < b->n_times; t++) {
            low = fmin(low, b->values[c][t]);
            high = fmax(high, b->values[c][t]);
        }
        range = fmax(range, high - low);
    }
    for (size_t c = 0; sd && c < b->n_curves; c++) {
        sd[b->n_curves + c] = range > 0.0 ? floor_frac * range : 1.0;
        sd[c] = fmax(b->sd[c], sd[b->n_curves + c]);
    }
    return sd;
}

enum lct_status lct_change_find(struct lct_change **changes, size_t *n, const struct lct_curve_bundle *bundle,
    const struct lct_change_params *params, struct lct_err *err)
{
    enum lct_status status = check(bundle, params, err);
    if (status != LCT_OK)
        return status;
    struct segmenter s = { 0 };
    struct lct_change *found = calloc((size_t)params->max_changes, sizeof *found);
    double *sd = raise_sd(bundle, params->floor_frac);
    if (!found || !sd)
        status = lct_fail(err, LCT_E_LIMIT, "change points: no memory");
    struct lct_curve_bundle raised = *bundle;
    raised.sd = sd;
    if (status == LCT_OK)
        status = segmenter_init(&s, &raised, params, err);
    int count = 0;
    if (status == LCT_OK) {
        add_sums(&s, &raised);
        solve(&s);
        count = choose(&s, bundle->n_times * bundle->n_curves);
        read_back(&s, &raised, found, count);
        raised.sd = sd + bundle->n_curves;
        status = refine_all(found, (size_t)count, &raised, params, err);
    }
    segmenter_finish(&s);
    free(sd);
    if (status != LCT_OK) {
        free(found);
        return status;
    }
    *changes = found;
    *n = (size_t)count;
    return LCT_OK;
}
