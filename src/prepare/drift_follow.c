#include "drift_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PEAKS = 8, MOST_ANCHORS = 100, NEWTON_STEPS = 6, ANCHOR_ROUNDS = 2 };
static const unsigned long long MAGIC = 0x6c63742d64726931ULL;
static const double MOST_RATIO = 99;
/* What the coefficients cannot tell: the camera's own pattern and the codec hold the scene back where it hardly moves.
 * Measured on movies of known drift, px of the frame. */
static const double FLOOR_PX = 0.015;
static const double WIDER = 2.0; /* a peak outside the search radius must beat the one inside by this factor */

struct peak {
    double x, y; /* working px */
    double height;
};

/* ---- phase ramps ------------------------------------------------------------------------------------------------------ */

/* exp(2 pi i k step) for k = from .. from + n - 1, each from the one before: in double the error stays below 1e-13. */
static void make_phases(int from, int n, double step, float complex *out)
{
    const double complex turn = cexp(2 * M_PI * I * step);
    double complex z = cexp(2 * M_PI * I * (from * step));
    for (int k = 0; k < n; k++, z *= turn)
        out[k] = (float complex)z;
}

/* exp(2 pi i k . shift), separably: n_kx factors along x, then 2 n_ky + 1 along y. */
static void make_ramp(const struct lct_drift *d, double x, double y, float complex *ramp)
{
    make_phases(0, d->n_kx, x / d->fft_cols, ramp);
    make_phases(-d->n_ky, 2 * d->n_ky + 1, y / d->fft_rows, ramp + d->n_kx);
}

/* clang has no CMPLXF, and a + b * I may cost two multiplications */
static inline float complex make_complex(float re, float im)
{
    const union {
        float part[2];
        float complex z;
    } u = { { re, im } };
    return u.z;
}

/* Products by hand: the language's own must look for infinities, which costs a call each. */
static inline float complex times(float complex a, float complex b)
{
    const float ar = crealf(a), ai = cimagf(a), br = crealf(b), bi = cimagf(b);
    return make_complex(ar * br - ai * bi, ar * bi + ai * br);
}

/* to += share * (frame moved back by (x, y) - to) */
static void blend(struct lct_drift *d, const float complex *frame, double x, double y, float share, float complex *to)
{
    make_ramp(d, x, y, d->ramp);
    for (int r = 0; r < 2 * d->n_ky + 1; r++, frame += d->n_kx, to += d->n_kx)
        drift_blend(frame, d->ramp, d->ramp[d->n_kx + r], share, d->n_kx, to);
}

/* ---- correlation ------------------------------------------------------------------------------------------------------ */

/* product = frame x conj(reference); false: nothing in the band. */
static bool multiply(struct lct_drift *d, const float complex *frame, const float complex *reference)
{
    const size_t n = drift_count(d), row = (size_t)d->n_kx;
    double power = 0;
    for (size_t i = 0; i < n; i += row)
        power += drift_multiply(frame + i, reference + i, d->band + i, row, d->product + i);
    return power > 1e-12 * (double)n && isfinite(power);
}

static void correlate(struct lct_drift *d)
{
    const size_t stride = (size_t)d->fft_cols / 2 + 1;
    memset(d->spectrum, 0, stride * (size_t)d->fft_rows * sizeof *d->spectrum);
    for (int ky = -d->n_ky; ky <= d->n_ky; ky++) {
        const size_t from = (size_t)(ky + d->n_ky) * (size_t)d->n_kx;
        float complex *to = d->spectrum + drift_fft_row(d, ky) * stride;
        for (int k = 0; k < d->n_kx; k++)
            to[k] = d->band[from + (size_t)k] > 0 ? d->product[from + (size_t)k] : 0;
    }
    lct_fft_inverse_columns(d->fft, d->spectrum);
    memset(d->stripe_done, 0, (size_t)lct_fft_stripes(d->fft) * sizeof *d->stripe_done);
}

static long wrapped(long i, long n)
{
    return (i % n + n) % n;
}

