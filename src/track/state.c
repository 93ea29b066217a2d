/* The tracker's memory as bytes: what the next frame needs of those before. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum { STATE_VERSION = 1 };

/* Written as it lies in memory: for the same program on the same machine. */
struct head {
    int version, width, height, next_id;
    long n_frames;
    int x_offset, y_offset;
    size_t body_bytes, n_bodies, n_contacts;
};

/* The events must have been taken: only then is there nothing else to keep. */
enum lct_status lct_track_save(const struct lct_track *track, unsigned char **bytes, size_t *n, struct lct_err *err)
{
    const size_t pixels = (size_t)track->width * (size_t)track->height;
    const struct head head = { .version = STATE_VERSION,
        .width = track->width,
        .height = track->height,
        .next_id = track->next_id,
        .n_frames = track->n_frames,
        .x_offset = track->x_offset,
        .y_offset = track->y_offset,
        .body_bytes = sizeof *track->bodies,
        .n_bodies = track->n_bodies,
        .n_contacts = track->n_contacts };
    const struct {
        const void *at;
        size_t n;
    } parts[] = { { &head, sizeof head }, { track->bodies, track->n_bodies * sizeof *track->bodies },
        { track->contacts, track->n_contacts * sizeof *track->contacts },
        { track->owner, pixels * sizeof *track->owner },
        { track->phase_before, pixels * sizeof *track->phase_before } };
    size_t size = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        size += parts[i].n;
    unsigned char *out = malloc(size);
    if (!out)
        return lct_fail(err, LCT_E_LIMIT, "track: no memory for a checkpoint");
    unsigned char *at = out;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].n)
            memcpy(at, parts[i].at, parts[i].n);
        at += parts[i].n;
    }
    *bytes = out;
    *n = size;
    return LCT_OK;
}

/* Pixels name bodies that exist. */
static bool owners_exist(const struct lct_track *t)
{
    for (size_t i = 0; i < (size_t)t->width * (size_t)t->height; i++)
        if (t->owner[i] > t->n_bodies)
            return false;
    return true;
}

static bool fits(const struct lct_track *t, const struct head *h, size_t n)
{
    const size_t pixels = (size_t)t->width * (size_t)t->height;
    return h->version == STATE_VERSION && h->width == t->width && h->height == t->height
        && h->body_bytes == sizeof *t->bodies && h->n_bodies <= TRACK_MAX_PARTICLES && h->n_contacts <= n
        && n
        == sizeof *h + h->n_bodies * sizeof *t->bodies + h->n_contacts * sizeof *t->contacts
            + pixels * (sizeof *t->owner + sizeof *t->phase_before);
}

enum lct_status lct_track_restore(struct lct_track *track, const unsigned char *bytes, size_t n, struct lct_err *err)
{
    const size_t pixels = (size_t)track->width * (size_t)track->height;
    struct head head;
    if (n < sizeof head)
        return lct_fail(err, LCT_E_INPUT, "track: the stored state is damaged");
    memcpy(&head, bytes, sizeof head);
    if (!fits(track, &head, n))
        return lct_fail(err, LCT_E_INPUT, "track: the stored state is damaged or of another version");
    struct body *bodies = malloc((head.n_bodies + 1) * sizeof *bodies);
    struct contact *contacts = malloc((head.n_contacts + 1) * sizeof *contacts);
    if (!bodies || !contacts) {
        free(bodies);
        free(contacts);
        return lct_fail(err, LCT_E_LIMIT, "track: no memory for %zu particles", head.n_bodies);
    }
    const unsigned char *at = bytes + sizeof head;
    memcpy(bodies, at, head.n_bodies * sizeof *bodies);
    at += head.n_bodies * sizeof *bodies;
    memcpy(contacts, at, head.n_contacts * sizeof *contacts);
    at += head.n_contacts * sizeof *contacts;
    memcpy(track->owner, at, pixels * sizeof *track->owner);
    memcpy(track->phase_before, at + pixels * sizeof *track->owner, pixels * sizeof *track->phase_before);
    free(track->bodies);
    free(track->contacts);
    track->bodies = bodies;
    track->n_bodies = head.n_bodies;
    track->bodies_capacity = head.n_bodies + 1;
    track->contacts = contacts;
    track->n_contacts = head.n_contacts;
    track->contacts_capacity = head.n_contacts + 1;
    track->next_id = head.next_id;
    track->n_frames = head.n_frames;
    track->x_offset = head.x_offset;
    track->y_offset = head.y_offset;
    track->n_events = 0;
    return owners_exist(track) ? LCT_OK : lct_fail(err, LCT_E_INPUT, "track: the stored state is damaged");
}
