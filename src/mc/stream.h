/* stream.h -- random words of one trajectory, Philox keyed by (seed, replica); private to the room */
#ifndef LCT_MC_STREAM_H
#define LCT_MC_STREAM_H

#include <stddef.h>
#include <stdint.h>

enum { STREAM_WORDS = 64 };

struct lct_mc_stream {
    uint64_t seed, replica;
    uint64_t block; /**< next block of four 64-bit words */
    uint64_t word[STREAM_WORDS];
    unsigned used;
};

void lct_mc_stream_init(struct lct_mc_stream *stream, uint64_t seed, uint64_t replica, uint64_t block);
/** n (a multiple of 4) words straight from the next blocks. */
void lct_mc_stream_fill(struct lct_mc_stream *stream, uint64_t *out, size_t n);

static inline uint64_t stream_word(struct lct_mc_stream *s)
{
    if (s->used == STREAM_WORDS) {
        lct_mc_stream_fill(s, s->word, STREAM_WORDS);
        s->used = 0;
    }
    return s->word[s->used++];
}

/** Uniform on (0, 1], 53 bits: its logarithm is finite. */
static inline double stream_positive(struct lct_mc_stream *s)
{
    return ((double)(stream_word(s) >> 11) + 1) * 0x1p-53;
}

/** Uniform on [0, 1], 64 bits near zero: probabilities far below 2^-53 keep their meaning. */
static inline double stream_fine(struct lct_mc_stream *s)
{
    return (double)stream_word(s) * 0x1p-64;
}

__extension__ typedef unsigned __int128 stream_product;

/** 0 .. n-1; off from uniform by less than n / 2^64. */
static inline uint32_t stream_below(struct lct_mc_stream *s, uint32_t n)
{
    return (uint32_t)(((stream_product)stream_word(s) * n) >> 64);
}

#endif
