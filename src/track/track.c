#include "internal.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SHARE_OF_OLD = 0.3; /* of its former core: more of it in a piece and the particle is in there */

const char *lct_event_name(enum lct_event_kind kind)
{
    static const char *const names[] = { [LCT_EVENT_APPEAR] = "appear", [LCT_EVENT_CONTACT] = "contact",
        [LCT_EVENT_MERGE] = "merge", [LCT_EVENT_SPLIT] = "split", [LCT_EVENT_DISSOLVED] = "dissolved" };
    return names[kind];
}

struct lct_track_params lct_track_defaults(void)
{
    return (struct lct_track_params){ .min_appear_px = 400.0, .min_follow_px = 100.0, .patience = 5,
        .split_share = 0.2, .merge_ratio = 0.09, .off_centre = 0.6 };
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
    double *seeds_px = params->n_seeds ? malloc(2 * params->n_seeds * sizeof *seeds_px) : NULL;
    if (seeds_px)
        memcpy(seeds_px, params->seeds_px, 2 * params->n_seeds * sizeof *seeds_px);
    t->params.seeds_px = seeds_px;
    enum lct_status status = lct_mask_work_init(&t->work, width, height, err);
    if (status == LCT_OK && ((params->n_seeds && !seeds_px) ||
        !t->pieces || !t->owner || !t->owner_before || !t->phase_before || !t->piece_of || !t->queue || !t->barrier))
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
    if (t->n_bodies >= TRACK_MAX_PARTICLES ||
        !track_reserve((void **)&t->bodies, t->n_bodies, &t->bodies_capacity, sizeof *t->bodies))
        return 0;
    t->bodies[t->n_bodies++] = (struct body){ .alive = true };
    return (uint16_t)t->n_bodies;
}

struct body *track_body(const struct lct_track *t, uint16_t owner)
{
    return &t->bodies[owner - 1];
}

/* What one piece of core shares with the bodies of the frame before. */
enum { MAX_CLAIMS = 8 };
struct claim {
    uint16_t owner;
    int32_t pixels; /* of the body (core and shell) in the frame before */
    int32_t core;   /* of its core */
};
struct piece_claims {
    struct claim claim[MAX_CLAIMS];
    int n;
    bool used;
    size_t somewhere; /* one of its pixels */
    int32_t region; /* which connected particle region it lies in */
    int32_t whole;  /* which connected core, weak pixels included */
    uint16_t owner;
};

static void count_claim(struct piece_claims *p, uint16_t owner, bool core, int32_t pixels)
{
    int k = 0;
    while (k < p->n && p->claim[k].owner != owner)
        k++;
    if (k == MAX_CLAIMS)
        return;
    if (k == p->n)
        p->claim[p->n++] = (struct claim){ .owner = owner };
    p->claim[k].pixels += pixels;
    p->claim[k].core += core ? pixels : 0;
}

static bool was_core(const struct lct_track *t, int x, int y)
{
    const int xb = x - t->x_offset + t->x_offset_before, yb = y - t->y_offset + t->y_offset_before;
    if (xb < 0 || yb < 0 || xb >= t->width || yb >= t->height)
        return false;
    return t->phase_before[(size_t)yb * (size_t)t->width + (size_t)xb] == LCT_CORE;
}

/* What the pixels x0 .. x1 of row y, all of one piece, were in the frame before. */
static void claim_run(const struct lct_track *t, int x0, int x1, int y, struct piece_claims *claims)
{
    const int dx = t->x_offset_before - t->x_offset, yb = y + t->y_offset_before - t->y_offset;
    if (yb < 0 || yb >= t->height)
        return;
    const int from = x0 + dx > 0 ? x0 + dx : 0, end = x1 + dx + 1 < t->width ? x1 + dx + 1 : t->width;
    const uint16_t *owner = t->owner_before + (size_t)yb * (size_t)t->width;
    const uint8_t *phase = t->phase_before + (size_t)yb * (size_t)t->width;
    for (int x = from, next; x < end; x = next) {
        const uint16_t o = owner[x];
        const bool core = phase[x] == LCT_CORE;
        for (next = x + 1; next < end && owner[next] == o && (phase[next] == LCT_CORE) == core;)
            next++;
        if (o && track_body(t, o)->alive)
            count_claim(claims, o, core, next - x);
    }
}

