/* random.h -- counter-based random numbers: a number is a function of (seed, purpose, place), never of the order of calls */
#ifndef PHANTOM_RANDOM_H
#define PHANTOM_RANDOM_H

#include <math.h>
#include <stdint.h>

/* Random123 is written for many compilers and is not clean under our warnings */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wundef"
#include <Random123/philox.h>
#pragma GCC diagnostic pop

/** What a number is for: streams of different purposes never meet. */
enum purpose {
    FOR_SHOT_NOISE = 1, FOR_SMALL_COUNTS, FOR_READ_NOISE, FOR_GAIN, FOR_HOT, FOR_FLICKER, FOR_JITTER,
    FOR_DRIFT_X, FOR_DRIFT_Y, FOR_FILM, FOR_FILM_COARSE, FOR_LIQUID, FOR_SLOW, FOR_DISORDER,
};

struct random4 {
    uint32_t v[4];
};

/** Four independent 32-bit words at the place (a, b, c) of a purpose's stream. */
static inline struct random4 random_words(uint64_t seed, enum purpose purpose, uint32_t a, uint32_t b, uint32_t c)
{
    const philox4x32_key_t key = { { (uint32_t)seed, (uint32_t)(seed >> 32) } };
    const philox4x32_ctr_t counter = { { a, b, c, (uint32_t)purpose } };
    const philox4x32_ctr_t r = philox4x32(counter, key);
    return (struct random4){ { r.v[0], r.v[1], r.v[2], r.v[3] } };
}

/** In (0, 1), never an end. */
static inline float random_uniform(uint32_t word)
{
    return ((float)(word >> 9) + 0.5F) * (1.0F / 8388608.0F);
}

/** Two independent standard normal numbers from two words (Box and Muller). */
static inline void random_normal_pair(uint32_t u, uint32_t v, float *a, float *b)
{
    /* 32 bits in the radius, so that the tails reach 6.7 sigma */
    const float r = sqrtf(-2.0F * logf(((float)u + 0.5F) * (1.0F / 4294967808.0F)));
    const float angle = (float)v * (6.283185307F / 4294967296.0F);
    *a = r * cosf(angle);
    *b = r * sinf(angle);
}

/** One standard normal number. */
static inline double random_normal(uint64_t seed, enum purpose purpose, uint32_t a, uint32_t b, uint32_t c)
{
    const struct random4 r = random_words(seed, purpose, a, b, c);
    float x, y;
    random_normal_pair(r.v[0], r.v[1], &x, &y);
    return (double)x;
}

#endif
