#include <lctem/crack.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 64, MOST_RECENT = 15 };
static const double LARGEST = 2.0;        /* of depth ratios and width shares that are told apart */
static const double WIDTH_BLURS = 16.0;   /* widest width that is told apart; a window is wider anyway */
static const double LEAST_JUMP_PX = 10.0; /* the edges of masks jump, sharp as they are */
static const double LEAST_STEP_PX = 3.0;
static const double CLOSING = 0.5;    /* of its usual width: a crack that is narrower is about to heal */
static const double REOPENS = 0.25;   /* of its usual width, beyond its narrowest: now it opens again */
static const double SURE_WIDTH = 3.0; /* sds, the same */

/* A median that takes the same memory however many values come. */
struct histogram {
    uint32_t count[BINS];
    uint32_t n;
};

static void add(struct histogram *h, double value, double largest)
{
    const double bin = value / largest * BINS;
    const double most = fmin(bin, BINS - 1);
    h->count[bin >= 0.0 ? (int)most : 0]++; /* what is no number is not wide, and not deep */
    h->n++;
}

static double median(const struct histogram *h, double largest)
{
    const double half = 0.5 * h->n;
    double sum = 0.0;
    for (int b = 0; b < BINS; b++) {
        if (sum + h->count[b] >= half && h->count[b] > 0)
            return (b + (half - sum) / h->count[b]) * largest / BINS;
        sum += h->count[b];
    }
    return (double)NAN;
}

/* A gap that is followed. */
struct trail {
    int particle;
    long first, last;
    double x_px, y_px; /* where it was seen last */
    struct place {
        long frame;
        double x_px, y_px;
    } recent[MOST_RECENT]; /* a ring: the last of n_recent places */
    size_t n_recent;
    double narrowest_px; /* since it began to heal; NaN: it does not */
    bool healed;         /* whatever opens there now is another one */
    struct histogram width_share, width;
    size_t before;                /* what was there until then; itself: nothing */
    size_t site;                  /* the first trail of those that followed each other here */
    struct histogram depth_ratio; /* of all of a site, in its first trail */
};

/* How far a sighting is from a trail. */
struct pair {
    double distance_px;
    size_t trail, sighting;
};

struct lct_cracks {
    struct lct_crack_params params;
    struct trail *trails;
    size_t n, capacity;
    size_t *alive, n_alive; /* capacity: trails that may go on */
    struct pair *pairs;
    size_t pairs_capacity;
};

struct lct_crack_params lct_crack_defaults(double blur_px, int reach)
{
    const long mean = lround(0.6 * (2.0 * reach + 1.0));
    return (struct lct_crack_params){ .blur_px = blur_px,
        .depth_sd_px = 1.28 * blur_px,
        .jump_px = fmax(4.0 * blur_px, LEAST_JUMP_PX),
        .step_px = fmax(1.2 * blur_px, LEAST_STEP_PX),
        .step_share = 0.15,
        .recent = reach + 3 < MOST_RECENT ? reach + 3 : MOST_RECENT,
        .pause = 1 + reach / 2,
        .patience = reach + 1 > 4 ? reach + 1 : 4,
        .least_frames = mean > 2 ? mean : 2,
        .least_share = 0.78,
        .window_share = 0.28 };
}

enum lct_status lct_cracks_create(struct lct_cracks **out, const struct lct_crack_params *params, struct lct_err *err)
{
    *out = NULL;
    if (!(params->blur_px > 0.0 && params->depth_sd_px > 0.0 && params->jump_px > 0.0 && params->step_px > 0.0))
        return lct_fail(err, LCT_E_ARG, "cracks: blur, depth_sd, jump and step must be lengths above 0");
    if (params->recent < 1 || params->recent > MOST_RECENT)
        return lct_fail(err, LCT_E_ARG, "cracks: recent must be 1 to %d", MOST_RECENT);
    struct lct_cracks *c = calloc(1, sizeof *c);
    if (!c)
        return lct_fail(err, LCT_E_LIMIT, "cracks: no memory");
    c->params = *params;
    *out = c;
    return LCT_OK;
}

void lct_cracks_destroy(struct lct_cracks **cracks)
{
    struct lct_cracks *c = *cracks;
    if (!c)
        return;
    free(c->trails);
    free(c->alive);
    free(c->pairs);
    free(c);
    *cracks = NULL;
}

/* Room for n more trails, and for n sightings against all that are alive. */
static enum lct_status make_room(struct lct_cracks *c, size_t n, struct lct_err *err)
{
    if (c->n + n > c->capacity) {
        const size_t more = 2 * (c->n + n) + 16;
        struct trail *trails = realloc(c->trails, more * sizeof *trails);
        if (trails)
            c->trails = trails;
        size_t *alive = realloc(c->alive, more * sizeof *alive);
        if (alive)
            c->alive = alive;
        if (!trails || !alive)
            return lct_fail(err, LCT_E_LIMIT, "cracks: no memory for %zu of them", more);
        c->capacity = more;
    }
    if (n * c->n_alive > c->pairs_capacity) {
        struct pair *pairs = realloc(c->pairs, 2 * n * c->n_alive * sizeof *pairs);
        if (!pairs)
            return lct_fail(err, LCT_E_LIMIT, "cracks: no memory for %zu sightings", n);
        c->pairs = pairs;
        c->pairs_capacity = 2 * n * c->n_alive;
    }
    return LCT_OK;
}

