#include <lctem/static_mask.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { ENOUGH_FRAMES = 8, SEAM_PX = 2 };
static const double STILL =
    0.1; /* of the usual standard deviation: with 8 frames of noise once in 1e7 pixels by chance */
static const double UNIFORM = 0.02; /* of the picture's range: leaves room for what a codec does to a grey border */

struct lct_static_mask {
    int width, height;
    long n;
    float *mean, *m2; /* Welford's sums; NaN once a pixel was unknown */
};

enum lct_status lct_static_mask_create(struct lct_static_mask **out, int width, int height, struct lct_err *err)
{
    struct lct_image mean = { 0 }, m2 = { 0 };
    struct lct_static_mask *mask = calloc(1, sizeof *mask);
    enum lct_status status =
        mask ? lct_image_init(&mean, width, height, err) : lct_fail(err, LCT_E_LIMIT, "static mask: no memory");
    if (status == LCT_OK)
        status = lct_image_init(&m2, width, height, err);
    if (status != LCT_OK) {
        lct_image_finish(&mean);
        free(mask);
        return status;
    }
    *mask = (struct lct_static_mask){ .width = width, .height = height, .mean = mean.px, .m2 = m2.px };
    *out = mask;
    return LCT_OK;
}

void lct_static_mask_destroy(struct lct_static_mask **mask)
{
    if (!*mask)
        return;
    free((*mask)->mean);
    free((*mask)->m2);
    free(*mask);
    *mask = NULL;
}

enum lct_status lct_static_mask_add(struct lct_static_mask *mask, const struct lct_image *frame, struct lct_err *err)
{
    if (frame->width != mask->width || frame->height != mask->height)
        return lct_fail(err, LCT_E_ARG, "static mask: a frame of %d x %d px among frames of %d x %d px", frame->width,
            frame->height, mask->width, mask->height);
    mask->n++;
    const float share = 1.0f / (float)mask->n;
    const size_t n = lct_image_count(frame);
    for (size_t i = 0; i < n; i++) {
        const float step = frame->px[i] - mask->mean[i];
        mask->mean[i] += step * share;
        mask->m2[i] += step * (frame->px[i] - mask->mean[i]);
    }
    return LCT_OK;
}

/* A line of n pixels, `step` apart, is border if it has one grey (that of the corner) and never changes. */
static bool is_uniform(const struct lct_static_mask *m, size_t at, size_t step, int n, const float tolerance[2])
{
    const float grey = m->mean[at];
    for (int i = 0; i < n; i++, at += step)
        if (!(fabsf(m->mean[at] - grey) <= tolerance[0]) || !(m->m2[at] <= tolerance[1]))
            return false;
    return true;
}

static void find_borders(const struct lct_static_mask *m, struct lct_static_report *r)
{
    const size_t w = (size_t)m->width, n = w * (size_t)m->height;
    float low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        low = m->mean[i] < low ? m->mean[i] : low;
        high = m->mean[i] > high ? m->mean[i] : high;
    }
    if (!(high > low))
        return;
    const float grey = (float)UNIFORM * (high - low);
    const float tolerance[2] = { grey, 0.25f * grey * grey * (float)m->n };
    struct lct_static_report b = { 0 };
    while (b.left < m->width && is_uniform(m, (size_t)b.left, w, m->height, tolerance))
        b.left++;
    if (b.left == m->width)
        return;
    while (is_uniform(m, w - 1 - (size_t)b.right, w, m->height, tolerance))
        b.right++;
    const size_t x = (size_t)b.left;
    const int width = m->width - b.left - b.right;
    while (b.top < m->height && is_uniform(m, (size_t)b.top * w + x, 1, width, tolerance))
        b.top++;
    while (
        b.bottom < m->height - b.top && is_uniform(m, (size_t)(m->height - 1 - b.bottom) * w + x, 1, width, tolerance))
        b.bottom++;
    const int height = m->height - b.top - b.bottom;
    if ((double)width * height >= 0.25 * m->width * m->height)
        *r = b;
}

