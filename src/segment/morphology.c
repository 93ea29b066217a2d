#include "mask_private.h"

#include <lctem/clones.h>

#include <math.h>
#include <string.h>

enum { SIDE = 3, DIAGONAL = 4, FAR = UINT16_MAX - DIAGONAL, WORD = 64 };

size_t lct_mask_words(int width)
{
    return ((size_t)width + WORD - 1) / WORD;
}

static uint16_t nearer(uint16_t a, int b)
{
    return b < a ? (uint16_t)b : a;
}

/* One step of the distance: over the whole row from the row before (no pixel waits for another), then along the row. */
LCT_CLONES static void from_row(const uint16_t *before, uint16_t *restrict row, int w)
{
    row[0] = nearer(nearer(row[0], before[0] + SIDE), w > 1 ? before[1] + DIAGONAL : FAR);
    for (int x = 1; x < w - 1; x++) {
        const uint16_t slant = before[x - 1] < before[x + 1] ? before[x - 1] : before[x + 1];
        row[x] = nearer(nearer(row[x], before[x] + SIDE), slant + DIAGONAL);
    }
    if (w > 1)
        row[w - 1] = nearer(nearer(row[w - 1], before[w - 1] + SIDE), before[w - 2] + DIAGONAL);
}

void lct_mask_distance(struct lct_mask_work *work, const uint8_t *from)
{
    const int w = work->width, h = work->height;
    const size_t n = (size_t)w * (size_t)h;
    for (size_t i = 0; i < n; i++)
        work->distance[i] = from[i] ? 0 : FAR;
    for (int y = 0; y < h; y++) {
        uint16_t *row = work->distance + (size_t)y * (size_t)w;
        if (y > 0)
            from_row(row - w, row, w);
        for (int x = 1; x < w; x++)
            row[x] = nearer(row[x], row[x - 1] + SIDE);
    }
    for (int y = h - 1; y >= 0; y--) {
        uint16_t *row = work->distance + (size_t)y * (size_t)w;
        if (y < h - 1)
            from_row(row + w, row, w);
        for (int x = w - 2; x >= 0; x--)
            row[x] = nearer(row[x], row[x + 1] + SIDE);
    }
}

/* Eight bytes, each 0 or not, as eight bits in the same order; and back to bytes of 0 and 1. */
static uint64_t pack_eight(const uint8_t *bytes)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7fu, ones = 0x0101010101010101u;
    uint64_t v;
    memcpy(&v, bytes, sizeof v);
    v = ((((v & low) + low) | v) >> 7) & ones;
    return v * 0x0102040810204080u >> 56;
}

static void unpack_eight(uint64_t bits, uint8_t *bytes)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7fu, ones = 0x0101010101010101u, diagonal = 0x8040201008040201u;
    const uint64_t v = ((((bits & 255) * ones & diagonal) + low) >> 7) & ones;
    memcpy(bytes, &v, sizeof v);
}

/* Where the mask is set, or where it is not. */
LCT_CLONES static void to_bits(const struct lct_mask_work *work, const uint8_t *mask, bool inside, uint64_t *bits)
{
    const int w = work->width;
    const size_t words = lct_mask_words(w);
    for (int y = 0; y < work->height; y++) {
        const uint8_t *row = mask + (size_t)y * (size_t)w;
        uint64_t *out = bits + (size_t)y * words;
        memset(out, 0, words * sizeof *out);
        int x = 0;
        for (; x + 8 <= w; x += 8)
            out[x / WORD] |= (pack_eight(row + x) ^ (inside ? 0 : 255)) << (x % WORD);
        for (; x < w; x++)
            out[x / WORD] |= (uint64_t)((row[x] != 0) == inside) << (x % WORD);
    }
}

LCT_CLONES static void from_bits(const struct lct_mask_work *work, const uint64_t *bits, uint8_t *mask)
{
    const int w = work->width;
    const size_t words = lct_mask_words(w);
    for (int y = 0; y < work->height; y++) {
        uint8_t *row = mask + (size_t)y * (size_t)w;
        const uint64_t *in = bits + (size_t)y * words;
        int x = 0;
        for (; x + 8 <= w; x += 8)
            unpack_eight(in[x / WORD] >> (x % WORD), row + x);
        for (; x < w; x++)
            row[x] = in[x / WORD] >> (x % WORD) & 1;
    }
}

/* dst |= src moved by d px to the right and to the left, bits beyond the ends lost. */
static void or_moved(uint64_t *dst, const uint64_t *src, size_t words, unsigned d)
{
    const size_t far = d / WORD;
    const unsigned near = d % WORD;
    for (size_t k = 0; k + far < words; k++) {
        dst[k + far] |= src[k] << near;
        dst[k] |= src[k + far] >> near;
        if (near && k + far + 1 < words) {
            dst[k + far + 1] |= src[k] >> (WORD - near);
            dst[k] |= src[k + far + 1] << (WORD - near);
        }
    }
}

/* The disc is a stack of rows: each row of the mask, widened to the disc's width at that height, is laid over the rows around it. */
LCT_CLONES static void dilate_bits(struct lct_mask_work *work, const uint64_t *in, double radius_px, uint64_t *out)
{
    const size_t words = lct_mask_words(work->width);
    const int r = (int)fmin(floor(radius_px), LCT_MASK_MAX_RADIUS_PX);
    size_t half[2 * LCT_MASK_MAX_RADIUS_PX + 1]; /* of the disc's rows */
    for (int dy = -r; dy <= r; dy++)
        half[dy + r] = (size_t)fmin(floor(sqrt(radius_px * radius_px - dy * dy)), r);
    memset(out, 0, words * (size_t)work->height * sizeof *out);
    for (int y = 0; y < work->height; y++) {
        const uint64_t *row = in + (size_t)y * words;
        uint64_t any = 0;
        for (size_t k = 0; k < words; k++)
            any |= row[k];
        if (!any)
            continue;
        uint64_t *widened = work->bits_row; /* by 0 .. r px */
        memcpy(widened, row, words * sizeof *row);
        for (int d = 1; d <= r; d++) {
            memcpy(widened + (size_t)d * words, widened + (size_t)(d - 1) * words, words * sizeof *row);
            or_moved(widened + (size_t)d * words, row, words, (unsigned)d);
        }
        for (int dy = -r; dy <= r; dy++) {
            if (y + dy < 0 || y + dy >= work->height)
                continue;
            uint64_t *dst = out + (size_t)(y + dy) * words;
            for (size_t k = 0; k < words; k++)
                dst[k] |= widened[half[dy + r] * words + k];
        }
    }
}

void lct_mask_dilate(struct lct_mask_work *work, const uint8_t *mask, double radius_px, uint8_t *out)
{
    to_bits(work, mask, true, work->bits);
    dilate_bits(work, work->bits, radius_px, work->bits_out);
    from_bits(work, work->bits_out, out);
}

void lct_mask_open(struct lct_mask_work *work, const uint8_t *mask, double radius_px, uint8_t *out)
{
    const size_t words = lct_mask_words(work->width), n = words * (size_t)work->height;
    to_bits(work, mask, false, work->bits);
    dilate_bits(work, work->bits, radius_px, work->bits_out); /* what the disc cannot reach */
    for (size_t k = 0; k < n; k++)
        work->bits[k] = ~work->bits_out[k];
    const unsigned used = (unsigned)work->width % WORD;
    for (int y = 0; used && y < work->height; y++)
        work->bits[(size_t)(y + 1) * words - 1] &= (1ull << used) - 1;
    dilate_bits(work, work->bits, radius_px, work->bits_out);
    from_bits(work, work->bits_out, out);
}
