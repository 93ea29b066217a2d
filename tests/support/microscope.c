#include "microscope.h"

#include "movies.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    unsigned char *at;
    size_t n, room;
    bool big;
};

static void put(struct bytes *b, const void *bytes, size_t n)
{
    if (b->n + n > b->room) {
        b->room = 2 * (b->n + n) + 64;
        b->at = realloc(b->at, b->room);
        assert(b->at);
    }
    memcpy(b->at + b->n, bytes, n);
    b->n += n;
}

/* The low `n` bytes of x in the file's order. */
static void put_whole(struct bytes *b, uint64_t x, int n)
{
    for (int i = 0; i < n; i++) {
        const unsigned char one = (unsigned char)(x >> 8 * (b->big ? n - 1 - i : i));
        put(b, &one, 1);
    }
}

static void put_real(struct bytes *b, double x, int n)
{
    uint64_t raw = 0;
    if (n == 8)
        memcpy(&raw, &x, 8);
    else {
        const float f = (float)x;
        uint32_t word;
        memcpy(&word, &f, 4);
        raw = word;
    }
    put_whole(b, raw, n);
}

/* IEEE half of a small whole number. */
static uint16_t half(double x)
{
    int exponent;
    const double fraction = frexp(fabs(x), &exponent);
    return x == 0 ? 0 : (uint16_t)((x < 0 ? 0x8000 : 0) | (exponent + 14) << 10 | ((int)(fraction * 2048) & 0x3ff));
}

static void put_sample(struct bytes *b, const struct micro *m, double x)
{
    if (m->kind == 'f' && m->bytes == 2)
        put_whole(b, half(x), 2);
    else if (m->kind == 'f')
        put_real(b, x, m->bytes);
    else
        put_whole(b, (uint64_t)(int64_t)x, m->bytes);
}

static void finish(struct bytes *b, const char *path)
{
    movies_write_bytes(path, b->at, b->n);
    free(b->at);
}

double micro_value(const struct micro *m, int x, int y, int f)
{
    const int v = (x + 7 * y + 13 * f) % 100;
    return m->kind == 'u' ? v + 20 : v - 50;
}

static void put_frame(struct bytes *b, const struct micro *m, int f, bool from_below)
{
    for (int y = 0; y < m->height; y++)
        for (int x = 0; x < m->width; x++)
            put_sample(b, m, micro_value(m, x, from_below ? m->height - 1 - y : y, f));
}

static int announced(const struct micro *m)
{
    return m->announced ? m->announced : m->frames;
}

static void put_mrc_header(struct bytes *b, const struct micro *m, int mode, int imod)
{
    const int head[10] = { m->width, m->height, announced(m), mode, 0, 0, 0, m->width, m->height, 1 };
    for (int i = 0; i < 10; i++)
        put_whole(b, (uint64_t)head[i], 4);
    put_real(b, 10 * m->pixel_nm * m->width, 4);
    put_real(b, 10 * m->pixel_nm * m->height, 4);
    for (int i = 12; i < 256; i++) {
        const uint64_t word = i >= 16 && i <= 18 ? (uint64_t)i - 15
            : i == 38 && imod                    ? 0x444f4d49u
            : i == 39                            ? imod == 2
                                                 : 0;
        put_whole(b, word, 4);
    }
    memcpy(b->at + 208, "MAP ", 4);
    memcpy(b->at + 220, b->big ? "\0\0\0\1" : "\1\0\0\0", 4);
    memcpy(b->at + 224, "made for a test", 15);
}

void micro_write_mrc(const char *path, const struct micro *m, int imod)
{
    const int mode = m->kind == 'f' ? (m->bytes == 2 ? 12 : 2) : m->bytes == 1 ? 0 : m->kind == 'u' ? 6 : 1;
    struct bytes b = { .big = m->big };
    put_mrc_header(&b, m, mode, imod);
    for (int f = 0; f < m->frames; f++)
        put_frame(&b, m, f, false);
    finish(&b, path);
}

void micro_write_mrc_nibbles(const char *path, int width, int height, int frames)
{
    const struct micro m = { .width = width, .height = height, .frames = frames, .kind = 'u', .bytes = 1 };
    struct bytes b = { 0 };
    put_mrc_header(&b, &m, 101, 0);
    for (int f = 0; f < frames; f++)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x += 2) {
                const unsigned low = (unsigned)micro_value(&m, x, y, f) % 16;
                const unsigned high = x + 1 < width ? (unsigned)micro_value(&m, x + 1, y, f) % 16 : 0;
                put_whole(&b, low | high << 4, 1);
            }
    finish(&b, path);
}

