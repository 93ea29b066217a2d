#include "spectrum_private.h"

#include <math.h>
#include <string.h>

enum { SWEEPS = 4, STEPS = 12 };
static const double FAR_BINS = 15.0; /* beyond half a period per block a neighbour cannot be told from its alias */
static const double RUNAWAY = 1.2;       /* in units of the resolution: a fit that leaves its peak has found another one, or none */
static const double STILL_BINS = 1e-6;

/* A wave in the making. */
struct fit {
    double start_x, start_y; /* frequency that was taken out of its blocks */
    double gx, gy;           /* where it is now */
    double complex c;
    bool ok;
};

/* Pixels of block b of `n` along a side of `length`. */
static int block_from(int b, int length)
{
    return (b * length + BLOCKS - 1) / BLOCKS;
}

/* Place of block b from the middle of the transform. */
static double block_at(int b, int length)
{
    return 0.5 * (block_from(b, length) + block_from(b + 1, length) - 1) - 0.5 * (length - 1);
}

/* Sums over a stripe of rows, each row turned by its phase: plain loops over columns, which the compiler can do four at a time. */
static void add_stripe(struct lct_spectrum *s, const float *phases, int from, int to)
{
    float *restrict re = s->column, *restrict im = re + s->width;
    memset(re, 0, 2 * (size_t)s->width * sizeof *re);
    for (int y = from; y < to; y++) {
        const float *restrict row = s->data + (size_t)y * (size_t)s->width;
        const float cy = phases[y], sy = phases[s->height + y];
        for (int x = s->used_x; x < s->used_x + s->used_width; x++) {
            re[x] += cy * row[x];
            im[x] += sy * row[x];
        }
    }
}

/* Phases of a wave along a side of `length`, conjugate: cosines, then sines. */
static void set_phases(double frequency, int length, float *phases)
{
    /* a rotation by one pixel at a time, set right every now and then */
    enum { STRETCH = 64 };
    const double complex step = cexp(-2 * M_PI * I * frequency);
    double complex at = 0;
    for (int i = 0; i < length; i++) {
        at = i % STRETCH == 0 ? cexp(-2 * M_PI * I * frequency * (i - 0.5 * (length - 1))) : at * step;
        phases[i] = (float)creal(at);
        phases[length + i] = (float)cimag(at);
    }
}

/* The blocks of one row of blocks, from its stripe. */
static void sum_blocks(const struct lct_spectrum *s, const float *phases, double complex *block)
{
    const float *re = s->column, *im = re + s->width, *cx = phases, *sx = phases + s->width;
    for (int bx = 0; bx < BLOCKS; bx++) {
        double sum_re = 0, sum_im = 0;
        const int end = block_from(bx + 1, s->width);
        for (int x = block_from(bx, s->width); x < end; x++) {
            sum_re += (double)(re[x] * cx[x] - im[x] * sx[x]);
            sum_im += (double)(re[x] * sx[x] + im[x] * cx[x]);
        }
        block[bx] = sum_re + I * sum_im;
    }
}

/* Sums over blocks of data x exp(-2 pi i g.r), each wave's frequency taken out. Stripe by stripe for all waves, since a stripe
 * stays in the cache and the plane does not. */
static void demodulate(struct lct_spectrum *s, const struct fit *fits, size_t n)
{
    const size_t along_x = 2 * (size_t)s->width, along_y = 2 * (size_t)s->height;
    float *px = s->phases, *py = px + along_x * LCT_SPECTRUM_WAVES;
    for (size_t j = 0; j < n; j++) {
        set_phases(fits[j].start_x, s->width, px + along_x * j);
        set_phases(fits[j].start_y, s->height, py + along_y * j);
    }
    memset(s->block, 0, n * sizeof *s->block);
    for (int by = 0; by < BLOCKS; by++) {
        const int low = block_from(by, s->height), high = block_from(by + 1, s->height);
        const int from = low > s->used_y ? low : s->used_y;
        const int to = high < s->used_y + s->used_height ? high : s->used_y + s->used_height;
        for (size_t j = 0; j < n && from < to; j++) {
            add_stripe(s, py + along_y * j, from, to);
            sum_blocks(s, px + along_x * j, s->block[j] + by * BLOCKS);
        }
    }
}

