/* lanes.h -- eight floats at a time, as wide registers hold them */
#ifndef LCTEM_LANES_H
#define LCTEM_LANES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/** Sums and tests over pixels go in eight lanes: one running sum would wait for itself at every pixel, and eight have the same order
 *  on every machine. They are spelled out as vectors (GCC and clang split them where registers are narrower), for of loops over
 *  arrays of eight GCC 12 makes shuffles that take four to six times as long (tests/bench/lanes_bench.c). */
enum { LCT_LANES = 8 };
typedef float lct_lanes __attribute__((vector_size(32)));
/** All bits where a comparison holds, else none. */
typedef int32_t lct_lanes_where __attribute__((vector_size(32)));

/** The eight floats from p on; p need not be aligned. (Everything by pointer: how vectors are handed over depends on the processor.) */
__attribute__((always_inline)) static inline void lct_lanes_load(lct_lanes *out, const float *p)
{
    memcpy(out, p, sizeof *out);
}

__attribute__((always_inline)) static inline void lct_lanes_store(const lct_lanes *lanes, float *p)
{
    memcpy(p, lanes, sizeof *lanes);
}

/** Eight complex numbers, laid out as C has them: real and imaginary parts apart. */
__attribute__((always_inline)) static inline void lct_lanes_load_complex(lct_lanes *re, lct_lanes *im, const float *p)
{
    lct_lanes low, high;
    lct_lanes_load(&low, p);
    lct_lanes_load(&high, p + LCT_LANES);
    *re = __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14);
    *im = __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15);
}

__attribute__((always_inline)) static inline void lct_lanes_store_complex(
    const lct_lanes *re, const lct_lanes *im, float *p)
{
    const lct_lanes low = __builtin_shufflevector(*re, *im, 0, 8, 1, 9, 2, 10, 3, 11);
    const lct_lanes high = __builtin_shufflevector(*re, *im, 4, 12, 5, 13, 6, 14, 7, 15);
    memcpy(p, &low, sizeof low);
    memcpy(p + LCT_LANES, &high, sizeof high);
}

/** Set to 0 what is not `where`. */
__attribute__((always_inline)) static inline void lct_lanes_keep(lct_lanes *lanes, const lct_lanes_where *where)
{
    *lanes = (lct_lanes)((lct_lanes_where)*lanes & *where);
}

/** Known values: x - x is 0 for every finite number. */
__attribute__((always_inline)) static inline void lct_lanes_known(lct_lanes_where *out, const lct_lanes *lanes)
{
    *out = *lanes - *lanes == 0;
}

/** |x|. */
__attribute__((always_inline)) static inline void lct_lanes_magnitude(lct_lanes *lanes)
{
    *lanes = (lct_lanes)((lct_lanes_where)*lanes & INT32_MAX);
}

/** Pixels that bytes do not take out; ignore: NULL, or eight bytes. */
__attribute__((always_inline)) static inline void lct_lanes_unless(lct_lanes_where *where, const unsigned char *ignore)
{
    for (int k = 0; ignore && k < LCT_LANES; k++)
        (*where)[k] = ignore[k] ? 0 : (*where)[k];
}

__attribute__((always_inline)) static inline bool lct_lanes_all(const lct_lanes_where *where)
{
    int32_t all = -1;
    for (int k = 0; k < LCT_LANES; k++)
        all &= (*where)[k];
    return all != 0;
}

/** The lanes one after the other, as a double. */
__attribute__((always_inline)) static inline double lct_lanes_sum(const lct_lanes *lanes)
{
    double sum = 0.0;
    for (int k = 0; k < LCT_LANES; k++)
        sum += (double)(*lanes)[k];
    return sum;
}

__attribute__((always_inline)) static inline double lct_lanes_count(const lct_lanes_where *count)
{
    double sum = 0.0;
    for (int k = 0; k < LCT_LANES; k++)
        sum += (double)(*count)[k];
    return sum;
}

#endif
