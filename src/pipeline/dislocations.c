#include "dislocations.h"

#include <math.h>
#include <stdbool.h>

enum {
    PATIENCE = 2, /* frames that one may be out of sight */
    ENOUGH = 5, /* times it must be seen: noise makes vortices, but not again and again with the same Burgers vector */
};
static const double REACH_NM = 1.0;  /* how far it may go from one sight to the next */
static const double SAME_FRAC = 0.3; /* of the Burgers vector, by which it may seem to change */

static bool is_same(const struct dislocation_track *t, const struct dislocation_seen *seen)
{
    const struct dislocation_seen *l = &t->last;
    return l->particle == seen->particle && l->k < seen->k
        && hypot(l->x_nm - seen->x_nm, l->y_nm - seen->y_nm) < REACH_NM
        && hypot(l->bx_nm - seen->bx_nm, l->by_nm - seen->by_nm) < SAME_FRAC * hypot(l->bx_nm, l->by_nm);
}

void dislocation_watch_add(struct dislocation_watch *watch, const struct dislocation_seen *seen)
{
    int place = 0;
    while (place < watch->n && !is_same(&watch->track[place], seen))
        place++;
    if (place == DISLOCATION_TRACKS) /* so many are noise: the one that was seen least makes room */
        for (int i = place = 0; i < DISLOCATION_TRACKS; i++)
            place = watch->track[i].n < watch->track[place].n ? i : place;
    else if (place < watch->n) {
        watch->track[place].last = *seen;
        watch->track[place].n++;
        return;
    } else {
        watch->n++;
    }
    watch->track[place] = (struct dislocation_track){ *seen, *seen, 1 };
}

static enum lct_status write_event(const struct dislocation_track *t, struct lct_table *events, struct lct_err *err)
{
    const struct lct_cell cells[] = { lct_text("dislocation"), lct_int(t->first.number), lct_num(t->first.time_s),
        lct_int(t->first.particle), lct_text(NULL), lct_text(NULL), lct_num(t->first.x_nm), lct_num(t->first.y_nm),
        lct_num(hypot(t->first.bx_nm, t->first.by_nm)), lct_num(t->last.time_s - t->first.time_s),
        lct_num((double)t->n / (double)(t->last.k - t->first.k + 1)) };
    return lct_table_row(events, cells, err);
}

enum lct_status dislocation_watch_settle(
    struct dislocation_watch *watch, long k, struct lct_table *events, long *n_events, struct lct_err *err)
{
    int kept = 0;
    for (int i = 0; i < watch->n; i++) {
        const struct dislocation_track t = watch->track[i];
        if (k >= 0 && k - t.last.k <= PATIENCE) {
            watch->track[kept++] = t;
            continue;
        }
        if (t.n < ENOUGH)
            continue;
        const enum lct_status status = write_event(&t, events, err);
        if (status != LCT_OK)
            return status;
        ++*n_events;
    }
    watch->n = kept;
    return LCT_OK;
}
