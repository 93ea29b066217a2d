#include "sketch.h"

#include "result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double STEPS_PER_PX = 64.0;

/* Make room for n more bytes. */
static bool grow(struct sketch *s, size_t n)
{
    if (s->n + n <= s->capacity)
        return true;
    const size_t more = 2 * (s->n + n) + 256;
    unsigned char *grown = realloc(s->bytes, more);
    if (!grown)
        return false;
    s->bytes = grown;
    s->capacity = more;
    return true;
}

static bool put_double(struct sketch *s, double x)
{
    if (!grow(s, sizeof x))
        return false;
    memcpy(s->bytes + s->n, &x, sizeof x);
    s->n += sizeof x;
    return true;
}

/* Seven bits a byte, the low ones first: steps along an outline take one or two bytes. */
static bool put_count(struct sketch *s, uint64_t x)
{
    if (!grow(s, 10))
        return false;
    for (; x >= 128; x >>= 7)
        s->bytes[s->n++] = (unsigned char)(x | 128);
    s->bytes[s->n++] = (unsigned char)x;
    return true;
}

static bool put_signed(struct sketch *s, int64_t x)
{
    return put_count(s, x < 0 ? 2 * (uint64_t)(-(x + 1)) + 1 : 2 * (uint64_t)x);
}

static bool put_ring(struct sketch *s, const struct lct_ring *ring)
{
    bool ok = put_count(s, ring->n) && put_count(s, ring->hole);
    int64_t x = 0, y = 0;
    for (size_t i = 0; ok && i < ring->n; i++) {
        const int64_t x_next = llround(ring->x_px[i] * STEPS_PER_PX), y_next = llround(ring->y_px[i] * STEPS_PER_PX);
        ok = put_signed(s, x_next - x) && put_signed(s, y_next - y);
        x = x_next;
        y = y_next;
    }
    return ok;
}

/* Rows of a band as runs of pixels that are there: how many are skipped, how many follow, their codes as steps from one
 * to the next. The bytes that all of it takes come first, so that it can be passed over. */
static bool put_band(struct sketch *s, const struct band *b)
{
    const int w = b->image.width, h = b->image.height;
    const size_t head = s->n;
    if (!grow(s, sizeof(uint64_t)))
        return false;
    s->n += sizeof(uint64_t);
    bool ok = put_count(s, (uint64_t)w) && put_count(s, (uint64_t)h) && put_signed(s, b->x0) && put_signed(s, b->y0)
        && put_count(s, (uint64_t)b->step);
    for (int y = 0; ok && y < h; y++) {
        const float *row = b->image.px + (size_t)y * (size_t)w;
        for (int x = 0; ok && x < w;) {
            int from = x, to;
            while (from < w && band_code(row[from]) == 0)
                from++;
            for (to = from; to < w && band_code(row[to]) != 0;)
                to++;
            ok = put_count(s, (uint64_t)(from - x)) && put_count(s, (uint64_t)(to - from));
            int64_t last = 0;
            for (int i = from; ok && i < to; i++) {
                ok = put_signed(s, (int64_t)band_code(row[i]) - last);
                last = (int64_t)band_code(row[i]);
            }
            x = to;
        }
    }
    if (ok) {
        const uint64_t bytes = s->n - head - sizeof bytes;
        memcpy(s->bytes + head, &bytes, sizeof bytes);
    }
    return ok;
}

enum lct_status sketch_pack(struct sketch *sketch, const struct result *result, struct lct_err *err)
{
    sketch->n = 0;
    bool ok = put_count(sketch, result->n_particles);
    for (size_t i = 0; ok && i < result->n_particles; i++) {
        const struct area_row *row = &result->rows[i];
        const unsigned flags = (row->border ? SKETCH_BORDER : 0u) | (row->contact ? SKETCH_CONTACT : 0u);
        ok = put_count(sketch, (uint64_t)row->particle) && put_count(sketch, flags) && put_double(sketch, row->cx_px)
            && put_double(sketch, row->cy_px);
        for (size_t k = 2 * i; ok && k < 2 * i + 2; k++) {
            const struct lct_outline *o = &result->outlines[k];
            ok = put_count(sketch, o->n_rings);
            for (size_t r = 0; ok && r < o->n_rings; r++)
                ok = put_ring(sketch, &o->rings[r]);
        }
        ok = ok && put_band(sketch, &result->bands[i]);
    }
    return ok ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory for the outlines of a frame");
}

