#include <lctem/random.h>

#include <Random123/philox.h>
#include <math.h>

struct lct_random lct_random_start(uint64_t seed, uint32_t stream, uint64_t counter)
{
    return (struct lct_random){ .seed = seed, .stream = stream, .counter = counter };
}

static void refill(struct lct_random *r)
{
    const philox4x32_key_t key = { { (uint32_t)r->seed, (uint32_t)(r->seed >> 32) } };
    const philox4x32_ctr_t at = { { r->block++, r->stream, (uint32_t)r->counter, (uint32_t)(r->counter >> 32) } };
    const philox4x32_ctr_t words = philox4x32(at, key);
    for (int i = 0; i < 4; i++)
        r->words[i] = words.v[i];
    r->left = 4;
}

uint32_t lct_random_u32(struct lct_random *r)
{
    if (r->left == 0)
        refill(r);
    return r->words[4 - r->left--];
}

double lct_random_double(struct lct_random *r)
{
    const uint64_t high = lct_random_u32(r), low = lct_random_u32(r);
    return (double)((high << 32 | low) >> 11) * 0x1p-53;
}

uint32_t lct_random_below(struct lct_random *r, uint32_t n)
{
    /* D. Lemire, ACM TOMACS 29 (2019) 3: multiply, and reject the few products that would bias. */
    uint64_t product = (uint64_t)lct_random_u32(r) * n;
    if ((uint32_t)product < n)
        for (const uint32_t threshold = (0U - n) % n; (uint32_t)product < threshold;)
            product = (uint64_t)lct_random_u32(r) * n;
    return (uint32_t)(product >> 32);
}

double lct_random_normal(struct lct_random *r)
{
    const double radius = sqrt(-2.0 * log(1.0 - lct_random_double(r)));
    return radius * cos(6.283185307179586 * lct_random_double(r));
}

static double poisson_small(struct lct_random *r, double mean)
{
    const double u = lct_random_double(r);
    double p = exp(-mean), sum = p, k = 0;
    while (u >= sum && p > 0.0) {
        k += 1.0;
        p *= mean / k;
        sum += p;
    }
    return k;
}

static double poisson_large(struct lct_random *r, double mean)
{
    const double log_mean = log(mean), b = 0.931 + 2.53 * sqrt(mean), a = -0.059 + 0.02483 * b;
    const double inv_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2.0);
    for (;;) {
        const double u = lct_random_double(r) - 0.5, v = lct_random_double(r), us = 0.5 - fabs(u);
        const double k = floor((2.0 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= v_r)
            return k;
        if (k < 0.0 || (us < 0.013 && v > us))
            continue;
        int sign; /* lgamma() itself writes to a global */
        if (log(v) + log(inv_alpha) - log(a / (us * us) + b) <= k * log_mean - mean - lgamma_r(k + 1.0, &sign))
            return k;
    }
}

double lct_random_poisson(struct lct_random *r, double mean)
{
    if (!(mean > 0.0))
        return 0.0;
    if (mean < 10.0)
        return poisson_small(r, mean);
    if (mean > 1e9)
        return fmax(0.0, nearbyint(mean + sqrt(mean) * lct_random_normal(r)));
    return poisson_large(r, mean);
}
