#include "spectrum_private.h"

#include <lctem/clones.h>
#include <math.h>
#include <string.h>

enum { SWEEPS = 4, STEPS = 12 };
static const double FAR_BINS = 15.0; /* beyond half a period per block a neighbour cannot be told from its alias */
static const double RUNAWAY =
    1.2; /* in units of the resolution: a fit that leaves its peak has found another one, or none */
static const double STILL_BINS = 1e-4; /* Newton's next step would be about the square of this */

/* A wave in the making. */
struct fit {
    double start_x, start_y; /* frequency that was taken out of its blocks */
    double gx, gy;           /* where it is now */
    double complex c;
    bool ok;
};

/* Place of block b from the middle of the transform, whose side is `length`. */
static double block_at(int b, int first, int used, int length)
{
    return 0.5 * (spectrum_block(b, first, used) + spectrum_block(b + 1, first, used) - 1) - 0.5 * (length - 1);
}

/* Add four rows, `step` apart, each turned by its phase: in one go, since otherwise the sums go to memory and back for
 * each. */
LCT_CLONES static void add_four_rows(
    float *restrict re, float *restrict im, const float *restrict row, const size_t size[2], const float *const phase[2])
{
    const float *restrict a = row, *restrict b = a + size[1], *restrict c = b + size[1], *restrict d = c + size[1];
    const float *cy = phase[0], *sy = phase[1];
    for (size_t x = 0; x < size[0]; x++) {
        re[x] += cy[0] * a[x] + cy[1] * b[x] + cy[2] * c[x] + cy[3] * d[x];
        im[x] += sy[0] * a[x] + sy[1] * b[x] + sy[2] * c[x] + sy[3] * d[x];
    }
}

LCT_CLONES static void add_row(
    float *restrict re, float *restrict im, const float *restrict row, size_t width, float cy, float sy)
{
    for (size_t x = 0; x < width; x++) {
        re[x] += cy * row[x];
        im[x] += sy * row[x];
    }
}

/* Sums over a stripe of rows: plain loops over columns, which the compiler can do several at a time. */
static void add_stripe(struct lct_spectrum *s, const float *phases, int from, int to)
{
    float *re = s->column + s->used_x, *im = re + s->width;
    const size_t size[2] = { (size_t)s->used_width, (size_t)s->width };
    const float *cy = phases, *sy = phases + s->height;
    memset(s->column, 0, 2 * (size_t)s->width * sizeof *s->column);
    for (int y = from, n; y < to; y += n) {
        const float *row = s->data + (size_t)y * size[1] + (size_t)s->used_x;
        n = y + 4 <= to ? 4 : 1;
        if (n == 4)
            add_four_rows(re, im, row, size, (const float *const[]){ cy + y, sy + y });
        else
            add_row(re, im, row, size[0], cy[y], sy[y]);
    }
}

/* Phases of a wave along a side of `length`, conjugate: cosines, then sines. */
static void set_phases(double frequency, int length, float *phases)
{
    /* a rotation by one pixel at a time, set right every now and then */
    enum { TURNS = 64 };
    const double complex step = cexp(-2 * M_PI * I * frequency);
    double complex at = 0;
    for (int i = 0; i < length; i++) {
        at = i % TURNS == 0 ? cexp(-2 * M_PI * I * frequency * (i - 0.5 * (length - 1))) : at * step;
        phases[i] = (float)creal(at);
        phases[length + i] = (float)cimag(at);
    }
}

/* The blocks of one row of blocks, from its stripe. */
LCT_CLONES static void sum_blocks(struct lct_spectrum *s, const float *phases, double *out_re, double *out_im)
{
    float *restrict re = s->column, *restrict im = re + s->width;
    const float *restrict cx = phases, *restrict sx = phases + s->width;
    for (int x = s->used_x; x < s->used_x + s->used_width; x++) {
        const float turned = re[x] * cx[x] - im[x] * sx[x];
        im[x] = re[x] * sx[x] + im[x] * cx[x];
        re[x] = turned;
    }
    for (int bx = 0, x = s->used_x; bx < BLOCKS; bx++) {
        float sum_re = 0, sum_im = 0;
        for (; x < spectrum_block(bx + 1, s->used_x, s->used_width); x++) {
            sum_re += re[x];
            sum_im += im[x];
        }
        out_re[bx] = (double)sum_re;
        out_im[bx] = (double)sum_im;
    }
}