/* Label the pieces of strong core in t->piece_of, with what they were in the frame before. */
static int label_pieces(struct lct_track *t, const uint8_t *phase, const uint8_t *weak, struct piece_claims *claims)
{
    const size_t n = (size_t)t->width * (size_t)t->height;
    for (size_t i = 0; i < n; i++)
        t->barrier[i] = phase[i] == LCT_CORE && !weak[i];
    const int count = lct_mask_label(&t->work, t->barrier, t->pieces, TRACK_MAX_PIECES);
    memset(claims, 0, (size_t)count * sizeof *claims);
    for (size_t i = 0; i < t->work.n_runs; i++) {
        const struct lct_mask_run *r = &t->work.runs[i];
        const size_t at = (size_t)r->y * (size_t)t->width + (size_t)r->x0;
        const int32_t k = t->work.label[at];
        if (!k)
            continue;
        claims[k - 1].somewhere = at;
        claim_run(t, r->x0, r->x1, r->y, &claims[k - 1]);
    }
    int32_t *labels = t->work.label; /* kept, while the other plane takes the labels of what follows */
    t->work.label = t->piece_of;
    t->piece_of = labels;
    return count;
}

/* Pieces of strong core, and which connected particle and which connected core each lies in. */
static int find_pieces(struct lct_track *t, const uint8_t *phase, const uint8_t *weak, struct piece_claims *claims)
{
    const size_t n = (size_t)t->width * (size_t)t->height;
    const int count = label_pieces(t, phase, weak, claims);
    for (size_t i = 0; i < n; i++)
        t->barrier[i] = phase[i] == LCT_CORE;
    lct_mask_label(&t->work, t->barrier, NULL, TRACK_MAX_PIECES);
    for (int k = 0; k < count; k++)
        claims[k].whole = t->work.label[claims[k].somewhere];
    for (size_t i = 0; i < n; i++)
        t->barrier[i] = phase[i] != LCT_LIQUID && !weak[i];
    lct_mask_label(&t->work, t->barrier, NULL, TRACK_MAX_PIECES);
    for (int k = 0; k < count; k++)
        claims[k].region = t->work.label[claims[k].somewhere];
    memset(t->owner, 0, n * sizeof *t->owner);
    memset(t->barrier, 0, n);
    return count;
}

static int strongest(const struct piece_claims *p)
{
    int best = -1;
    for (int k = 0; k < p->n; k++)
        if (best < 0 || p->claim[k].core > p->claim[best].core ||
            (p->claim[k].core == p->claim[best].core && p->claim[k].pixels > p->claim[best].pixels))
            best = k;
    return best;
}

/* Paint a piece: with one owner, or where several bodies are in it, each pixel with its former owner; the flood does the rest. */
static void paint_piece(struct lct_track *t, const struct lct_piece *piece, int32_t label, uint16_t owner, bool shared)
{
    for (int y = piece->y0; y <= piece->y1; y++)
        for (int x = piece->x0; x <= piece->x1; x++) {
            const size_t i = (size_t)y * (size_t)t->width + (size_t)x;
            if (t->piece_of[i] != label)
                continue;
            const uint16_t before = shared ? track_owner_before(t, x, y) : 0;
            t->owner[i] = shared ? (before && was_core(t, x, y) && track_body(t, before)->alive ? before : 0) : owner;
        }
}

/* How far the grey along the border between two bodies in one piece of core is from the core's own: 0 none, 1 the edge. */
static double border_ratio(const struct lct_track *t, const struct lct_piece *piece, int32_t label,
    const struct lct_image *plane, const struct lct_levels *levels)
{
    double sum = 0.0, n = 0.0;
    for (int y = piece->y0; y < piece->y1; y++)
        for (int x = piece->x0; x < piece->x1; x++) {
            const size_t i = (size_t)y * (size_t)t->width + (size_t)x;
            if (t->piece_of[i] != label)
                continue;
            const size_t next[2] = { i + 1, i + (size_t)t->width };
            for (int k = 0; k < 2; k++)
                if (t->piece_of[next[k]] == label && t->owner[i] && t->owner[next[k]] && t->owner[i] != t->owner[next[k]]) {
                    sum += 0.5 * ((double)plane->px[i] + (double)plane->px[next[k]]);
                    n += 1.0;
                }
        }
    return n > 0.0 ? (sum / n - levels->core) / (lct_levels_edge(levels, LCT_CORE, LCT_LIQUID) - levels->core) : 1.0;
}

