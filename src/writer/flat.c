#include "flat.h"

#include <string.h>

/* RFC 1950 and 1951 (zlib, deflate). A label picture is runs of a value of two bytes: the value, then copies of what
 * stands two bytes back. A search for matches, as in every library, costs ten times as much and finds no more. */

enum {
    SYMBOL_END = 256,
    SYMBOL_LENGTH = 257, /* the first of the lengths */
    SYMBOLS = 286,
    DISTANCES = 2, /* one byte back, never used, and two: together they are a whole code of one bit */
    LENGTHS = 19,  /* symbols that say lengths of codes: 0 .. 15, and repeats */
    REPEAT = 16,   /* the last length, three to six times more */
    LONGEST_CODE = 13,
    ADLER = 65521,
};

struct sink {
    unsigned char *at;
    uint64_t bits;
    unsigned n;
};

static inline void put(struct sink *s, unsigned bits, unsigned n)
{
    s->bits |= (uint64_t)bits << s->n;
    s->n += n;
    if (s->n < 32)
        return;
    for (int i = 0; i < 4; i++)
        s->at[i] = (unsigned char)(s->bits >> 8 * i);
    s->at += 4;
    s->bits >>= 32;
    s->n -= 32;
}

static inline void put_code(struct sink *s, struct flat_bits code)
{
    put(s, code.bits, code.n);
}

static void put_whole_bytes(struct sink *s)
{
    for (; s->n >= 8; s->n -= 8, s->bits >>= 8)
        *s->at++ = (unsigned char)s->bits;
}

/* Inside a long run a match of 258 bytes takes two bits with its distance; the labels of eight particles and other
 * lengths stand at edges; everything else can be said. 1/2 + 1/8 + (16 + 28) / 2^7 + 16 / 2^12 + 224 / 2^13 = 1: the
 * code is whole. */
static unsigned char code_length(int symbol)
{
    if (symbol == SYMBOLS - 1 || symbol >= SYMBOLS)
        return 1;
    if (symbol == 0)
        return 3;
    if (symbol <= 16 || symbol >= SYMBOL_LENGTH)
        return 7;
    return symbol <= 32 ? 12 : LONGEST_CODE;
}

/* The codes that belong to the lengths [RFC 1951, 3.2.2], first bit lowest. */
static void make_codes(struct flat_bits *codes, const unsigned char *lengths, int n_symbols)
{
    unsigned next = 0;
    for (unsigned n = 1; n <= LONGEST_CODE; n++, next <<= 1)
        for (int k = 0; k < n_symbols; k++) {
            if (lengths[k] != n)
                continue;
            unsigned reversed = 0;
            for (unsigned i = 0; i < n; i++)
                reversed |= (next >> i & 1) << (n - 1 - i);
            codes[k] = (struct flat_bits){ (uint16_t)reversed, (uint16_t)n };
            next++;
        }
}

/* What stands before the data: the codes, as their lengths [RFC 1950, 2.2; RFC 1951, 3.2.7]. */
static void put_head(struct sink *s, const unsigned char *lengths, int n)
{
    static const unsigned char order[] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1 };
    /* 2 / 2^2 + 4 / 2^3 = 1 */
    static const unsigned char says[LENGTHS] = {
        [1] = 3, [3] = 3, [7] = 3, [12] = 3, [LONGEST_CODE] = 2, [REPEAT] = 2
    };
    struct flat_bits codes[LENGTHS];
    make_codes(codes, says, LENGTHS);
    put(s, 0x0178, 16);    /* zlib, window of 32 kB, quickest */
    put(s, 1 | 2 << 1, 3); /* the last block, codes of its own */
    put(s, SYMBOLS - 257, 5);
    put(s, DISTANCES - 1, 5);
    put(s, sizeof order - 4, 4);
    for (size_t i = 0; i < sizeof order; i++)
        put(s, says[order[i]], 3);
    for (int k = 0; k < n;) {
        const int first = k++;
        put_code(s, codes[lengths[first]]);
        for (int same = 0; k < n && lengths[k] == lengths[first]; same = 0) {
            while (same < 6 && k + same < n && lengths[k + same] == lengths[first])
                same++;
            if (same < 3)
                break;
            put_code(s, codes[REPEAT]);
            put(s, (unsigned)same - 3, 2);
            k += same;
        }
    }
}

