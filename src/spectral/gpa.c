#include <lctem/gpa.h>

#include <lctem/sampling.h>
#include <lctem/stats.h>

#include <complex.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void lct_gpa_finish(struct lct_gpa *gpa)
{
    lct_image_finish(&gpa->re);
    lct_image_finish(&gpa->im);
    *gpa = (struct lct_gpa){ 0 };
}

static double mean_of(const struct lct_image *plane)
{
    double sum = 0, n = 0;
    for (size_t i = 0; i < lct_image_count(plane); i++)
        if (isfinite(plane->px[i])) {
            sum += (double)plane->px[i];
            n++;
        }
    return n > 0 ? sum / n : 0.0;
}

static void take_out(struct lct_gpa *gpa, const struct lct_image *plane)
{
    const double mean = mean_of(plane);
    for (int y = 0; y < plane->height; y++)
        for (int x = 0; x < plane->width; x++) {
            const size_t i = (size_t)y * (size_t)plane->width + (size_t)x;
            const double phase = -2 * M_PI * (gpa->gx * x + gpa->gy * y);
            const double grey = isfinite(plane->px[i]) ? (double)plane->px[i] - mean : 0.0;
            gpa->re.px[i] = (float)(grey * cos(phase));
            gpa->im.px[i] = (float)(grey * sin(phase));
        }
}

enum lct_status lct_gpa_map(
    struct lct_gpa *out, const struct lct_image *plane, double gx, double gy, double sigma_px, struct lct_err *err)
{
    if (!(sigma_px >= 1.5 && sigma_px <= 18.0) || !(fabs(gx) <= 0.5 && fabs(gy) <= 0.5))
        return lct_fail(
            err, LCT_E_ARG, "phase map: sigma %g px (1.5 to 18), g %g, %g per px (up to 0.5)", sigma_px, gx, gy);
    struct lct_gpa g = { .gx = gx, .gy = gy };
    struct lct_image scratch = { 0 };
    enum lct_status status = lct_image_init(&g.re, plane->width, plane->height, err);
    if (status == LCT_OK)
        status = lct_image_init(&g.im, plane->width, plane->height, err);
    if (status == LCT_OK)
        status = lct_image_init(&scratch, plane->width, plane->height, err);
    if (status == LCT_OK) {
        /* twice by the half: where the taps are cut off, one pass lets a hundred-thousandth of the other waves
         * through */
        const struct lct_gaussian gaussian = lct_gaussian_make(sigma_px / sqrt(2.0));
        take_out(&g, plane);
        for (int pass = 0; pass < 2; pass++) {
            lct_image_smooth(&g.re, &gaussian, &scratch);
            lct_image_smooth(&g.im, &gaussian, &scratch);
        }
        *out = g;
    } else {
        lct_gpa_finish(&g);
    }
    lct_image_finish(&scratch);
    return status;
}

static double complex at(const struct lct_gpa *g, int x, int y)
{
    const size_t i = (size_t)y * (size_t)g->re.width + (size_t)x;
    return (double)g->re.px[i] + I * (double)g->im.px[i];
}

void lct_gpa_amplitude(const struct lct_gpa *gpa, struct lct_image *out)
{
    for (size_t i = 0; i < lct_image_count(out); i++)
        out->px[i] = 2.0F * hypotf(gpa->re.px[i], gpa->im.px[i]);
}

enum lct_status lct_strain_init(struct lct_strain *out, int width, int height, struct lct_err *err)
{
    struct lct_strain s = { 0 };
    struct lct_image *const all[] = { &s.xx, &s.yy, &s.xy, &s.rotation };
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < sizeof all / sizeof *all; i++)
        status = lct_image_init(all[i], width, height, err);
    if (status == LCT_OK)
        *out = s;
    else
        lct_strain_finish(&s);
    return status;
}

void lct_strain_finish(struct lct_strain *strain)
{
    lct_image_finish(&strain->xx);
    lct_image_finish(&strain->yy);
    lct_image_finish(&strain->xy);
    lct_image_finish(&strain->rotation);
}

/* Half the phase between the neighbours on either side: no unwrapping, exact for a straight ramp. */
static void gradient(const struct lct_gpa *g, int x, int y, double out[2])
{
    const int w = g->re.width, h = g->re.height;
    const int x0 = x > 0 ? x - 1 : x, x1 = x + 1 < w ? x + 1 : x, y0 = y > 0 ? y - 1 : y, y1 = y + 1 < h ? y + 1 : y;
    out[0] = x1 > x0 ? carg(conj(at(g, x0, y)) * at(g, x1, y)) / (x1 - x0) : 0.0;
    out[1] = y1 > y0 ? carg(conj(at(g, x, y0)) * at(g, x, y1)) / (y1 - y0) : 0.0;
}

