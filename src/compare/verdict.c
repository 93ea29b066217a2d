#include <lctem/compare.h>

#include <lctem/random.h>
#include <lctem/stats.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LAST = LCT_COMPARE_LEVELS - 1, RESAMPLES = 1000, SHUFFLES = 4000, SEED = 1 };

/* ---- seconds per step ---- */

/* Slope of film times over model times, level by level; with an offset, since the onset is the least certain of them. And the sigma of its
 * logarithm from the residuals. */
static double scale_of(const struct lct_trace_features *f, const struct lct_trace_features *m, double *sd)
{
    double mx = 0, my = 0, xx = 0, xy = 0, rest = 0;
    for (int k = 0; k < LCT_COMPARE_LEVELS; k++) {
        mx += m->cross[k] / LCT_COMPARE_LEVELS;
        my += f->cross[k] / LCT_COMPARE_LEVELS;
    }
    for (int k = 0; k < LCT_COMPARE_LEVELS; k++) {
        xx += pow(m->cross[k] - mx, 2);
        xy += (m->cross[k] - mx) * (f->cross[k] - my);
    }
    const double scale = xy / xx;
    for (int k = 0; k < LCT_COMPARE_LEVELS; k++)
        rest += pow(f->cross[k] - my - scale * (m->cross[k] - mx), 2);
    *sd = sqrt(rest / (LCT_COMPARE_LEVELS - 2) / xx) / scale;
    return scale;
}

static bool grown(const struct lct_trace_features *f)
{
    return f->cross[LAST] > f->cross[0]; /* false for NaN */
}

struct scales {
    double *log_scale; /* [n_film][n_model] */
    double *chosen;    /* scratch of a median */
    size_t n_film, n_model;
};

/* Median over the pairs of some films with some replicas. */
static double median_of(const struct scales *s, const uint32_t *film, const uint32_t *model)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_film; i++)
        for (size_t j = 0; j < s->n_model; j++)
            s->chosen[n++] = s->log_scale[(film ? film[i] : i) * s->n_model + (model ? model[j] : j)];
    return lct_stats_median(s->chosen, n);
}

static enum lct_status bootstrap(
    struct lct_comparison *out, const struct scales *s, double residual_sd, struct lct_err *err)
{
    double *medians = malloc(RESAMPLES * sizeof *medians);
    uint32_t *pick = malloc((s->n_film + s->n_model) * sizeof *pick);
    if (!medians || !pick) {
        free(medians);
        free(pick);
        return lct_fail(err, LCT_E_LIMIT, "compare: no memory");
    }
    struct lct_random r = lct_random_start(SEED, 91, 0);
    for (int k = 0; k < RESAMPLES; k++) {
        for (size_t i = 0; i < s->n_film; i++)
            pick[i] = lct_random_below(&r, (uint32_t)s->n_film);
        for (size_t i = 0; i < s->n_model; i++)
            pick[s->n_film + i] = lct_random_below(&r, (uint32_t)s->n_model);
        medians[k] = median_of(s, pick, pick + s->n_film);
    }
    const double middle = median_of(s, NULL, NULL);
    const double below = middle - lct_stats_quantile(medians, RESAMPLES, 0.025),
                 above = lct_stats_quantile(medians, RESAMPLES, 0.975) - middle;
    out->seconds_per_step = (struct lct_compare_interval){ exp(middle), exp(middle - hypot(below, 1.96 * residual_sd)),
        exp(middle + hypot(above, 1.96 * residual_sd)) };
    free(medians);
    free(pick);
    return LCT_OK;
}

static size_t pick_grown(const struct lct_trace_features **out, const struct lct_trace_features *f, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (grown(&f[i]))
            out[k++] = &f[i];
    return k;
}

