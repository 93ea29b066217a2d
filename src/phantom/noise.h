/* noise.h -- what random numbers are for in a scene, and how words become samples fast enough for every pixel */
#ifndef PHANTOM_NOISE_H
#define PHANTOM_NOISE_H

#include <lctem/random.h>
#include <math.h>

/** What a number is for: streams of different purposes never meet. */
enum purpose {
    FOR_SHOT_NOISE = 1,
    FOR_SMALL_COUNTS,
    FOR_READ_NOISE,
    FOR_GAIN,
    FOR_HOT,
    FOR_FLICKER,
    FOR_JITTER,
    FOR_DRIFT_X,
    FOR_DRIFT_Y,
    FOR_FILM,
    FOR_FILM_COARSE,
    FOR_LIQUID,
    FOR_SLOW,
    FOR_DISORDER,
};

struct random4 {
    uint32_t v[4];
};

/** Four independent 32-bit words at the place (a, b, c) of a purpose's stream. */
static inline struct random4 random_words(uint64_t seed, enum purpose purpose, uint32_t a, uint32_t b, uint32_t c)
{
    struct lct_random r = lct_random_start(seed, (uint32_t)purpose, (uint64_t)b << 32 | a);
    r.block = c;
    struct random4 words;
    for (int i = 0; i < 4; i++)
        words.v[i] = lct_random_u32(&r);
    return words;
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
