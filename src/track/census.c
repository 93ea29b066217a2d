#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool touches_already(struct lct_track *t, uint16_t a, uint16_t b, bool *ok)
{
    for (size_t k = 0; k < t->n_contacts; k++)
        if (t->contacts[k].a == a && t->contacts[k].b == b)
            return true;
    *ok = track_reserve((void **)&t->contacts, t->n_contacts, &t->contacts_capacity, sizeof *t->contacts);
    if (*ok)
        t->contacts[t->n_contacts++] = (struct contact){ a, b };
    return false;
}

/* Pixel counts, boxes and contacts of the bodies of this frame, by body. */
static bool measure_bodies(struct lct_track *t, long frame, const uint8_t *phase, struct lct_track_particle *seen)
{
    for (int y = t->matter.y0; y <= t->matter.y1; y++)
        for (int x = t->matter.x0; x <= t->matter.x1; x++) {
            const size_t i = (size_t)y * (size_t)t->width + (size_t)x;
            const uint16_t o = t->owner[i];
            if (!o)
                continue;
            struct lct_track_particle *p = &seen[o - 1];
            struct lct_piece *q = &p->pixels;
            if (q->area_px++ == 0)
                *q = (struct lct_piece){ .area_px = 1, .x0 = x, .x1 = x, .y0 = y, .y1 = y };
            q->x0 = x < q->x0 ? x : q->x0;
            q->x1 = x > q->x1 ? x : q->x1;
            q->y1 = y;
            q->x_sum += x;
            q->y_sum += y;
            p->core_px += phase[i] == LCT_CORE;
            p->border |= x == 0 || y == 0 || x == t->width - 1 || y == t->height - 1;
            const uint16_t near[2] = { x + 1 < t->width ? t->owner[i + 1] : o,
                y + 1 < t->height ? t->owner[i + (size_t)t->width] : o };
            for (int k = 0; k < 2; k++) {
                if (!near[k] || near[k] == o)
                    continue;
                p->contact = seen[near[k] - 1].contact = true;
                const uint16_t a = o < near[k] ? o : near[k], b = o < near[k] ? near[k] : o;
                bool ok = true;
                if (!touches_already(t, a, b, &ok) && ok && track_body(t, a)->id && track_body(t, b)->id)
                    ok = track_add_event(t, (struct lct_event){ LCT_EVENT_CONTACT, frame, track_body(t, a)->id, track_body(t, b)->id, x, y, NAN });
                if (!ok)
                    return false;
            }
        }
    return true;
}

/* The bodies of the first frame that hold a seed are reported whatever their size, the others never. */
static void apply_seeds(struct lct_track *t)
{
    for (size_t k = 0; k < t->n_bodies; k++)
        t->bodies[k].ignored = true;
    for (size_t s = 0; s < t->params.n_seeds; s++) {
        const long x = lround(t->params.seeds_px[2 * s] + t->x_offset), y = lround(t->params.seeds_px[2 * s + 1] + t->y_offset);
        if (x < 0 || y < 0 || x >= t->width || y >= t->height)
            continue;
        const uint16_t owner = t->owner[y * t->width + x];
        if (owner) {
            track_body(t, owner)->ignored = false;
            track_body(t, owner)->seeded = true;
        }
    }
}

/* A body is reported from the frame in which its core is large enough. Ids from left to right within a frame. */
static bool name_newcomers(struct lct_track *t, long frame, const struct lct_track_particle *seen)
{
    if (t->n_frames == 0 && t->params.n_seeds > 0)
        apply_seeds(t);
    for (;;) {
        size_t leftmost = t->n_bodies;
        for (size_t k = 0; k < t->n_bodies; k++) {
            const struct body *b = &t->bodies[k];
            const bool large = b->seeded ? seen[k].core_px > 0 : seen[k].core_px >= t->params.min_appear_px;
            const bool due = b->alive && !b->id && !b->ignored && large;
            if (due && (leftmost == t->n_bodies || seen[k].pixels.x_sum / seen[k].pixels.area_px <
                    seen[leftmost].pixels.x_sum / seen[leftmost].pixels.area_px))
                leftmost = k;
        }
        if (leftmost == t->n_bodies)
            return true;
        t->bodies[leftmost].id = t->next_id++;
        double x, y;
        track_centroid(&seen[leftmost].pixels, &x, &y);
        if (!track_add_event(t, (struct lct_event){ LCT_EVENT_APPEAR, frame, t->bodies[leftmost].id, 0, x, y,
                seen[leftmost].pixels.area_px }))
            return false;
    }
}

static bool bury_the_dead(struct lct_track *t, const struct lct_track_particle *seen, long frame)
{
    for (size_t k = 0; k < t->n_bodies; k++) {
        struct body *b = &t->bodies[k];
        if (!b->alive)
            continue;
        if (seen[k].core_px > 0) {
            b->unseen = 0;
            b->last_seen = frame;
            b->core_px = seen[k].core_px;
            b->total_px = seen[k].pixels.area_px;
            double x, y;
            track_centroid(&seen[k].pixels, &x, &y);
            b->x_px = x - t->x_offset;
            b->y_px = y - t->y_offset;
        } else if (++b->unseen > t->params.patience) {
            b->alive = false;
            if (b->id && !track_add_event(t, (struct lct_event){ LCT_EVENT_DISSOLVED, b->last_seen + 1, b->id, 0,
                    b->x_px + t->x_offset, b->y_px + t->y_offset, b->total_px }))
                return false;
        }
    }
    return true;
}

static bool list_particles(struct lct_track *t, const struct lct_track_particle *seen)
{
    t->n_particles = 0;
    for (size_t k = 0; k < t->n_bodies; k++) {
        if (!t->bodies[k].id || !t->bodies[k].alive || seen[k].core_px == 0)
            continue;
        if (!track_reserve((void **)&t->particles, t->n_particles, &t->particles_capacity, sizeof *t->particles))
            return false;
        size_t at = t->n_particles++;
        while (at > 0 && t->particles[at - 1].id > t->bodies[k].id) {
            t->particles[at] = t->particles[at - 1];
            at--;
        }
        t->particles[at] = seen[k];
        t->particles[at].id = t->bodies[k].id;
        memcpy(t->particles[at].parents, t->bodies[k].parents, sizeof t->bodies[k].parents);
    }
    return true;
}

static void write_labels(const struct lct_track *t, const uint8_t *phase, uint16_t *labels)
{
    memset(labels, 0, (size_t)t->width * (size_t)t->height * sizeof *labels);
    for (int y = t->matter.y0; y <= t->matter.y1; y++)
        for (int x = t->matter.x0; x <= t->matter.x1; x++) {
            const size_t i = (size_t)y * (size_t)t->width + (size_t)x;
            const int id = t->owner[i] ? track_body(t, t->owner[i])->id : 0;
            labels[i] = id ? (uint16_t)(phase[i] == LCT_CORE ? 2 * id - 1 : 2 * id) : 0;
        }
}

bool track_census(struct lct_track *t, long frame, const uint8_t *phase, uint16_t *labels)
{
    struct lct_track_particle *seen = calloc(t->n_bodies + 1, sizeof *seen);
    const bool ok = seen && measure_bodies(t, frame, phase, seen) && name_newcomers(t, frame, seen) &&
                    bury_the_dead(t, seen, frame) && list_particles(t, seen);
    free(seen);
    if (ok)
        write_labels(t, phase, labels);
    return ok;
}