void micro_add_fei(const char *path, double pixel_nm, double time_s, double dose_e_per_m2)
{
    size_t n;
    unsigned char *old = movies_read_bytes(path, &n);
    struct bytes b = { 0 };
    put(&b, old, 1024);
    for (int i = 0; i < 768; i++)
        put_whole(&b, 0, 1);
    const double values[] = { dose_e_per_m2, 1e-9 * pixel_nm, 2e-9 * pixel_nm, time_s };
    static const size_t places[] = { 92, 156, 164, 419 };
    for (int i = 0; i < 4; i++)
        memcpy(b.at + 1024 + places[i], &values[i], 8);
    memcpy(b.at + 92, (const uint32_t[]){ 768 }, 4);
    memcpy(b.at + 104, "FEI1", 4);
    put(&b, old + 1024, n - 1024);
    free(old);
    finish(&b, path);
}

static int ser_type(const struct micro *m)
{
    const int log2 = m->bytes == 1 ? 0 : m->bytes == 2 ? 1 : 2;
    return m->kind == 'f' ? (m->bytes == 8 ? 8 : 7) : (m->kind == 'u' ? 1 : 4) + log2;
}

void micro_write_ser(const char *path, const struct micro *m, bool wide, double every_s)
{
    const int word = wide ? 8 : 4, total = announced(m);
    const size_t frame = 50 + (size_t)m->width * (size_t)m->height * (size_t)m->bytes,
                 head = 22 + (size_t)word + 4 + 28 + 4;
    struct bytes b = { 0 };
    put(&b, "II\x97\x01", 4);
    put_whole(&b, wide ? 0x220 : 0x210, 2);
    put_whole(&b, 0x4122, 4);
    put_whole(&b, 0x4152, 4);
    put_whole(&b, (uint64_t)total, 4);
    put_whole(&b, (uint64_t)m->frames, 4);
    put_whole(&b, head, word);
    put_whole(&b, 1, 4);
    put_whole(&b, (uint64_t)total, 4);
    put_real(&b, 0, 8);
    put_real(&b, 1, 8);
    for (int i = 0; i < 3; i++) /* element, no description, no unit */
        put_whole(&b, 0, 4);
    const size_t data = head + 2 * (size_t)total * (size_t)word;
    for (int i = 0; i < 2 * total; i++) {
        const size_t f = (size_t)(i % total);
        put_whole(&b, f < (size_t)m->frames ? data + f * (frame + 8) + (i < total ? 0 : frame) : 0, word);
    }
    for (int f = 0; f < m->frames; f++) {
        for (int axis = 0; axis < 2; axis++) {
            put_real(&b, 0, 8);
            put_real(&b, 1e-9 * m->pixel_nm, 8);
            put_whole(&b, 0, 4);
        }
        put_whole(&b, (uint64_t)ser_type(m), 2);
        put_whole(&b, (uint64_t)m->width, 4);
        put_whole(&b, (uint64_t)m->height, 4);
        put_frame(&b, m, f, true);
        put_whole(&b, 0x4152, 4);
        put_whole(&b, (uint64_t)(1500000000 + floor(every_s * f)), 4);
    }
    finish(&b, path);
}

/* Gatan's tags. Structure is big-endian always, data are in m->big's order. */
struct tree {
    struct bytes b;
    int word; /* bytes of a count */
    bool big_data;
};

static void put_name(struct tree *t, int kind, const char *name)
{
    t->b.big = true;
    put_whole(&t->b, (uint64_t)kind, 1);
    put_whole(&t->b, strlen(name), 2);
    put(&t->b, name, strlen(name));
    if (t->word == 8)
        put_whole(&t->b, 0, 8); /* bytes of what follows: nobody needs it */
}

static void put_group(struct tree *t, const char *name, int n)
{
    if (name)
        put_name(t, 20, name);
    put_whole(&t->b, 1, 2);
    put_whole(&t->b, (uint64_t)n, t->word);
}

static void put_leaf(struct tree *t, const char *name, const uint64_t *info, int n)
{
    put_name(t, 21, name);
    put(&t->b, "%%%%", 4);
    put_whole(&t->b, (uint64_t)n, t->word);
    for (int i = 0; i < n; i++)
        put_whole(&t->b, info[i], t->word);
    t->b.big = t->big_data;
}

static void put_int(struct tree *t, const char *name, int x)
{
    put_leaf(t, name, (const uint64_t[]){ 3 }, 1);
    put_whole(&t->b, (uint64_t)x, 4);
    t->b.big = true;
}

static void put_float(struct tree *t, const char *name, double x)
{
    put_leaf(t, name, (const uint64_t[]){ 7 }, 1);
    put_real(&t->b, x, 8);
    t->b.big = true;
}

