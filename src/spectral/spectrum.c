#include "spectrum_private.h"

#include <lctem/clones.h>
#include <lctem/robust.h>
#include <lctem/window.h>

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_SIDE = 32, TERMS = 6 };
static const double LEAST_WEIGHT = 64.0; /* px that a region must hold */

/* Take the transform of that size: plans are made once. */
static enum lct_status take_size(struct lct_spectrum *s, int width, int height, struct lct_err *err)
{
    int i = 0;
    while (i < s->n_sizes && (s->size[i].width != width || s->size[i].height != height))
        i++;
    if (i == s->n_sizes) {
        struct spectrum_size made = { width, height, NULL };
        const enum lct_status status = lct_fft_create(&made.fft, width, height, err);
        if (status != LCT_OK)
            return status;
        if (i == SPECTRUM_SIZES)
            lct_fft_destroy(&s->size[--i].fft);
        s->size[i] = made;
        s->n_sizes = i + 1;
    }
    const double side = width > height ? width : height;
    s->n_rings = (int)(side / sqrt(2.0)) + 2;
    s->ring_x = side / width;
    s->ring_y = side / height;
    s->width = width;
    s->height = height;
    s->fft = s->size[i].fft;
    return LCT_OK;
}

/* Side of the transform for a region: larger by three eighths, since a wave between the bins of a transform that fits snugly loses up to half
 * of its peak. Few sizes, so that few plans are made, and the quick ones: 480 px take longer than 512, 360 than 400. `full`
 * where that is less. */
static int padded_side(int region, int full)
{
    static const int steps[] = { 16, 20, 24, 25 };
    const int wanted = region + 3 * region / 8;
    for (int base = LEAST_SIDE / 16; base <= full; base *= 2)
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
            if (base * steps[i] >= wanted)
                return base * steps[i] < full ? base * steps[i] : full;
    return full;
}

static enum lct_status make_room(struct lct_spectrum *s, struct lct_err *err)
{
    enum lct_status status = take_size(s, s->full_width, s->full_height, err);
    if (status != LCT_OK)
        return status;
    const size_t n = (size_t)s->width * (size_t)s->height;
    s->data = lct_fft_alloc_real(s->fft);
    s->bins = lct_fft_alloc_spectrum(s->fft);
    s->weights = malloc(n * sizeof *s->weights);
    s->power = malloc((size_t)spectrum_columns(s) * (size_t)s->height * sizeof *s->power);
    s->column = malloc(2 * (size_t)s->width * sizeof *s->column);
    s->phases = malloc(2 * (size_t)(s->width + s->height) * LCT_SPECTRUM_WAVES * sizeof *s->phases);
    s->ring_noise = malloc((size_t)s->n_rings * sizeof *s->ring_noise);
    s->ring_floor = malloc((size_t)s->n_rings * sizeof *s->ring_floor);
    if (!s->data || !s->bins || !s->weights || !s->power || !s->column || !s->phases || !s->ring_noise
        || !s->ring_floor)
        return lct_fail(err, LCT_E_LIMIT, "spectrum: no memory for %d x %d px", s->width, s->height);
    return LCT_OK;
}

enum lct_status lct_spectrum_create(struct lct_spectrum **out, int width, int height, struct lct_err *err)
{
    *out = NULL;
    if (width < LEAST_SIDE || height < LEAST_SIDE)
        return lct_fail(err, LCT_E_ARG,
            "spectrum: %d x %d px are too few, at least %d x %d are needed; take a larger part", width, height,
            LEAST_SIDE, LEAST_SIDE);
    struct lct_spectrum *s = calloc(1, sizeof *s);
    if (!s)
        return lct_fail(err, LCT_E_LIMIT, "spectrum: no memory");
    s->most_width = width;
    s->most_height = height;
    s->full_width = lct_fft_good_size(width);
    s->full_height = lct_fft_good_size(height);
    const enum lct_status status = make_room(s, err);
    if (status != LCT_OK)
        lct_spectrum_destroy(&s);
    *out = s;
    return status;
}

void lct_spectrum_destroy(struct lct_spectrum **spectrum)
{
    struct lct_spectrum *s = *spectrum;
    if (!s)
        return;
    lct_fft_free(s->data);
    lct_fft_free(s->bins);
    free(s->weights);
    free(s->power);
    free(s->column);
    free(s->phases);
    free(s->ring_noise);
    free(s->ring_floor);
    for (int i = 0; i < s->n_sizes; i++)
        lct_fft_destroy(&s->size[i].fft);
    free(s);
    *spectrum = NULL;
}

