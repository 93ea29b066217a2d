/* pool.h -- items sorted into classes of equal rate, and the choice of one in proportion to its rate; private to the room */
#ifndef LCT_MC_POOL_H
#define LCT_MC_POOL_H

#include <lctem/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { POOL_GROUP = 32 };

/** Classes in groups of 32. A class weighs count x rate; the sum of a group is made anew from its counts
 *  whenever one has changed, and the total from the groups: no sum is ever corrected by a difference, so none drifts. */
struct lct_mc_pool {
    unsigned n_classes, n_groups;
    bool *
        dirty; /**< per group: a count has changed since the last total; a store each time, no chain of read and write */
    uint32_t **item;
    uint32_t *count, *capacity; /**< n_groups * 32, 0 behind n_classes */
    double *rate;               /**< likewise */
    double *group;              /**< sum of each group */
    bool no_memory;             /**< an item could not be stored: the pool is spoilt */
};

LCT_MUST_CHECK enum lct_status lct_mc_pool_init(struct lct_mc_pool *out, unsigned n_classes, struct lct_err *err);
void lct_mc_pool_finish(struct lct_mc_pool *pool);
/** Forget all items; rates stay. */
void lct_mc_pool_clear(struct lct_mc_pool *pool);
/** Grow the class's list. */
void lct_mc_pool_grow(struct lct_mc_pool *pool, unsigned class);
/** Bring the sums up to date; the total. */
double lct_mc_pool_total(struct lct_mc_pool *pool);
/** The total if class `class` weighed `weight`; sums up to date. */
double lct_mc_pool_total_with(const struct lct_mc_pool *pool, unsigned class, double weight);
/** The class in which `u` times the total falls; sums up to date, `changed` (or UINT_MAX) weighing `weight` instead. */
unsigned lct_mc_pool_pick(const struct lct_mc_pool *pool, double target, unsigned changed, double weight);

static inline double pool_weight(const struct lct_mc_pool *p, unsigned class)
{
    return (double)(int32_t)p->count[class] * p->rate[class]; /* signed: converted in one instruction */
}

static inline void pool_count(struct lct_mc_pool *p, unsigned class, uint32_t count)
{
    p->count[class] = count;
    p->dirty[class / POOL_GROUP] = true;
}

/** Set the rate of a class. */
static inline void pool_rate(struct lct_mc_pool *p, unsigned class, double rate)
{
    p->rate[class] = rate;
    pool_count(p, class, p->count[class]);
}

/** Put an item into a class; its place comes back. */
static inline uint32_t pool_add(struct lct_mc_pool *p, unsigned class, uint32_t item)
{
    const uint32_t place = p->count[class];
    if (place == p->capacity[class]) {
        lct_mc_pool_grow(p, class);
        if (p->no_memory)
            return 0;
    }
    p->item[class][place] = item;
    pool_count(p, class, place + 1);
    return place;
}

/** Take the item at `place` out; the item that has moved there comes back (itself if it was the last). */
static inline uint32_t pool_remove(struct lct_mc_pool *p, unsigned class, uint32_t place)
{
    const uint32_t left = p->count[class] - 1, last = p->item[class][left];
    pool_count(p, class, left);
    p->item[class][place] = last;
    return last;
}

#endif
