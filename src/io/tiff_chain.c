/* A movie of 10 000 pages has as many directories that say the same. libtiff takes 20 us to read one, which is as long as it takes to
 * read the image; to see that it says the same takes 2 us. Layout: TIFF 6.0, section 2, and its extension to 64 bits. */
#include "tiff_chain.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 4096, MAX_STRIPS = 4096 };
enum { SHORT = 3, LONG = 4, LONG8 = 16 };
enum { STRIP_OFFSETS = 273, STRIP_BYTE_COUNTS = 279, PRIVATE_TAGS = 33000 };

static bool read_directory(struct tiff_directory *d, const struct tiff_chain *chain, uint64_t at)
{
    const uint64_t bytes = chain->file->bytes, there = at < bytes ? bytes - at : 0;
    const size_t n = there < ROOM ? (size_t)there : ROOM, word = chain->big ? 8 : 4, head = chain->big ? 8 : 2;
    if (n < head + word || planes_bytes_at(chain->file, at, d->room, n, NULL) != LCT_OK)
        return false;
    d->at = at;
    d->room_bytes = n;
    d->entries = d->room + head;
    d->entry_bytes = chain->big ? 20 : 12;
    d->n = chain->big ? lct_load64(d->room, chain->swap) : lct_load16(d->room, chain->swap);
    if (d->n == 0 || d->n > (n - head - word) / d->entry_bytes)
        return false;
    const unsigned char *end = d->entries + d->n * d->entry_bytes;
    d->next = chain->big ? lct_load64(end, chain->swap) : lct_load32(end, chain->swap);
    return true;
}

static unsigned tag_of(const struct tiff_chain *chain, const struct tiff_directory *d, uint64_t i)
{
    return lct_load16(d->entries + i * d->entry_bytes, chain->swap);
}

/* Words, times, places, resolutions (the first page's count) and private tags may differ; they say nothing about the samples. */
static bool may_differ(unsigned tag)
{
    static const unsigned short tags[] = { 269, 270, 271, 272, 282, 283, 285, 286, 287, 297, 305, 306, 315, 316 };
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (tags[i] == tag)
            return true;
    return tag >= PRIVATE_TAGS;
}

static uint64_t skip(const struct tiff_chain *chain, const struct tiff_directory *d, uint64_t i)
{
    while (i < d->n && may_differ(tag_of(chain, d, i)))
        i++;
    return i;
}

/* The same tags with the same values, but for those that may differ, and for where the strips are? */
static bool says_the_same(
    const struct tiff_chain *chain, const struct tiff_directory *a, const struct tiff_directory *b)
{
    uint64_t i = skip(chain, a, 0), j = skip(chain, b, 0);
    while (i < a->n && j < b->n) {
        const unsigned tag = tag_of(chain, a, i);
        const bool place = tag == STRIP_OFFSETS || tag == STRIP_BYTE_COUNTS;
        /* of these tag, type and number of values; they themselves are looked at by strips_of */
        const size_t compared = place ? a->entry_bytes - (chain->big ? 8 : 4) : a->entry_bytes;
        if (memcmp(a->entries + i * a->entry_bytes, b->entries + j * b->entry_bytes, compared) != 0)
            return false;
        i = skip(chain, a, i + 1);
        j = skip(chain, b, j + 1);
    }
    return i == a->n && j == b->n;
}

/* Values of a tag, which is there once. */
struct values {
    const unsigned char *bytes;
    uint64_t n;
    size_t width;
};