/* Flood within one piece of core only, so that every pixel of it has one of the bodies. */
static void settle_piece(struct lct_track *t, const struct lct_piece *piece, int32_t label)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (int y = piece->y0; y <= piece->y1; y++)
            for (int x = piece->x0; x <= piece->x1; x++) {
                const size_t i = (size_t)y * (size_t)t->width + (size_t)x;
                if (t->piece_of[i] != label || t->owner[i])
                    continue;
                uint16_t o = 0;
                if (x > piece->x0 && t->piece_of[i - 1] == label)
                    o = t->owner[i - 1];
                if (!o && y > piece->y0 && t->piece_of[i - (size_t)t->width] == label)
                    o = t->owner[i - (size_t)t->width];
                if (!o && x < piece->x1 && t->piece_of[i + 1] == label)
                    o = t->owner[i + 1];
                if (!o && y < piece->y1 && t->piece_of[i + (size_t)t->width] == label)
                    o = t->owner[i + (size_t)t->width];
                if (o) {
                    t->owner[i] = o;
                    changed = true;
                }
            }
    }
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
static bool merge_piece(struct lct_track *t, long frame, const struct lct_piece *piece, int32_t label, struct piece_claims *p)
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
        if (!track_add_event(t, (struct lct_event){ LCT_EVENT_MERGE, frame, merged->id, old->id, x, y, piece->area_px }))
            return false;
    }
    p->owner = owner;
    paint_piece(t, piece, label, owner, false);
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
        paint_piece(t, &t->pieces[k], k + 1, 0, true);
        settle_piece(t, &t->pieces[k], k + 1);
        if (border_ratio(t, &t->pieces[k], k + 1, plane, levels) < t->params.merge_ratio &&
            !merge_piece(t, frame, &t->pieces[k], k + 1, &claims[k]))
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
        const int best = strongest(&claims[k]);
        if (claims[k].used || best < 0 || claims[k].claim[best].owner != owner)
            continue;
        sum += t->pieces[k].area_px;
        largest = fmax(largest, t->pieces[k].area_px);
    }
    for (int k = 0; k < count; k++) {
        const int best = strongest(&claims[k]);
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
        const int best = strongest(&claims[k]);
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
            if (parent && !track_add_event(t, (struct lct_event){ LCT_EVENT_SPLIT, frame, child->id, parent, x, y, t->pieces[k].area_px }))
                return false;
        }
        claims[k].used = true;
        claims[k].owner = mine;
        paint_piece(t, &t->pieces[k], k + 1, mine, false);
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
        if (j != k && claims[j].whole == claims[k].whole &&
            t->pieces[k].area_px < t->params.split_share * t->pieces[j].area_px)
            return true;
    return false;
}

/* Pieces that nobody claims: bodies that come back, or new ones where they are large enough to follow. */
static bool add_new(struct lct_track *t, struct piece_claims *claims, int count)
{
    for (int k = 0; k < count; k++) {
        if (claims[k].used || strongest(&claims[k]) >= 0 || hangs_on_larger(t, claims, count, k))
            continue;
        claims[k].owner = find_returned(t, &t->pieces[k]);
        if (!claims[k].owner && t->pieces[k].area_px < t->params.min_follow_px)
            continue;
        if (!claims[k].owner && !(claims[k].owner = add_body(t)))
            return false;
        claims[k].used = true;
        paint_piece(t, &t->pieces[k], k + 1, claims[k].owner, false);
    }
    return true;
}

/* Shell stays with the particle it belonged to as long as that one is in sight. */
static void inherit_shell(struct lct_track *t, const uint8_t *phase)
{
    for (int y = t->matter.y0; y <= t->matter.y1; y++)
        for (int x = t->matter.x0; x <= t->matter.x1; x++) {
            const size_t i = (size_t)y * (size_t)t->width + (size_t)x;
            if (phase[i] == LCT_LIQUID || t->owner[i])
                continue;
            const uint16_t before = track_owner_before(t, x, y);
            if (before && track_body(t, before)->alive)
                t->owner[i] = before;
        }
}

/* In the first frame, and for particles that come into sight in touch with another: cut them apart first. */
static void cut_newcomers(struct lct_track *t, const uint8_t *phase, const struct piece_claims *claims, int count)
{
    for (int j = 0; j < count; j++)
        for (int k = j + 1; k < count; k++) {
            const bool newcomer = claims[j].n == 0 || claims[k].n == 0;
            if (claims[j].owner && claims[k].owner && claims[j].owner != claims[k].owner && newcomer &&
                claims[j].region == claims[k].region)
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
        int x0 = 0, x1 = t->width - 1;
        while (x0 <= x1 && row[x0] == LCT_LIQUID)
            x0++;
        if (x0 > x1)
            continue;
        while (row[x1] == LCT_LIQUID)
            x1--;
        struct extent *m = &t->matter;
        *m = (struct extent){ x0 < m->x0 ? x0 : m->x0, y < m->y0 ? y : m->y0, x1 > m->x1 ? x1 : m->x1, y };
    }
}

/* Owners for every pixel of the frame. */
static bool assign(struct lct_track *t, long frame, const uint8_t *phase, const uint8_t *weak, const struct lct_image *plane,
    const struct lct_levels *levels)
{
    struct piece_claims *claims = calloc(TRACK_MAX_PIECES, sizeof *claims);
    if (!claims)
        return false;
    const int count = find_pieces(t, phase, weak, claims);
    bool ok = resolve_shared(t, frame, claims, count, plane, levels);
    const size_t known = t->n_bodies;
    for (size_t k = 0; ok && k < known; k++)
        if (t->bodies[k].alive)
            ok = resolve_parts(t, frame, claims, count, (uint16_t)(k + 1));
    ok = ok && add_new(t, claims, count);
    if (ok) {
        cut_newcomers(t, phase, claims, count);
        inherit_shell(t, phase);
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