static void paint_borders(const struct lct_static_mask *m, unsigned char *out, struct lct_static_report *r)
{
    for (int y = 0; y < m->height; y++)
        for (int x = 0; x < m->width; x++) {
            const bool inside = x >= r->left && x < m->width - r->right && y >= r->top && y < m->height - r->bottom;
            out[(size_t)y * (size_t)m->width + (size_t)x] = inside ? LCT_STATIC_PICTURE : LCT_STATIC_BORDER;
            r->border_px += !inside;
        }
}

static int by_size(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Median of the pixels' own scatter inside the borders, from at most 64k of them. */
static float usual_m2(const struct lct_static_mask *m, const unsigned char *out, float *sample)
{
    const size_t n = (size_t)m->width * (size_t)m->height, step = n / 65536 + 1;
    size_t k = 0;
    for (size_t i = 0; i < n; i += step)
        if (out[i] == LCT_STATIC_PICTURE && m->m2[i] == m->m2[i])
            sample[k++] = m->m2[i];
    qsort(sample, k, sizeof *sample, by_size);
    return k ? sample[k / 2] : 0;
}

static void paint_seam(const struct lct_static_mask *m, unsigned char *out, int x0, int y0)
{
    for (int y = y0 - SEAM_PX; y <= y0 + SEAM_PX; y++)
        for (int x = x0 - SEAM_PX; x <= x0 + SEAM_PX; x++)
            if (x >= 0 && y >= 0 && x < m->width && y < m->height) {
                unsigned char *p = out + (size_t)y * (size_t)m->width + (size_t)x;
                if (*p == LCT_STATIC_PICTURE)
                    *p = LCT_STATIC_BURNT;
            }
}

/* A single still pixel is a dead one, which the repair of outliers looks after; ink comes in strokes. */
static bool in_stroke(const struct lct_static_mask *m, const unsigned char *border, float limit, int x0, int y0)
{
    int still = 0;
    for (int y = y0 - 2; y <= y0 + 2; y++)
        for (int x = x0 - 2; x <= x0 + 2; x++) {
            if (x < 0 || y < 0 || x >= m->width || y >= m->height)
                continue;
            const size_t at = (size_t)y * (size_t)m->width + (size_t)x;
            still += border[at] != LCT_STATIC_BORDER && m->m2[at] <= limit;
        }
    return still >= 4;
}

static void find_burnt(const struct lct_static_mask *m, float limit, unsigned char *out, struct lct_static_report *r)
{
    const size_t n = (size_t)m->width * (size_t)m->height;
    size_t still = 0, picture = 0;
    for (size_t i = 0; i < n; i++) {
        picture += out[i] == LCT_STATIC_PICTURE;
        still += out[i] == LCT_STATIC_PICTURE && m->m2[i] <= limit;
    }
    if ((double)still > 0.25 * (double)picture)
        return;
    for (int y = 0; y < m->height; y++)
        for (int x = 0; x < m->width; x++) {
            const size_t at = (size_t)y * (size_t)m->width + (size_t)x;
            if (out[at] != LCT_STATIC_BORDER && m->m2[at] <= limit && in_stroke(m, out, limit, x, y))
                paint_seam(m, out, x, y);
        }
    for (size_t i = 0; i < n; i++)
        r->burnt_px += out[i] == LCT_STATIC_BURNT;
}

enum lct_status lct_static_mask_find(
    const struct lct_static_mask *mask, unsigned char *out, struct lct_static_report *report, struct lct_err *err)
{
    if (mask->n < 1)
        return lct_fail(err, LCT_E_NODATA, "static mask: no frame was given");
    float *sample = malloc((65536 + 1) * sizeof *sample);
    if (!sample)
        return lct_fail(err, LCT_E_LIMIT, "static mask: no memory");
    struct lct_static_report r = { 0 };
    find_borders(mask, &r);
    paint_borders(mask, out, &r);
    if (mask->n >= ENOUGH_FRAMES) {
        const float usual = usual_m2(mask, out, sample);
        if (usual > 0)
            find_burnt(mask, (float)(STILL * STILL) * usual, out, &r);
    }
    free(sample);
    *report = r;
    return LCT_OK;
}
