#include <lctem/crack.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 64 };
static const double LARGEST = 2.0;        /* of depth ratios and width shares that are told apart */
static const double WIDTH_BLURS = 16.0;   /* widest width that is told apart; a window is wider anyway */
static const double LEAST_JUMP_PX = 10.0; /* the edges of masks jump, sharp as they are */

/* A median that takes the same memory however many values come. */
struct histogram {
    uint32_t count[BINS];
    uint32_t n;
};

static void add(struct histogram *h, double value, double largest)
{
    const double bin = value / largest * BINS;
    h->count[bin < 0.0 ? 0 : bin >= BINS ? BINS - 1 : (int)bin]++;
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
    struct histogram depth_ratio, width_share, width;
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
        .patience = reach + 1 > 4 ? reach + 1 : 4,
        .least_frames = mean > 2 ? mean : 2,
        .least_share = 0.78,
        .window_share = 0.28 };
}

enum lct_status lct_cracks_create(struct lct_cracks **out, const struct lct_crack_params *params, struct lct_err *err)
{
    *out = NULL;
    if (!(params->blur_px > 0.0 && params->depth_sd_px > 0.0 && params->jump_px > 0.0))
        return lct_fail(err, LCT_E_ARG, "cracks: blur, depth_sd and jump must be lengths above 0");
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

static size_t pair_up(struct lct_cracks *c, const struct lct_crack_sighting *s, size_t n)
{
    size_t n_pairs = 0;
    for (size_t a = 0; a < c->n_alive; a++) {
        const struct trail *t = &c->trails[c->alive[a]];
        for (size_t i = 0; i < n; i++) {
            const double d = hypot(s[i].x_px - t->x_px, s[i].y_px - t->y_px);
            if (s[i].particle == t->particle && d < c->params.jump_px)
                c->pairs[n_pairs++] = (struct pair){ d, c->alive[a], i };
        }
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
    add(&t->depth_ratio, s->depth / channel_depth(s->width_px, c->params.depth_sd_px), LARGEST);
    add(&t->width_share, s->width_px / s->side_px, LARGEST);
    add(&t->width, s->width_px, WIDTH_BLURS * c->params.blur_px);
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
    const size_t n_pairs = pair_up(c, sightings, n);
    for (size_t k = 0; k < n_pairs; k++) {
        const struct pair *p = &c->pairs[k];
        if (ids[p->sighting] != SIZE_MAX || c->trails[p->trail].last == frame)
            continue;
        ids[p->sighting] = p->trail;
        see(c, p->trail, frame, &sightings[p->sighting]);
    }
    for (size_t i = 0; i < n; i++) {
        if (ids[i] != SIZE_MAX)
            continue;
        ids[i] = c->n++;
        c->trails[ids[i]] = (struct trail){ .particle = sightings[i].particle, .first = frame };
        c->alive[c->n_alive++] = ids[i];
        see(c, ids[i], frame, &sightings[i]);
    }
    return LCT_OK;
}

size_t lct_cracks_count(const struct lct_cracks *cracks)
{
    return cracks->n;
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
    if (c.n < p->least_frames || median(&t->depth_ratio, LARGEST) < p->least_share)
        c.kind = LCT_CRACK_NOISE;
    else
        c.kind = median(&t->width_share, LARGEST) < p->window_share ? LCT_CRACK_CRACK : LCT_CRACK_WINDOW;
    return c;
}