void sketch_finish(struct sketch *sketch)
{
    free(sketch->bytes);
    *sketch = (struct sketch){ 0 };
}

struct reading {
    const unsigned char *at, *end;
};

static bool get_count(struct reading *r, uint64_t *out)
{
    uint64_t x = 0;
    for (unsigned shift = 0; r->at < r->end && shift < 64; shift += 7) {
        const unsigned char byte = *r->at++;
        x |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) {
            *out = x;
            return true;
        }
    }
    return false;
}

static bool get_signed(struct reading *r, int64_t *out)
{
    uint64_t x;
    if (!get_count(r, &x))
        return false;
    *out = x & 1 ? -(int64_t)(x >> 1) - 1 : (int64_t)(x >> 1);
    return true;
}

static bool get_double(struct reading *r, double *out)
{
    if ((size_t)(r->end - r->at) < sizeof *out)
        return false;
    memcpy(out, r->at, sizeof *out);
    r->at += sizeof *out;
    return true;
}

/* A number of things that take a byte each at least. */
static bool get_size(struct reading *r, size_t *out)
{
    uint64_t n;
    if (!get_count(r, &n) || n > (size_t)(r->end - r->at))
        return false;
    *out = (size_t)n;
    return true;
}

static bool get_ring(struct reading *r, struct lct_ring *ring)
{
    size_t n;
    uint64_t hole;
    if (!get_size(r, &n) || !get_count(r, &hole))
        return false;
    ring->x_px = malloc((n + 1) * sizeof *ring->x_px);
    ring->y_px = malloc((n + 1) * sizeof *ring->y_px);
    ring->hole = hole != 0;
    int64_t x = 0, y = 0;
    bool ok = ring->x_px && ring->y_px;
    for (size_t i = 0; ok && i < n; i++) {
        int64_t dx, dy;
        if (!(ok = get_signed(r, &dx) && get_signed(r, &dy)))
            break;
        x += dx;
        y += dy;
        ring->x_px[i] = (double)x / STEPS_PER_PX;
        ring->y_px[i] = (double)y / STEPS_PER_PX;
        ring->n = i + 1;
    }
    return ok;
}

static bool get_outline(struct reading *r, struct lct_outline *o)
{
    size_t n;
    if (!get_size(r, &n))
        return false;
    o->rings = calloc(n + 1, sizeof *o->rings);
    bool ok = o->rings != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        o->n_rings = i + 1;
        ok = get_ring(r, &o->rings[i]);
    }
    return ok;
}

static bool get_band_row(struct reading *r, float *row, int w)
{
    for (int x = 0; x < w;) {
        uint64_t skip, n;
        if (!get_count(r, &skip) || !get_count(r, &n) || skip > (uint64_t)(w - x) || n > (uint64_t)(w - x) - skip
            || skip + n == 0)
            return false;
        x += (int)skip;
        int64_t code = 0, step;
        for (uint64_t i = 0; i < n; i++, x++) {
            if (!get_signed(r, &step) || (code += step) < 0 || code > UINT16_MAX)
                return false;
            row[x] = band_value((unsigned)code);
        }
    }
    return true;
}

