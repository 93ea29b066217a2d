#include "pool.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum lct_status lct_mc_pool_init(struct lct_mc_pool *out, unsigned n_classes, struct lct_err *err)
{
    struct lct_mc_pool p = { .n_classes = n_classes, .n_groups = (n_classes + POOL_GROUP - 1) / POOL_GROUP };
    const size_t n = (size_t)p.n_groups * POOL_GROUP;
    p.item = calloc(n, sizeof *p.item);
    p.count = calloc(n, sizeof *p.count);
    p.capacity = calloc(n, sizeof *p.capacity);
    p.rate = calloc(n, sizeof *p.rate);
    p.group = calloc(p.n_groups, sizeof *p.group);
    p.dirty = calloc(p.n_groups, sizeof *p.dirty);
    *out = p;
    if (p.item && p.count && p.capacity && p.rate && p.group && p.dirty)
        return LCT_OK;
    lct_mc_pool_finish(out);
    return lct_fail(err, LCT_E_LIMIT, "lattice model: no memory for %u classes of moves", n_classes);
}

void lct_mc_pool_finish(struct lct_mc_pool *p)
{
    for (unsigned c = 0; p->item && c < p->n_classes; c++)
        free(p->item[c]);
    free(p->item);
    free(p->count);
    free(p->capacity);
    free(p->rate);
    free(p->group);
    free(p->dirty);
    *p = (struct lct_mc_pool){ 0 };
}

void lct_mc_pool_clear(struct lct_mc_pool *p)
{
    memset(p->count, 0, (size_t)p->n_groups * POOL_GROUP * sizeof *p->count);
    memset(p->dirty, true, p->n_groups * sizeof *p->dirty);
}

void lct_mc_pool_grow(struct lct_mc_pool *p, unsigned class)
{
    const uint32_t capacity = p->capacity[class] ? 2 * p->capacity[class] : 64;
    uint32_t *item = realloc(p->item[class], capacity * sizeof *item);
    if (!item) {
        p->no_memory = true;
        return;
    }
    p->item[class] = item;
    p->capacity[class] = capacity;
}

/* Four partial sums: independent additions, in an order that is always the same. */
static double sum_of(const double *x, unsigned n)
{
    double s[4] = { 0 };
    unsigned i = 0;
    for (; i + 4 <= n; i += 4)
        for (unsigned k = 0; k < 4; k++)
            s[k] += x[i + k];
    for (; i < n; i++)
        s[0] += x[i];
    return (s[0] + s[1]) + (s[2] + s[3]);
}

static double sum_of_group(const struct lct_mc_pool *p, unsigned g)
{
    const unsigned first = g * POOL_GROUP;
    const uint32_t *count = p->count + first;
    const double *rate = p->rate + first;
    double s[4] = { 0 };
    for (unsigned i = 0; i < POOL_GROUP; i += 4)
        for (unsigned k = 0; k < 4; k++)
            s[k] += (double)(int32_t)count[i + k] * rate[i + k];
    return (s[0] + s[1]) + (s[2] + s[3]);
}

double lct_mc_pool_total(struct lct_mc_pool *p)
{
    for (unsigned g = 0; g < p->n_groups; g++)
        if (p->dirty[g]) {
            p->group[g] = sum_of_group(p, g);
            p->dirty[g] = false;
        }
    return sum_of(p->group, p->n_groups);
}

static double weight_of(const struct lct_mc_pool *p, unsigned class, unsigned changed, double weight)
{
    return class == changed ? weight : pool_weight(p, class);
}

static double group_with(const struct lct_mc_pool *p, unsigned g, unsigned changed, double weight)
{
    if (g != changed / POOL_GROUP)
        return p->group[g];
    double s = 0;
    for (unsigned c = g * POOL_GROUP; c < (g + 1) * POOL_GROUP; c++)
        s += weight_of(p, c, changed, weight);
    return s;
}

double lct_mc_pool_total_with(const struct lct_mc_pool *p, unsigned class, double weight)
{
    const unsigned own = class / POOL_GROUP;
    return sum_of(p->group, own) + group_with(p, own, class, weight)
        + sum_of(p->group + own + 1, p->n_groups - own - 1);
}

/* Where `target` falls within a group; rounding may carry it past the end: then the last class with any weight. */
static unsigned pick_within(const struct lct_mc_pool *p, unsigned g, double target, unsigned changed, double weight)
{
    unsigned last = UINT_MAX;
    for (unsigned c = g * POOL_GROUP; c < (g + 1) * POOL_GROUP; c++) {
        const double w = weight_of(p, c, changed, weight);
        if (w <= 0)
            continue;
        last = c;
        if (target < w)
            break;
        target -= w;
    }
    return last;
}

unsigned lct_mc_pool_pick(const struct lct_mc_pool *p, double target, unsigned changed, double weight)
{
    unsigned last = UINT_MAX;
    for (unsigned g = 0; g < p->n_groups; g++) {
        const double sum = group_with(p, g, changed, weight);
        if (sum <= 0)
            continue;
        last = g;
        if (target < sum)
            break;
        target -= sum;
    }
    return last == UINT_MAX ? UINT_MAX : pick_within(p, last, target, changed, weight);
}