/* Inverse of the matrix whose rows are the two g: displacements from phases. */
static bool invert(const struct lct_gpa *a, const struct lct_gpa *b, double out[4])
{
    const double det = a->gx * b->gy - a->gy * b->gx;
    if (fabs(det) < 0.05 * hypot(a->gx, a->gy) * hypot(b->gx, b->gy))
        return false;
    out[0] = b->gy / det;
    out[1] = -a->gy / det;
    out[2] = -b->gx / det;
    out[3] = a->gx / det;
    return true;
}

enum lct_status lct_gpa_strain(
    const struct lct_gpa *a, const struct lct_gpa *b, struct lct_strain *out, struct lct_err *err)
{
    const int w = a->re.width, h = a->re.height;
    double m[4];
    if (b->re.width != w || b->re.height != h || out->xx.width != w || out->xx.height != h)
        return lct_fail(err, LCT_E_ARG, "strain: maps of different sizes");
    if (!invert(a, b, m))
        return lct_fail(err, LCT_E_ARG, "strain: the two reflections are parallel; take another one");
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            double pa[2], pb[2], e[2][2];
            gradient(a, x, y, pa);
            gradient(b, x, y, pb);
            for (int k = 0; k < 2; k++) { /* u = -M (P_a, P_b) / 2 pi */
                e[0][k] = -(m[0] * pa[k] + m[1] * pb[k]) / (2 * M_PI);
                e[1][k] = -(m[2] * pa[k] + m[3] * pb[k]) / (2 * M_PI);
            }
            /* with y upwards the mixed terms change sign */
            const size_t i = (size_t)y * (size_t)w + (size_t)x;
            out->xx.px[i] = (float)e[0][0];
            out->yy.px[i] = (float)e[1][1];
            out->xy.px[i] = (float)(-0.5 * (e[0][1] + e[1][0]));
            out->rotation.px[i] = (float)(-0.5 * (e[1][0] - e[0][1]));
        }
    return LCT_OK;
}

/* Turns of the phase around the four pixels from (x, y), counter-clockwise on the screen. */
static int turns(const struct lct_gpa *g, int x, int y)
{
    const double complex z[4] = { at(g, x, y), at(g, x, y + 1), at(g, x + 1, y + 1), at(g, x + 1, y) };
    double complex step[4];
    bool gentle = true; /* steps of less than a quarter cannot add up to a turn: seldom is there anything to work out */
    for (int i = 0; i < 4; i++) {
        step[i] = conj(z[i]) * z[(i + 1) % 4];
        gentle = gentle && creal(step[i]) > 0;
    }
    double sum = 0;
    for (int i = 0; i < 4 && !gentle; i++)
        sum += carg(step[i]);
    return (int)lround(sum / (2 * M_PI));
}

/* Is the lattice there, some way off the core? Around the core itself its amplitude vanishes. */
static bool lattice_around(const struct lct_gpa *g, int x, int y, int reach, double least)
{
    for (int k = 0; k < 8; k++) {
        const int qx = x + (int)lround(reach * cos(k * M_PI / 4)), qy = y + (int)lround(reach * sin(k * M_PI / 4));
        if (qx < 0 || qy < 0 || qx >= g->re.width || qy >= g->re.height || cabs(at(g, qx, qy)) < least)
            return false;
    }
    return true;
}

static double median_amplitude(const struct lct_gpa *g)
{
    enum { SAMPLES = 4096 };
    double sample[SAMPLES];
    const size_t count = lct_image_count(&g->re), step = count / SAMPLES + 1;
    size_t n = 0;
    for (size_t i = 0; i < count && n < SAMPLES; i += step) {
        const double a = (double)hypotf(g->re.px[i], g->im.px[i]);
        if (a > 0) /* exactly nothing: outside of a region */
            sample[n++] = a;
    }
    return lct_stats_median(sample, n);
}

/* The zero of z in a cell, by two steps of Newton on the bilinear surface. */
static void zero_of(const struct lct_gpa *g, int x, int y, double out[2])
{
    const double complex a = at(g, x, y), b = at(g, x + 1, y) - a, c = at(g, x, y + 1) - a,
                         d = at(g, x + 1, y + 1) - a - b - c;
    double u = 0.5, v = 0.5;
    for (int i = 0; i < 6; i++) {
        const double complex z = a + b * u + c * v + d * u * v, zu = b + d * v, zv = c + d * u;
        const double det = creal(zu) * cimag(zv) - cimag(zu) * creal(zv);
        if (det == 0.0)
            break;
        u -= (creal(z) * cimag(zv) - cimag(z) * creal(zv)) / det;
        v -= (creal(zu) * cimag(z) - cimag(zu) * creal(z)) / det;
    }
    out[0] = x + fmin(1, fmax(0, u));
    out[1] = y + fmin(1, fmax(0, v));
}