/* `wanted` false: it is passed over. */
static bool get_band(struct reading *r, struct band *out, bool wanted)
{
    uint64_t w, h, step, bytes;
    int64_t x0, y0;
    struct band b = { 0 };
    if ((size_t)(r->end - r->at) < sizeof bytes)
        return false;
    memcpy(&bytes, r->at, sizeof bytes);
    r->at += sizeof bytes;
    if (bytes > (uint64_t)(r->end - r->at))
        return false;
    if (!wanted) {
        r->at += bytes;
        return true;
    }
    if (!get_count(r, &w) || !get_count(r, &h) || !get_signed(r, &x0) || !get_signed(r, &y0) || !get_count(r, &step)
        || w > INT16_MAX || h > INT16_MAX)
        return false;
    b.x0 = (int)x0;
    b.y0 = (int)y0;
    b.step = (int)step;
    if (w == 0 || h == 0) {
        *out = b;
        return true;
    }
    if (lct_image_init(&b.image, (int)w, (int)h, NULL) != LCT_OK)
        return false;
    for (size_t i = 0; i < lct_image_count(&b.image); i++)
        b.image.px[i] = NAN;
    bool ok = true;
    for (int y = 0; ok && y < (int)h; y++)
        ok = get_band_row(r, b.image.px + (size_t)y * (size_t)w, (int)w);
    *out = b;
    return ok;
}

void sketch_shapes_finish(struct sketch_shapes *shapes)
{
    for (size_t i = 0; shapes->outlines && i < 2 * shapes->n; i++)
        lct_outline_finish(&shapes->outlines[i]);
    free(shapes->outlines);
    free(shapes->labels);
    for (size_t i = 0; shapes->bands && i < shapes->n; i++)
        band_finish(&shapes->bands[i]);
    free(shapes->bands);
    free(shapes->flags);
    *shapes = (struct sketch_shapes){ 0 };
}

static bool unpack(struct sketch_shapes *d, const struct sketch *sketch, bool with_bands)
{
    struct reading r = { sketch->bytes, sketch->bytes + sketch->n };
    size_t n;
    if (!get_size(&r, &n))
        return false;
    d->outlines = calloc(2 * n + 1, sizeof *d->outlines);
    d->labels = calloc(n + 1, sizeof *d->labels);
    d->flags = calloc(n + 1, sizeof *d->flags);
    d->bands = calloc(n + 1, sizeof *d->bands);
    bool ok = d->outlines && d->labels && d->flags && d->bands;
    for (size_t i = 0; ok && i < n; i++) {
        uint64_t id, flags = 0;
        d->n = i + 1;
        ok = get_count(&r, &id) && get_count(&r, &flags) && get_double(&r, &d->labels[i].x_px)
            && get_double(&r, &d->labels[i].y_px);
        d->labels[i].particle = ok ? (int)id : 0;
        d->flags[i] = (unsigned)flags;
        for (size_t k = 0; ok && k < 2; k++) {
            struct lct_outline *o = &d->outlines[2 * i + k];
            o->particle = d->labels[i].particle;
            o->phase = k == 0 ? LCT_CORE : LCT_SHELL;
            ok = get_outline(&r, o);
        }
        ok = ok && get_band(&r, &d->bands[i], with_bands);
    }
    return ok;
}

enum lct_status sketch_unpack(
    struct sketch_shapes *out, const struct sketch *sketch, bool with_bands, long number, struct lct_err *err)
{
    struct sketch_shapes made = { 0 };
    if (unpack(&made, sketch, with_bands)) {
        *out = made;
        return LCT_OK;
    }
    sketch_shapes_finish(&made);
    return lct_fail(err, LCT_E_INPUT, "frame %ld: its stored outlines are damaged; start again with --force", number);
}

enum lct_status sketch_draw(
    const struct sketch *sketch, const struct sketch_place *place, uint32_t *picture, struct lct_err *err)
{
    struct sketch_shapes d;
    enum lct_status status = sketch_unpack(&d, sketch, false, place->number, err);
    if (status != LCT_OK)
        return status;
    const struct lct_overlay_frame frame = { .image = place->frame,
        .lo = place->plan->display_lo,
        .hi = place->plan->display_hi,
        .outlines = d.outlines,
        .n_outlines = 2 * d.n,
        .labels = d.labels,
        .n_labels = d.n,
        .frame = place->number,
        .time_s = place->plan->frames[place->k].time_s };
    status = lct_overlay_draw(&frame, place->layout, picture, err);
    sketch_shapes_finish(&d);
    return status;
}
