/* moire.h -- two lattices on top of each other: spacings, twist, Moire period, and whether equation (4) explains it */
#ifndef LCTEM_MOIRE_H
#define LCTEM_MOIRE_H

#include <lctem/lattice.h>
#include <stdbool.h>

/** Moire period of two parallel lattices, D1 D2 / |D2 - D1| [equation L3, (4) of the paper]; infinite for equal spacings. */
double lct_moire_parallel_nm(double d1_nm, double d2_nm);

/** The same for lattices turned against each other, 1/|g1 - g2| [equation L4]. */
double lct_moire_twisted_nm(double d1_nm, double d2_nm, double twist_deg);

/** What to look for and when to call it agreement. */
struct lct_moire_params {
    double d1_nm, d2_nm;       /**< the two spacings, roughly; both NaN: blind, the two strongest lattices */
    double search_frac;        /**< how rough; 0.03 */
    const char *name1, *name2; /**< what the peaks are called in tables: "D1", "D2" */
    const char *name1_10;      /**< and the {10-10} of the first, where hexagonal_11 is set */
    bool
        hexagonal_11; /**< d1 and d2 are {11-20} of hexagonal lattices: {10-10} at sqrt(3) d then stands in for a {11-20} that
                                   the pixels are too coarse for */
    double tolerance_sigma; /**< agreement: within this many sigma ... */
    double tolerance_frac;  /**< ... or this share of the period, whichever is larger; 2 and 0.01 */
    struct lct_spectrum_params peaks;
};
struct lct_moire_params lct_moire_defaults(void);

/** Where the Moire period comes from. */
enum lct_moire_method {
    LCT_MOIRE_NONE = 0,
    LCT_MOIRE_PEAK,         /**< its own peak in the spectrum */
    LCT_MOIRE_FRINGES,      /**< beat of the two filtered fringes: there is no peak at g1 - g2 */
    LCT_MOIRE_PEAK_FRINGES, /**< both, weighted by their errors, since they agree */
};
const char *lct_moire_method_name(enum lct_moire_method method); /**< "" for none */

/** What is worth knowing about a measurement; bits. */
enum lct_moire_flag {
    LCT_MOIRE_NO_D1 = 1 << 0,
    LCT_MOIRE_NO_D2 = 1 << 1, /**< not found */
    LCT_MOIRE_NYQUIST_D1 = 1 << 2,
    LCT_MOIRE_NYQUIST_D2 = 1 << 3,    /**< finer than two pixels: cannot be found */
    LCT_MOIRE_D1_FROM_10 = 1 << 4,    /**< D1 is {10-10} / sqrt(3) */
    LCT_MOIRE_D2_FROM_MOIRE = 1 << 5, /**< D2 follows from D1 and the Moire vector */
    LCT_MOIRE_NOMINAL = 1 << 6,       /**< equation (4) with the spacings asked for: none was measured */
    LCT_MOIRE_CONFLICT = 1 << 7,      /**< the peak is not where g1 - g2 wants it; the peak counts */
    LCT_MOIRE_APART = 1 << 9,         /**< single rows of the two lattices in different directions: no twist, no beat */
    LCT_MOIRE_TWISTED = 1 << 10,      /**< equation (4) alone is off by more than 2 sigma, and the twist explains it */
    LCT_MOIRE_DISTORTED = 1 << 8, /**< members of a family differ by more than noise: distortion, or bent lattices */
};
/** Words of the flags, joined by ';', into `out`. */
void lct_moire_flag_words(unsigned flags, char *out, size_t size);

enum lct_verdict { LCT_VERDICT_NONE = 0, LCT_VERDICT_YES, LCT_VERDICT_NO };

/** A peak of the spectrum and what it is. */
struct lct_peak {
    struct lct_wave
        wave; /**< not ok: a bright spot that no plane wave fits, as bent grains side by side make; where it was found */
    struct lct_vector g;
    char assigned[40]; /**< "D1", "D2", "moire", "2 D1", "D1+D2", "" ... */
};

/** Result. NaN: not measured. */
struct lct_moire {
    double d1_nm, d1_sd_nm, d2_nm, d2_sd_nm, twist_deg, twist_sd_deg;
    double moire_nm, moire_sd_nm;         /**< as measured */
    double moire_eq4_nm, moire_eq4_sd_nm; /**< what equation (4) makes of D1 and D2 */
    double moire_twist_nm;                /**< what D1, D2 and the twist make of it */
    double peak_nm, peak_sd_nm;           /**< from the Moire peak alone */
    double difference_percent, z;         /**< of moire_nm against moire_eq4_nm; z minds what the two have in common */
    enum lct_verdict agrees;
    enum lct_moire_method method;
    unsigned flags;
    bool has_g1, has_g2, has_moire;
    struct lct_vector g1, g2, moire; /**< 1/nm, y up; moire = g1 - g2 of neighbouring vectors of the stars */
    struct lct_peak peaks[LCT_SPECTRUM_WAVES];
    size_t n_peaks;
};

/** Measure what the loaded spectrum shows. Nothing found is no fault: the fields are NaN then. */
void lct_moire_measure(struct lct_spectrum *spectrum, const struct lct_metric *metric,
    const struct lct_moire_params *params, struct lct_moire *out);

/** The numbers that follow from g1, g2 and the vector of the Moire peak, each if its flag in `out` is set: fills everything but the
 *  peaks and the flags of the search. [equations L3 to L6] */
void lct_moire_conclude(struct lct_moire *out, const struct lct_vector *peak, const struct lct_moire_params *params);

#endif
