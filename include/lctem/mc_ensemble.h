/* mc_ensemble.h -- many replicas: how long until the core has doubled, with and without its shell */
#ifndef LCTEM_MC_ENSEMBLE_H
#define LCTEM_MC_ENSEMBLE_H

#include <lctem/comm.h>
#include <lctem/err.h>
#include <lctem/mc_engine.h>
#include <lctem/progress.h>
#include <lctem/table.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How replicas are run. */
struct lct_mc_run {
    enum lct_mc_engine_kind engine;
    uint64_t seed;
    double max_steps; /**< a replica that has not doubled by then is censored there; at most 1e12 */
    uint64_t
        max_events; /**< a safety net against readings that flicker for ever: censored likewise (and marked); default 2e8 */
    int threads; /**< >= 1; the results do not depend on it */
    const struct lct_comm
        *comm; /**< processes that share the replicas, all called with the same; NULL: this one alone. Nor on it */
};
struct lct_mc_run lct_mc_run_defaults(void);

/** One replica's passage. Steps are clocks / sites, rounded up as the first whole step at which it is so; NaN: did not happen. */
struct lct_mc_passage {
    uint64_t replica;
    bool shell;
    enum lct_mc_end end;         /**< TARGET: doubled; CLOCK: censored; DISSOLVED: no core left; EVENTS: given up */
    double steps;                /**< until then */
    double first_exposure_steps; /**< first step with an exposed core site */
    double onset_steps;          /**< the last time the core rose 5 % above its start: the wait */
    double crack_steps;          /**< when the exposure opened through which that rise came: the productive crack */
    double burst_steps;          /**< the last time the core rose above half-way to the target */
    double burst_crack_steps;    /**< when the exposure opened through which that came */
    double
        exposed_frac; /**< share of the time before the productive crack opened with an exposed core site: cracks that healed */
    struct lct_mc_counts start, finish;
    uint64_t events, attempts;
};

/** Run one replica; its random numbers depend on (run->seed, replica, shell) only. LCT_E_CANCELLED. */
LCT_MUST_CHECK enum lct_status lct_mc_passage_run(struct lct_mc_passage *out, const struct lct_mc_model *model,
    const struct lct_mc_run *run, uint64_t replica, bool shell, bool (*go_on)(void *), void *context,
    struct lct_err *err);

/** doubling.csv */
extern const struct lct_table_spec lct_mc_doubling_table;

/** Called in the order of the list, one call at a time, as soon as all passages before it are there. */
typedef enum lct_status lct_mc_passage_fn(void *context, const struct lct_mc_passage *passage, struct lct_err *err);

/** What to run: replica 0 .. replicas-1, of each kind asked for (bare first of each pair); passages before `first` in that list are
 *  there already. */
struct lct_mc_list {
    size_t replicas, first;
    bool bare, shell;
};

/** Run a list on run->threads threads of each process of run->comm; `out` (lct_mc_list_count values, the caller's) gets passages
 *  first .. end. Ranks other than 0 help: they need neither `out` nor list->first, and nothing is told to them. */
LCT_MUST_CHECK enum lct_status lct_mc_ensemble_run(struct lct_mc_passage *out, const struct lct_mc_model *model,
    const struct lct_mc_run *run, const struct lct_mc_list *list, const struct lct_progress *progress,
    lct_mc_passage_fn *each, void *context, struct lct_err *err);
size_t lct_mc_list_count(const struct lct_mc_list *list);
/** Which passage is item i of the list? */
void lct_mc_list_item(const struct lct_mc_list *list, size_t i, uint64_t *replica, bool *shell);

/** A passage as a row of doubling.csv, and back (NaN what a row does not hold). LCT_E_INPUT: not such a row. */
LCT_MUST_CHECK enum lct_status lct_mc_passage_write(
    struct lct_table *table, const struct lct_mc_passage *passage, struct lct_err *err);
LCT_MUST_CHECK enum lct_status lct_mc_passage_read(
    struct lct_mc_passage *out, const struct lct_csv *csv, size_t row, struct lct_err *err);

/** A value with an interval that covers it in 95 of 100 ensembles. */
struct lct_mc_estimate {
    double value, low, high;
};

/** Statistics of the passages of one kind. Censored ones count with the time they lasted. */
struct lct_mc_waiting {
    size_t n, doubled, censored, dissolved;
    struct lct_mc_estimate
        mean;       /**< of an exponential if some are censored (total time / doubled), else the plain mean */
    double mean_sd; /**< standard error of the plain mean; NaN if some are censored */
    struct lct_mc_estimate median;  /**< Kaplan-Meier; NaN if fewer than half doubled */
    double gamma_shape, gamma_mean; /**< maximum likelihood from the uncensored; shape 1 is exponential; NaN below 3 */
    double exponential_p; /**< Kolmogorov-Smirnov against the fitted exponential (Lilliefors' limits by simulation) */
    struct lct_mc_estimate onset, crack, burst, first_exposure; /**< means over the doubled, steps */
    double exposed_frac;                                        /**< the same of all replicas together */
    struct lct_mc_estimate
        exposure_cost_kt;     /**< -ln(exposed / covered) of that, replicas drawn anew; infinite: never exposed */
    double shell_area_change; /**< mean of finish / start; NaN without shell */
    double core_area_change;
};
struct lct_mc_waiting lct_mc_waiting_of(const struct lct_mc_passage *passages, size_t n, bool shell, uint64_t seed);

/** Mean with shell over mean without, and the same of the medians, with bootstrap intervals. */
void lct_mc_ratio_of(const struct lct_mc_passage *passages, size_t n, uint64_t seed, struct lct_mc_estimate *of_means,
    struct lct_mc_estimate *of_medians);

#endif
