#include "ring.h"

/* Coordinates from the first end; the same site has the same ones, also where a closed axis leads back to it. */
static struct lct_mc_offset add(const struct lct_mc_params *p, struct lct_mc_offset a, int direction, int parity)
{
    const struct lct_mc_offset o = lct_mc_offset_of(p->stencil, direction, a.z + parity);
    const int size[3] = { p->nx, p->ny, p->nz };
    const bool closed[3] = { p->periodic_x, p->periodic_y, p->periodic_z };
    int at[3] = { a.x + o.x, a.y + o.y, a.z + o.z };
    for (int k = 0; k < 3; k++)
        if (closed[k])
            at[k] = (at[k] % size[k] + size[k]) % size[k];
    return (struct lct_mc_offset){ at[0], at[1], at[2] };
}

static bool same(struct lct_mc_offset a, struct lct_mc_offset b)
{
    return a.x == b.x && a.y == b.y && a.z == b.z;
}

static int find(const struct lct_mc_offset *at, int n, struct lct_mc_offset wanted)
{
    int k = 0;
    while (k < n && !same(at[k], wanted))
        k++;
    return k;
}

/* The neighbours of one end. */
static void surround(struct lct_mc_ring *r, const struct lct_mc_params *p, int parity,
    const struct lct_mc_offset ends[2], int end, struct lct_mc_offset *at)
{
    for (int d = 0; d < p->stencil; d++) {
        const struct lct_mc_offset o = add(p, ends[end], d, parity);
        if (find(ends, 2, o) < 2)
            continue;
        const int k = find(at, r->n, o);
        if (k == r->n) {
            r->site[r->n++] = (struct lct_mc_ring_site){ .end = (uint8_t)end, .direction = (uint8_t)d };
            at[k] = o;
        }
        r->site[k].change = (int8_t)(r->site[k].change + (end ? -1 : 1));
    }
}

/* Of two sites of the ring the earlier one does the bond. */
static void find_due(struct lct_mc_ring *r, const struct lct_mc_params *p, int parity,
    const struct lct_mc_offset ends[2], const struct lct_mc_offset *at)
{
    for (int k = 0; k < r->n; k++)
        for (int d = 0; r->site[k].change != 0 && d < p->stencil; d++) {
            const struct lct_mc_offset o = add(p, at[k], d, parity);
            const int other = find(at, r->n, o);
            const int shift = r->site[k].change - (other < r->n ? r->site[other].change : 0);
            if (shift == 0 || find(ends, 2, o) < 2 || other == k || (other < k && r->site[other].change != 0))
                continue;
            r->site[k].due = (uint16_t)(r->site[k].due | 1U << d);
            r->site[k].shift[d] = (int8_t)shift;
        }
}

struct lct_mc_ring lct_mc_ring_of(const struct lct_mc_params *p, int parity, int direction)
{
    struct lct_mc_ring r = { .n = 0 };
    struct lct_mc_offset ends[2] = { { 0, 0, 0 }, { 0, 0, 0 } }, at[2 * LCT_MC_MAX_STENCIL];
    const bool swap = direction < p->stencil / 2;
    if (swap)
        ends[1] = add(p, ends[0], direction, parity);
    surround(&r, p, parity, ends, 0, at);
    if (swap)
        surround(&r, p, parity, ends, 1, at);
    find_due(&r, p, parity, ends, at);
    int kept = 0;
    for (int k = 0; k < r.n; k++)
        if (r.site[k].change != 0)
            r.site[kept++] = r.site[k];
    r.n = kept;
    return r;
}
