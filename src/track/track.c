#include "pieces.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SHARE_OF_OLD = 0.3; /* of its former core: more of it in a piece and the particle is in there */

const char *lct_event_name(enum lct_event_kind kind)
{
    static const char *const names[] = { [LCT_EVENT_APPEAR] = "appear",
        [LCT_EVENT_CONTACT] = "contact",
        [LCT_EVENT_MERGE] = "merge",
        [LCT_EVENT_SPLIT] = "split",
        [LCT_EVENT_DISSOLVED] = "dissolved" };
    return names[kind];
}

struct lct_track_params lct_track_defaults(void)
{
    return (struct lct_track_params){ .min_appear_px = 400.0,
        .min_follow_px = 100.0,
        .patience = 5,
        .split_share = 0.2,
        .merge_ratio = 0.09,
        .off_centre = 0.6 };
}

void lct_track_destroy(struct lct_track **track)
{
    struct lct_track *t = *track;
    if (!t)
        return;
    lct_mask_work_finish(&t->work);
    free(t->pieces);
    free(t->bodies);
    free(t->owner);
    free(t->owner_before);
    free(t->phase_before);
    free(t->piece_of);
    free(t->queue);
    free(t->barrier);
    free(t->edge);
    free(t->contacts);
    free(t->events);
    free(t->particles);
    free((void *)(uintptr_t)t->params.seeds_px);
    free(t);
    *track = NULL;
}

enum lct_status lct_track_create(
    struct lct_track **out, int width, int height, const struct lct_track_params *params, struct lct_err *err)
{
    *out = NULL;
    const size_t n = (size_t)width * (size_t)height;
    struct lct_track *t = calloc(1, sizeof *t);
    if (!t)
        return lct_fail(err, LCT_E_LIMIT, "track: no memory");
    *t = (struct lct_track){ .width = width, .height = height, .params = *params, .next_id = 1 };
    t->pieces = calloc(TRACK_MAX_PIECES, sizeof *t->pieces);
    t->owner = calloc(n, sizeof *t->owner);
    t->owner_before = calloc(n, sizeof *t->owner_before);
    t->phase_before = calloc(n, 1);
    t->piece_of = calloc(n, sizeof *t->piece_of);
    t->queue = calloc(n, sizeof *t->queue);
    t->barrier = calloc(n, 1);
    t->edge = calloc((size_t)width, 1);
    double *seeds_px = params->n_seeds ? malloc(2 * params->n_seeds * sizeof *seeds_px) : NULL;
    if (seeds_px)
        memcpy(seeds_px, params->seeds_px, 2 * params->n_seeds * sizeof *seeds_px);
    t->params.seeds_px = seeds_px;
    enum lct_status status = lct_mask_work_init(&t->work, width, height, err);
    if (status == LCT_OK
        && ((params->n_seeds && !seeds_px) || !t->pieces || !t->owner || !t->owner_before || !t->phase_before
            || !t->piece_of || !t->queue || !t->barrier || !t->edge))
        status = lct_fail(err, LCT_E_LIMIT, "track: no memory for %d x %d pixels", width, height);
    if (status != LCT_OK) {
        lct_track_destroy(&t);
        return status;
    }
    *out = t;
    return LCT_OK;
}

/* Make room for one more element of a growing array. */
bool track_reserve(void **array, size_t n, size_t *capacity, size_t size)
{
    if (n < *capacity)
        return true;
    const size_t more = *capacity ? 2 * *capacity : 16;
    void *grown = realloc(*array, more * size);
    if (!grown)
        return false;
    *array = grown;
    *capacity = more;
    return true;
}

bool track_add_event(struct lct_track *t, struct lct_event event)
{
    if (!track_reserve((void **)&t->events, t->n_events, &t->events_capacity, sizeof *t->events))
        return false;
    t->events[t->n_events++] = event;
    return true;
}

static uint16_t add_body(struct lct_track *t)
{
    if (t->n_bodies >= TRACK_MAX_PARTICLES
        || !track_reserve((void **)&t->bodies, t->n_bodies, &t->bodies_capacity, sizeof *t->bodies))
        return 0;
    t->bodies[t->n_bodies++] = (struct body){ .alive = true };
    return (uint16_t)t->n_bodies;
}

struct body *track_body(const struct lct_track *t, uint16_t owner)
{
    return &t->bodies[owner - 1];
}

static int count_inside(const struct lct_track *t, const struct piece_claims *p)
{
    int n = 0;
    for (int k = 0; k < p->n; k++)
        n += p->claim[k].core > SHARE_OF_OLD * track_body(t, p->claim[k].owner)->core_px;
    return n;
}

void track_centroid(const struct lct_piece *p, double *x, double *y)
{
    *x = p->x_sum / p->area_px;
    *y = p->y_sum / p->area_px;
}