static void turns(double frequency, int length, double sign, double complex *out)
{
    for (int b = 0; b < BLOCKS; b++) {
        const double phase = sign * 2 * M_PI * frequency * block_at(b, length);
        out[b] = cos(phase) + I * sin(phase);
    }
}

static double sinc(double x)
{
    return fabs(x) < 1e-9 ? 1.0 : sin(M_PI * x) / (M_PI * x);
}

/* Take a wave c at distance (dx, dy) from the taken-out frequency off the blocks. */
static void subtract_wave(const struct lct_spectrum *s, double dx, double dy, double complex c, double complex *block)
{
    double complex tx[BLOCKS], ty[BLOCKS];
    turns(dx, s->width, 1.0, tx);
    turns(dy, s->height, 1.0, ty);
    c *= sinc(dx * s->width / BLOCKS) * sinc(dy * s->height / BLOCKS);
    for (int by = 0; by < BLOCKS; by++)
        for (int bx = 0; bx < BLOCKS; bx++)
            block[by * BLOCKS + bx] -= c * ty[by] * tx[bx] * s->block_weight[by * BLOCKS + bx];
}

static bool near(const struct lct_spectrum *s, double dx, double dy)
{
    return fabs(dx) * s->width < FAR_BINS && fabs(dy) * s->height < FAR_BINS;
}

/* Everything near wave j but itself, out of a copy of its blocks. Returns how much there was. */
static int free_of_neighbours(const struct lct_spectrum *s, const struct fit *fits, size_t n, size_t j, double complex *block)
{
    const struct fit *f = &fits[j];
    int found = 0;
    memcpy(block, s->block[j], BLOCK_COUNT * sizeof *block);
    for (size_t k = 0; k < n; k++) {
        const struct fit *o = &fits[k];
        if (!o->ok)
            continue;
        if (k != j && near(s, o->gx - f->start_x, o->gy - f->start_y)) {
            subtract_wave(s, o->gx - f->start_x, o->gy - f->start_y, o->c, block);
            found++;
        }
        if (near(s, -o->gx - f->start_x, -o->gy - f->start_y)) { /* its mirror image; of a coarse wave its own, too */
            subtract_wave(s, -o->gx - f->start_x, -o->gy - f->start_y, conj(o->c), block);
            found++;
        }
    }
    return found;
}

/* Sum over blocks of z exp(-2 pi i d.r) times 1, x, y, x^2, x y, y^2. */
static void moments(const struct lct_spectrum *s, const double complex *block, double dx, double dy, double complex *out)
{
    double complex tx[BLOCKS], ty[BLOCKS];
    turns(dx, s->width, -1.0, tx);
    turns(dy, s->height, -1.0, ty);
    for (int i = 0; i < 6; i++)
        out[i] = 0;
    for (int by = 0; by < BLOCKS; by++) {
        double complex m0 = 0, m1 = 0, m2 = 0;
        for (int bx = 0; bx < BLOCKS; bx++) {
            const double x = block_at(bx, s->width) - s->centre_x;
            const double complex z = block[by * BLOCKS + bx] * tx[bx];
            m0 += z;
            m1 += x * z;
            m2 += x * x * z;
        }
        const double y = block_at(by, s->height) - s->centre_y;
        out[0] += ty[by] * m0;
        out[1] += ty[by] * m1;
        out[2] += ty[by] * y * m0;
        out[3] += ty[by] * m2;
        out[4] += ty[by] * y * m1;
        out[5] += ty[by] * y * y * m0;
    }
}

static double dot(double complex a, double complex b)
{
    return creal(conj(a) * b);
}