void lct_spectrum_resolution(const struct lct_spectrum *spectrum, double *x, double *y)
{
    *x = spectrum->resolution_x;
    *y = spectrum->resolution_y;
}

static void basis(const struct lct_spectrum *s, double x, double y, double *out)
{
    const double u = 2.0 * (x - s->used_x) / s->used_width - 1.0, v = 2.0 * (y - s->used_y) / s->used_height - 1.0;
    const double terms[TERMS] = { 1, u, v, u * u, u * v, v * v };
    memcpy(out, terms, sizeof terms);
}

/* Weighted sums and means of the grey values in cells of the loaded box. */
struct cells {
    double weight[BLOCK_COUNT], sum[BLOCK_COUNT], x[BLOCK_COUNT], y[BLOCK_COUNT];
};

/* Columns of one stripe of rows: weights and weighted grey values, without what is not finite. */
LCT_CLONES static void add_columns(const struct lct_spectrum *s, int y, float *restrict weight, float *restrict sum)
{
    const size_t row = (size_t)(y + s->used_y) * (size_t)s->width + (size_t)s->used_x;
    const float *restrict w = s->weights + row, *restrict g = s->data + row;
    for (int x = 0; x < s->used_width; x++) {
        const float counts = fabsf(g[x]) <= FLT_MAX ? w[x] : 0.0F, grey = fabsf(g[x]) <= FLT_MAX ? g[x] : 0.0F;
        weight[x] += counts;
        sum[x] += counts * grey;
    }
}

static void add_cells(const struct lct_spectrum *s, struct cells *c)
{
    enum { ENOUGH_ROWS = 256 };
    const int step = s->used_height > ENOUGH_ROWS ? s->used_height / ENOUGH_ROWS : 1;
    float *weight = s->column, *sum = s->column + s->used_width;
    memset(c, 0, sizeof *c);
    for (int stripe = 0, y = 0; stripe < BLOCKS; stripe++) {
        double y_sum = 0, rows = 0;
        memset(s->column, 0, 2 * (size_t)s->used_width * sizeof *s->column);
        for (; y < spectrum_block(stripe + 1, 0, s->used_height); y += step) {
            add_columns(s, y, weight, sum);
            y_sum += y;
            rows++;
        }
        for (int x = 0; x < s->used_width; x++) {
            const int i = stripe * BLOCKS + x * BLOCKS / s->used_width;
            c->sum[i] += (double)sum[x];
            c->weight[i] += (double)weight[x];
            c->x[i] += (double)weight[x] * x;
        }
        for (int i = stripe * BLOCKS; i < (stripe + 1) * BLOCKS; i++)
            c->y[i] = rows > 0 ? c->weight[i] * y_sum / rows : 0.0;
    }
}

/* Least squares on cells: exact enough for a background, and the waves have gone from the means. */
static bool fit_background(const struct lct_spectrum *s, const struct cells *c, double *out)
{
    double a[TERMS * TERMS] = { 0 }, f[TERMS], total = 0;
    memset(out, 0, TERMS * sizeof *out);
    for (int i = 0; i < BLOCK_COUNT; i++) {
        if (c->weight[i] <= 0)
            continue;
        basis(s, c->x[i] / c->weight[i] + s->used_x, c->y[i] / c->weight[i] + s->used_y, f);
        total += c->weight[i];
        for (int p = 0; p < TERMS; p++) {
            out[p] += f[p] * c->sum[i];
            for (int q = 0; q < TERMS; q++)
                a[p * TERMS + q] += c->weight[i] * f[p] * f[q];
        }
    }
    for (int p = 0; p < TERMS; p++) /* a narrow region does not tell all terms apart: they stay small */
        a[p * TERMS + p] += 1e-9 * total;
    return total > 0 && lct_linear_solve(a, out, TERMS);
}

/* One row: weight x (grey - c0 - c1 u - c2 u^2), u from -1 to 1; zero where the grey value is not finite. */
LCT_CLONES static void subtract_row(float *restrict row, const float *restrict w, int n, const double c[3])
{
    const float c0 = (float)c[0], c1 = (float)c[1], c2 = (float)c[2], step = 2.0F / (float)n;
    for (int x = 0; x < n; x++) {
        const float u = step * (float)x - 1.0F, left = (row[x] - c0) - u * (c1 + u * c2);
        row[x] = fabsf(left) <= FLT_MAX ? w[x] * left : 0.0F;
    }
}

