/* moire_search.h -- a search for two lattices and their Moire, and the choice of the two; private to moire_*.c */
#ifndef LCTEM_MEASURE_MOIRE_SEARCH_H
#define LCTEM_MEASURE_MOIRE_SEARCH_H

#include <lctem/moire.h>
#include <math.h>

/* Of single rows of planes that belong together. */
#define MOIRE_MOST_TWIST_RAD (20.0 * M_PI / 180.0)

/* A search under way. */
struct moire_search {
    struct lct_spectrum *spectrum;
    const struct lct_metric *metric;
    const struct lct_moire_params *params;
    struct lct_moire *out;
    double unit_per_nm; /* the resolution */
    struct lct_vector g[LCT_SPECTRUM_WAVES];
    double snr[LCT_SPECTRUM_WAVES];
    struct lct_lattice family[LCT_SPECTRUM_WAVES];
    size_t n_families;
    size_t n_found;              /* peaks that stand out by themselves; those behind them were looked for */
    int first, second;           /* families of the two lattices, -1: none */
    struct lct_lattice one, two; /* the two lattices: a family, or what stands in for it */
    int ten;                     /* family of the first lattice's {10-10}, -1: none */
};

/* Peaks to families: g, snr, family and n_families from out->peaks. */
void moire_group(struct moire_search *search);

/* Families to lattices: first, second, one, two and ten, and what `out` says of them. */
void moire_choose(struct moire_search *search);

double moire_spacing_nm(const struct lct_lattice *lattice);

/* Is a spacing, to within this fraction, the one that is wanted? */
bool moire_is_near(double d_nm, double wanted_nm, double frac);

/* From one wave to the other, whose vectors have no sign; 1/nm. */
double moire_apart(const struct lct_vector *a, const struct lct_vector *b);

/* Is v, up to its sign, a + sign b for some of the stars of a and b? */
bool moire_is_sum(const struct moire_search *search, const struct lct_vector *v, const struct lct_lattice *a,
    const struct lct_lattice *b, int sign);

#endif
