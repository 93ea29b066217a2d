#include "internal.h"

#include <lctem/clones.h>
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

/* Behind the stretch of equal owners that begins at x; four are compared at a time. */
static int run_end(const uint16_t *row, int x, int end)
{
    const uint16_t o = row[x];
    const uint64_t all = 0x0001000100010001u * (uint64_t)o;
    uint64_t four;
    for (x++; x + 4 <= end; x += 4) {
        memcpy(&four, row + x, sizeof four);
        if (four != all)
            break;
    }
    while (x < end && row[x] == o)
        x++;
    return x;
}

LCT_CLONES static int count_core(const uint8_t *phase, int n)
{
    int count = 0;
    for (int x = 0; x < n; x++)
        count += phase[x] == LCT_CORE;
    return count;
}

/* Does another body lie among these pixels? */
LCT_CLONES static bool has_other(const uint16_t *row, int n, uint16_t owner)
{
    int any = 0;
    for (int x = 0; x < n; x++)
        any |= (row[x] != 0) & (row[x] != owner);
    return any;
}

/* Count the pixels x0 .. x1 of row y, all of one body. */
static void count_run(
    const struct lct_track *t, int x0, int x1, int y, const uint8_t *phase_row, struct lct_track_particle *p)
{
    struct lct_piece *q = &p->pixels;
    if (q->area_px == 0)
        *q = (struct lct_piece){ .x0 = x0, .x1 = x1, .y0 = y, .y1 = y };
    const int n = x1 - x0 + 1;
    q->area_px += n;
    q->x0 = x0 < q->x0 ? x0 : q->x0;
    q->x1 = x1 > q->x1 ? x1 : q->x1;
    q->y1 = y;
    q->x_sum += 0.5 * (double)n * (double)(x0 + x1);
    q->y_sum += (double)n * y;
    p->core_px += count_core(phase_row + x0, n);
    p->border |= x0 == 0 || y == 0 || x1 == t->width - 1 || y == t->height - 1;
}

/* Bodies a and b meet at (x, y). */
static bool meet(struct lct_track *t, long frame, uint16_t a, uint16_t b, int x, int y, struct lct_track_particle *seen)
{
    seen[a - 1].contact = seen[b - 1].contact = true;
    bool ok = true;
    const uint16_t first = a < b ? a : b, second = a < b ? b : a;
    if (touches_already(t, first, second, &ok) || !ok || !track_body(t, first)->id || !track_body(t, second)->id)
        return ok;
    return track_add_event(t,
        (struct lct_event){ LCT_EVENT_CONTACT, frame, track_body(t, first)->id, track_body(t, second)->id, x, y, NAN });
}

/* Pixel counts, boxes and contacts of the bodies of this frame, by body. */
static bool measure_bodies(struct lct_track *t, long frame, const uint8_t *phase, struct lct_track_particle *seen)
{
    for (int y = t->matter.y0; y <= t->matter.y1; y++) {
        const uint16_t *row = t->owner + (size_t)y * (size_t)t->width,
                       *below = y + 1 < t->height ? row + t->width : row;
        for (int x = t->matter.x0, next; x <= t->matter.x1; x = next) {
            const uint16_t o = row[x];
            next = run_end(row, x, t->matter.x1 + 1);
            if (!o)
                continue;
            count_run(t, x, next - 1, y, phase + (size_t)y * (size_t)t->width, &seen[o - 1]);
            if (next < t->width && row[next] && row[next] != o && !meet(t, frame, o, row[next], next - 1, y, seen))
                return false;
            if (!has_other(below + x, next - x, o))
                continue;
            for (int k = x; k < next; k++)
                if (below[k] && below[k] != o && !meet(t, frame, o, below[k], k, y, seen))
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
        const long x = lround(t->params.seeds_px[2 * s] + t->x_offset),
                   y = lround(t->params.seeds_px[2 * s + 1] + t->y_offset);
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
            if (due
                && (leftmost == t->n_bodies
                    || seen[k].pixels.x_sum / seen[k].pixels.area_px
                        < seen[leftmost].pixels.x_sum / seen[leftmost].pixels.area_px))
                leftmost = k;
        }
        if (leftmost == t->n_bodies)
            return true;
        t->bodies[leftmost].id = t->next_id++;
        double x, y;
        track_centroid(&seen[leftmost].pixels, &x, &y);
        if (!track_add_event(t,
                (struct lct_event){
                    LCT_EVENT_APPEAR, frame, t->bodies[leftmost].id, 0, x, y, seen[leftmost].pixels.area_px }))
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
            if (b->id
                && !track_add_event(t,
                    (struct lct_event){ LCT_EVENT_DISSOLVED, b->last_seen + 1, b->id, 0, b->x_px + t->x_offset,
                        b->y_px + t->y_offset, b->total_px }))
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

/* The label of the shell, one less in the core. */
LCT_CLONES static void write_run(const uint8_t *restrict phase, int n, uint16_t shell, uint16_t *restrict labels)
{
    for (int x = 0; x < n; x++)
        labels[x] = (uint16_t)(shell - (phase[x] == LCT_CORE));
}

static void write_labels(const struct lct_track *t, const uint8_t *phase, uint16_t *labels)
{
    memset(labels, 0, (size_t)t->width * (size_t)t->height * sizeof *labels);
    for (int y = t->matter.y0; y <= t->matter.y1; y++) {
        const size_t row = (size_t)y * (size_t)t->width;
        for (int x = t->matter.x0, next; x <= t->matter.x1; x = next) {
            const uint16_t owner = t->owner[row + (size_t)x];
            const int id = owner ? track_body(t, owner)->id : 0;
            next = run_end(t->owner + row, x, t->matter.x1 + 1);
            if (id)
                write_run(phase + row + x, next - x, (uint16_t)(2 * id), labels + row + x);
        }
    }
}

bool track_census(struct lct_track *t, long frame, const uint8_t *phase, uint16_t *labels)
{
    struct lct_track_particle *seen = calloc(t->n_bodies + 1, sizeof *seen);
    const bool ok = seen && measure_bodies(t, frame, phase, seen) && name_newcomers(t, frame, seen)
        && bury_the_dead(t, seen, frame) && list_particles(t, seen);
    free(seen);
    if (ok)
        write_labels(t, phase, labels);
    return ok;
}