static void put_text(struct tree *t, const char *name, const char *text)
{
    put_leaf(t, name, (const uint64_t[]){ 20, 4, strlen(text) }, 3);
    for (; *text; text++)
        put_whole(&t->b, (unsigned char)*text, 2);
    t->b.big = true;
}

static void put_axis(struct tree *t, double scale, const char *unit)
{
    put_group(t, "", 3);
    put_float(t, "Origin", 0);
    put_float(t, "Scale", scale);
    put_text(t, "Units", unit);
}

static int dm_type(const struct micro *m)
{
    static const int whole[2][4] = { { 6, 10, 11, 40 }, { 9, 1, 7, 39 } };
    const int log2 = m->bytes == 1 ? 0 : m->bytes == 2 ? 1 : m->bytes == 4 ? 2 : 3;
    return m->kind == 'f' ? (m->bytes == 8 ? 12 : 2) : whole[m->kind == 'i'][log2];
}

/* Type of an element in the tags, which is not that of the image. */
static uint64_t element(const struct micro *m)
{
    static const uint64_t whole[2][4] = { { 10, 4, 5, 12 }, { 9, 2, 3, 11 } };
    const int log2 = m->bytes == 1 ? 0 : m->bytes == 2 ? 1 : m->bytes == 4 ? 2 : 3;
    return m->kind == 'f' ? (m->bytes == 8 ? 7 : 6) : whole[m->kind == 'i'][log2];
}

static void put_image(struct tree *t, const char *name, const struct micro *m, int dims, bool from_micro)
{
    const size_t n = (size_t)m->width * (size_t)(dims > 1 ? m->height : 1) * (size_t)(dims > 2 ? m->frames : 1);
    put_group(t, "", from_micro ? 3 : 2);
    put_group(t, "ImageData", 4);
    put_group(t, "Calibrations", 1);
    put_group(t, "Dimension", dims);
    for (int i = 0; i < dims; i++)
        put_axis(t,
            i == 2       ? 250
                : i == 1 ? 20 * m->pixel_nm
                         : 10 * m->pixel_nm,
            i == 2           ? "ms"
                : from_micro ? "A"
                : dims == 1  ? "eV"
                             : "");
    put_leaf(t, "Data", (const uint64_t[]){ 20, element(m), n }, 3);
    for (int f = 0; from_micro && f < m->frames; f++)
        put_frame(&t->b, m, f, false);
    for (size_t i = 0; !from_micro && i < n * (size_t)m->bytes; i++)
        put_whole(&t->b, 77, 1);
    t->b.big = true;
    put_int(t, "DataType", from_micro ? dm_type(m) : dims > 1 ? 23 : 2);
    put_group(t, "Dimensions", dims);
    put_int(t, "", m->width);
    if (dims > 1)
        put_int(t, "", m->height);
    if (dims > 2)
        put_int(t, "", announced(m));
    if (from_micro) {
        put_group(t, "ImageTags", 1);
        put_group(t, "Microscope Info", 2);
        put_float(t, "Dose Rate (e/A^2/s)", 3);
        put_text(t, "Name", "none");
    }
    put_text(t, "Name", name);
}

static void begin_tree(struct tree *t, const struct micro *m, int version)
{
    *t = (struct tree){ .b = { .big = true }, .word = version == 4 ? 8 : 4, .big_data = m->big };
    put_whole(&t->b, (uint64_t)version, 4);
    put_whole(&t->b, 0, t->word);
    put_whole(&t->b, !m->big, 4);
}

void micro_write_dm(const char *path, const struct micro *m, int version)
{
    struct tree t;
    begin_tree(&t, m, version);
    put_group(&t, NULL, 2);
    put_group(&t, "ImageList", 3);
    put_image(
        &t, "small", &(struct micro){ .width = 4, .height = 4, .kind = 'i', .bytes = 4, .big = m->big }, 2, false);
    put_image(&t, "movie", m, m->frames > 1 ? 3 : 2, true);
    put_image(&t, "line", &(struct micro){ .width = 5, .kind = 'f', .bytes = 4, .big = m->big }, 1, false);
    put_group(&t, "Thumbnails", 1);
    put_group(&t, "", 1);
    put_int(&t, "ImageIndex", 0);
    finish(&t.b, path);
}

void micro_write_dm_nested(const char *path, int depth)
{
    struct tree t;
    begin_tree(&t, &(struct micro){ 0 }, 3);
    put_group(&t, NULL, 1);
    for (int i = 0; i < depth; i++)
        put_group(&t, "a", 1);
    put_int(&t, "x", 1);
    finish(&t.b, path);
}
