/* Gatan publishes no description of its files; this follows the notes of C. Boothroyd and of G. Jefferis, and samples. */
#include "dm_tags.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TAG_GROUP = 20, TAG_LEAF = 21 };
enum { STRUCTURE = 15, TEXT = 18, ARRAY = 20, UINT16 = 4 };
enum { MAX_INFO = 256 };

struct walk {
    const struct planes *file;
    struct dm_head *head;
    dm_visit_fn *visit;
    void *context;
    uint64_t at;
    long n_tags;
    unsigned word; /* bytes of a count: 4 in DM3, 8 in DM4 */
    bool ended;
    char path[DM_MAX_PATH];
    char text[DM_MAX_TEXT * 3 + 1];
    /* a window on the file, so that a tag does not cost a system call */
    unsigned char window[4096];
    uint64_t window_at;
    size_t window_bytes;
};

static bool take(struct walk *w, void *out, size_t n)
{
    if (w->at > w->file->bytes || n > w->file->bytes - w->at) {
        w->ended = true;
        return false;
    }
    if (w->at < w->window_at || w->at + n > w->window_at + w->window_bytes) {
        const uint64_t left = w->file->bytes - w->at;
        w->window_at = w->at;
        w->window_bytes = left < sizeof w->window ? (size_t)left : sizeof w->window;
        if (n > w->window_bytes || planes_bytes_at(w->file, w->at, w->window, w->window_bytes, NULL) != LCT_OK) {
            w->window_bytes = 0;
            w->ended = true;
            return false;
        }
    }
    memcpy(out, w->window + (w->at - w->window_at), n);
    w->at += n;
    return true;
}

static bool skip(struct walk *w, uint64_t n)
{
    w->ended = w->ended || w->at > w->file->bytes || n > w->file->bytes - w->at;
    w->at = w->ended ? w->file->bytes : w->at + n;
    return !w->ended;
}

/* A count or a type: big-endian, of the version's length. */
static bool take_word(struct walk *w, uint64_t *out)
{
    unsigned char b[8];
    if (!take(w, b, w->word))
        return false;
    *out = w->word == 8 ? lct_load64(b, lct_other_order(false)) : lct_load32(b, lct_other_order(false));
    return true;
}

unsigned dm_element_bytes(unsigned element)
{
    static const unsigned char bytes[] = {
        [2] = 2, [3] = 4, [4] = 2, [5] = 4, [6] = 4, [7] = 8, [8] = 1, [9] = 1, [10] = 1, [11] = 8, [12] = 8
    };
    return element < sizeof bytes ? bytes[element] : 0;
}

static double number_of(const unsigned char *b, unsigned element, bool swap)
{
    switch (element) {
    case 2: return (int16_t)lct_load16(b, swap);
    case 3: return (int32_t)lct_load32(b, swap);
    case 4: return lct_load16(b, swap);
    case 5: return lct_load32(b, swap);
    case 6: return (double)lct_load_float(b, swap);
    case 7: return lct_load_double(b, swap);
    case 8:
    case 10: return b[0];
    case 9: return (signed char)b[0];
    case 11: return (double)(int64_t)lct_load64(b, swap);
    case 12: return (double)lct_load64(b, swap);
    default: return (double)NAN;
    }
}

/* UTF-16 to UTF-8; what is outside the basic plane or no character becomes '?'. */
static const char *read_text(struct walk *w, uint64_t n)
{
    char *to = w->text;
    for (uint64_t i = 0; i < n; i++) {
        unsigned char b[2];
        if (!take(w, b, 2))
            return NULL;
        unsigned c = lct_load16(b, w->head->swap);
        c = c < 0x20 || (c >= 0xd800 && c < 0xe000) ? '?' : c;
        if (c < 0x80)
            *to++ = (char)c;
        else if (c < 0x800) {
            *to++ = (char)(0xc0 | c >> 6);
            *to++ = (char)(0x80 | (c & 63));
        } else {
            *to++ = (char)(0xe0 | c >> 12);
            *to++ = (char)(0x80 | (c >> 6 & 63));
            *to++ = (char)(0x80 | (c & 63));
        }
    }
    *to = '\0';
    return w->text;
}

/* Bytes of a structure whose description begins at info[1]: length of its name, number of fields, and for each the length of its
 * name and its type. *used: words of the description. */
static bool structure_bytes(const uint64_t *info, uint64_t n, uint64_t *bytes, uint64_t *used)
{
    const uint64_t fields = n >= 3 ? info[2] : MAX_INFO;
    *bytes = 0;
    *used = 3 + 2 * fields;
    if (fields >= MAX_INFO || *used > n)
        return false;
    for (uint64_t i = 0; i < fields; i++) {
        const unsigned one = info[4 + 2 * i] < MAX_INFO ? dm_element_bytes((unsigned)info[4 + 2 * i]) : 0;
        if (!one)
            return false;
        *bytes += one;
    }
    return true;
}

static bool read_array(struct walk *w, struct dm_tag *tag, const uint64_t *info, uint64_t n)
{
    uint64_t each = 0, used = 1;
    if (n >= 3 && info[1] < MAX_INFO && (each = dm_element_bytes((unsigned)info[1])) > 0)
        tag->element = (unsigned)info[1];
    else if (n >= 2 && info[1] == STRUCTURE && structure_bytes(info + 1, n - 1, &each, &used))
        tag->element = 0;
    else
        return false;
    if (used + 1 >= n)
        return false;
    const uint64_t count = info[used + 1];
    if (each && count > w->file->bytes / each) {
        w->ended = true; /* more than the file holds: it was cut off, or lies */
        tag->bytes = count > UINT64_MAX / 8 ? UINT64_MAX : count * each;
        tag->at = w->at;
        return true;
    }
    tag->at = w->at;
    tag->bytes = count * each;
    if (tag->element == UINT16 && count < DM_MAX_TEXT) {
        tag->text = read_text(w, count);
        return tag->text != NULL;
    }
    skip(w, tag->bytes);
    return true;
}

