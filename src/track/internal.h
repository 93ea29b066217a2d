/* internal.h -- what the files of the tracking room share */
#ifndef LCTEM_TRACK_INTERNAL_H
#define LCTEM_TRACK_INTERNAL_H

#include <lctem/track.h>
#include <string.h>

enum { TRACK_MAX_PARTICLES = 30000, TRACK_MAX_PIECES = 8192 };

/* A particle that is followed, reported (id > 0) or not yet (id 0). Planes carry its index in the list + 1. */
struct body {
    int id;
    int parents[LCT_TRACK_MAX_PARENTS];
    bool alive;
    bool seeded, ignored; /* named by a seed in the first frame; not named although others were */
    int unseen;           /* frames out of sight */
    double core_px;       /* pixels of core when last seen */
    double x_px, y_px;    /* centroid when last seen, in the sample */
    double total_px;
    long last_seen;
};

struct contact {
    uint16_t a, b;
};

/* Pixels x0 .. x1 of rows y0 .. y1; empty: x1 < x0, y1 < y0. */
struct extent {
    int x0, y0, x1, y1;
};

/* What outlives a frame has to be kept by state.c as well. */
struct lct_track {
    int width, height;
    struct lct_track_params params;
    struct lct_mask_work work;
    struct lct_piece *pieces;
    struct body *bodies;
    size_t n_bodies, bodies_capacity;
    int next_id;
    long n_frames;
    uint16_t *owner, *owner_before; /* body + 1 per pixel, in the plane of the present and the former frame; 0: none */
    uint8_t *phase_before;
    struct extent matter; /* of the present frame */
    int x_offset, y_offset, x_offset_before, y_offset_before;
    int32_t *piece_of;        /* of strong core; 0: none */
    uint32_t *queue;          /* for flooding */
    uint8_t *barrier;         /* pixels that a flood passes last */
    bool has_barrier;         /* there are any */
    uint8_t *edge;            /* a row, for flooding */
    struct contact *contacts; /* pairs that touch already */
    size_t n_contacts, contacts_capacity;
    struct lct_event *events;
    size_t n_events, events_capacity;
    bool events_taken;
    struct lct_track_particle *particles;
    size_t n_particles, particles_capacity;
};

/* Owner of the pixel (x, y) in the frame before; 0: none, or out of its plane. */
uint16_t track_owner_before(const struct lct_track *t, int x, int y);

_Static_assert(LCT_LIQUID == 0, "what is not liquid is set");

/* First byte from x on that is not 0, or `end`; most rows are empty for the most part, and eight bytes are passed at a time. */
static inline int track_next_set(const uint8_t *row, int x, int end)
{
    uint64_t eight = 0;
    for (; x + 8 <= end; x += 8) {
        memcpy(&eight, row + x, sizeof eight);
        if (eight)
            break;
    }
    while (x < end && !row[x])
        x++;
    return x;
}

/* The last one; there is one. */
static inline int track_last_set(const uint8_t *row, int end)
{
    uint64_t eight = 0;
    for (; end >= 8; end -= 8) {
        memcpy(&eight, row + end - 8, sizeof eight);
        if (eight)
            break;
    }
    while (!row[end - 1])
        end--;
    return end - 1;
}

/* Shell stays with the particle it had in the frame before. Then let every pixel with phase != liquid and no owner take the owner of its nearest owned neighbour along the particle. */
void track_flood(struct lct_track *t, const uint8_t *phase);

/* Mark the shortest cut between two cores that touch for the first time in t->barrier; false: none found. */
bool track_find_cut(struct lct_track *t, const uint8_t *phase, uint16_t a, uint16_t b);

bool track_add_event(struct lct_track *t, struct lct_event event);

/* Make room for one more element of a growing array. */
bool track_reserve(void **array, size_t n, size_t *capacity, size_t size);

struct body *track_body(const struct lct_track *t, uint16_t owner);

void track_centroid(const struct lct_piece *piece, double *x, double *y);

/* Count the bodies whose pixels are known now: name newcomers, bury who is gone, list who is reported, write their labels. */
bool track_census(struct lct_track *t, long frame, const uint8_t *phase, uint16_t *labels);

#endif