static int nearer(const void *a, const void *b)
{
    const struct pair *p = a, *q = b;
    if (p->distance_px != q->distance_px)
        return p->distance_px < q->distance_px ? -1 : 1;
    if (p->trail != q->trail)
        return p->trail < q->trail ? -1 : 1;
    return p->sighting < q->sighting ? -1 : p->sighting > q->sighting;
}

/* Places of a trail lately, from the one of i sightings ago, as ways along the rim to a sighting. */
struct ways {
    double ago[MOST_RECENT], way[MOST_RECENT]; /* n: frames, px */
    size_t n;
};

static struct ways ways_to(const struct trail *t, long frame, const struct lct_crack_sighting *s)
{
    struct ways w = { .n = t->n_recent < MOST_RECENT ? t->n_recent : MOST_RECENT };
    for (size_t i = 0; i < w.n; i++) {
        const struct place *p = &t->recent[(t->n_recent - 1 - i) % MOST_RECENT];
        const double dx = s->x_px - p->x_px, dy = s->y_px - p->y_px;
        w.ago[i] = (double)(frame - p->frame);
        w.way[i] = s->along_x == 0.0 && s->along_y == 0.0 ? hypot(dx, dy) : dx * s->along_x + dy * s->along_y;
    }
    return w;
}

/* Median of the slopes between all pairs (Theil 1950, Sen 1968): few places that are off do not turn it, and a crack that
 * hands over to one beside it, which looks like a move of some frames, has stood before. */
static double speed_of(const struct ways *w)
{
    double slopes[MOST_RECENT * (MOST_RECENT - 1) / 2];
    size_t k = 0;
    for (size_t i = 0; i < w->n; i++)
        for (size_t j = i + 1; j < w->n; j++)
            slopes[k++] = (w->way[j] - w->way[i]) / (w->ago[j] - w->ago[i]);
    return k > 0 ? lct_stats_median(slopes, k) : 0.0;
}

/* How far a sighting lies along the rim from where the trail lately was, standing or moving on as it did. */
static double step_along(const struct trail *t, size_t recent, long frame, const struct lct_crack_sighting *s)
{
    const struct ways w = ways_to(t, frame, s);
    const size_t n = w.n < recent ? w.n : recent;
    const double speed = speed_of(&w);
    double standing[MOST_RECENT], moving[MOST_RECENT];
    for (size_t i = 0; i < n; i++) {
        standing[i] = w.way[i];
        moving[i] = w.way[i] - speed * w.ago[i];
    }
    return fmin(fabs(lct_stats_median(standing, n)), fabs(lct_stats_median(moving, n)));
}

/* A crack that has all but closed is over when nothing is seen of it for a while, or when it widens again. */
static bool has_healed(const struct trail *t, const struct lct_crack_params *p, long frame,
    const struct lct_crack_sighting *s, double usual_px)
{
    if (isnan(t->narrowest_px))
        return false;
    const double wider = s->width_px - t->narrowest_px;
    return frame - t->last > p->pause || wider > fmax(SURE_WIDTH * s->width_sd_px, REOPENS * usual_px);
}

static bool is_window(const struct trail *t, const struct lct_crack_params *p)
{
    return !(median(&t->width_share, LARGEST) < p->window_share);
}

static double usual_width(const struct lct_cracks *c, const struct trail *t)
{
    return median(&t->width, WIDTH_BLURS * c->params.blur_px);
}

/* Is this where the trail was? */
static bool is_there(const struct lct_cracks *c, const struct trail *t, long frame, const struct lct_crack_sighting *s)
{
    const struct lct_crack_params *p = &c->params;
    return !t->healed && s->particle == t->particle && hypot(s->x_px - t->x_px, s->y_px - t->y_px) < p->jump_px
        && !(step_along(t, (size_t)p->recent, frame, s) > p->step_px + p->step_share * usual_width(c, t));
}

/* The sighting that is nearest to a trail goes on with it, unless the trail is found to have healed. */
static bool goes_on(const struct lct_cracks *c, struct trail *t, long frame, const struct lct_crack_sighting *s)
{
    t->healed = !is_window(t, &c->params) && has_healed(t, &c->params, frame, s, usual_width(c, t));
    return !t->healed;
}

static size_t pair_up(struct lct_cracks *c, long frame, const struct lct_crack_sighting *s, size_t n)
{
    size_t n_pairs = 0;
    for (size_t a = 0; a < c->n_alive; a++) {
        const struct trail *t = &c->trails[c->alive[a]];
        for (size_t i = 0; i < n; i++)
            if (is_there(c, t, frame, &s[i]))
                c->pairs[n_pairs++] = (struct pair){ hypot(s[i].x_px - t->x_px, s[i].y_px - t->y_px), c->alive[a], i };
    }
    if (n_pairs)
        qsort(c->pairs, n_pairs, sizeof *c->pairs, nearer);
    return n_pairs;
}