/* The rest of the transform, for rows from .. to (at most all of them): the peak is nearly always close to where it was. */
static void finish_rows(struct lct_drift *d, long from, long to)
{
    for (long y = from; y <= to; y++) {
        const int stripe = (int)(wrapped(y, d->fft_rows) / LCT_FFT_STRIPE);
        if (!d->stripe_done[stripe])
            lct_fft_inverse_stripe(d->fft, stripe, d->spectrum, d->correlation);
        d->stripe_done[stripe] = true;
    }
}

static float at(const struct lct_drift *d, long x, long y)
{
    const long w = d->fft_cols, h = d->fft_rows;
    return d->correlation[wrapped(y, h) * w + wrapped(x, w)];
}

static bool is_peak(const struct lct_drift *d, long x, long y, float v)
{
    for (long j = y - 1; j <= y + 1; j++)
        for (long i = x - 1; i <= x + 1; i++)
            if ((i != x || j != y) && at(d, i, j) >= v)
                return false;
    return true;
}

/* The highest local maxima within `radius` of (x, y), highest first; returns how many (at most MOST_PEAKS). */
static int find_peaks(struct lct_drift *d, double x, double y, double radius, struct peak *peaks)
{
    const long cx = lround(x), cy = lround(y), r = (long)ceil(radius);
    int n = 0;
    finish_rows(d, cy - r - 1, cy + r + 1);
    for (long j = cy - r; j <= cy + r; j++)
        for (long i = cx - r; i <= cx + r; i++) {
            const float v = at(d, i, j);
            if (v <= 0 || (n == MOST_PEAKS && v <= peaks[n - 1].height) || !is_peak(d, i, j, v))
                continue;
            int slot = n < MOST_PEAKS ? n++ : n - 1;
            for (; slot > 0 && peaks[slot - 1].height < v; slot--)
                peaks[slot] = peaks[slot - 1];
            peaks[slot] = (struct peak){ (double)i, (double)j, v };
        }
    return n;
}

/* ---- the peak between the pixels ---------------------------------------------------------------------------------------- */

/* Slope and curvature of the correlation, a sum of waves, at a place between the pixels: exact, nothing is interpolated. */
struct shape {
    double gx, gy, hxx, hxy, hyy;
};

static struct shape shape_at(struct lct_drift *d, double x, double y)
{
    make_ramp(d, x, y, d->ramp);
    struct shape s = { 0 };
    for (int r = 0; r < 2 * d->n_ky + 1; r++) {
        const size_t row = (size_t)r * (size_t)d->n_kx;
        const struct drift_moments m = drift_row_moments(d->product + row, d->ramp, d->band + row, d->n_kx);
        const double c = (double)crealf(d->ramp[d->n_kx + r]), q = (double)cimagf(d->ramp[d->n_kx + r]);
        const double ky = 2 * M_PI * (r - d->n_ky) / d->fft_rows, kx = 2 * M_PI / d->fft_cols;
        s.gx -= kx * (m.im[1] * c + m.re[1] * q);
        s.gy -= ky * (m.im[0] * c + m.re[0] * q);
        s.hxy -= kx * ky * (m.re[1] * c - m.im[1] * q);
        s.hyy -= ky * ky * (m.re[0] * c - m.im[0] * q);
        s.hxx -= kx * kx * (m.re[2] * c - m.im[2] * q);
    }
    return s;
}

/* Newton's steps from a grid point; stays within a pixel of it. */
static struct shape climb(struct lct_drift *d, struct peak *p)
{
    const double x0 = p->x, y0 = p->y;
    struct shape s = shape_at(d, p->x, p->y);
    for (int i = 0; i < NEWTON_STEPS; i++) {
        const double det = s.hxx * s.hyy - s.hxy * s.hxy;
        if (!(det > 0) || !(s.hxx < 0))
            break;
        const double step_x = -(s.hyy * s.gx - s.hxy * s.gy) / det, step_y = -(s.hxx * s.gy - s.hxy * s.gx) / det;
        p->x = fmin(fmax(p->x + step_x, x0 - 1), x0 + 1);
        p->y = fmin(fmax(p->y + step_y, y0 - 1), y0 + 1);
        if (fabs(step_x) + fabs(step_y) < 1e-4)
            break;
        s = shape_at(d, p->x, p->y);
    }
    return s;
}