static bool find_values(
    struct values *out, const struct tiff_chain *chain, const struct tiff_directory *d, unsigned tag)
{
    const size_t inside = chain->big ? 8 : 4;
    const unsigned char *entry = NULL;
    for (uint64_t i = 0; i < d->n; i++)
        if (tag_of(chain, d, i) == tag) {
            if (entry)
                return false;
            entry = d->entries + i * d->entry_bytes;
        }
    if (!entry)
        return false;
    const unsigned type = lct_load16(entry + 2, chain->swap);
    out->width = type == SHORT ? 2 : type == LONG ? 4 : type == LONG8 ? 8 : 0;
    out->n = chain->big ? lct_load64(entry + 4, chain->swap) : lct_load32(entry + 4, chain->swap);
    if (out->width == 0 || out->n == 0 || out->n > MAX_STRIPS)
        return false;
    const unsigned char *place = entry + d->entry_bytes - inside;
    const size_t bytes = (size_t)out->n * out->width;
    const uint64_t at = chain->big ? lct_load64(place, chain->swap) : lct_load32(place, chain->swap);
    const uint64_t behind = at - d->at; /* mostly a little way behind the directory */
    const bool near = at >= d->at && behind <= d->room_bytes && bytes <= d->room_bytes - behind;
    out->bytes = bytes <= inside ? place : near ? d->room + behind : chain->words;
    return out->bytes != chain->words || planes_bytes_at(chain->file, at, chain->words, bytes, NULL) == LCT_OK;
}

static uint64_t value(const struct tiff_chain *chain, const struct values *v, uint64_t i)
{
    const unsigned char *at = v->bytes + i * v->width;
    return v->width == 2 ? lct_load16(at, chain->swap)
        : v->width == 4  ? lct_load32(at, chain->swap)
                         : lct_load64(at, chain->swap);
}

/* Do the strips lie one behind the other, are they together as long as an image, and all in the file? */
static bool strips_of(uint64_t *samples, const struct tiff_chain *chain, const struct tiff_directory *d)
{
    const uint64_t plane = chain->plane_bytes;
    struct values v;
    if (!find_values(&v, chain, d, STRIP_BYTE_COUNTS))
        return false;
    const uint64_t strip = value(chain, &v, 0), n = strip ? (plane - 1) / strip + 1 : 0;
    if (v.n != n)
        return false;
    for (uint64_t i = 0; i < n; i++)
        if (value(chain, &v, i) != (i + 1 < n ? strip : plane - i * strip))
            return false;
    if (!find_values(&v, chain, d, STRIP_OFFSETS) || v.n != n)
        return false;
    const uint64_t first = value(chain, &v, 0);
    for (uint64_t i = 1; i < n; i++)
        if (value(chain, &v, i) != first + i * strip)
            return false;
    *samples = first;
    return first > 0 && first <= chain->file->bytes && plane <= chain->file->bytes - first;
}

/* "II" or "MM", then 42, or 43 for offsets of 64 bits. */
static bool read_head(struct tiff_chain *chain)
{
    unsigned char head[4];
    if (planes_bytes_at(chain->file, 0, head, sizeof head, NULL) != LCT_OK)
        return false;
    chain->swap = lct_other_order(head[0] == 'I');
    const unsigned version = lct_load16(head + 2, chain->swap);
    chain->big = version == 43;
    return version == 42 || version == 43;
}

bool tiff_chain_start(
    struct tiff_chain *chain, const struct planes *file, uint64_t directory, uint64_t samples, uint64_t plane_bytes)
{
    *chain = (struct tiff_chain){ .file = file,
        .plane_bytes = plane_bytes,
        .directory = directory,
        .samples = samples,
        .first.room = malloc(ROOM),
        .now.room = malloc(ROOM),
        .words = malloc((size_t)8 * MAX_STRIPS) };
    uint64_t found = 0;
    if (!chain->first.room || !chain->now.room || !chain->words || plane_bytes == 0 || !read_head(chain))
        return false;
    const bool good =
        read_directory(&chain->first, chain, directory) && strips_of(&found, chain, &chain->first) && found == samples;
    chain->next = chain->first.next;
    return good;
}

enum tiff_chain_step tiff_chain_next(struct tiff_chain *chain)
{
    uint64_t samples = 0;
    if (chain->next == 0)
        return TIFF_CHAIN_END;
    if (chain->next <= chain->directory || !read_directory(&chain->now, chain, chain->next)
        || !says_the_same(chain, &chain->first, &chain->now) || !strips_of(&samples, chain, &chain->now))
        return TIFF_CHAIN_OTHER;
    chain->directory = chain->next;
    chain->samples = samples;
    chain->next = chain->now.next;
    return TIFF_CHAIN_PAGE;
}

void tiff_chain_finish(struct tiff_chain *chain)
{
    free(chain->first.room);
    free(chain->now.room);
    free(chain->words);
    *chain = (struct tiff_chain){ 0 };
}
