/* random.h -- random numbers that depend on where they are used, not on when; the one door to Random123 */
#ifndef LCTEM_RANDOM_H
#define LCTEM_RANDOM_H

#include <stdint.h>

/** A stream of Philox4x32-10 numbers, fixed by (seed, stream, counter): for instance (seed, frame, row) or (seed, replica, step).
 *  Any of these can be had at once, without the ones before it, so that results do not depend on the number of threads.
 *  A plain value: copy it to go over the same numbers again. Good for 2^34 words; then it repeats. */
struct lct_random {
    uint64_t seed, counter;
    uint32_t stream, block; /**< block: how many blocks of four words were made */
    uint32_t words[4];
    int left; /**< words not handed out yet */
};

struct lct_random lct_random_start(uint64_t seed, uint32_t stream, uint64_t counter);

/** Uniform over all 2^32 values. */
uint32_t lct_random_u32(struct lct_random *random);

/** Uniform in [0, 1), 53 bits. */
double lct_random_double(struct lct_random *random);

/** Uniform over 0 .. n-1 without bias, n >= 1. */
uint32_t lct_random_below(struct lct_random *random, uint32_t n);

/** Standard normal (Box and Muller 1958); uses two doubles for each number, so that the count is fixed. */
double lct_random_normal(struct lct_random *random);

/** Poisson of the given mean (0 for a mean that is not > 0): inversion below 10, else transformed rejection (W. Hörmann, Insurance:
 *  Mathematics and Economics 12 (1993) 39, algorithm PTRS). Exact for means up to 1e9; above, a rounded normal. */
double lct_random_poisson(struct lct_random *random, double mean);

#endif
