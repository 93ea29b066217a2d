#include <lctem/clones.h>
#include <lctem/lanes.h>
#include <lctem/mask.h>

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
static uint64_t pack_eight(uint64_t v)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7fu, ones = 0x0101010101010101u;
    v = ((((v & low) + low) | v) >> 7) & ones;
    return v * 0x0102040810204080u >> 56;
}

static void unpack_eight(uint64_t bits, uint8_t *bytes)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7fu, ones = 0x0101010101010101u, diagonal = 0x8040201008040201u;
    const uint64_t v = ((((bits & 255) * ones & diagonal) + low) >> 7) & ones;
    memcpy(bytes, &v, sizeof v);
}

/* Up to WORD bytes: bit x is set where bytes[x] is `wanted` (eight times the value). */
static inline uint64_t equal_bits(const uint8_t *bytes, int n, uint64_t wanted)
{
    uint64_t word = 0, eight;
    int x = 0;
    for (; x + 8 <= n; x += 8) {
        memcpy(&eight, bytes + x, sizeof eight);
        word |= (pack_eight(eight ^ wanted) ^ 255) << x;
    }
    for (; x < n; x++)
        word |= (uint64_t)(bytes[x] == (uint8_t)wanted) << x;
    return word;
}

LCT_CLONES void lct_mask_pack_equal(
    const struct lct_mask_work *work, const uint8_t *bytes, uint8_t value, uint64_t *mask)
{
    const uint64_t wanted = 0x0101010101010101u * value;
    const int w = work->width;
    for (int y = 0; y < work->height; y++) {
        const uint8_t *row = bytes + (size_t)y * (size_t)w;
        int x = 0;
        for (; x + WORD <= w; x += WORD) /* the constant unrolls it */
            *mask++ = equal_bits(row + x, WORD, wanted);
        if (x < w)
            *mask++ = equal_bits(row + x, w - x, wanted);
    }
}

/* What lies beyond the width is never set. */
static void clear_tails(const struct lct_mask_work *work, uint64_t *mask)
{
    const size_t words = lct_mask_words(work->width);
    const unsigned used = (unsigned)work->width % WORD;
    for (int y = 0; used && y < work->height; y++)
        mask[(size_t)(y + 1) * words - 1] &= (1ull << used) - 1;
}

void lct_mask_invert(const struct lct_mask_work *work, const uint64_t *mask, uint64_t *out)
{
    const size_t n = lct_mask_words(work->width) * (size_t)work->height;
    for (size_t k = 0; k < n; k++)
        out[k] = ~mask[k];
    clear_tails(work, out);
}

void lct_mask_pack(const struct lct_mask_work *work, const uint8_t *bytes, uint64_t *mask)
{
    lct_mask_pack_equal(work, bytes, 0, mask);
    lct_mask_invert(work, mask, mask);
}

LCT_CLONES void lct_mask_unpack(const struct lct_mask_work *work, const uint64_t *mask, uint8_t *bytes)
{
    const int w = work->width;
    const size_t words = lct_mask_words(w);
    for (int y = 0; y < work->height; y++) {
        uint8_t *row = bytes + (size_t)y * (size_t)w;
        const uint64_t *in = mask + (size_t)y * words;
        int x = 0;
        for (; x + 8 <= w; x += 8)
            unpack_eight(in[x / WORD] >> (x % WORD), row + x);
        for (; x < w; x++)
            row[x] = in[x / WORD] >> (x % WORD) & 1;
    }
}

/* WORD pixels: bit x is set where row[x] < level. Lane k gathers the bits k, k + 8, ... of a half. */
__attribute__((always_inline)) static inline uint64_t below_bits(const float *row, float level)
{
    static const lct_lanes_where bit = { 1, 2, 4, 8, 16, 32, 64, 128 };
    uint64_t word = 0;
    for (int half = 0; half < WORD; half += WORD / 2) {
        lct_lanes_where gathered = { 0 };
        for (int x = 0; x < WORD / 2; x += LCT_LANES) {
            lct_lanes v;
            lct_lanes_load(&v, row + half + x);
            gathered |= (v < level) & bit << x;
        }
        uint32_t bits = 0;
        for (int k = 0; k < LCT_LANES; k++)
            bits |= (uint32_t)gathered[k];
        word |= (uint64_t)bits << half;
    }
    return word;
}

LCT_CLONES void lct_mask_below(
    const struct lct_mask_work *work, const struct lct_image *plane, float level, uint64_t *mask)
{
    const int w = work->width;
    for (int y = 0; y < work->height; y++) {
        const float *row = plane->px + (size_t)y * (size_t)w;
        int from = 0;
        for (; from + WORD <= w; from += WORD)
            *mask++ = below_bits(row + from, level);
        if (from < w) {
            uint64_t word = 0;
            for (int x = 0; x < w - from; x++)
                word |= (uint64_t)(row[from + x] < level) << x;
            *mask++ = word;
        }
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
        uint64_t *widened = work->widened; /* by 0 .. r px */
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
    clear_tails(work, out);
}

void lct_mask_dilate(struct lct_mask_work *work, const uint64_t *mask, double radius_px, uint64_t *out)
{
    const uint64_t *from = mask;
    if (out == mask) {
        memcpy(work->from, mask, lct_mask_words(work->width) * (size_t)work->height * sizeof *mask);
        from = work->from;
    }
    dilate_bits(work, from, radius_px, out);
}

void lct_mask_erode(struct lct_mask_work *work, const uint64_t *mask, double radius_px, uint64_t *out)
{
    lct_mask_invert(work, mask, work->from);
    dilate_bits(work, work->from, radius_px, work->reached);
    lct_mask_invert(work, work->reached, out);
}

void lct_mask_open(struct lct_mask_work *work, const uint64_t *mask, double radius_px, uint64_t *out)
{
    lct_mask_erode(work, mask, radius_px, work->from);
    dilate_bits(work, work->from, radius_px, out);
}

void lct_mask_close(struct lct_mask_work *work, const uint64_t *mask, double radius_px, uint64_t *out)
{
    lct_mask_dilate(work, mask, radius_px, out);
    lct_mask_erode(work, out, radius_px, out);
}