/* Depth that a channel of this width shows after smoothing. */
static double channel_depth(double width_px, double sd_px)
{
    return erf(fmax(width_px, 0.1 * sd_px) / (2.0 * sqrt(2.0) * sd_px));
}

static void see(struct lct_cracks *c, size_t id, long frame, const struct lct_crack_sighting *s)
{
    struct trail *t = &c->trails[id];
    t->last = frame;
    t->x_px = s->x_px;
    t->y_px = s->y_px;
    t->recent[t->n_recent++ % MOST_RECENT] = (struct place){ frame, s->x_px, s->y_px };
    add(&c->trails[t->site].depth_ratio, s->depth / channel_depth(s->width_px, c->params.depth_sd_px), LARGEST);
    add(&t->width_share, s->width_px / s->side_px, LARGEST);
    add(&t->width, s->width_px, WIDTH_BLURS * c->params.blur_px);
    const bool closing = s->width_px < CLOSING * median(&t->width, WIDTH_BLURS * c->params.blur_px);
    t->narrowest_px = closing ? fmin(s->width_px, t->narrowest_px) : (double)NAN;
}

/* What was seen where something new is seen now; c->n: nothing. */
static size_t trail_before(const struct lct_cracks *c, long frame, const struct lct_crack_sighting *s)
{
    double nearest = c->params.jump_px;
    size_t before = c->n;
    for (size_t a = 0; a < c->n_alive; a++) {
        const struct trail *t = &c->trails[c->alive[a]];
        const double d = hypot(s->x_px - t->x_px, s->y_px - t->y_px);
        if (t->particle == s->particle && t->last < frame && d < nearest) {
            nearest = d;
            before = c->alive[a];
        }
    }
    return before;
}

/* Cracks that follow each other at one place are judged together: what is true of one is so of the next. */
static size_t begin_trail(struct lct_cracks *c, long frame, const struct lct_crack_sighting *s)
{
    const size_t id = c->n, before = trail_before(c, frame, s);
    c->trails[id] = (struct trail){ .particle = s->particle,
        .first = frame,
        .narrowest_px = (double)NAN,
        .before = before,
        .site = before == id ? id : c->trails[before].site };
    c->alive[c->n_alive++] = id;
    c->n++;
    return id;
}

static void forget(struct lct_cracks *c, long frame)
{
    size_t kept = 0;
    for (size_t a = 0; a < c->n_alive; a++)
        if (frame - c->trails[c->alive[a]].last <= c->params.patience)
            c->alive[kept++] = c->alive[a];
    c->n_alive = kept;
}

enum lct_status lct_cracks_frame(struct lct_cracks *c, long frame, const struct lct_crack_sighting *sightings, size_t n,
    size_t *ids, struct lct_err *err)
{
    forget(c, frame);
    const enum lct_status status = make_room(c, n, err);
    if (status != LCT_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        ids[i] = SIZE_MAX;
    const size_t n_pairs = pair_up(c, frame, sightings, n);
    for (size_t k = 0; k < n_pairs; k++) {
        const struct pair *p = &c->pairs[k];
        struct trail *t = &c->trails[p->trail];
        if (ids[p->sighting] != SIZE_MAX || t->last == frame || t->healed
            || !goes_on(c, t, frame, &sightings[p->sighting]))
            continue;
        ids[p->sighting] = p->trail;
        see(c, p->trail, frame, &sightings[p->sighting]);
    }
    for (size_t i = 0; i < n; i++) {
        if (ids[i] != SIZE_MAX)
            continue;
        ids[i] = begin_trail(c, frame, &sightings[i]);
        see(c, ids[i], frame, &sightings[i]);
    }
    return LCT_OK;
}

size_t lct_cracks_count(const struct lct_cracks *cracks)
{
    return cracks->n;
}

size_t lct_cracks_owner(const struct lct_cracks *cracks, size_t id)
{
    while (cracks->trails[id].width.n < cracks->params.least_frames && cracks->trails[id].before != id)
        id = cracks->trails[id].before;
    return id;
}

struct lct_crack lct_cracks_get(const struct lct_cracks *cracks, size_t id)
{
    const struct trail *t = &cracks->trails[id];
    const struct lct_crack_params *p = &cracks->params;
    struct lct_crack c = { .particle = t->particle,
        .first = t->first,
        .last = t->last,
        .n = t->width.n,
        .width_px = median(&t->width, WIDTH_BLURS * p->blur_px) };
    if (c.n < p->least_frames || median(&cracks->trails[t->site].depth_ratio, LARGEST) < p->least_share)
        c.kind = LCT_CRACK_NOISE;
    else
        c.kind = is_window(t, p) ? LCT_CRACK_WINDOW : LCT_CRACK_CRACK;
    return c;
}

bool lct_crack_is_open(
    const struct lct_crack_params *params, enum lct_crack_kind kind, const struct lct_crack_sighting *sighting)
{
    return kind != LCT_CRACK_NOISE
        || (sighting->width_px >= params->window_share * sighting->side_px && sighting->depth >= params->least_share);
}