static enum lct_status find_scale(struct lct_comparison *out, const struct lct_trace_features *const *film,
    size_t n_film, const struct lct_trace_features *const *model, size_t n_model, struct lct_err *err)
{
    const size_t n = n_film * n_model;
    struct scales s = { .n_film = n_film, .n_model = n_model, .log_scale = malloc(2 * n * sizeof *s.log_scale) };
    if (!s.log_scale)
        return lct_fail(err, LCT_E_LIMIT, "compare: no memory");
    s.chosen = s.log_scale + n;
    double residual = 0, variance = 0;
    for (size_t i = 0; i < n_film; i++) {
        double sum = 0, squares = 0;
        for (size_t j = 0; j < n_model; j++) {
            double sd;
            const double x = s.log_scale[i * n_model + j] = log(scale_of(film[i], model[j], &sd));
            residual += sd / (double)n;
            sum += x;
            squares += x * x;
        }
        variance += fmax(0, squares / (double)n_model - pow(sum / (double)n_model, 2)) / (double)n_film;
    }
    out->spread = sqrt(variance);
    /* a film grows at its own pace as a replica does: of that variance, resampling n films shows (n - 1)/n */
    const double own = out->spread / (double)n_film;
    const enum lct_status status = bootstrap(out, &s, hypot(residual / sqrt((double)n_film), own), err);
    free(s.log_scale);
    return status;
}

/* ---- tests ---- */

/* What one trace brings to a test. */
struct item {
    double value;
    bool film, event; /* event: waits only; false: not by then */
};

static double mean_difference(const struct item *x, size_t n)
{
    double sum[2] = { 0 }, count[2] = { 0 };
    for (size_t i = 0; i < n; i++) {
        sum[x[i].film] += x[i].value;
        count[x[i].film]++;
    }
    return sum[1] / count[1] - sum[0] / count[0];
}

static int by_time(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    return x->value != y->value ? (x->value > y->value) - (x->value < y->value) : (int)y->event - (int)x->event;
}

/* N. Mantel, Cancer Chemother. Rep. 50 (1966) 163: events among the films minus those expected. */
static double log_rank(const struct item *x, size_t n)
{
    size_t left[2] = { 0 };
    double observed = 0, expected = 0;
    for (size_t i = 0; i < n; i++)
        left[x[i].film]++;
    for (size_t i = 0; i < n;
         i++) { /* sorted by time; ties one after the other, films and replicas alike by chance of the sort */
        if (x[i].event) {
            observed += x[i].film;
            expected += (double)left[1] / (double)(left[0] + left[1]);
        }
        left[x[i].film]--;
    }
    return observed - expected;
}

/* Two-sided, by shuffling who is a film: exact for any numbers, however few. */
static void permute(
    struct lct_compare_test *t, struct item *x, size_t n, double (*statistic)(const struct item *, size_t))
{
    t->statistic = t->p = (double)NAN;
    for (size_t i = 0; i < n; i++)
        *(x[i].film ? &t->n_film : &t->n_model) += 1;
    if (t->n_film < 1 || t->n_model < 3)
        return;
    t->statistic = statistic(x, n);
    struct lct_random r = lct_random_start(SEED, 92, 0);
    size_t beyond = 0;
    for (int k = 0; k < SHUFFLES; k++) {
        for (size_t i = n - 1; i > 0; i--) {
            const size_t j = lct_random_below(&r, (uint32_t)i + 1);
            const bool film = x[i].film;
            x[i].film = x[j].film;
            x[j].film = film;
        }
        beyond += fabs(statistic(x, n)) >= fabs(t->statistic) * (1 - 1e-12);
    }
    t->p = (double)(beyond + 1) / (SHUFFLES + 1);
}

struct group {
    const struct lct_trace_features *film, *model;
    size_t n_film, n_model;
    struct item *items; /* scratch, one for each */
};

