/* pieces.h -- connected pieces of core in a frame, and whose they were in the frame before */
#ifndef LCTEM_TRACK_PIECES_H
#define LCTEM_TRACK_PIECES_H

#include "internal.h"

/* What one piece of core shares with the bodies of the frame before. */
enum { TRACK_MAX_CLAIMS = 8 };
struct claim {
    uint16_t owner;
    int32_t pixels; /* of the body (core and shell) in the frame before */
    int32_t core;   /* of its core */
};
struct piece_claims {
    struct claim claim[TRACK_MAX_CLAIMS];
    int n;
    bool used;
    size_t somewhere; /* one of its pixels */
    int32_t region;   /* which connected particle region it lies in */
    int32_t whole;    /* which connected core, weak pixels included */
    uint16_t owner;
};

/* Pieces of strong core, and which connected particle and which connected core each lies in. */
int track_find_pieces(struct lct_track *t, const uint8_t *phase, const uint8_t *weak, struct piece_claims *claims);

/* The claim with most core, of those with most pixels; -1: nobody claims it. */
int track_strongest_claim(const struct piece_claims *p);

/* Paint a piece: with one owner, or where several bodies are in it, each pixel with its former owner; the flood does the rest. */
void track_paint_piece(struct lct_track *t, const struct lct_piece *piece, int32_t label, uint16_t owner, bool shared);

/* How far the grey along the border between two bodies in one piece of core is from the core's own: 0 none, 1 the edge. */
double track_border_ratio(const struct lct_track *t, const struct lct_piece *piece, int32_t label,
    const struct lct_image *plane, const struct lct_levels *levels);

/* Flood within one piece of core only, so that every pixel of it has one of the bodies. */
void track_settle_piece(struct lct_track *t, const struct lct_piece *piece, int32_t label);

#endif
