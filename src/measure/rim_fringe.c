#include <lctem/rim.h>

#include <lctem/sampling.h>

#include <math.h>

enum { MAX_SAMPLES = 128 };
static const double SAMPLES_PER_LAYER = 8.0; /* and two per pixel at least */
static const double MARGIN_LAYERS = 0.35;    /* at either edge of the rim, whose own blur is no layer */
static const double LEAST_LAYERS = 1.25;     /* between the margins */

/* A cosine and sine taken at equal steps, by turning: the angles of one rim point are an even row. */
struct turner {
    double c, s, step_c, step_s;
};

static struct turner turner_make(double first_rad, double step_rad)
{
    return (struct turner){ cos(first_rad), sin(first_rad), cos(step_rad), sin(step_rad) };
}

static void turn(struct turner *t)
{
    const double c = t->c * t->step_c - t->s * t->step_s;
    t->s = t->s * t->step_c + t->c * t->step_s;
    t->c = c;
}

/* A line through the `n` samples at evenly spread places `at` between -half and half, under a Hann window, and the wave
 * in what is left. */
static void find_wave(const double *y, const double *at, int n, double half, double spacing, double out[2])
{
    double w[MAX_SAMPLES], w0 = 0.0, wy = 0.0, wt = 0.0, wty = 0.0, wtt = 0.0;
    struct turner window = turner_make(M_PI * at[0] / half, 2.0 * M_PI / n);
    for (int i = 0; i < n; i++, turn(&window)) {
        w[i] = 0.5 + 0.5 * window.c;
        w0 += w[i];
        wy += w[i] * y[i];
        wt += w[i] * at[i];
        wty += w[i] * at[i] * y[i];
        wtt += w[i] * at[i] * at[i];
    }
    const double mean = wy / w0, slope = wtt > 0.0 ? (wty - mean * wt) / wtt : 0.0;
    struct turner wave = turner_make(2.0 * M_PI * at[0] / spacing, 4.0 * M_PI * half / (n * spacing));
    out[0] = out[1] = 0.0;
    for (int i = 0; i < n; i++, turn(&wave)) {
        const double left = w[i] * (y[i] - mean - slope * at[i]);
        out[0] += left * wave.c;
        out[1] += left * wave.s;
    }
    out[0] /= w0;
    out[1] /= w0;
}

void lct_rim_find_fringes(
    struct lct_rim *rim, const struct lct_image *frame, double dx_px, double dy_px, double spacing_px)
{
    double y[MAX_SAMPLES], at[MAX_SAMPLES];
    for (size_t i = 0; i < rim->n; i++) {
        struct lct_rim_point *p = &rim->points[i];
        const struct lct_rim_point *a = &rim->points[(i + rim->n - 1) % rim->n], *b = &rim->points[(i + 1) % rim->n];
        const double tx = b->x_px - a->x_px, ty = b->y_px - a->y_px, t = hypot(tx, ty);
        const double half = 0.5 * p->thickness_px - MARGIN_LAYERS * spacing_px;
        p->fringe[0] = p->fringe[1] = 0.0;
        if (p->void_px > 0.0 || !(2.0 * half >= LEAST_LAYERS * spacing_px) || !(t > 0.0))
            continue;
        const int n = (int)fmin(ceil(2.0 * half * fmax(SAMPLES_PER_LAYER / spacing_px, 2.0)), MAX_SAMPLES);
        const double step = 2.0 * half / n, first = 0.5 * step - half; /* the outside is on the right */
        for (int k = 0; k < n; k++)
            at[k] = first + k * step;
        const struct lct_image_line line = { .x_px = p->x_px + dx_px - first * ty / t,
            .y_px = p->y_px + dy_px + first * tx / t,
            .dx_px = -step * ty / t,
            .dy_px = step * tx / t,
            .n = n };
        lct_image_along(frame, &line, y);
        find_wave(y, at, n, half, spacing_px, p->fringe);
    }
}