/* Code of a match: its length, the bits that are left of it [RFC 1951, 3.2.5], its distance. */
static struct flat_bits match_of(const struct flat_bits *codes, unsigned length)
{
    const unsigned v = length == FLAT_LONGEST ? 0 : length - 3;
    unsigned extra = 0;
    while (v >> extra >= 8)
        extra++;
    const unsigned symbol = length == FLAT_LONGEST ? SYMBOLS - 1 : SYMBOL_LENGTH + 4 * extra + (v >> extra);
    const struct flat_bits code = codes[symbol];
    const unsigned left = v & ((1U << extra) - 1);
    return (struct flat_bits){ (uint16_t)(code.bits | left << code.n | 1U << (code.n + extra)),
        (uint16_t)(code.n + extra + 1) };
}

void flat_coder_init(struct flat_coder *coder)
{
    unsigned char lengths[SYMBOLS + DISTANCES];
    struct flat_bits codes[SYMBOLS];
    for (int k = 0; k < SYMBOLS + DISTANCES; k++)
        lengths[k] = code_length(k);
    make_codes(codes, lengths, SYMBOLS);
    memcpy(coder->byte, codes, sizeof coder->byte);
    coder->end = codes[SYMBOL_END];
    for (unsigned n = 3; n <= FLAT_LONGEST; n++)
        coder->match[n] = match_of(codes, n);
    struct sink s = { .at = coder->head };
    put_head(&s, lengths, SYMBOLS + DISTANCES);
    put_whole_bytes(&s);
    coder->n_head = (size_t)(s.at - coder->head);
    coder->rest = (struct flat_bits){ (uint16_t)s.bits, (uint16_t)s.n };
}

size_t flat_bound(size_t n)
{
    return FLAT_HEAD_BYTES + 4 * n + 16; /* a value of its own: two codes of 13 bits */
}

static size_t run_at(const uint16_t *values, size_t n)
{
    const uint64_t four = values[0] * UINT64_C(0x0001000100010001);
    uint64_t next[4];
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        memcpy(next, values + i, sizeof next);
        if ((next[0] ^ four) | (next[1] ^ four) | (next[2] ^ four) | (next[3] ^ four))
            break;
    }
    while (i < n && values[i] == values[0])
        i++;
    return i;
}

static void put_run(struct sink *s, const struct flat_coder *coder, uint16_t value, size_t n)
{
    put_code(s, coder->byte[value & 255]);
    put_code(s, coder->byte[value >> 8]);
    size_t left = 2 * (n - 1);
    for (; left >= FLAT_LONGEST; left -= FLAT_LONGEST)
        put_code(s, coder->match[FLAT_LONGEST]);
    if (left > 2) {
        put_code(s, coder->match[left]);
    } else if (left == 2) { /* too short for a match */
        put_code(s, coder->byte[value & 255]);
        put_code(s, coder->byte[value >> 8]);
    }
}

/* Adler-32 of n equal values more: its sums over a run in closed form [RFC 1950, 9]. */
static void add_run(uint64_t adler[2], uint16_t value, size_t n)
{
    const uint64_t low = value & 255, high = value >> 8;
    adler[1] = (adler[1] + 2 * n * adler[0] + low * n * (n + 1) + high * n * n) % ADLER;
    adler[0] = (adler[0] + n * (low + high)) % ADLER;
}

size_t flat_deflate(
    const struct flat_coder *coder, const uint16_t *values, size_t n, unsigned char *out, uint16_t *highest)
{
    memcpy(out, coder->head, coder->n_head);
    struct sink s = { out + coder->n_head, coder->rest.bits, coder->rest.n };
    uint64_t adler[2] = { 1, 0 };
    for (size_t i = 0, run; i < n; i += run) {
        run = run_at(values + i, n - i);
        put_run(&s, coder, values[i], run);
        add_run(adler, values[i], run);
        *highest = values[i] > *highest ? values[i] : *highest;
    }
    put_code(&s, coder->end);
    put(&s, 0, 7); /* up to a whole byte */
    put_whole_bytes(&s);
    for (int i = 0; i < 4; i++)
        *s.at++ = (unsigned char)(adler[i < 2] >> (i % 2 ? 0 : 8));
    return (size_t)(s.at - out);
}