/* Variance of x and y in the mean, working px^2: what is out of phase at the peak is noise, and the curvature turns its sum
 * into a shift (a sandwich estimate, which needs no model of the noise). NaN: no peak. */
static double variance_at(struct lct_drift *d, const struct shape *s)
{
    double jxx = 0, jxy = 0, jyy = 0;
    for (int r = 0; r < 2 * d->n_ky + 1; r++) {
        const size_t row = (size_t)r * (size_t)d->n_kx;
        const double ky = 2 * M_PI * (r - d->n_ky) / d->fft_rows, kx = 2 * M_PI / d->fft_cols;
        const struct drift_residue q =
            drift_row_residue(d->product + row, d->ramp, d->band + row, d->ramp[d->n_kx + r], d->n_kx);
        jxx += kx * kx * q.v[2];
        jxy += kx * ky * q.v[1];
        jyy += ky * ky * q.v[0];
    }
    const double det = s->hxx * s->hyy - s->hxy * s->hxy;
    if (!(det > 0) || !(s->hxx < 0))
        return NAN;
    const double a = s->hyy / det, b = -s->hxy / det, c = s->hxx / det;
    const double vx = a * a * jxx + 2 * a * b * jxy + b * b * jyy, vy = b * b * jxx + 2 * b * c * jxy + c * c * jyy;
    const double least = FLOOR_PX / d->bin;
    return 0.5 * d->spread * (vx + vy) + least * least;
}

/* ---- which peak --------------------------------------------------------------------------------------------------------- */

/* By how many standard deviations the long waves (the envelope of whatever repeats) prefer `a` to `b`. */
static double envelope_lead(struct lct_drift *d, const struct peak *a, const struct peak *b)
{
    double lead = 0, var = 0;
    float complex *const there = d->ramp, *const turn = d->ramp + ramp_count(d); /* to a, and from a to b */
    make_ramp(d, a->x, a->y, there);
    make_ramp(d, b->x - a->x, b->y - a->y, turn);
    for (int r = 0; r < 2 * d->n_ky + 1; r++) {
        const size_t row = (size_t)r * (size_t)d->n_kx;
        for (int k = 0; k < d->n_kx; k++) {
            const double w = (double)d->guard[row + (size_t)k];
            if (w <= 0)
                continue;
            const float complex z = times(d->product[row + (size_t)k], times(there[d->n_kx + r], there[k]));
            const float complex t = times(turn[d->n_kx + r], turn[k]);
            const double zr = (double)crealf(z), zi = (double)cimagf(z), back = 1.0 - (double)crealf(t);
            lead += w * (zr * back + zi * (double)cimagf(t));
            var += w * w * zi * zi * 2.0 * back;
        }
    }
    return var > 0 ? lead / sqrt(d->spread * var) : 0;
}

/* Among n peaks of nearly one height: the one that the envelope prefers to all others, else the nearest to the prediction. */
static int choose(struct lct_drift *d, const struct peak *peaks, int n, double x, double y, bool *sure)
{
    int nearest = 0;
    for (int i = 0; i < n; i++) {
        bool best = true;
        for (int j = 0; j < n && best; j++)
            best = j == i || envelope_lead(d, &peaks[i], &peaks[j]) > 3;
        if (best) {
            *sure = true;
            return i;
        }
        if (hypot(peaks[i].x - x, peaks[i].y - y) < hypot(peaks[nearest].x - x, peaks[nearest].y - y))
            nearest = i;
    }
    *sure = false;
    return nearest;
}

struct place {
    double x, y, var; /* working px */
    double ratio;
    unsigned flags;
};

static double ratio_of(const struct peak *peaks, int n)
{
    return n < 2 ? MOST_RATIO : fmin(peaks[0].height / peaks[1].height, MOST_RATIO);
}

static struct place no_signal(double x, double y)
{
    return (struct place){ .x = x, .y = y, .var = NAN, .ratio = NAN, .flags = LCT_DRIFT_NO_SIGNAL };
}