/* Two or more bodies have become one: a new body with both as parents, or, where one is a crumb, the larger goes on. */
static bool merge_piece(
    struct lct_track *t, long frame, const struct lct_piece *piece, int32_t label, struct piece_claims *p)
{
    double largest = 0.0, second = 0.0;
    uint16_t keeper = 0;
    for (int k = 0; k < p->n; k++) {
        const double core = track_body(t, p->claim[k].owner)->core_px;
        if (core > largest) {
            second = largest;
            largest = core;
            keeper = p->claim[k].owner;
        } else if (core > second) {
            second = core;
        }
    }
    uint16_t owner = keeper;
    const bool equals = second > t->params.split_share * (largest + second);
    if (equals && !(owner = add_body(t)))
        return false;
    struct body *merged = track_body(t, owner);
    bool known = false;
    for (int k = 0; k < p->n; k++)
        known |= track_body(t, p->claim[k].owner)->id > 0;
    if (equals && known)
        merged->id = t->next_id++;
    double x, y;
    track_centroid(piece, &x, &y);
    int n_parents = 0;
    for (int k = 0; k < p->n; k++) {
        struct body *old = track_body(t, p->claim[k].owner);
        if (p->claim[k].owner == owner || p->claim[k].core <= SHARE_OF_OLD * old->core_px)
            continue;
        old->alive = false;
        if (!old->id || !merged->id)
            continue;
        if (equals && n_parents < LCT_TRACK_MAX_PARENTS)
            merged->parents[n_parents++] = old->id;
        if (!track_add_event(
                t, (struct lct_event){ LCT_EVENT_MERGE, frame, merged->id, old->id, x, y, piece->area_px }))
            return false;
    }
    p->owner = owner;
    track_paint_piece(t, piece, label, owner, false);
    return true;
}

/* Pieces that hold several bodies: one body now, or several that touch. */
static bool resolve_shared(struct lct_track *t, long frame, struct piece_claims *claims, int count,
    const struct lct_image *plane, const struct lct_levels *levels)
{
    for (int k = 0; k < count; k++) {
        if (count_inside(t, &claims[k]) < 2)
            continue;
        claims[k].used = true;
        track_paint_piece(t, &t->pieces[k], k + 1, 0, true);
        track_settle_piece(t, &t->pieces[k], k + 1);
        if (track_border_ratio(t, &t->pieces[k], k + 1, plane, levels) < t->params.merge_ratio
            && !merge_piece(t, frame, &t->pieces[k], k + 1, &claims[k]))
            return false;
    }
    return true;
}

/* The pieces whose strongest claim is the same body: parts of it, or its children where they lie apart and are large. */
static bool resolve_parts(struct lct_track *t, long frame, struct piece_claims *claims, int count, uint16_t owner)
{
    double sum = 0.0, largest = 0.0;
    int parts = 0, first_region = 0;
    bool apart = false;
    for (int k = 0; k < count; k++) {
        const int best = track_strongest_claim(&claims[k]);
        if (claims[k].used || best < 0 || claims[k].claim[best].owner != owner)
            continue;
        sum += t->pieces[k].area_px;
        largest = fmax(largest, t->pieces[k].area_px);
    }
    for (int k = 0; k < count; k++) {
        const int best = track_strongest_claim(&claims[k]);
        if (claims[k].used || best < 0 || claims[k].claim[best].owner != owner)
            continue;
        if (t->pieces[k].area_px < t->params.split_share * sum || t->pieces[k].area_px < t->params.min_follow_px)
            continue;
        apart |= parts > 0 && claims[k].region != first_region;
        first_region = claims[k].region;
        parts++;
    }
    const bool split = parts > 1 && apart;
    const int parent = track_body(t, owner)->id;
    for (int k = 0; k < count; k++) {
        const int best = track_strongest_claim(&claims[k]);
        if (claims[k].used || best < 0 || claims[k].claim[best].owner != owner)
            continue;
        uint16_t mine = owner;
        if (split && t->pieces[k].area_px >= t->params.split_share * sum) {
            if (!(mine = add_body(t)))
                return false;
            struct body *child = track_body(t, mine);
            child->id = parent ? t->next_id++ : 0;
            child->parents[0] = parent;
            double x, y;
            track_centroid(&t->pieces[k], &x, &y);
            if (parent
                && !track_add_event(
                    t, (struct lct_event){ LCT_EVENT_SPLIT, frame, child->id, parent, x, y, t->pieces[k].area_px }))
                return false;
        }
        claims[k].used = true;
        claims[k].owner = mine;
        track_paint_piece(t, &t->pieces[k], k + 1, mine, false);
    }
    if (split)
        track_body(t, owner)->alive = false;
    return true;
}

/* A body that was out of sight for a moment and is back at its place; 0: none. */
static uint16_t find_returned(const struct lct_track *t, const struct lct_piece *piece)
{
    double x, y;
    track_centroid(piece, &x, &y);
    for (size_t k = 0; k < t->n_bodies; k++) {
        const struct body *b = &t->bodies[k];
        const double reach_px2 = (b->total_px + piece->area_px) / M_PI;
        const double dx = x - t->x_offset - b->x_px, dy = y - t->y_offset - b->y_px;
        if (b->alive && b->unseen > 0 && dx * dx + dy * dy < reach_px2)
            return (uint16_t)(k + 1);
    }
    return 0;
}