/* `offset`: of the instant in the features. */
static void test_waits(struct lct_compare_test *t, const struct group *g, double seconds_per_step, size_t offset)
{
    size_t n = 0;
    for (size_t i = 0; i < g->n_film + g->n_model; i++) {
        const bool film = i < g->n_film;
        const struct lct_trace_features *f = film ? &g->film[i] : &g->model[i - g->n_film];
        const double unit = film ? 1 : seconds_per_step,
                     when = *(const double *)(const void *)((const char *)f + offset);
        g->items[n++] = (struct item){ unit * (isnan(when) ? f->watched : when), film, !isnan(when) };
    }
    qsort(g->items, n, sizeof *g->items, by_time);
    permute(t, g->items, n, log_rank);
}

static void test_values(struct lct_compare_test *t, const struct group *g, size_t offset)
{
    size_t n = 0;
    for (size_t i = 0; i < g->n_film + g->n_model; i++) {
        const bool film = i < g->n_film;
        const struct lct_trace_features *f = film ? &g->film[i] : &g->model[i - g->n_film];
        const double x = *(const double *)(const void *)((const char *)f + offset);
        if (isfinite(x))
            g->items[n++] = (struct item){ x, film, true };
    }
    permute(t, g->items, n, mean_difference);
}

/* Median over the replicas of when a level is passed, as a share of the whole growth, or in steps. */
static double median_cross(
    const struct lct_trace_features *const *model, size_t n, int level, bool share, double *scratch)
{
    for (size_t i = 0; i < n; i++)
        scratch[i] = model[i]->cross[level] / (share ? model[i]->cross[LAST] : 1);
    return lct_stats_median(scratch, n);
}

/* How far the shape of each growth curve, its own time of growth taken as 1, is from the replicas' median. */
static void test_shapes(struct lct_compare_test *t, const struct group *g,
    const struct lct_trace_features *const *model, size_t n_model, double *scratch)
{
    double median[LCT_COMPARE_LEVELS];
    for (int k = 0; k < LCT_COMPARE_LEVELS; k++)
        median[k] = median_cross(model, n_model, k, true, scratch);
    size_t n = 0;
    for (size_t i = 0; i < g->n_film + g->n_model; i++) {
        const bool film = i < g->n_film;
        const struct lct_trace_features *f = film ? &g->film[i] : &g->model[i - g->n_film];
        double sum = 0;
        for (int k = 0; k < LCT_COMPARE_LEVELS; k++)
            sum += pow(f->cross[k] / f->cross[LAST] - median[k], 2);
        if (grown(f))
            g->items[n++] = (struct item){ sqrt(sum / LCT_COMPARE_LEVELS), film, true };
    }
    permute(t, g->items, n, mean_difference);
}

// clang-format off
static const struct lct_compare_test sentences[LCT_COMPARE_TESTS] = {
    { .name = "waiting time before growth",
        .shows = "log-rank: with a small p the films wait longer (negative) or shorter (positive statistic) than the model's replicas do in "
                 "the seconds per step that the growth itself gives",
        .shows_not = "a large p is no proof that the waits are alike: waits in the model are nearly exponential, so one film can exclude only "
                     "a wait twenty times too long or too short" },
    { .name = "time until the core has doubled",
        .shows = "log-rank on wait and growth together: with a small p the films need longer (negative) or less (positive statistic) than "
                 "the model's replicas; films that end before count as not yet doubled",
        .shows_not = "a small p does not say whether wait or growth differs, and a film cut short weighs little" },
    { .name = "shape of the growth curve",
        .shows = "distance from the replicas' median curve, each with its own time of growth as 1: with a small p the films bend differently "
                 "(steps, bursts, slowing down) than any replica",
        .shows_not = "says nothing about how fast they grow: that is what the seconds per step were fitted to" },
    { .name = "shell area while the core grew",
        .shows = "shell area at the last common level over its first value, films minus model: with a small p the shell changes by another "
                 "amount",
        .shows_not = "the film's shell is what a projection shows, with the measurement's bias; film the model (mc render) to have that bias "
                     "in both" },
    { .name = "correlation of exposure and growth",
        .shows = "Spearman's coefficient of exposed share and growth rate, films minus model: with a small p growth follows openings more, or "
                 "less, than in the model",
        .shows_not = "noise in either curve lowers a film's coefficient and not the model's; no correlation in a film is no proof that growth "
                     "does not need openings" },
    { .name = "growth while open over growth while closed",
        .shows = "ratio of mean growth rates, films minus model: with a small p openings matter more, or less, than in the model",
        .shows_not = "an opening that the film does not resolve counts as closed, which brings the ratio towards 1" },
};
// clang-format on