/* Newton's method on |A(d)|^2, the weighted least squares of one wave. */
static void climb(const struct lct_spectrum *s, const double complex *block, struct fit *f)
{
    double complex m[6];
    for (int step = 0; step < STEPS; step++) {
        moments(s, block, f->gx - f->start_x, f->gy - f->start_y, m);
        /* A' = -2 pi i m1, A'' = -4 pi^2 m2; the common factor 2 is left out */
        const double px = 2 * M_PI * cimag(conj(m[0]) * m[1]), py = 2 * M_PI * cimag(conj(m[0]) * m[2]);
        const double k = 4 * M_PI * M_PI;
        const double xx = k * (dot(m[1], m[1]) - dot(m[0], m[3])), xy = k * (dot(m[1], m[2]) - dot(m[0], m[4])),
                     yy = k * (dot(m[2], m[2]) - dot(m[0], m[5])), det = xx * yy - xy * xy;
        if (!(xx < 0 && det > 0)) { /* not on top of a peak */
            f->ok = false;
            return;
        }
        double ux = -(yy * px - xy * py) / det, uy = -(xx * py - xy * px) / det;
        const double length = hypot(ux * s->width, uy * s->height), most = 0.5;
        if (length > most) {
            ux *= most / length;
            uy *= most / length;
        }
        f->gx += ux;
        f->gy += uy;
        if (length < STILL_BINS)
            break;
    }
    moments(s, block, f->gx - f->start_x, f->gy - f->start_y, m);
    f->c = m[0] / s->weight_sum;
    f->ok = hypot((f->gx - f->start_x) * s->used_width, (f->gy - f->start_y) * s->used_height) < RUNAWAY;
}

/* M1^-1 M2 M1^-1 noise / (8 pi^2 |c|^2): noise through the weights against the curvature of |A|^2. */
static void finish(const struct lct_spectrum *s, const struct fit *f, struct lct_wave *w)
{
    *w = (struct lct_wave){ .gx = f->gx, .gy = f->gy, .re = creal(f->c), .im = cimag(f->c), .ok = f->ok };
    if (!f->ok)
        return;
    const double noise = spectrum_local_noise(s, (int)lround(f->gx * s->width), (int)lround(f->gy * s->height));
    const double variance = noise / s->find_weight2_sum; /* of one pixel, were it white */
    const double *a = s->m1, *b = s->m2, det = a[0] * a[2] - a[1] * a[1];
    const double i[3] = { a[2] / det, -a[1] / det, a[0] / det };
    const double p[4] = { i[0] * b[0] + i[1] * b[1], i[0] * b[1] + i[1] * b[2], i[1] * b[0] + i[2] * b[1],
        i[1] * b[1] + i[2] * b[2] };
    const double power = creal(f->c * conj(f->c)), scale = variance / (8 * M_PI * M_PI * power);
    w->cov_xx = scale * (p[0] * i[0] + p[1] * i[1]);
    w->cov_xy = scale * (p[0] * i[1] + p[1] * i[2]);
    w->cov_yy = scale * (p[2] * i[1] + p[3] * i[2]);
    w->snr = sqrt(power / variance / s->weight2_sum) * s->weight_sum;
    if (w->gx < 0) {
        w->gx = -w->gx;
        w->gy = -w->gy;
        w->im = -w->im;
    }
    w->ok = det > 0 && isfinite(w->cov_xx + w->cov_xy + w->cov_yy) && w->snr > 0;
}

void lct_spectrum_fit(struct lct_spectrum *spectrum, struct lct_wave *waves, size_t n)
{
    struct lct_spectrum *s = spectrum;
    struct fit fits[LCT_SPECTRUM_WAVES] = { 0 };
    double complex block[BLOCK_COUNT], m[6];
    for (size_t j = 0; j < n; j++) {
        fits[j] = (struct fit){ .start_x = waves[j].gx, .start_y = waves[j].gy, .gx = waves[j].gx, .gy = waves[j].gy, .ok = true };
    }
    demodulate(s, fits, n);
    for (size_t j = 0; j < n; j++) {
        moments(s, s->block[j], 0, 0, m);
        fits[j].c = m[0] / s->weight_sum;
    }
    int neighbours = 1;
    for (int sweep = 0; sweep < SWEEPS && neighbours > 0; sweep++) {
        neighbours = 0;
        for (size_t j = 0; j < n; j++) {
            if (!fits[j].ok)
                continue;
            const int of_this = free_of_neighbours(s, fits, n, j, block);
            if (sweep > 0 && of_this == 0)
                continue; /* nothing has changed for it */
            neighbours += of_this;
            climb(s, block, &fits[j]);
        }
    }
    for (size_t j = 0; j < n; j++)
        finish(s, &fits[j], &waves[j]);
}