/* Sums over blocks of data x exp(-2 pi i g.r), each wave's frequency taken out. Stripe by stripe for all waves,
 * since a stripe stays in the cache and the plane does not. */
void spectrum_demodulate(struct lct_spectrum *s, const struct lct_wave *waves, size_t n)
{
    const size_t along_x = 2 * (size_t)s->width, along_y = 2 * (size_t)s->height;
    float *px = s->phases, *py = px + along_x * LCT_SPECTRUM_WAVES;
    for (size_t j = 0; j < n; j++) {
        set_phases(waves[j].gx, s->width, px + along_x * j);
        set_phases(waves[j].gy, s->height, py + along_y * j);
    }
    for (int by = 0; by < BLOCKS; by++) {
        const int from = spectrum_block(by, s->used_y, s->used_height),
                  to = spectrum_block(by + 1, s->used_y, s->used_height);
        for (size_t j = 0; j < n; j++) {
            add_stripe(s, py + along_y * j, from, to);
            sum_blocks(s, px + along_x * j, s->block[j].re + by * BLOCKS, s->block[j].im + by * BLOCKS);
        }
    }
}

/* Phases of a frequency at the middles of the blocks, along x and along y. */
struct turns {
    double cx[BLOCKS], sx[BLOCKS], cy[BLOCKS], sy[BLOCKS];
};

static void make_turns(const struct lct_spectrum *s, double dx, double dy, struct turns *out)
{
    for (int b = 0; b < BLOCKS; b++) {
        const double px = 2 * M_PI * dx * block_at(b, s->used_x, s->used_width, s->width);
        const double py = 2 * M_PI * dy * block_at(b, s->used_y, s->used_height, s->height);
        out->cx[b] = cos(px);
        out->sx[b] = sin(px);
        out->cy[b] = cos(py);
        out->sy[b] = sin(py);
    }
}

static double sinc(double x)
{
    return fabs(x) < 1e-9 ? 1.0 : sin(M_PI * x) / (M_PI * x);
}

/* Take a wave c at distance (dx, dy) from the taken-out frequency off the blocks. */
LCT_CLONES static void subtract_wave(const struct lct_spectrum *s, double dx, double dy, double complex c, struct blocks *block)
{
    struct turns t;
    make_turns(s, dx, dy, &t);
    c *= sinc(dx * s->used_width / BLOCKS) * sinc(dy * s->used_height / BLOCKS);
    for (int by = 0; by < BLOCKS; by++) {
        const double re = creal(c) * t.cy[by] - cimag(c) * t.sy[by], im = creal(c) * t.sy[by] + cimag(c) * t.cy[by];
        const double *restrict weight = s->block_weight + by * BLOCKS;
        double *restrict out_re = block->re + by * BLOCKS, *restrict out_im = block->im + by * BLOCKS;
        for (int bx = 0; bx < BLOCKS; bx++) {
            out_re[bx] -= weight[bx] * (re * t.cx[bx] - im * t.sx[bx]);
            out_im[bx] -= weight[bx] * (re * t.sx[bx] + im * t.cx[bx]);
        }
    }
}

static bool near(const struct lct_spectrum *s, double dx, double dy)
{
    return fabs(dx) * s->used_width < FAR_BINS && fabs(dy) * s->used_height < FAR_BINS;
}

