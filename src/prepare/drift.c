#include "drift_private.h"

#include <lctem/clones.h>
#include <lctem/lanes.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST_PX = 32, WORKING_PX = 512, MOST_ANCHORS = 100, MOST_BIN = 128, MEAN_STRIDE = 8 };
static const double FINEST_GRID = 2.5; /* working px: below, a wave is hardly sampled */
static const double LEAST_SPAN = 2.5;  /* coarsest / finest */
static const double TAPER_FRAC = 0.5;

struct lct_drift_work {
    float *plane; /* of the transform */
    float *line;  /* binning: a row of the box, its ends repeated on either side */
    float complex *spectrum;
};

static size_t line_count(const struct lct_drift *d)
{
    return (size_t)d->box.width + (size_t)d->bin;
}

struct lct_drift_params lct_drift_defaults(void)
{
    return (struct lct_drift_params){ .pixel_size_nm = NAN,
        .finest_nm = 0.3,
        .coarsest_nm = 1,
        .finest_px = 3,
        .coarsest_px = 10,
        .search_px = 8,
        .anchor_frames = 24,
        .reference_frames = 200,
        .least_ratio = 1.3 };
}

static enum lct_status check(const struct lct_drift_params *p, struct lct_err *err)
{
    if (!isnan(p->pixel_size_nm) && !(p->pixel_size_nm > 0 && isfinite(p->pixel_size_nm)))
        return lct_fail(err, LCT_E_ARG, "drift: a pixel size of %g nm; give a positive one, or none", p->pixel_size_nm);
    if (!(p->finest_nm > 0 && p->coarsest_nm > p->finest_nm && p->finest_px > 0 && p->coarsest_px > p->finest_px)
        || !isfinite(p->coarsest_nm) || !isfinite(p->coarsest_px))
        return lct_fail(err, LCT_E_ARG,
            "drift: the band %g-%g nm (%g-%g px) is empty; the coarser wavelength must be larger", p->finest_nm,
            p->coarsest_nm, p->finest_px, p->coarsest_px);
    if (!(p->search_px > 0 && p->search_px < 1e6) || !(p->least_ratio >= 1))
        return lct_fail(
            err, LCT_E_ARG, "drift: search radius %g px (> 0) or least ratio %g (>= 1)", p->search_px, p->least_ratio);
    if (p->anchor_frames < 1 || p->anchor_frames > MOST_ANCHORS || p->reference_frames < p->anchor_frames)
        return lct_fail(err, LCT_E_ARG, "drift: %d anchor frames (1..%d) and %d reference frames (not fewer)",
            p->anchor_frames, MOST_ANCHORS, p->reference_frames);
    return LCT_OK;
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* Bin by two until the smaller side is below 2 x WORKING_PX; the band follows. */
static void choose_grid(struct lct_drift *d)
{
    const struct lct_drift_params *p = &d->params;
    const int smaller = d->box.width < d->box.height ? d->box.width : d->box.height;
    for (d->bin = 1; smaller / d->bin >= 2 * WORKING_PX && d->bin < MOST_BIN; d->bin *= 2) {
    }
    d->cols = d->box.width / d->bin;
    d->rows = d->box.height / d->bin;
    d->fft_cols = lct_fft_good_size(d->cols);
    d->fft_rows = lct_fft_good_size(d->rows);
    const bool known = !isnan(p->pixel_size_nm);
    const double finest = (known ? p->finest_nm / p->pixel_size_nm : p->finest_px) / d->bin;
    const double coarsest = (known ? p->coarsest_nm / p->pixel_size_nm : p->coarsest_px) / d->bin;
    const double side = (double)smaller / d->bin;
    d->finest = clamp(finest, FINEST_GRID, side / 4 / LEAST_SPAN);
    d->coarsest = clamp(coarsest, LEAST_SPAN * d->finest, side / 4);
    d->n_kx = (int)(d->fft_cols / d->finest) + 1;
    d->n_ky = (int)(d->fft_rows / d->finest);
}

static enum lct_status make_window(struct lct_drift *d, const unsigned char *ignore, struct lct_err *err)
{
    const size_t n = (size_t)d->cols * (size_t)d->rows;
    d->window = malloc(n * sizeof *d->window);
    unsigned char *hidden = calloc(n, 1);
    float *taper = malloc((size_t)(d->cols + d->rows) * sizeof *taper);
    enum lct_status status = LCT_OK;
    if (!d->window || !hidden || !taper)
        status = lct_fail(err, LCT_E_LIMIT, "drift: no memory for a window of %d x %d px", d->cols, d->rows);
    for (int y = 0; status == LCT_OK && ignore && y < d->rows * d->bin; y++) {
        const unsigned char *row = ignore + (size_t)(d->box.y + y) * (size_t)d->width + d->box.x;
        for (int x = 0; x < d->cols * d->bin; x++)
            if (row[x])
                hidden[(size_t)(y / d->bin) * (size_t)d->cols + (size_t)(x / d->bin)] = 1;
    }
    if (status == LCT_OK)
        status =
            lct_window_around(d->window, ignore ? hidden : NULL, d->cols, d->rows, (int)ceil(d->coarsest / 2), err);
    double sum2 = 0, sum4 = 0;
    if (status == LCT_OK) {
        lct_window_tukey(taper, d->cols, TAPER_FRAC);
        lct_window_tukey(taper + d->cols, d->rows, TAPER_FRAC);
        for (size_t i = 0; i < n; i++) {
            const double w = d->window[i] *= taper[i % (size_t)d->cols] * taper[(size_t)d->cols + i / (size_t)d->cols];
            sum2 += w * w;
            sum4 += w * w * w * w;
        }
        d->spread = sum2 > 0 ? (double)d->fft_cols * d->fft_rows * sum4 / (sum2 * sum2) : 1;
    }
    free(hidden);
    free(taper);
    return status;
}

/* Weight of each kept coefficient in the half plane: 1 on the column kx = 0, whose two halves are both there, else 2. */
static void make_band(struct lct_drift *d)
{
    for (int ky = -d->n_ky; ky <= d->n_ky; ky++)
        for (int kx = 0; kx < d->n_kx; kx++) {
            const size_t i = (size_t)(ky + d->n_ky) * (size_t)d->n_kx + (size_t)kx;
            const double q = hypot((double)kx / d->fft_cols, (double)ky / d->fft_rows);
            const float weight = kx == 0 ? 1 : 2;
            d->band[i] = q * d->finest <= 1 && q * d->coarsest >= 1 ? weight : 0;
            d->guard[i] = q * d->coarsest < 1 && q * 8 * d->coarsest >= 1 ? weight : 0;
        }
}

static enum lct_status make_arrays(struct lct_drift *d, struct lct_err *err)
{
    const size_t n = drift_count(d);
    d->band = malloc(n * sizeof *d->band);
    d->guard = malloc(n * sizeof *d->guard);
    d->reference = calloc(n, sizeof *d->reference);
    d->product = malloc(n * sizeof *d->product);
    d->ramp = malloc(2 * ramp_count(d) * sizeof *d->ramp);
    d->spectrum = lct_fft_alloc_spectrum(d->fft);
    d->correlation = lct_fft_alloc_real(d->fft);
    d->stripe_done = calloc((size_t)lct_fft_stripes(d->fft), sizeof *d->stripe_done);
    if (!d->band || !d->guard || !d->reference || !d->product || !d->ramp || !d->spectrum || !d->correlation
        || !d->stripe_done)
        return lct_fail(err, LCT_E_LIMIT, "drift: no memory for spectra of %d x %d px", d->fft_cols, d->fft_rows);
    make_band(d);
    return LCT_OK;
}

enum lct_status lct_drift_create(struct lct_drift **out, int width, int height, const unsigned char *ignore,
    const struct lct_drift_params *params, struct lct_err *err)
{
    enum lct_status status = check(params, err);
    if (status != LCT_OK)
        return status;
    const struct lct_box box = lct_window_active(ignore, width, height);
    if (box.width < SMALLEST_PX || box.height < SMALLEST_PX)
        return lct_fail(err, LCT_E_NODATA, "drift: %d x %d px of picture are too small to be followed; %d are needed",
            box.width, box.height, SMALLEST_PX);
    struct lct_drift *d = calloc(1, sizeof *d);
    if (!d)
        return lct_fail(err, LCT_E_LIMIT, "drift: no memory");
    d->params = *params;
    d->width = width;
    d->height = height;
    d->box = box;
    choose_grid(d);
    status = lct_fft_create_band(&d->fft, d->fft_cols, d->fft_rows, d->n_kx, err);
    if (status == LCT_OK)
        status = make_window(d, ignore, err);
    if (status == LCT_OK)
        status = make_arrays(d, err);
    if (status != LCT_OK) {
        lct_drift_destroy(&d);
        return status;
    }
    *out = d;
    return LCT_OK;
}

void lct_drift_destroy(struct lct_drift **drift)
{
    struct lct_drift *d = *drift;
    if (!d)
        return;
    lct_fft_free(d->correlation);
    free(d->stripe_done);
    lct_fft_free(d->spectrum);
    lct_fft_destroy(&d->fft);
    free(d->ramp);
    free(d->product);
    free(d->reference);
    free(d->guard);
    free(d->band);
    free(d->window);
    free(d);
    *drift = NULL;
}

enum lct_status lct_drift_work_create(struct lct_drift_work **out, const struct lct_drift *drift, struct lct_err *err)
{
    struct lct_drift_work *w = calloc(1, sizeof *w);
    if (w) {
        w->plane = lct_fft_alloc_real(drift->fft);
        w->spectrum = lct_fft_alloc_spectrum(drift->fft);
        w->line = malloc(line_count(drift) * sizeof *w->line);
    }
    if (!w || !w->plane || !w->spectrum || !w->line) {
        lct_drift_work_destroy(&w);
        return lct_fail(
            err, LCT_E_LIMIT, "drift: no memory for a transform of %d x %d px", drift->fft_cols, drift->fft_rows);
    }
    *out = w;
    return LCT_OK;
}

void lct_drift_work_destroy(struct lct_drift_work **work)
{
    if (!*work)
        return;
    lct_fft_free((*work)->plane);
    lct_fft_free((*work)->spectrum);
    free((*work)->line);
    free(*work);
    *work = NULL;
}

size_t lct_drift_spectrum_count(const struct lct_drift *drift)
{
    return drift_count(drift);
}

float complex *lct_drift_spectrum_alloc(const struct lct_drift *drift)
{
    return malloc(drift_count(drift) * sizeof(float complex));
}

void lct_drift_spectrum_free(float complex *spectrum)
{
    free(spectrum);
}

static bool is_known(float v)
{
    return v - v == 0;
}

/* Mean of the known pixels inside the box, of some rows: it stands in for the unknown ones, and apply_window takes off the rest. */
LCT_CLONES static float known_mean(const struct lct_drift *d, const struct lct_image *frame)
{
    double sum = 0, n = 0;
    for (int y = 0; y < d->box.height; y += MEAN_STRIDE) {
        const float *row = frame->px + (size_t)(d->box.y + y) * (size_t)d->width + d->box.x;
        for (int x = 0; x < d->box.width; x++) {
            sum += is_known(row[x]) ? (double)row[x] : 0.0;
            n += is_known(row[x]) ? 1.0 : 0.0;
        }
    }
    return n > 0 ? (float)(sum / n) : 0;
}

/* Row y of the box, its mean taken off, the unknown pixels put there. */
LCT_CLONES static void copy_row(const struct lct_drift *d, const struct lct_image *frame, int y, float mean, float *out)
{
    const float *row = frame->px + (size_t)(d->box.y + y) * (size_t)d->width + d->box.x;
    for (int x = 0; x < d->box.width; x++)
        out[x] = is_known(row[x]) ? row[x] - mean : 0;
}

LCT_CLONES static void add_row_times(
    const struct lct_drift *d, const struct lct_image *frame, int y, float mean, float tap, float *restrict sum)
{
    const float *restrict row = frame->px + (size_t)(d->box.y + y) * (size_t)d->width + d->box.x;
    for (int x = 0; x < d->box.width; x++)
        sum[x] += tap * (is_known(row[x]) ? row[x] - mean : 0);
}

/* Weights of a binning filter of 2 bin taps: [1 3 3 1] / 8 for bin = 2. Its zeros and steep sides keep lattice fringes beyond
 * the coarse grid's reach from coming back folded, where they would move the wrong way. */
static float tap(int bin, int i)
{
    const double from_centre = fabs(i - (2 * bin - 1) / 2.0) / bin;
    return (float)((1 - from_centre) / bin);
}

static inline void bin_columns(
    const float *restrict padded, const float *restrict taps, int bin, int n, float *restrict out)
{
    for (int x = 0; x < n; x++) {
        float v = 0;
        for (int i = 0; i < 2 * bin; i++)
            v += taps[i] * padded[x * bin + i];
        out[x] = v;
    }
}

/* The constant unrolls the loop over the taps: 1024 x 1024 px, the commonest of the larger cameras. */
LCT_CLONES static void bin_two_columns(const float *padded, const float *taps, int n, float *out)
{
    bin_columns(padded, taps, 2, n, out);
}

static void bin_frame(const struct lct_drift *d, const struct lct_image *frame, struct lct_drift_work *w)
{
    const float mean = known_mean(d, frame);
    for (int y = 0; d->bin == 1 && y < d->rows; y++)
        copy_row(d, frame, y, mean, w->plane + (size_t)y * (size_t)d->fft_cols);
    if (d->bin == 1)
        return;
    float taps[2 * MOST_BIN];
    for (int i = 0; i < 2 * d->bin; i++)
        taps[i] = tap(d->bin, i);
    const int half = d->bin / 2;
    float *sum = w->line + half;
    for (int y = 0; y < d->rows; y++) {
        memset(w->line, 0, line_count(d) * sizeof *w->line);
        for (int j = 0; j < 2 * d->bin; j++) {
            const int from = y * d->bin + j - half;
            add_row_times(d, frame,
                from < 0                    ? 0
                    : from >= d->box.height ? d->box.height - 1
                                            : from,
                mean, taps[j], sum);
        }
        for (int i = 1; i <= half; i++) {
            sum[-i] = sum[0];
            sum[d->box.width - 1 + i] = sum[d->box.width - 1];
        }
        float *out = w->plane + (size_t)y * (size_t)d->fft_cols;
        if (d->bin == 2)
            bin_two_columns(w->line, taps, d->cols, out);
        else
            bin_columns(w->line, taps, d->bin, d->cols, out);
    }
}

/* Take off the weighted mean, so that the window's own shape does not enter; zero the padding. */
LCT_CLONES static void apply_window(const struct lct_drift *d, float *plane)
{
    double sum = 0, weight = 0;
    for (int y = 0; y < d->rows; y++) {
        const float *w = d->window + (size_t)y * (size_t)d->cols, *p = plane + (size_t)y * (size_t)d->fft_cols;
        lct_lanes product = { 0 }, all = { 0 }, value, share;
        for (int x = 0; x + LCT_LANES <= d->cols; x += LCT_LANES) {
            lct_lanes_load(&value, p + x);
            lct_lanes_load(&share, w + x);
            product += share * value;
            all += share;
        }
        sum += lct_lanes_sum(&product);
        weight += lct_lanes_sum(&all);
    }
    const float mean = weight > 0 ? (float)(sum / weight) : 0;
    for (int y = 0; y < d->fft_rows; y++) {
        float *p = plane + (size_t)y * (size_t)d->fft_cols;
        const float *w = d->window + (size_t)y * (size_t)d->cols;
        const int cols = y < d->rows ? d->cols : 0;
        for (int x = 0; x < cols; x++)
            p[x] = (p[x] - mean) * w[x];
        memset(p + cols, 0, (size_t)(d->fft_cols - cols) * sizeof *p);
    }
}

/* F / |F|^(1/2): half way to phase only. Evens out the band without raising empty coefficients to the rank of full ones. */
LCT_CLONES static void whiten(const struct lct_drift *d, const float complex *from, float complex *to)
{
    const size_t stride = (size_t)d->fft_cols / 2 + 1;
    for (int ky = -d->n_ky; ky <= d->n_ky; ky++) {
        const float *in = (const float *)(from + drift_fft_row(d, ky) * stride);
        float *out = (float *)(to + (size_t)(ky + d->n_ky) * (size_t)d->n_kx);
        for (int k = 0; k < d->n_kx; k++) {
            const float re = in[2 * k], im = in[2 * k + 1];
            const float scale = 1 / sqrtf(sqrtf(re * re + im * im) + 1e-30f);
            out[2 * k] = re * scale;
            out[2 * k + 1] = im * scale;
        }
    }
}

enum lct_status lct_drift_prepare(const struct lct_drift *drift, struct lct_drift_work *work,
    const struct lct_image *frame, float complex *spectrum, struct lct_err *err)
{
    if (frame->width != drift->width || frame->height != drift->height)
        return lct_fail(err, LCT_E_ARG, "drift: a frame of %d x %d px among frames of %d x %d px", frame->width,
            frame->height, drift->width, drift->height);
    bin_frame(drift, frame, work);
    apply_window(drift, work->plane);
    lct_fft_forward(drift->fft, work->plane, work->spectrum);
    whiten(drift, work->spectrum, spectrum);
    return LCT_OK;
}