/* What follows "%%%%". False: the description makes no sense, or the file has ended. */
static bool read_leaf(struct walk *w, struct dm_tag *tag)
{
    unsigned char mark[4];
    uint64_t n = 0, info[MAX_INFO], used = 0;
    if (!take(w, mark, 4) || memcmp(mark, "%%%%", 4) != 0 || !take_word(w, &n) || n < 1 || n > MAX_INFO)
        return false;
    for (uint64_t i = 0; i < n; i++)
        if (!take_word(w, &info[i]))
            return false;
    if (info[0] == ARRAY)
        return read_array(w, tag, info, n);
    if (info[0] == STRUCTURE)
        return structure_bytes(info, n, &tag->bytes, &used) && skip(w, tag->bytes);
    if (info[0] == TEXT && n >= 2)
        return info[1] < w->file->bytes && skip(w, 2 * info[1]);
    unsigned char b[8];
    const unsigned bytes = info[0] < MAX_INFO ? dm_element_bytes((unsigned)info[0]) : 0;
    if (!bytes || !take(w, b, bytes))
        return false;
    tag->number = number_of(b, (unsigned)info[0], w->head->swap);
    return true;
}

/* Append ":name" (or ":number") to the path. False: it does not fit; such a tag is none of those we know. */
static bool enter(struct walk *w, size_t length, const char *name, uint64_t index)
{
    const size_t room = sizeof w->path - length;
    const char *colon = length ? ":" : "";
    const int n = *name ? snprintf(w->path + length, room, "%s%s", colon, name)
                        : snprintf(w->path + length, room, "%s%llu", colon, (unsigned long long)index);
    return n >= 0 && (size_t)n < room;
}

static bool read_name(struct walk *w, char *name, size_t size)
{
    unsigned char b[2];
    if (!take(w, b, 2))
        return false;
    const size_t length = lct_load16(b, lct_other_order(false)), kept = length < size - 1 ? length : size - 1;
    if (!take(w, name, kept))
        return false;
    name[kept] = '\0';
    return skip(w, length - kept);
}

static enum lct_status read_group(struct walk *w, size_t length, int depth, struct lct_err *err);

static enum lct_status read_entry(struct walk *w, size_t length, uint64_t index, int depth, struct lct_err *err)
{
    unsigned char kind;
    char name[DM_MAX_PATH / 2];
    uint64_t bytes;
    if (!take(w, &kind, 1) || !read_name(w, name, sizeof name) || (w->word == 8 && !take_word(w, &bytes)))
        return LCT_OK; /* the file has ended */
    const bool fits = enter(w, length, name, index);
    if (++w->n_tags > DM_MAX_TAGS)
        return lct_fail(err, LCT_E_INPUT, "more than %d tags; the file is damaged", DM_MAX_TAGS);
    if (kind == TAG_GROUP)
        return read_group(w, fits ? strlen(w->path) : length, depth + 1, err);
    struct dm_tag tag = { .path = w->path, .number = (double)NAN };
    if (kind != TAG_LEAF || !read_leaf(w, &tag)) {
        w->ended = true; /* nothing says where the next one would begin */
        return LCT_OK;
    }
    if (fits)
        w->visit(w->context, &tag);
    return LCT_OK;
}

static enum lct_status read_group(struct walk *w, size_t length, int depth, struct lct_err *err)
{
    unsigned char flags[2];
    uint64_t n = 0;
    if (depth > DM_MAX_DEPTH)
        return lct_fail(
            err, LCT_E_INPUT, "tags within tags within tags, more than %d deep; the file is damaged", DM_MAX_DEPTH);
    if (!take(w, flags, 2) || !take_word(w, &n))
        return LCT_OK;
    enum lct_status status = LCT_OK;
    for (uint64_t i = 0; i < n && !w->ended && status == LCT_OK; i++) {
        w->path[length] = '\0';
        status = read_entry(w, length, i, depth, err);
    }
    return status;
}

bool dm_tags_known(const unsigned char *head, size_t n)
{
    if (n < 16)
        return false;
    const uint32_t version = lct_load32(head, lct_other_order(false));
    const uint32_t order =
        version == 3 || version == 4 ? lct_load32(head + (version == 3 ? 8 : 12), lct_other_order(false)) : 2;
    return order <= 1;
}

enum lct_status dm_tags_walk(struct dm_head *head, bool *broken, const struct planes *file, dm_visit_fn *visit,
    void *context, struct lct_err *err)
{
    unsigned char b[16];
    enum lct_status status = planes_bytes_at(file, 0, b, sizeof b, err);
    if (status != LCT_OK)
        return status;
    struct walk *w = calloc(1, sizeof *w);
    if (!w)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    head->version = (int)lct_load32(b, lct_other_order(false));
    const size_t length = head->version == 4 ? 16 : 12;
    head->swap = lct_other_order(lct_load32(b + length - 4, lct_other_order(false)) == 1);
    w->file = file;
    w->head = head;
    w->visit = visit;
    w->context = context;
    w->at = length;
    w->word = head->version == 4 ? 8 : 4;
    status = read_group(w, 0, 0, err);
    *broken = w->ended;
    free(w);
    return status;
}