/* A crumb that hangs on a larger core through weak pixels belongs to it: the flood will give it away. */
static bool hangs_on_larger(const struct lct_track *t, const struct piece_claims *claims, int count, int k)
{
    for (int j = 0; j < count; j++)
        if (j != k && claims[j].whole == claims[k].whole
            && t->pieces[k].area_px < t->params.split_share * t->pieces[j].area_px)
            return true;
    return false;
}

/* Pieces that nobody claims: bodies that come back, or new ones where they are large enough to follow. */
static bool add_new(struct lct_track *t, struct piece_claims *claims, int count)
{
    for (int k = 0; k < count; k++) {
        if (claims[k].used || track_strongest_claim(&claims[k]) >= 0 || hangs_on_larger(t, claims, count, k))
            continue;
        claims[k].owner = find_returned(t, &t->pieces[k]);
        if (!claims[k].owner && t->pieces[k].area_px < t->params.min_follow_px)
            continue;
        if (!claims[k].owner && !(claims[k].owner = add_body(t)))
            return false;
        claims[k].used = true;
        track_paint_piece(t, &t->pieces[k], k + 1, claims[k].owner, false);
    }
    return true;
}

/* In the first frame, and for particles that come into sight in touch with another: cut them apart first. */
static void cut_newcomers(struct lct_track *t, const uint8_t *phase, const struct piece_claims *claims, int count)
{
    for (int j = 0; j < count; j++)
        for (int k = j + 1; k < count; k++) {
            const bool newcomer = claims[j].n == 0 || claims[k].n == 0;
            if (claims[j].owner && claims[k].owner && claims[j].owner != claims[k].owner && newcomer
                && claims[j].region == claims[k].region)
                track_find_cut(t, phase, claims[j].owner, claims[k].owner);
        }
}

/* All that is not liquid lies within t->matter. */
static void find_matter(struct lct_track *t, const uint8_t *phase)
{
    static const struct extent nothing = { INT_MAX, INT_MAX, -1, -1 };
    t->matter = nothing;
    for (int y = 0; y < t->height; y++) {
        const uint8_t *row = phase + (size_t)y * (size_t)t->width;
        const int x0 = track_next_set(row, 0, t->width);
        if (x0 == t->width)
            continue;
        const int x1 = track_last_set(row, t->width);
        struct extent *m = &t->matter;
        *m = (struct extent){ x0 < m->x0 ? x0 : m->x0, y < m->y0 ? y : m->y0, x1 > m->x1 ? x1 : m->x1, y };
    }
}

/* Owners for every pixel of the frame. */
static bool assign(struct lct_track *t, long frame, const uint8_t *phase, const uint8_t *weak,
    const struct lct_image *plane, const struct lct_levels *levels)
{
    struct piece_claims *claims = malloc(TRACK_MAX_PIECES * sizeof *claims);
    if (!claims)
        return false;
    const int count = track_find_pieces(t, phase, weak, claims);
    bool ok = resolve_shared(t, frame, claims, count, plane, levels);
    const size_t known = t->n_bodies;
    for (size_t k = 0; ok && k < known; k++)
        if (t->bodies[k].alive)
            ok = resolve_parts(t, frame, claims, count, (uint16_t)(k + 1));
    ok = ok && add_new(t, claims, count);
    if (ok) {
        cut_newcomers(t, phase, claims, count);
        track_flood(t, phase);
    }
    free(claims);
    return ok;
}

enum lct_status lct_track_frame(struct lct_track *track, long frame, const struct lct_track_input *in,
    const struct lct_levels *levels, uint16_t *labels, struct lct_err *err)
{
    const size_t n = (size_t)track->width * (size_t)track->height;
    if (track->events_taken) {
        track->n_events = 0;
        track->events_taken = false;
    }
    uint16_t *owner = track->owner_before;
    track->owner_before = track->owner;
    track->owner = owner;
    track->x_offset_before = track->x_offset;
    track->y_offset_before = track->y_offset;
    track->x_offset = in->x_offset;
    track->y_offset = in->y_offset;

    find_matter(track, in->phase);
    bool ok = assign(track, frame, in->phase, in->weak, in->plane, levels);
    ok = ok && track_census(track, frame, in->phase, labels);
    if (!ok)
        return lct_fail(err, LCT_E_LIMIT, "track: no memory, or more than %d particles", TRACK_MAX_PARTICLES);
    memcpy(track->phase_before, in->phase, n);
    track->n_frames++;
    return LCT_OK;
}

const struct lct_track_particle *lct_track_particles(const struct lct_track *track, size_t *n)
{
    *n = track->n_particles;
    return track->particles;
}

const struct lct_event *lct_track_events(struct lct_track *track, size_t *n)
{
    *n = track->n_events;
    track->events_taken = true;
    return track->events;
}