/* data: grey values in, weighted values without background out. False: nothing in it. */
static bool subtract_background(struct lct_spectrum *s, struct cells *cells)
{
    double b[TERMS], f[TERMS];
    add_cells(s, cells);
    if (!fit_background(s, cells, b))
        return false;
    bool any = false;
    for (int y = s->used_y; y < s->used_y + s->used_height; y++) {
        basis(s, s->used_x, y, f);
        const double v = f[2], c[3] = { b[0] + b[2] * v + b[5] * v * v, b[1] + b[4] * v, b[3] };
        float *row = s->data + (size_t)y * (size_t)s->width + (size_t)s->used_x;
        subtract_row(row, s->weights + (size_t)y * (size_t)s->width + (size_t)s->used_x, s->used_width, c);
        for (int x = 0; x < s->used_width && !any; x++)
            any = row[x] != 0.0F;
    }
    return any;
}

/* The window of the power, as a sum over neighbouring bins: Hann in space is (-1/4, 1/2, -1/4) in each direction here. */
static void make_power_hann(struct lct_spectrum *s)
{
    const int columns = spectrum_columns(s), h = s->height;
    float complex *line = (float complex *)s->column; /* 2 * width floats; columns + 2 are needed */
    for (int ky = 0; ky < h; ky++) {
        const float complex *up = s->bins + (size_t)((ky + h - 1) % h) * (size_t)columns;
        const float complex *at = s->bins + (size_t)ky * (size_t)columns;
        const float complex *down = s->bins + (size_t)((ky + 1) % h) * (size_t)columns;
        for (int kx = 0; kx < columns; kx++)
            line[kx + 1] = 0.5F * at[kx] - 0.25F * (up[kx] + down[kx]);
        /* beyond either end: the conjugate of the opposite row */
        const size_t o = (size_t)((h - ky) % h) * (size_t)columns, ou = (size_t)((h - ky + 1) % h) * (size_t)columns,
                     od = (size_t)((2 * h - ky - 1) % h) * (size_t)columns;
        const size_t beyond = (size_t)(s->width - columns);
        line[0] = conjf(0.5F * s->bins[o + 1] - 0.25F * (s->bins[ou + 1] + s->bins[od + 1]));
        line[columns + 1] = conjf(0.5F * s->bins[o + beyond] - 0.25F * (s->bins[ou + beyond] + s->bins[od + beyond]));
        const float *in = (const float *)line;
        float *power = s->power + (size_t)ky * (size_t)columns;
        for (int kx = 0; kx < columns; kx++) {
            const float *p = in + 2 * kx;
            const float re = 0.5F * p[2] - 0.25F * (p[0] + p[4]), im = 0.5F * p[3] - 0.25F * (p[1] + p[5]);
            power[kx] = re * re + im * im;
        }
    }
}

LCT_CLONES static void make_power_plain(struct lct_spectrum *s)
{
    const size_t n = (size_t)spectrum_columns(s) * (size_t)s->height;
    for (size_t i = 0; i < n; i++) {
        const float re = crealf(s->bins[i]), im = cimagf(s->bins[i]);
        s->power[i] = re * re + im * im;
    }
}

/* Natural logarithm, 1e-6 off at most, which is nothing beside the spread of the powers: the compiler can do several at a
 * time, as it cannot with the library's. From x = 2^e m with m between sqrt(1/2) and sqrt(2), log m = 2 artanh z. */
static inline float log_of(float x)
{
    static const uint32_t root_half = 0x3f3504f3;
    uint32_t bits;
    float m;
    memcpy(&bits, &x, sizeof bits);
    bits -= root_half;
    const int32_t e = (int32_t)bits >> 23;
    bits = (bits & 0x7fffff) + root_half;
    memcpy(&m, &bits, sizeof m);
    const float z = (m - 1.0F) / (m + 1.0F), zz = z * z;
    return (float)e * (float)M_LN2 + 2.0F * z * (1.0F + zz * (1.0F / 3.0F + zz * 0.2F));
}

