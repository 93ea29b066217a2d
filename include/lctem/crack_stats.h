/* crack_stats.h -- when and where shells crack, and what the facets below do then */
#ifndef LCTEM_CRACK_STATS_H
#define LCTEM_CRACK_STATS_H

#include <lctem/err.h>
#include <lctem/facet_series.h>
#include <stdbool.h>
#include <stddef.h>

/** A crack over its life. */
struct lct_crack_record {
    int particle, facet; /**< facet -1: over none */
    double opened_s, healed_s;
    double began_s, began_sd_s;      /**< when it was of no width; NaN: its opening was not seen */
    bool opened_known, healed_known; /**< false: it was there when the movie began, or is still there when it ends */
    double position_frac;            /**< where it opened: -1 and 1 corners, 0 middle; NaN: over no facet */
    double width_nm;                 /**< median */
    double most_nm;                  /**< widest */
};

/** How long, and how much of, a facet was watched. */
struct lct_crack_risk {
    int particle, facet;
    double edge_nm_s; /**< length of its covered edge times time */
};

/** When a facet's core begins to grow, or to be etched. */
struct lct_onset {
    int particle, facet;
    bool etches;                              /**< it goes back */
    double time_s, time_sd_s;                 /**< NaN: it never does */
    double speed_nm_per_s, speed_sd_nm_per_s; /**< outwards, from there to the next change */
    double crack_s, crack_sd_s; /**< last began_s of a crack on the same facet before it (or within 2 sd after); NaN:
                                   none */
};

/** A mean speed over stretches of a movie. */
struct lct_crack_speed {
    double nm_per_s, sd_nm_per_s, watched_s;
    long stretches;
};

enum { LCT_CRACK_BINS = 10 };

/** What can be said of the cracks of one particle (particle > 0), or of all (0). */
struct lct_crack_summary {
    int particle;
    long n, healed;  /**< cracks; those whose healing was seen */
    double width_nm; /**< median of the medians */
    double lifetime_s,
        lifetime_sd_s; /**< time under watch over healings: of a constant chance to heal, those still open counted in */
    double median_life_s;         /**< Kaplan-Meier; NaN: more than half are still open */
    long placed;                  /**< cracks with a position */
    long middle, between, corner; /**< |position_frac| below 1/3, below 2/3, above */
    long bins[LCT_CRACK_BINS];    /**< of position_frac from -1 to 1 */
    double ks, p_uniform;         /**< Kolmogorov-Smirnov of |position_frac| against uniform; NaN: fewer than 3 */
    double chi2, p_facets; /**< cracks over the facets against length x time watched, p by drawing; NaN: fewer than 2
                              facets or cracks */
    long onsets;           /**< facets that begin to grow */
    long onsets_after_crack;
    double delay_s, delay_sd_s; /**< from crack to onset: mean weighted by the errors, and its standard deviation, from
                                   the errors or the scatter, whichever is larger */
    struct lct_crack_speed with_gap, without_gap; /**< of the core's edge below covered facets */
};

/** Everything to go by; borrowed. */
struct lct_crack_evidence {
    const struct lct_crack_record *cracks;
    size_t n_cracks;
    const struct lct_crack_risk *risks;
    size_t n_risks;
    const struct lct_onset *onsets;
    size_t n_onsets;
    const struct lct_facet_table *facets;
    double movie_s; /**< length of the movie */
};

/** The onset of growth (or, with `etches`, of etching) of a facet: the first bend of the best broken line with two, if
 * the height rises (or falls) behind it, and before it hardly does: by more than 6 sigma and `least_nm` in all
 * [equations R6]. time_s NaN: there is none. crack_s is left NaN. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_onset_find(
    struct lct_onset *out, const struct lct_facet_series *series, bool etches, double least_nm, struct lct_err *err);

/** Set crack_s of each onset. */
void lct_onsets_match(struct lct_onset *onsets, size_t n, const struct lct_crack_record *cracks, size_t n_cracks);

/** Summary of one particle, or of all for particle 0 [equations R5]. Pure; the same numbers every time.
 *  LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_cracks_summarise(
    struct lct_crack_summary *out, const struct lct_crack_evidence *evidence, int particle, struct lct_err *err);

/** p-value of the Kolmogorov-Smirnov test of n values against the uniform distribution over 0 .. 1; `*d` gets the
 * largest difference. Sorts x. NaN for n = 0. */
double lct_uniform_p(double *x, size_t n, double *d);

#endif