/* Everything near wave j but itself, out of a copy of its blocks. Returns how much there was. */
static int free_of_neighbours(
    const struct lct_spectrum *s, const struct fit *fits, size_t n, size_t j, struct blocks *block)
{
    const struct fit *f = &fits[j];
    int found = 0;
    *block = s->block[j];
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

/* The blocks turned by -d and added up along y, times 1, y, y^2. */
struct columns {
    double re[3][BLOCKS], im[3][BLOCKS];
};

LCT_CLONES static void add_rows(
    const struct lct_spectrum *s, const struct blocks *block, const struct turns *t, struct columns *out)
{
    memset(out, 0, sizeof *out);
    for (int by = 0; by < BLOCKS; by++) {
        const double y = block_at(by, s->used_y, s->used_height, s->height) - s->centre_y, c = t->cy[by],
                     sn = t->sy[by];
        const double *restrict in_re = block->re + by * BLOCKS, *restrict in_im = block->im + by * BLOCKS;
        for (int bx = 0; bx < BLOCKS; bx++) {
            const double re = in_re[bx] * c + in_im[bx] * sn, im = in_im[bx] * c - in_re[bx] * sn;
            out->re[0][bx] += re;
            out->im[0][bx] += im;
            out->re[1][bx] += y * re;
            out->im[1][bx] += y * im;
            out->re[2][bx] += y * y * re;
            out->im[2][bx] += y * y * im;
        }
    }
}

/* Sum over blocks of z exp(-2 pi i d.r) times 1, x, y, x^2, x y, y^2. */
static void moments(const struct lct_spectrum *s, const struct blocks *block, double dx, double dy, double complex *out)
{
    struct turns t;
    struct columns columns;
    double re[6] = { 0 }, im[6] = { 0 };
    make_turns(s, dx, dy, &t);
    add_rows(s, block, &t, &columns);
    for (int bx = 0; bx < BLOCKS; bx++) {
        const double x = block_at(bx, s->used_x, s->used_width, s->width) - s->centre_x;
        const double powers[6] = { 1, x, 1, x * x, x, 1 };
        static const int from[6] = { 0, 0, 1, 0, 1, 2 };
        for (int i = 0; i < 6; i++) {
            const double r = columns.re[from[i]][bx], m = columns.im[from[i]][bx];
            re[i] += powers[i] * (r * t.cx[bx] + m * t.sx[bx]);
            im[i] += powers[i] * (m * t.cx[bx] - r * t.sx[bx]);
        }
    }
    for (int i = 0; i < 6; i++)
        out[i] = re[i] + I * im[i];
}

static double dot(double complex a, double complex b)
{
    return creal(conj(a) * b);
}

/* Newton's method on |A(d)|^2, the weighted least squares of one wave. Returns how far it has moved, in periods
 * across. */
static double climb(const struct lct_spectrum *s, const struct blocks *block, struct fit *f)
{
    const double from_x = f->gx, from_y = f->gy;
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
            return 0.0;
        }
        double ux = -(yy * px - xy * py) / det, uy = -(xx * py - xy * px) / det;
        const double length = hypot(ux * s->used_width, uy * s->used_height), most = 0.5;
        if (length > most) {
            ux *= most / length;
            uy *= most / length;
        }
        f->gx += ux;
        f->gy += uy;
        m[0] -= 2 * M_PI * I * (ux * m[1] + uy * m[2]);
        if (length < STILL_BINS)
            break;
    }
    f->c = m[0] / s->weight_sum;
    f->ok = hypot((f->gx - f->start_x) * s->used_width, (f->gy - f->start_y) * s->used_height) < RUNAWAY;
    return hypot((f->gx - from_x) * s->used_width, (f->gy - from_y) * s->used_height);
}

/* M1^-1 M2 M1^-1 noise / (8 pi^2 |c|^2): noise through the weights against the curvature of |A|^2. */
static void finish(const struct lct_spectrum *s, const struct fit *f, struct lct_wave *w)
{
    const double known = w->noise; /* the peak has not moved by more than a bin or two since it was found */
    *w = (struct lct_wave){ .gx = f->gx, .gy = f->gy, .re = creal(f->c), .im = cimag(f->c), .ok = f->ok };
    if (!f->ok)
        return;
    const double noise =
        known > 0 ? known : spectrum_local_noise(s, (int)lround(f->gx * s->width), (int)lround(f->gy * s->height));
    w->noise = noise;
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
    struct blocks block;
    double complex m[6];
    for (size_t j = 0; j < n; j++) {
        fits[j] = (struct fit){
            .start_x = waves[j].gx, .start_y = waves[j].gy, .gx = waves[j].gx, .gy = waves[j].gy, .ok = true
        };
    }
    spectrum_demodulate(s, waves, n);
    for (size_t j = 0; j < n; j++) {
        moments(s, &s->block[j], 0, 0, m);
        fits[j].c = m[0] / s->weight_sum;
    }
    double moved = 1.0; /* by any that has neighbours */
    for (int sweep = 0; sweep < SWEEPS && moved > STILL_BINS; sweep++) {
        moved = 0;
        for (size_t j = 0; j < n; j++) {
            if (!fits[j].ok)
                continue;
            const int of_this = free_of_neighbours(s, fits, n, j, &block);
            if (sweep > 0 && of_this == 0)
                continue; /* nothing has changed for it */
            const double by = climb(s, &block, &fits[j]);
            if (of_this > 0)
                moved = fmax(moved, by);
        }
    }
    for (size_t j = 0; j < n; j++)
        finish(s, &fits[j], &waves[j]);
}