enum lct_status lct_compare_run(struct lct_comparison *out, const struct lct_trace_features *film, size_t n_film,
    const struct lct_trace_features *model, size_t n_model, struct lct_err *err)
{
    const size_t n = n_film + n_model;
    struct group g = { film, model, n_film, n_model, malloc((n + 1) * sizeof *g.items) };
    const struct lct_trace_features **chosen = malloc((n + 1) * sizeof *chosen);
    double *scratch = malloc((n + 1) * sizeof *scratch);
    struct lct_comparison c = *out; /* the levels */
    enum lct_status s = g.items && chosen && scratch ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "compare: no memory");
    size_t films = 0, models = 0;
    if (s == LCT_OK) {
        films = pick_grown(chosen, film, n_film);
        models = pick_grown(chosen + films, model, n_model);
        if (films == 0 || models == 0)
            s = lct_fail(err, LCT_E_NODATA,
                "compare: %zu of %zu films and %zu of %zu replicas grew to %.3g of their start", films, n_film, models,
                n_model, out->level[LAST]);
    }
    if (s == LCT_OK)
        s = find_scale(&c, chosen, films, chosen + films, models, err);
    if (s == LCT_OK) {
        memcpy(c.tests, sentences, sizeof sentences);
        test_waits(&c.tests[0], &g, c.seconds_per_step.value, offsetof(struct lct_trace_features, onset));
        test_waits(&c.tests[1], &g, c.seconds_per_step.value, offsetof(struct lct_trace_features, doubled));
        test_shapes(&c.tests[2], &g, chosen + films, models, scratch);
        test_values(&c.tests[3], &g, offsetof(struct lct_trace_features, shell));
        test_values(&c.tests[4], &g, offsetof(struct lct_trace_features, correlation));
        test_values(&c.tests[5], &g, offsetof(struct lct_trace_features, open_ratio));
        double sum = 0;
        for (int k = 0; k < LCT_COMPARE_LEVELS; k++) {
            const double expected = c.seconds_per_step.value * median_cross(chosen + films, models, k, false, scratch);
            for (size_t i = 0; i < films; i++)
                sum += pow((chosen[i]->cross[k] - expected) / chosen[i]->cross[LAST], 2);
        }
        c.distance = sqrt(sum / (double)films / LCT_COMPARE_LEVELS);
        *out = c;
    }
    free(g.items);
    free(chosen);
    free(scratch);
    return s;
}

void lct_comparison_json(struct lct_json *j, const struct lct_comparison *c)
{
    lct_json_open_object(j, "seconds_per_step");
    lct_json_number(j, "value", c->seconds_per_step.value);
    lct_json_number(j, "low_95", c->seconds_per_step.low_95);
    lct_json_number(j, "high_95", c->seconds_per_step.high_95);
    lct_json_number(j, "spread_of_replicas", c->spread);
    lct_json_close(j);
    lct_json_number(j, "distance", c->distance);
    lct_json_open_array(j, "tests");
    for (int i = 0; i < LCT_COMPARE_TESTS; i++) {
        const struct lct_compare_test *t = &c->tests[i];
        lct_json_open_object(j, NULL);
        lct_json_text(j, "name", t->name);
        lct_json_number(j, "statistic", t->statistic);
        lct_json_number(j, "p", t->p);
        lct_json_integer(j, "films", (long long)t->n_film);
        lct_json_integer(j, "replicas", (long long)t->n_model);
        lct_json_text(j, "shows", t->shows);
        lct_json_text(j, "does_not_show", t->shows_not);
        lct_json_close(j);
    }
    lct_json_close(j);
}