/* Where `frame` lies against `reference`, near (x, y). */
static struct place locate(
    struct lct_drift *d, const float complex *frame, const float complex *reference, double x, double y)
{
    if (!multiply(d, frame, reference))
        return no_signal(x, y);
    correlate(d);
    const double most = (d->cols < d->rows ? d->cols : d->rows) / 4.0;
    /* never narrower than the band's longest wave: a rival one wave away must be seen to be compared */
    const double radius = fmin(most, fmax(d->params.search_px / d->bin, 1.5 * d->coarsest));
    struct peak peaks[MOST_PEAKS], far[MOST_PEAKS];
    int n = find_peaks(d, x, y, radius, peaks);
    struct place found = { .flags = 0 };
    if (n == 0 || ratio_of(peaks, n) < d->params.least_ratio) {
        const int n_far = find_peaks(d, x, y, most, far);
        if (n_far > 0 && (n == 0 || far[0].height > WIDER * peaks[0].height)) {
            memcpy(peaks, far, sizeof peaks);
            n = n_far;
            found.flags |= LCT_DRIFT_WIDE;
        }
    }
    if (n == 0)
        return no_signal(x, y);
    int rivals = 1;
    while (rivals < n && peaks[0].height < d->params.least_ratio * peaks[rivals].height)
        rivals++;
    found.ratio = ratio_of(peaks, n);
    bool sure = true;
    struct peak best = peaks[rivals > 1 ? choose(d, peaks, rivals, x, y, &sure) : 0];
    found.flags |= sure ? 0 : LCT_DRIFT_AMBIGUOUS;
    const struct shape s = climb(d, &best);
    found.x = best.x;
    found.y = best.y;
    found.var = variance_at(d, &s);
    return found;
}

static bool may_join(const struct place *p)
{
    return !(p->flags & (LCT_DRIFT_AMBIGUOUS | LCT_DRIFT_NO_SIGNAL));
}

static struct lct_drift_result to_result(const struct lct_drift *d, const struct place *p)
{
    return (struct lct_drift_result){ .dx_px = p->x * d->bin,
        .dy_px = p->y * d->bin,
        .sd_px = d->bin * sqrt(p->var + d->memory.origin_var),
        .peak_ratio = p->ratio,
        .flags = p->flags };
}

/* ---- the ordered steps ---------------------------------------------------------------------------------------------------- */

static bool has_signal(struct lct_drift *d, const float complex *frame)
{
    return multiply(d, frame, frame);
}

static void join(struct lct_drift *d, const float complex *frame, const struct place *p)
{
    const long most = d->params.reference_frames;
    d->memory.frames = d->memory.frames < most ? d->memory.frames + 1 : most;
    blend(d, frame, p->x, p->y, 1.0f / (float)d->memory.frames, d->reference);
}

/* First guess: each frame against the mean of those before. Returns the first frame with signal (n: none). */
static size_t chain(struct lct_drift *d, const float complex *const *spectra, size_t n, struct place *places)
{
    size_t first = n;
    double x = 0, y = 0;
    for (size_t i = 0; i < n; i++) {
        if (first == n) {
            places[i] = no_signal(0, 0);
            if (!has_signal(d, spectra[i]))
                continue;
            first = i;
            places[i] = (struct place){ .ratio = MOST_RATIO };
        } else {
            places[i] = locate(d, spectra[i], d->reference, x, y);
        }
        x = places[i].x;
        y = places[i].y;
        if (may_join(&places[i]))
            join(d, spectra[i], &places[i]);
    }
    return first;
}

/* Each frame against the mean of all others (its own noise would hold it where it is). `others` is scratch. */
static void relax(struct lct_drift *d, const float complex *const *spectra, size_t n, struct place *places,
    const struct place *before, float complex *others)
{
    const long members = d->memory.frames;
    for (size_t i = 0; i < n; i++) {
        if (places[i].flags & LCT_DRIFT_NO_SIGNAL)
            continue;
        memcpy(others, d->reference, drift_count(d) * sizeof *others);
        if (may_join(&before[i])) {
            if (members < 2)
                continue;
            /* mean without this one = mean - (this - mean) / (members - 1) */
            blend(d, spectra[i], before[i].x, before[i].y, -1.0f / (float)(members - 1), others);
        }
        places[i] = locate(d, spectra[i], others, before[i].x, before[i].y);
    }
}

