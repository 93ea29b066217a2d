/* compare.h -- films against simulations, on the same columns: curves, one time base, tests that say what they show */
#ifndef LCTEM_COMPARE_H
#define LCTEM_COMPARE_H

#include <lctem/err.h>
#include <lctem/json.h>
#include <stddef.h>
#include <stdint.h>

enum { LCT_COMPARE_LEVELS = 10 };

/** One crystal over time: a particle of a film, or a replica of a model. Areas over their first value (mean of the first five). */
struct lct_trace {
    char *name; /**< folder and particle or replica, owned */
    size_t n;
    double *time;                   /**< seconds, or steps, ascending; owned, as all that follow */
    double *core, *core_sd, *shell; /**< over the first value; NaN: not measured */
    double *exposed;   /**< share of the core that meets the liquid: of the facets' length, or of the core sites */
    double open_above; /**< exposed above this counts as open: 0.1 in films, 0 in models */
    double first_core; /**< nm2 (px2 where the scale is not known), or columns */
};
void lct_trace_finish(struct lct_trace *trace);

/** A particle of `<dir>/areas.csv` and `<dir>/facets.csv` (which may be missing); particle 0: the one whose core grows most.
 *  LCT_E_INPUT: no such table. LCT_E_NODATA: no such particle, or fewer than five rows of it. */
LCT_MUST_CHECK enum lct_status lct_trace_film(
    struct lct_trace *out, const char *dir, long particle, struct lct_err *err);

/** All replicas of `<dir>/growth.csv`; the caller finishes each and frees `*out`. LCT_E_INPUT, LCT_E_NODATA. */
LCT_MUST_CHECK enum lct_status lct_traces_model(
    struct lct_trace **out, size_t *n, const char *dir, struct lct_err *err);

/** What is compared of a trace; NaN: it did not happen. */
struct lct_trace_features {
    double onset;                     /**< the core's monotone fit passes 1.05 */
    double doubled;                   /**< it passes 1.98, a hair below two, since the first value is a mean */
    double watched;                   /**< until when it was seen */
    double top;                       /**< largest value of the fit */
    double cross[LCT_COMPARE_LEVELS]; /**< when it passes each level, counted from the onset */
    double shell;                     /**< shell when the last level is passed, over its first value */
    double correlation;               /**< Spearman, exposure against the core's growth rate */
    double
        open_ratio; /**< growth rate while open over that while closed; NaN: never one of them, or no growth while closed */
};

/** Features with the levels `level[LCT_COMPARE_LEVELS]`. The fit: least squares among rising curves (pool adjacent violators). */
LCT_MUST_CHECK enum lct_status lct_trace_measure(
    struct lct_trace_features *out, const struct lct_trace *trace, const double *level, struct lct_err *err);

/** The replicas with shell of `<dir>/doubling.csv` as features: onset, doubled and watched, from the start; the rest is NaN. The caller
 *  frees `*out`. LCT_E_INPUT: no such table. LCT_E_NODATA: no row with shell. */
LCT_MUST_CHECK enum lct_status lct_passages_model(
    struct lct_trace_features **out, size_t *n, const char *dir, struct lct_err *err);

struct lct_compare_interval {
    double value, low_95, high_95;
};

/** A two-sample test with the sentences that go with it. */
struct lct_compare_test {
    const char *name;
    double statistic, p; /**< p by permutation; NaN: nothing to test */
    size_t n_film, n_model;
    const char *shows, *shows_not;
};
enum { LCT_COMPARE_TESTS = 6 };

struct lct_comparison {
    double level[LCT_COMPARE_LEVELS];
    struct lct_compare_interval
        seconds_per_step; /**< from growth alone: times between levels; bootstrap over films and replicas */
    double spread;        /**< of single replicas' seconds per step: standard deviation of the logarithm */
    double
        distance; /**< root mean square over the levels of film's time minus the model's median time, over the time of growth */
    struct lct_compare_test tests[LCT_COMPARE_TESTS];
};

/** A curve of the trace at an instant, straight between samples; NaN outside. */
double lct_trace_at(const struct lct_trace *trace, const double *curve, double time);

/** Compare films with replicas. `film`, `model`: features of each, measured with out->level, which lct_compare_levels has set; the
 *  model's may hold passages as well, which count for waits and doublings.
 *  LCT_E_NODATA: no film, or no replica, grew far enough. */
LCT_MUST_CHECK enum lct_status lct_compare_run(struct lct_comparison *out, const struct lct_trace_features *film,
    size_t n_film, const struct lct_trace_features *model, size_t n_model, struct lct_err *err);

/** Levels from 1.05 up to what half of the films and half of the replicas reach. LCT_E_NODATA: that is nothing. */
LCT_MUST_CHECK enum lct_status lct_compare_levels(double level[LCT_COMPARE_LEVELS], const struct lct_trace *film,
    size_t n_film, const struct lct_trace *model, size_t n_model, struct lct_err *err);

/** The members of a comparison into the object that is open. */
void lct_comparison_json(struct lct_json *json, const struct lct_comparison *comparison);

#endif
