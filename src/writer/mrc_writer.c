/* MRC stacks (MRC2014): 16-bit unsigned (mode 6, because readers disagree about bytes), or floats (mode 2). */
#include "format.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_BYTES = 1024, NZ = 2, DMIN = 19, RMS = 54, LABEL = 224, LABEL_BYTES = 80 };

struct mrc {
    FILE *file;
    char *path;
    struct lct_writer_params p;
    unsigned char header[HEADER_BYTES];
    uint32_t frames;
    double lo, hi, sum, squares, count;
};

static void mrc_free(struct mrc *m)
{
    if (m->file)
        fclose(m->file);
    free(m->path);
    free(m);
}

/* Words are in this machine's order, and the stamp says so. */
static void set_word(struct mrc *m, int i, uint32_t x)
{
    memcpy(m->header + (size_t)4 * (size_t)i, &x, 4);
}

static void set_float(struct mrc *m, int i, double x)
{
    const float f = (float)x;
    memcpy(m->header + (size_t)4 * (size_t)i, &f, 4);
}

static void make_header(struct mrc *m)
{
    const struct lct_writer_params *p = &m->p;
    const double x_nm = p->pixel_size_nm > 0 ? p->pixel_size_nm : 0,
                 y_nm = p->pixel_size_y_nm > 0 ? p->pixel_size_y_nm : x_nm;
    const bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    set_word(m, 0, (uint32_t)p->width);
    set_word(m, 1, (uint32_t)p->height);
    set_word(m, 3, p->bits == 32 ? 2 : 6);
    set_word(m, 7, (uint32_t)p->width);
    set_word(m, 8, (uint32_t)p->height);
    set_word(m, 9, 1);                      /* a stack of pictures, no volume */
    set_float(m, 10, 10 * x_nm * p->width); /* 0: not known */
    set_float(m, 11, 10 * y_nm * p->height);
    for (int i = 0; i < 3; i++) {
        set_float(m, 13 + i, 90);
        set_word(m, 16 + i, (uint32_t)i + 1);
    }
    set_word(m, 27, 20140);
    memcpy(m->header + 208, "MAP ", 4);
    memcpy(m->header + 212, little ? "\x44\x44" : "\x11\x11", 2);
    if (p->note) {
        set_word(m, 55, 1);
        memset(m->header + LABEL, ' ', LABEL_BYTES);
        memcpy(m->header + LABEL, p->note, strnlen(p->note, LABEL_BYTES));
    }
}

static enum lct_status mrc_open(
    void **state, const char *path, const char *part, const struct lct_writer_params *p, struct lct_err *err)
{
    struct mrc *m = calloc(1, sizeof *m);
    if (!m)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    m->p = *p;
    m->lo = INFINITY;
    m->hi = -INFINITY;
    make_header(m);
    m->p.note = NULL; /* it was only lent */
    m->path = strdup(path);
    m->file = m->path ? fopen(part, "wbe") : NULL;
    const bool good = m->file && fwrite(m->header, HEADER_BYTES, 1, m->file) == 1;
    if (!good) {
        const int why = errno;
        mrc_free(m);
        return lct_fail(err, LCT_E_OUTPUT, "%s: cannot be created: %s", path, strerror(why));
    }
    *state = m;
    return LCT_OK;
}

static void count_in(struct mrc *m, const void *samples, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double x = m->p.bits == 32 ? (double)((const float *)samples)[i] : (double)((const uint16_t *)samples)[i];
        if (isnan(x))
            continue;
        m->lo = x < m->lo ? x : m->lo;
        m->hi = x > m->hi ? x : m->hi;
        m->sum += x;
        m->squares += x * x;
        m->count++;
    }
}

static enum lct_status mrc_frame(void *state, const void *samples, struct lct_err *err)
{
    struct mrc *m = state;
    const size_t n = (size_t)m->p.width * (size_t)m->p.height, bytes = m->p.bits == 32 ? 4 : 2;
    count_in(m, samples, n);
    errno = 0;
    if (m->frames == INT32_MAX || fwrite(samples, bytes, n, m->file) != n)
        return lct_fail(err, LCT_E_OUTPUT, "%s: frame %u cannot be written: %s", m->path, m->frames, strerror(errno));
    m->frames++;
    return LCT_OK;
}

static enum lct_status mrc_close(void *state, struct lct_err *err)
{
    struct mrc *m = state;
    set_word(m, NZ, m->frames);
    if (m->count > 0) {
        const double mean = m->sum / m->count, variance = m->squares / m->count - mean * mean;
        set_float(m, DMIN, m->lo);
        set_float(m, DMIN + 1, m->hi);
        set_float(m, DMIN + 2, mean);
        set_float(m, RMS, sqrt(variance > 0 ? variance : 0));
    }
    errno = 0;
    bool good = fseek(m->file, 0, SEEK_SET) == 0 && fwrite(m->header, HEADER_BYTES, 1, m->file) == 1;
    good = fclose(m->file) == 0 && good;
    m->file = NULL;
    const enum lct_status status =
        good ? LCT_OK : lct_fail(err, LCT_E_OUTPUT, "%s: cannot be finished: %s", m->path, strerror(errno));
    mrc_free(m);
    return status;
}

const struct writer_format writer_mrc = { "mrc", " .mrc .mrcs ", 32, true, mrc_open, mrc_frame, mrc_close };
