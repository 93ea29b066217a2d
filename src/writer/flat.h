/* flat.h -- zlib streams of label pictures: runs of equal values, coded without a search for matches */
#ifndef LCTEM_WRITER_FLAT_H
#define LCTEM_WRITER_FLAT_H

#include <stddef.h>
#include <stdint.h>

enum { FLAT_LONGEST = 258, FLAT_HEAD_BYTES = 128 };

/* Bits, the first one lowest. */
struct flat_bits {
    uint16_t bits, n;
};

/* A code that is made for labels; every stream begins with it. */
struct flat_coder {
    struct flat_bits byte[256], match[FLAT_LONGEST + 1], end; /* match: by its length, two bytes back */
    unsigned char head[FLAT_HEAD_BYTES];
    size_t n_head;
    struct flat_bits rest; /* of the head, behind its last whole byte */
};

void flat_coder_init(struct flat_coder *coder);

/* Bytes that a stream of n values takes at most. */
size_t flat_bound(size_t n);

/* Deflate n values, low byte first, into out[flat_bound(n)]; bytes written. `highest` is raised to the highest value. */
size_t flat_deflate(
    const struct flat_coder *coder, const uint16_t *values, size_t n, unsigned char *out, uint16_t *highest);

#endif