struct vortices {
    struct lct_dislocation *out;
    size_t n, max;
    double reach_px;
};

static void add_vortex(struct vortices *v, const double place[2], int turns_a, int turns_b)
{
    for (size_t i = 0; i < v->n; i++) {
        struct lct_dislocation *d = &v->out[i];
        if (hypot(d->x_px - place[0], d->y_px - place[1]) > v->reach_px)
            continue;
        if (turns_a * d->turns_a < 0
            || turns_b * d->turns_b < 0) { /* a pair that noise has torn apart, and heals at once */
            d->turns_a += turns_a;
            d->turns_b += turns_b;
            if (d->turns_a == 0 && d->turns_b == 0)
                *d = v->out[--v->n];
            return;
        }
        /* the same reflection twice near one place are two dislocations; two reflections are one */
        if ((turns_a && d->turns_a) || (turns_b && d->turns_b))
            continue;
        d->x_px = 0.5 * (d->x_px + place[0]);
        d->y_px = 0.5 * (d->y_px + place[1]);
        d->turns_a += turns_a;
        d->turns_b += turns_b;
        return;
    }
    if (v->n >= v->max)
        return;
    v->out[v->n++] =
        (struct lct_dislocation){ .x_px = place[0], .y_px = place[1], .turns_a = turns_a, .turns_b = turns_b };
}

static void find_vortices(const struct lct_gpa *g, bool second, double least, struct vortices *v)
{
    const int reach = (int)ceil(2 * v->reach_px);
    for (int y = 0; y + 1 < g->re.height; y++)
        for (int x = 0; x + 1 < g->re.width; x++) {
            const int n = turns(g, x, y);
            double place[2];
            if (n == 0 || !lattice_around(g, x, y, reach, least))
                continue;
            zero_of(g, x, y, place);
            add_vortex(v, place, second ? 0 : n, second ? n : 0);
        }
}

size_t lct_gpa_dislocations(const struct lct_gpa *a, const struct lct_gpa *b, double sigma_px, double least_frac,
    struct lct_dislocation *out, size_t max)
{
    struct vortices v = { .out = out, .max = max, .reach_px = 1.5 * sigma_px };
    double m[4];
    if (!invert(a, b, m))
        return 0;
    find_vortices(a, false, least_frac * median_amplitude(a), &v);
    find_vortices(b, true, least_frac * median_amplitude(b), &v);
    for (size_t i = 0; i < v.n && i < max; i++) {
        out[i].bx_px = -(m[0] * out[i].turns_a + m[1] * out[i].turns_b);
        out[i].by_px = m[2] * out[i].turns_a + m[3] * out[i].turns_b; /* down is minus, and up is plus */
    }
    return v.n;
}

/* Has `g` a vortex of that many turns near a place? */
static bool has_vortex(
    const struct lct_dislocation *found, size_t n, const struct lct_dislocation *at, int turns_wanted, double reach)
{
    for (size_t i = 0; i < n; i++)
        if (found[i].turns_a == turns_wanted && hypot(found[i].x_px - at->x_px, found[i].y_px - at->y_px) <= reach)
            return true;
    return false;
}

size_t lct_gpa_star_dislocations(
    const struct lct_gpa star[3], double sigma_px, double least_frac, struct lct_dislocation *out, size_t max)
{
    enum { MOST = 64 };
    struct lct_dislocation third[MOST];
    size_t n = lct_gpa_dislocations(&star[0], &star[1], sigma_px, least_frac, out, max), kept = 0;
    if (n == 0)
        return 0;
    const size_t n_third = lct_gpa_dislocations(&star[2], &star[0], sigma_px, least_frac, third, MOST);
    for (size_t i = 0; i < n; i++) {
        const struct lct_dislocation d = out[i];
        const double wanted = -(star[2].gx * d.bx_px - star[2].gy * d.by_px);
        const int turns_c = (int)lround(wanted);
        const bool agree =
            turns_c == 0 ? d.turns_a != 0 && d.turns_b != 0 : has_vortex(third, n_third, &d, turns_c, 3 * sigma_px);
        if (agree && fabs(wanted - turns_c) < 0.2)
            out[kept++] = d;
    }
    return kept;
}