/* Every STRIDEth bin of a row, n of them from column `from` on: logarithms of the powers, and rings. */
enum { STRIDE = 3, BINS_AT_ONCE = 64 };
LCT_CLONES static void look_at_bins(const struct lct_spectrum *s, const float *power, int from, int ky,
    float logs[BINS_AT_ONCE], int32_t rings[BINS_AT_ONCE])
{
    const float step = (float)s->ring_x, y = (float)(ky * s->ring_y);
    for (int i = 0; i < BINS_AT_ONCE; i++) {
        const float x = step * (float)(from + i * STRIDE);
        rings[i] = (int32_t)(sqrtf(x * x + y * y) + 0.5F);
    }
    const int n = (spectrum_columns(s) - from + STRIDE - 1) / STRIDE;
    for (int i = 0; i < (n < BINS_AT_ONCE ? n : BINS_AT_ONCE); i++)
        logs[i] = log_of(power[from + i * STRIDE]);
}

/* Sums of the logarithms, and how many there are, in each ring. */
static void sum_rings(const struct lct_spectrum *s, double *sum, double *count)
{
    const int columns = spectrum_columns(s);
    float logs[BINS_AT_ONCE];
    int32_t rings[BINS_AT_ONCE];
    for (int row = 0; row < s->height; row++) {
        const float *power = s->power + (size_t)row * (size_t)columns;
        const int ky = row <= s->height / 2 ? row : row - s->height;
        for (int from = row % STRIDE; from < columns; from += BINS_AT_ONCE * STRIDE) {
            look_at_bins(s, power, from, ky, logs, rings);
            for (int i = 0; i < BINS_AT_ONCE && from + i * STRIDE < columns && rings[i] < s->n_rings; i++)
                if (power[from + i * STRIDE] >= FLT_MIN) {
                    sum[rings[i]] += (double)logs[i];
                    count[rings[i]] += 1;
                }
        }
    }
}

/* The mean logarithm of exponentially distributed powers lies Euler's constant below that of their mean, and peaks weigh little. */
static enum lct_status make_rings(struct lct_spectrum *s, struct lct_err *err)
{
    static const double euler = 0.57721566490153286;
    double *sum = calloc(2 * (size_t)s->n_rings, sizeof *sum), *count = sum + s->n_rings;
    if (!sum)
        return lct_fail(err, LCT_E_LIMIT, "spectrum: no memory");
    sum_rings(s, sum, count);
    for (int i = 0; i < s->n_rings; i++) {
        double mean = 0, n = 0;
        const int reach = 2 + i / 16; /* rings near the middle hold few bins, and the spectrum is steep there */
        for (int k = i - reach; k <= i + reach; k++)
            if (k >= 0 && k < s->n_rings) {
                mean += sum[k];
                n += count[k];
            }
        s->ring_noise[i] = n > 0 ? (float)exp(mean / n + euler) : INFINITY;
    }
    const int across = (int)ceil(STRETCH * s->ring_x) + 1;
    for (int i = 0; i < s->n_rings; i++) {
        s->ring_floor[i] = s->ring_noise[i];
        for (int k = i > 0 ? i - 1 : 0; k <= i + across && k < s->n_rings; k++)
            s->ring_floor[i] = fminf(s->ring_floor[i], s->ring_noise[k]);
    }
    free(sum);
    return LCT_OK;
}

static enum lct_status transform(struct lct_spectrum *s, struct lct_err *err)
{
    struct cells *cells = malloc(sizeof *cells);
    if (!cells)
        return lct_fail(err, LCT_E_LIMIT, "spectrum: no memory");
    const bool any = subtract_background(s, cells);
    free(cells);
    if (!any)
        return lct_fail(err, LCT_E_NODATA, "spectrum: no structure in the picture");
    lct_fft_forward(s->fft, s->data, s->bins);
    if (s->hann)
        make_power_hann(s);
    else
        make_power_plain(s);
    return make_rings(s, err);
}

static void copy_box(struct lct_spectrum *s, const struct lct_image *plane)
{
    const size_t w = (size_t)s->width, before = (size_t)s->used_x, used = (size_t)s->used_width;
    const int below = s->used_y + s->used_height;
    memset(s->data, 0, w * (size_t)s->used_y * sizeof *s->data);
    for (int y = 0; y < s->used_height; y++) {
        float *row = s->data + (size_t)(y + s->used_y) * w;
        memset(row, 0, before * sizeof *row);
        memcpy(row + before, plane->px + (size_t)(y + s->y0) * (size_t)plane->width + (size_t)s->x0, used * sizeof *row);
        memset(row + before + used, 0, (w - before - used) * sizeof *row);
    }
    memset(s->data + (size_t)below * w, 0, (size_t)(s->height - below) * w * sizeof *s->data);
}