static void rebuild(struct lct_drift *d, const float complex *const *spectra, size_t n, const struct place *places)
{
    memset(d->reference, 0, drift_count(d) * sizeof *d->reference);
    d->memory.frames = 0;
    for (size_t i = 0; i < n; i++)
        if (may_join(&places[i]))
            join(d, spectra[i], &places[i]);
}

static void shift_origin(struct place *places, size_t first, size_t n)
{
    const double x = places[first].x, y = places[first].y;
    for (size_t i = first; i < n; i++) {
        places[i].x -= x;
        places[i].y -= y;
    }
}

enum lct_status lct_drift_anchor(struct lct_drift *drift, const float complex *const *spectra, size_t n,
    struct lct_drift_result *results, struct lct_err *err)
{
    struct lct_drift *d = drift;
    if (n < 1 || n > MOST_ANCHORS || d->memory.anchored)
        return lct_fail(err, LCT_E_ARG, "drift: %zu frames to start with (1..%d, once)", n, MOST_ANCHORS);
    float complex *others = lct_drift_spectrum_alloc(d);
    if (!others)
        return lct_fail(err, LCT_E_LIMIT, "drift: no memory for a spectrum");
    struct place places[MOST_ANCHORS], before[MOST_ANCHORS];
    const size_t first = chain(d, spectra, n, places);
    for (int round = 0; round < ANCHOR_ROUNDS && first < n; round++) {
        memcpy(before, places, sizeof before);
        relax(d, spectra, n, places, before, others);
        shift_origin(places, first, n);
        rebuild(d, spectra, n, places);
    }
    free(others);
    if (first < n && places[first].var > 0)
        d->memory.origin_var = places[first].var;
    for (size_t i = 0; i < n; i++)
        results[i] = to_result(d, &places[i]);
    if (first < n)
        results[first].sd_px = 0;
    d->memory.last[0] = places[n - 1].x;
    d->memory.last[1] = places[n - 1].y;
    d->memory.anchored = 1;
    return LCT_OK;
}

enum lct_status lct_drift_follow(
    struct lct_drift *drift, const float complex *spectrum, struct lct_drift_result *result, struct lct_err *err)
{
    struct lct_drift *d = drift;
    if (!d->memory.anchored)
        return lct_fail(err, LCT_E_ARG, "drift: follow before anchor");
    struct place p;
    if (d->memory.frames > 0)
        p = locate(d, spectrum, d->reference, d->memory.last[0], d->memory.last[1]);
    else if (has_signal(d, spectrum)) /* the movie was blank so far: here is its origin */
        p = (struct place){ .ratio = MOST_RATIO };
    else
        p = no_signal(0, 0);
    if (may_join(&p))
        join(d, spectrum, &p);
    d->memory.last[0] = p.x;
    d->memory.last[1] = p.y;
    *result = to_result(d, &p);
    return LCT_OK;
}

/* ---- checkpoints ---------------------------------------------------------------------------------------------------------- */

size_t lct_drift_state_bytes(const struct lct_drift *drift)
{
    return sizeof drift->memory + drift_count(drift) * sizeof *drift->reference;
}

void lct_drift_save(const struct lct_drift *drift, void *state)
{
    struct drift_memory memory = drift->memory;
    memory.magic = MAGIC;
    memory.count = drift_count(drift);
    memcpy(state, &memory, sizeof memory);
    memcpy((char *)state + sizeof memory, drift->reference, drift_count(drift) * sizeof *drift->reference);
}

enum lct_status lct_drift_restore(struct lct_drift *drift, const void *state, size_t bytes, struct lct_err *err)
{
    struct drift_memory memory = { 0 };
    if (bytes >= sizeof memory)
        memcpy(&memory, state, sizeof memory);
    if (memory.magic != MAGIC || memory.count != drift_count(drift) || bytes != lct_drift_state_bytes(drift))
        return lct_fail(
            err, LCT_E_INPUT, "drift: the checkpoint belongs to another movie or recipe; start again without --resume");
    drift->memory = memory;
    memcpy(drift->reference, (const char *)state + sizeof memory, drift_count(drift) * sizeof *drift->reference);
    return LCT_OK;
}