static void place(struct lct_spectrum *s, const struct lct_box *box)
{
    s->x0 = box->x;
    s->y0 = box->y;
    s->used_width = box->width;
    s->used_height = box->height;
    s->used_x = (s->width - box->width) / 2;
    s->used_y = (s->height - box->height) / 2;
}

enum lct_status lct_spectrum_load_without(
    struct lct_spectrum *spectrum, const struct lct_image *plane, const unsigned char *ignore, struct lct_err *err)
{
    struct lct_spectrum *s = spectrum;
    if (plane->width != s->most_width || plane->height != s->most_height)
        return lct_fail(err, LCT_E_ARG, "spectrum: a plane of %d x %d px for a plan of %d x %d", plane->width,
            plane->height, s->most_width, s->most_height);
    const struct lct_box box = lct_window_active(ignore, plane->width, plane->height);
    if (box.width < LEAST_SIDE || box.height < LEAST_SIDE)
        return lct_fail(err, LCT_E_NODATA, "spectrum: %d x %d px are left of the picture", box.width, box.height);
    enum lct_status status = take_size(s, lct_fft_good_size(box.width), lct_fft_good_size(box.height), err);
    if (status != LCT_OK)
        return status;
    s->hann = true;
    if (ignore || !s->whole) {
        place(s, &box);
        s->whole = false;
        status = spectrum_weigh_plane(s, ignore, plane->width, &box, err);
    }
    if (status != LCT_OK)
        return status;
    s->whole = !ignore;
    copy_box(s, plane);
    return transform(s, err);
}

enum lct_status lct_spectrum_load(struct lct_spectrum *spectrum, const struct lct_image *plane, struct lct_err *err)
{
    return lct_spectrum_load_without(spectrum, plane, NULL, err);
}

enum lct_status lct_spectrum_load_region(struct lct_spectrum *spectrum, const struct lct_image *plane,
    const struct lct_spectrum_region *region, struct lct_err *err)
{
    struct lct_spectrum *s = spectrum;
    const struct lct_spectrum_region *r = region;
    if (r->width < 1 || r->height < 1 || r->width > s->most_width || r->height > s->most_height || r->x0 < 0
        || r->y0 < 0 || r->x0 > plane->width - r->width || r->y0 > plane->height - r->height)
        return lct_fail(err, LCT_E_ARG, "spectrum: a region of %d x %d px at %d, %d does not fit", r->width, r->height,
            r->x0, r->y0);
    const int side = r->width > r->height ? r->width : r->height;
    const enum lct_status status =
        take_size(s, padded_side(side, s->full_width), padded_side(side, s->full_height), err);
    if (status != LCT_OK)
        return status;
    place(s, &(struct lct_box){ r->x0, r->y0, r->width, r->height });
    s->whole = s->hann = false;
    for (int y = 0; y < r->height; y++)
        memcpy(s->weights + (size_t)(y + s->used_y) * (size_t)s->width + (size_t)s->used_x,
            r->weights + (size_t)y * (size_t)r->width, (size_t)r->width * sizeof *s->weights);
    spectrum_sum_weights(s);
    if (s->weight_sum < LEAST_WEIGHT)
        return lct_fail(err, LCT_E_NODATA, "spectrum: the region is too small");
    copy_box(s, plane);
    return transform(s, err);
}

enum lct_status lct_spectrum_image(const struct lct_spectrum *spectrum, struct lct_image *out, struct lct_err *err)
{
    const struct lct_spectrum *s = spectrum;
    struct lct_image image = { 0 };
    const enum lct_status status = lct_image_init(&image, s->width, s->height, err);
    if (status != LCT_OK)
        return status;
    for (int y = 0; y < s->height; y++)
        for (int x = 0; x < s->width; x++) {
            const int kx = x - s->width / 2, ky = y - s->height / 2;
            const int ring = (int)(sqrt(spectrum_ring(s, kx, ky)) + 0.5);
            const double noise = (double)s->ring_noise[ring < s->n_rings ? ring : s->n_rings - 1];
            image.px[(size_t)y * (size_t)s->width + (size_t)x] =
                (float)log10((double)spectrum_power_at(s, kx, ky) / noise + 1e-3);
        }
    *out = image;
    return LCT_OK;
}
